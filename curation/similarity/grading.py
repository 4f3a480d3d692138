"""Colours of two aligned pictures made comparable whatever the grading: light and contrast, tint, saturation, hue."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_lab
from curation.similarity.alignment import Aligned

LEAST_LUMA_LEVELS = 6.0
LEAST_CHROMA_LEVELS = 3.0
"""Below these standard deviations a picture is plain: its differences are noise and are not made larger."""


class Graded(NamedTuple):
    """One of two pictures in common terms, at the pixels that count: ``luma`` ``float64 (N,)`` around 0 in units of
    the usual spread, ``chroma`` ``complex128 (N,)`` (a + ib) likewise; 0 where colour says nothing."""

    luma: NDArray[np.float64]
    chroma: NDArray[np.complex128]


def even_out(aligned: Aligned) -> tuple[Graded, Graded]:
    """Bring both pictures' colours at the pixels that count to one mean, one spread and one hue.

    In CIE L*a*b*, after Reinhard et al. (2001); the hue is turned by the angle at which the aligned chromas agree
    best. Pictures that both lack light and shade keep their levels, so that black is not white; where either has no
    colour to speak of, colours are left out, so that a black-and-white copy is one.
    """
    lumas, chromas = zip(*(_read(rgb, aligned.counts) for rgb in (aligned.first, aligned.second)), strict=True)
    plain = max(luma.std() for luma in lumas) < LEAST_LUMA_LEVELS
    middle = np.mean([luma.mean() for luma in lumas])
    graded_lumas = [
        (luma - (middle if plain else luma.mean())) / max(luma.std(), LEAST_LUMA_LEVELS) for luma in lumas
    ]
    spreads = [float(np.sqrt(np.mean(np.abs(chroma - chroma.mean()) ** 2))) for chroma in chromas]
    if min(spreads) < LEAST_CHROMA_LEVELS:
        colourless = np.zeros(len(lumas[0]), dtype=np.complex128)
        return Graded(graded_lumas[0], colourless), Graded(graded_lumas[1], colourless)
    one, other = ((chroma - chroma.mean()) / spread for chroma, spread in zip(chromas, spreads, strict=True))
    agreement = np.vdot(other, one)
    turned = other * (agreement / abs(agreement)) if abs(agreement) > 1e-9 else other
    return Graded(graded_lumas[0], one), Graded(graded_lumas[1], turned)


def _read(rgb: NDArray[np.uint8], counts: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    lab = to_lab(rgb)[counts].astype(np.float64)
    return lab[:, 0], (lab[:, 1] - 128) + 1j * (lab[:, 2] - 128)
