"""The page of a film's coverage."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ava.form_numbers import read_number
from ava.models import Title
from ava.roles import may_edit
from ava.selectors import access_titles
from curation.coverage_pages import read_coverage_page
from curation.models import PickList
from curation.selectors import access_pick_lists


@require_GET
def coverage(request: HttpRequest, pk: int) -> HttpResponse:
    """A film's elements against those of its picks, or with `?list=PK` of a pick list."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    chosen = _pick_list(request, title)
    context = {
        "title": title,
        "page": read_coverage_page(title, query=request.GET, user=request.user, pick_list=chosen),
        "may_edit": may_edit(request.user, title_id=pk),
    }
    return render(request, "curation/coverage.html", context)


def _pick_list(request: HttpRequest, title: Title) -> PickList | None:
    text = request.GET.get("list", "")
    if not text:
        return None
    lists = access_pick_lists(request.user).filter(title=title, is_deleted=False)
    return get_object_or_404(lists, pk=read_number(text))
