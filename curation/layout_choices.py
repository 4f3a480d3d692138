"""What people choose for the layout of a picture: append-only steps, of which the newest that stands holds.

Steps on the pictures of one title are taken one after the other, so that two editors who choose at once lose nothing.
The caller has checked that the user may edit the title.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from ava.models import User
from ava.turns import take_turn
from curation.layout.box import Box
from curation.layout.canvases import Kind
from curation.layout.layouts import Chosen
from curation.layout_checks import Choice, InvalidLayoutChoice, check_choice
from curation.models import LayoutStep, Picture
from curation.team_canvases import canvases_of

Subject = LayoutStep.Subject
MOST_AT_ONCE = 500
"""Choices in one action: more than a focal point with crop and overlays of every canvas."""


class LayoutChange(NamedTuple):
    """The steps that were taken, taken back or taken again, none where nothing changed, and a sentence for people."""

    steps: tuple[LayoutStep, ...]
    sentence: str


def chosen_for(picture: Picture | None) -> Chosen:
    """What is chosen for a picture, as it was said; in one query, in none for a picture without a row."""
    steps = standing_choices(picture) if picture is not None else {}
    values = {place: step.value for place, step in steps.items() if step.value is not None}
    point = values.get(("", Subject.FOCAL_POINT))
    return Chosen(
        focal_point=(point[0], point[1]) if point else None,
        crops={canvas: Box(*value) for (canvas, subject), value in values.items() if subject == Subject.CROP},
        placements={
            (canvas, cast(Kind, subject)): Box(*value)
            for (canvas, subject), value in values.items()
            if subject not in {Subject.FOCAL_POINT, Subject.CROP}
        },
    )


def standing_choices(picture: Picture) -> Mapping[tuple[str, str], LayoutStep]:
    """(canvas, subject) → the step that holds, with who took it; also those that reset to what is proposed."""
    return standing_choices_of([picture]).get(picture.pk, {})


def standing_choices_of(pictures: Iterable[Picture]) -> Mapping[int, Mapping[tuple[str, str], LayoutStep]]:
    """Number of a picture → its `standing_choices`, of those that have any; in one query for any number of pictures."""
    places = ("picture_id", "canvas", "subject")
    steps = LayoutStep.objects.filter(picture__in=[each.pk for each in pictures], stands=True)
    found: dict[int, dict[tuple[str, str], LayoutStep]] = {}
    for step in steps.order_by(*places, "-id").distinct(*places).select_related("user"):
        found.setdefault(step.picture_id, {})[step.canvas, step.subject] = step
    return found


def choose(
    picture: Picture, *, subject: str, canvas: str = "", value: Sequence[float] | None, user: User,
    action: UUID | None = None, also: Iterable[Choice] = (),
) -> LayoutChange:  # fmt: skip
    """Choose one thing, and with ``also`` more in the same action; see ``Choice`` for the fields.

    Raises InvalidLayoutChoice.
    """
    return choose_many(picture, [Choice(subject, canvas, value), *also], user=user, action=action)


@transaction.atomic
def choose_many(picture: Picture, choices: Sequence[Choice], *, user: User, action: UUID | None = None) -> LayoutChange:
    """Choose several things in one action, all of them or nothing. What is so already takes no step.

    Of two choices of the same thing the later holds. Raises InvalidLayoutChoice.
    """
    if not choices:
        raise InvalidLayoutChoice("Choose at least one thing.")
    if len(choices) > MOST_AT_ONCE:
        raise InvalidLayoutChoice(f"Choose {MOST_AT_ONCE} things at once at most.")
    take_turn(picture.title)
    check_present([picture])
    now = {place: step.value for place, step in standing_choices(picture).items()}
    canvases = {canvas.key: canvas for canvas in canvases_of(picture.title)}
    checked = [check_choice(each, size=size_of(picture), canvases=canvases, known=frozenset(now)) for each in choices]
    wanted = {(each.canvas, each.subject): each.value for each in checked}
    news = [
        Choice(subject, canvas, value)
        for (canvas, subject), value in wanted.items()
        if value != now.get((canvas, subject))
    ]
    steps = take_steps({picture: news}, user=user, action=action)
    return LayoutChange(tuple(steps), tell_steps(steps) if steps else _nothing_new(wanted.values()))


def reset_layout(picture: Picture, *, user: User, canvas: str | None = None) -> LayoutChange:
    """Reset everything that is chosen for a picture, or for one of its canvases, to what is proposed."""
    with transaction.atomic():
        take_turn(picture.title)
        chosen = [
            Choice(step.subject, step.canvas)
            for step in standing_choices(picture).values()
            if step.value is not None and canvas in {None, step.canvas}
        ]
        if chosen:
            return choose_many(picture, chosen, user=user)
    return LayoutChange((), _nothing_new([None]))


@transaction.atomic
def undo_layout(picture: Picture, *, user: User) -> LayoutChange | None:
    """Take back this user's last action on a picture that still stands, on all pictures that it was about.

    What a colleague chose since then stays. None when there is nothing left to take back.
    """
    take_turn(picture.title)
    last = _own(picture, user).filter(stands=True).first()
    if last is None:
        return None
    return _set_standing(LayoutStep.objects.filter(user=user, action=last.action, stands=True), stands=False)


@transaction.atomic
def redo_layout(picture: Picture, *, user: User) -> LayoutChange | None:
    """Do again what this user took back last, unless they have chosen something else since. None when there is nothing.

    What a colleague chose since then stays.
    """
    take_turn(picture.title)
    own = _own(picture, user)
    last = own.filter(stands=True).values_list("pk", flat=True).first() or 0
    following = own.filter(stands=False, pk__gt=last).order_by("id").first()
    if following is None:
        return None
    return _set_standing(LayoutStep.objects.filter(user=user, action=following.action, stands=False), stands=True)


def may_undo_and_redo(picture: Picture | None, *, user: User) -> tuple[bool, bool]:
    """Whether there is something of this user's to take back, and to do again."""
    if picture is None:
        return False, False
    own = list(_own(picture, user).values_list("pk", "stands"))
    last = max((pk for pk, stands in own if stands), default=0)
    return bool(last), any(pk > last for pk, stands in own if not stands)


def size_of(picture: Picture) -> tuple[int, int]:
    """Width and height of a picture, in whose pixels choices are said."""
    of = picture.artwork or picture.video
    assert of is not None  # the database holds one or the other
    return of.width, of.height


def check_present(pictures: Sequence[Picture]) -> None:
    """Raise InvalidLayoutChoice unless all rows are still there."""
    if Picture.objects.filter(pk__in=[picture.pk for picture in pictures]).count() < len(pictures):
        raise InvalidLayoutChoice("This picture is gone; reload the page.")


def take_steps(
    wanted: Mapping[Picture, Sequence[Choice]], *, user: User, action: UUID | None = None
) -> list[LayoutStep]:
    """Store checked choices on pictures of one title in one action, and tell everybody who sees it."""
    action = action or uuid4()
    steps = LayoutStep.objects.bulk_create(
        LayoutStep(picture=picture, user=user, action=action, **choice._asdict())
        for picture, choices in wanted.items()
        for choice in choices
    )
    _publish(steps, user=user)
    return steps


def tell_steps(steps: Sequence[LayoutStep]) -> str:
    """What some steps of one action are about: "Crop of story-art is chosen." or "Focal point is reset." """
    step = steps[0]
    name = f"{step.get_subject_display()} of {step.canvas}" if step.canvas else step.get_subject_display()
    if len(steps) > 1:
        name = f"{name} and {len(steps) - 1} more"
    verb = "are" if len(steps) > 1 else "is"
    return f"{name} {verb} {'reset' if all(each.value is None for each in steps) else 'chosen'}."


def _nothing_new(values: Iterable[Any]) -> str:
    if any(value is not None for value in values):
        return "It is chosen so already."
    return "Nothing was chosen here: this is what is proposed."


def _own(picture: Picture, user: User) -> QuerySet[LayoutStep]:
    return LayoutStep.objects.filter(picture=picture, user=user).order_by("-id")


def _set_standing(steps: QuerySet[LayoutStep], *, stands: bool) -> LayoutChange:
    changed = list(steps.select_related("picture", "user").defer("picture__descriptor").order_by("id"))
    LayoutStep.objects.filter(pk__in=[step.pk for step in changed]).update(stands=stands)
    for step in changed:
        step.stands = stands
    _publish(changed, user=changed[0].user)
    sentence = f"{'Done again' if stands else 'Taken back'}: {tell_steps(changed)}"
    if _is_any_overruled(changed):
        sentence += " What a colleague chose since then stays as it is."
    return LayoutChange(tuple(changed), sentence)


def _is_any_overruled(steps: Sequence[LayoutStep]) -> bool:
    """Whether somebody else has chosen otherwise since one of the steps was taken."""
    standing = standing_choices_of({step.picture for step in steps})
    holding = ((standing.get(step.picture_id, {}).get((step.canvas, step.subject)), step) for step in steps)
    return any(now is not None and now.pk > step.pk and now.user_id != step.user_id for now, step in holding)


def _publish(steps: Sequence[LayoutStep], *, user: User) -> None:
    """Tell everybody who sees the title; one message a picture."""
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    for picture in dict.fromkeys(step.picture for step in steps):
        message = {
            "type": "layout",
            "title_id": picture.title_id,
            "picture": picture.pk,
            "video_id": picture.video_id,
            "frame_index": picture.frame_index,
            "artwork_id": picture.artwork_id,
            "user": user.get_username(),
        }
        publish(title_id=picture.title_id, message=message)
