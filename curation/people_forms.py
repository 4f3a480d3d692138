"""What a form says that somebody wants done to a cast: rows of it that its sender sees, 404 for any others."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from ava.form_numbers import KEY_DIGITS, read_number
from ava.models import Title, User
from ava.roles import require_editor
from curation.models import Character, Face, FaceTrack
from curation.people_actions import InvalidPeopleAction
from curation.people_selectors import access_face_tracks, access_faces, cast_scope, titles_in_scope

NEW = "new"
"""What `to` says for a character that is made of what is moved."""

_TRUE, _FALSE = {"1", "true", "on", "yes"}, {"", "0", "false", "off", "no"}


class PeopleForm:
    """Reads the fields of one action. Raises Http404, PermissionDenied, or InvalidPeopleAction with a sentence."""

    def __init__(self, request: HttpRequest, title: Title) -> None:
        self.user, self.fields = request.user, request.POST
        self.scope = cast_scope(title)

    def text(self, name: str) -> str:
        if name not in self.fields:
            raise InvalidPeopleAction(f"Say what is meant: {name} is missing.")
        return self.fields[name]

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        if name not in self.fields and default is not None:
            return default
        value = self.text(name).lower()
        if value not in _TRUE | _FALSE:
            raise InvalidPeopleAction(f"Give {name} as 1 or 0.")
        return value in _TRUE

    def character(self, name: str = "character") -> Character:
        return _only(self.characters(name))

    def characters(self, name: str) -> list[Character]:
        return list(self._find(Character.objects.filter(scope=self.scope).select_related("scope"), name))

    def several(self) -> list[Character]:
        """Those who are ticked, else the one whose form it is."""
        return self.characters("others" if "others" in self.fields else "character")

    def target(self) -> Character | None:
        return None if self.text("to") == NEW else self.character("to")

    def track(self) -> FaceTrack:
        return _only(self.tracks("track"))

    def tracks(self, name: str = "tracks") -> list[FaceTrack]:
        return self._editable(self._find(self._mine(), name))

    def tracks_of(self, characters: list[Character]) -> list[FaceTrack]:
        """All that the sender sees of some characters."""
        return self._editable(self._mine().filter(character__in=characters, is_face=True))

    def _mine(self) -> QuerySet[FaceTrack]:
        return access_face_tracks(self.user).filter(video__title__in=titles_in_scope(self.scope))

    def _editable(self, tracks: QuerySet[FaceTrack]) -> list[FaceTrack]:
        require_editor_of(self.user, tracks.values_list("video__title", flat=True))
        return list(tracks.only("pk"))

    def faces(self) -> list[Face]:
        mine = access_faces(self.user).filter(track__video__title__in=titles_in_scope(self.scope))
        faces = self._find(mine, "faces")
        require_editor_of(self.user, faces.values_list("track__video__title", flat=True))
        return list(faces.only("pk"))

    def _find(self, rows: QuerySet[Any], name: str) -> QuerySet[Any]:
        """The rows whose numbers were sent, once, several times, or with commas between them."""
        values = self.fields.getlist(name)
        texts = {text.strip() for value in values for text in value.split(",") if text.strip()}
        if not texts:
            raise InvalidPeopleAction(f"Choose what is meant: {name} is missing.")
        pks = {read_number(text, digits=KEY_DIGITS) for text in texts} - {None}
        found = rows.filter(pk__in=pks)
        if len(pks) < len(texts) or found.count() < len(pks):
            raise Http404
        return found


def require_editor_of(user: User, titles: QuerySet[Any]) -> None:
    """Raise PermissionDenied with a sentence where the user may not edit all of these titles."""
    for title in titles.order_by().distinct():
        require_editor(user, title_id=title, action="change its people")


def _only(rows: list[Any]) -> Any:
    if len(rows) != 1:
        raise InvalidPeopleAction("Choose one at a time.")
    return rows[0]
