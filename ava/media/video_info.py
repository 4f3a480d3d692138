"""What is known of a film file after probing it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


class FrameKey(StrEnum):
    """What tells the frames of a file apart: its timestamps, or, where these are broken or sparse, counting."""

    PRESENTATION_TIME = "presentation time"
    PACKET_ORDER = "packet order"


@dataclass(frozen=True, slots=True, eq=False)
class VideoInfo:
    """One film file, probed: everything that decoding, chunking and showing it needs.

    coded_width, coded_height: the picture as stored; width, height: upright and with square pixels, which is
        what every frame, box and still uses.
    rotation_deg: clockwise turn (0, 90, 180, 270) from the stored picture to the upright one; where
        is_mirrored, the stored picture is first flipped left to right.
    color_*: names of ITU-T H.273, "unknown" where the file does not say.
    fps: exact rational rate. Where is_vfr, the rate that nearly all frames follow, else the average.
    frame_pts: int64 (N,), strictly increasing, in time_base units; N is the frame count.
    keyframes: int64 (K,), ascending indices into frame_pts of frames from which decoding can start.
    duration_s: from the first frame's start to the last one's end.
    warnings: sentences for a person.
    stream_index: which stream of the file holds the picture.
    time_origin_s: the moment of the file's own clock that players call zero.
    audio_codecs: names of the sound streams' codecs, in the file's order.
    seek_stamps: int64 (K,), where to seek for each keyframe: decode times, or, in transport streams told apart by
        packet order, bytes of the file; None means its frame_pts.
    frames_by: how frames are recognised when they are decoded again.
    frame_keys: int64 (N,), with PACKET_ORDER the number of the packet that holds each frame; else None.
    key_marks: int64 (K,), with PACKET_ORDER a digest of each keyframe's packet, by which counting finds its
        place after a seek; else None.
    """

    container: str
    codec: str
    pixel_format: str
    bit_depth: int
    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation_deg: int
    sample_aspect: Fraction
    interlaced: bool
    color_space: str
    color_range: str
    color_transfer: str
    color_primaries: str
    fps: Fraction
    is_vfr: bool
    time_base: Fraction
    frame_pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    duration_s: float
    start_timecode: str | None
    audio_streams: int
    subtitle_streams: int
    warnings: tuple[str, ...]
    stream_index: int = 0
    time_origin_s: Fraction = Fraction(0)
    is_mirrored: bool = False
    seek_stamps: NDArray[np.int64] | None = None
    frames_by: FrameKey = FrameKey.PRESENTATION_TIME
    frame_keys: NDArray[np.int64] | None = None
    key_marks: NDArray[np.int64] | None = None
    audio_codecs: tuple[str, ...] = ()

    @property
    def frame_count(self) -> int:
        """How many pictures the film shows."""
        return len(self.frame_pts)

    def time_s(self, frame: int) -> float:
        """When a player shows this frame, in seconds from the start of playback."""
        return float(int(self.frame_pts[frame]) * self.time_base - self.time_origin_s)

    def frame_at(self, time_s: float) -> int:
        """The frame that a player shows at this second, clamped to the film's first and last."""
        # A float time is rarely exact: half a tick of slack finds the frame whose own time was asked for.
        tick = float((Fraction(time_s) + self.time_origin_s) / self.time_base) + 0.5
        index = int(np.searchsorted(self.frame_pts, tick, side="right")) - 1
        return min(max(index, 0), self.frame_count - 1)
