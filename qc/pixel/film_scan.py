"""A whole film scanned for hot and stuck pixels on all cores of one machine, without a database or a queue."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from av.video.frame import VideoFrame

from ava.annotate.processes import Report, map_in_processes
from ava.annotate.watch import watch_span
from ava.media.chunks import Chunk, plan_chunks
from ava.media.planes import read_planes
from ava.media.video_info import VideoInfo
from qc.pixel.found import WINDOW_FRAMES, HotPixel, StuckPixel
from qc.pixel.patches import Patch
from qc.pixel.stuck import LEAST_FRAMES, find_stuck

if TYPE_CHECKING:
    from qc.pixel.scan import PixelScanner, SpanFindings

OnProgress = Callable[[int], None]
SAME_PLACE_PX = 2.0
"""Within this a hot pixel is the beginning or end of a stuck one."""


class FilmFindings(NamedTuple):
    """What a film holds, in stored pixels.

    ``hot``: by frame, row and column, with a patch of ``patches`` for each. ``stuck``: row by row. ``report``: the
    scanner's counts, summed, and "sentences" for a reader. ``scan_s``: seconds of work beside decoding, summed over
    the processes.
    """

    hot: tuple[HotPixel, ...]
    patches: tuple[Patch, ...]
    stuck: tuple[StuckPixel, ...]
    report: dict[str, Any]
    scan_s: float


class ChunkFindings(NamedTuple):
    """What one chunk holds, and the seconds that looking for it took beside decoding."""

    found: SpanFindings
    scan_s: float


class ChunkScanner:
    """Hands the pictures of a decode to a scanner as planes, and adds up the seconds that it takes."""

    def __init__(self, scanner: PixelScanner, *, context_frames: int) -> None:
        self.context_frames = context_frames
        self._scan_s = 0.0
        self._scanner = scanner

    def add(self, index: int, picture: VideoFrame, /) -> None:
        """Take the stored picture of a film-wide frame number."""
        began = time.perf_counter()
        self._scanner.add(index, read_planes(picture))
        self._scan_s += time.perf_counter() - began

    def finish(self) -> ChunkFindings:
        """Judge what is left and give everything that was found."""
        began = time.perf_counter()
        found = self._scanner.finish()
        return ChunkFindings(found, self._scan_s + time.perf_counter() - began)


def begin_scan(model: Path, info: VideoInfo, chunk: Chunk) -> ChunkScanner:
    """A scanner for one chunk with the model of a file; made in the process that decodes. Raises UnfitModel."""
    import torch

    from qc.pixel.model_file import read_model
    from qc.pixel.scan import CONTEXT_FRAMES, PixelScanner

    torch.set_num_threads(1)  # the other cores have chunks of their own
    scanner = PixelScanner(read_model(model), info=info, start_frame=chunk.start_frame, end_frame=chunk.end_frame)
    return ChunkScanner(scanner, context_frames=CONTEXT_FRAMES)


def scan_film(
    path: Path, *, info: VideoInfo, model: Path, processes: int, on_progress: OnProgress | None = None
) -> FilmFindings:
    """Judge every picture of a film with the model of a file, chunk by chunk in ``processes`` processes.

    What is found does not depend on the number of processes or on the chunks. ``on_progress`` is called with the
    frames scanned so far. Raises UnfitModel and what decoding raises.
    """
    results = map_in_processes(
        partial(_scan, path, info, model),
        plan_chunks(info),
        size=lambda chunk: chunk.end_frame - chunk.start_frame,
        processes=processes,
        report=on_progress or (lambda _: None),
    )
    return join_chunks(results, info=info)


def join_chunks(
    chunks: Sequence[ChunkFindings], *, info: VideoInfo, shots: Sequence[tuple[int, int]] = ()
) -> FilmFindings:
    """What all chunks of a film say together; hot pixels that only show a stuck one are left out.

    ``shots``, half-open, let spans of stuck pixels end at cuts.
    """
    spans = [chunk.found for chunk in chunks]
    stuck = find_stuck([span.stuck for span in spans], frame_count=info.frame_count, shots=shots)
    pairs = chain.from_iterable(zip(span.hot, span.patches, strict=True) for span in spans)
    kept = [(flag, patch) for flag, patch in pairs if not any(_shows(flag, pixel) for pixel in stuck)]
    return FilmFindings(
        hot=tuple(flag for flag, _ in kept),
        patches=tuple(patch for _, patch in kept),
        stuck=tuple(stuck),
        report=_join_reports([span.report for span in spans], fields=info.interlaced, frame_count=info.frame_count),
        scan_s=sum(chunk.scan_s for chunk in chunks),
    )


def _scan(path: Path, info: VideoInfo, model: Path, chunk: Chunk, report: Report) -> ChunkFindings:
    scanner = begin_scan(model, info, chunk)
    watch_span(
        path,
        info=info,
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        watchers=[scanner],
        on_progress=report,
    )
    return scanner.finish()


def _shows(flag: HotPixel, pixel: StuckPixel) -> bool:
    """Whether a hot pixel is only a stuck one: at its place, in a frame of its spans."""
    is_there = max(abs(flag.x - pixel.x), abs(flag.y - pixel.y)) <= SAME_PLACE_PX
    return is_there and any(start <= flag.frame_index < end for start, end in pixel.spans)


def _join_reports(reports: Sequence[dict[str, Any]], *, fields: bool, frame_count: int) -> dict[str, Any]:
    """Counts summed, and what they say of the film, with what one as short as this leaves open."""
    from qc.pixel.scan import COUNTS, tell_counts

    counts = {name: sum(report[name] for report in reports) for name in COUNTS}
    crowded = list(chain.from_iterable(report["crowded_frames"] for report in reports))
    said = tell_counts(counts, fields=fields, crowded_frames=crowded)
    if frame_count < WINDOW_FRAMES:
        said.append(
            f"The film has {frame_count} of the {WINDOW_FRAMES} frames that a picture is judged by; "
            "what is missing is replaced by its nearest frames, so look at every flag."
        )
    if frame_count < LEAST_FRAMES:
        said.append(f"Stuck pixels cannot be told from the scene in fewer than {LEAST_FRAMES} frames.")
    return {**counts, "crowded_frames": crowded, "sentences": said}
