"""Pages of pick lists and what is done on them: permission, one call, an answer for forms and scripts alike."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ava.form_answers import answer
from ava.models import Title
from ava.page_parts import render_page, wants_json
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles
from curation import pick_lists as lists
from curation.frame_keys import BadFrames, parse_frame_key, read_frame_keys
from curation.models import PickList
from curation.pick_list_frames import FrameKey, listed_frames, lists_with_frames
from curation.pick_list_pages import deleted_lists, list_cards, listed_stills
from curation.pick_list_undo import tell_undone, undo
from curation.pick_lists import InvalidPickList
from curation.selectors import access_deleted_pick_lists, access_pick_lists

PURPOSES = ("Key art", "Story art", "Episode still", "Thumbnail")
"""What lists are usually for; a list may have any purpose."""


@require_http_methods(["GET", "HEAD", "POST"])
def pick_lists(request: HttpRequest, pk: int) -> HttpResponse:
    """The lists of a title, as JSON for scripts; POST begins one, with the frames that it names or empty."""
    title = get_object_or_404(access_titles(request.user).select_related("parent"), pk=pk)
    if request.method == "POST":
        return _create(request, title)
    if wants_json(request):
        return JsonResponse({"lists": [_list_json(*row) for row in lists_with_frames(title)]})
    context = {
        "title": title,
        "cards": list_cards(title),
        "deleted": deleted_lists(request.user, title),
        "purposes": PURPOSES,
        "may_edit": may_edit(request.user, title_id=title.pk),
    }
    return render_page(request, page="curation/pick_lists.html", part="curation/_pick_lists.html", context=context)


def _create(request: HttpRequest, title: Title) -> HttpResponse:
    require_editor(request.user, title_id=title.pk, action="keep its lists")
    page = reverse("pick-lists", args=[title.pk])
    said = request.POST
    try:
        made = lists.create_list(
            title, name=said.get("name", ""), purpose=said.get("purpose", ""), user=request.user,
            frames=read_frame_keys(said),
        )  # fmt: skip
    except (InvalidPickList, BadFrames) as error:
        return answer(request, {"detail": str(error)}, fallback=page, status=400)
    return answer(request, _list_json(made) | {"sentence": f"“{made}” is there."}, fallback=page)


@require_safe
def pick_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One list: its pictures in their order."""
    found = get_object_or_404(access_pick_lists(request.user).select_related("title", "created_by"), pk=pk)
    context = {
        "list": found,
        "title": found.title,
        "stills": listed_stills(found),
        "purposes": PURPOSES,
        "may_edit": may_edit(request.user, title_id=found.title_id),
    }
    return render_page(request, page="curation/pick_list.html", part="curation/_pick_list.html", context=context)


@require_POST
def pick_list_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Add, remove, move (`before`: the frame that follows), rename or delete, as `action` says."""
    found = get_object_or_404(access_pick_lists(request.user).select_related("title"), pk=pk)
    require_editor(request.user, title_id=found.title_id, action="keep its lists")
    act = _ACTIONS.get(request.POST.get("action", ""))
    page = reverse("pick-list", args=[pk])
    if act is None:
        return answer(
            request, {"detail": f"Choose an action: {', '.join(_ACTIONS)}."}, fallback=page, status=400
        )  # fmt: skip
    try:
        sentence = act(request, found)
    except (InvalidPickList, BadFrames) as error:
        return answer(request, {"detail": str(error)}, fallback=page, status=400)
    found.refresh_from_db()
    if found.is_deleted:
        page = reverse("pick-lists", args=[found.title_id])
    return answer(request, _list_json(found) | {"sentence": sentence}, fallback=page)


@require_POST
def pick_list_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own last step on a list, also that of deleting it."""
    known = access_pick_lists(request.user) | access_deleted_pick_lists(request.user)
    found = get_object_or_404(known.select_related("title"), pk=pk)
    require_editor(request.user, title_id=found.title_id, action="keep its lists")
    step = undo(found, user=request.user)
    found.refresh_from_db()
    page = reverse("pick-lists", args=[found.title_id]) if found.is_deleted else reverse("pick-list", args=[pk])
    if step is None:
        return answer(request, {"detail": "There is nothing of yours left to undo."}, fallback=page, status=409)
    return answer(request, _list_json(found) | {"sentence": tell_undone(step)}, fallback=page)


def _add(request: HttpRequest, found: PickList) -> str:
    step = lists.add_frames(found, frames=read_frame_keys(request.POST), user=request.user)
    return f"Added to “{found}”." if step else f"“{found}” has that already."


def _remove(request: HttpRequest, found: PickList) -> str:
    step = lists.remove_frames(found, frames=read_frame_keys(request.POST), user=request.user)
    return f"Taken out of “{found}”." if step else f"“{found}” does not have that."


def _move(request: HttpRequest, found: PickList) -> str:
    before = request.POST.get("before", "")
    target = parse_frame_key(before, video=request.POST.get("video", "")) if before else None
    step = lists.move_frames(found, frames=read_frame_keys(request.POST), before=target, user=request.user)
    return "Moved." if step else ""


def _change(request: HttpRequest, found: PickList) -> str:
    said = request.POST
    lists.change_list(found, user=request.user, name=said.get("name"), purpose=said.get("purpose"))
    return "Saved."


def _delete(request: HttpRequest, found: PickList) -> str:
    lists.delete_list(found, user=request.user)
    return f"“{found}” is deleted. It can be brought back below."


_ACTIONS: dict[str, Callable[[HttpRequest, PickList], str]] = {
    "add": _add,
    "remove": _remove,
    "move": _move,
    "change": _change,
    "delete": _delete,
}



def _list_json(found: PickList, frames: Sequence[FrameKey] | None = None) -> dict[str, Any]:
    return {
        "list": found.pk,
        "name": found.name,
        "purpose": found.purpose,
        "is_deleted": found.is_deleted,
        "frames": [list(key) for key in (listed_frames(found) if frames is None else frames)],
        "url": reverse("pick-list", args=[found.pk]),
    }
