"""What people say of shots: append-only, taken back by marking, bound to frames so that it survives every re-cut."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import uuid4

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from ava.models import User, Video
from ava.turns import take_turn
from search.attribute_vectors import ShotTable, team_videos
from search.models import Attribute, AttributeExample

MOST_AT_ONCE = 500


class InvalidAnswer(ValueError):
    """What was said is no answer; the sentence says what would be one."""


class ShotSpan(NamedTuple):
    """Some frames of a film, half-open."""

    video_id: int
    start_frame: int
    end_frame: int


class Standing(NamedTuple):
    """Which rows of a table of shots have an answer that holds, `row` int64 (N,) rising, and whether each `has_it`."""

    row: NDArray[np.int64]
    has_it: NDArray[np.bool_]


def say(attribute: Attribute, spans: Sequence[ShotSpan], *, has_it: bool, user: User) -> list[AttributeExample]:
    """Say the same of several spans in one action, all of it or nothing; the newest word on a span holds.

    The caller has checked that the user may teach. Raises InvalidAnswer for none or too many spans, a film that is not
    the team's, or frames that it does not have.
    """
    wanted = list(dict.fromkeys(spans))
    action = uuid4()
    with transaction.atomic():
        take_turn(attribute)
        _check(attribute, wanted)
        return AttributeExample.objects.bulk_create(
            AttributeExample(attribute=attribute, **span._asdict(), has_it=has_it, user=user, action=action)
            for span in wanted
        )


def undo(attribute: Attribute, *, user: User) -> list[AttributeExample]:
    """Take back this user's last action that still stands; empty without one. What colleagues said holds."""
    with transaction.atomic():
        take_turn(attribute)
        own = AttributeExample.objects.filter(attribute=attribute, user=user, stands=True).order_by("-id")
        last = own.first()
        if last is None:
            return []
        taken = list(own.filter(action=last.action)) if last.action else [last]
        AttributeExample.objects.filter(pk__in=[row.pk for row in taken]).update(stands=False)
    return taken


def match_examples(attribute: Attribute, shots: ShotTable) -> Standing:
    """Which of these shots an answer holds for, whatever was a shot when it was given.

    A newer answer takes the place of an older one that shares at least half of its frames with it. "Has it" holds for
    the shot that most of its frames lie in; "has it not" only where it covers at least half of that shot, since the
    rest was not looked at. Of two that hold for one shot, "has it" wins: some part of it does.
    """
    films = np.unique(shots.video_id).tolist()
    rows = AttributeExample.objects.filter(attribute=attribute, stands=True, video__in=films)
    said: dict[int, bool] = {}
    by_video: dict[int, list[tuple[int, int, bool]]] = {}
    for video, start, end, has_it in rows.order_by("-id").values_list(
        "video_id", "start_frame", "end_frame", "has_it"
    ):
        newer = by_video.setdefault(video, [])
        if not any(2 * _shared(start, end, other) >= end - start for other in newer):
            newer.append((start, end, has_it))
    for video, answers in by_video.items():
        first, last = np.searchsorted(shots.video_id, [video, video + 1])
        for answer in answers:
            row = _row_of(shots, answer, first=int(first), last=int(last))
            if row is not None:
                said[row] = said.get(row, False) or answer[2]
    order = sorted(said)
    return Standing(np.array(order, dtype=np.int64), np.array([said[row] for row in order], dtype=np.bool_))


def rows_around(shots: ShotTable, spans: Iterable[ShotSpan]) -> NDArray[np.int64]:
    """The rows of the shots that these spans touch."""
    touched = np.zeros(len(shots), dtype=np.bool_)
    for video, start, end in spans:
        touched |= (shots.video_id == video) & (shots.start_frame < end) & (shots.end_frame > start)
    return np.flatnonzero(touched)


def _shared(start: int, end: int, other: tuple[int, int, bool]) -> int:
    return max(min(end, other[1]) - max(start, other[0]), 0)


def _row_of(shots: ShotTable, answer: tuple[int, int, bool], *, first: int, last: int) -> int | None:
    start, end, has_it = answer
    shared = np.minimum(shots.end_frame[first:last], end) - np.maximum(shots.start_frame[first:last], start)
    if not len(shared) or shared.max() <= 0:
        return None
    row = first + int(shared.argmax())
    is_most = 2 * shared.max() >= shots.end_frame[row] - shots.start_frame[row]
    return row if has_it or is_most else None


def _check(attribute: Attribute, spans: Sequence[ShotSpan]) -> None:
    """Holds the films until the transaction ends, so that none is deleted meanwhile."""
    if not spans:
        raise InvalidAnswer("Name at least one shot.")
    if len(spans) > MOST_AT_ONCE:
        raise InvalidAnswer(f"Say it of at most {MOST_AT_ONCE} shots at once.")
    asked = {span.video_id for span in spans}
    known = Video.objects.filter(pk__in=team_videos(attribute.team_id).filter(pk__in=asked).values("pk"))
    lengths = dict(known.select_for_update(no_key=True).order_by("pk").values_list("pk", "frame_count"))
    for span in spans:
        if span.video_id not in lengths:
            raise InvalidAnswer("This film is none of the attribute's team.")
        if not 0 <= span.start_frame < span.end_frame <= lengths[span.video_id]:
            raise InvalidAnswer(
                f"This film has frames 0 to {lengths[span.video_id] - 1}; a shot ends after it begins."
            )

