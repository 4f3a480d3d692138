"""Giving similar pictures what was chosen for one of them: where it lies in each, found by what both show."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from ava.models import User
from ava.selectors import packed_fields
from ava.turns import take_turn
from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout_checks import Choice, InvalidLayoutChoice, Subject, check_choice, fit_ratio
from curation.layout_choices import (
    LayoutChange,
    check_present,
    size_of,
    standing_choices,
    standing_choices_of,
    take_steps,
)
from curation.models import LayoutStep, Picture
from curation.people_told import count
from curation.picture_comparing import read_descriptors
from curation.similarity.descriptor import PictureDescriptor, Seen, unfold
from curation.similarity.features import CERTAIN, match_features
from curation.team_canvases import canvases_of

MOST_PICTURES = 500
LEAST_INSIDE = 0.5
"""A box of which less than this share lies within the other picture is not applied to it."""


class Shift(NamedTuple):
    """Where a point of one picture lies in another: x' = scale_x · x + shift_x, y' likewise. ``scale_x`` is below 0
    where the picture is turned left to right. ``is_found``: by what both show; else it is the same relative place."""

    scale_x: float
    scale_y: float
    shift_x: float
    shift_y: float
    is_found: bool = False

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in the other picture."""
        return self.scale_x * x + self.shift_x, self.scale_y * y + self.shift_y

    def box(self, box: Box) -> Box:
        """A box in the other picture."""
        (x0, y0), (x1, y1) = self.point(box.x0, box.y0), self.point(box.x1, box.y1)
        return Box(min(x0, x1), y0, max(x0, x1), y1)


@transaction.atomic
def apply_to(pictures: Iterable[Picture], like: Picture, *, user: User) -> LayoutChange:
    """Choose for some pictures of a title what is chosen for another, in one action that is taken back as one.

    In copies, crops and gradings of the picture (those of its group) it goes where they show the same, if that can be
    found; elsewhere to the same place relative to the picture's sides. What lies outside a picture is left as it was,
    and so is what is not chosen for the other. Raises InvalidLayoutChoice.
    """
    title = like.title
    given = [picture for picture in dict.fromkeys(pictures) if picture.pk != like.pk]
    _check_pictures(given, like=like)
    take_turn(title)
    check_present([like, *given])
    others = _read_with_sizes(given)
    chosen = [
        Choice(step.subject, step.canvas, step.value)
        for step in standing_choices(like).values()
        if step.value is not None
    ]
    if not chosen:
        raise InvalidLayoutChoice("Nothing is chosen for this picture, so there is nothing to apply to others.")
    canvases = {canvas.key: canvas for canvas in canvases_of(title)}
    shifts, standing = find_shifts(others, like=like), standing_choices_of(others)
    wanted = {
        picture: _choices_for(
            picture, chosen, shift=shifts[picture], canvases=canvases, now=standing.get(picture.pk, {})
        )
        for picture in others
    }
    steps = take_steps(wanted, user=user)
    return LayoutChange(tuple(steps), _tell(wanted, shifts=shifts))


def find_shifts(pictures: Sequence[Picture], *, like: Picture) -> dict[Picture, Shift]:
    """Where points of one picture lie in each of the others, all of them of one title."""
    group = [picture for picture in pictures if like.group_id is not None and picture.group_id == like.group_id]
    rows = Picture.objects.filter(pk__in=[like.pk, *(picture.pk for picture in group)]) if group else None
    described = dict(read_descriptors(rows)) if rows is not None else {}
    shifts = {}
    for picture in pictures:
        found = None
        if picture in group and like.pk in described and picture.pk in described:
            found = _match(described[picture.pk], described[like.pk])
        (width, height), (wide, high) = size_of(picture), size_of(like)
        shifts[picture] = found or Shift(width / wide, height / high, 0.0, 0.0)
    return shifts


def _read_with_sizes(pictures: Sequence[Picture]) -> list[Picture]:
    """The rows with their films and artworks, without what these keep of every frame; in their order, in one query."""
    rows = Picture.objects.select_related("video", "artwork").defer("descriptor", *packed_fields("video__"))
    found = rows.in_bulk([picture.pk for picture in pictures])
    return [found[picture.pk] for picture in pictures]


def _match(into: PictureDescriptor, other: PictureDescriptor) -> Shift | None:
    """Where the points of one picture lie in another, by their keypoints; None where too few agree.

    Descriptors tell how large a picture is without its bars and not where: bars are taken to be even, as they are.
    """
    first, second = unfold(into), unfold(other)
    matched = match_features(first, second)
    if matched is None or matched.score < CERTAIN:
        return None
    placing = matched.placing
    (ax, bx), (ay, by) = _to_thumbnail(other, second)
    if placing.mirrored:  # the second was turned left to right before it was placed
        ax, bx = -ax, second.rgb.shape[1] - 1 - bx
    (cx, dx), (cy, dy) = _to_thumbnail(into, first)
    return Shift(
        scale_x=placing.scale_x * ax / cx,
        scale_y=placing.scale_y * ay / cy,
        shift_x=(placing.scale_x * bx + placing.shift_x - dx) / cx,
        shift_y=(placing.scale_y * by + placing.shift_y - dy) / cy,
        is_found=True,
    )


def _to_thumbnail(described: PictureDescriptor, seen: Seen) -> tuple[tuple[float, float], ...]:
    """Scale and shift, across and down, that lead from a picture's points to its thumbnail's pixels."""
    whole, area = (described.width_px, described.height_px), described.area_px
    sides = zip(whole, area, seen.rgb.shape[1::-1], strict=True)
    scales = [(small / inside, (side - inside) / 2) for side, inside, small in sides]
    return tuple((scale, -bar * scale - 0.5) for scale, bar in scales)  # the middle of pixel 0 is its 0


def _choices_for(
    picture: Picture,
    chosen: Sequence[Choice],
    *,
    shift: Shift,
    canvases: Mapping[str, Canvas],
    now: Mapping[tuple[str, str], LayoutStep],
) -> list[Choice]:
    """What is chosen, in the pixels of another picture, without what is so already or lies outside."""
    size = size_of(picture)
    choices = []
    for choice in chosen:
        moved = _move(choice, shift=shift, size=size, canvas=canvases.get(choice.canvas))
        if moved is None:
            continue
        try:
            checked = check_choice(moved, size=size, canvases=canvases, known=frozenset())
        except InvalidLayoutChoice:
            continue  # such as a crop of fewer pixels than any may have
        standing = now.get((choice.canvas, choice.subject))
        if standing is None or standing.value != checked.value:
            choices.append(checked)
    return choices


def _move(choice: Choice, *, shift: Shift, size: tuple[int, int], canvas: Canvas | None) -> Choice | None:
    value = choice.value or ()
    whole = Box(0, 0, *size)
    if choice.subject == Subject.FOCAL_POINT:
        x, y = shift.point(value[0], value[1])
        return choice._replace(value=[x, y]) if whole.holds(Box(x, y, x, y)) else None
    box = shift.box(Box(*value))
    inside = box.shared(whole)
    if canvas is None or inside.area < LEAST_INSIDE * box.area:
        return None
    if choice.subject == Subject.CROP:
        fitted = fit_ratio(inside, aspect=canvas.aspect, size=size)
        return choice._replace(value=list(fitted))
    return choice._replace(value=list(inside))


def _check_pictures(pictures: Sequence[Picture], *, like: Picture) -> None:
    if not pictures:
        raise InvalidLayoutChoice("Name at least one other picture to apply this to.")
    if len(pictures) > MOST_PICTURES:
        raise InvalidLayoutChoice(f"Name {MOST_PICTURES} pictures at most.")
    if any(picture.title_id != like.title_id for picture in pictures):
        raise InvalidLayoutChoice("Name pictures of one title.")


def _tell(wanted: Mapping[Picture, Sequence[Choice]], *, shifts: Mapping[Picture, Shift]) -> str:
    changed = [picture for picture, choices in wanted.items() if choices]
    if not changed:
        return "The others have it so already, or do not show that part."
    found = sum(shifts[picture].is_found for picture in changed)
    sentence = f"Applied to {count(len(changed), 'picture')}"
    if found:
        sentence += f", {'all' if found == len(changed) else found} where they show the same"
    if found < len(changed):
        sentence += f", {len(changed) - found} at the same relative place" if found else ", at the same relative place"
    left = len(wanted) - len(changed)
    return f"{sentence}." + (f" {count(left, 'picture')} stayed as they were." if left else "")
