"""When a player shows a film's frames, and what they are called; the times of all frames are read once a process."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from ava.models import Video
from ava.video_facts import video_info

MOST_FILMS = 512
"""Whose clocks a process remembers; only films of variable rate take room."""


class FilmClock(NamedTuple):
    """Frames, seconds and timecodes of one film."""

    info: VideoInfo
    first_s: float

    def seconds(self, frame: int) -> float:
        """When a player shows this frame; of the frame after the last, when the film ends."""
        if self.info.is_vfr and frame < self.info.frame_count:
            return self.info.time_s(frame)
        if self.info.is_vfr:
            return self.info.time_s(self.info.frame_count - 1) + float(1 / self.info.fps)
        return self.first_s + float(frame / self.info.fps)

    def timecode(self, frame: int) -> str:
        return film_timecode(self.info, frame)


def film_clock(video: Video) -> FilmClock:
    """The clock of a film; `video` may lack the fields that hold something for every frame."""
    return _clock(video.pk, video.sha256)


@lru_cache(maxsize=MOST_FILMS)
def _clock(video_id: int, sha256: str) -> FilmClock:
    """Of one content: a file's frames never change."""
    info = video_info(Video.objects.get(pk=video_id))
    first_s = info.time_s(0)
    if not info.is_vfr:
        info = replace(
            info, frame_pts=info.frame_pts[:1].copy(), keyframes=info.keyframes[:1].copy(), seek_stamps=None,
            frame_keys=None, key_marks=None,
        )  # fmt: skip
    return FilmClock(info, first_s)
