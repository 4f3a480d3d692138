"""What editors decide about frames: append-only rows, of which a frame's newest is its state.

Decisions on one video are taken one after the other, so that two editors who decide at once lose nothing.
"""

from typing import NamedTuple

from django.db import transaction

from ava.models import User, Video
from curation.models import Decision


class InvalidDecision(ValueError):
    """What was asked for is no decision; the sentence says what would be one."""


class DecisionState(NamedTuple):
    verdict: str = Decision.Verdict.NONE
    stars: int = 0


UNDECIDED = DecisionState()


def decide(
    video: Video, *, frame_index: int, user: User, verdict: str | None = None, stars: int | None = None
) -> Decision:
    """Say something about one frame of a film; what is left None stays as it was.

    The frame becomes a still if it is none yet. Raises InvalidDecision for a frame the film does not have, a
    verdict that does not exist, or stars outside 0–5.
    """
    _check(video, frame_index=frame_index, verdict=verdict, stars=stars)
    with transaction.atomic():
        _take_turn(video)
        state = current_state(video, frame_index=frame_index)
        decision = Decision.objects.create(
            video=video,
            frame_index=frame_index,
            user=user,
            verdict=state.verdict if verdict is None else verdict,
            stars=state.stars if stars is None else stars,
        )
        _keep_frame(video, frame_index)
        _publish(decision)
    return decision


def undo(video: Video, *, user: User) -> Decision | None:
    """Take back this user's last decision on the video that still stands; None when there is none left.

    The frame returns to the newest decision that nobody has taken back: what a colleague said since then
    stays. Nothing is deleted; the return is a row of its own.
    """
    with transaction.atomic():
        _take_turn(video)
        standing = Decision.objects.filter(video=video, undoes=None, undone_by=None)
        last = standing.filter(user=user).order_by("-id").first()
        if last is None:
            return None
        before = standing.filter(frame_index=last.frame_index).exclude(pk=last.pk).order_by("-id").first()
        state = DecisionState(before.verdict, before.stars) if before else UNDECIDED
        decision = Decision.objects.create(
            video=video,
            frame_index=last.frame_index,
            user=user,
            verdict=state.verdict,
            stars=state.stars,
            undoes=last,
        )
        _publish(decision)
    return decision


def current_decisions(video: Video) -> dict[int, DecisionState]:
    """Frame index → state of every frame that anybody decided on, in one query."""
    newest = Decision.objects.filter(video=video).order_by("frame_index", "-id").distinct("frame_index")
    return {
        frame: DecisionState(verdict, stars)
        for frame, verdict, stars in newest.values_list("frame_index", "verdict", "stars")
    }


def current_state(video: Video, *, frame_index: int) -> DecisionState:
    newest = Decision.objects.filter(video=video, frame_index=frame_index).order_by("-id")
    row = newest.values_list("verdict", "stars").first()
    return DecisionState(*row) if row else UNDECIDED


def _check(video: Video, *, frame_index: int, verdict: str | None, stars: int | None) -> None:
    if not 0 <= frame_index < video.frame_count:
        raise InvalidDecision(f"This film has frames 0 to {video.frame_count - 1}, and no frame {frame_index}.")
    if verdict is not None and verdict not in Decision.Verdict.values:
        raise InvalidDecision("A verdict is pick, reject, or empty to clear it.")
    if stars is not None and not 0 <= stars <= 5:
        raise InvalidDecision("Stars go from 0 to 5.")
    if verdict is None and stars is None:
        raise InvalidDecision("Give a verdict, stars, or both.")


def _take_turn(video: Video) -> None:
    """Hold the video's row until the transaction ends; readers and rows that refer to it do not wait."""
    Video.objects.select_for_update(no_key=True).values_list("pk").get(pk=video.pk)


def _keep_frame(video: Video, frame_index: int) -> None:
    from curation.services import keep_frame  # services read decisions

    keep_frame(video, frame_index)


def _publish(decision: Decision) -> None:
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    publish(
        title_id=decision.video.title_id,
        message={
            "type": "decision",
            "title_id": decision.video.title_id,
            "video_id": decision.video_id,
            "frame_index": decision.frame_index,
            "verdict": decision.verdict,
            "stars": decision.stars,
            "user": decision.user.get_username(),
        },
    )
