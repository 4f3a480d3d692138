"""The page of a title's people: permission, one call, response."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from ava.page_parts import render_page
from ava.roles import may_edit
from ava.selectors import access_titles
from curation.models import Character
from curation.people_pages import TOGETHER, VIEWS, people_page
from curation.people_questions import count_questions
from curation.people_selectors import cast_scope


@require_GET
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of a film, an episode or a series; with `?video=` of one of its films.

    `?count=questions` answers how many questions there are about them, which takes longer than the page.
    """
    title = get_object_or_404(access_titles(request.user).select_related("parent__parent"), pk=pk)
    if request.GET.get("count") == "questions":
        return JsonResponse({"questions": count_questions(request.user, title)})
    context = {
        "title": title,
        "scope": cast_scope(title),
        "page": people_page(request.user, title, query=request.GET),
        "together": TOGETHER,
        "views": VIEWS,
        "importances": Character.Importance.choices,
        "may_edit": may_edit(request.user, title_id=pk),
    }
    return render_page(request, page="curation/people.html", part="curation/_people.html", context=context)
