"""A title's pixel report as a file of each kind."""

import io
from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from ava.file_responses import guard
from ava.handoff.edl_lines import UnfitForEdl
from ava.handoff.kinds import TIMELINE_KINDS, HandoffKind
from ava.models import Title, User
from curation.exports.file_names import safe_name
from qc.report_pictures import ReportPictures
from qc.report_request import InvalidReport, ReportRequest
from qc.report_rows import make_report
from qc.reports.csv_marks import csv_text
from qc.reports.json_marks import json_text
from qc.reports.marked_films import marked_films
from qc.reports.marks import Report
from qc.reports.pdf_report import MOST_LISTED, write_pdf


class ReportKind(NamedTuple):
    """One kind of file: what it is for, in a line, and how its name ends."""

    label: str
    content_type: str
    about: str
    write: Callable[[Report], bytes]
    suffix: str


def _timeline(kind: HandoffKind) -> Callable[[Report], bytes]:
    return lambda report: kind.write(marked_films(report)).encode()


def _pdf(report: Report) -> bytes:
    file = io.BytesIO()
    write_pdf(file, report, pictures=ReportPictures(report.marks[:MOST_LISTED]))
    return file.getvalue()


REPORT_KINDS = {
    "pdf": ReportKind(
        "PDF", "application/pdf", "To read and print: summary, and each flag with pictures.", _pdf, ".pdf"
    ),
    "csv": ReportKind(
        "CSV", "text/csv; charset=utf-8", "For spreadsheets: a row a flag with timecodes, place and who said what.",
        lambda report: csv_text(report).encode(), ".csv",
    ),
    **{
        name: ReportKind(kind.label, kind.content_type, kind.about, _timeline(kind), suffix=kind.suffix)
        for name, kind in TIMELINE_KINDS.items()
    },
    "json": ReportKind(
        "JSON", "application/json", "For programs: everything, to the frame.",
        lambda report: json_text(report).encode(), ".json",
    ),
}  # fmt: skip


def report_response(title: Title, *, kind: str, user: User, asked: ReportRequest) -> HttpResponse:
    """The report as a file to save. Raises InvalidReport for flags that a file of that kind cannot hold."""
    known = REPORT_KINDS[kind]
    report = make_report(title, user=user, asked=asked)
    try:
        content = known.write(report)
    except UnfitForEdl as error:
        raise InvalidReport(str(error)) from error
    response = HttpResponse(content, content_type=known.content_type)
    name = f"{safe_name(f'{title} pixel report', otherwise='pixel report')}{known.suffix}"
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    response.headers["Cache-Control"] = "private, no-store"
    guard(response)
    return response
