"""What is held back for its maturity, and what editors say of it: permission, one call, response."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ava.models import Video
from ava.page_parts import redirect_back
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_titles, access_videos
from curation.held_back import held_back, judge_frame
from curation.maturity_overrides import InvalidOverride, say_maturity
from curation.pages import choose_video
from curation.weighting_query import read_weighting


@require_safe
def held_back_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The strip of stills that a film holds back, under the weighting of the address."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    videos, video = choose_video(title, video_id=request.GET.get("video", ""))
    weighting = read_weighting(request.GET, user=request.user, title=title)
    context = {
        "title": title,
        "videos": videos,
        "video": video,
        "held": held_back(video, weighting) if video else None,
        "may_edit": access_titles(request.user, roles=EDITING_ROLES).filter(pk=pk).exists(),
    }
    return render(request, "curation/held_back.html", context)


@require_POST
def maturity_override(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    """Say of one kind in a frame that it is allowed, held back, or as measured; the address may name the kind, so that
    one form has buttons for all of them."""
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=video.title_id, action="say what it may show")
    try:
        override = say_maturity(
            video,
            frame_index=frame,
            kind=request.POST.get("kind") or request.GET.get("kind", ""),
            verdict=request.POST.get("verdict", "?"),
            reason=request.POST.get("reason", ""),
            user=request.user,
        )
    except InvalidOverride as error:
        return _answer(request, {"detail": str(error)}, video=video, status=400)
    weighting = read_weighting(request.GET, user=request.user, title=video.title)
    judged = judge_frame(video, frame, weighting=weighting)
    answer = {
        "frame_index": frame,
        "kind": override.kind,
        "verdict": override.verdict,
        "kept": judged.kept if judged else None,
        "rank": judged.rank if judged else None,
    }
    return _answer(request, answer, video=video)


def _answer(request: HttpRequest, answer: dict[str, Any], *, video: Video, status: int = 200) -> HttpResponse:
    """JSON for scripts; for plain forms a redirect to where they were sent from."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse(answer, status=status)
    if "detail" in answer:
        messages.error(request, answer["detail"])
    fallback = f"{reverse('held-back', args=[video.title_id])}?video={video.pk}"
    return redirect_back(request, fallback=fallback)
