"""The page of a picture on all canvases, and what is chosen there: permission, one call, response."""

import math
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from ava.form_answers import answer
from ava.page_parts import render_page
from ava.roles import may_edit, require_editor
from ava.selectors import access_videos
from curation.layout.box import Box
from curation.layout_checks import InvalidLayoutChoice
from curation.layout_choices import LayoutChange, choose, redo_layout, reset_layout, undo_layout
from curation.layout_groups import NoPictures, apply_to_group, read_group
from curation.layout_pages import found_boxes, page_state, read_layout_page
from curation.layout_sources import (
    LayoutSource,
    NoSuchFrame,
    UnreadableSource,
    source_of_artwork,
    source_of_frame,
)
from curation.models import LayoutStep
from curation.selectors import access_artworks
from curation.team_canvases import canvases_of

NOTHING_LEFT = {"undo": "There is nothing left to undo.", "redo": "There is nothing to do again."}


@require_GET
def frame_layout(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    return _show(request, _frame(request, pk, frame))


@require_POST
def frame_layout_do(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    """Choose, with `reset` choose no longer, with `apply` let others have the same; see `_do`."""
    return _do(request, _frame(request, pk, frame))


@require_POST
def frame_layout_undo(request: HttpRequest, pk: int, frame: int) -> HttpResponse:
    """Take back the user's last action on this picture, or with `redo` do it again."""
    return _undo(request, _frame(request, pk, frame))


@require_GET
def artwork_layout(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _artwork(request, pk))


@require_POST
def artwork_layout_do(request: HttpRequest, pk: int) -> HttpResponse:
    """As `frame_layout_do`."""
    return _do(request, _artwork(request, pk))


@require_POST
def artwork_layout_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """As `frame_layout_undo`."""
    return _undo(request, _artwork(request, pk))


def _frame(request: HttpRequest, pk: int, frame: int) -> LayoutSource:
    video = get_object_or_404(access_videos(request.user).select_related("title"), pk=pk)
    try:
        return source_of_frame(video, frame)
    except NoSuchFrame as error:
        raise Http404(str(error)) from error


def _artwork(request: HttpRequest, pk: int) -> LayoutSource:
    return source_of_artwork(get_object_or_404(access_artworks(request.user).select_related("title"), pk=pk))


def _show(request: HttpRequest, source: LayoutSource) -> HttpResponse:
    edits = may_edit(request.user, title_id=source.title.pk)
    try:
        page = read_layout_page(source, query=request.GET, user=request.user)
    except UnreadableSource as error:
        context = {"title": source.title, "sentence": str(error), "source": source}
        return render_page(
            request, page="curation/layout_unreadable.html", part="curation/_layout_unreadable.html", context=context
        )
    context = {
        "title": source.title,
        "page": page,
        "state": page_state(page, may_edit=edits),
        "found": found_boxes(source.contents),
        "may_edit": edits,
    }
    return render_page(request, page="curation/layout.html", part="curation/_layout.html", context=context)


def _do(request: HttpRequest, source: LayoutSource) -> HttpResponse:
    require_editor(request.user, title_id=source.title.pk, action="choose how its pictures are laid out")
    try:
        change = _chosen(request, source)
    except (InvalidLayoutChoice, NoPictures) as error:
        return answer(request, {"detail": str(error)}, fallback=_fallback(request, "do/"), status=400)
    return answer(request, _change_json(change), fallback=_fallback(request, "do/"))


def _chosen(request: HttpRequest, source: LayoutSource) -> LayoutChange:
    """What a form asks for: `apply` with `to`, `reset=all`, or a `subject` with `canvas` and its value or `reset`."""
    said, user = request.POST, request.user
    if "apply" in said:
        return apply_to_group(source, pictures=read_group(source, fields=said), user=user)
    if said.get("reset") == "all":
        return reset_layout(source.picture(), user=user)
    subject, canvas = said.get("subject", ""), said.get("canvas", "")
    value = None if "reset" in said else _read_value(said.get, subject=subject, canvas=canvas, source=source)
    return choose(source.picture(), subject=subject, canvas=canvas, value=value, user=user)


def _undo(request: HttpRequest, source: LayoutSource) -> HttpResponse:
    require_editor(request.user, title_id=source.title.pk, action="undo what was chosen for its pictures")
    way, fallback = ("redo" if "redo" in request.POST else "undo"), _fallback(request, "undo/")
    picture = source.known_picture()
    turn = redo_layout if way == "redo" else undo_layout
    change = turn(picture, user=request.user) if picture is not None else None
    if change is None:
        return answer(request, {"detail": NOTHING_LEFT[way]}, fallback=fallback, status=409)
    return answer(request, _change_json(change), fallback=fallback)


def _change_json(change: LayoutChange) -> dict[str, Any]:
    return {"sentence": change.sentence, "steps": len(change.steps)}


def _read_value(
    said: Callable[[str, str], str], *, subject: str, canvas: str, source: LayoutSource
) -> tuple[float, ...]:
    """Numbers as scripts send them, in `value` with commas between, or as the fields of plain forms.

    A crop's height follows from its width. Raises InvalidLayoutChoice.
    """
    if said("value", ""):
        return tuple(_number(text) for text in said("value", "").split(","))
    if subject == LayoutStep.Subject.FOCAL_POINT:
        return _number(said("x", "")), _number(said("y", ""))
    left, top, width = (_number(said(name, "")) for name in ("left", "top", "width"))
    if subject == LayoutStep.Subject.CROP:
        aspect = next((each.aspect for each in canvases_of(source.title) if each.key == canvas), 1.0)
        return tuple(Box(left, top, left + width, top + width / aspect))
    return left, top, left + width, top + _number(said("height", ""))


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise InvalidLayoutChoice("Give numbers, in pixels of the picture.") from error
    if not math.isfinite(number):
        raise InvalidLayoutChoice("Give numbers, in pixels of the picture.")
    return number


def _fallback(request: HttpRequest, ending: str) -> str:
    """The page that the form belongs to."""
    return request.path.removesuffix(ending)
