"""Scanning a span of a film for hot pixels, picture by picture, and gathering what speaks of stuck ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ava.media.planes import Planes
from ava.media.video_info import VideoInfo
from qc.pixel import continuity
from qc.pixel.amplitude import measure_amplitude
from qc.pixel.confidence import confidence
from qc.pixel.detect import FoundSpot
from qc.pixel.evidence import measure_evidence
from qc.pixel.found import HotPixel
from qc.pixel.patches import Patch, cut_patch
from qc.pixel.picture_track import Judged, PictureTrack
from qc.pixel.stuck_evidence import StuckEvidence
from qc.pixel.verifier import join_inputs, read_verifier, weigh

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile

SCAN_VERSION = 2
CONTEXT_FRAMES = continuity.CONTEXT_FRAMES
MOST_FLAGS = 2000
"""Flags that one span keeps, the surest first; what is beyond is counted and said."""
CROWDED_FRAME = 200
"""A picture with more flags than this differs from its neighbours as a whole rather than in its pixels."""
MOST_CROWDED = 20
_SAME_ERROR_PX = 2.0
COUNTS = ("judged", "repeat", "alone", "flash", "cuts", "crowded", "dropped", "tile_px")
"""What a report counts: pictures (of interlaced films fields) that were judged, repeat the one before, have nothing to
be compared with, flash; that begin a shot; that differ as a whole; flags left out; pixels that the network judged."""


class SpanFindings(NamedTuple):
    """What a span holds: flags by frame, row and column, a patch for each, packed evidence of stuck pixels, a report.

    ``report``: each of ``COUNTS``, "of" (what they count: "frames" or "fields"), "crowded_frames", and "sentences" for
    a reader.
    """

    hot: tuple[HotPixel, ...]
    patches: tuple[Patch, ...]
    stuck: bytes
    report: dict[str, Any]


class PixelScanner:
    """Judges the pictures ``start_frame`` … ``end_frame`` − 1 of a film as they are decoded, one after the other.

    It wants CONTEXT_FRAMES pictures more on each side, as far as the film has them; what it finds does not depend on
    where spans begin. The lines of each field of an interlaced film are judged as pictures of their own.
    ``least_confidence`` is that of the shipped verifier unless another is asked for.
    """

    def __init__(
        self,
        model: PixelModelFile,
        *,
        info: VideoInfo,
        start_frame: int,
        end_frame: int,
        least_confidence: float | None = None,
    ) -> None:
        self._model = model
        self._verifier = read_verifier()
        self._least = self._verifier.least if least_confidence is None else least_confidence
        self._fields = 2 if info.interlaced else 1
        self._evidence = StuckEvidence(info, start_frame=start_frame, end_frame=end_frame)
        self._tracks = [
            PictureTrack(model, wanted=lambda index: start_frame <= index < end_frame) for _ in range(self._fields)
        ]
        self._found: list[tuple[HotPixel, Patch]] = []
        self._counts: Counter[str] = Counter()
        self._crowded: list[int] = []

    def add(self, index: int, planes: Planes) -> None:
        """Take the stored picture of a film-wide frame number; all of the span and its context come in order."""
        self._evidence.add(index, planes)
        for field, track in enumerate(self._tracks):
            for judged in track.add(index, self._lines(planes, field)):
                self._keep(judged, field)

    def finish(self) -> SpanFindings:
        """Judge what is left and give everything that was found."""
        for field, track in enumerate(self._tracks):
            for judged in track.finish():
                self._keep(judged, field)
        if self._fields == 2:
            self._join_fields()
        self._drop_least_sure()
        found = sorted(self._found, key=lambda pair: (pair[0].frame_index, pair[0].y, pair[0].x))
        hot, patches = tuple(flag for flag, _ in found), tuple(patch for _, patch in found)
        return SpanFindings(hot, patches, self._evidence.pack(), self._report())

    def _lines(self, planes: Planes, field: int) -> Planes:
        if self._fields == 1:
            return planes
        return Planes(*(plane[field :: self._fields].copy() for plane in planes))

    def _keep(self, judged: Judged, field: int) -> None:
        self._counts[judged.fate] += 1
        self._counts["cuts"] += judged.begins_shot
        self._counts["tile_px"] += judged.tile_px
        flagged = self._verify(judged)
        if len(flagged) > CROWDED_FRAME:
            self._crowded.append(judged.index)
            self._counts["crowded"] += 1
        flags = [
            HotPixel(
                frame_index=judged.index,
                x=spot.x,
                y=spot.y * self._fields + field,
                area_px=spot.area_px,
                peak=spot.peak,
                confidence=sure,
                amplitude=measure_amplitude(judged.window[len(judged.window) // 2].y, box=spot.box),
                repeats=judged.repeats,
            )
            for spot, sure in flagged
        ]
        spots = [spot for spot, _ in flagged]
        kept = sorted(zip(flags, spots, strict=True), key=lambda pair: _sureness(pair[0]))[:MOST_FLAGS]
        self._counts["dropped"] += len(flags) - len(kept)
        self._found += [(flag, _patch_of(flag, judged, y=spot.y)) for flag, spot in kept]
        if len(self._found) > 2 * MOST_FLAGS:
            self._drop_least_sure()

    def _verify(self, judged: Judged) -> list[tuple[FoundSpot, float]]:
        """The spots that hold after a second look, each with its confidence."""
        if not judged.spots:
            return []
        surest = sorted(judged.spots, key=lambda spot: -spot.peak)[:MOST_FLAGS]
        rows = [
            join_inputs(
                confidence(spot.peak, area_px=spot.area_px, calibration=self._model.calibration),
                measure_evidence(judged.window, spot=spot),
            )
            for spot in surest
        ]
        sure = weigh(self._verifier, np.stack(rows)).tolist()
        self._counts["dropped"] += len(judged.spots) - len(surest)
        return [pair for pair in zip(surest, sure, strict=True) if pair[1] >= self._least]

    def _join_fields(self) -> None:
        """Leave the surer one of two flags that both fields raise at one place of one frame."""
        joined: dict[int, list[tuple[HotPixel, Patch]]] = {}
        for pair in sorted(self._found, key=lambda pair: _sureness(pair[0])):
            flag, here = pair[0], joined.setdefault(pair[0].frame_index, [])
            if not any(math.hypot(flag.x - other.x, flag.y - other.y) <= _SAME_ERROR_PX for other, _ in here):
                here.append(pair)
        self._found = [pair for pairs in joined.values() for pair in pairs]

    def _drop_least_sure(self) -> None:
        self._found.sort(key=lambda pair: _sureness(pair[0]))
        self._counts["dropped"] += max(len(self._found) - MOST_FLAGS, 0)
        del self._found[MOST_FLAGS:]

    def _report(self) -> dict[str, Any]:
        counts = {name: self._counts[name] for name in COUNTS}
        fields = self._fields == 2
        return {
            **counts,
            "of": "fields" if fields else "frames",
            "crowded_frames": self._crowded[:MOST_CROWDED],
            "sentences": tell_counts(counts, fields=fields, crowded_frames=self._crowded),
        }


def tell_counts(counts: Mapping[str, int], *, fields: bool, crowded_frames: Sequence[int] = ()) -> list[str]:
    """What a reader should know of a span, or of a film whose spans' ``COUNTS`` were summed, as sentences."""
    said, what = [], "fields" if fields else "frames"
    if alone := counts.get("alone", 0):
        said.append(f"Not judged, as their shots hold nothing distinct to compare them with: {alone} {what}.")
    if flashes := counts.get("flash", 0):
        said.append(f"Not judged, as they flash brighter as a whole than those beside them: {flashes} {what}.")
    if crowded := counts.get("crowded", 0):
        first = ", ".join(str(index) for index in crowded_frames[:3])
        said.append(
            f"Different from their neighbours all over, so that most of their flags will be false: {crowded} {what} "
            f"(in frames {first}{' …' if crowded > 3 else ''})."
        )
    if dropped := counts.get("dropped", 0):
        said.append(
            f"Left out, as a span keeps its {MOST_FLAGS} surest flags: {dropped}. "
            "Look whether the footage is damaged or unusually noisy."
        )
    return said


def _sureness(flag: HotPixel) -> tuple[float, int, float, float]:
    return -flag.confidence, flag.frame_index, flag.y, flag.x


def _patch_of(flag: HotPixel, judged: Judged, *, y: float) -> Patch:
    """The patch of a flag; of an interlaced film it holds one field's lines, with the flag in its middle still."""
    patch = cut_patch(judged.window, x=flag.x, y=y)
    return patch._replace(y0=patch.y0 + round(flag.y) - round(y))
