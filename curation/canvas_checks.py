"""What a canvas must be like: sizes, margins and overlays, checked with sentences by field."""

import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from curation.layout.canvases import (
    ANCHORS,
    KIND_NAMES,
    KINDS,
    LEAST_SIDE_PX,
    MOST_MARGIN_UNIT,
    MOST_PIXELS,
    MOST_SIDE_PX,
    Margins,
)
from curation.models import TeamCanvas

LEAST_OVERLAY_UNIT = 0.01
_OVERLAY_FIELDS = {"kind", "width_unit", "height_unit", "anchor"}


def check_canvas(row: TeamCanvas) -> None:
    """Bring a canvas's name, key, margins and overlays into shape; raises ValidationError by field."""
    row.name, row.key = " ".join(str(row.name).split()), str(row.key).strip()
    errors: dict[str, str] = {}
    for field, check in (
        ("name", _check_name), ("key", _check_key), ("width_px", _check_size), ("safe", _check_safe),
        ("overlays", _check_overlays),
    ):  # fmt: skip
        try:
            check(row)
        except _Wrong as error:
            errors[error.field or field] = str(error)
    if errors:
        raise ValidationError(errors)


class _Wrong(ValueError):
    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def _check_name(row: TeamCanvas) -> None:
    if "\0" in row.name:
        raise _Wrong("A name is plain text; it holds a character that cannot be kept.")
    if not row.name:
        raise _Wrong("Give the canvas a name.")


def _check_key(row: TeamCanvas) -> None:
    letters = row.key.replace("-", "")
    if not (letters.isascii() and letters.isalnum() and letters == letters.lower() and row.key.strip("-") == row.key):
        raise _Wrong("A key has letters a to z, digits, and hyphens between them, such as story-art.")


def _check_size(row: TeamCanvas) -> None:
    for field, side in (("width_px", row.width_px), ("height_px", row.height_px)):
        if not _is_number(side) or not LEAST_SIDE_PX <= side <= MOST_SIDE_PX:
            raise _Wrong(f"A side has {LEAST_SIDE_PX} to {MOST_SIDE_PX:,} pixels.", field=field)
    if row.width_px * row.height_px > MOST_PIXELS:
        raise _Wrong(f"A canvas has {MOST_PIXELS:,} pixels at most; make one side shorter.")


def _check_safe(row: TeamCanvas) -> None:
    safe = row.safe
    if not isinstance(safe, Mapping) or not safe.keys() <= set(Margins._fields):
        raise _Wrong(f"Safe margins are {', '.join(Margins._fields)}.")
    margins = Margins()._asdict() | dict(safe)
    if not all(_is_number(side) and 0 <= side <= MOST_MARGIN_UNIT for side in margins.values()):
        raise _Wrong(f"A safe margin is 0 to {MOST_MARGIN_UNIT:.0%} of the canvas.")
    row.safe = {side: round(float(value), 4) for side, value in margins.items()}


def _check_overlays(row: TeamCanvas) -> None:
    if not isinstance(row.overlays, list):
        raise _Wrong("Overlays are a list.")
    margins = Margins(**row.safe) if isinstance(row.safe, Mapping) and len(row.safe) == len(Margins._fields) else None
    overlays = [_read_overlay(given, margins=margins or Margins(0, 0, 0, 0)) for given in row.overlays]
    kinds = [overlay["kind"] for overlay in overlays]
    if len(set(kinds)) < len(kinds):
        raise _Wrong("A canvas has each overlay once: one badge, one subtitle, one logo, one title treatment.")
    row.overlays = sorted(overlays, key=lambda overlay: KINDS.index(overlay["kind"]))


def _read_overlay(given: Any, *, margins: Margins) -> dict[str, Any]:
    if not isinstance(given, Mapping) or set(given) != _OVERLAY_FIELDS:
        raise _Wrong("An overlay has kind, width_unit, height_unit and anchor.")
    kind, anchor = given["kind"], given["anchor"]
    if kind not in KINDS:
        raise _Wrong(f"The kind of an overlay is one of {', '.join(KINDS)}.")
    if anchor not in ANCHORS:
        raise _Wrong(f"The place of an overlay is one of {', '.join(ANCHORS)}.")
    wide, high = 1 - margins.left - margins.right, 1 - margins.top - margins.bottom
    for side, most, word in (("width_unit", wide, "width"), ("height_unit", high, "height")):
        if not _is_number(given[side]) or not LEAST_OVERLAY_UNIT <= given[side] <= most + 1e-9:
            raise _Wrong(
                f"The {word} of the {KIND_NAMES[kind].lower()} is {LEAST_OVERLAY_UNIT:.0%} to {most:.0%} of the"
                " canvas: more does not lie inside its safe area."
            )
    return {
        "kind": kind, "width_unit": round(float(given["width_unit"]), 4),
        "height_unit": round(float(given["height_unit"]), 4), "anchor": anchor,
    }  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
