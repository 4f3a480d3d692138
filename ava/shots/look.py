"""Small frames of a film's doubtful places, decoded when a second look is wanted."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frames
from ava.media.video_info import VideoInfo
from ava.shots.verify import Look

SIDE_PX = 160
"""Longer side of the frames, three times what the network sees: black bars can be cut off to the pixel first."""


def look_into(path: Path, *, info: VideoInfo) -> Look:
    """A function that gives frames ``start``..``end`` of the film as RGB ``uint8 (T, H, W, 3)``, small.

    Frames that cannot be decoded are left out, so that fewer come back than were asked for. It raises what
    decoding raises.
    """

    def look(start_frame: int, end_frame: int) -> NDArray[np.uint8]:
        frames = decode_frames(
            path, info=info, start_frame=start_frame, end_frame=end_frame, max_side_px=SIDE_PX
        )
        pixels = [frame.rgb for frame in frames]
        return np.stack(pixels) if pixels else np.empty((0, 0, 0, 3), dtype=np.uint8)

    return look
