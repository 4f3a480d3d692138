"""How well stills are ranked, judged by trailers: the frames of a film that its trailer uses are official stills.

Somebody whose work it is has found these frames worth showing, and nobody made them for a test. Of this installation
every film whose trailers are matched is looked at; of a folder every pair `trailers/NAME/film.*` and `trailer.*` below
`--data`, analysed and matched as in the app. Trailers leave out most good frames as well, so that figures tell more
against each other (random, sharpness) than by themselves.

`manage.py bench accuracy --only official_stills [--data DIR]`
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from numpy.typing import NDArray
from scipy.stats import rankdata

from ava.media.bars import find_picture_area
from ava.models import Video
from curation.headless import Analysis, analyse_film
from curation.moments.film_pictures import sample_film
from curation.services import known_shots, still_signals
from curation.stills.candidates import suitability
from curation.stills.film import MissingSignal
from curation.trailer_reading import trailer_uses
from tests.bench.accuracy_trailer_match import match_file
from tests.bench.figures import Figure

SECTION = "official stills"
TOP = 10
SHARPNESS = "sharpness.subject_sharpness"
FOLDER = "trailers"
STAGES = ("people", "stills")

Floats = NDArray[np.floating]


class OfficialFilm(NamedTuple):
    """A film of N frames and what its trailers show of it.

    shots: int64 (S, 2), half-open. used: bool (N,). scores: by what frames are ranked → float (N,), higher is better.
    stills: frames proposed as stills, the best first.
    """

    name: str
    shots: NDArray[np.int64]
    used: NDArray[np.bool_]
    scores: dict[str, Floats]
    stills: Sequence[int]


class Measured(NamedTuple):
    """Of one ranking of a film's frames, all 0–1: how many of the ten best, one a shot, are used; the mean share of
    the film's frames below a used one; the chance that a used frame is above another, ties counted half."""

    top: float
    percentile: float
    auc: float


def measure(data: Path | None) -> list[Figure]:
    """Figures of all pairs there are; one that says so where there is none."""
    films = [film for film in [*installed_films(), *films_of_folder(data)] if 0 < film.used.sum() < len(film.used)]
    if not films:
        where = f"no film with a matched trailer in this installation, and no {FOLDER}/NAME/film.* with trailer.*"
        return [Figure(SECTION, "films with a trailer of their own", 0, "films", f"{where} in {data or 'a folder'}")]
    return [figure for film in films for figure in figures_of(film)] + over_all(films)


def figures_of(film: OfficialFilm) -> list[Figure]:
    """One film's figures beside what its frames give at random."""
    truth = f"{film.used.mean():.0%} of {len(film.used)} frames are in a trailer"
    stills = [frame for frame in film.stills if 0 <= frame < len(film.used)][:TOP]
    figures = []
    if stills:
        share = float(film.used[stills].mean())
        figures.append(Figure(SECTION, f"{film.name}: the first {len(stills)} stills, used", share, "", truth))
    figures.append(Figure(SECTION, f"{film.name}: {TOP} best at random, used", random_top(film), "", truth))
    for name, score in film.scores.items():
        found = measure_order(score, film=film)
        figures += [
            Figure(SECTION, f"{film.name}: {TOP} best by {name}, used", found.top, "", "one a shot"),
            Figure(
                SECTION, f"{film.name}: mean percentile by {name}", found.percentile, "", "of used frames; random .5"
            ),
            Figure(SECTION, f"{film.name}: AUC of {name}", found.auc, "", "random .5"),
        ]
    return figures


def over_all(films: Sequence[OfficialFilm]) -> list[Figure]:
    """The means over films, where there are several."""
    if len(films) < 2:
        return []
    truth = f"mean of {len(films)} films"
    figures = [Figure(SECTION, "random, used", statistics.mean(map(random_top, films)), "", truth)]
    for name in films[0].scores:
        found = [measure_order(film.scores[name], film=film) for film in films]
        figures += [
            Figure(SECTION, f"{what} of {name}", statistics.mean(values), "", truth)
            for what, values in zip(Measured._fields, zip(*found, strict=True), strict=True)
        ]
    return figures


def measure_order(score: Floats, *, film: OfficialFilm) -> Measured:
    """How well frames are ranked by a score; such without one (NaN) rank lowest."""
    known = np.nan_to_num(np.asarray(score, dtype=np.float64), nan=-np.inf)
    ranks = rankdata(known)
    used, others = int(film.used.sum()), int((~film.used).sum())
    auc = (ranks[film.used].sum() - used * (used + 1) / 2) / (used * others)
    best = [start + int(np.argmax(known[start:end])) for start, end in film.shots.tolist()]
    best.sort(key=lambda frame: -known[frame])
    percentile = (ranks[film.used] - 0.5).mean() / len(ranks)
    return Measured(float(film.used[best[:TOP]].mean()), float(percentile), float(auc))


def random_top(film: OfficialFilm) -> float:
    """How many of ten frames of ten shots, all drawn at random, are used in the mean."""
    return float(np.mean([film.used[start:end].mean() for start, end in film.shots.tolist()]))


def installed_films() -> Iterator[OfficialFilm]:
    """Films of this installation whose trailers are matched and theirs; none where its database does not answer."""
    try:
        videos = list(Video.objects.filter(trailer_matchings__isnull=False).distinct().order_by("pk"))
    except (OperationalError, ImproperlyConfigured):
        return
    for video in videos:
        shots, signals = known_shots(video), still_signals(video)
        spans = [(use.start_frame, use.end_frame) for use in trailer_uses(video)]
        if shots.shots and spans:
            try:
                judged = suitability(signals, shots=shots, fps=Fraction(video.fps_num, video.fps_den))
            except MissingSignal:
                continue
            stills = video.stills.filter(rank__isnull=False).order_by("rank").values_list("frame_index", flat=True)
            yield _film(f"video {video.pk}", [(shot.start_frame, shot.end_frame) for shot in shots.shots],
                        used=spans, judged=judged, sharp=signals[SHARPNESS], stills=list(stills))  # fmt: skip


def films_of_folder(
    data: Path | None, *, stages: Sequence[str] = STAGES, processes: int | None = None
) -> Iterator[OfficialFilm]:
    """Films of `DATA/trailers/NAME`, analysed and matched with the trailers beside them."""
    for folder in sorted((data / FOLDER).glob("*/")) if data is not None else ():
        film, trailer = (next(iter(sorted(folder.glob(f"{name}.*"))), None) for name in ("film", "trailer"))
        if film is not None and trailer is not None:
            analysis = analyse_film(
                film, stages=stages, weights=Path(settings.AVA_WEIGHTS_DIR),
                processes=processes or os.cpu_count() or 1, on_progress=lambda stage, done, of: None,
            )  # fmt: skip
            yield read_pair(analysis, trailer, name=folder.name)


def read_pair(analysis: Analysis, trailer: Path, *, name: str) -> OfficialFilm:
    """A film as its stills are judged, with the frames that are found in a trailer; none of a trailer of another."""
    film = analysis.path
    info = analysis.info
    match, _ = match_file(trailer, sample_film(film, info=info, area=find_picture_area(film, info=info)))
    spans = [(found.film_start, found.film_end) for found in match.passages] if match.belongs else []
    assert analysis.suitability is not None
    return _film(
        name, [(shot.start_frame, shot.end_frame) for shot in analysis.shots.shots], used=spans,
        judged=analysis.suitability, sharp=analysis.all_signals()[SHARPNESS],
        stills=[still.frame_index for still in analysis.stills],
    )  # fmt: skip


def _film(
    name: str, shots: Sequence[tuple[int, int]], *, used: Sequence[tuple[int, int]], judged: Floats, sharp: Floats,
    stills: Sequence[int],
) -> OfficialFilm:  # fmt: skip
    mask = np.zeros(len(judged), dtype=bool)
    for start, end in used:
        mask[max(start, 0) : end] = True
    scores = {"suitability": judged, "sharpness": sharp[: len(judged)]}
    return OfficialFilm(name, np.array(shots, dtype=np.int64).reshape(-1, 2), mask, scores, stills)
