"""Made-up films whose shots are mixed from measured ones, with trailers chosen by tastes that are planted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.moments.prior import prior_weights
from curation.moments.shot_features import FEATURES, FilmShots, film_places
from curation.moments.soft_labels import LearntFilm

TASTES = ("as the prior", "six other measures", "bent", "beside the shot before", "what pictures show")
"""By the prior's own weights; by six measures chosen by chance, liked or disliked; by these, a measure of which the
middle is liked and two that count together only; by these and a measure's change from the shot before; by these and a
direction of the embeddings."""
NOISE = 0.5
"""Standard deviation of what makes an editor choose against a taste, in that of the taste."""
USED_SHARE = 0.08
SHOTS = (200, 600)
_SCENE = (3, 10)
_DIMENSION, _CONCEPTS = 384, 6


def simulate_film(
    measured: NDArray[np.float32], *, taste: str, house: int, seed: int
) -> tuple[LearntFilm, NDArray[np.float64]]:
    """A film of shots mixed from rows of ``measured`` (N, F), and what its editor would like without noise (S,).

    ``house`` numbers the people whose taste it is: all their films are chosen by it.
    """
    rng = np.random.default_rng([TASTES.index(taste), house, seed])
    shots = _mix(measured, rng)
    shots, liking = _like(shots, taste=taste, taste_rng=np.random.default_rng([TASTES.index(taste), house]), rng=rng)
    chosen = liking + rng.normal(0, NOISE * liking.std(), len(liking))
    used = np.zeros(len(liking), dtype=np.float32)
    used[np.argsort(-chosen, kind="stable")[: round(USED_SHARE * len(liking))]] = 1
    return LearntFilm(f"film {seed}", shots, used), liking


def _mix(measured: NDArray[np.float32], rng: np.random.Generator) -> FilmShots:
    """Shots in scenes: each lies between a measured shot and one that its scene has in common."""
    count = int(rng.integers(*SHOTS))
    scenes = np.repeat(rng.integers(len(measured), size=count), rng.integers(*_SCENE, size=count))[:count]
    own, scene = measured[rng.integers(len(measured), size=count)], measured[scenes]
    share = rng.uniform(0.2, 0.9, size=(count, 1))
    values = np.where(np.isfinite(scene), share * own + (1 - share) * scene, own).astype(np.float32)
    edges = np.arange(count + 1)
    spans = np.stack([edges[:-1], edges[1:]], axis=1)
    return FilmShots(spans * 48, (spans * 2).astype(np.float64), values)


def _like(
    shots: FilmShots, *, taste: str, taste_rng: np.random.Generator, rng: np.random.Generator
) -> tuple[FilmShots, NDArray[np.float64]]:
    places = film_places(shots.values).astype(np.float64)
    if taste == "as the prior":
        return shots, places @ prior_weights()
    liked = taste_rng.choice(len(FEATURES), 6, replace=False)
    liking = places[:, liked] @ (taste_rng.choice([-1, 1], 6) * taste_rng.uniform(0.4, 1, 6))
    other, another = taste_rng.choice(len(FEATURES), 2, replace=False)
    if taste == "bent":
        liking = 0.6 * liking - 1.2 * np.abs(places[:, other]) + 1.2 * places[:, liked[0]] * places[:, another]
    elif taste == "beside the shot before":
        own = places[:, other]
        liking = 0.6 * liking + own - np.concatenate([own[:1], own[:-1]])
    elif taste == "what pictures show":
        vectors, concepts = _draw_vectors(len(liking), rng)
        return shots._replace(vectors=vectors), liking / liking.std() + concepts[:, 0]
    return shots, liking


def _draw_vectors(count: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Unit embeddings: what all have in common, how much of some concepts each shows, its film's own look, noise."""
    everywhere = np.random.default_rng(5)
    concepts = everywhere.normal(size=(_CONCEPTS, _DIMENSION)) / _DIMENSION**0.5
    common = 3 * everywhere.normal(size=_DIMENSION) / _DIMENSION**0.5
    amounts = rng.normal(size=(count, _CONCEPTS))
    looks = rng.normal(size=(10, _DIMENSION)) / _DIMENSION**0.5
    scenes = np.repeat(rng.normal(size=(count // 6 + 1, 10)), 6, axis=0)[:count]
    noise = rng.normal(size=(count, _DIMENSION)) / _DIMENSION**0.5
    vectors = common + 0.8 * amounts @ concepts + 0.8 * scenes @ looks + noise
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), amounts
