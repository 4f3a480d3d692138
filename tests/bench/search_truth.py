"""What is looked for in which films, which shots are right, and how well lists of shots find them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from search.embed.fusion import Scored, fuse

QUERIES_FILE = Path(__file__).with_name("search_queries.json")
DEMO = "demo"


class FilmSpan(NamedTuple):
    """Half-open frames of a film."""

    film: str
    start_frame: int
    end_frame: int


class Looked(NamedTuple):
    """A query, its kind, the right spans, and whether it is of the half that tunes."""

    text: str
    kind: str
    right: tuple[FilmSpan, ...]
    tunes: bool


class Quality(NamedTuple):
    """Share of queries with a right shot first and among the first five, and the mean reciprocal rank, all 0–1."""

    hit_1: float
    hit_5: float
    mrr: float


def read_queries(films: Collection[str]) -> list[Looked]:
    """The frozen queries that have a right shot in some films, with what is right there.

    Of each kind every other one tunes; which they are does not depend on the films.
    """
    seen: dict[str, int] = defaultdict(int)
    found = []
    for row in json.loads(QUERIES_FILE.read_text())["queries"]:
        seen[row["kind"]] += 1
        right = tuple(_span(each) for each in row["right"] if each["film"] in films)
        if right:
            found.append(Looked(row["text"], row["kind"], right, seen[row["kind"]] % 2 == 1))
    return found


def read_labels(films: Collection[str]) -> list[tuple[FilmSpan, str]]:
    """What a person wrote on shots of some films."""
    rows = json.loads(QUERIES_FILE.read_text())["labels"]
    return [(_span(row), row["text"]) for row in rows if row["film"] in films]


def _span(row: Mapping[str, Any]) -> FilmSpan:
    return FilmSpan(row["film"], *row["frames"])


def is_right(shot: FilmSpan, right: Sequence[FilmSpan]) -> bool:
    """Whether a shot and a right span overlap by half of the shorter one."""
    for span in right:
        common = min(shot.end_frame, span.end_frame) - max(shot.start_frame, span.start_frame)
        shorter = min(shot.end_frame - shot.start_frame, span.end_frame - span.start_frame)
        if shot.film == span.film and 2 * common >= shorter:
            return True
    return False


def reciprocal_rank(shots: Sequence[FilmSpan], right: Sequence[FilmSpan]) -> float:
    """1 / the rank of the first right shot; 0 where there is none."""
    return next((1 / rank for rank, shot in enumerate(shots, 1) if is_right(shot, right)), 0.0)


def judge(ranks: Sequence[float]) -> Quality:
    """The quality of some queries' reciprocal ranks; NaN of none."""
    count = len(ranks) or float("nan")
    return Quality(
        sum(rank == 1 for rank in ranks) / count, sum(rank >= 1 / 5 for rank in ranks) / count, sum(ranks) / count
    )


class Fusion(NamedTuple):
    """A way to fuse: reciprocal rank's constant, the weight of each source (others weigh 1), and the power of grades.

    Graded are the sources that have a weight here: those of words."""

    rank_constant: float
    weights: dict[str, float]
    grade_power: float


def fused_quality(
    looked: Sequence[Looked], lists: Sequence[Mapping[str, Sequence[Scored]]], *, fusion: Fusion
) -> Quality:
    """How well a fusion finds what is looked for in the sources' lists, whose keys are `FilmSpan`s."""
    ranks = []
    for query, found in zip(looked, lists, strict=True):
        fused = fuse(
            found, weights=fusion.weights, graded=fusion.weights, rank_constant=fusion.rank_constant,
            grade_power=fusion.grade_power,
        )  # fmt: skip
        ranks.append(reciprocal_rank([each.key for each in fused], query.right))  # type: ignore[misc]
    return judge(ranks)
