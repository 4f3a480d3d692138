"""What somebody wants of a string-out: its length, variety, order, what it is taken from, the shots picked."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from typing import Any

from django.http import QueryDict

from ava.form_numbers import KEY_DIGITS, read_number
from curation.moment_query import InvalidMoments, MomentsQuery, read_moments_query
from search.reels import InvalidReel

SHORTEST_S, LONGEST_S = 5.0, 600.0
USUAL_LENGTHS_S = (30, 60, 90)
BY_STORY, BY_SCORE = "story", "score"
ORDERS = {BY_STORY: "As in the film", BY_SCORE: "Best first"}
MOST_SPOILER = 95
MOST_PICKED = 500
_NARROWING = ("characters", "scale", "unused")


@dataclass(frozen=True, slots=True)
class StringOutWish:
    """``variety`` and ``spoiler`` in percent; ``picked``: a frame of each shot that a person chose.

    Other shots show one of ``characters`` and have one of ``scales``, where there are any, and, where ``is_unused``,
    are in no trailer yet.
    """

    video: int
    length_s: float = 60.0
    variety: int = 50
    spoiler: int = 15
    order: str = BY_STORY
    picked: tuple[int, ...] = field(default=())
    characters: tuple[int, ...] = field(default=())
    scales: tuple[str, ...] = field(default=())
    is_unused: bool = False

    @property
    def by_story(self) -> bool:
        return self.order == BY_STORY

    @property
    def told_length(self) -> str:
        """Its length as people write it: "60 s", "7.5 s"."""
        return f"{self.length_s:g} s"

    @property
    def narrowing(self) -> MomentsQuery:
        """Which shots it may be taken from, as the moments page asks for them."""
        return MomentsQuery(
            variety=self.variety, spoiler=self.spoiler,
            characters=self.characters, scales=self.scales, is_unused=self.is_unused,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """As a reel keeps it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def read_wish(form: QueryDict) -> StringOutWish:
    """What a form says; what it leaves out is as usual. Raises InvalidReel with a sentence."""
    video = read_number(form.get("video", ""), digits=KEY_DIGITS)
    if video is None:
        raise InvalidReel("Say of which film of the title the string-out is to be.")
    asked = _read_narrowing(form)
    return read_changes(form, StringOutWish(
        video, picked=_read_picked(form.getlist("picked")),
        characters=asked.characters, scales=asked.scales, is_unused=asked.is_unused,
    ))  # fmt: skip


def read_changes(form: QueryDict, wish: StringOutWish) -> StringOutWish:
    """A wish with what a form says of length, variety, spoiler and order. Raises InvalidReel with a sentence."""
    order = form.get("order", "") or wish.order
    if order not in ORDERS:
        raise InvalidReel(f"A string-out is ordered by {' or '.join(ORDERS)}.")
    return replace(
        wish,
        length_s=_read(form, "length_s", wish.length_s, least=SHORTEST_S, most=LONGEST_S, unit="s"),
        variety=round(_read(form, "variety", wish.variety, least=0, most=100, unit="%")),
        spoiler=round(_read(form, "spoiler", wish.spoiler, least=0, most=MOST_SPOILER, unit="%")),
        order=order,
    )


def kept_wish(kept: dict[str, Any] | None) -> StringOutWish | None:
    """The wish that a reel keeps; None of a reel whose clips were not proposed."""
    return wish_from(kept) if kept else None


def wish_from(fields: Mapping[str, Any]) -> StringOutWish:
    """A wish of its fields by name, lists among them."""
    return StringOutWish(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def _read_narrowing(form: QueryDict) -> MomentsQuery:
    asked = QueryDict(mutable=True)
    for name in _NARROWING:
        asked.setlist(name, form.getlist(name))
    try:
        return read_moments_query(asked)
    except InvalidMoments as error:
        raise InvalidReel(str(error)) from None


def _read(form: QueryDict, name: str, usual: float, *, least: float, most: float, unit: str) -> float:
    text = form.get(name, "").strip().replace(",", ".")
    if not text:
        return usual
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number) or not least <= number <= most:
        label = {"length_s": "A string-out's length", "variety": "Variety", "spoiler": "What is kept back"}[name]
        raise InvalidReel(f"{label} is a number from {least:g} to {most:g} {unit}.")
    return round(number, 3)


def _read_picked(texts: Iterable[str]) -> tuple[int, ...]:
    parts = [part for part in (part.strip() for part in ",".join(texts).split(",")) if part]
    frames = [read_number(part) for part in parts[: MOST_PICKED + 1]]
    if None in frames:
        raise InvalidReel("Picked shots are told by their first frames, in numbers with commas between them.")
    if len(parts) > MOST_PICKED:
        raise InvalidReel(f"Pick at most {MOST_PICKED} shots.")
    return tuple(dict.fromkeys(frame for frame in frames if frame is not None))
