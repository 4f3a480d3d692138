"""A film's strip of small pictures, two a second, gathered while its frames are measured anyway."""

import io

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from numpy.typing import NDArray
from PIL import Image

from ava.models import Chunk, Video

TILE_WIDTH_PX = 160
TILES_A_ROW = 10
TILES_A_SECOND = 2


def tile_step(video: Video) -> int:
    """Frames from one tile to the next; tile k of a chunk shows its start_frame + k · step."""
    return max(1, round(video.fps / TILES_A_SECOND))


def tile_height_px(video: Video) -> int:
    return max(1, round(TILE_WIDTH_PX * video.height / video.width))


def filmstrip_name(video_id: int, chunk_index: int) -> str:
    return f"filmstrips/{video_id}/{chunk_index}.jpg"


def has_filmstrip(chunk: Chunk) -> bool:
    return default_storage.exists(filmstrip_name(chunk.video_id, chunk.index))


class Filmstrip:
    """Collects the tiles of one chunk into one picture, TILES_A_ROW a row."""

    def __init__(self, chunk: Chunk) -> None:
        self._start, self._end = chunk.start_frame, chunk.end_frame
        self._step = tile_step(chunk.video)
        self._tile = (TILE_WIDTH_PX, tile_height_px(chunk.video))
        count = -(-(self._end - self._start) // self._step)
        rows = -(-count // TILES_A_ROW)
        self.sheet = Image.new("RGB", (self._tile[0] * min(count, TILES_A_ROW), self._tile[1] * rows))

    def add(self, frames: NDArray[np.uint8], frame_index: NDArray[np.int64]) -> None:
        """Take those of the frames, uint8 RGB (T, H, W, 3), that fall on a tile."""
        for pixels, index in zip(frames, frame_index, strict=True):
            position, rest = divmod(int(index) - self._start, self._step)
            if rest or not self._start <= index < self._end:
                continue
            row, column = divmod(position, TILES_A_ROW)
            picture = Image.fromarray(pixels).resize(self._tile, Image.Resampling.BOX)
            self.sheet.paste(picture, (column * self._tile[0], row * self._tile[1]))


def save_filmstrip(chunk: Chunk, strip: Filmstrip) -> None:
    buffer = io.BytesIO()
    strip.sheet.save(buffer, "JPEG", quality=80)
    name = filmstrip_name(chunk.video_id, chunk.index)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(buffer.getvalue()))
