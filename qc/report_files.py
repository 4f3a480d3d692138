"""A title's pixel report as a file of each kind."""

import io
from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from ava.file_responses import guard
from ava.handoff.edl_lines import UnfitForEdl
from ava.models import Title, User
from curation.exports.file_names import safe_name
from qc.report_pictures import ReportPictures
from qc.report_request import InvalidReport, ReportRequest
from qc.report_rows import make_report
from qc.reports.csv_marks import csv_text
from qc.reports.edl import edl_text
from qc.reports.json_marks import json_text
from qc.reports.marks import Report
from qc.reports.otio_timeline import otio_text
from qc.reports.pdf_report import MOST_LISTED, write_pdf


class ReportKind(NamedTuple):
    """One kind of file: its suffix is its name; what it is for, in a line."""

    label: str
    content_type: str
    about: str
    write: Callable[[Report], bytes]


def _pdf(report: Report) -> bytes:
    file = io.BytesIO()
    write_pdf(file, report, pictures=ReportPictures(report.marks[:MOST_LISTED]))
    return file.getvalue()


REPORT_KINDS = {
    "pdf": ReportKind("PDF", "application/pdf", "To read and print: summary, and each flag with pictures.", _pdf),
    "csv": ReportKind(
        "CSV", "text/csv; charset=utf-8", "For spreadsheets: a row a flag with timecodes, place and who said what.",
        lambda report: csv_text(report).encode(),
    ),
    "edl": ReportKind(
        "EDL", "text/plain; charset=utf-8", "CMX 3600 for Avid and Resolve: an event a film, a locator a flag.",
        lambda report: edl_text(report).encode(),
    ),
    "otio": ReportKind(
        "OTIO", "application/json", "OpenTimelineIO: a clip a film, a coloured marker a flag with all that is known.",
        lambda report: otio_text(report).encode(),
    ),
    "json": ReportKind(
        "JSON", "application/json", "For programs: everything, to the frame.", lambda report: json_text(report).encode()
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
    name = f"{safe_name(f'{title} pixel report', otherwise='pixel report')}.{kind}"
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    response.headers["Cache-Control"] = "private, no-store"
    guard(response)
    return response
