"""How much an editor of a known taste must say until a ranking model beats the weights, and that chance never does.

Editors are made up, the films are real: every sixth usable frame of them is a still. An editor picks and rejects, or
compares, by what stills are worth to them, as unsure as people are (logistic noise of one standard deviation).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings

from curation.headless import analyse_film
from curation.learning.features import describe_stills
from curation.learning.measures import pair_auc
from curation.learning.ranking_model import fit_ranking, score_stills
from curation.learning.validation import Examples, TooFewPreferences, train_and_validate
from curation.stills.film import JudgedFilm
from curation.stills.order import weigh_parts
from curation.stills.parts import LEAST_SUITABILITY, judge_suitability
from curation.stills.purposes import BALANCED
from curation.stills.table import StillTable
from curation.stills.vectors import Appearances, build_table
from tests.bench.figures import Figure
from tests.still_tables import make_table
from tests.tastes import Taste, at_random, likes, make_examples, worths

SECTION = "learning from picks"
FILMS = ("sintel_trailer_480p.mp4", "googlework_short.mp4", "popeye_sinbad_p3.mkv")
STEP = 6
EDITORS = 20
TASTES = {
    "dark, sharp pictures": likes(sharpness=1.2, brightness=-1.2),
    "colour and calm": likes(colour=1.0, stillness=1.0, contrast=-0.8),
}


class _Effort(NamedTuple):
    """What an editor says of every film."""

    judged: int = 0
    compared: int = 0

    def __str__(self) -> str:
        return f"{self.judged} judged" if self.judged else f"{self.compared} compared"


EFFORTS = (_Effort(judged=20), _Effort(judged=40), _Effort(judged=80), _Effort(compared=60), _Effort(compared=150))


def measure(data: Path | None) -> list[Figure]:
    """Real films where there are any, else made-up ones."""
    tables = [_describe(data / "video" / name) for name in FILMS] if data else []
    source = "real films" if tables else "made-up films"
    tables = tables or [make_table(150, scenes=30, seed=seed) for seed in range(len(FILMS))]
    figures = [Figure(SECTION, f"stills of {len(tables)} films", sum(map(len, tables)), "stills", source)]
    for name, taste in TASTES.items():
        for effort in EFFORTS:
            figures += _recover(tables, taste, name=name, effort=effort)
        figures.append(_unseen(tables, taste, name=name))
    figures += [_chance(tables, effort) for effort in EFFORTS]
    return [*figures, _time(tables)]


def _describe(path: Path) -> StillTable:
    """Every sixth usable frame of a film as a still."""
    analysis = analyse_film(
        path,
        stages=("shots",),
        weights=Path(settings.AVA_WEIGHTS_DIR),
        processes=os.cpu_count() or 1,
        on_progress=lambda stage, done, of: None,
    )
    film = JudgedFilm(analysis.all_signals(), analysis.shots, analysis.info.fps)
    frames = np.arange(0, film.frame_count, STEP, dtype=np.int64)
    unknown = np.full(len(frames), np.nan)
    nobody = Appearances((), np.zeros((len(frames), 0), dtype=np.bool_), np.zeros(len(frames), dtype=np.bool_))
    table = build_table(
        film, frames, scales=unknown, subjects=np.stack([unknown, unknown], axis=1), people=nobody, maturity={}
    )
    usable = judge_suitability(table.parts, count=len(table)) >= LEAST_SUITABILITY
    return table.take(np.flatnonzero(usable))


def _recover(tables: Sequence[StillTable], taste: Taste, *, name: str, effort: _Effort) -> Iterator[Figure]:
    """Medians over editors of the same taste: held-out AUC and NDCG of model, weights, and the taste itself."""
    found, better = [], 0
    for seed in range(EDITORS):
        examples = _say(tables, taste, effort=effort, seed=seed)
        try:
            _, validation = train_and_validate(examples, part_weights=BALANCED.weights)
        except TooFewPreferences:
            continue
        better += validation.is_better
        true_worth = np.concatenate([worths(table, taste) for table in tables])
        found.append(
            [np.mean([fold.auc for fold in validation.model]), np.mean([fold.auc for fold in validation.weights]),
             np.nanmean([fold.ndcg for fold in validation.model]),
             np.nanmean([fold.ndcg for fold in validation.weights]),
             pair_auc(true_worth, examples.preferences)]
        )  # fmt: skip
    what = f"{name}, {effort} a film"
    yield Figure(SECTION, f"{what}: called better", better, f"of {EDITORS}", f"{len(found)} could be trained")
    if found:
        model, weights, model_ndcg, weights_ndcg, taste_auc = np.median(found, axis=0).tolist()
        yield Figure(SECTION, f"{what}: AUC", model, "AUC", f"weights {weights:.3f}, the taste itself {taste_auc:.3f}")
        yield Figure(SECTION, f"{what}: NDCG@10", model_ndcg, "NDCG", f"weights {weights_ndcg:.3f}")


def _unseen(tables: Sequence[StillTable], taste: Taste, *, name: str) -> Figure:
    """How the model of all other films orders a film of which nothing was said, against the taste itself."""
    correlations, of_weights = [], []
    for left_out, unseen in enumerate(tables):
        others = [table for number, table in enumerate(tables) if number != left_out]
        examples = _say(others, taste, effort=_Effort(judged=80), seed=left_out)
        model = fit_ranking(examples.features, examples.preferences, part_weights=BALANCED.weights)
        truth = worths(unseen, taste)
        correlations.append(_rank_correlation(score_stills(model, describe_stills(unseen)), truth))
        of_weights.append(_rank_correlation(weigh_parts(unseen.parts, BALANCED.weights), truth))
    return Figure(
        SECTION, f"{name}: rank correlation with the taste, film never seen", float(np.mean(correlations)), "ρ",
        f"weights {np.mean(of_weights):.3f}; 80 judged of each other film",
    )  # fmt: skip


def _chance(tables: Sequence[StillTable], effort: _Effort) -> Figure:
    """How many editors who choose at random get a model that is called better."""
    better = trained = 0
    for seed in range(EDITORS):
        examples = _say(tables, at_random, effort=effort, seed=1000 + seed)
        try:
            better += train_and_validate(examples, part_weights=BALANCED.weights)[1].is_better
            trained += 1
        except TooFewPreferences:
            continue
    return Figure(
        SECTION, f"at random, {effort} a film: called better", better, f"of {EDITORS}", f"{trained} could be trained"
    )


def _time(tables: Sequence[StillTable]) -> Figure:
    examples = _say(tables, next(iter(TASTES.values())), effort=_Effort(judged=80), seed=0)
    began = time.perf_counter()
    train_and_validate(examples, part_weights=BALANCED.weights)
    return Figure(SECTION, "a training with its trials", time.perf_counter() - began, "s", "80 judged a film")


def _say(tables: Sequence[StillTable], taste: Taste, *, effort: _Effort, seed: int) -> Examples:
    return make_examples(list(tables), taste, judged=effort.judged, compared=effort.compared, seed=seed)


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(one, other).statistic)
