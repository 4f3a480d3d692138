"""Marks as an OpenTimelineIO timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ava.handoff.edit_clock import EditClock
from ava.handoff.otio_media import NAMESPACE, film_reference
from qc.reports.json_marks import describe_mark_values
from qc.reports.marker_colours import marker_colour
from qc.reports.marks import Mark, Report

if TYPE_CHECKING:
    from opentimelineio.schema import Clip, Marker


def otio_text(report: Report) -> str:
    """A timeline with one clip a film, the whole of it with its own timecode, and one marker a mark on it.

    A marker's range goes from the first frame of the first span to the last of the last, in the time of the clip's
    media; each is coloured by kind. What else is known stands in metadata under "ava", as in the JSON report, the
    spans to the frame included. Rates are the film's own, or those of `EditClock` where programs have no labels for it.
    """
    from opentimelineio.opentime import RationalTime
    from opentimelineio.schema import Timeline, Track, TrackKind

    timeline = Timeline(name=report.title, metadata={NAMESPACE: {"made_at": report.made_at, "states": report.states}})
    track = Track(name="V1", kind=TrackKind.Video)
    timeline.tracks.append(track)
    clips: dict[int, tuple[EditClock, Clip]] = {}
    for film in report.films:
        clock = EditClock(film)
        clips[id(film)] = (clock, _clip(clock))
        track.append(clips[id(film)][1])
    for mark in report.marks:
        clock, clip = clips[id(mark.film)]
        clip.markers.append(_marker(mark, clock))
    if report.films:
        clock = clips[id(report.films[0])][0]
        timeline.global_start_time = RationalTime(clock.first, float(clock.rate))
    return str(timeline.to_json_string(indent=1))


def _clip(clock: EditClock) -> Clip:
    from opentimelineio.schema import Clip

    media = film_reference(clock)
    whole, facts = media.available_range, media.metadata
    return Clip(name=clock.film.name, media_reference=media, source_range=whole, metadata=facts)


def _marker(mark: Mark, clock: EditClock) -> Marker:
    from opentimelineio.opentime import RationalTime, TimeRange
    from opentimelineio.schema import Marker

    start, end = clock.position(mark.first), clock.end_position(mark.last)
    rate = float(clock.rate)
    marked = TimeRange(RationalTime(clock.first + start, rate), RationalTime(end - start, rate))
    return Marker(
        name=f"{mark.kind.capitalize()} at {mark.x:.0f}, {mark.y:.0f}", marked_range=marked,
        color=marker_colour(mark.kind), metadata={NAMESPACE: describe_mark_values(mark)},
    )  # fmt: skip
