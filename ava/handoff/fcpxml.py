"""Spans of films as FCPXML, which Final Cut Pro and Resolve open.

After Apple's "FCPXML Reference" and its document type definition of version 1.9: the last in which an asset names its
file itself, and which both programs read.
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ava.handoff.cut_list import CutList, Event, Layout
from ava.handoff.edit_clock import EditClock
from ava.handoff.plain_text import file_address, xml_text

VERSION = "1.9"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
_SOURCE_RATES = {
    Fraction(24000, 1001): "23.98", Fraction(24): "24", Fraction(25): "25", Fraction(30000, 1001): "29.97",
    Fraction(30): "30", Fraction(48000, 1001): "47.95", Fraction(48): "48", Fraction(50): "50",
    Fraction(60000, 1001): "59.94", Fraction(60): "60",
}  # fmt: skip
"""Rates that FCPXML has a name for, so that a clip of another rate than the sequence's is conformed."""


def fcpxml_text(cuts: CutList) -> str:
    """A project whose spine holds every span as an asset-clip.

    All times are rational and whole frames: of the film's own timecode where a clip starts in it, of the sequence where
    it is placed and how long it lasts. Files are named without their folder, for the program to find. Notes are the
    clips' notes; notes and marks are markers of the clips, at a frame of the film.
    """
    layout = cuts.lay_out()
    root = Element("fcpxml", version=VERSION)
    resources = SubElement(root, "resources")
    formats = _Formats(resources)
    width, height = _canvas(layout)
    sequence_format = formats.add(layout.rate, width=width, height=height)
    assets: dict[int, str] = {}
    for event in layout.events:
        if id(event.cut.film) not in assets:
            assets[id(event.cut.film)] = _asset(resources, event.clock, formats, number=len(assets) + 1)
    event_element = SubElement(SubElement(root, "library"), "event", name=xml_text(cuts.name))
    project = SubElement(event_element, "project", name=xml_text(cuts.name))
    sequence = SubElement(
        project, "sequence", format=sequence_format, duration=_time(layout.frame_count, layout.rate),
        tcStart=_time(layout.first, layout.rate), tcFormat="DF" if layout.is_drop_frame else "NDF",
    )  # fmt: skip
    if cuts.remarks:
        SubElement(sequence, "note").text = xml_text(" ".join(cuts.remarks))
    spine = SubElement(sequence, "spine")
    for event in layout.events:
        _asset_clip(spine, event, layout, asset=assets[id(event.cut.film)], formats=formats)
    indent(root)
    return _HEAD + tostring(root, encoding="unicode") + "\n"


class _Formats:
    """The formats among the resources, each once."""

    def __init__(self, resources: Element) -> None:
        self.resources = resources
        self.known: dict[tuple[Fraction, int, int], str] = {}

    def add(self, rate: Fraction, *, width: int, height: int) -> str:
        key = (rate, width, height)
        if key not in self.known:
            self.known[key] = f"f{len(self.known) + 1}"
            SubElement(
                self.resources, "format", id=self.known[key], frameDuration=_time(1, rate), width=str(width),
                height=str(height),
            )  # fmt: skip
        return self.known[key]


def _canvas(layout: Layout) -> tuple[int, int]:
    if not layout.events:
        return 1920, 1080
    film = layout.events[0].cut.film
    return film.width, film.height


def _asset(resources: Element, clock: EditClock, formats: _Formats, *, number: int) -> str:
    film, name = clock.film, f"a{number}"
    asset = SubElement(
        resources, "asset", id=name, name=xml_text(film.name), src=f"./{file_address(film.name)}",
        start=_time(clock.first, clock.rate), duration=_time(clock.frame_count, clock.rate), hasVideo="1",
        format=formats.add(clock.rate, width=film.width, height=film.height),
    )  # fmt: skip
    if film.has_sound:
        asset.attrib.update(hasAudio="1", audioSources="1", audioChannels="2", audioRate="48000")
    return name


def _asset_clip(spine: Element, event: Event, layout: Layout, *, asset: str, formats: _Formats) -> None:
    clock, film = event.clock, event.cut.film
    clip = SubElement(
        spine, "asset-clip", ref=asset, offset=_time(layout.first + event.record_in, layout.rate),
        name=xml_text(film.name), start=_time(clock.first + event.source_in, clock.rate),
        duration=_time(event.record_out - event.record_in, layout.rate),
        format=formats.add(clock.rate, width=film.width, height=film.height),
        tcFormat="DF" if clock.is_drop_frame else "NDF",
    )  # fmt: skip
    if event.cut.note:
        SubElement(clip, "note").text = xml_text(event.cut.note)
    if clock.rate != layout.rate and clock.rate in _SOURCE_RATES:
        SubElement(clip, "conform-rate", scaleEnabled="0", srcFrameRate=_SOURCE_RATES[clock.rate])
    for placed in layout.marks(event):
        marker = SubElement(
            clip, "marker", start=_time(clock.first + placed.source_in, clock.rate),
            duration=_time(placed.source_out - placed.source_in, clock.rate), value=xml_text(placed.mark.name),
        )  # fmt: skip
        if placed.mark.note:
            marker.set("note", xml_text(placed.mark.note))


def _time(frames: int, rate: Fraction) -> str:
    """Frames as rational seconds, as FCPXML writes them: whole frame durations over the time scale."""
    seconds = frames / rate
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    return f"{frames * rate.denominator}/{rate.numerator}s"
