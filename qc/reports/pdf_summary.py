"""The first page of a PDF report: what it is about, films, counts, and where in the picture the marks lie."""

from __future__ import annotations

from itertools import groupby

from ava.handoff.films import Film
from qc.reports.marks import Mark, Report
from qc.reports.pdf_letters import tell_moment, wrap_text
from qc.reports.pdf_sensor import draw_sensor
from qc.reports.pdf_sheet import MARGIN_PT, SOFT, WIDTH_PT, Sheet

_LABEL_PT = 96.0
_MOST_LINES = 6
_MOST_FILMS = 12
_MOST_SIZES = 4


def draw_summary(sheet: Sheet, report: Report, *, listed: int) -> None:
    """Title, facts, films, counts and a map for each size of picture; ``listed``: how many marks follow."""
    sheet.down(10)
    for line in wrap_text(report.title, size_pt=18, width_pt=WIDTH_PT, most=3, is_bold=True):
        sheet.write(line, size_pt=18, is_bold=True)
        sheet.down(22)
    total = len(report.marks)
    sheet.write(
        f"{_count(total, 'pixel flag')}, {_either(report.states)}. Made on {tell_moment(report.made_at)}.", ink=SOFT
    )
    sheet.down(22)
    for label, sentence in report.summary.facts.items():
        _fact(sheet, label, sentence)
    if listed < total:
        _fact(sheet, "Listed here", f"The first {listed} of {total}; the CSV and JSON reports hold all of them.")
    _counts(sheet, report)
    _films(sheet, report.films)
    _maps(sheet, report)


def _fact(sheet: Sheet, label: str, sentence: str) -> None:
    lines = wrap_text(sentence, size_pt=9, width_pt=WIDTH_PT - _LABEL_PT, most=_MOST_LINES) or ["–"]
    sheet.need(13 * len(lines) + 4)
    sheet.write(label, ink=SOFT, width_pt=_LABEL_PT - 8)
    for line in lines:
        sheet.write(line, x=MARGIN_PT + _LABEL_PT, width_pt=WIDTH_PT - _LABEL_PT)
        sheet.down(13)
    sheet.down(3)


def _counts(sheet: Sheet, report: Report) -> None:
    """A table of all flags of the title, of whatever state."""
    counts = report.summary.counts
    states = list(dict.fromkeys(state for of_kind in counts.values() for state in of_kind))
    sheet.need(24 + 14 * (len(counts) + 1))
    _heading(sheet, "All flags")
    columns = [MARGIN_PT + _LABEL_PT + 68 * place for place in range(len(states))]
    for state, x in zip(states, columns, strict=True):
        sheet.write(state.capitalize(), x=x, size_pt=8, ink=SOFT, width_pt=64)
    for kind, of_kind in counts.items():
        sheet.down(14)
        sheet.write(kind.capitalize(), width_pt=_LABEL_PT - 8)
        for state, x in zip(states, columns, strict=True):
            sheet.write(str(of_kind.get(state, 0)), x=x, width_pt=64)
    sheet.down(22)


def _films(sheet: Sheet, films: tuple[Film, ...]) -> None:
    _heading(sheet, "Films" if len(films) != 1 else "Film")
    for film in films[:_MOST_FILMS]:
        sheet.need(30)
        sheet.write(film.name, is_bold=True)
        sheet.down(12)
        sheet.write(film_facts(film), size_pt=8, ink=SOFT)
        sheet.down(15)
    if len(films) > _MOST_FILMS:
        sheet.write(f"and {len(films) - _MOST_FILMS} more, named over their flags", size_pt=8, ink=SOFT)
        sheet.down(15)
    sheet.down(6)


def _maps(sheet: Sheet, report: Report) -> None:
    def size(mark: Mark) -> tuple[int, int]:
        return mark.film.width, mark.film.height

    by_size = {key: list(group) for key, group in groupby(sorted(report.marks, key=size), key=size)}
    largest = sorted(by_size, key=lambda key: (-len(by_size[key]), key))[:_MOST_SIZES]
    if largest:
        sheet.need(230)
        _heading(sheet, "Where in the picture")
    for width, height in largest:
        draw_sensor(sheet, by_size[width, height], width_px=width, height_px=height)


def film_facts(film: Film) -> str:
    """A film's facts in a line."""
    rate = (
        f"{float(film.fps):.6g} frames a second ({film.fps})"
        if film.fps.denominator > 1
        else f"{film.fps} frames a second"
    )
    labels = "labelled by the clock" if film.is_vfr else f"from {film.start_timecode or '00:00:00:00'}"
    parts = [
        f"{film.width} × {film.height}",
        f"variable, mostly {rate}" if film.is_vfr else rate,
        f"{film.frame_count} frames",
        labels,
        *(["drop-frame"] if film.is_drop_frame else []),
    ]
    return ", ".join(parts)


def _heading(sheet: Sheet, text: str) -> None:
    sheet.down(4)
    sheet.write(text, size_pt=11, is_bold=True)
    sheet.down(16)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _either(states: tuple[str, ...]) -> str:
    return states[0] if len(states) == 1 else f"{', '.join(states[:-1])} or {states[-1]}"
