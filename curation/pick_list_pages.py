"""Page-shaped reads of pick lists: a constant number of queries a film, however many stills there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ava.models import Title, User, Video
from ava.selectors import packed_fields
from curation.board_cards import StillCard, describe_frames
from curation.frame_keys import write_frame_keys
from curation.models import PickList, StillNote
from curation.notes import notes_by_frame
from curation.pick_list_frames import FrameKey, listed_frames, lists_with_frames
from curation.selectors import access_deleted_pick_lists
from curation.still_people import cast_of_board

COVERS = 4
SHOWN_DELETED = 10


@dataclass(frozen=True, slots=True)
class ListCard:
    """A list among others: how much is in it, and its first pictures."""

    pick_list: PickList
    count: int
    covers: Sequence[FrameKey]


@dataclass(frozen=True, slots=True)
class ListedStill:
    """A still at its place in a list, and, as forms name them, the one before it and the second after it."""

    place: int
    key: FrameKey
    video: Video
    card: StillCard
    notes: Sequence[StillNote]

    before: str = ""
    after_next: str = ""

    @property
    def field(self) -> str:
        """As forms name it."""
        return write_frame_keys([self.key])


def list_cards(title: Title) -> list[ListCard]:
    """Every list of a title, by name."""
    return [
        ListCard(pick_list, len(frames), frames[:COVERS]) for pick_list, frames in lists_with_frames(title)
    ]


def deleted_lists(user: User, title: Title) -> list[PickList]:
    """The lists of a title that were deleted last by the user, who can bring them back."""
    deleted = access_deleted_pick_lists(user).filter(title=title, steps__user=user, steps__kind="delete")
    return list(deleted.distinct().order_by("-pk")[:SHOWN_DELETED])


def listed_stills(pick_list: PickList) -> list[ListedStill]:
    """The stills of a list in its order, as people see them."""
    keys = listed_frames(pick_list)
    cards = describe_keys(keys)
    notes = {pk: notes_by_frame(video) for pk, video in _videos(keys).items()}
    keys = [key for key in keys if key in cards]
    fields = ["", *map(write_frame_keys, ([key] for key in keys)), "", ""]
    return [
        ListedStill(
            place, key, *cards[key], notes[key.video_id].get(key.frame_index, ()),
            before=fields[place - 1], after_next=fields[place + 2],
        )
        for place, key in enumerate(keys, start=1)
    ]  # fmt: skip


def describe_keys(keys: Iterable[FrameKey]) -> dict[FrameKey, tuple[Video, StillCard]]:
    """Frames with their films and cards; frames of films that are gone are left out."""
    keys = list(keys)
    found = {}
    for pk, video in _videos(keys).items():
        frames = [key.frame_index for key in keys if key.video_id == pk]
        for card in describe_frames(video, frames, cast=cast_of_board(video)):
            found[FrameKey(pk, card.frame_index)] = (video, card)
    return found


def _videos(keys: Iterable[FrameKey]) -> dict[int, Video]:
    return Video.objects.defer(*packed_fields()).in_bulk({key.video_id for key in keys})
