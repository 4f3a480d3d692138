"""What the pages of canvases show: each team's, drawn to scale with safe area and overlays."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

from ava.models import Team, User
from ava.selectors import ADMINISTERING_ROLES, access_teams
from curation.layout.canvases import KIND_NAMES, Anchor, Canvas, Overlay
from curation.models import TeamCanvas
from curation.selectors import access_canvases
from curation.team_canvases import DEFAULTS, MOST_CANVASES, read_canvas

MOST_RATIO_TERM = 32
"""A ratio of larger numbers than this tells people less than a decimal number does."""


DRAWN_SIDE_PX = 208
"""Longer side of a canvas as it is drawn."""
LETTER_PX, LINE_PX, LABEL_INSET_PX = 6.0, 14.0, 3.0
"""Room that a letter and a line of a label take in the drawing, and that lies before it."""


class Rectangle(NamedTuple):
    """A part of a drawn canvas in pixels of the drawing; `label` is empty where it does not fit."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    label: str = ""

    @property
    def label_at(self) -> tuple[float, float]:
        """Where the label begins, on its middle line: in the upper left corner, for rectangles may overlap."""
        return self.x + LABEL_INSET_PX, self.y + LINE_PX / 2


@dataclass(frozen=True, slots=True)
class CanvasCard:
    """A canvas of a team: its `row` if the team has one of its own, and how that stands to the default of its key."""

    canvas: Canvas
    row: TeamCanvas | None
    is_hidden: bool

    @property
    def is_default(self) -> bool:
        return self.canvas.key in DEFAULTS

    @property
    def standing(self) -> str:
        """ "Hidden", "Default", "Default, changed" or "Added by Anna"."""
        if self.is_hidden:
            return "Not used"
        if self.row is None:
            return "Default"
        author = self.row.created_by.get_username() if self.row.created_by else ""
        by = f" by {author}" if author else ""
        return f"Default, changed{by}" if self.is_default else f"Added{by}"

    @property
    def ratio(self) -> str:
        """ "16:9", or "2.33:1" where whole numbers say less."""
        return write_ratio(self.canvas.width_px, self.canvas.height_px)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the drawing in its pixels."""
        width, height = self.canvas.width_px, self.canvas.height_px
        scale = DRAWN_SIDE_PX / max(width, height)
        return round(max(width * scale, 4), 2), round(max(height * scale, 4), 2)

    @property
    def view_box(self) -> str:
        """The drawing with room for half of its outline."""
        width, height = self.size
        return f"-1 -1 {width + 2:g} {height + 2:g}"

    @property
    def safe(self) -> Rectangle:
        """The safe area."""
        (width, height), safe = self.size, self.canvas.safe
        return Rectangle(
            "safe", width * safe.left, height * safe.top, width * (1 - safe.left - safe.right),
            height * (1 - safe.top - safe.bottom),
        )  # fmt: skip

    @property
    def overlays(self) -> list[Rectangle]:
        """What is laid over it, each where it goes when nothing speaks against it; the largest lies below."""
        drawn = [self._draw(overlay) for overlay in self.canvas.overlays]
        return sorted(drawn, key=lambda each: -each.width * each.height)

    def _draw(self, overlay: Overlay) -> Rectangle:
        width, height = self.size[0] * overlay.width_unit, self.size[1] * overlay.height_unit
        x, y = place_in(self.safe, anchor=overlay.anchor, size=(width, height))
        name = KIND_NAMES[overlay.kind].split()[0]
        fits = width >= LETTER_PX * len(name) + LABEL_INSET_PX and height >= LINE_PX
        return Rectangle(overlay.kind, x, y, width, height, name if fits else "")

    @property
    def in_words(self) -> str:
        """What lies over it: "Badge top right, subtitle bottom"."""
        names = [f"{KIND_NAMES[each.kind].lower()} {each.anchor}" for each in self.canvas.overlays]
        return ", ".join(names).capitalize() or "Nothing is laid over it"


@dataclass(frozen=True, slots=True)
class TeamCanvases:
    team: Team
    may_change: bool
    cards: list[CanvasCard]

    @property
    def used(self) -> list[CanvasCard]:
        return [card for card in self.cards if not card.is_hidden]

    @property
    def hidden(self) -> list[CanvasCard]:
        return [card for card in self.cards if card.is_hidden]

    @property
    def has_room(self) -> bool:
        return len(self.cards) < MOST_CANVASES


def canvases_by_team(user: User) -> list[TeamCanvases]:
    """The teams that a user sees with their canvases, hidden ones too; in four queries for any number of teams."""
    changes = set(access_teams(user, roles=ADMINISTERING_ROLES).values_list("pk", flat=True))
    rows: dict[int, list[TeamCanvas]] = {}
    for row in access_canvases(user).select_related("created_by").order_by("id"):
        rows.setdefault(row.team_id, []).append(row)
    own = set(user.memberships.values_list("team", flat=True))
    return [
        TeamCanvases(team, team.pk in changes, canvas_cards(rows.get(team.pk, [])))
        for team in access_teams(user).order_by("name", "pk")
        if team.pk in own or user.is_superuser
    ]


def canvas_cards(rows: Iterable[TeamCanvas]) -> list[CanvasCard]:
    """Every default, or the row that takes its place, and then what the team added."""
    own = {row.key: row for row in rows}
    keys = [*DEFAULTS, *(key for key in own if key not in DEFAULTS)]
    return [
        CanvasCard(read_canvas(own[key]), own[key], own[key].is_hidden)
        if key in own
        else CanvasCard(DEFAULTS[key], None, is_hidden=False)
        for key in keys
    ]


def place_in(area: Rectangle, *, anchor: Anchor, size: tuple[float, float]) -> tuple[float, float]:
    """Left and top of something of this size at its place in an area."""
    words, (width, height) = anchor.split(), size
    across = 0.0 if "left" in words else 1.0 if "right" in words else 0.5
    down = 0.0 if "top" in words else 1.0 if "bottom" in words else 0.5
    return area.x + (area.width - width) * across, area.y + (area.height - height) * down


def write_ratio(width_px: int, height_px: int) -> str:
    """ "16:9", or "2.33:1" where the smallest whole numbers are large."""
    divisor = gcd(width_px, height_px)
    across, down = width_px // divisor, height_px // divisor
    if max(across, down) <= MOST_RATIO_TERM:
        return f"{across}:{down}"
    return f"{width_px / height_px:.2f}:1" if width_px > height_px else f"1:{height_px / width_px:.2f}"
