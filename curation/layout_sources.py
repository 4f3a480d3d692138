"""Pictures that can be laid out: frames of films and artworks, with what is known to be in them."""

import io
from abc import ABC, abstractmethod
from dataclasses import replace
from functools import cached_property

import numpy as np
from asgiref.sync import async_to_sync
from django.db.models.fields.files import FieldFile
from numpy.typing import NDArray
from PIL import Image

from ava.decoder_process import DecoderDied
from ava.frames import Busy, frame_jpeg
from ava.media.decode import UndecodableFrame
from ava.media.picture_copies import shrink
from ava.media.picture_file import UnusablePicture, read_picture
from ava.media.probe import UnusableVideo
from ava.media.timecode import film_timecode
from ava.models import Title, Video
from ava.picture_area import known_area
from ava.storage import local_path
from ava.video_facts import video_info
from curation.layout.box import Box
from curation.layout.contents import PictureContents
from curation.layout.picture import find_area
from curation.layout_findings import Findings, find_in_artwork, find_in_frame
from curation.models import Artwork, Picture, Still
from curation.picture_rows import row_of_artwork, row_of_frame
from curation.previews import PREVIEW_SIDE_PX


class UnreadableSource(Exception):
    """The pixels of a picture cannot be had; the sentence says why."""


class NoSuchFrame(ValueError):
    """The film does not have that frame; the sentence says which it has."""


class LayoutSource(ABC):
    """A picture that can be laid out. What is asked of the database is asked when it is needed, and once."""

    title: Title
    size: tuple[int, int]
    """Width and height of the picture, in whose pixels everything is said."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call it."""

    @property
    @abstractmethod
    def pixels_key(self) -> str:
        """The same for the same pixels only."""

    @abstractmethod
    def pixels(self) -> NDArray[np.uint8]:
        """RGB ``uint8 (h, w, 3)`` of about 640 px: a stored preview, else from the picture itself.

        Raises UnreadableSource.
        """

    @property
    @abstractmethod
    def contents(self) -> PictureContents:
        """What is known to be in the picture, in its pixels."""

    @property
    @abstractmethod
    def unknown(self) -> tuple[str, ...]:
        """Sentences on what was not looked for, and why."""

    @abstractmethod
    def picture(self) -> Picture:
        """The row that choices are bound to, made now if there is none."""

    @abstractmethod
    def known_picture(self) -> Picture | None:
        """The row that choices are bound to, if there is one."""


class FrameSource(LayoutSource):
    """A frame of a film."""

    def __init__(self, video: Video, frame_index: int) -> None:
        self.video, self.frame_index = video, frame_index
        self.title, self.size = video.title, (video.width, video.height)

    @property
    def name(self) -> str:
        timecode = self._still.timecode if self._still else film_timecode(video_info(self.video), self.frame_index)
        return f"{self.title} at {timecode}"

    @property
    def pixels_key(self) -> str:
        preview = self._still.image.name if self._still else ""
        return f"frame {self.video.sha256} {self.frame_index} {preview}"

    def pixels(self) -> NDArray[np.uint8]:
        rgb = _read(self._still.image) if self._still else None
        return self._decode() if rgb is None else rgb

    @property
    def contents(self) -> PictureContents:
        return self._findings.contents

    @property
    def unknown(self) -> tuple[str, ...]:
        return self._findings.unknown

    def picture(self) -> Picture:
        return row_of_frame(self.video, self.frame_index)

    def known_picture(self) -> Picture | None:
        return Picture.objects.filter(video=self.video, frame_index=self.frame_index).defer("descriptor").first()

    @cached_property
    def _findings(self) -> Findings:
        return find_in_frame(self.video, self.frame_index, area=known_area(self.video))

    @cached_property
    def _still(self) -> Still | None:
        """The still that this frame is now, if it is one."""
        return self.video.stills.filter(frame_index=self.frame_index).only("video", "timecode", "image").first()

    def _decode(self) -> NDArray[np.uint8]:
        try:
            encoded = async_to_sync(frame_jpeg)(self.video, frame=self.frame_index, width_px=PREVIEW_SIDE_PX)
        except (UndecodableFrame, UnusableVideo, DecoderDied, Busy, OSError) as error:
            raise UnreadableSource(f"Frame {self.frame_index} of {self.video} cannot be had: {error}") from error
        with Image.open(io.BytesIO(encoded), formats=["JPEG"]) as image:
            return np.array(image.convert("RGB"))


class ArtworkSource(LayoutSource):
    """An artwork that was brought in."""

    def __init__(self, artwork: Artwork) -> None:
        self.artwork = artwork
        self.title, self.size = artwork.title, (artwork.width, artwork.height)

    @property
    def name(self) -> str:
        return str(self.artwork)

    @property
    def pixels_key(self) -> str:
        return f"artwork {self.artwork.sha256}"

    def pixels(self) -> NDArray[np.uint8]:
        return self._pixels

    @cached_property
    def contents(self) -> PictureContents:
        """What was found, within the bars that the picture may have; where it cannot be read, it has none."""
        found = self._findings.contents
        try:
            area = find_area(self._pixels, size=self.size)
        except UnreadableSource:
            return found
        return replace(found, area=Box(*area))

    @property
    def unknown(self) -> tuple[str, ...]:
        return self._findings.unknown

    def picture(self) -> Picture:
        return row_of_artwork(self.artwork)

    def known_picture(self) -> Picture | None:
        return Picture.objects.filter(artwork=self.artwork).defer("descriptor").first()

    @cached_property
    def _findings(self) -> Findings:
        return find_in_artwork(self.artwork)

    @cached_property
    def _pixels(self) -> NDArray[np.uint8]:
        rgb = _read(self.artwork.preview)
        if rgb is None:
            whole = _read(self.artwork.picture)
            rgb = None if whole is None else np.array(shrink(Image.fromarray(whole), width_px=PREVIEW_SIDE_PX))
        if rgb is None:
            raise UnreadableSource(f"{self.artwork} can no longer be read; delete it and bring it again.")
        return rgb


def source_of_frame(video: Video, frame: int) -> FrameSource:
    """A frame of a film as something to lay out; raises NoSuchFrame."""
    if not 0 <= frame < video.frame_count:
        raise NoSuchFrame(f"This film has frames 0 to {video.frame_count - 1}, and no frame {frame}.")
    return FrameSource(video, frame)


def source_of_artwork(artwork: Artwork) -> ArtworkSource:
    """An artwork as something to lay out."""
    return ArtworkSource(artwork)


def source_of_picture(picture: Picture) -> LayoutSource:
    """What a picture's row stands for, as something to lay out."""
    if picture.artwork is not None:
        return ArtworkSource(picture.artwork)
    assert picture.video is not None and picture.frame_index is not None  # the database holds one or the other
    return FrameSource(picture.video, picture.frame_index)


def _read(stored: FieldFile) -> NDArray[np.uint8] | None:
    """The pixels of a stored picture; None where there is none, or none that can be read."""
    if not stored:
        return None
    try:
        return read_picture(local_path(stored))
    except (UnusablePicture, OSError):
        return None
