"""The picture that somebody looks for others like: found, fetched, cut to its region, and described where no encoder
knows pictures."""

from typing import NamedTuple

import numpy as np
from asgiref.sync import async_to_sync
from numpy.typing import NDArray

from ava.decoder_process import DecoderDied
from ava.frames import Busy, frame_jpeg
from ava.media.decode import UndecodableFrame
from ava.media.probe import UnusableVideo
from ava.models import User, Video
from ava.selectors import access_videos
from curation.selectors import access_stills
from search.embed.describe import describe_facts
from search.embed.encoder import RgbPicture
from search.embed.facts import ShotFacts
from search.query import Like, Query, Region
from search.uploaded_pictures import read_picture

WIDTH_PX = 640


class NoExample(ValueError):
    """The example cannot be looked at; the sentence says why. The same of what is not there and what is not theirs."""


class Example(NamedTuple):
    """What is to be looked for: a `frame` of a `video`, or, where that is None, an uploaded `picture`."""

    video: Video | None
    frame: int
    picture: RgbPicture | None


def find_example(like: Like, *, user: User) -> Example:
    """The example that a query names, within what the person may see. Raises NoExample with a sentence."""
    if like.kind == "upload":
        picture = read_picture(like.token, user=user)
        if picture is None:
            raise NoExample("The picture you brought is not kept any more; bring it again.")
        return Example(None, 0, picture)
    video_id, frame = like.key, like.frame
    if like.kind == "still":
        still = access_stills(user).filter(pk=like.key).values_list("video_id", "frame_index").first()
        if still is None:
            raise NoExample("There is no such still any more; choose another example.")
        video_id, frame = still
    video = access_videos(user).filter(pk=video_id).first()
    if video is None or frame >= video.frame_count:
        raise NoExample("There is no such shot any more; choose another example.")
    return Example(video, frame, None)


def example_pixels(example: Example, region: Region | None) -> RgbPicture:
    """The pixels of an example or of a region of it, RGB. Raises NoExample where the film gives none."""
    pixels = example.picture if example.picture is not None else _frame_pixels(example)
    if region is None:
        return pixels
    height, width = pixels.shape[:2]
    x0, y0 = int(region.x0 * width), int(region.y0 * height)
    x1, y1 = max(round(region.x1 * width), x0 + 1), max(round(region.y1 * height), y0 + 1)
    return np.ascontiguousarray(pixels[y0:y1, x0:x1])


def describe_picture(pixels: RgbPicture) -> str:
    """A picture's colours and light in the sentences that shots are described in."""
    from ava.annotate.base import find_annotators
    from ava.annotate.picture import measure_picture, measures_single_frames
    from search.embed.shot_signals import SIGNALS, read_signals

    wanted = {name.partition(".")[0] for name in SIGNALS}
    annotators = [each for each in find_annotators() if each.name in wanted and measures_single_frames(each)]
    for annotator in annotators:
        annotator.load()
    measured = measure_picture(pixels, annotators=annotators)
    signals: dict[str, NDArray[np.float32]] = {
        name: np.array([value], dtype=np.float32) for name, value in measured.items()
    }
    read = read_signals(signals, start_frame=0, end_frame=1, fps=1.0)
    facts = ShotFacts(start_frame=0, end_frame=1, duration_s=1.0, **read._asdict())
    told = [each.text for each in describe_facts(facts) if each.fact in {"colours", "light", "focus"}]
    return " ".join(told)


def needs_pixels(query: Query) -> bool:
    """Whether the example is a picture of its own, not the shot around it."""
    return query.region is not None or (query.like is not None and query.like.kind == "upload")


def _frame_pixels(example: Example) -> RgbPicture:
    import cv2

    from ava.media.colour import from_bgr

    assert example.video is not None
    try:
        content = async_to_sync(frame_jpeg)(example.video, frame=example.frame, width_px=WIDTH_PX)
    except (UndecodableFrame, UnusableVideo, DecoderDied, Busy, OSError) as error:
        raise NoExample(f"The example cannot be looked at: {error}") from error
    return from_bgr(cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR))
