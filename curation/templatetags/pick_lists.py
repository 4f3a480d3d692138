"""What pages show of pick lists, notes and mentions."""

from typing import Any

from django import template

from ava.models import Title, Video
from curation.mention_names import people_who_see
from curation.models import PickList
from curation.notes import count_unseen, notes_of_frame, see_mentions
from curation.pick_list_frames import lists_of_frame

register = template.Library()


@register.simple_tag(takes_context=True)
def unseen_mentions(context: dict[str, Any]) -> int:
    """How many notes name the user that they have not seen."""
    return count_unseen(context["user"])


@register.simple_tag(takes_context=True)
def still_notes(context: dict[str, Any], video: Video | None, frame_index: int) -> dict[str, Any]:
    """Notes of the open still and the lists that it is in; whoever looks has seen where the notes name them."""
    if video is None:
        return {}
    seen = see_mentions(context["user"], video=video, frame_index=frame_index)
    lists_in = lists_of_frame(video, frame_index=frame_index)
    others = PickList.objects.filter(title=video.title_id, is_deleted=False)
    return {
        "notes": list(notes_of_frame(video, frame_index=frame_index)),
        "seen": seen,
        "lists": lists_in,
        "other_lists": [each for each in others if each not in lists_in],
        "names": _names(context["title"]),
        "field": f"{video.pk}:{frame_index}",
    }


def _names(title: Title) -> str:
    """The people who may be named in a note, with blanks between: user names hold none."""
    return " ".join(people_who_see(title).values_list("username", flat=True))
