"""When a player shows a film's frames, and what they are called; the times of all frames are read once a process."""

from collections.abc import Iterable
from dataclasses import replace
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
    return film_clocks([video])[video.pk]


def film_clocks(videos: Iterable[Video]) -> dict[int, FilmClock]:
    """The clocks of films by number; those that this process has not seen yet are read with one query."""
    wanted = {video.pk: _Content(video.pk, video.sha256) for video in videos}
    found = {pk: _remembered.get(content) for pk, content in wanted.items()}
    known = {pk: clock for pk, clock in found.items() if clock is not None}
    if unknown := wanted.keys() - known.keys():
        if len(_remembered) + len(unknown) > MOST_FILMS:
            _remembered.clear()
        for video in Video.objects.filter(pk__in=unknown).iterator():
            known[video.pk] = _remembered[wanted[video.pk]] = _read_clock(video)
    return known


class _Content(NamedTuple):
    """A file's frames never change."""

    video_id: int
    sha256: str


_remembered: dict[_Content, FilmClock] = {}


def _read_clock(video: Video) -> FilmClock:
    info = video_info(video)
    first_s = info.time_s(0)
    if not info.is_vfr:
        info = replace(
            info, frame_pts=info.frame_pts[:1].copy(), keyframes=info.keyframes[:1].copy(), seek_stamps=None,
            frame_keys=None, key_marks=None,
        )  # fmt: skip
    return FilmClock(info, first_s)
