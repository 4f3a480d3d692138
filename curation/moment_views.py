"""The moments page of a title."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ava.models import Title
from ava.page_parts import render_page
from ava.roles import may_edit
from ava.selectors import access_titles
from curation.moment_pages import read_moments_page


@require_GET
def moments(request: HttpRequest, pk: int) -> HttpResponse:
    """A film's shots ranked as moments; scripts get the list alone."""
    title = _title(request, pk)
    page = read_moments_page(title, fields=request.GET, user=request.user)
    context = {"title": title, "page": page, "may_edit": may_edit(request.user, title_id=pk)}
    response = render_page(request, page="curation/moments.html", part="curation/_moment_results.html", context=context)
    response.status_code = 400 if page.error else 200
    return response


@require_GET
def moments_shot(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of the one shot that the address names, as part of the page."""
    title = _title(request, pk)
    page = read_moments_page(title, fields=request.GET, user=request.user, with_cards=False)
    if page.open is None:
        raise Http404("The film has no shots that are ranked.")
    context = {"title": title, "page": page, "may_edit": may_edit(request.user, title_id=pk)}
    return render(request, "curation/_moment_open.html", context, status=400 if page.error else 200)


def _title(request: HttpRequest, pk: int) -> Title:
    title: Title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    return title
