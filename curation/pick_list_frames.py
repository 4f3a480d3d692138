"""Which frames are in a pick list, and in which order: of each frame the newest entry holds."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from ava.models import Title, Video
from curation.models import PickList, PickListEntry


class FrameKey(NamedTuple):
    """One frame of one film."""

    video_id: int
    frame_index: int


def listed_frames(pick_list: PickList) -> list[FrameKey]:
    """The frames of a list in its order, in one query."""
    return frames_of_lists([pick_list.pk]).get(pick_list.pk, [])


def frames_of_lists(pks: Iterable[int]) -> dict[int, list[FrameKey]]:
    """List → its frames in its order, in one query; lists without frames are left out."""
    rows: dict[int, list[tuple[float, int, FrameKey]]] = {}
    for entry in newest_entries(PickListEntry.objects.filter(pick_list__in=list(pks))):
        if entry.is_in:
            rows.setdefault(entry.pick_list_id, []).append((entry.position, entry.pk, key_of(entry)))
    return {pk: [key for *_, key in sorted(placed)] for pk, placed in rows.items()}


def lists_of_frame(video: Video, *, frame_index: int) -> list[PickList]:
    """The lists of its title that hold a frame, by name."""
    entries = PickListEntry.objects.filter(video=video, frame_index=frame_index, pick_list__is_deleted=False)
    pks = [entry.pick_list_id for entry in newest_entries(entries) if entry.is_in]
    return list(PickList.objects.filter(pk__in=pks))


def lists_with_frames(title: Title) -> list[tuple[PickList, list[FrameKey]]]:
    """Every list of a title with its frames, by name, in two queries."""
    lists = list(PickList.objects.filter(title=title, is_deleted=False))
    frames = frames_of_lists(each.pk for each in lists)
    return [(each, frames.get(each.pk, [])) for each in lists]


def newest_entries(entries: QuerySet[PickListEntry]) -> QuerySet[PickListEntry]:
    """The newest of each list and frame among these entries."""
    places = ("pick_list_id", "video_id", "frame_index")
    return entries.order_by(*places, "-id").distinct(*places)


def key_of(entry: PickListEntry) -> FrameKey:
    return FrameKey(entry.video_id, entry.frame_index)
