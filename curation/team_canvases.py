"""The canvases of teams: everybody's defaults with what a team added, changed or does not use; who may change them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from ava.models import Team, Title, User
from ava.selectors import ADMINISTERING_ROLES, access_teams
from ava.turns import take_turn
from curation.canvas_checks import check_canvas
from curation.layout.canvases import DEFAULT_CANVASES, Canvas, Margins, Overlay
from curation.models import TeamCanvas

MOST_CANVASES = 40
"""Of one team, defaults included: every picture is laid out for all of them."""

DEFAULTS: Mapping[str, Canvas] = {canvas.key: canvas for canvas in DEFAULT_CANVASES}


def canvases_of(title: Title) -> list[Canvas]:
    """The canvases of a title's teams: the defaults in their order, then what teams added, by team and age.

    A team's canvas takes the place of the default of its key, and a hidden one takes it away; of two teams with one
    key the first by name holds. In one query.
    """
    return join_canvases(TeamCanvas.objects.filter(team__titles=title).order_by("team__name", "team_id", "id"))


def join_canvases(rows: Iterable[TeamCanvas]) -> list[Canvas]:
    """The defaults with these rows, of which the first of a key holds."""
    first: dict[str, TeamCanvas] = {}
    for row in rows:
        first.setdefault(row.key, row)
    added = [row for key, row in first.items() if key not in DEFAULTS]
    joined = [read_canvas(first[key]) if key in first else canvas for key, canvas in DEFAULTS.items()]
    hidden = {key for key, row in first.items() if row.is_hidden}
    return [canvas for canvas in [*joined, *map(read_canvas, added)] if canvas.key not in hidden]


def read_canvas(row: TeamCanvas) -> Canvas:
    """A team's canvas as laying out knows it."""
    return Canvas(
        key=row.key, name=row.name, width_px=row.width_px, height_px=row.height_px,
        safe=Margins(**row.safe), overlays=tuple(Overlay(**overlay) for overlay in row.overlays),
    )  # fmt: skip


def fields_of(canvas: Canvas) -> dict[str, Any]:
    """The fields of a team's canvas like this one."""
    return {
        "key": canvas.key,
        "name": canvas.name,
        "width_px": canvas.width_px,
        "height_px": canvas.height_px,
        "safe": canvas.safe._asdict(),
        "overlays": [overlay._asdict() for overlay in canvas.overlays],
    }


def may_administer(user: User, *, team: Team) -> bool:
    """Whether the user administers the team, and so keeps its canvases."""
    return access_teams(user, roles=ADMINISTERING_ROLES).filter(pk=team.pk).exists()


def require_canvas_administrator(user: User, *, team: Team) -> None:
    """Raise PermissionDenied with a sentence unless the user administers the team."""
    if not may_administer(user, team=team):
        raise PermissionDenied("Only administrators of this team may change its canvases.")


def save_canvas(row: TeamCanvas, *, user: User) -> TeamCanvas:
    """Check and store a team's new or changed canvas.

    Raises ValidationError, by field, and PermissionDenied unless the user administers the team; nothing is then
    stored. Who made it stays with it.
    """
    require_canvas_administrator(user, team=row.team)
    check_canvas(row)
    row.clean_fields(exclude=["created_by", "safe", "overlays"])
    try:
        with transaction.atomic():
            take_turn(row.team)  # or two who add at once pass the limit together
            _check_present(row)
            _check_room(row)
            if row.pk is None:
                row.created_by = user
            row.save()
    except IntegrityError as error:
        raise ValidationError({"key": "This team has a canvas of that key; choose another."}) from error
    return row


def delete_canvas(row: TeamCanvas, *, user: User) -> None:
    """Delete a team's canvas; a default one is then what it was. What people chose for it is kept, in case it returns.

    Raises PermissionDenied.
    """
    require_canvas_administrator(user, team=row.team)
    with transaction.atomic():
        take_turn(row.team)
        row.delete()


def _check_present(row: TeamCanvas) -> None:
    """Storing a row that is gone would bring it back."""
    if row.pk is not None and not TeamCanvas.objects.filter(pk=row.pk).exists():
        raise ValidationError("Somebody deleted this canvas meanwhile; add it again if the team needs it.")


def _check_room(row: TeamCanvas) -> None:
    keys = set(TeamCanvas.objects.filter(team=row.team_id).exclude(pk=row.pk).values_list("key", flat=True))
    if len(keys | {row.key} | DEFAULTS.keys()) > MOST_CANVASES:
        raise ValidationError(f"A team has {MOST_CANVASES} canvases at most, the defaults included; delete one first.")
