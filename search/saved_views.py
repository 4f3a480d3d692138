"""Pages of saved searches: a person's own, and nobody else's."""

from django.contrib import messages
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ava.page_parts import redirect_back, wants_json
from search.saved_searches import InvalidSearch, look_at, new_matches, rename_search, save_search, saved_with_news
from search.selectors import access_saved_searches

DELETED = "deleted_search"
"""The session's key of the search that was deleted last, so that it can be brought back."""


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    context = {"saved": saved_with_news(request.user), "deleted": request.session.get(DELETED)}
    return render(request, "search/saved.html", context)


@require_GET
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Run it: its person sees its results now, with what is new marked."""
    saved = get_object_or_404(access_saved_searches(request.user), pk=pk)
    first_new = new_matches(request.user).filter(search=saved).aggregate(first=Min("pk"))["first"]
    look_at(saved)
    query = f"{saved.query}&saved={saved.pk}" + (f"&new={first_new}" if first_new else "")
    return HttpResponseRedirect(f"{reverse('search')}?{query}")


@require_POST
def saved_search_save(request: HttpRequest) -> HttpResponse:
    try:
        saved = save_search(request.user, name=request.POST.get("name", ""), query=request.POST.get("query", ""))
    except InvalidSearch as error:
        return _refuse(request, str(error))
    if request.session.get(DELETED, {}).get("name") == saved.name:
        del request.session[DELETED]
    messages.success(request, f"“{saved.name}” is kept; new matches will be told beside Search.")
    return redirect_back(request, fallback=reverse("saved-searches"))


@require_POST
def saved_search_rename(request: HttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(access_saved_searches(request.user), pk=pk)
    try:
        rename_search(saved, name=request.POST.get("name", ""))
    except InvalidSearch as error:
        return _refuse(request, str(error))
    return redirect_back(request, fallback=reverse("saved-searches"))


@require_POST
def saved_search_delete(request: HttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(access_saved_searches(request.user), pk=pk)
    request.session[DELETED] = {"name": saved.name, "query": saved.query}
    saved.delete()
    return redirect_back(request, fallback=reverse("saved-searches"))


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"detail": sentence}, status=400)
    messages.error(request, sentence)
    return redirect_back(request, fallback=reverse("saved-searches"))
