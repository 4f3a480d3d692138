"""The stills board and the decisions taken on it: permission, one call, response."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from ava.media_serving import serve_stored
from ava.models import Video
from ava.page_parts import redirect_back, render_page, wants_part
from ava.pages import url_pattern
from ava.picture_area import known_area
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_titles, access_videos
from curation import decisions, pages
from curation.models import Decision
from curation.selectors import access_stills
from curation.still_filters import PLAIN_SORTS, VERDICTS


@require_GET
def stills(request: HttpRequest, pk: int) -> HttpResponse:
    """The board; with `?still=FRAME` that frame large, and alone when a script asks for it."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    wanted = request.GET.get("still", "")
    is_part = bool(wanted) and wants_part(request)
    board = pages.board_page(title, query=request.GET, with_cards=not is_part)
    opened = pages.open_still(board, frame_index=_whole_number(wanted)) if wanted else None
    if wanted and opened is None:
        raise Http404
    context = {
        "title": title,
        "board": board,
        "open": opened,
        "verdicts": VERDICTS,
        "sorts": PLAIN_SORTS,
        "overlays": pages.OVERLAYS,
        "may_edit": access_titles(request.user, roles=EDITING_ROLES).filter(pk=pk).exists(),
    }
    context["settings"] = _settings(pk, video=board.video, may_edit=context["may_edit"]) if board.video else None
    part = "curation/_still.html" if is_part else "curation/stills.html"
    return render_page(request, page="curation/stills.html", part=part, context=context)


def _settings(title_id: int, *, video: Video, may_edit: bool) -> dict[str, Any]:
    """What the board's script needs: the film, and addresses to fill in with a still's or frame's number."""
    return {
        "video": video.pk,
        "frame_count": video.frame_count,
        "aspect": video.width / video.height,
        "may_edit": may_edit,
        "picture_area": list(known_area(video)),
        "urls": {
            "findings": url_pattern("frame-findings", video.pk),
            "saliency": url_pattern("frame-saliency", video.pk),
            "motion": url_pattern("frame-motion", video.pk),
            "index": f"{reverse('stills-index', args=[title_id])}?video={video.pk}",
            "frame": url_pattern("video-frame", video.pk),
            "decide": url_pattern("decide", video.pk),
            "undo": reverse("undo", args=[video.pk]),
            "image": url_pattern("still-image"),
        },
    }


@require_GET
def stills_index(request: HttpRequest, pk: int) -> HttpResponse:
    title = get_object_or_404(access_titles(request.user), pk=pk)
    _, video = pages.choose_video(title, video_id=request.GET.get("video", ""))
    if video is None:
        raise Http404
    return HttpResponse(pages.stills_index(video), content_type="application/json")


@require_safe
def still_image(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored preview of a still, 640 pixels wide; until a worker has made it, the frame from the film itself."""
    still = get_object_or_404(access_stills(request.user).only("image", "video", "frame_index"), pk=pk)
    if not still.image:
        return redirect(f"{reverse('video-frame', args=[still.video_id, still.frame_index])}?w=640")
    return serve_stored(request, name=still.image.name, content_type="image/jpeg")


@require_POST
def decide(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    video = _video_to_edit(request, pk)
    stars = request.POST.get("stars")
    try:
        decision = decisions.decide(
            video,
            frame_index=frame,
            user=request.user,
            verdict=request.POST.get("verdict"),
            stars=None if stars is None else _whole_number(stars),
        )
    except decisions.InvalidDecision as error:
        return _answer(request, {"detail": str(error)}, video=video, status=400)
    return _answer(request, _decision_json(decision), video=video)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    video = _video_to_edit(request, pk)
    decision = decisions.undo(video, user=request.user)
    if decision is None:
        return _answer(request, {"detail": "There is nothing left to undo."}, video=video, status=409)
    return _answer(request, _decision_json(decision), video=video)


def _video_to_edit(request: HttpRequest, pk: int) -> Video:
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=video.title_id, action="decide on its stills")
    return video


def _whole_number(text: str) -> int:
    """The number, or -1, which is no frame and no count of stars."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "frame_index": decision.frame_index,
        "verdict": decision.verdict,
        "stars": decision.stars,
        "undoes": decision.undoes_id is not None,
    }


def _answer(request: HttpRequest, answer: dict[str, Any], *, video: Video, status: int = 200) -> HttpResponse:
    """JSON for scripts; for plain forms a redirect back to where they were sent from."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse(answer, status=status)
    if "detail" in answer:
        messages.error(request, answer["detail"])
    board = f"{reverse('stills', args=[video.title_id])}?video={video.pk}"
    return redirect_back(request, fallback=board)
