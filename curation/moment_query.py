"""What the address of the moments page, or a form on it, asks for."""

from dataclasses import dataclass, replace

from django.http import QueryDict

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Shot

DEFAULT_VARIETY, MOST_VARIETY = 50, 100
DEFAULT_SPOILER, MOST_SPOILER = 15, 95
SHOTS_SHOWN, MOST_SHOWN = 60, 240
MOST_PICKED = 300
"""Shots picked by hand, as many as an address holds."""


class InvalidMoments(ValueError):
    """What was asked for makes no sense; the sentence says what does."""


@dataclass(frozen=True, slots=True)
class MomentsQuery:
    """`variety` and `spoiler` in percent; `picked` the first frames of shots chosen by hand, in the order chosen.

    `characters` and `scales` are such of which a shot must show one; `is_unused` leaves out what a trailer has
    already; `open_start` is the first frame of the shot that is looked at.
    """

    variety: int = DEFAULT_VARIETY
    spoiler: int = DEFAULT_SPOILER
    characters: tuple[int, ...] = ()
    scales: tuple[str, ...] = ()
    is_unused: bool = False
    picked: tuple[int, ...] = ()
    shown: int = SHOTS_SHOWN
    open_start: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.characters or self.scales or self.is_unused)

    def fields(self) -> list[tuple[str, str]]:
        """Everything but the open shot as an address tells it; what is as usual is left out."""
        told = [("variety", str(self.variety))] if self.variety != DEFAULT_VARIETY else []
        told += [("spoiler", str(self.spoiler))] if self.spoiler != DEFAULT_SPOILER else []
        told += [("characters", str(pk)) for pk in self.characters]
        told += [("scale", scale) for scale in self.scales]
        told += [("unused", "1")] if self.is_unused else []
        return told + ([("picked", ",".join(map(str, self.picked)))] if self.picked else [])

    def toggled(self, start_frame: int) -> "MomentsQuery":
        """The same with a shot picked, or not any more."""
        others = tuple(frame for frame in self.picked if frame != start_frame)
        return replace(self, picked=others if start_frame in self.picked else (*others, start_frame))


def read_moments_query(fields: QueryDict) -> MomentsQuery:
    """Read an address or a form; several values of a field, and values with commas, are all read.

    Raises InvalidMoments with a sentence.
    """
    return MomentsQuery(
        variety=_percent(fields, "variety", usual=DEFAULT_VARIETY, most=MOST_VARIETY),
        spoiler=_percent(fields, "spoiler", usual=DEFAULT_SPOILER, most=MOST_SPOILER),
        characters=_numbers(fields, "characters", what="characters", digits=KEY_DIGITS),
        scales=_scales(fields),
        is_unused=fields.get("unused", "") not in ("", "0"),
        picked=_numbers(fields, "picked", what="first frames of shots"),
        shown=_shown(fields.get("shown", "")),
        open_start=_open_start(fields.get("shot", "")),
    )


def _values(fields: QueryDict, name: str) -> list[str]:
    """What was given, each once, in the order given."""
    given = (value.strip() for text in fields.getlist(name) for value in text.split(","))
    return list(dict.fromkeys(value for value in given if value))


def _percent(fields: QueryDict, name: str, *, usual: int, most: int) -> int:
    text = fields.get(name, "").strip()
    number = read_number(text) if text else usual
    if number is None or number > most:
        raise InvalidMoments(f"Give {name} as whole percent from 0 to {most}.")
    return number


def _numbers(fields: QueryDict, name: str, *, what: str, digits: int = 9) -> tuple[int, ...]:
    numbers = [read_number(value, digits=digits) for value in _values(fields, name)]
    known = tuple(dict.fromkeys(number for number in numbers if number is not None))
    if None in numbers:
        raise InvalidMoments(f"Give {name} as {what}: whole numbers with commas between.")
    if len(known) > MOST_PICKED:
        raise InvalidMoments(f"Give at most {MOST_PICKED} {what}.")
    return known


def _scales(fields: QueryDict) -> tuple[str, ...]:
    scales = _values(fields, "scale")
    if unknown := next((scale for scale in scales if scale not in Shot.Scale.values), None):
        raise InvalidMoments(f"There is no shot scale “{unknown[:40]}”; there are {', '.join(Shot.Scale.values)}.")
    return tuple(scales)


def _open_start(text: str) -> int | None:
    number = read_number(text.strip()) if text.strip() else None
    if text.strip() and number is None:
        raise InvalidMoments("Give shot as the first frame of one.")
    return number


def _shown(text: str) -> int:
    number = read_number(text.strip()) if text.strip() else SHOTS_SHOWN
    if number is None:
        raise InvalidMoments("Give shown as the number of shots to show.")
    return min(max(number, 1), MOST_SHOWN)
