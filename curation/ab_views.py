"""Pages of test results: everyone in a title's teams sees them, editors and administrators bring them in."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from ava.models import Title
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles
from curation.ab_pages import performance_cards
from curation.ab_results import batches_of, delete_batch, import_results
from curation.performance.results_csv import COLUMNS, MOST_BYTES, UnusableResults
from curation.selectors import access_test_batches

MOST_BYTES_OF_A_FORM = 2**16
ACTION = "bring in test results"


@csrf_exempt  # Looking for the token reads the form, and with it the file: its size comes first, then the token.
@require_http_methods(["GET", "HEAD", "POST"])
def test_results(request: HttpRequest, pk: int) -> HttpResponse:
    title = get_object_or_404(access_titles(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, title)
    require_editor(request.user, title_id=title.pk, action=ACTION)
    if int(request.META.get("CONTENT_LENGTH") or "0") > MOST_BYTES + MOST_BYTES_OF_A_FORM:
        messages.error(request, f"The file is larger than {MOST_BYTES // 2**20} MB; import it in parts.")
        return redirect("test-results", title.pk)
    return _import(request, title)


@csrf_protect
def _import(request: HttpRequest, title: Title) -> HttpResponse:
    uploaded: UploadedFile | None = request.FILES.get("file")
    if uploaded is None:
        return _page(request, title, problems=("Choose a CSV file.",))
    try:
        data = uploaded.read(MOST_BYTES + 1)  # sent in chunks, a form does not tell its size before
        batch = import_results(title, data=data, file_name=uploaded.name or "results.csv", user=request.user)
    except UnusableResults as error:
        return _page(request, title, problems=error.problems, file_name=uploaded.name or "")
    count = batch.results.count()
    messages.success(request, f"{count:,} result{'' if count == 1 else 's'} of “{batch}” are in.")
    return redirect("test-results", title.pk)


@require_POST
def test_batch_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an import back."""
    batch = get_object_or_404(access_test_batches(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=batch.title_id, action=ACTION)
    delete_batch(batch)
    messages.success(request, f"The results of “{batch}” are taken back.")
    return redirect("test-results", batch.title_id)


def _page(request: HttpRequest, title: Title, *, problems: tuple[str, ...] = (), file_name: str = "") -> HttpResponse:
    context = {
        "title": title,
        "may_edit": may_edit(request.user, title_id=title.pk),
        "batches": batches_of(title),
        "cards": performance_cards(title),
        "columns": COLUMNS,
        "problems": problems,
        "file_name": file_name,
    }
    return render(request, "curation/test_results.html", context, status=422 if problems else 200)
