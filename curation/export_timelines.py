"""The films of exported stills with a marker at each of them, for editing programs."""

import zipfile
from collections.abc import Iterable

from django.utils import timezone

from ava.handoff.cut_list import CutList
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.kinds import TIMELINE_KINDS
from ava.handoff.parts import write_parts
from ava.models import Title
from ava.video_facts import video_info
from curation.export_records import FilmRecords
from curation.exports.marked_stills import mark_stills


def stills_list(title: Title, films: Iterable[FilmRecords], *, name: str) -> CutList:
    """The films one after the other, each whole and at its own timecode, with their stills marked."""
    spans = tuple(
        mark_stills(video_info(each.video), each.records, title=str(title), name=each.video.original_name)
        for each in films
    )
    told = " ".join(filter(None, (str(title), name)))
    return CutList(told, timezone.localtime().isoformat(timespec="seconds"), spans, begins_as_film=True)


def write_timelines(archive: zipfile.ZipFile, cuts: CutList, *, base: str) -> None:
    """Put the list into an archive in every kind of file, EDLs in several where one cannot hold it."""
    for kind in TIMELINE_KINDS.values():
        try:
            for part in write_parts(cuts, kind=kind):
                archive.writestr(f"{base}{part.ending}", part.text.encode(errors="replace"), zipfile.ZIP_DEFLATED)
        except UnfitForEdl as error:
            archive.writestr(f"{base} without {kind.label}.txt", f"{error}\n", zipfile.ZIP_DEFLATED)
