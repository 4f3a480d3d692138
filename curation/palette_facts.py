"""The few colours that a still is made of, with their names."""

from collections.abc import Mapping
from dataclasses import dataclass

from ava.annotate.colour_terms import name_colour
from ava.annotate.palette import COLOURS

LEAST_SHARE = 0.02
"""A colour that covers less of the picture is not worth a word."""


@dataclass(frozen=True, slots=True)
class Swatch:
    """One dominant colour: "#1a2b3c", its basic term, and how much of the picture it covers."""

    hexadecimal: str
    name: str
    percent: int


def read_palette(signals: Mapping[str, float]) -> list[Swatch]:
    """The dominant colours among a still's measurements, largest first; none where nothing was measured."""
    swatches = []
    for rank in range(1, COLOURS + 1):
        share = signals.get(f"palette.share_{rank}", 0.0)
        levels = [signals.get(f"palette.{channel}_{rank}") for channel in ("red", "green", "blue")]
        if share < LEAST_SHARE or None in levels:
            continue
        rgb = [round(min(max(level or 0.0, 0.0), 1.0) * 255) for level in levels]
        swatches.append(Swatch("#{:02x}{:02x}{:02x}".format(*rgb), name_colour(rgb), round(share * 100)))
    return swatches
