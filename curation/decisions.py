"""What editors decide about frames: append-only rows, of which a frame's newest is its state.

Decisions on one video are taken one after the other, so that two editors who decide at once lose nothing.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count

from ava.models import User, Video
from ava.turns import take_turn
from curation.models import Decision


class InvalidDecision(ValueError):
    """What was asked for is no decision; the sentence says what would be one."""


class DecisionState(NamedTuple):
    verdict: str = Decision.Verdict.NONE
    stars: int = 0


UNDECIDED = DecisionState()


def decide(
    video: Video,
    *,
    frame_index: int,
    user: User,
    verdict: str | None = None,
    stars: int | None = None,
    action: UUID | None = None,
) -> Decision:
    """Say something about one frame of a film; what is left None stays as it was.

    The frame becomes a still if it is none yet. Decisions of one user that share an `action` are taken back together.
    Raises InvalidDecision for a frame the film does not have, a verdict that does not exist, or stars outside 0–5.
    """
    return decide_many(video, frames=[frame_index], user=user, verdict=verdict, stars=stars, action=action)[0]


def decide_many(
    video: Video,
    *,
    frames: Sequence[int],
    user: User,
    verdict: str | None = None,
    stars: int | None = None,
    action: UUID | None = None,
) -> list[Decision]:
    """Say the same about several frames in one action, all of it or nothing; otherwise as `decide`."""
    chosen = list(dict.fromkeys(frames))
    _check(video, frames=chosen, verdict=verdict, stars=stars)
    if action is None and len(chosen) > 1:
        action = uuid4()
    with transaction.atomic():
        take_turn(video)
        states = states_of(video, chosen)
        decided = Decision.objects.bulk_create(
            Decision(
                video=video,
                frame_index=frame,
                user=user,
                verdict=states.get(frame, UNDECIDED).verdict if verdict is None else verdict,
                stars=states.get(frame, UNDECIDED).stars if stars is None else stars,
                action=action,
            )
            for frame in chosen
        )
        keep_frames(video, chosen)
        _publish(decided)
    return decided


def take_instead(video: Video, *, frame_index: int, instead_of: int, verdict: str, user: User) -> list[Decision]:
    """Pick a frame in place of another, which gets `verdict`, rejected or none, in one action.

    Stars go over to the frame that is taken. Raises InvalidDecision as `decide`, and for a frame in its own place.
    """
    if frame_index == instead_of:
        raise InvalidDecision("A frame cannot take its own place; choose another.")
    if verdict not in {Decision.Verdict.NONE, Decision.Verdict.REJECT}:
        raise InvalidDecision("The frame that is left is rejected, or undecided again.")
    action = uuid4()
    with transaction.atomic():
        _check(video, frames=[frame_index, instead_of], verdict=verdict, stars=0)
        take_turn(video)
        stars = states_of(video, [instead_of]).get(instead_of, UNDECIDED).stars
        left = decide(video, frame_index=instead_of, user=user, verdict=verdict, stars=0, action=action)
        taken = decide(
            video, frame_index=frame_index, user=user, verdict=Decision.Verdict.PICK, stars=stars, action=action
        )
    return [taken, left]


def undo(video: Video, *, user: User) -> Decision | None:
    """Take back this user's last action; of its frames the one decided on last. None when there is none left."""
    undone = undo_action(video, user=user)
    return undone[0] if undone else None


def undo_action(video: Video, *, user: User) -> list[Decision]:
    """Take back all that this user's last action on the video decided and that still stands; empty without one.

    Each frame returns to the newest decision that nobody has taken back: what a colleague said since then stays.
    Nothing is deleted; each return is a row of its own, the last decision's first.
    """
    with transaction.atomic():
        take_turn(video)
        standing = Decision.objects.filter(video=video, undoes=None, undone_by=None)
        own = standing.filter(user=user).order_by("-id")
        last = own.first()
        if last is None:
            return []
        rows = list(own.filter(action=last.action)) if last.action else [last]
        gone, before = [row.pk for row in rows], {}
        others = standing.filter(frame_index__in={row.frame_index for row in rows}).exclude(pk__in=gone)
        for row in others.order_by("id"):
            before[row.frame_index] = DecisionState(row.verdict, row.stars)
        undone = Decision.objects.bulk_create(
            Decision(
                video=video, frame_index=row.frame_index, user=user, undoes=row,
                **before.get(row.frame_index, UNDECIDED)._asdict(),
            )
            for row in rows
        )  # fmt: skip
        _publish(undone)
    return undone


def current_decisions(video: Video) -> dict[int, DecisionState]:
    """Frame index → state of every frame that anybody decided on, in one query."""
    newest = Decision.objects.filter(video=video).order_by("frame_index", "-id").distinct("frame_index")
    return {
        frame: DecisionState(verdict, stars)
        for frame, verdict, stars in newest.values_list("frame_index", "verdict", "stars")
    }


def states_of(video: Video, frames: Collection[int]) -> dict[int, DecisionState]:
    """Frame index → state of those of the frames that anybody decided on, in one query."""
    newest = Decision.objects.filter(video=video, frame_index__in=frames)
    newest = newest.order_by("frame_index", "-id").distinct("frame_index")
    return {
        frame: DecisionState(verdict, stars)
        for frame, verdict, stars in newest.values_list("frame_index", "verdict", "stars")
    }


def who_decided(video: Video, *, frame_index: int) -> str:
    """The name of whoever gave a frame the state that it has; empty where nobody did, or it was taken back."""
    newest = Decision.objects.filter(video=video, frame_index=frame_index).order_by("-id")
    row = newest.exclude(verdict="", stars=0).values_list("user__username", "pk").first()
    return row[0] if row and row[1] == newest.values_list("pk", flat=True).first() else ""


def count_verdicts(video: Video) -> dict[str, int]:
    """Verdict → frames of a film that have it now, those without one left out."""
    newest = Decision.objects.filter(video=video).order_by("frame_index", "-id").distinct("frame_index")
    rows = Decision.objects.filter(pk__in=newest.values("pk")).exclude(verdict="").order_by().values("verdict")
    return {row["verdict"]: row["count"] for row in rows.annotate(count=Count("pk"))}


def current_state(video: Video, *, frame_index: int) -> DecisionState:
    return states_of(video, [frame_index]).get(frame_index, UNDECIDED)


def _check(video: Video, *, frames: Sequence[int], verdict: str | None, stars: int | None) -> None:
    if not frames:
        raise InvalidDecision("Name at least one frame.")
    for frame in frames:
        if not 0 <= frame < video.frame_count:
            raise InvalidDecision(f"This film has frames 0 to {video.frame_count - 1}, and no frame {frame}.")
    if verdict is not None and verdict not in Decision.Verdict.values:
        raise InvalidDecision("A verdict is pick, reject, or empty to clear it.")
    if stars is not None and not 0 <= stars <= 5:
        raise InvalidDecision("Stars go from 0 to 5.")
    if verdict is None and stars is None:
        raise InvalidDecision("Give a verdict, stars, or both.")



def keep_frames(video: Video, frames: Sequence[int]) -> None:
    from curation.services import keep_frame  # services read decisions

    known = set(video.stills.filter(frame_index__in=frames).values_list("frame_index", flat=True))
    for frame in frames:
        if frame not in known:
            keep_frame(video, frame)


def _publish(decided: Sequence[Decision]) -> None:
    """Tell everybody who sees the title; an action on several frames is one message."""
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    states = [
        {"frame_index": each.frame_index, "verdict": each.verdict, "stars": each.stars} for each in decided
    ]
    first = decided[0]
    message = {"title_id": first.video.title_id, "video_id": first.video_id, "user": first.user.get_username()}
    if len(states) == 1:
        message |= {"type": "decision"} | states[0]
    else:
        message |= {"type": "decisions", "states": states}
    publish(title_id=first.video.title_id, message=message)
