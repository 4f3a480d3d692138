"""Spans of films as an OpenTimelineIO timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ava.handoff.cut_list import CutList, Event, Layout
from ava.handoff.otio_media import NAMESPACE, film_reference, time_range

if TYPE_CHECKING:
    from opentimelineio.schema import Clip


def otio_text(cuts: CutList) -> str:
    """A timeline with the spans as clips of one picture track, and of one sound track where any film has sound.

    Every clip counts at its film's own rate in its own timecode, exact to the frame. Notes, titles and frame numbers
    stand in metadata under "ava"; notes and marks are also markers of the clips, in the time of their media.
    """
    from opentimelineio.opentime import RationalTime
    from opentimelineio.schema import Timeline

    layout = cuts.lay_out()
    facts = {NAMESPACE: {"made_at": cuts.made_at, "remarks": list(cuts.remarks), **cuts.facts}}
    timeline = Timeline(name=cuts.name, metadata=facts)
    timeline.global_start_time = RationalTime(layout.first, float(layout.rate))
    timeline.tracks.append(_track("V1", layout, has_sound=False))
    if any(event.cut.film.has_sound for event in layout.events):
        timeline.tracks.append(_track("A1", layout, has_sound=True))
    return str(timeline.to_json_string(indent=1))


def _track(name: str, layout: Layout, *, has_sound: bool) -> Any:
    from opentimelineio.schema import Gap, Track, TrackKind

    track = Track(name=name, kind=TrackKind.Audio if has_sound else TrackKind.Video)
    for event in layout.events:
        if has_sound and not event.cut.film.has_sound:
            track.append(Gap(duration=time_range(event.clock, event.source_in, event.source_out).duration))
        else:
            track.append(_clip(event, layout, has_markers=not has_sound))
    return track


def _clip(event: Event, layout: Layout, *, has_markers: bool) -> Clip:
    from opentimelineio.schema import Clip, Marker

    span = event.cut.span
    told = {"title": event.cut.source, "start_frame": span.start_frame, "end_frame": span.end_frame}
    clip = Clip(
        name=event.cut.film.name, media_reference=film_reference(event.clock),
        source_range=time_range(event.clock, event.source_in, event.source_out),
        metadata={NAMESPACE: {**told, "note": event.cut.note}},
    )  # fmt: skip
    for placed in layout.marks(event) if has_markers else ():
        mark = placed.mark
        marked = time_range(event.clock, placed.source_in, placed.source_out)
        facts = {NAMESPACE: dict(mark.facts)} if mark.facts else {}
        clip.markers.append(
            Marker(name=mark.name, marked_range=marked, color=mark.colour, metadata=facts, comment=mark.note)
        )
    return clip
