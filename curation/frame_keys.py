"""Frames as forms and addresses name them: "VIDEO:FRAME" or, of one film, "FRAME", with commas between."""

from collections.abc import Iterable

from django.http import QueryDict

from ava.form_numbers import read_number
from curation.pick_list_frames import FrameKey

MOST_DIGITS = 9


class BadFrames(ValueError):
    """A text that names no frames; the sentence says how they are named."""


def read_frame_keys(fields: QueryDict, *, name: str = "frames") -> list[FrameKey]:
    """The frames of a form, of which `video` may name the film once for all; raises BadFrames."""
    texts = (text.strip() for value in fields.getlist(name) for text in value.split(","))
    return [parse_frame_key(text, video=fields.get("video", "")) for text in texts if text]


def parse_frame_key(text: str, *, video: str = "") -> FrameKey:
    """ "12:345" or, with the film given, "345"; raises BadFrames."""
    film, colon, frame = text.partition(":")
    if not colon:
        film, frame = video, text
    video_id, frame_index = (read_number(each, digits=MOST_DIGITS) for each in (film, frame))
    if video_id is None or frame_index is None:
        raise BadFrames("Name stills as VIDEO:FRAME, such as 12:345, with commas between them.")
    return FrameKey(video_id, frame_index)


def write_frame_keys(keys: Iterable[FrameKey]) -> str:
    """What `read_frame_keys` reads."""
    return ",".join(f"{key.video_id}:{key.frame_index}" for key in keys)


def whole_number(text: str) -> int:
    """The number of a form's or an address's field; -1, which is no frame and no count of stars, for anything else."""
    number = read_number(text, digits=MOST_DIGITS)
    return -1 if number is None else number
