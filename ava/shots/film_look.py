"""Small frames of a film's doubtful places, decoded when shot detection asks for them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ava.media.decode import decode_frames
from ava.media.video_info import VideoInfo
from ava.shots.verify import Look

LOOK_SIDE_PX = 160
"""Three times what the network sees, so that bars can be cut off to the pixel before it is shrunk."""


def look_at_film(path: Path, *, info: VideoInfo, threads: int = 1) -> Look:
    """A function that decodes the frames ``start_frame``..``end_frame`` of a film at 160 px, ``uint8 (T, H,
    W, 3)``.

    Frames that cannot be decoded are left out, so that fewer come back than were asked for.
    """

    def look(start_frame: int, end_frame: int) -> NDArray[np.uint8]:
        frames = decode_frames(
            path,
            info=info,
            start_frame=start_frame,
            end_frame=end_frame,
            max_side_px=LOOK_SIDE_PX,
            threads=threads,
        )
        pictures = [frame.rgb for frame in frames]
        return np.stack(pictures) if pictures else np.empty((0, 1, 1, 3), dtype=np.uint8)

    return look
