"""What editors say of a frame's maturity: append-only rows, of which the newest of a frame and kind holds."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet

from ava.models import User, Video
from curation.models import MaturityOverride
from curation.stills.maturity import KINDS

MOST_REASON = 200


class InvalidOverride(ValueError):
    """What was said is no override; the sentence says what would be one."""


def say_maturity(
    video: Video, *, frame_index: int, kind: str, verdict: str, user: User, reason: str = ""
) -> MaturityOverride:
    """Say of one kind in one frame that it is allowed or held back whatever was measured, or, with an empty verdict,
    that what was measured holds again.

    Nothing is changed or deleted: taking something back is a row of its own. Raises InvalidOverride for a frame that
    the film does not have, an unknown kind or verdict, or a reason that is too long.
    """
    reason = reason.strip()
    _check(video, frame_index=frame_index, kind=kind, verdict=verdict, reason=reason)
    with transaction.atomic():
        Video.objects.select_for_update(no_key=True).values_list("pk").get(pk=video.pk)  # one after the other
        override = MaturityOverride.objects.create(
            video=video, frame_index=frame_index, kind=kind, verdict=verdict, user=user, reason=reason
        )
        transaction.on_commit(lambda: _publish(override))
    return override


def _check(video: Video, *, frame_index: int, kind: str, verdict: str, reason: str) -> None:
    if not 0 <= frame_index < video.frame_count:
        raise InvalidOverride(f"This film has frames 0 to {video.frame_count - 1}, and no frame {frame_index}.")
    if kind not in KINDS:
        raise InvalidOverride(f"A kind is one of {', '.join(KINDS)}.")
    if verdict not in MaturityOverride.Verdict.values:
        raise InvalidOverride("A verdict is allow, hold, or empty for what was measured.")
    if len(reason) > MOST_REASON:
        raise InvalidOverride(f"A reason has at most {MOST_REASON} characters; shorten it.")
    if "\0" in reason:
        raise InvalidOverride("A reason is plain text; it holds a character that cannot be kept.")


def current_overrides(video: Video) -> dict[str, dict[int, str]]:
    """Kind → frame → "allow" or "hold", in one query; frames of which what was measured holds are left out."""
    said: dict[str, dict[int, str]] = {}
    newest = MaturityOverride.objects.filter(video=video).order_by("frame_index", "kind", "-id")
    rows = newest.distinct("frame_index", "kind").values_list("kind", "frame_index", "verdict")
    for kind, frame, verdict in rows:
        if verdict:
            said.setdefault(kind, {})[frame] = verdict
    return said


def history_of(video: Video, *, frame_index: int) -> QuerySet[MaturityOverride]:
    """Everything that was said of a frame, newest first."""
    return MaturityOverride.objects.filter(video=video, frame_index=frame_index).select_related("user").order_by("-id")


def newest_of(video: Video) -> Mapping[tuple[int, str], MaturityOverride]:
    """(frame, kind) → the row that holds, with who said it."""
    rows = MaturityOverride.objects.filter(video=video).order_by("frame_index", "kind", "-id")
    return {
        (row.frame_index, row.kind): row for row in rows.distinct("frame_index", "kind").select_related("user")
    }


def _publish(override: MaturityOverride) -> None:
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    publish(
        title_id=override.video.title_id,
        message={
            "type": "maturity",
            "title_id": override.video.title_id,
            "video_id": override.video_id,
            "frame_index": override.frame_index,
            "kind": override.kind,
            "verdict": override.verdict,
            "user": override.user.get_username(),
        },
    )
