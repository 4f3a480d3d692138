"""The page on which stills are compared in pairs, and what is said there: permission, one call, response."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ava.form_answers import answer
from ava.models import Video
from ava.page_parts import render_page
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles, access_videos
from curation.compare_page import read_compare_page
from curation.comparisons import InvalidComparison, count_comparisons, undo_comparison
from curation.comparisons import compare as compare_stills
from curation.frame_keys import whole_number
from curation.models import Comparison


@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of two stills is better; the next pair at once."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    context = {
        "title": title,
        "page": read_compare_page(title, query=request.GET, user=request.user),
        "may_edit": may_edit(request.user, title_id=pk),
    }
    return render_page(request, page="curation/compare.html", part="curation/_duel.html", context=context)


@require_POST
def comparison_say(request: HttpRequest, pk: int) -> HttpResponse:
    """`better` is a frame, `worse` one or more others of the film."""
    video = _video_to_edit(request, pk)
    try:
        said = compare_stills(
            video,
            better=whole_number(request.POST.get("better", "")),
            worse=[whole_number(text) for text in request.POST.getlist("worse")],
            user=request.user,
            purpose=request.POST.get("purpose", ""),
        )
    except InvalidComparison as error:
        return answer(request, {"detail": str(error)}, fallback=_fallback(video), status=400)
    return answer(request, _said_json(said, request=request), fallback=_fallback(video))


@require_POST
def comparison_undo(request: HttpRequest, pk: int) -> HttpResponse:
    video = _video_to_edit(request, pk)
    undone = undo_comparison(video, user=request.user)
    if not undone:
        return answer(request, {"detail": "There is nothing left to undo."}, fallback=_fallback(video), status=409)
    return answer(request, _said_json(undone, request=request), fallback=_fallback(video))


def _video_to_edit(request: HttpRequest, pk: int) -> Video:
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=video.title_id, action="compare its stills")
    return video



def _said_json(said: list[Comparison], *, request: HttpRequest) -> dict[str, Any]:
    return {
        "ids": [each.pk for each in said],
        "better": said[0].better_frame,
        "worse": [each.worse_frame for each in said],
        "purpose": said[0].purpose,
        "stands": said[0].stands,
        "count": count_comparisons(said[0].video, user=request.user),
    }


def _fallback(video: Video) -> str:
    """Where a plain form is led that does not say where it came from."""
    return f"{reverse('compare', args=[video.title_id])}?video={video.pk}"
