"""A trailer's shots made ready for comparing: small gray pictures without bars, what is lettered, what is plain."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area, crop, scale_area
from ava.media.colour import to_gray
from ava.media.decode import Frame, decode_frames
from ava.media.video_info import VideoInfo
from curation.similarity.content_area import ContentArea, find_content_area
from curation.similarity.lettering_mask import mask_lettering

WIDTH_PX = 96
"""Of the pictures that are compared; their height follows the shape of what the bars leave."""
DECODED_SIDE_PX = 320
SAMPLE_S = 0.32
MOST_FRAMES = 240
"""A longer shot is taken in pieces of this many frames."""
MOST_LETTERED_UNIT = 0.35
"""More of a picture is texture that was taken for lettering."""
LETTERING_MARGIN_PX = 2
PLAIN_LEVELS = 5.0
"""Standard deviation of light below which a picture is plain: black, white, or the ground of a card."""
DARK_LEVELS = 24
LEAST_SIDE_FRAMES = 5
LEAST_JUMP, LEAST_JUMP_LEVELS = 2.0, 0.6
"""A change between neighbouring frames stands out by so many times the usual one, and by so many levels of light."""
_SHAPES = (0.4, 4.0)


class ShotPictures(NamedTuple):
    """The frames of a trailer's shot, or of a piece of one.

    ``frames`` ``int64 (N,)``: their numbers; ``gray`` ``uint8 (N, h, 96)``, without bars; ``counts`` ``bool (h, 96)``:
    what is not lettered at any time; ``spread_levels``, ``light_levels`` ``float32 (N,)``: standard deviation and mean
    of what counts; ``written_levels`` ``float32 (N,)``: standard deviation of all; ``samples``: places of the frames
    to look for.
    """

    frames: NDArray[np.int64]
    gray: NDArray[np.uint8]
    counts: NDArray[np.bool_]
    spread_levels: NDArray[np.float32]
    light_levels: NDArray[np.float32]
    written_levels: NDArray[np.float32]
    samples: tuple[int, ...]


def read_shots(
    path: Path, *, info: VideoInfo, shots: Sequence[tuple[int, int]], area: Area | None
) -> Iterator[ShotPictures]:
    """Decode a trailer once and give its shots, half-open spans of frames in order, piece by piece.

    ``area`` is its picture without the bars that stay throughout; bars of single shots are found here. Frames that
    cannot be decoded are left out, and a shot without any is not given.
    """
    pieces = [
        (begin, min(begin + MOST_FRAMES, end)) for start, end in shots for begin in range(start, end, MOST_FRAMES)
    ]
    if not pieces:
        return
    frames = decode_frames(
        path, info=info, start_frame=pieces[0][0], end_frame=pieces[-1][1], max_side_px=DECODED_SIDE_PX
    )
    ahead = next(frames, None)
    step = max(round(SAMPLE_S * float(info.fps)), 1)
    for start, end in pieces:
        held: list[Frame] = []
        while ahead is not None and ahead.index < end:
            if ahead.index >= start:
                held.append(ahead)
            ahead = next(frames, None)
        if held:
            yield prepare_shot(held, step=step, area=area, film_size=(info.width, info.height))


def prepare_shot(frames: Sequence[Frame], *, step: int, area: Area | None, film_size: tuple[int, int]) -> ShotPictures:
    """Make decoded frames of one shot ready; every ``step``-th and the last are looked for, every other one read."""
    pictures = [frame.rgb for frame in frames]
    if area is not None:
        inner = scale_area(area, film_size=film_size, size=(pictures[0].shape[1], pictures[0].shape[0]))
        pictures = [crop(picture, inner) for picture in pictures]
    samples = sorted({*range(0, len(pictures), step), len(pictures) // 2, len(pictures) - 1})
    rest = _without_bars([pictures[place] for place in samples])
    cut = np.s_[rest.y0 : rest.y1, rest.x0 : rest.x1]
    height = int(np.clip(round(WIDTH_PX * (rest.y1 - rest.y0) / (rest.x1 - rest.x0)), 24, 240))
    gray = np.stack([_shrink(to_gray(np.ascontiguousarray(picture[cut])), height) for picture in pictures])
    read = sorted({*samples[::2], samples[-1]})
    counts = ~_lettering([np.ascontiguousarray(pictures[place][cut]) for place in read], height)
    whole = gray.reshape(len(gray), -1).astype(np.float32)
    counted = whole[:, counts.ravel()] if counts.any() else whole
    return ShotPictures(
        frames=np.array([frame.index for frame in frames], dtype=np.int64),
        gray=gray,
        counts=counts if counts.mean() > 1 - MOST_LETTERED_UNIT else np.ones_like(counts),
        spread_levels=counted.std(axis=1),
        light_levels=counted.mean(axis=1),
        written_levels=whole.std(axis=1),
        samples=tuple(samples),
    )


def widest_jump(shot: ShotPictures, span: tuple[int, int]) -> int | None:
    """Where within a span (half-open places) a cut between two takes of one set-up may hide: the place after the change
    that is widest and stands out from the others; None where none does, or a side would be too short."""
    first, end = span
    if end - first < 2 * LEAST_SIDE_FRAMES:
        return None
    pictures = shot.gray[first:end].astype(np.int16)
    changes = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2))
    inner = changes[LEAST_SIDE_FRAMES - 1 : len(changes) - LEAST_SIDE_FRAMES + 1]
    widest = int(np.argmax(inner))
    if inner[widest] < max(LEAST_JUMP * float(np.median(changes)), LEAST_JUMP_LEVELS):
        return None
    return first + LEAST_SIDE_FRAMES + widest


def _without_bars(pictures: Sequence[NDArray[np.uint8]]) -> ContentArea:
    """What black bars leave of all pictures of a shot; the whole where that would be an odd shape."""
    lightest = np.max(np.stack(pictures), axis=0)
    area = find_content_area(lightest)
    rim = np.ones(lightest.shape[:2], dtype=np.bool_)
    rim[area.y0 : area.y1, area.x0 : area.x1] = False
    shape = (area.x1 - area.x0) / (area.y1 - area.y0)
    if (rim.any() and lightest[rim].mean() > DARK_LEVELS) or not _SHAPES[0] <= shape <= _SHAPES[1]:
        return ContentArea(0, 0, lightest.shape[1], lightest.shape[0])
    return area


def _lettering(pictures: Iterable[NDArray[np.uint8]], height: int) -> NDArray[np.bool_]:
    """What is lettered in any of the pictures, ``bool (height, 96)``, with a margin."""
    mask = np.zeros((height, WIDTH_PX), dtype=np.uint8)
    for picture in pictures:
        lettered = mask_lettering(picture).astype(np.float32)
        mask |= (cv2.resize(lettered, (WIDTH_PX, height), interpolation=cv2.INTER_AREA) > 0.05).astype(np.uint8)
    side = 2 * LETTERING_MARGIN_PX + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), dtype=np.uint8)) > 0, dtype=np.bool_)


def _shrink(gray: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(gray, (WIDTH_PX, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
