"""Exported stills as marks in the films that they are from, which editing programs open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ava.handoff.cut_list import ClipMark, CutSpan
from ava.handoff.films import describe_film, describe_spans, whole_span
from ava.media.video_info import VideoInfo
from curation.exports.record import StillRecord

_COLOURS: Mapping[str, str] = {"pick": "GREEN", "reject": "RED"}
_OTHER_COLOUR = "BLUE"


def mark_stills(info: VideoInfo, records: Sequence[StillRecord], *, title: str, name: str) -> CutSpan:
    """A film, the whole of it, with a mark of one frame at each of its stills, in the film's order.

    ``name``: the film's file. Each mark has its place in the export as its name, what people noted (else what is seen)
    as its note, and the whole record in its facts. Records without a frame are left out.
    """
    film = describe_film(info, name=name)
    frames = sorted((record for record in records if record.frame_index is not None), key=lambda each: each.place)
    marks = [mark for record in frames for mark in _mark(info, record)]
    return CutSpan(title, film, whole_span(film), marks=tuple(sorted(marks, key=lambda mark: mark.span.start_frame)))


def _mark(info: VideoInfo, record: StillRecord) -> list[ClipMark]:
    assert record.frame_index is not None
    note = "; ".join(record.notes) or record.alt
    return [
        ClipMark(
            span,
            name=f"Still {record.place}",
            note=f"{'★' * record.stars} {note}".strip(),
            colour=_COLOURS.get(record.verdict, _OTHER_COLOUR),
            facts=record.as_json(),
        )
        for span in describe_spans(info, spans=[(record.frame_index, record.frame_index + 1)])
    ]
