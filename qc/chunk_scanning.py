"""Scanning a chunk for pixel errors while it is decoded: with the model in use, and saved with the chunk."""

from typing import TYPE_CHECKING

from av.video.frame import VideoFrame
from django.db import transaction

from ava.chunk_watches import ChunkWatch, Save
from ava.media.planes import read_planes
from ava.models import Chunk, Video
from ava.turns import take_turn
from ava.video_facts import video_info
from qc.flag_rows import save_hot_flags
from qc.model_versions import active_model, load_model
from qc.models import ChunkScan, PixelModel

if TYPE_CHECKING:
    from qc.pixel.scan import SpanFindings


class ChunkScanner:
    """Shows the pictures of one chunk to the scanner, and keeps what that finds."""

    def __init__(self, chunk: Chunk) -> None:
        from qc.pixel.scan import CONTEXT_FRAMES, PixelScanner

        self.context_frames = CONTEXT_FRAMES
        self._chunk = chunk
        self._model = active_model()
        self._scanner = PixelScanner(
            load_model(self._model),
            info=video_info(chunk.video),
            start_frame=chunk.start_frame,
            end_frame=chunk.end_frame,
        )

    def add(self, index: int, picture: VideoFrame, /) -> None:
        self._scanner.add(index, read_planes(picture))

    def finish(self) -> Save:
        found = self._scanner.finish()
        return lambda: save_scan(self._chunk, found, model=self._model)


@transaction.atomic
def save_scan(chunk: Chunk, found: "SpanFindings", *, model: PixelModel) -> None:
    """Write a chunk's flags and that it was scanned; the same again however often it is called."""
    from qc.pixel.scan import SCAN_VERSION

    take_turn(chunk.video.title)  # nobody decides on a flag while it is taken back
    save_hot_flags(
        chunk.video,
        start_frame=chunk.start_frame,
        end_frame=chunk.end_frame,
        hot=found.hot,
        patches=found.patches,
        model=model,
    )
    ChunkScan.objects.update_or_create(
        chunk=chunk,
        defaults={
            "model": model, "version": SCAN_VERSION, "stuck_evidence": found.stuck, "report": found.report,
        },
    )  # fmt: skip


def scanned_chunks(video: Video) -> set[int]:
    """Chunks of a video that the model in use has scanned with today's code."""
    from qc.pixel.scan import SCAN_VERSION

    scans = ChunkScan.objects.filter(chunk__video=video, version=SCAN_VERSION, model=active_model())
    return set(scans.values_list("chunk_id", flat=True))


CHUNK_SCAN = ChunkWatch(name="pixel", seen=scanned_chunks, begin=ChunkScanner)
