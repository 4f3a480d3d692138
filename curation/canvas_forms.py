"""The form of a team's canvas: sizes in pixels, margins and overlays in per cent of it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from ava.models import Team, User
from ava.selectors import ADMINISTERING_ROLES, access_teams
from curation.layout.canvases import (
    ANCHORS,
    KIND_NAMES,
    KINDS,
    LEAST_SIDE_PX,
    MOST_MARGIN_UNIT,
    MOST_SIDE_PX,
    Canvas,
    Kind,
    Margins,
    Overlay,
)
from curation.models import TeamCanvas
from curation.team_canvases import DEFAULTS, save_canvas

_USUAL: Mapping[Kind, Overlay] = {
    overlay.kind: overlay for canvas in reversed(DEFAULTS.values()) for overlay in canvas.overlays
}
"""What the form offers for an overlay that the canvas does not have yet."""


class OverlayFields(NamedTuple):
    """The fields of one overlay."""

    name: str
    is_used: BoundField
    width: BoundField
    height: BoundField
    anchor: BoundField


class CanvasForm(forms.Form):
    """A new canvas of a team, or what may change of one: its team and its key stay.

    ``like`` is the canvas that a new one starts as; with ``is_change`` it is a default that the team changes.
    """

    team = forms.ModelChoiceField(
        queryset=Team.objects.none(), empty_label=None, help_text="It is used for this team’s titles."
    )
    name = forms.CharField(max_length=60, error_messages={"required": "Give the canvas a name."})
    key = forms.CharField(
        max_length=40, help_text="Names it in addresses and files: a–z, 0–9 and hyphens. It stays as it is."
    )
    width_px = forms.IntegerField(label="Width", help_text=f"{LEAST_SIDE_PX} to {MOST_SIDE_PX:,} pixels.")
    height_px = forms.IntegerField(label="Height", help_text=f"{LEAST_SIDE_PX} to {MOST_SIDE_PX:,} pixels.")
    is_hidden = forms.BooleanField(
        label="The team does not use it", required=False, help_text="What was chosen for it is kept for its return."
    )

    def __init__(
        self, *args: Any, user: User, row: TeamCanvas | None = None, like: Canvas | None = None,
        is_change: bool = False, initial: Mapping[str, Any] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        start = _initial(like) if like is not None else _initial_shares(None)
        if like is not None and not is_change and row is None:
            start |= {"key": "", "name": ""}
        start |= {"is_hidden": row is not None and row.is_hidden}
        super().__init__(*args, initial={**start, **(initial or {})}, **kwargs)
        self.user, self.row, self.is_change = user, row, is_change
        self.key = like.key if like is not None else ""
        self.fields["team"].queryset = access_teams(user, roles=ADMINISTERING_ROLES)
        self.fields |= _share_fields()
        if row is not None:
            del self.fields["team"]
        if row is not None or is_change:
            del self.fields["key"]
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    @property
    def margins(self) -> list[BoundField]:
        """The fields of the safe margins."""
        return [self[f"safe_{side}"] for side in Margins._fields]

    @property
    def overlays(self) -> Iterator[OverlayFields]:
        """The fields of each overlay."""
        for kind in KINDS:
            yield OverlayFields(
                KIND_NAMES[kind], *(self[f"{kind}_{part}"] for part in ("used", "width", "height", "anchor"))
            )

    def save(self) -> TeamCanvas | None:
        """Store the canvas; None, with the form's errors saying why, when that is refused."""
        given = self.cleaned_data
        row = self.row or TeamCanvas(team=given["team"], key=given.get("key", self.key))
        row.name, row.is_hidden = given["name"], given["is_hidden"]
        row.width_px, row.height_px = given["width_px"], given["height_px"]
        row.safe = {side: given[f"safe_{side}"] / 100 for side in Margins._fields}
        row.overlays = [
            Overlay(
                kind, given[f"{kind}_width"] / 100, given[f"{kind}_height"] / 100, given[f"{kind}_anchor"]
            )._asdict()
            for kind in KINDS
            if given[f"{kind}_used"]
        ]
        try:
            return save_canvas(row, user=self.user)
        except ValidationError as error:
            self._tell(error)
        return None

    def _tell(self, error: ValidationError) -> None:
        """Say what was refused beside its field, or above all where the form has no such field."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for field, sentences in by_field.items():
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


def _share_fields() -> dict[str, forms.Field]:
    most = round(100 * MOST_MARGIN_UNIT)
    fields: dict[str, forms.Field] = {
        f"safe_{side}": forms.FloatField(label=side.capitalize(), min_value=0, max_value=most)
        for side in Margins._fields
    }
    for kind in KINDS:
        fields[f"{kind}_used"] = forms.BooleanField(label=KIND_NAMES[kind], required=False)
        for side in ("width", "height"):
            fields[f"{kind}_{side}"] = forms.FloatField(label=side.capitalize(), min_value=1, max_value=100)
        fields[f"{kind}_anchor"] = forms.ChoiceField(
            label="Place", choices=[(anchor, anchor.capitalize()) for anchor in ANCHORS]
        )
    for field in fields.values():
        if isinstance(field, forms.FloatField):
            field.widget.attrs["step"] = "any"
    return fields


def _initial(like: Canvas) -> dict[str, Any]:
    fields = {"key": like.key, "name": like.name, "width_px": like.width_px, "height_px": like.height_px}
    return fields | _initial_shares(like)


def _initial_shares(like: Canvas | None) -> dict[str, Any]:
    margins = like.safe if like is not None else Margins()
    initial: dict[str, Any] = {f"safe_{side}": _percent(share) for side, share in margins._asdict().items()}
    own = {overlay.kind: overlay for overlay in like.overlays} if like is not None else {}
    for kind in KINDS:
        overlay = own.get(kind, _USUAL[kind])
        initial |= {
            f"{kind}_used": kind in own,
            f"{kind}_width": _percent(overlay.width_unit),
            f"{kind}_height": _percent(overlay.height_unit),
            f"{kind}_anchor": overlay.anchor,
        }
    return initial


def _percent(share: float) -> float | int:
    value = round(100 * share, 2)
    return int(value) if value == int(value) else value
