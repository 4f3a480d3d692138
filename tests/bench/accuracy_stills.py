"""The first stills of films: how many are bad, and how much of the film they cover against random and uniform picks.

The demo film is known by construction; of real films the cuts were labelled by eye.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.render.demo import render_demo_film
from ava.render.truth import FilmTruth
from curation.headless import STAGES, Analysis, analyse_film
from curation.stills.elements import COLOUR_FROM
from curation.stills.film import JudgedFilm
from curation.stills.likeness import NEAR_IDENTICAL, looks_of
from tests.bench.figures import Figure

SECTION = "first stills"
RENDERED, LABELLED = "rendered, known by construction", "cuts labelled by eye"
FIRST, FEW = 40, 12
FILMS = ("sintel_trailer_480p.mp4", "googlework_short.mp4", "popeye_sinbad_p3.mkv")
RANDOM_PICKS = 50
LEAST_OF_FILM = 0.02
"""A colour is one of the film's when this share of its frames shows it."""

Frames = NDArray[np.int64]
Covers = Mapping[str, Sequence[Frames]]
"""What can be covered → for each of these things, the frames that show it."""


class _Picker(NamedTuple):
    name: str
    picks: list[Frames]


def measure(data: Path | None) -> list[Figure]:
    """The demo film's stills against its truth, and what real films' stills cover where there are any."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.mp4"
        truth = render_demo_film(path, pictures_dir=Path(settings.AVA_WEIGHTS_DIR))
        analysis = _analyse(path)
    figures = [*_count_bad(analysis, truth)]
    covers = {"shots": _true_shots(truth), "characters": _true_people(truth), "colours": _colours(analysis)}
    figures += _compare(analysis, covers, film="demo", truth=RENDERED)
    for name in FILMS if data else ():
        analysis = _analyse(data / "video" / name)
        covers = {"shots": _labelled_shots(data / "video" / name, analysis), "colours": _colours(analysis)}
        figures += _compare(analysis, covers, film=Path(name).stem, truth=LABELLED)
    return figures


def _analyse(path: Path) -> Analysis:
    return analyse_film(
        path,
        stages=STAGES,
        weights=Path(settings.AVA_WEIGHTS_DIR),
        processes=os.cpu_count() or 1,
        on_progress=lambda stage, done, of: None,
    )


def _first(analysis: Analysis, count: int) -> Frames:
    return np.array([still.frame_index for still in analysis.stills[:count]], dtype=np.int64)


def _count_bad(analysis: Analysis, truth: FilmTruth) -> Iterator[Figure]:
    frames = _first(analysis, FIRST)
    yield Figure(SECTION, f"demo: stills among the first {FIRST}", len(frames), "stills", RENDERED)
    for what, where in _bad_spans(truth).items():
        bad = [int(frame) for frame in frames if any(start <= frame < end for start, end in where)]
        yield Figure(SECTION, f"demo: {what}", len(bad), "stills", _name_frames(bad))
    blinking = _blinking(analysis, frames)
    yield Figure(SECTION, "demo: blinking", len(blinking), "stills", f"eyes as measured {_name_frames(blinking)}")
    film = JudgedFilm(analysis.all_signals(), analysis.shots, analysis.info.fps)
    looks = looks_of(film, frames)
    twins = [int(frames[row]) for row in range(1, len(frames)) if (looks.distances(row)[:row] < NEAR_IDENTICAL).any()]
    yield Figure(SECTION, "demo: near-identical to one above", len(twins), "stills", _name_frames(twins))


def _bad_spans(truth: FilmTruth) -> dict[str, list[tuple[int, int]]]:
    """What is wrong with frames → the half-open spans in which it is."""
    return {
        "black": [(span.start_frame, span.end_frame) for span in truth.black],
        "out of focus": [(span.start_frame, span.end_frame) for span in truth.defocused],
        "in a fast movement": [(span.start_frame, span.end_frame) for span in truth.fast_motion],
        "mid-dissolve or -fade": [(each.start_frame, each.end_frame) for each in truth.transitions],
        "title or credits": [
            (text.start_frame, text.end_frame) for text in truth.texts if text.kind in ("title", "credits")
        ],
    }


def _name_frames(frames: Sequence[int]) -> str:
    return f"frames {', '.join(map(str, frames))}" if frames else RENDERED


def _blinking(analysis: Analysis, frames: Frames) -> list[int]:
    """Stills whose largest face has its eyes closed, where that could be measured."""
    eyes_open = analysis.all_signals().get("face_mesh.eyes_open")
    return [] if eyes_open is None else [int(frame) for frame in frames if eyes_open[frame] < 0.5]


def _true_shots(truth: FilmTruth) -> list[Frames]:
    """Frames of each shot that could be a still; shots without any, such as title cards, are nothing to cover."""
    usable = np.ones(truth.frame_count, dtype=bool)
    for spans in _bad_spans(truth).values():
        for start, end in spans:
            usable[start:end] = False
    shots = [shot.start_frame + np.flatnonzero(usable[shot.start_frame : shot.end_frame]) for shot in truth.shots]
    return [frames for frames in shots if len(frames)]


def _true_people(truth: FilmTruth) -> list[Frames]:
    """Where each person's face is at least half in the picture."""
    seen: dict[str, list[int]] = {name: [] for name in truth.people}
    for shot in truth.shots:
        for face in shot.faces:
            if face.visible_unit >= 0.5:
                seen[face.person].append(face.frame_index)
    return [np.array(frames, dtype=np.int64) for frames in seen.values() if frames]


def _labelled_shots(path: Path, analysis: Analysis) -> list[Frames]:
    """Between hard cuts and gradual transitions, in so far as there is light."""
    known = json.loads(path.with_suffix(".gt.json").read_text())
    cuts = sorted({0, *known["hard_cuts"], *(each["span"][1] + 1 for each in known.get("gradual", ()))})
    bright = analysis.signals["exposure.brightness"] > 0.05
    spans = [np.arange(start, end) for start, end in zip(cuts, [*cuts[1:], len(bright)], strict=True)]
    return [lit for span in spans if len(lit := span[span < len(bright)][bright[span[span < len(bright)]]]) > 1]


def _colours(analysis: Analysis) -> list[Frames]:
    shares = [analysis.signals[f"colour_names.{term}"] for term in COLOUR_TERMS]
    shown = [np.flatnonzero(share >= COLOUR_FROM) for share in shares]
    return [frames for frames in shown if len(frames) >= LEAST_OF_FILM * len(shares[0])]


def _compare(analysis: Analysis, covers: Covers, *, film: str, truth: str) -> Iterator[Figure]:
    length = analysis.info.frame_count
    for count in (FEW, FIRST):
        first = _first(analysis, count)
        rng = np.random.default_rng(0)
        pickers = (
            _Picker(f"first {count} stills", [first]),
            _Picker("random", [rng.choice(length, len(first), replace=False) for _ in range(RANDOM_PICKS)]),
            _Picker("uniform", [((np.arange(len(first)) + 0.5) * length / max(len(first), 1)).astype(np.int64)]),
        )
        for what, wanted in covers.items():
            for picker in pickers:
                covered = np.mean([[np.isin(pick, frames).any() for frames in wanted] for pick in picker.picks])
                label = f"{film}: {len(wanted)} {what}, {len(first)} frames, {picker.name}"
                yield Figure(f"{SECTION}: coverage", label, float(covered), "covered", truth)
