"""Whether a ranking model is better than the current weights, by stills that it was not trained on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curation.learning.features import score_by_weights
from curation.learning.measures import mean_ndcg, pair_auc
from curation.learning.preferences import Preferences
from curation.learning.ranking_model import RankingWeights, fit_ranking, worth_of_stills
from curation.similarity.one_thread import one_thread

FOLDS = 3
REPEATS = 7
"""Three large folds, since a pair is tested only where both of its stills fall into the same one."""

LEAST_FILMS = 5
"""From so many films on folds divide films; below, scenes or shots."""

LEAST_STILLS = 40
LEAST_GROUPS = 10
LEAST_HELD_BACK_PAIRS = 20
LEAST_GAIN = 0.01
"""A model must order pairs better than the current weights by so much, or a change is not worth anybody's while."""

MOST_DOUBT = 0.025
"""The probability of as large a gain by chance alone that is put up with. The test is a little too trusting where the
folds are few shots: of editors who choose at random, 7 of 100 would have passed at 0.05."""


class TooFewPreferences(ValueError):
    """Nothing can be learnt from so little yet; the sentence says how much there is and is needed."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Stills of all films one below the other, N rows, and preferences between them.

    ``features`` ``float32 (N, F)`` of ``describe_stills``; ``gains`` ``float64 (N,)`` 0–5, NaN where nothing is said;
    ``films`` and ``groups`` ``int64 (N,)``: a group is a scene or a shot of one film, whose stills look alike;
    ``held_back`` ``bool (N,)``: never trained on.
    """

    features: NDArray[np.float32]
    gains: NDArray[np.float64]
    films: NDArray[np.int64]
    groups: NDArray[np.int64]
    held_back: NDArray[np.bool_]
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Score:
    """How well an order agrees with editors, each 0–1, NaN where that cannot be told: pairs in order, and NDCG@10."""

    auc: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Validation:
    """The model's and the current weights' scores on the same folds and on what is held back for good.

    ``divided_by`` is "films" or "shots". ``held_back_pairs`` is how many preferences the last two are of.
    ``is_better`` is the decision, ``verdict`` the sentence that says why.
    """

    model: tuple[Score, ...]
    weights: tuple[Score, ...]
    divided_by: str
    held_back_model: Score
    held_back_weights: Score
    held_back_pairs: int
    is_better: bool
    verdict: str


def train_and_validate(examples: Examples, *, part_weights: Mapping[str, float]) -> tuple[RankingWeights, Validation]:
    """Train on all that is not held back, and measure by cross-validation within it, and on what is held back.

    No fold divides a film where there are ``LEAST_FILMS``, else no scene or shot; three folds are drawn seven times.
    The model counts as better when the gain in AUC is at least ``LEAST_GAIN`` and by the corrected resampled t-test
    (Nadeau & Bengio 2003; one-sided) not chance, NDCG falls neither there nor, where there is enough of it, AUC on
    what is held back. Raises TooFewPreferences.
    """
    with one_thread():
        return _train_and_validate(examples, part_weights=part_weights)


def _train_and_validate(examples: Examples, *, part_weights: Mapping[str, float]) -> tuple[RankingWeights, Validation]:
    learning = examples.preferences.within(~examples.held_back)
    _require_enough(learning, examples.groups)
    groups, divided_by = _groups(examples, learning)
    model_scores, weights_scores = [], []
    for test in _folds(groups, np.unique(np.concatenate([learning.better, learning.worse]))):
        learn, held = learning.within(~test), learning.within(test)
        if not len(learn) or not len(held):
            continue
        model = fit_ranking(examples.features, learn, part_weights=part_weights)
        model_scores.append(score_model(model, examples, held))
        weights_scores.append(score_weights(part_weights, examples, held))
    if len(model_scores) < FOLDS:
        raise TooFewPreferences(
            "Hardly any still is preferred to another one of its own "
            f"{'film' if divided_by == 'films' else 'part of the film'}; compare more stills, from the whole film."
        )
    final = fit_ranking(examples.features, learning, part_weights=part_weights)
    held_back = examples.preferences.within(examples.held_back)
    validation = Validation(
        model=tuple(model_scores),
        weights=tuple(weights_scores),
        divided_by=divided_by,
        held_back_model=score_model(final, examples, held_back),
        held_back_weights=score_weights(part_weights, examples, held_back),
        held_back_pairs=len(held_back),
        is_better=False,
        verdict="",
    )
    return final, _decide(validation)


def score_model(model: RankingWeights, examples: Examples, preferences: Preferences) -> Score:
    """How well a model orders the stills of these preferences. Raises UnfitModel."""
    return _score(worth_of_stills(model, examples.features), examples, preferences)


def score_weights(part_weights: Mapping[str, float], examples: Examples, preferences: Preferences) -> Score:
    """How well the score by weights of parts orders the stills of these preferences."""
    return _score(score_by_weights(examples.features, part_weights=part_weights), examples, preferences)


def _score(scores: NDArray[np.float64], examples: Examples, preferences: Preferences) -> Score:
    judged = np.unique(np.concatenate([preferences.better, preferences.worse]))
    return Score(
        auc=pair_auc(scores, preferences),
        ndcg=mean_ndcg(scores[judged], examples.gains[judged], examples.films[judged]),
    )


def _require_enough(learning: Preferences, groups: NDArray[np.int64]) -> None:
    judged = np.unique(np.concatenate([learning.better, learning.worse]))
    if len(judged) < LEAST_STILLS:
        raise TooFewPreferences(
            f"{len(judged)} stills so far are preferred to others or the other way round, beside those held back for "
            f"the proof; {LEAST_STILLS} are needed. Pick and reject in the same films, or compare."
        )
    if (count := len(np.unique(groups[judged]))) < LEAST_GROUPS:
        raise TooFewPreferences(
            f"The stills come from {count} shots; {LEAST_GROUPS} are needed, so that what is learnt from some can be "
            "tried on others."
        )


def _groups(examples: Examples, learning: Preferences) -> tuple[NDArray[np.int64], str]:
    if len(np.unique(learning.films)) >= LEAST_FILMS:
        return examples.films, "films"
    return examples.groups, "shots"


def _folds(groups: NDArray[np.int64], judged: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
    """Test rows ``bool (N,)`` of every fold of every repeat: groups are dealt out, the fullest first."""
    numbers, counts = np.unique(groups[judged], return_counts=True)
    for repeat in range(REPEATS):
        shuffled = np.random.default_rng(repeat).permutation(len(numbers))
        fullest_first = shuffled[np.argsort(-counts[shuffled], kind="stable")]
        sizes = np.zeros(FOLDS, dtype=np.int64)
        fold_of = np.empty(len(numbers), dtype=np.int64)
        for place in fullest_first:
            fold_of[place] = np.argmin(sizes)
            sizes[fold_of[place]] += counts[place]
        for fold in range(FOLDS):
            yield np.isin(groups, numbers[fold_of == fold])


def _decide(validation: Validation) -> Validation:
    gain = np.array([ours.auc - theirs.auc for ours, theirs in zip(validation.model, validation.weights, strict=True)])
    ndcg_gains = np.array(
        [ours.ndcg - theirs.ndcg for ours, theirs in zip(validation.model, validation.weights, strict=True)]
    )
    ndcg_gains = ndcg_gains[~np.isnan(ndcg_gains)]
    least = max(LEAST_GAIN, _chance_gain(gain))
    if gain.mean() < least:
        verdict = (
            f"Not better: {100 * gain.mean():+.1f} percentage points of pairs in order beside the current weights, "
            f"where from so little anything below {100 * least:+.1f} may be chance."
        )
        return replace(validation, verdict=verdict)
    if len(ndcg_gains) and ndcg_gains.mean() < 0:
        return replace(validation, verdict="Not better: the first stills of its order are worse (NDCG falls).")
    has_proof = validation.held_back_pairs >= LEAST_HELD_BACK_PAIRS
    if has_proof and validation.held_back_model.auc < validation.held_back_weights.auc:
        return replace(
            validation, verdict="Not better: on the stills held back for good the current weights are right more often."
        )
    verdict = f"Better than the current weights: {100 * gain.mean():+.1f} percentage points more pairs in order."
    return replace(validation, is_better=True, verdict=verdict)


def _chance_gain(gains: NDArray[np.float64]) -> float:
    """The mean gain over folds that chance alone reaches with probability ``MOST_DOUBT``.

    The corrected resampled t-test: folds drawn again share stills, so that the variance of the mean is
    (1/n + tested/trained) times that of the folds.
    """
    from scipy.stats import t

    deviation = np.sqrt((1 / len(gains) + 1 / (FOLDS - 1)) * gains.var(ddof=1))
    return float(t.ppf(1 - MOST_DOUBT, len(gains) - 1) * deviation)
