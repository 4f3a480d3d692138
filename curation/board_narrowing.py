"""A board that shows some chosen stills only: a handful of frames, a cluster, or a group of similar pictures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.http import QueryDict

from ava.models import Video
from curation.models import Picture

MOST_FRAMES = 2000


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Only these `frames` are shown; `name` is what asks for them in the address, `text` says so."""

    name: str
    text: str
    frames: frozenset[int]


def read_narrowing(query: QueryDict, *, video: Video) -> Narrowing | None:
    """What the address narrows a film's board to, if anything; the first of "frames", "cluster" and "group" counts."""
    for name, read in _READERS.items():
        value = query.get(name, "").strip()
        if value and (found := read(value, video, query)) is not None:
            text, frames = found
            return Narrowing(name, text, frozenset(frames))
    return None


def read_frames(text: str) -> list[int]:
    """Frames of an address, "12,80,7": each once, at most `MOST_FRAMES`; what is no number is left out."""
    numbers = (part.strip() for part in text.split(","))
    found = (int(part) for part in numbers if part.isascii() and part.isdigit() and len(part) < 10)
    return list(dict.fromkeys(found))[:MOST_FRAMES]


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
_READERS: Mapping[str, _Reader] = MappingProxyType({"frames": _of_frames, "cluster": _of_cluster, "group": _of_group})
