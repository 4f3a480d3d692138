"""Queries that find something in what a person may see, made of real facts, for people who search the first time."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ava.models import Shot, User
from search.models import ShotDescription
from search.query import Query, write_query
from search.selectors import access_dialogue_lines, access_shot_descriptions, access_shot_labels

LOOKED_AT = 400
"""Shots, the newest, whose facts examples are made of."""
QUOTED_WORDS = range(3, 8)
_SEARCHED_FOR = {
    "extreme_close_up": "extreme close-up", "close_up": "close-up", "medium": "medium shot", "cowboy": "cowboy shot",
    "full": "full shot", "long": "wide shot", "extreme_long": "extreme wide shot",
}  # fmt: skip


class Example(NamedTuple):
    """A query with what it looks for: `shown` is what one would type or choose, `kind` which way of searching it is."""

    kind: str
    shown: str
    query: str


def example_queries(user: User) -> list[Example]:
    """One example of each way of searching for which the person's films hold something to find."""
    shots = list(access_shot_descriptions(user).order_by("-pk")[:LOOKED_AT])
    made = (_of_look(shots), _of_person(shots), _of_line(user), _of_label(user), _without(shots), _of_length(shots))
    return [example for example in made if example is not None]


def similar_look(user: User, *, most: int = 3) -> list[Example]:
    """Looks that are frequent in what a person sees, to try instead of a search that found nothing."""
    shots = list(access_shot_descriptions(user).order_by("-pk")[:LOOKED_AT])
    return [_look(*pair) for pair, _ in islice(_looks(shots), most)]


def _looks(shots: list[ShotDescription]) -> Iterator[tuple[tuple[str, str], int]]:
    """Pairs of shot scale and colour, the most frequent first, each scale and colour once."""
    pairs = Counter(
        (str(shot.facts["scale"]), str(colour))
        for shot in shots
        if shot.facts.get("scale") in _SEARCHED_FOR
        for colour in shot.facts.get("colours", [])[:2]
        if colour not in ("black", "grey")
    )
    seen: set[str] = set()
    for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if seen.isdisjoint(pair):
            seen.update(pair)
            yield pair, count


def _look(scale: str, colour: str) -> Example:
    words = f"{_SEARCHED_FOR[scale]} in {colour}"
    return Example("Words", words, write_query(Query(text=words)))


def _of_look(shots: list[ShotDescription]) -> Example | None:
    return next((_look(*pair) for pair, _ in _looks(shots)), None)


def _of_person(shots: list[ShotDescription]) -> Example | None:
    for shot in shots:
        names, scale = shot.facts.get("names") or [], shot.facts.get("scale")
        if names and scale in Shot.Scale.values:
            query = Query(characters=(names[0],), scale=(scale,))
            return Example("Filters", f"With {names[0]}, {Shot.Scale(scale).label}", write_query(query))
    return None


def _of_line(user: User) -> Example | None:
    for text in access_dialogue_lines(user).order_by("pk").values_list("text", flat=True)[:LOOKED_AT]:
        words = text.split()
        if len(words) in QUOTED_WORDS and '"' not in text:
            phrase = " ".join(words)
            return Example("Dialogue", f"“{phrase}”", write_query(Query(phrases=(phrase,))))
    return None


def _of_label(user: User) -> Example | None:
    text = access_shot_labels(user).filter(stands=True).order_by("-pk").values_list("text", flat=True).first()
    words = " ".join((text or "").split()[:6])
    return Example("Labels", words, write_query(Query(text=words))) if words else None


def _without(shots: list[ShotDescription]) -> Example | None:
    """A look that shots have and a colour that only some of them have, taken away."""
    for shot in shots:
        scale, others = shot.facts.get("scale"), set(shot.facts.get("colours", []))
        if scale not in _SEARCHED_FOR or not others:
            continue
        same = [each for each in shots if each.facts.get("scale") == scale]
        for colour in sorted({colour for each in same for colour in each.facts.get("colours", [])} - others):
            words = _SEARCHED_FOR[scale]
            return Example("Leave out", f"{words} -{colour}", write_query(Query(text=words, negatives=(colour,))))
    return None


def _of_length(shots: list[ShotDescription]) -> Example | None:
    lengths = sorted(shot.facts["duration_s"] for shot in shots if shot.facts.get("duration_s"))
    moving = sorted({shot.facts["camera"] for shot in shots if shot.facts.get("camera") not in (None, "static")})
    if not lengths or not moving:
        return None
    shot = max((each for each in shots if each.facts.get("camera") == moving[0]), key=_length)
    longest = int(_length(shot))
    if longest < 1:
        return None
    shown = f"Camera: {Shot.Camera(moving[0]).label.lower()}, {longest} s or longer"
    return Example("Filters", shown, write_query(Query(camera=(moving[0],), shortest_s=float(longest))))


def _length(shot: ShotDescription) -> float:
    return float(shot.facts.get("duration_s") or 0.0)
