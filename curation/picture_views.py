"""The page of a title's like pictures, and what people do on it: permission, one call, one answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ava.models import Title
from ava.page_parts import redirect_back, render_page, wants_part
from ava.roles import require_editor
from ava.selectors import EDITING_ROLES, access_titles
from curation.picture_actions import InvalidPictureAction
from curation.picture_forms import do_action
from curation.picture_pages import KINDS, groups_page
from curation.picture_questions import open_questions, read_skipped
from curation.picture_rows import send_grouping
from curation.picture_undo import undo

ACTION = "group its pictures"


@require_GET
def picture_groups(request: HttpRequest, pk: int) -> HttpResponse:
    """The groups. Opening the page sends a grouping again that is due, for its message may have been lost."""
    title = get_object_or_404(access_titles(request.user), pk=pk)
    group = _number(request.GET.get("group", ""))
    page = groups_page(title, kind=request.GET.get("kind", ""), number=request.GET.get("page", "1"), group=group)
    if page.waiting_count and not wants_part(request):
        send_grouping(title.pk)
    context = {
        "title": title,
        "page": page,
        "kinds": [(name, label, page.counts[name]) for name, label in KINDS.items()],
        "only_group": group,
        "questions": open_questions(title, skipped=read_skipped(request.GET)) if group is None else None,
        "may_edit": access_titles(request.user, roles=EDITING_ROLES).filter(pk=title.pk).exists(),
    }
    return render_page(
        request, page="curation/picture_groups.html", part="curation/_picture_groups.html", context=context
    )


@require_POST
def picture_groups_do(request: HttpRequest, pk: int) -> HttpResponse:
    title = _title_to_edit(request, pk)
    try:
        action = do_action(request.POST, title=title, user=request.user)
    except InvalidPictureAction as error:
        return _answer(request, {"detail": str(error)}, title=title, status=400)
    return _answer(request, {"sentence": action.sentence, "action": action.pk}, title=title)


@require_POST
def picture_groups_undo(request: HttpRequest, pk: int) -> HttpResponse:
    title = _title_to_edit(request, pk)
    action = undo(title, user=request.user)
    if action is None:
        return _answer(request, {"detail": "There is nothing left to undo."}, title=title, status=409)
    answer = {"sentence": action.sentence, "action": action.pk, "undoes": action.undoes_id}
    return _answer(request, answer, title=title)


def _title_to_edit(request: HttpRequest, pk: int) -> Title:
    title = get_object_or_404(access_titles(request.user), pk=pk)
    require_editor(request.user, title_id=title.pk, action=ACTION)
    return title


def _answer(request: HttpRequest, answer: dict[str, Any], *, title: Title, status: int = 200) -> HttpResponse:
    """JSON for scripts; for plain forms a redirect back to where they were sent from, with a message."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse(answer, status=status)
    if "detail" in answer:
        messages.error(request, answer["detail"])
    else:
        messages.success(request, answer["sentence"])
    return redirect_back(request, fallback=reverse("picture-groups", args=[title.pk]))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
