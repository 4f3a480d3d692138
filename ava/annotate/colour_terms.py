"""Colour terms: which of the eleven basic words people use for a colour."""

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ava.annotate.linear_light import to_linear

COLOUR_TERMS = (
    "black",
    "white",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
)
"""The basic colour terms of English (Berlin & Kay 1969)."""

TABLE_BITS = 5
"""The table of terms has 32 levels a channel; a colour takes the term of the middle of its cell."""


def name_colour(rgb: ArrayLike) -> str:
    """The basic colour term of one sRGB colour of three 0–255 values, such as "blue".

    Raises ``ValueError`` for anything but three values.
    """
    return name_colours([rgb])[0]


def name_colours(colours: Iterable[ArrayLike]) -> tuple[str, ...]:
    """The basic colour term of each sRGB colour of three 0–255 values, as for a palette.

    Raises ``ValueError`` for a colour without three values.
    """
    rows = np.array([np.asarray(colour, dtype=np.float64) for colour in colours]).reshape(-1, 3)
    return tuple(COLOUR_TERMS[term] for term in choose_terms(rows))


def choose_terms(rgb: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Positions in ``COLOUR_TERMS``, ``uint8 (N,)``, of sRGB colours ``(N, 3)`` of 0–255.

    Lightness L, chroma C and hue h are those of Oklab (Ottosson 2020), whose hues stay put when a colour gets
    paler or darker; CIE L*a*b* would call a pale sRGB blue purple. The bounds are this project's own, set so that
    the commonest names of the xkcd survey (Munroe 2010) come out right.
    """
    lightness, chroma, hue = _to_oklch(rgb)
    terms = np.full(len(rgb), COLOUR_TERMS.index("grey"))
    for term, chosen in _decide(lightness, chroma, hue).items():
        terms[chosen] = COLOUR_TERMS.index(term)
    return terms.astype(np.uint8)


@cache
def load_term_table() -> NDArray[np.uint8]:
    """Positions in ``COLOUR_TERMS`` of all cells of RGB, ``uint8 (32768,)``, red in the highest bits."""
    side, step = 1 << TABLE_BITS, 1 << 8 - TABLE_BITS
    levels = np.indices((side, side, side)).reshape(3, -1).T * step + (step - 1) / 2
    return choose_terms(levels.astype(np.float64))


def _to_oklch(
    rgb: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Lightness 0–1, chroma 0–0.33 and hue in degrees 0–360, by the matrices of Ottosson (2020)."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_oklab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    lightness, a, b = (np.cbrt(to_linear(rgb) @ to_cones.T) @ to_oklab.T).T
    return lightness, np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _decide(
    lightness: NDArray[np.float64], chroma: NDArray[np.float64], hue: NDArray[np.float64]
) -> dict[str, NDArray[np.bool_]]:
    """Which colours each term takes; a later term takes from those before it, and grey keeps the rest."""
    # Dark colours need more chroma to look coloured, and warm greys look grey longer than cool ones.
    coloured = chroma > np.clip(0.055 - 0.03 * lightness, 0.025, 0.05)
    warm = coloured & (hue >= 15) & (hue < 110)
    reddish = coloured & ((hue < 40) | (hue >= 350))
    return {
        "white": ~coloured & (lightness > 0.9),
        "green": coloured & (hue >= 110) & (hue < 192),
        "blue": coloured & (hue >= 192) & (hue < 285),
        "purple": coloured & (hue >= 285) & (hue < 350),
        "yellow": warm & (hue >= 78),
        "orange": warm & (hue >= 38) & (hue < 78),
        "red": reddish,
        "brown": warm & (hue >= 30) & _is_brown(lightness, chroma, hue),
        "pink": coloured & _is_pink(lightness, chroma, hue),
        "black": (lightness < 0.2) | (~coloured & (lightness < 0.3)),
    }


def _is_brown(
    lightness: NDArray[np.float64], chroma: NDArray[np.float64], hue: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Brown is dark orange and dark or dull yellow."""
    return (hue < 100) & ((lightness < 0.55) | ((chroma < 0.11) & (lightness < 0.8)))


def _is_pink(
    lightness: NDArray[np.float64], chroma: NDArray[np.float64], hue: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Pink is light red and light or vivid purplish red."""
    light_red = ((hue < 32) | (hue >= 350)) & (lightness > 0.68)
    vivid = ((hue >= 335) | (hue < 14)) & (lightness > 0.55) & (chroma > 0.06)
    return light_red | vivid
