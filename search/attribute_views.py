"""Pages of attributes and what is done on them: permission, one call, response."""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ava.form_answers import answer
from ava.models import User
from ava.page_parts import render_page
from ava.selectors import EDITING_ROLES, access_teams
from search.attribute_actions import (
    InvalidAttribute,
    change_attribute,
    delete_attribute,
    make_attribute,
    restore_attribute,
)
from search.attribute_examples import InvalidAnswer, ShotSpan, say, undo
from search.attribute_page import may_teach, read_attributes_page, read_teach_page
from search.attribute_renewal import renew_spans
from search.attribute_versions import NotReady, make_version, stop_using, use_version
from search.models import Attribute, AttributeModel
from search.selectors import access_attributes, access_deleted_attributes

ONLY_EDITORS = "Only editors and administrators of this team may teach its attributes."
NEW = "new"
NONE = "none"


@require_safe
def attributes(request: HttpRequest) -> HttpResponse:
    """The attributes of the team that `?team=` names."""
    page = read_attributes_page(request.user, team_id=request.GET.get("team", ""))
    return render(request, "search/attributes.html", {"page": page})


@require_POST
def attribute_new(request: HttpRequest) -> HttpResponse:
    """Make an attribute and go to where it is taught."""
    number = request.POST.get("team", "")
    teams = access_teams(request.user)
    team = get_object_or_404(teams, pk=int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else None
    if team is None:
        raise Http404
    if not access_teams(request.user, roles=EDITING_ROLES).filter(pk=team.pk).exists():
        raise PermissionDenied(ONLY_EDITORS)
    try:
        attribute = make_attribute(team, name=request.POST.get("name", ""), user=request.user)
    except InvalidAttribute as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('attributes')}?team={team.pk}")
    return redirect("attribute", pk=attribute.pk)


@require_safe
def attribute(request: HttpRequest, pk: int) -> HttpResponse:
    """Teach an attribute; scripts renew the part that changes with every answer."""
    attribute = get_object_or_404(access_attributes(request.user).select_related("team"), pk=pk)
    page = read_teach_page(request.user, attribute, query=request.GET)
    return render_page(
        request, page="search/attribute.html", part="search/_attribute_lesson.html", context={"page": page}
    )


@require_POST
def attribute_say(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that shots have it or have it not: `yes` or `no` names one shot, or `clip` several and `has_it` which."""
    attribute = _teachable(request.user, pk)
    has_it, clips = _read_answer(request)
    try:
        if has_it is None:
            raise InvalidAnswer("Say “yes” or “no” of at least one shot.")
        spans = [_read_clip(clip) for clip in clips]
        say(attribute, spans, has_it=has_it, user=request.user)
    except InvalidAnswer as error:
        return answer(request, {"detail": str(error)}, fallback=_address(attribute), status=400)
    renew_spans(attribute, spans)
    return answer(request, {"count": len(spans), "has_it": has_it}, fallback=_address(attribute))


@require_POST
def attribute_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last that this person said."""
    attribute = _teachable(request.user, pk)
    taken = undo(attribute, user=request.user)
    spans = [ShotSpan(row.video_id, row.start_frame, row.end_frame) for row in taken]
    if spans:
        renew_spans(attribute, spans)
    if not taken:
        told = {"detail": "You have said nothing here that could be taken back."}
        return answer(request, told, fallback=_address(attribute), status=409)
    told = {"count": len(taken), "sentence": f"Taken back: {len(taken)} answer{'s' if len(taken) > 1 else ''}."}
    return answer(request, told, fallback=_address(attribute))


@require_POST
def attribute_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a version to use: its number, `new` for one of all that stands now, or `none`."""
    attribute = _teachable(request.user, pk)
    wanted = request.POST.get("version", "")
    try:
        if wanted == NONE:
            stop_using(attribute, user=request.user)
            sentence = f"{attribute} is not used any more; its versions and answers stay."
        else:
            version = make_version(attribute, user=request.user) if wanted == NEW else _version(attribute, wanted)
            use_version(version, user=request.user)
            sentence = f"Version {version.version} is in use; the shots of your films are being told by it."
    except NotReady as error:
        return answer(request, {"detail": str(error)}, fallback=_address(attribute), status=409)
    return answer(request, {"sentence": sentence}, fallback=_address(attribute))


@require_POST
def attribute_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, or choose what it is used for."""
    attribute = _teachable(request.user, pk)
    try:
        change_attribute(attribute, name=request.POST.get("name"), use=request.POST.get("use"))
    except InvalidAttribute as error:
        return answer(request, {"detail": str(error)}, fallback=_address(attribute), status=400)
    return answer(request, {"sentence": f"Kept: {attribute}."}, fallback=_address(attribute))


@require_POST
def attribute_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it away; the list offers to bring it back."""
    attribute = _teachable(request.user, pk)
    delete_attribute(attribute)
    told = {"sentence": f"{attribute} is deleted; it can be brought back below."}
    return answer(request, told, fallback=f"{reverse('attributes')}?team={attribute.team_id}")


@require_POST
def attribute_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what was deleted."""
    attribute = get_object_or_404(access_deleted_attributes(request.user), pk=pk)
    if not access_deleted_attributes(request.user, roles=EDITING_ROLES).filter(pk=pk).exists():
        raise PermissionDenied(ONLY_EDITORS)
    home = f"{reverse('attributes')}?team={attribute.team_id}"
    try:
        restore_attribute(attribute)
    except InvalidAttribute as error:
        return answer(request, {"detail": str(error)}, fallback=home, status=409)
    return answer(request, {"sentence": f"{attribute} is back."}, fallback=home)


def _teachable(user: User, pk: int) -> Attribute:
    """The attribute of a user who may teach it; others who see it are refused with a sentence."""
    attribute = get_object_or_404(access_attributes(user).select_related("team"), pk=pk)
    if not may_teach(user, attribute):
        raise PermissionDenied(ONLY_EDITORS)
    return attribute


def _version(attribute: Attribute, number: str) -> AttributeModel:
    if not re.fullmatch(r"[0-9]{1,9}", number):
        raise NotReady("There is no such version of this attribute.")
    return get_object_or_404(attribute.models.select_related("attribute", "encoder"), version=int(number))


def _read_answer(request: HttpRequest) -> tuple[bool | None, list[str]]:
    for name, has_it in (("yes", True), ("no", False)):
        if clip := request.POST.get(name):
            return has_it, [clip]
    words = {"yes": True, "no": False}
    return words.get(request.POST.get("has_it", "")), request.POST.getlist("clip")


def _read_clip(text: str) -> ShotSpan:
    """ "7:120:310": film, first frame, and the one after the last."""
    numbers = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})", text)
    if numbers is None:
        raise InvalidAnswer("A shot is named by its film, its first frame and the frame after its last: 7:120:310.")
    return ShotSpan(*map(int, numbers.groups()))


def _address(attribute: Attribute) -> str:
    return reverse("attribute", args=[attribute.pk])
