"""What a scan of a film found, as JSON knows it and as lines of text: places in the upright picture, with timecodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from qc.pixel.film_scan import FilmFindings
from qc.pixel.found import HotPixel, StuckPixel
from qc.pixel.upright import to_upright

LONGEST_LIST = 200
"""Flags that the text names; JSON has them all."""


def tell_flags(found: FilmFindings, *, info: VideoInfo) -> list[dict[str, Any]]:
    """Every flag in the order of the film, stuck pixels by their first frame.

    ``x``, ``y``: pixels of the upright picture, 0.0 the middle of the first one; ``amplitude``: levels above the
    surroundings; ``spans``: half-open spans of frames.
    """
    told = [_tell_hot(flag, info=info) for flag in found.hot] + [_tell_stuck(pixel, info=info) for pixel in found.stuck]
    return sorted(told, key=lambda flag: (flag["frame_index"], flag["y"], flag["x"]))


def tell_film(found: FilmFindings, *, info: VideoInfo, film: str, model: Mapping[str, Any]) -> dict[str, Any]:
    """A film's flags, what model raised them, and what a reader should know."""
    counts = {name: value for name, value in found.report.items() if isinstance(value, int)}
    return {
        "schema": 1,
        "video": {
            "file": film,
            "width": info.width,
            "height": info.height,
            "fps": f"{info.fps.numerator}/{info.fps.denominator}",
            "frame_count": info.frame_count,
            "duration_s": round(info.duration_s, 6),
            "warnings": list(info.warnings),
        },
        "model": dict(model),
        "counts": counts | {"hot": len(found.hot), "stuck": len(found.stuck)},
        "notes": found.report["sentences"],
        "pixel_flags": tell_flags(found, info=info),
    }


def tell_as_text(told: Mapping[str, Any]) -> str:
    """The same for a terminal: a line a flag, then notes and the count."""
    flags: Sequence[Mapping[str, Any]] = told["pixel_flags"]
    lines = [_line(flag) for flag in flags[:LONGEST_LIST]]
    if len(flags) > LONGEST_LIST:
        lines.append(f"… and {len(flags) - LONGEST_LIST} more; --json and --out give all of them.")
    lines += [f"Note: {note}" for note in [*told["notes"], *told["video"]["warnings"]]]
    counts = told["counts"]
    hot, stuck = (_count(counts[kind], f"{kind} pixel") for kind in ("hot", "stuck"))
    return "\n".join([*lines, f"{hot} and {stuck} in {_count(told['video']['frame_count'], 'frame')}."])


def _tell_hot(flag: HotPixel, *, info: VideoInfo) -> dict[str, Any]:
    span = (flag.frame_index, flag.frame_index + 1 + flag.repeats)
    return _tell("hot", flag, info=info, spans=[span]) | {"peak": round(flag.peak, 4)}


def _tell_stuck(pixel: StuckPixel, *, info: VideoInfo) -> dict[str, Any]:
    return _tell("stuck", pixel, info=info, spans=pixel.spans) | {"looks": pixel.looks}


def _tell(
    kind: str, flag: HotPixel | StuckPixel, *, info: VideoInfo, spans: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    place = to_upright(flag.x, flag.y, film=info)
    first = spans[0][0]
    return {
        "frame_index": first,
        "timecode": film_timecode(info, first),
        "x": round(place.x, 2),
        "y": round(place.y, 2),
        "confidence": round(flag.confidence, 4),
        "kind": kind,
        "area_px": flag.area_px,
        "amplitude": round(flag.amplitude, 1),
        "spans": [list(span) for span in spans],
    }


def _line(flag: Mapping[str, Any]) -> str:
    frames = ", ".join(f"{start}" if end == start + 1 else f"{start}–{end - 1}" for start, end in flag["spans"])
    return (
        f"{flag['timecode']}  {flag['kind']:<5}  x {flag['x']:.1f}, y {flag['y']:.1f}  frame {frames}  "
        f"{flag['amplitude']:+.0f} levels  {flag['confidence']:.0%} sure"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
