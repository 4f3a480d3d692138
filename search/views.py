"""Pages of searching: permission, one call, response."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from ava.media.picture_file import UnusablePicture
from ava.media_serving import serve_stored
from ava.page_parts import redirect_back, render_page, wants_json
from ava.selectors import access_videos
from search import encoders
from search.collecting import InvalidCollection, collect
from search.query import InvalidQuery, read_query
from search.reels import InvalidReel
from search.search_page import query_like_upload, read_page
from search.timeline_marks import timeline_marks
from search.uploaded_pictures import keep_picture, picture_name, sent_picture

REEL_IN_USE = "reel_in_use"
"""The session's key of the reel that results were last collected into."""


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    page = read_page(request.user, request.GET)
    if not page.is_open:
        encoders.load_soon()
    context = {"page": page, "reel_in_use": request.session.get(REEL_IN_USE)}
    response = render_page(request, page="search/search.html", part="search/_results.html", context=context)
    response.status_code = 400 if page.error else 200
    return response


@require_POST
def search_picture(request: HttpRequest) -> HttpResponse:
    """Take an example picture and lead on to what is like it; what else was asked for comes as `query`."""
    try:
        token = keep_picture(sent_picture(request), user=request.user)
    except UnusablePicture as error:
        if wants_json(request):
            return JsonResponse({"detail": str(error)}, status=400)
        messages.error(request, str(error))
        return redirect_back(request, fallback=reverse("search"))
    address = f"{reverse('search')}?{query_like_upload(request.POST.get('query', ''), token=token)}"
    return JsonResponse({"address": address}) if wants_json(request) else HttpResponseRedirect(address)


@require_safe
def search_example(request: HttpRequest, token: str) -> HttpResponseBase:
    name = picture_name(token, user=request.user)
    if name is None:
        raise Http404("The example picture is gone: it is kept for a day, for who brought it alone.")
    return serve_stored(request, name=name, content_type="image/jpeg")


@require_POST
def search_collect(request: HttpRequest) -> HttpResponse:
    """Put results into a reel: one that there is, or a new one of a team."""
    try:
        collected = collect(request.POST, user=request.user)
    except (InvalidCollection, InvalidReel) as error:
        if wants_json(request):
            return JsonResponse({"detail": str(error)}, status=400)
        messages.error(request, str(error))
        return redirect_back(request, fallback=reverse("search"))
    request.session[REEL_IN_USE] = collected.reel.pk
    if wants_json(request):
        told = {"id": collected.reel.pk, "name": collected.reel.name, "address": collected.address}
        return JsonResponse({"reel": told, "sentence": collected.sentence})
    messages.success(request, collected.sentence)
    return redirect_back(request, fallback=collected.address)


@require_GET
def search_marks(request: HttpRequest, pk: int) -> JsonResponse:
    """Where the results of the address's query lie on a film's timeline."""
    video = get_object_or_404(access_videos(request.user), pk=pk)
    try:
        query = read_query(request.GET)
    except InvalidQuery as error:
        return JsonResponse({"detail": str(error)}, status=400)
    return JsonResponse(timeline_marks(video, query=query, user=request.user))
