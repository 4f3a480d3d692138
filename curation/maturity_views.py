"""What is held back for its maturity, and what editors say of it: permission, one call, response."""


from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ava.form_answers import answer
from ava.models import Video
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles, access_videos
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
        "may_edit": may_edit(request.user, title_id=pk),
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
        return answer(request, {"detail": str(error)}, fallback=_fallback(video), status=400)
    weighting = read_weighting(request.GET, user=request.user, title=video.title)
    judged = judge_frame(video, frame, weighting=weighting)
    told = {
        "frame_index": frame,
        "kind": override.kind,
        "verdict": override.verdict,
        "kept": judged.kept if judged else None,
        "rank": judged.rank if judged else None,
    }
    return answer(request, told, fallback=_fallback(video))


def _fallback(video: Video) -> str:
    """Where a plain form is led that does not say where it came from."""
    return f"{reverse('held-back', args=[video.title_id])}?video={video.pk}"
