"""Comparisons of stills: somebody had two or more before their eyes and said which is the better one.

They are appended one say after the other; undoing takes back the newest of one's own that stands, whole.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from ava.models import User, Video
from ava.turns import take_turn
from curation.decisions import keep_frames
from curation.models import Comparison

MOST_AT_ONCE = 8
MOST_PURPOSE = 60


class InvalidComparison(ValueError):
    """What was said compares no two frames of the film; the sentence says what would."""


def compare(video: Video, *, better: int, worse: Sequence[int], user: User, purpose: str = "") -> list[Comparison]:
    """Say that one frame is better than each of some others, all of them before the user's eyes.

    Frames that are no stills yet become such, so that they are described. Raises InvalidComparison for frames that the
    film does not have, the same frame on both sides, nothing to compare with, or a purpose that cannot be stored.
    """
    others = list(dict.fromkeys(worse))
    _check(video, better=better, others=others, purpose=purpose)
    with transaction.atomic():
        take_turn(video)
        said = [
            Comparison(video=video, better_frame=better, worse_frame=other, purpose=purpose, user=user)
            for other in others
        ]
        Comparison.objects.bulk_create(said)
        # What was said at once is known by its time, and undone at once.
        now = timezone.now()
        Comparison.objects.filter(pk__in=[each.pk for each in said]).update(created_at=now)
        for each in said:
            each.created_at = now
        keep_frames(video, [better, *others])
    return said


def undo_comparison(video: Video, *, user: User) -> list[Comparison]:
    """Take back what this user said last of this film and still stands; empty when there is nothing left."""
    with transaction.atomic():
        take_turn(video)
        own = Comparison.objects.filter(video=video, user=user, stands=True)
        last = own.order_by("-id").first()
        if last is None:
            return []
        undone = list(own.filter(created_at=last.created_at).order_by("id"))
        Comparison.objects.filter(pk__in=[each.pk for each in undone]).update(stands=False)
        for each in undone:
            each.stands = False
    return undone


def compared_pairs(video: Video) -> set[tuple[int, int]]:
    """The pairs of frames (lower, higher) that anybody's standing comparison is of."""
    rows = Comparison.objects.filter(video=video, stands=True).values_list("better_frame", "worse_frame")
    return {(min(pair), max(pair)) for pair in rows}


def count_comparisons(video: Video, *, user: User | None = None) -> int:
    """How many comparisons of this film stand, a user's alone where one is given."""
    standing = Comparison.objects.filter(video=video, stands=True)
    return (standing if user is None else standing.filter(user=user)).count()


def _check(video: Video, *, better: int, others: list[int], purpose: str) -> None:
    for frame in (better, *others):
        if not 0 <= frame < video.frame_count:
            raise InvalidComparison(
                f"This film has frames 0 to {video.frame_count - 1}; give better and worse as such."
            )
    if not others:
        raise InvalidComparison("Say what the better frame is better than: worse is missing.")
    if better in others:
        raise InvalidComparison("A frame is not better than itself; give two different ones.")
    if len(others) > MOST_AT_ONCE:
        raise InvalidComparison(f"Compare with at most {MOST_AT_ONCE} frames at once.")
    if len(purpose) > MOST_PURPOSE or "\0" in purpose:
        raise InvalidComparison(f"A purpose is a name of at most {MOST_PURPOSE} characters.")

