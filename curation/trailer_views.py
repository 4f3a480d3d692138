"""The trailer map of a title: the page, its table as a file, and what people say of its matches."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.http import require_GET, require_POST

from ava.form_answers import answer
from ava.form_numbers import read_number
from ava.models import Title
from ava.page_parts import render_page
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles
from curation.models import TrailerMatching, TrailerVerdict
from curation.trailer_actions import UnknownPart, say_verdict
from curation.trailer_exports import csv_text
from curation.trailer_pages import read_trailer_page, title_matchings

SAID = {"right": "Marked as right.", "wrong": "Marked as wrong.", "": "Taken back."}


@require_GET
def trailer_map(request: HttpRequest, pk: int) -> HttpResponse:
    """A trailer's shots beside their places in the film; `film` and `trailer` in the address choose the pair."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    page = read_trailer_page(title, query=request.GET, user=request.user)
    editable = page.matching is not None and may_edit(request.user, title_id=page.matching.film.title_id)
    context = {"title": title, "page": page, "may_edit": editable}
    return render_page(
        request, page="curation/trailer_map.html", part="curation/_trailer_map.html", context=context
    )  # fmt: skip


@require_GET
def trailer_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The same map as a table."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    page = read_trailer_page(title, query=request.GET, user=request.user)
    if page.matching is None:
        raise Http404("No trailer of this title is matched with it yet.")
    response = HttpResponse(csv_text(page.rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, f"trailer map {title}.csv"))
    return response


@require_POST
def trailer_say(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a match is right or wrong, or take that back."""
    title: Title = get_object_or_404(access_titles(request.user), pk=pk)
    matching = _matching(request, title)
    require_editor(request.user, title_id=matching.film.title_id, action="judge what a trailer takes from it")
    numbers = [read_number(request.POST.get(name, "")) for name in ("trailer_start", "film_start")]
    verdict = request.POST.get("verdict", "?")
    if None in numbers or verdict not in TrailerVerdict.Verdict.values:
        sentence = "Say of one match, named by the frames it begins at, that it is right or wrong."
        return answer(request, {"detail": sentence}, fallback=_back(title, matching), status=400)
    trailer_start, film_start = (number or 0 for number in numbers)
    try:
        say_verdict(matching, trailer_start=trailer_start, film_start=film_start, verdict=verdict, user=request.user)
    except UnknownPart as error:
        return answer(request, {"detail": str(error)}, fallback=_back(title, matching), status=409)
    return answer(request, {"sentence": SAID[verdict], "verdict": verdict}, fallback=_back(title, matching))


def _matching(request: HttpRequest, title: Title) -> TrailerMatching:
    rows = title_matchings(title, user=request.user).select_related("film__title")
    film, trailer = (read_number(request.POST.get(name, "")) for name in ("film", "trailer"))
    return get_object_or_404(rows, film=film, trailer=trailer)


def _back(title: Title, matching: TrailerMatching) -> str:
    query = urlencode({"film": matching.film_id, "trailer": matching.trailer_id})
    return f"{reverse('trailer-map', args=[title.pk])}?{query}"
