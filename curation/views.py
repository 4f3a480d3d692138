"""The stills board and the decisions taken on it: permission, one call, response."""

import gzip
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from ava.form_answers import answer
from ava.media_serving import serve_stored
from ava.models import Video
from ava.page_parts import render_page, wants_part
from ava.pages import url_pattern
from ava.picture_area import known_area
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles, access_videos
from curation import decisions, pages
from curation.board_comparison import compared_stills
from curation.board_index import index_columns, index_core, index_facts
from curation.board_narrowing import read_frames
from curation.board_sequence import board_sequence, explain_rank, index_address
from curation.board_still import OpenStill, open_still
from curation.frame_keys import whole_number
from curation.models import Decision
from curation.saved_filters import InvalidFilter, clean_query, offered_filters, save_filter
from curation.selectors import access_saved_filters, access_stills
from curation.still_filters import PLAIN_SORTS, VERDICTS

SMALL_BYTES = 10_000


@require_GET
def stills(request: HttpRequest, pk: int) -> HttpResponse:
    """The board; with `?still=FRAME` that frame large, alone when a script asks for it, with `?compare=F,G` several."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    wanted = request.GET.get("still", "")
    is_part = bool(wanted) and wants_part(request)
    board = pages.read_board(title, query=request.GET, user=request.user)
    is_culling = request.GET.get("view") == "cull"
    opened = None
    if wanted or is_culling:
        opened = _open(request, board, wanted=wanted, is_culling=is_culling and not is_part)
    if wanted and opened is None:
        raise Http404
    context = {
        "title": title,
        "board": board,
        "page": None if is_part else pages.board_cards(board, number=request.GET.get("page", "1")),
        "open": opened,
        "is_culling": is_culling,
        "compared": None if is_part else compared_stills(board, text=request.GET.get("compare", "")),
        "saved_filters": [] if is_part else offered_filters(title, user=request.user, query=request.GET.urlencode()),
        "verdicts": VERDICTS,
        "sorts": PLAIN_SORTS,
        "overlays": pages.OVERLAYS,
        "may_edit": may_edit(request.user, title_id=pk),
    }
    context["settings"] = _settings(request, board=board, may_edit=context["may_edit"]) if board.video else None
    part = "curation/_still.html" if is_part else "curation/stills.html"
    return render_page(request, page="curation/stills.html", part=part, context=context)


def _open(request: HttpRequest, board: pages.BoardPage, *, wanted: str, is_culling: bool) -> OpenStill | None:
    """The still that the address names; culling begins with the list's first where it names none."""
    frame = whole_number(wanted) if wanted else next(iter(board.listed[:1]), -1)
    came_from = request.GET.get("from", "")
    explained = None
    if board.video and frame >= 0:
        explained = explain_rank(board.video, frame=frame, query=request.GET, user=request.user)
    return open_still(
        board,
        frame_index=frame,
        came_from=whole_number(came_from) if came_from else None,
        with_strip=is_culling,
        explained=explained,
    )


def _settings(request: HttpRequest, *, board: pages.BoardPage, may_edit: bool) -> dict[str, Any]:
    """What the board's script needs: the film, and addresses to fill in with a still's or frame's number."""
    video = board.video
    assert video is not None
    return {
        "video": video.pk,
        "user": request.user.get_username(),
        "frame_count": video.frame_count,
        "aspect": video.width / video.height,
        "may_edit": may_edit,
        "picture_area": list(known_area(video)),
        "only": sorted(board.narrowing.frames) if board.narrowing else None,
        "urls": {
            "findings": url_pattern("frame-findings", video.pk),
            "saliency": url_pattern("frame-saliency", video.pk),
            "motion": url_pattern("frame-motion", video.pk),
            "index": index_address(video, query=request.GET),
            "frame": url_pattern("video-frame", video.pk),
            "decide": url_pattern("decide", video.pk),
            "undo": reverse("undo", args=[video.pk]),
            "image": url_pattern("still-image"),
            "play": reverse("video-play", args=[video.pk]),
        },
    }


@require_GET
def stills_index(request: HttpRequest, pk: int) -> HttpResponse:
    """What the board's script knows of a film's stills: the core, or with `part=facts` or `columns=A,B` more of it."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    _, video = pages.choose_video(title, video_id=request.GET.get("video", ""))
    if video is None:
        raise Http404
    if "columns" in request.GET:
        written = index_columns(video, request.GET["columns"].split(","))
    elif request.GET.get("part") == "facts":
        written = index_facts(video)
    else:
        written = index_core(video, order=board_sequence(video, query=request.GET, user=request.user))
    return _packed(request, written)


def _packed(request: HttpRequest, written: str) -> HttpResponse:
    """JSON, squeezed to a sixth at the least effort where the browser takes that: it holds no secret to guess at."""
    response = HttpResponse(written, content_type="application/json", headers={"Vary": "Accept-Encoding"})
    if len(written) > SMALL_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, 1)
        response.headers["Content-Encoding"] = "gzip"
    return response


@require_safe
def still_image(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The stored preview of a still, 640 pixels wide; until a worker has made it, the frame from the film itself."""
    still = get_object_or_404(access_stills(request.user).only("image", "video", "frame_index"), pk=pk)
    if not still.image:
        return redirect(f"{reverse('video-frame', args=[still.video_id, still.frame_index])}?w=640")
    return serve_stored(request, name=still.image.name, content_type="image/jpeg")


@require_POST
def decide(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    """Decide on a frame; with `frames=F,G` on these as well, with `instead_of=F` on it in that one's place."""
    video = _video_to_edit(request, pk)
    try:
        decided = _decide(request, video=video, frame=frame)
    except decisions.InvalidDecision as error:
        return answer(request, {"detail": str(error)}, fallback=_fallback(video), status=400)
    return answer(request, _decided_json(decided), fallback=_fallback(video))


def _decide(request: HttpRequest, *, video: Video, frame: int) -> list[Decision]:
    said, user = request.POST, request.user
    verdict, stars = said.get("verdict"), said.get("stars")
    if "instead_of" in said:
        left = whole_number(said["instead_of"])
        verdict = said.get("left", "")
        return decisions.take_instead(video, frame_index=frame, instead_of=left, verdict=verdict, user=user)
    return decisions.decide_many(
        video,
        frames=[frame, *read_frames(said.get("frames", ""))],
        user=user,
        verdict=verdict,
        stars=None if stars is None else whole_number(stars),
        action=_action(said.get("action", "")),
    )


def _action(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise decisions.InvalidDecision("An action is named by a UUID.") from error


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the user's last action, and say what each of its frames is again and what was taken back."""
    video = _video_to_edit(request, pk)
    undone = decisions.undo_action(video, user=request.user)
    if not undone:
        return answer(request, {"detail": "There is nothing left to undo."}, fallback=_fallback(video), status=409)
    return answer(request, _decided_json(undone), fallback=_fallback(video))


@require_POST
def filter_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the board's present view under a name."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    board, said = reverse("stills", args=[pk]), request.POST
    is_shared = said.get("is_shared", "") == "1"
    try:
        saved = save_filter(
            title, user=request.user, name=said.get("name", ""), query=said.get("query", ""), is_shared=is_shared
        )
    except InvalidFilter as error:
        messages.error(request, str(error))
        return redirect(f"{board}?{clean_query(said.get('query', ''))}")
    messages.success(request, f"The view is kept as “{saved.name}”.")
    return redirect(f"{board}?{saved.query}")


@require_POST
def filter_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view; only who has saved it may."""
    saved = get_object_or_404(access_saved_filters(request.user).select_related("title"), pk=pk)
    if saved.user_id != request.user.pk:
        raise PermissionDenied("Only who has saved a view can delete it.")
    board = f"{reverse('stills', args=[saved.title_id])}?{saved.query}"
    saved.delete()
    messages.success(request, f"The view “{saved.name}” is gone; the stills are as they were.")
    return redirect(board)


def _video_to_edit(request: HttpRequest, pk: int) -> Video:
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=video.title_id, action="decide on its stills")
    return video



def _decided_json(decided: Sequence[Decision]) -> dict[str, Any]:
    """The first decision, and in "states" all of them; one that takes another back says what it took back."""
    states = [
        {
            "frame_index": each.frame_index,
            "verdict": each.verdict,
            "stars": each.stars,
            "undone": {"verdict": each.undoes.verdict, "stars": each.undoes.stars} if each.undoes else None,
        }
        for each in decided
    ]
    first = {name: states[0][name] for name in ("frame_index", "verdict", "stars")}
    return first | {"undoes": decided[0].undoes_id is not None, "states": states}


def _fallback(video: Video) -> str:
    """Where a plain form is led that does not say where it came from."""
    return f"{reverse('stills', args=[video.title_id])}?video={video.pk}"
