"""The page of pairs: what people's labels teach encoders, brought and taken as CSV."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ava.csv_table import UnusableTable
from ava.roles import is_administrator, is_editor_somewhere
from search.contrastive_import import export_pairs, import_pairs
from search.models import ShotLabel
from search.selectors import access_shot_labels
from search.train.pairs_csv import COLUMNS, LONGEST_TEXT, MOST_BYTES, MOST_ROWS

SHOWN_LABELS = 12


@require_http_methods(["GET", "HEAD", "POST"])
def pairs(request: HttpRequest) -> HttpResponse:
    """The labels that a person may see, newest first; editors bring more as a file."""
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        if not is_editor_somewhere(request.user):
            raise PermissionDenied("Only editors and administrators of a team may import pairs.")
        try:
            count = _import(request)
        except UnusableTable as error:
            problems = error.problems
        else:
            said = "There was nothing new in the file." if not count else f"{count:,} pairs are labels now."
            messages.success(request, "1 pair is a label now." if count == 1 else said)
            return redirect("pairs")
    return render(request, "search/pairs.html", _context(request, problems), status=400 if problems else 200)


@require_safe
def pairs_export(request: HttpRequest) -> HttpResponse:
    """The same labels as CSV, with what is known of their shots, to train with elsewhere."""
    response = HttpResponse(export_pairs(request.user), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="pairs.csv"'
    return response


def _import(request: HttpRequest) -> int:
    uploaded = request.FILES.get("file")
    if uploaded is None:
        raise UnusableTable(["Choose a CSV file first."])
    # A byte more than fits tells one that is too large from one that just fits.
    return import_pairs(uploaded.read(MOST_BYTES + 1), user=request.user)


def _context(request: HttpRequest, problems: tuple[str, ...]) -> dict[str, object]:
    labels = access_shot_labels(request.user).filter(stands=True)
    newest: list[ShotLabel] = list(
        labels.defer("words").select_related("video__title", "user").order_by("-pk")[:SHOWN_LABELS]
    )
    return {
        "problems": problems,
        "count": labels.count(),
        "films": labels.order_by().values("video").distinct().count(),
        "labels": newest,
        "columns": ",".join(COLUMNS),
        "most_rows": MOST_ROWS,
        "longest_text": LONGEST_TEXT,
        "may_import": is_editor_somewhere(request.user),
        "may_see_encoders": is_administrator(request.user),
    }
