"""What people do to a cast from its pages: permission, one call, and an answer for forms and scripts alike."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from ava.form_answers import answer
from ava.models import Title
from ava.roles import require_editor
from ava.selectors import access_titles
from curation import people_actions
from curation.people_actions import Done, InvalidPeopleAction
from curation.people_forms import PeopleForm
from curation.people_selectors import cast_scope
from curation.people_undo import undo


@require_POST
def people_do(request: HttpRequest, pk: int) -> HttpResponse:
    title = _title_to_edit(request, pk)
    act = _ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        told = {"detail": f"Choose an action: {', '.join(_ACTIONS)}."}
        return answer(request, told, fallback=_fallback(title), status=400)
    try:
        done = act(PeopleForm(request, title))
    except InvalidPeopleAction as error:
        told = {"detail": str(error)} | ({"character": error.character.pk} if error.character else {})
        return answer(request, told, fallback=_fallback(title), status=400)
    told = {"sentence": done.action.sentence, "action": done.action.pk, "moved": done.moved}
    told |= {"character": done.character.pk} if done.character else {}
    return answer(request, told, fallback=_fallback(title))


@require_POST
def people_undo(request: HttpRequest, pk: int) -> HttpResponse:
    title = _title_to_edit(request, pk)
    action = undo(cast_scope(title), user=request.user)
    if action is None:
        return answer(request, {"detail": "There is nothing left to undo."}, fallback=_fallback(title), status=409)
    told = {"sentence": action.sentence, "action": action.pk, "undoes": action.undoes_id}
    return answer(request, told, fallback=_fallback(title))


def _name(form: PeopleForm) -> Done:
    return people_actions.name_character(form.character(), name=form.text("name"), user=form.user)


def _importance(form: PeopleForm) -> Done:
    return people_actions.set_importances(form.several(), importance=form.text("importance"), user=form.user)


def _lock(form: PeopleForm) -> Done:
    return people_actions.set_locked(form.character(), locked=form.flag("locked"), user=form.user)


def _merge(form: PeopleForm) -> Done:
    return people_actions.merge_characters(form.character(), others=form.characters("others"), user=form.user)


def _move(form: PeopleForm) -> Done:
    spread = form.flag("spread", default=True)
    return people_actions.move_tracks(form.tracks(), to=form.target(), user=form.user, spread=spread)


def _move_faces(form: PeopleForm) -> Done:
    return people_actions.move_faces(form.faces(), to=form.target(), user=form.user)


def _split(form: PeopleForm) -> Done:
    return people_actions.split_character(form.character(), tracks=form.tracks(), user=form.user)


def _not_face(form: PeopleForm) -> Done:
    tracks = form.tracks() if "tracks" in form.fields else form.tracks_of(form.several())
    return people_actions.mark_not_faces(tracks, user=form.user)


def _confirm(form: PeopleForm) -> Done:
    return people_actions.confirm_track(form.track(), user=form.user, spread=form.flag("spread", default=True))


def _refuse(form: PeopleForm) -> Done:
    return people_actions.refuse_track(form.track(), character=form.character(), user=form.user)


def _different(form: PeopleForm) -> Done:
    return people_actions.declare_different(form.character("first"), form.character("second"), user=form.user)


_ACTIONS: dict[str, Callable[[PeopleForm], Done]] = {
    "name": _name,
    "importance": _importance,
    "lock": _lock,
    "merge": _merge,
    "move": _move,
    "move-faces": _move_faces,
    "split": _split,
    "not-face": _not_face,
    "confirm": _confirm,
    "refuse": _refuse,
    "different": _different,
}


def _title_to_edit(request: HttpRequest, pk: int) -> Title:
    title = get_object_or_404(access_titles(request.user).select_related("parent__parent"), pk=pk)
    require_editor(request.user, title_id=title.pk, action="change its people")
    return title


def _fallback(title: Title) -> str:
    """Where a plain form is led that does not say where it came from."""
    return reverse("people", args=[title.pk])
