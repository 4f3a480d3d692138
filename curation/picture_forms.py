"""What a form says that somebody wants done to a title's groups of pictures; 404 for rows that are not there."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Title, User
from curation.models import Picture, PictureAction, PictureGroup
from curation.picture_actions import (
    InvalidPictureAction,
    choose_best,
    join_pictures,
    keep_best,
    separate,
    take_out,
)

ACTIONS = ("same", "different", "take-out", "best", "keep")


def do_action(fields: QueryDict, *, title: Title, user: User) -> PictureAction:
    """Do what a form says with its `action`, `pictures` and `group`.

    "same": `pictures`, two or more, are one; "different": the two `pictures` are not; "take-out": the one of
    `pictures` is not the same as the rest of its group; "best": it is the best copy; "keep": the best copy of `group`
    is picked and its other stills rejected. Raises Http404, or InvalidPictureAction with a sentence.
    """
    action = fields.get("action", "")
    if action not in ACTIONS:
        raise InvalidPictureAction(f"Choose an action: {', '.join(ACTIONS)}.")
    if action == "keep":
        return keep_best(_only(_find(PictureGroup.objects.filter(title=title), fields, "group")), user=user)
    pictures = list(_find(Picture.objects.filter(title=title).defer("descriptor"), fields, "pictures"))
    if action == "same":
        return join_pictures(pictures, user=user)
    if action == "different":
        if len(pictures) != 2:
            raise InvalidPictureAction("Choose the two pictures that are not the same.")
        return separate(*pictures, user=user)
    return (take_out if action == "take-out" else choose_best)(_only(pictures), user=user)


def _find(rows: QuerySet[Any], fields: QueryDict, name: str) -> QuerySet[Any]:
    """The rows whose numbers were sent, once, several times, or with commas between them."""
    texts = {text.strip() for value in fields.getlist(name) for text in value.split(",") if text.strip()}
    if not texts:
        raise InvalidPictureAction(f"Choose what is meant: {name} is missing.")
    pks = {read_number(text, digits=KEY_DIGITS) for text in texts} - {None}
    found = rows.filter(pk__in=pks).order_by("pk")
    if len(pks) < len(texts) or found.count() < len(pks):
        raise Http404("One of these is no longer there; reload the page.")
    return found


def _only(rows: Any) -> Any:
    found = list(rows)
    if len(found) != 1:
        raise InvalidPictureAction("Choose one at a time.")
    return found[0]
