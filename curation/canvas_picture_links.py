"""Addresses of canvases' pictures, and signed ones that whoever has them can open for a while without signing in."""

import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.signing import Signer
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from ava.models import User, Video
from ava.selectors import access_videos
from curation.layout_sources import ArtworkSource, FrameSource, NoSuchFrame, source_of_artwork, source_of_frame
from curation.models import Artwork, Still
from curation.selectors import access_artworks, access_stills

_STILL, _FRAME, _ARTWORK = re.compile(r"(\d{1,18})"), re.compile(r"v(\d{1,18})f(\d{1,9})"), re.compile(r"a(\d{1,18})")
_SIGNED = ("canvas", "w", "format")
_SIGNER = Signer(salt="curation.canvas-picture")


class ExpiredLink(Exception):
    """A signed address that was right until it expired; the sentence says when."""


class Link(NamedTuple):
    """A signed address that holds: for so many seconds from now."""

    seconds_left: int


def find_source(ref: str, *, user: User | None) -> FrameSource | ArtworkSource:
    """The picture of a reference: `123` a still's id, `v7f1234` frame 1234 of video 7, `a12` artwork 12.

    Of what the user may see; of everything without one, for addresses that were signed for it. Raises Http404.
    """
    if match := _STILL.fullmatch(ref):
        stills = Still.objects.all() if user is None else access_stills(user)
        still = get_object_or_404(stills.select_related("video__title"), pk=int(match[1]))
        return source_of_frame(still.video, still.frame_index)
    if match := _FRAME.fullmatch(ref):
        videos = Video.objects.all() if user is None else access_videos(user)
        try:
            return source_of_frame(get_object_or_404(videos.select_related("title"), pk=int(match[1])), int(match[2]))
        except NoSuchFrame as error:
            raise Http404(str(error)) from error
    if match := _ARTWORK.fullmatch(ref):
        artworks = Artwork.objects.all() if user is None else access_artworks(user)
        return source_of_artwork(get_object_or_404(artworks.select_related("title"), pk=int(match[1])))
    raise Http404("A picture is a still's number, v7f1234 for a film's frame, or a12 for an artwork.")


def picture_address(ref: str, *, canvas: str, width_px: int | None = None, format: str | None = None) -> str:
    """The address of a picture on a canvas, for those who are signed in."""
    return f"{reverse('canvas-picture', args=[ref])}?{urlencode(_asked(canvas, width_px, format))}"


def signed_address(
    ref: str, *, canvas: str, expires: datetime, width_px: int | None = None, format: str | None = None
) -> str:
    """An address that anybody can open until it expires, for exactly this picture, canvas, width and format.

    The crop may still be changed: the address shows the one that holds when it is opened. Changing the installation's
    secret key ends all such addresses.
    """
    asked = _asked(canvas, width_px, format) | {"expires": str(int(expires.timestamp()))}
    asked["signature"] = _signature(ref, asked)
    return f"{reverse('canvas-picture', args=[ref])}?{urlencode(asked)}"


def lasting_ref(source: FrameSource | ArtworkSource) -> str:
    """The reference that names a picture for good: the next analysis of a film takes its stills' numbers away."""
    if isinstance(source, ArtworkSource):
        return f"a{source.artwork.pk}"
    return f"v{source.video.pk}f{source.frame_index}"


def check_link(ref: str, query: QueryDict) -> Link | None:
    """Whether a query is a signed one that holds; None where it is not signed at all.

    Raises Http404 for one that was tampered with, and ExpiredLink.
    """
    if "signature" not in query:
        return None
    if not constant_time_compare(query["signature"], _signature(ref, query)) or not query.get("expires", "").isdigit():
        raise Http404("This address is not what was signed.")
    seconds_left = int(query["expires"]) - int(timezone.now().timestamp())
    if seconds_left <= 0:
        raise ExpiredLink("This address has expired; ask whoever sent it for a new one.")
    return Link(seconds_left)


def _asked(canvas: str, width_px: int | None, format: str | None) -> dict[str, str]:
    asked = {"canvas": canvas, "w": "" if width_px is None else str(width_px), "format": format or ""}
    return {name: value for name, value in asked.items() if value}


def _signature(ref: str, asked: dict[str, str] | QueryDict) -> str:
    # Of every value one: a query that names one twice is read by its last, and that is the one that is signed.
    return _SIGNER.signature("\n".join([ref, *(asked.get(name, "") or "" for name in (*_SIGNED, "expires"))]))
