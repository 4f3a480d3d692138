"""How many of the shots that are ranked first are really in the trailer, on films that the ranker did not learn from.

No real film with its real trailer is here: whose taste chose the trailers is planted, by rules that the program does
not know (`moment_pairs`, `moment_simulation`). So these figures tell whether a taste is learnt from trailers, not how
good films' editors are met. Rendered films: cut from real footage with its sound, analysed as films are, their
trailers laid against them by the trailer map; each film is ranked by what the others taught. Made-up films: shots mixed
from what was measured of the rendered ones.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from django.conf import settings
from numpy.typing import NDArray

from ava.media.bars import find_picture_area
from ava.media.probe import probe
from curation.headless import analyse_film
from curation.headless_moments import measure_analysis
from curation.moments.film_pictures import sample_film
from curation.moments.network import RankingNetwork
from curation.moments.prior import score_by_prior
from curation.moments.ranker_file import Ranker
from curation.moments.ranker_scores import score_by_ranker
from curation.moments.ranking_training import train_ranker
from curation.moments.ranking_validation import PRIOR, RANDOM, Measures, baseline_scores
from curation.moments.ranking_validation import measure as measure_order
from curation.moments.shot_features import FEATURES, FilmShots
from curation.moments.soft_labels import LearntFilm, reuse_of
from tests.bench.accuracy_trailer_match import match_file
from tests.bench.figures import Figure
from tests.bench.moment_pairs import TASTES, MomentFilm, read_footage, render_film
from tests.bench.moment_simulation import TASTES as SIMULATED_TASTES
from tests.bench.moment_simulation import simulate_film

FILMS = 5
HOUSES, LEARNT, HELD_OUT = 3, (4, 12), 12
"""Of each simulated taste: houses that have it, films they learn from, and films that are ranked then."""
SPEED_SHOTS, SPEED_ROUNDS = 2000, 5
NETWORK, ORACLE = "network", "the taste itself, without its noise"
_DRAWS = 2000


class Ranked(NamedTuple):
    """A rendered film with its measured shots, and for each taste what its trailer map and what the truth uses."""

    shots: FilmShots
    mapped: dict[str, NDArray[np.float32]]
    true: dict[str, NDArray[np.float32]]


def measure(data: Path | None) -> list[Figure]:
    """Rendered films first, then made-up ones of their shots, then speed; without footage speed alone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        figures: list[Figure] = []
        if data is not None:
            films = measure_films(data)
            figures += measure_rendered(films)
            figures += measure_simulated(np.concatenate([film.shots.values for film in films]))
        return [*figures, *measure_speed()]
    finally:
        torch.set_num_threads(threads)


def measure_films(data: Path) -> list[Ranked]:
    """Render films and trailers, analyse the films, and lay the trailers against them."""
    with tempfile.TemporaryDirectory() as folder:
        footage = read_footage(data)
        films = [render_film(footage, folder=Path(folder) / str(number), seed=number) for number in range(FILMS)]
        del footage
        return [_measure_film(film) for film in films]


def measure_rendered(films: Sequence[Ranked]) -> Iterator[Figure]:
    """Leave-one-title-out on rendered films, taste by taste."""
    shots = sum(len(film.shots.spans) for film in films)
    truth = f"{len(films)} rendered films, {shots} shots found, taste planted"
    for taste in TASTES:
        section = f"moments, rendered films, planted taste: {taste}"
        found: dict[str, list[Measures]] = {}
        for number, film in enumerate(films):
            others = [
                LearntFilm(str(other), each.shots, each.mapped[taste])
                for other, each in enumerate(films) if other != number
            ]  # fmt: skip
            scores = baseline_scores(film.shots)
            scores[NETWORK] = score_by_ranker(train_ranker(others).ranker, film.shots, by=NETWORK).score_unit
            for name, score in scores.items():
                found.setdefault(name, []).append(measure_order(score, film.true[taste]))
        yield from _tell(found, network=NETWORK, section=section, truth=truth)
    mapped, true = (
        np.concatenate([used[taste] > 0 for film in films for used in (getattr(film, of),) for taste in TASTES])
        for of in ("mapped", "true")
    )
    section = "moments, rendered films, the map that they learn from"
    yield Figure(section, "recall of used shots", mapped[true].mean(), "", truth)
    yield Figure(section, "precision of used shots", true[mapped].mean(), "", truth)


def measure_simulated(measured: NDArray[np.float32]) -> Iterator[Figure]:
    """Many made-up films by rows of measures (N, F): what few and what more trailers teach of each taste."""
    truth = f"{HOUSES * HELD_OUT} held-out made-up films of {len(measured)} measured shots, taste planted"
    for taste in SIMULATED_TASTES:
        found: dict[str, list[Measures]] = {}
        for house in range(HOUSES):
            films = [
                simulate_film(measured, taste=taste, house=house, seed=seed) for seed in range(max(LEARNT) + HELD_OUT)
            ]
            held_out = films[max(LEARNT) :]
            for count in LEARNT:
                ranker = train_ranker([film for film, _ in films[:count]]).ranker
                found.setdefault(f"{NETWORK}, {count} films learnt", []).extend(
                    measure_order(score_by_ranker(ranker, film.shots, by=NETWORK).score_unit, film.used_unit)
                    for film, _ in held_out
                )
            for film, liking in held_out:
                for name, score in (baseline_scores(film.shots) | {ORACLE: liking}).items():
                    found.setdefault(name, []).append(measure_order(score, film.used_unit))
        section = f"moments, made-up films, planted taste: {taste}"
        yield from _tell(found, network=f"{NETWORK}, {max(LEARNT)} films learnt", section=section, truth=truth)


def measure_speed() -> Iterator[Figure]:
    """Seconds for a long film, explanations included, with embeddings."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(SPEED_SHOTS, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    spans = np.arange(SPEED_SHOTS)[:, None] + np.arange(2)
    values = rng.normal(size=(SPEED_SHOTS, len(FEATURES))).astype(np.float32)
    shots = FilmShots(spans * 48, (spans * 2).astype(np.float64), values, vectors)
    ranker = Ranker(RankingNetwork(dimension=384))
    for what, work in (
        ("by the prior", lambda: score_by_prior(shots)),
        ("by the network, with what each measure adds", lambda: score_by_ranker(ranker, shots, by=NETWORK)),
    ):
        seconds = min(_seconds(work) for _ in range(SPEED_ROUNDS))
        yield Figure("moments, speed", f"scoring {SPEED_SHOTS:,} shots {what}", 1000 * seconds, "ms", "one core")


def _measure_film(film: MomentFilm) -> Ranked:
    analysis = analyse_film(
        film.path, stages=("sound", "people"), weights=Path(settings.AVA_WEIGHTS_DIR), processes=1,
        on_progress=lambda *_: None,
    )  # fmt: skip
    shots = measure_analysis(analysis)
    info = probe(film.path)
    pictures = sample_film(film.path, info=info, area=find_picture_area(film.path, info=info))
    mapped = {taste: match_file(path, pictures)[0] for taste, path in film.trailers.items()}
    return Ranked(
        shots,
        {
            taste: reuse_of(
                shots.spans, uses=[(each.film_start, each.film_end, each.confidence) for each in match.passages]
            )
            for taste, match in mapped.items()
        },
        {taste: reuse_of(shots.spans, uses=[(*span, 1.0) for span in used]) for taste, used in film.used.items()},
    )


def _tell(found: dict[str, list[Measures]], *, network: str, section: str, truth: str) -> Iterator[Figure]:
    for name, measures in found.items():
        table = np.array(measures)
        low, high = _interval(table[:, 0])
        yield Figure(
            section, f"top ten in the trailer, {name}", table[:, 0].mean(), "", f"{low:.2f}–{high:.2f}; {truth}"
        )
    for name, measures in found.items():
        if name != RANDOM:
            value = float(np.mean([each.top_used_unit for each in measures]))
            yield Figure(section, f"top as many as are used, {name}", value, "", truth)
    both = zip(found[network], found[PRIOR], strict=True)
    gained = np.array([own.top_ten_unit - prior.top_ten_unit for own, prior in both])
    low, high = _interval(gained)
    yield Figure(section, "top ten, gain of the network over the prior", gained.mean(), "", f"{low:.2f}–{high:.2f}")


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Between which the mean lies 95 times in 100, by drawing films again (bootstrap, Efron 1979)."""
    rng = np.random.default_rng(2)
    means = values[rng.integers(len(values), size=(_DRAWS, len(values)))].mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
