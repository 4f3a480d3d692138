"""Where two aligned pictures differ most, whatever the grading: a hand or a head that moved in one static shot."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.media.colour import to_lab
from curation.similarity.alignment import Aligned

SIGMA_PX = 2.0
LEAST_WINDOW_UNIT = 0.3
"""Share of a window that must count for what it shows to count."""
THIN_PX = 3
"""What is thinner is the rim of a letter, or of things laid a pixel beside one another."""
CHROMA_LEVELS = 20.0
HARMONICS = 4
"""Sines and cosines of the hue: a turn of the hue makes saturated yellow darker and saturated blue lighter."""
_DOUBT = 1e-3
"""Of the squares of all terms but the luma itself and the constant: what hardly varies explains nothing."""

Lumas = tuple[NDArray[np.float64], NDArray[np.float64]]


def find_local_difference(aligned: Aligned, *, lumas: Lumas) -> float:
    """Mean difference of two lumas ``float64 (h, w)``, in units of the usual spread, in the window of 2 px (Gaussian)
    where it is greatest: 0–1; 0 where no window counts for enough.

    One picture's luma is first predicted from the other's luma, chroma and hue by least squares, so that gamma, tint
    and a turn of the hue are no difference; of the two ways the better counts. Thin differences are opened away.
    """
    first, second = lumas
    ways = (
        _unexplained(aligned.first, first, second, counts=aligned.counts),
        _unexplained(aligned.second, second, first, counts=aligned.counts),
    )
    weight = aligned.counts.astype(np.float64)
    differences = np.minimum(min(ways, key=lambda each: float(each[aligned.counts].mean())), 1) * weight
    opened = cv2.morphologyEx(differences, cv2.MORPH_OPEN, np.ones((THIN_PX, THIN_PX), dtype=np.uint8))
    norm = _blur(weight)
    means = _blur(np.asarray(opened, dtype=np.float64)) / np.maximum(norm, LEAST_WINDOW_UNIT)
    return float(np.clip(means[norm > LEAST_WINDOW_UNIT].max(initial=0.0), 0, 1))


def _unexplained(
    rgb: NDArray[np.uint8], luma: NDArray[np.float64], wanted: NDArray[np.float64], *, counts: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """What of a luma ``(h, w)`` the other picture's colours do not explain, from 0."""
    chroma = (to_lab(rgb)[..., 1:].astype(np.float64) - 128) / CHROMA_LEVELS
    a, b = chroma[..., 0], chroma[..., 1]
    terms = np.stack([luma, np.ones_like(luma), luma * luma / 2, luma * a, luma * b, *_colour_terms(a, b)], axis=-1)
    counted = terms[counts]
    doubt = len(counted) * np.array([1e-3 * _DOUBT] * 2 + [_DOUBT] * (terms.shape[-1] - 2))
    products = counted.T @ counted + np.diag(doubt)
    return np.asarray(np.abs(terms @ np.linalg.solve(products, counted.T @ wanted[counts]) - wanted))


def _colour_terms(a: NDArray[np.float64], b: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Chroma times the sines and cosines of multiples of the hue, and its square times two of them, each ``(h, w)``:
    light changes with a turn of the hue as a smooth function of the hue, in proportion to the chroma."""
    chroma = np.hypot(a, b)
    turn = np.where(chroma > 0, (a + 1j * b) / np.maximum(chroma, 1e-9), 1)
    parts, power = [chroma], np.ones_like(turn)
    for _ in range(HARMONICS):
        power = power * turn
        parts += [chroma * power.real, chroma * power.imag]
    return [*parts, a * a, b * b, a * b]


def _blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), SIGMA_PX, borderType=cv2.BORDER_REFLECT), dtype=np.float64)
