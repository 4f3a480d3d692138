"""Spans of films as Premiere XML: the Final Cut Pro 7 XML interchange format, which Premiere Pro imports and exports.

After Apple's "Final Cut Pro XML Interchange Format" (xmeml version 5). OpenTimelineIO's adapter for it writes neither
drop-frame timecode nor which channels of a film sound comes from, so it reads this file in tests instead.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ava.handoff.cut_list import CutList, Event, Layout
from ava.handoff.edit_clock import EditClock
from ava.handoff.films import Film
from ava.handoff.plain_text import file_address, xml_text
from ava.media.timecode import format_timecode

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
_TICKS_A_SECOND = 254_016_000_000
"""Premiere's own unit of time, of which every rate's frame has a whole number."""
_CHANNELS = (1, 2)
_SAMPLE_RATE_HZ = 48_000


def premiere_xml_text(cuts: CutList) -> str:
    """A sequence with one picture track, and two sound tracks linked to it where any film has sound.

    Where a clip lies counts at the sequence's rate; its ``in`` and ``out`` count frames of the film from its first at
    the film's own rate, and Premiere's ticks say the same to the frame. Notes and marks are markers of the clips. Files
    are named without their folder, for the program to ask for.
    """
    layout = cuts.lay_out()
    root = Element("xmeml", version="5")
    sequence = SubElement(root, "sequence", id="sequence-1")
    _add(sequence, "name", cuts.name)
    _add(sequence, "duration", layout.frame_count)
    _add_rate(sequence, layout.rate)
    _add_timecode(sequence, layout.rate, layout.first, is_drop_frame=layout.is_drop_frame)
    if cuts.remarks:
        _add(SubElement(sequence, "logginginfo"), "description", " ".join(cuts.remarks))
    media = SubElement(sequence, "media")
    writer = _Tracks(layout)
    picture = SubElement(media, "video")
    _add_picture_format(SubElement(picture, "format"), layout.rate, _canvas(layout))
    writer.add_picture_track(picture)
    if writer.has_sound:
        sound = SubElement(media, "audio")
        _add(sound, "numOutputChannels", len(_CHANNELS))
        _add_sound_format(SubElement(sound, "format"))
        for channel in _CHANNELS:
            writer.add_sound_track(sound, channel=channel)
    indent(root)
    return _HEAD + tostring(root, encoding="unicode") + "\n"


class _Tracks:
    """Writes tracks of clips; a film is described where it first comes, and named from then on."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.has_sound = any(event.cut.film.has_sound for event in layout.events)
        self.files: dict[int, str] = {}
        counts = accumulate(int(event.cut.film.has_sound) for event in layout.events)
        self.heard = dict(enumerate(counts, start=1))  # numbers of clips on a sound track by those of events

    def add_picture_track(self, parent: Element) -> None:
        track = SubElement(parent, "track")
        for event in self.layout.events:
            clip = self._add_clip(track, event, channel=0)
            for placed in self.layout.marks(event):
                marker = SubElement(clip, "marker")
                _add(marker, "name", placed.mark.name)
                _add(marker, "comment", placed.mark.note)
                _add(marker, "in", placed.source_in)
                _add(marker, "out", placed.source_out)
            self._add_links(clip, event)

    def add_sound_track(self, parent: Element, *, channel: int) -> None:
        track = SubElement(parent, "track")
        for event in self.layout.events:
            if event.cut.film.has_sound:
                clip = self._add_clip(track, event, channel=channel)
                source = SubElement(clip, "sourcetrack")
                _add(source, "mediatype", "audio")
                _add(source, "trackindex", channel)
                self._add_links(clip, event)
        _add(track, "outputchannelindex", channel)

    def _add_clip(self, track: Element, event: Event, *, channel: int) -> Element:
        clock = event.clock
        clip = SubElement(track, "clipitem", id=_clip_id(event, channel))
        _add(clip, "name", event.cut.film.name)
        _add(clip, "enabled", "TRUE")
        _add(clip, "duration", clock.frame_count)
        _add_rate(clip, clock.rate)
        for name, number in (("start", event.record_in), ("end", event.record_out)):
            _add(clip, name, number)
        for name, number in (("in", event.source_in), ("out", event.source_out)):
            _add(clip, name, number)
        for name, number in (("pproTicksIn", event.source_in), ("pproTicksOut", event.source_out)):
            _add(clip, name, round(number / clock.rate * _TICKS_A_SECOND))
        self._add_file(clip, clock)
        return clip

    def _add_file(self, clip: Element, clock: EditClock) -> None:
        film = clock.film
        if id(film) in self.files:
            SubElement(clip, "file", id=self.files[id(film)])
            return
        name = self.files[id(film)] = f"file-{len(self.files) + 1}"
        file = SubElement(clip, "file", id=name)
        _add(file, "name", film.name)
        _add(file, "pathurl", f"file://localhost/{file_address(film.name)}")
        _add_rate(file, clock.rate)
        _add(file, "duration", clock.frame_count)
        _add_timecode(file, clock.rate, clock.first, is_drop_frame=clock.is_drop_frame)
        media = SubElement(file, "media")
        _add_picture_format(SubElement(media, "video"), clock.rate, film)
        if film.has_sound:
            sound = SubElement(media, "audio")
            _add_sound_format(sound)
            _add(sound, "channelcount", len(_CHANNELS))

    def _add_links(self, clip: Element, event: Event) -> None:
        """What belongs together is moved and trimmed together."""
        if not event.cut.film.has_sound:
            return
        heard = self.heard[event.number]
        for channel in (0, *_CHANNELS):
            link = SubElement(clip, "link")
            _add(link, "linkclipref", _clip_id(event, channel))
            _add(link, "mediatype", "audio" if channel else "video")
            _add(link, "trackindex", channel or 1)
            _add(link, "clipindex", heard if channel else event.number)


def _clip_id(event: Event, channel: int) -> str:
    return f"clipitem-{event.number}" + (f"-a{channel}" if channel else "")


def _canvas(layout: Layout) -> Film | None:
    return layout.events[0].cut.film if layout.events else None


def _add(parent: Element, name: str, value: Any) -> None:
    SubElement(parent, name).text = xml_text(str(value))


def _add_rate(parent: Element, rate: Fraction) -> None:
    """Whole frames a second, and whether they are slower by a thousandth, as in NTSC."""
    element = SubElement(parent, "rate")
    _add(element, "timebase", round(rate))
    _add(element, "ntsc", "FALSE" if rate.denominator == 1 else "TRUE")


def _add_timecode(parent: Element, rate: Fraction, first: int, *, is_drop_frame: bool) -> None:
    element = SubElement(parent, "timecode")
    _add_rate(element, rate)
    _add(element, "string", format_timecode(first, fps=rate, drop_frame=is_drop_frame))
    _add(element, "frame", first)
    _add(element, "displayformat", "DF" if is_drop_frame else "NDF")


def _add_picture_format(parent: Element, rate: Fraction, film: Film | None) -> None:
    element = SubElement(parent, "samplecharacteristics")
    _add_rate(element, rate)
    _add(element, "width", film.width if film else 1920)
    _add(element, "height", film.height if film else 1080)
    _add(element, "anamorphic", "FALSE")
    _add(element, "pixelaspectratio", "square")
    _add(element, "fielddominance", "none")


def _add_sound_format(parent: Element) -> None:
    element = SubElement(parent, "samplecharacteristics")
    _add(element, "depth", 16)
    _add(element, "samplerate", _SAMPLE_RATE_HZ)
