"""Films as OpenTimelineIO refers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ava.handoff.edit_clock import EditClock
from ava.handoff.films import describe_film_values
from ava.handoff.plain_text import file_address

if TYPE_CHECKING:
    from opentimelineio.opentime import TimeRange
    from opentimelineio.schema import ExternalReference

NAMESPACE = "ava"
"""Under which metadata of timeline, clips and markers stand."""


def film_reference(clock: EditClock) -> ExternalReference:
    """A film by its file's name, with its whole range in its own timecode and its facts under "ava"."""
    from opentimelineio.schema import ExternalReference

    film = clock.film
    facts = {NAMESPACE: {**describe_film_values(film), "counted_by_clock": not clock.is_exact}}
    media = ExternalReference(
        target_url=file_address(film.name), metadata=facts, available_range=time_range(clock, 0, clock.frame_count)
    )
    media.name = film.name
    return media


def time_range(clock: EditClock, start: int, end: int) -> TimeRange:
    """Numbers ``start`` … ``end`` − 1 of a film, counted from its first frame, in its own timecode."""
    from opentimelineio.opentime import RationalTime, TimeRange

    rate = float(clock.rate)
    return TimeRange(RationalTime(clock.first + start, rate), RationalTime(end - start, rate))
