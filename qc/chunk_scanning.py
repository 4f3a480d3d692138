"""Scanning a chunk for pixel errors while it is decoded: with the model in use, and saved with the chunk."""

import logging
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
from qc.pixel.model_file import UnfitModel

if TYPE_CHECKING:
    from qc.pixel.model_file import PixelModelFile
    from qc.pixel.scan import SpanFindings

logger = logging.getLogger(__name__)


class ChunkScanner:
    """Shows the pictures of one chunk to the scanner, and keeps what that finds."""

    def __init__(self, chunk: Chunk, *, model: PixelModel, network: "PixelModelFile") -> None:
        from qc.pixel.scan import CONTEXT_FRAMES, PixelScanner

        self.context_frames = CONTEXT_FRAMES
        self._chunk, self._model = chunk, model
        self._scanner = PixelScanner(
            network,
            info=video_info(chunk.video),
            start_frame=chunk.start_frame,
            end_frame=chunk.end_frame,
        )

    def add(self, index: int, picture: VideoFrame, /) -> None:
        self._scanner.add(index, read_planes(picture))

    def finish(self) -> Save:
        found = self._scanner.finish()
        return lambda: save_scan(self._chunk, found, model=self._model)


def begin_scan(chunk: Chunk) -> ChunkScanner | None:
    """A scanner with the model in use; None, and a line in the log, where there is none that fits this program."""
    try:
        model = active_model()
        return ChunkScanner(chunk, model=model, network=load_model(model))
    except UnfitModel as error:
        logger.warning("Chunk %s is not scanned for pixel errors: %s", chunk.pk, error)
        return None


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
    """Chunks of a video that the model in use has scanned with today's code; all where there is none to scan with."""
    from qc.pixel.scan import SCAN_VERSION

    try:
        model = active_model()
    except UnfitModel:
        return set(video.chunks.values_list("pk", flat=True))
    scans = ChunkScan.objects.filter(chunk__video=video, version=SCAN_VERSION, model=model)
    return set(scans.values_list("chunk_id", flat=True))


CHUNK_SCAN = ChunkWatch(name="pixel", seen=scanned_chunks, begin=begin_scan)
