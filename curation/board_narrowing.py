"""A board that shows some chosen stills only: a few frames, a cluster, a group of similar pictures, or what other apps
know of their shots."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict

from ava.form_numbers import read_number
from ava.models import User, Video
from curation.models import Picture

MOST_FRAMES = 2000


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Only these `frames` are shown; `name` is what asks for them in the address, `text` says so."""

    name: str
    text: str
    frames: frozenset[int]


class NarrowingChoice(NamedTuple):
    """A narrowing that the board offers: what the address says for it, how it is called, and `count` of stills."""

    name: str
    value: str
    label: str
    count: int


def read_narrowing(query: QueryDict, *, video: Video, user: User) -> Narrowing | None:
    """What the address narrows a film's board to, if anything; the first of "frames", "cluster" and "group" counts, and
    after them what other apps registered."""
    for name, read in _READERS.items():
        value = query.get(name, "").strip()
        if value and (found := read(value, video, query)) is not None:
            text, frames = found
            return Narrowing(name, text, frozenset(frames))
    registered = (each.read(query, video, user) for each in _registered)
    return next((narrowing for narrowing in registered if narrowing), None)


def offered_narrowings(video: Video, *, user: User) -> list[NarrowingChoice]:
    """What other apps can narrow a film's board to, for this person."""
    return [choice for each in _registered for choice in each.offer(video, user)]


def read_frames(text: str) -> list[int]:
    """Frames of an address, "12,80,7": each once, at most `MOST_FRAMES`; what is no number is left out."""
    found = (read_number(part.strip()) for part in text.split(","))
    return [frame for frame in dict.fromkeys(found) if frame is not None][:MOST_FRAMES]


def _of_frames(value: str, video: Video, query: QueryDict) -> tuple[str, list[int]]:
    frames = read_frames(value)
    return f"{len(frames)} chosen frame{'' if len(frames) == 1 else 's'}", frames


def _of_cluster(value: str, video: Video, query: QueryDict) -> tuple[str, list[int]] | None:
    from curation.cluster_pages import cluster_frames

    number = read_frames(value)
    if not number:
        return None
    frames = cluster_frames(video, number[0], query)
    return f"Cluster {number[0]}", [int(frame) for frame in frames]


def _of_group(value: str, video: Video, query: QueryDict) -> tuple[str, list[int]] | None:
    number = read_frames(value)
    if not number:
        return None
    members = Picture.objects.filter(group=number[0], title=video.title_id, video=video)
    return f"Group {number[0]} of similar pictures", list(members.values_list("frame_index", flat=True))


_Reader = Callable[[str, Video, QueryDict], tuple[str, list[int]] | None]
_READERS: dict[str, _Reader] = {"frames": _of_frames, "cluster": _of_cluster, "group": _of_group}


class _Registered(NamedTuple):
    read: Callable[[QueryDict, Video, User], Narrowing | None]
    offer: Callable[[Video, User], list[NarrowingChoice]]


_registered: list[_Registered] = []


def register(
    *,
    read: Callable[[QueryDict, Video, User], Narrowing | None],
    offer: Callable[[Video, User], list[NarrowingChoice]],
) -> None:
    """Have boards narrowed by what another app knows; called from `AppConfig.ready`."""
    _registered.append(_Registered(read, offer))
