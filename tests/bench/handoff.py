"""Handing on: how fast a preview is rendered beside real time, what its time goes into, and how fast lists are written.

`manage.py bench handoff [FILM …]`; without a film, of two that are drawn at 1080 and 2160 lines.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from ava.handoff.cut_list import CutList, CutSpan
from ava.handoff.film_render import THREADS, render_film
from ava.handoff.films import describe_film, describe_spans
from ava.handoff.kinds import HANDOFF_KINDS
from ava.handoff.picture_fit import PictureFit
from ava.handoff.render_plan import FULL, PREVIEW, RenderQuality, RenderSource, RenderSpan, canvas_size
from ava.media.decode import progressive_pictures
from ava.media.probe import probe

FPS, SECONDS = 24, 10
CLIP_FRAMES, APART = 48, 60
"""Cuts of two seconds, each begun anew between two keyframes, as a trailer's are."""
CORES = 2
HZ = 48_000
LISTED = 2000


class Cost(NamedTuple):
    """Processor time, and time by the clock, in seconds."""

    processor_s: float
    wall_s: float


def cost(work: Callable[[], object]) -> Cost:
    """What some work costs."""
    processor, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - processor, time.perf_counter() - wall)


def main(arguments: Sequence[str]) -> None:
    """Print, for each film, its preview's and full film's speed, then how long lists of clips take to be written."""
    with tempfile.TemporaryDirectory() as folder:
        given = [Path(each) for each in arguments]
        for path in given or drawn_films(Path(folder)):
            source = RenderSource(path, probe(path))
            print(f"{path.name}: {source.info.width} × {source.info.height}, {float(source.info.fps):g} a second")
            for name, quality in (("preview", PREVIEW), ("full size", FULL)):
                print_rendering(source, name=name, quality=quality, target=Path(folder) / "out.mp4")
    print_writing()


def drawn_films(folder: Path) -> Iterator[Path]:
    """Photographs under a moving camera, with grain and sound, at 1080 and at 2160 lines."""
    for height in (1080, 2160):
        path = folder / f"drawn {height}.mp4"
        with av.open(str(path), "w") as output:
            picture = output.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "20"})
            picture.width, picture.height, picture.pix_fmt = height * 16 // 9, height, "yuv420p"
            picture.codec_context.gop_size, picture.codec_context.max_b_frames = 2 * FPS, 2
            sound = output.add_stream("aac", rate=HZ)
            sound.layout = "stereo"
            for number, rgb in enumerate(drawn_pictures(height)):
                frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                output.mux(picture.encode(frame))
            output.mux(picture.encode(None))
            noise = np.random.default_rng(1).normal(0, 0.1, (2, SECONDS * HZ)).astype(np.float32)
            whole = av.AudioFrame.from_ndarray(noise, format="fltp", layout="stereo")
            whole.sample_rate, whole.pts, whole.time_base = HZ, 0, Fraction(1, HZ)
            output.mux(sound.encode(whole))
            output.mux(sound.encode(None))
        yield path


def drawn_pictures(height: int) -> Iterator[NDArray[np.uint8]]:
    """Pictures of the film: two photographs by turns, two seconds each, panned over."""
    from skimage import data

    rng = np.random.default_rng(2)
    width = height * 16 // 9
    wide = [cv2.resize(each, (width + 512, height + 256)) for each in (data.astronaut(), data.coffee())]
    grain = [rng.normal(0, 1, (height, width, 1)).astype(np.int8) for _ in range(5)]
    for number in range(SECONDS * FPS):
        left, top = number * 2 % 512, number % 256
        shown = wide[number // (2 * FPS) % 2][top : top + height, left : left + width]
        yield cv2.add(shown, np.repeat(grain[number % 5], 3, axis=2), dtype=cv2.CV_8U)


def spans_of(source: RenderSource) -> list[RenderSpan]:
    """Cuts of two seconds through the whole of a film, at most as long as a drawn one."""
    last = min(source.info.frame_count, SECONDS * FPS * 2)
    starts = range(7, max(last - CLIP_FRAMES, 8), APART)
    return [RenderSpan(0, start, min(start + CLIP_FRAMES, source.info.frame_count)) for start in starts]


def print_rendering(source: RenderSource, *, name: str, quality: RenderQuality, target: Path) -> None:
    """The whole, and what decoding and fitting alone cost of it."""
    spans = spans_of(source)
    count = sum(span.end_frame - span.start_frame for span in spans)
    whole = cost(lambda: render_film([source], spans=spans, target=target, most_bytes=10**10, quality=quality))
    size = canvas_size(source.info, quality=quality)
    fit = PictureFit(source.info, size=size)
    decoded = cost(lambda: [None for _ in pictures_of(source, spans)])
    fitted = cost(lambda: [fit.paint(picture) and None for picture in pictures_of(source, spans)])
    steps = {
        "decoding": decoded.processor_s,
        "fitting": max(fitted.processor_s - decoded.processor_s, 0),
        "encoding and sound": max(whole.processor_s - fitted.processor_s, 0),
    }
    told = ", ".join(f"{step} {seconds / count * 1000:.1f}" for step, seconds in steps.items())
    played_s = float(count / source.info.fps)
    speed = played_s / whole.processor_s
    print(
        f"  {name} {size[0]} × {size[1]}, {count} frames in {len(spans)} cuts: {played_s / whole.wall_s:.1f} × "
        f"real time by the clock; {whole.processor_s / count * 1000:.1f} ms of processor time a frame ({told}), "
        f"that is {speed:.1f} × on one core and up to {CORES * speed:.1f} × on {CORES}; "
        f"{target.stat().st_size * 8 / played_s / 1e6:.1f} Mbit/s"
    )


def pictures_of(source: RenderSource, spans: Sequence[RenderSpan]) -> Iterator[av.VideoFrame]:
    """The pictures of the spans, decoded as a rendering does."""
    for span in spans:
        pictures = progressive_pictures(source.path, info=source.info, start_frame=span.start_frame, threads=THREADS)
        for index, picture in pictures:
            if index >= span.end_frame:
                break
            yield picture


def print_writing() -> None:
    """Lists of 2,000 clips with notes (an EDL's 999) in every kind of file."""
    from tests.handoff_films import made_info

    info = made_info(Fraction(30000, 1001), start="00:59:30;00", count=200_000)
    film = describe_film(info, name="A001.mov")
    starts = np.random.default_rng(3).integers(0, 199_000, LISTED).tolist()
    spans = [CutSpan("T", film, *describe_spans(info, spans=[(start, start + 50)]), "A note.") for start in starts]
    for name, kind in HANDOFF_KINDS.items():
        held = spans[:999] if kind.suffix.endswith("edl") else spans
        cuts = CutList("List", "now", tuple(held))
        print(f"{name}: {len(held):,} clips in {cost(lambda cuts=cuts, kind=kind: kind.write(cuts)).processor_s:.2f} s")
