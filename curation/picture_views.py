"""The page of a title's like pictures, and what people do on it: permission, one call, one answer."""


from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from ava.form_answers import answer
from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Title
from ava.page_parts import render_page, wants_part
from ava.roles import may_edit, require_editor
from ava.selectors import access_titles
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
    group = read_number(request.GET.get("group", ""), digits=KEY_DIGITS)
    page = groups_page(title, kind=request.GET.get("kind", ""), number=request.GET.get("page", "1"), group=group)
    if page.waiting_count and not wants_part(request):
        send_grouping(title.pk)
    context = {
        "title": title,
        "page": page,
        "kinds": [(name, label, page.counts[name]) for name, label in KINDS.items()],
        "only_group": group,
        "questions": open_questions(title, skipped=read_skipped(request.GET)) if group is None else None,
        "may_edit": may_edit(request.user, title_id=title.pk),
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
        return answer(request, {"detail": str(error)}, fallback=_fallback(title), status=400)
    return answer(request, {"sentence": action.sentence, "action": action.pk}, fallback=_fallback(title))


@require_POST
def picture_groups_undo(request: HttpRequest, pk: int) -> HttpResponse:
    title = _title_to_edit(request, pk)
    action = undo(title, user=request.user)
    if action is None:
        return answer(request, {"detail": "There is nothing left to undo."}, fallback=_fallback(title), status=409)
    told = {"sentence": action.sentence, "action": action.pk, "undoes": action.undoes_id}
    return answer(request, told, fallback=_fallback(title))


def _title_to_edit(request: HttpRequest, pk: int) -> Title:
    title = get_object_or_404(access_titles(request.user), pk=pk)
    require_editor(request.user, title_id=title.pk, action=ACTION)
    return title


def _fallback(title: Title) -> str:
    """Where a plain form is led that does not say where it came from."""
    return reverse("picture-groups", args=[title.pk])
