"""How a group of like pictures performed: all together, by region, and member against member."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from curation.performance.rates import (
    Counts,
    Rate,
    Spread,
    add_counts,
    estimate_rate,
    measure_spread,
    probability_better,
)

SURE_UNIT = 0.95
"""From here on one member is called better than another."""
DIFFERS_BELOW = 0.01
"""Regions differ where chance alone would spread them so far less often than this."""


class Observation(NamedTuple):
    """What one test told of one member in one region."""

    member: int
    region: str
    counts: Counts


class RegionRate(NamedTuple):
    region: str
    rate: Rate


class MemberRate(NamedTuple):
    """One member over all regions and in each, and how surely the leader beats it, 0–1 (None: not comparable)."""

    member: int
    rate: Rate
    regions: tuple[RegionRate, ...]
    beaten_unit: float | None


class Performance(NamedTuple):
    """A group's global performance. `regions` are the highest rate first, `members` the surest high rate.

    `leader` is the member that is surely better than every other one, None where that cannot be said.
    """

    rate: Rate
    regions: tuple[RegionRate, ...]
    members: tuple[MemberRate, ...]
    spread: Spread
    leader: int | None

    @property
    def differs_by_region(self) -> bool:
        """Whether regions differ by more than chance, so that the global rate hangs on where it was shown."""
        return self.spread.probability_unit is not None and self.spread.probability_unit < DIFFERS_BELOW


def roll_up(observations: Iterable[Observation]) -> Performance:
    """Sum what tests told over members and regions; results of several tests of one member and region add up.

    Nothing observed gives a rate of None without regions and members. Raises ValueError for impossible counts.
    """
    by_member: dict[int, dict[str, Counts]] = {}
    by_region: dict[str, list[Counts]] = {}
    for member, region, counts in observations:
        regions = by_member.setdefault(member, {})
        regions[region] = add_counts([regions.get(region, Counts(0, 0)), counts])
        by_region.setdefault(region, []).append(counts)
    in_regions = {region: add_counts(rows) for region, rows in by_region.items()}
    members = _rate_members(by_member)
    return Performance(
        rate=estimate_rate(add_counts(in_regions.values())),
        regions=_rate_regions(in_regions),
        members=members,
        spread=measure_spread([in_regions[region] for region in sorted(in_regions)]),
        leader=_find_leader(members),
    )


def _rate_members(by_member: Mapping[int, Mapping[str, Counts]]) -> tuple[MemberRate, ...]:
    rates = {member: estimate_rate(add_counts(regions.values())) for member, regions in by_member.items()}
    # By the lower end of the interval: a high rate of few impressions does not come first by luck.
    ordered = sorted(by_member, key=lambda member: (-rates[member].low_unit, member))
    return tuple(
        MemberRate(
            member,
            rates[member],
            _rate_regions(by_member[member]),
            probability_better(by_member[ordered[0]], by_member[member]) if member != ordered[0] else None,
        )
        for member in ordered
    )


def _rate_regions(regions: Mapping[str, Counts]) -> tuple[RegionRate, ...]:
    rated = [RegionRate(region, estimate_rate(counts)) for region, counts in regions.items()]
    return tuple(sorted(rated, key=lambda each: (-(each.rate.value_unit or 0.0), each.region)))


def _find_leader(members: tuple[MemberRate, ...]) -> int | None:
    others = [each.beaten_unit for each in members[1:]]
    is_sure = bool(others) and all(beaten is not None and beaten >= SURE_UNIT for beaten in others)
    return members[0].member if is_sure else None
