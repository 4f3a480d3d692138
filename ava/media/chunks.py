"""Cutting a film into chunks on keyframes, short ones first so that first results come early."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.video_info import VideoInfo

CHUNKS_A_LENGTH = 2  # how many chunks of one length before the length doubles


class Chunk(NamedTuple):
    """A half-open span of frames that one worker decodes and measures."""

    index: int  # type: ignore[assignment]
    start_frame: int
    end_frame: int


def plan_chunks(info: VideoInfo, *, first_s: float = 6.0, longest_s: float = 60.0) -> list[Chunk]:
    """Cut a film into chunks that cover every frame once, the same way every time.

    Wanted lengths are first_s, first_s, then doubled after every second chunk up to longest_s. Each seam lies on
    the keyframe nearest to the wanted length, within half of it. Where there is none, the seam is put at the
    wanted time itself if decoding up to it from the keyframe before costs no more than another chunk; else
    the chunk runs on to the next keyframe, so that a film with a single keyframe gets two chunks.
    """
    times_s = (info.frame_pts - info.frame_pts[0]) * float(info.time_base)
    seams = [0]
    while seams[-1] < info.frame_count:
        length_s = min(first_s * 2 ** ((len(seams) - 1) // CHUNKS_A_LENGTH), longest_s)
        seams.append(_next_seam(times_s, info.keyframes, start=seams[-1], length_s=length_s))
    return [Chunk(index, *span) for index, span in enumerate(pairwise(seams))]


def _next_seam(times_s: NDArray[np.float64], keyframes: NDArray[np.int64], *, start: int, length_s: float) -> int:
    """The first frame of the chunk after the one that begins at start; the frame count when that one is the last."""
    count = len(times_s)
    wanted_s = times_s[start] + length_s
    if times_s[-1] < wanted_s + length_s / 2:  # a short rest joins the last chunk
        return count
    later = keyframes[keyframes > start]
    near = later[np.abs(times_s[later] - wanted_s) <= length_s / 2]
    if len(near):
        return int(near[np.argmin(np.abs(times_s[near] - wanted_s))])
    wanted = max(int(np.searchsorted(times_s, wanted_s)), start + 1)
    before = keyframes[keyframes <= wanted]
    if times_s[wanted] - times_s[before[-1] if len(before) else 0] <= length_s:
        return wanted
    return int(later[later > wanted][0]) if np.any(later > wanted) else count
