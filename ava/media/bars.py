"""Letterbox and pillarbox bars: which part of a film's frames is picture."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.bar_edges import NO_BARS, find_bars, refine_bars
from ava.media.decode import decode_frame_set
from ava.media.video_info import VideoInfo

LOOKS = 24
LOOK_SIDE_PX = 360
CLOSE_LOOKS = 6
DECODED_PX = 150_000_000
"""Pixels that may be decoded to reach the looks: less than a second of work, whatever the film's size and keyframes."""


class PictureArea(NamedTuple):
    """The part of a film's frames that is picture: a half-open box in pixels of the upright film."""

    x0: int
    y0: int
    x1: int
    y1: int

    def is_whole(self, info: VideoInfo) -> bool:
        """Whether the film has no bars."""
        return self == (0, 0, info.width, info.height)


def find_picture_area(path: Path, *, info: VideoInfo) -> PictureArea:
    """Find the part of the frames that bars leave, to the pixel, by 24 looks spread over the film.

    See ``find_bars`` for what a bar is. Lettering may stand in bars. Dark scenes, fades and titles on black say
    nothing; a film that shows little else is taken to be without bars. Raises what decoding raises.
    """
    looks = list(decode_frame_set(path, info=info, frame_indices=choose_looks(info).tolist(), max_side_px=LOOK_SIDE_PX))
    pictures = np.stack([look.rgb for look in looks]) if looks else np.empty((0, 1, 1, 3), dtype=np.uint8)
    bars = find_bars(pictures)
    if bars != NO_BARS:
        lightest = np.argsort(-pictures.mean(axis=(1, 2, 3)), kind="stable")[:CLOSE_LOOKS]
        close = decode_frame_set(path, info=info, frame_indices=[looks[each].index for each in lightest])
        bars = refine_bars(bars, looked_at=pictures.shape[1:3], frames=[frame.rgb for frame in close])
    return PictureArea(bars.left, bars.top, info.width - bars.right, info.height - bars.bottom)


def choose_looks(info: VideoInfo) -> NDArray[np.int64]:
    """Numbers of at most 24 frames spread over a film, near enough to keyframes to be had in about a second.

    Frames that lie too far behind their keyframe are moved towards it, all those of one keyframe by one factor.
    """
    wanted = (np.arange(LOOKS) + 0.5) * info.frame_count / LOOKS
    wanted = np.unique(wanted.astype(np.int64))
    group = np.maximum(np.searchsorted(info.keyframes, wanted, side="right") - 1, 0)
    start = info.keyframes[group] if len(info.keyframes) else np.zeros_like(wanted)
    allowed = max(DECODED_PX // (info.coded_width * info.coded_height * len(np.unique(group))), 1) - 1
    furthest = np.zeros(int(group.max()) + 1, dtype=np.int64)
    np.maximum.at(furthest, group, wanted - start)
    factor = np.minimum(allowed / np.maximum(furthest, 1), 1.0)[group]
    return np.unique(start + np.floor((wanted - start) * factor).astype(np.int64))
