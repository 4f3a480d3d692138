"""The vectors in which stills differ: made from what was measured of their frames, and read back from them.

Every vector is scaled so that a Euclidean distance of 1 is a difference in every way: about 95 of 100 pairs of frames
drawn at random from six films (two scenes, a trailer, a documentary, a montage, a show of photographs; 295 looked-at
frames) are nearer than that. What was not measured of a still has the mean of the film's other stills,
so that it neither joins nor parts.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.colour_terms import COLOUR_TERMS
from curation.stills.film import JudgedFilm
from curation.stills.likeness import looks_of
from curation.stills.parts import FRAME_PARTS, judge_parts
from curation.stills.table import StillTable

SCALE_STEPS = 4.0
"""Steps of shot scale, of the seven there are, that are a difference in every way."""

BRIGHTNESS_SPAN, CONTRAST_SPAN = 0.73, 0.35
_LIGHT_SPANS = {"exposure.brightness": BRIGHTNESS_SPAN, "exposure.contrast": CONTRAST_SPAN}

COMPOSITION_SPANS: Mapping[str, float] = MappingProxyType(
    {
        "composition.thirds": 1.24,
        "composition.symmetry_left_right": 1.92,
        "composition.symmetry_top_bottom": 0.6,
        "composition.depth_of_field": 1.97,
        "composition.balance": 0.38,
        "composition.line_strength": 1.08,
        "composition.diagonal_share": 0.79,
    }
)
"""What each is divided by: its spread among random frames, times the distance that 95 of 100 pairs keep below."""

SALIENCY_SPANS: Mapping[str, float] = MappingProxyType(
    {
        "saliency.subject_area": 1.27,
        "saliency.strength": 0.75,
        "saliency.negative_space": 1.36,
        "saliency.complexity": 1.07,
    }
)
SUBJECT_X_SPAN, SUBJECT_Y_SPAN = 0.7, 0.6

PALETTE_SPAN = 1.27
"""Distance of two palettes, as the roots of their shares of colour names, that is a difference in every way; palettes
without a common colour are the root of 2 apart (Hellinger 1909)."""

_COLOURS = tuple(f"colour_names.{term}" for term in COLOUR_TERMS)


class Appearances(NamedTuple):
    """Who is in stills: ``shown`` ``bool (N, C)`` of the characters with the keys ``cast``; ``is_known`` ``(N,)``
    where faces were looked for."""

    cast: tuple[int, ...]
    shown: NDArray[np.bool_]
    is_known: NDArray[np.bool_]


class _Vector(NamedTuple):
    values: NDArray[np.float32]
    is_known: NDArray[np.bool_]


def build_table(
    film: JudgedFilm,
    frames: NDArray[np.int64],
    *,
    scales: NDArray[np.float64],
    subjects: NDArray[np.float64],
    people: Appearances,
    maturity: Mapping[str, NDArray[np.float32]],
) -> StillTable:
    """Describe stills by what their film's signals, and those who looked closely, know of them.

    ``frames`` ``(N,)`` ascending, within the film. ``scales`` ``(N,)``: place in ``ava.shots.shot_scale.SCALES`` of the
    shot, for stills that have none measured of their own; ``subjects`` ``(N, 2)``: x and y of what draws the eye, 0–1
    of the picture; ``maturity`` kind → ``(N,)``; NaN in all of them where not known. Raises MissingSignal, and
    ValueError for frames that are not ascending.
    """
    if len(frames) and (np.any(np.diff(frames) <= 0) or frames[0] < 0 or frames[-1] >= film.frame_count):
        raise ValueError("Stills are described in the order of their frames, each once, and within the film.")
    vectors = {
        "scale": _describe_scale(film, frames, scales=scales),
        "composition": _describe_signals(film, frames, spans=COMPOSITION_SPANS),
        "light": _describe_signals(film, frames, spans=_LIGHT_SPANS),
        "palette": _describe_palette(film, frames),
        "saliency": _describe_saliency(film, frames, subjects=subjects),
        "characters": _describe_people(people),
        "place": _as_vector(frames[:, None] / max(film.frame_count, 1)),
    }
    shots, film_frames = share_out_film(film, frames)
    parts = judge_parts(film)
    return StillTable(
        frames=frames,
        shots=shots,
        film_frames=film_frames,
        parts={name: parts[name][frames].astype(np.float32) for name in FRAME_PARTS},
        maturity=maturity,
        vectors={name: vector.values for name, vector in vectors.items()},
        looks=looks_of(film, frames).signatures.astype(np.float32),
        frame_count=film.frame_count,
        known={name: vector.is_known for name, vector in vectors.items()},
        cast=people.cast,
    )


def share_out_film(film: JudgedFilm, frames: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give every frame of a shot to the nearest of its stills: each still's shot and number of frames, ``(N,)`` each.

    Frames of shots without a still go to nobody. A film without shots is one.
    """
    spans = [(shot.index, shot.start_frame, shot.end_frame) for shot in film.spans] or [(0, 0, film.frame_count)]
    index, start, end = np.array(spans, dtype=np.int64).T
    row = np.clip(np.searchsorted(start, frames, side="right") - 1, 0, len(index) - 1)
    halfway = (frames[1:] + frames[:-1] + 1) // 2
    is_same = row[1:] == row[:-1]
    first = np.where(np.append(False, is_same), np.append(0, halfway), start[row]) if len(frames) else frames
    last = np.where(np.append(is_same, False), np.append(halfway, 0), end[row]) if len(frames) else frames
    return index[row], np.maximum(last - first, 0)


def read_scales(table: StillTable) -> NDArray[np.float64]:
    """Place in ``ava.shots.shot_scale.SCALES`` of every still, ``float64 (N,)``, NaN where not known."""
    places = np.round(table.vectors["scale"][:, 0].astype(np.float64) * SCALE_STEPS)
    return np.where(table.is_known("scale"), np.clip(places, 0, 6), np.nan)


def read_light(table: StillTable) -> NDArray[np.float64]:
    """Brightness 0–1 and RMS contrast 0–0.5 of every still, ``float64 (N, 2)``, NaN where not known."""
    light = table.vectors["light"].astype(np.float64) * (BRIGHTNESS_SPAN, CONTRAST_SPAN)
    return np.where(table.is_known("light")[:, None], light, np.nan)


def read_colours(table: StillTable) -> NDArray[np.float64]:
    """Share of every still, 0–1, in each of ``COLOUR_TERMS``: ``float64 (N, 11)``, NaN where not known."""
    shares = np.square(table.vectors["palette"].astype(np.float64) * PALETTE_SPAN)
    return np.where(table.is_known("palette")[:, None], shares, np.nan)


def read_people(table: StillTable) -> NDArray[np.bool_]:
    """Who is in every still: ``bool (N, len(cast))``; nobody where faces were not looked for."""
    shown = table.vectors["characters"][:, : len(table.cast)] > 0
    return np.asarray(shown & table.is_known("characters")[:, None], dtype=np.bool_)


def read_compositions(table: StillTable) -> dict[str, NDArray[np.float64]]:
    """What is measured of the composition of every still, by signal: each ``float64 (N,)``, NaN where not known."""
    values = table.vectors["composition"].astype(np.float64) * list(COMPOSITION_SPANS.values())
    values = np.where(table.is_known("composition")[:, None], values, np.nan)
    return dict(zip(COMPOSITION_SPANS, values.T, strict=True))


def read_subjects(table: StillTable) -> NDArray[np.float64]:
    """Where what draws the eye lies, ``float64 (N, 2)``: x, y of 0–1; then what share of the picture is calm ground,
    all in ``(N, 3)``, NaN where not known."""
    vector = table.vectors["saliency"].astype(np.float64)
    values = np.stack(
        [
            vector[:, 0] * SUBJECT_X_SPAN,
            vector[:, 1] * SUBJECT_Y_SPAN,
            vector[:, 4] * SALIENCY_SPANS["saliency.negative_space"],
        ],
        axis=1,
    )
    return np.where(table.is_known("saliency")[:, None], values, np.nan)


def _describe_scale(film: JudgedFilm, frames: NDArray[np.int64], *, scales: NDArray[np.float64]) -> _Vector:
    own = _sample(film, "framing.scale", frames)
    return _as_vector(np.where(np.isnan(own), scales, own)[:, None] / SCALE_STEPS)


def _describe_signals(film: JudgedFilm, frames: NDArray[np.int64], *, spans: Mapping[str, float]) -> _Vector:
    return _as_vector(np.stack([_sample(film, name, frames) / span for name, span in spans.items()], axis=1))


def _describe_palette(film: JudgedFilm, frames: NDArray[np.int64]) -> _Vector:
    shares = np.stack([_sample(film, name, frames) for name in _COLOURS], axis=1)
    return _as_vector(np.sqrt(np.maximum(shares, 0)) / PALETTE_SPAN)


def _describe_saliency(film: JudgedFilm, frames: NDArray[np.int64], *, subjects: NDArray[np.float64]) -> _Vector:
    measured = np.stack([_sample(film, name, frames) / span for name, span in SALIENCY_SPANS.items()], axis=1)
    places = subjects / (SUBJECT_X_SPAN, SUBJECT_Y_SPAN)
    return _as_vector(np.concatenate([places, measured], axis=1))


def _describe_people(people: Appearances) -> _Vector:
    """Who is shown, each group at the same length: 1 apart without anybody in common, nearer the more they share."""
    nobody = ~people.shown.any(axis=1, keepdims=True)
    hot = np.concatenate([people.shown, nobody], axis=1).astype(np.float64)
    hot /= np.sqrt(2 * hot.sum(axis=1, keepdims=True))
    return _as_vector(np.where(people.is_known[:, None], hot, np.nan))


def _sample(film: JudgedFilm, name: str, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """A signal at some frames; NaN for one that no detector of this installation gives."""
    return film.signal(name, frames) if name in film.signals else np.full(len(frames), np.nan)


def _as_vector(values: NDArray[np.float64]) -> _Vector:
    """Put the mean of what is known for what is not, column by column; known is a still of which anything is."""
    missing = ~np.isfinite(values)
    counts = np.maximum((~missing).sum(axis=0), 1)
    means = np.where(missing, 0, values).sum(axis=0) / counts
    filled = np.where(missing, means, values)
    return _Vector(filled.astype(np.float32), np.asarray(~missing.all(axis=1), dtype=np.bool_))
