"""Films as probed, made up for tests of hand-offs: of any rate and length, without a file."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ava.media.video_info import VideoInfo

COUNT = 36_000


def made_info(fps: Fraction, *, start: str | None = None, count: int = COUNT, pts: Any = None) -> VideoInfo:
    """A probed film of constant rate, or with the given times in ticks of a millisecond."""
    is_vfr = pts is not None
    ticks = np.asarray(pts if is_vfr else np.arange(count), np.int64)
    time_base = Fraction(1, 1000) if is_vfr else 1 / fps
    duration = float((ticks[-1] + 1) * time_base) if not is_vfr else float(ticks[-1]) / 1000 + 0.04
    return VideoInfo(
        container="mov", codec="h264", pixel_format="yuv420p", bit_depth=8, coded_width=1920, coded_height=1080,
        width=1920, height=1080, rotation_deg=0, sample_aspect=Fraction(1), interlaced=False, color_space="bt709",
        color_range="tv", color_transfer="bt709", color_primaries="bt709", fps=fps, is_vfr=is_vfr,
        time_base=time_base, frame_pts=ticks, keyframes=np.zeros(1, np.int64), duration_s=duration,
        start_timecode=start, audio_streams=0, subtitle_streams=0, warnings=(),
    )  # fmt: skip
