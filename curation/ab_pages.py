"""What the page of test results shows: the imports, and how each group of like pictures performed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ava.models import Title
from curation.ab_results import title_observations
from curation.models import Picture
from curation.performance.rates import Rate
from curation.performance.rollup import SURE_UNIT, Observation, Performance, roll_up
from curation.picture_cards import PictureCard, describe_pictures

SCALE_ROOM = 1.1
"""How far the scale reaches past the surest rates; an interval of few impressions may run beyond."""


class Bar(NamedTuple):
    """An interval and the rate in it, as percent of the width of the page's scale, cut at its end."""

    low: float
    high: float
    value: float
    is_cut: bool


@dataclass(frozen=True, slots=True)
class RateLine:
    """A rate in words and as a bar."""

    name: str
    rate: Rate
    bar: Bar
    words: str
    note: str = ""
    picture: PictureCard | None = None
    regions: tuple["RateLine", ...] = ()


@dataclass(frozen=True, slots=True)
class PerformanceCard:
    """How a group of like pictures, or one picture alone, performed."""

    group: int | None
    picture: PictureCard
    performance: Performance
    total: RateLine
    regions: tuple[RateLine, ...]
    members: tuple[RateLine, ...]
    sentences: tuple[str, ...]


def performance_cards(title: Title, *, pictures: Iterable[int] | None = None) -> list[PerformanceCard]:
    """A card for each group that was tested, the surest high rate first; `pictures` narrows to groups of these."""
    told = title_observations(title)
    groups = dict(Picture.objects.filter(title=title).values_list("pk", "group"))
    bests = dict(title.picture_groups.values_list("pk", "best"))
    by_group: dict[tuple[int | None, int], list[Observation]] = {}
    for each in told:
        group = groups.get(each.member)
        by_group.setdefault((group, 0 if group else each.member), []).append(each)
    if pictures is not None:
        wanted = {groups.get(picture) for picture in pictures} - {None}
        by_group = {key: rows for key, rows in by_group.items() if key[0] in wanted}
    rolled = {key: roll_up(rows) for key, rows in by_group.items()}
    shown = {each.member for rows in by_group.values() for each in rows} | {bests.get(key[0] or 0) for key in by_group}
    cards = describe_pictures(Picture.objects.filter(pk__in=shown - {None}, title=title))
    scale = _scale(rolled.values())
    ordered = sorted(rolled, key=lambda key: (-rolled[key].rate.low_unit, key[0] or 0, key[1]))
    return [
        _card(key[0], rolled[key], cards=cards, best=bests.get(key[0] or 0), scale=scale)
        for key in ordered
        if rolled[key].members
    ]


def _card(
    group: int | None, performance: Performance, *, cards: Mapping[int, PictureCard], best: int | None, scale: float
) -> PerformanceCard:
    members = tuple(
        RateLine(
            cards[each.member].label, each.rate, _bar(each.rate, scale=scale), describe_rate(each.rate),
            note=_note(each.beaten_unit, is_first=index == 0, performance=performance),
            picture=cards[each.member],
            regions=tuple(_line(region.region, region.rate, scale=scale) for region in each.regions),
        )
        for index, each in enumerate(performance.members)
    )  # fmt: skip
    picture = cards.get(best or 0) or cards[performance.members[0].member]
    return PerformanceCard(
        group=group,
        picture=picture,
        performance=performance,
        total=_line("All regions", performance.rate, scale=scale),
        regions=tuple(_line(each.region, each.rate, scale=scale) for each in performance.regions),
        members=members,
        sentences=tuple(_sentences(performance, cards)),
    )


def _line(name: str, rate: Rate, *, scale: float) -> RateLine:
    note = "" if rate.is_certain else "Too few to tell"
    return RateLine(name, rate, _bar(rate, scale=scale), describe_rate(rate), note=note)


def describe_rate(rate: Rate) -> str:
    """Such as "5.0 % (3.8 to 6.5 %)"."""
    if rate.value_unit is None:
        return "Never shown"
    return f"{100 * rate.value_unit:.1f} % ({100 * rate.low_unit:.1f} to {100 * rate.high_unit:.1f} %)"


def _note(beaten: float | None, *, is_first: bool, performance: Performance) -> str:
    if len(performance.members) < 2:
        return ""
    if is_first:
        return "Surely the best" if performance.leader is not None else "Ahead, not surely"
    if beaten is None:
        return "Never shown where the first was"
    return f"{min(100 * beaten, 99.9):.3g} % sure that the first is better"


def _sentences(performance: Performance, cards: Mapping[int, PictureCard]) -> Sequence[str]:
    said = []
    if performance.differs_by_region:
        said.append("Regions differ by more than chance: the global rate hangs on where these were shown.")
    elif len(performance.regions) > 1 and performance.spread.probability_unit is None:
        said.append("Too few plays to tell whether regions differ.")
    elif len(performance.regions) > 1:
        said.append("Regions do not differ by more than chance.")
    if performance.leader is not None:
        leader = cards[performance.leader].label
        said.append(f"{leader} does better than every other copy, {SURE_UNIT:.0%} sure or more, region by region.")
    elif len(performance.members) > 1:
        said.append("No copy is surely better than the others yet.")
    return said


def _scale(performances: Iterable[Performance]) -> float:
    """The rate at the right end of all bars."""
    rates = [
        rate
        for each in performances
        for rate in (each.rate, *(line.rate for line in each.regions), *(line.rate for line in each.members))
    ]
    sure = [rate.high_unit for rate in rates if rate.is_certain] or [rate.high_unit for rate in rates]
    return min(SCALE_ROOM * max(sure, default=1.0), 1.0)


def _bar(rate: Rate, *, scale: float) -> Bar:
    low, value, high = (
        100 * min((side or 0.0) / scale, 1.0) for side in (rate.low_unit, rate.value_unit, rate.high_unit)
    )
    return Bar(round(low, 2), round(high, 2), round(value, 2), is_cut=rate.high_unit > scale)
