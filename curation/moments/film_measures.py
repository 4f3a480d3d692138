"""The measures of a film's shots, out of all that an analysis has found: one function for pages and the shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.often_seen import often_seen
from ava.sound.film_sound import FilmSound
from ava.sound.shot_sound import shot_sounds
from curation.moments.shot_features import FEATURE_AT, FilmShots, table_of
from curation.people.dialogue import dialogue_share

MEASURES_VERSION = 1
"""Counts up when shots are measured differently; all scores are then made anew."""

TITLES = "text.title_area"
"""Only whether it is above 0 counts."""

SIGNALS = (
    "motion.flow_magnitude", "motion.subject_motion", "exposure.brightness", "exposure.contrast",
    "palette.saturation", "colour_cast.temperature_k", "people.count", "face_mesh.smile", "face_mesh.mouth_open",
    TITLES,
)  # fmt: skip
"""The signals that are read; what is missing, or NaN in all frames of a shot, is not measured there."""

SCALES = ("extreme_long", "long", "full", "cowboy", "medium", "close_up", "extreme_close_up")
"""Kinds of ``ava.shots``, from the widest to the closest."""

EDGE_SHARE = 0.1
"""So much of either end is left out of light and colour: dissolves mix two shots there."""

_LIGHT = {
    "brightness_unit": "exposure.brightness", "contrast_unit": "exposure.contrast",
    "saturation_unit": "palette.saturation",
}  # fmt: skip
_MOTION = {"motion_unit_s": "motion.flow_magnitude", "subject_motion_unit_s": "motion.subject_motion"}

Signal = NDArray[np.float32]
Spans = NDArray[np.int64]
Column = NDArray[np.float64]


class SeenFaces(NamedTuple):
    """Faces that were followed in a film, T of them: half-open frames, int64 (T,) each, and the height of each as a
    share of the picture's, float32 (T,)."""

    start_frame: NDArray[np.int64]
    end_frame: NDArray[np.int64]
    height_unit: NDArray[np.float32]


def measure_shots(
    spans: Spans,
    *,
    frame_times_s: NDArray[np.float64],
    signals: Mapping[str, Signal],
    scales: Sequence[str] = (),
    faces: SeenFaces | None = None,
    sound: FilmSound | None = None,
    spoken_s: NDArray[np.float64] | None = None,
    vectors: NDArray[np.float32] | None = None,
) -> FilmShots:
    """Measure the S shots of a film, ``spans`` int64 (S, 2) of half-open frames below N.

    ``frame_times_s`` float64 (N + 1,) as from ``frame_times``; ``signals`` of ``SIGNALS``, float32 (N,), NaN where
    nothing was measured; ``scales`` a kind a shot, "" unknown. ``faces`` None: nobody looked for faces; ``sound``
    None: nobody listened; ``spoken_s`` None: nobody knows when something is said, else seconds (L, 2). What was not
    measured is NaN in ``values``; nothing is made up for it.
    """
    spans = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
    times_s = frame_times_s[np.minimum(spans, len(frame_times_s) - 1)]
    film = _Film(spans, times_s, frame_times_s, signals)
    columns: dict[str, Column | NDArray[np.float32]] = {
        "length_s": times_s[:, 1] - times_s[:, 0],
        **{name: film.speed(signal) for name, signal in _MOTION.items()},
        **{name: film.mean(signal, edge=EDGE_SHARE) for name, signal in _LIGHT.items()},
        "warmth": _ratio(np.full(len(spans), 1e6), film.mean("colour_cast.temperature_k", edge=EDGE_SHARE)),
        "scale_unit": _scale_units(scales, shots=len(spans)),
        **_measure_people(film, faces),
        **_measure_sound(sound, times_s),
        "dialogue_unit": dialogue_share(spoken_s, times_s, near_s=0.0),
        "text_unit": _share_above_0(film.of_looks(TITLES)),
    }
    return FilmShots(spans, times_s, table_of(columns, shots=len(spans)), vectors)


class _Film(NamedTuple):
    """What the measures of all shots are read from."""

    spans: Spans
    times_s: NDArray[np.float64]
    frame_times_s: NDArray[np.float64]
    signals: Mapping[str, Signal]

    def mean(self, name: str, *, edge: float = 0.0, from_frame: int = 0) -> Column:
        """Of each shot's known values, without so much of either end and the first frames; NaN where there is none."""
        signal = self.signals.get(name)
        if signal is None or not len(self.spans):
            return np.full(len(self.spans), np.nan)
        cut = ((self.spans[:, 1] - self.spans[:, 0]) * edge).astype(np.int64)
        starts = self.spans[:, 0] + np.maximum(cut, from_frame)
        ends = self.spans[:, 1] - cut
        known = np.isfinite(signal)
        # Sums of a shot's own values alone, so that none depends on what comes before it.
        total = _sums(np.where(known, signal, 0).astype(np.float64), starts, ends)
        count = _sums(known.astype(np.float64), starts, ends)
        return _ratio(total, count)

    def speed(self, name: str) -> Column:
        """Mean change a second; that of the first frame leads over from the shot before and is left out."""
        frames = self.spans[:, 1] - self.spans[:, 0]
        last = np.clip(self.spans[:, 1] - 1, 0, len(self.frame_times_s) - 1)
        seconds = self.frame_times_s[last] - self.times_s[:, 0]
        return self.mean(name, from_frame=1) * _ratio((frames - 1).astype(np.float64), seconds)

    def of_looks(self, name: str) -> list[Signal]:
        """The known values of a signal of looked-at frames, shot by shot."""
        signal = self.signals.get(name, np.empty(0, dtype=np.float32))
        looks = np.flatnonzero(np.isfinite(signal))
        edges = np.searchsorted(looks, self.spans)
        return [signal[looks[first:end]] for first, end in edges.tolist()]


def _sums(values: Column, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Column:
    """The sum of the values of each half-open span; 0 for empty ones and beyond the end."""
    padded = np.append(values, 0.0)
    starts, ends = np.clip(starts, 0, len(values)), np.clip(ends, 0, len(values))
    found = np.add.reduceat(padded, np.stack([starts, np.maximum(ends, starts)], axis=1).ravel())[::2]
    return np.where(ends > starts, found, 0.0)


def _ratio(above: Column, below: Column) -> Column:
    """NaN where ``below`` is not above 0."""
    found: Column = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return found


def _scale_units(scales: Sequence[str], *, shots: int) -> Column:
    known = {scale: place / (len(SCALES) - 1) for place, scale in enumerate(SCALES)}
    told = [known.get(scale, np.nan) for scale in scales] or [np.nan] * shots
    return np.array(told, dtype=np.float64)


def _measure_people(film: _Film, faces: SeenFaces | None) -> dict[str, Column]:
    """Of looks that see people and of faces that were followed whichever saw more; expressions of the largest face."""
    at_once, height = _measure_faces(film.spans, faces)
    counts = [
        often_seen(looks[looks > 0].astype(int).tolist(), looks=len(looks)) if len(looks) else np.nan
        for looks in film.of_looks("people.count")
    ]
    smiles, mouths = film.of_looks("face_mesh.smile"), film.of_looks("face_mesh.mouth_open")
    expressive = [
        float(np.maximum(smile, mouth).mean()) if len(smile) and len(smile) == len(mouth) else np.nan
        for smile, mouth in zip(smiles, mouths, strict=True)
    ]
    return {
        "people": np.fmax(np.array(counts, dtype=np.float64), at_once),
        "prominence_unit": height,
        "expression_unit": np.array(expressive, dtype=np.float64),
        "smile_unit": np.array([float(smile.max()) if len(smile) else np.nan for smile in smiles], dtype=np.float64),
    }


def _measure_faces(spans: Spans, faces: SeenFaces | None) -> tuple[Column, Column]:
    """How many faces are followed at once in each shot, and the height of its largest; a face is of one shot."""
    at_once, height = np.full(len(spans), np.nan), np.full(len(spans), np.nan)
    if faces is None:
        return at_once, height
    middle = (faces.start_frame + faces.end_frame) // 2
    order = np.lexsort((faces.end_frame, faces.start_frame, middle))
    edges = np.searchsorted(middle[order], spans)
    for shot, (first, end) in enumerate(edges.tolist()):
        mine = order[first:end]
        starts, ends = faces.start_frame[mine], faces.end_frame[mine]
        at_once[shot] = max((np.count_nonzero((starts <= each) & (ends > each)) for each in starts), default=0)
        height[shot] = np.nanmax(faces.height_unit[mine]) if np.isfinite(faces.height_unit[mine]).any() else 0.0
    return at_once, height


def _measure_sound(sound: FilmSound | None, times_s: NDArray[np.float64]) -> dict[str, Column]:
    if sound is None or not sound.is_heard:
        return {}
    heard = [each._asdict() for each in shot_sounds(sound, spans_s=times_s)]
    names = {name: name for name in FEATURE_AT} | {"sound_brightness_hz": "brightness_hz"}
    told = heard[0] if heard else {}
    return {
        feature: np.array([each[name] for each in heard], dtype=np.float64)
        for feature, name in names.items()
        if name in told
    }


def _share_above_0(looks: Sequence[Signal]) -> Column:
    return np.array([float((each > 0).mean()) if len(each) else np.nan for each in looks], dtype=np.float64)
