"""What people call a picture in the results of a test: an artwork by its file, a still by its timecode or frame."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from ava.file_names import clean_name
from ava.media.timecode import BadTimecode, film_frame, film_timecode
from ava.media.video_info import VideoInfo
from ava.models import Title, Video
from ava.video_facts import video_info
from curation.models import Artwork

_SHA256 = re.compile(r"[0-9a-f]{12,64}", re.ASCII)
_ARTWORK = re.compile(r"artwork[ :#]*(\d{1,18})", re.ASCII | re.IGNORECASE)
_SEPARATORS = re.compile(r"[:;.,-]")
_STILL = re.compile(
    r"(?:(?P<film>.*?)[ _:/]+)?"
    r"(?:(?P<timecode>\d\d[:-]\d\d[:-]\d\d[:;.,-]\d{2,3})(?:[ _]+f(?P<same>\d{1,9}))?"
    r"|(?:frame[ _]*|f)(?P<frame>\d{1,9}))",
    re.ASCII | re.IGNORECASE,
)


class UnknownPicture(ValueError):
    """No picture, or more than one, is called that; the sentence says what to write."""


class Named(NamedTuple):
    """The picture that was meant: an artwork, or a frame of a film."""

    artwork: Artwork | None = None
    video: Video | None = None
    frame_index: int = 0


class PictureNames:
    """The names of a title's pictures, looked up once for as many results as there are."""

    def __init__(self, title: Title) -> None:
        self.videos = list(title.videos.select_related("title").order_by("pk"))
        self.infos: dict[int, VideoInfo] = {}
        self.artworks = {each.pk: each for each in Artwork.objects.filter(title=title).order_by("pk")}
        self.by_name: dict[str, list[Artwork]] = {}
        for each in self.artworks.values():
            for key in {_key(each.original_name), _key(_stem(each.original_name))}:
                self.by_name.setdefault(key, []).append(each)

    def find(self, name: str) -> Named:
        """The picture of this name. Raises UnknownPicture.

        An artwork is called by its file's name with or without the ending, its sha-256 or "artwork 12"; a still by
        its timecode, "frame 120" or the name of its downloaded file, and where a title has several films, by the
        film's name before these.
        """
        artworks = self._artworks(name)
        if len(artworks) == 1:
            return Named(artwork=artworks[0])
        if artworks:
            numbers = " or ".join(f"“artwork {each.pk}”" for each in artworks[:5])
            raise UnknownPicture(f"“{name}” is the name of {len(artworks)} artworks; write {numbers}.")
        stills = self._stills(_stem(name)) or self._stills(name)
        if len(stills) == 1:
            return stills[0]
        if stills:
            raise UnknownPicture(
                f"“{name}” is in {len(stills)} films; write the film's name before it, such as "
                f"“{stills[0].video} {name}”."
            )
        raise UnknownPicture(f"there is no picture “{name}” in this title.")

    def _artworks(self, name: str) -> list[Artwork]:
        numbered = _ARTWORK.fullmatch(name)
        if numbered and int(numbered[1]) in self.artworks:
            return [self.artworks[int(numbered[1])]]
        if _SHA256.fullmatch(name.lower()):
            hashed = [each for each in self.artworks.values() if each.sha256.startswith(name.lower())]
            if hashed:
                return hashed
        return self.by_name.get(_key(name), [])

    def _stills(self, name: str) -> list[Named]:
        match = _STILL.fullmatch(name)
        if match is None:
            return []
        film = match["film"] or ""
        videos = [video for video in self.videos if not film or _key(film) in _names_of(video)]
        frames = [(video, self._frame(video, match)) for video in videos]
        return [Named(video=video, frame_index=frame) for video, frame in frames if frame is not None]

    def _frame(self, video: Video, match: re.Match[str]) -> int | None:
        """The frame that a name means in a film, None if the film has none such."""
        number = match["frame"] or match["same"]
        frame = int(number) if number else None
        if frame is not None and frame >= video.frame_count:
            return None
        if match["timecode"] is None:
            return frame
        found = self._frame_at(video, match["timecode"])
        return found if frame in {None, found} else None

    def _frame_at(self, video: Video, timecode: str) -> int | None:
        """File names have dashes for the marks of a timecode: it is read with each mark that there is."""
        if video.pk not in self.infos:
            self.infos[video.pk] = video_info(video)
        info = self.infos[video.pk]
        *begins, last = _SEPARATORS.split(timecode)
        for mark in ":;.":
            try:
                frame = film_frame(info, ":".join(begins) + mark + last)
            except BadTimecode:
                continue
            if _SEPARATORS.split(film_timecode(info, frame)) == [*begins, last]:
                return frame
        return None


def _names_of(video: Video) -> set[str]:
    return {_key(video.original_name), _key(_stem(video.original_name)), _key(str(video.title))}


def _stem(name: str) -> str:
    """Without the ending of a file; what follows a dot with a blank or as a number is none."""
    suffix = PurePosixPath(name).suffix
    return name[: -len(suffix)] if re.fullmatch(r"\.[A-Za-z]\w{1,4}", suffix) else name


def _key(name: str) -> str:
    return clean_name(name).casefold()
