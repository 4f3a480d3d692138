"""Gathering and scoring the shots of a two-hour film as an analysis leaves it: 172,800 frames, 2,160 shots.

`manage.py bench moments --only scoring`; works in a Postgres of its own that is gone afterwards.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database

SHOTS, SHOT_FRAMES = 2160, 80
FACES, LINES, LOOKS_A_SHOT, DIMENSION = 8_000, 1_500, 4, 384
DETECTORS = ("people", "text", "face_mesh")
TRUTH = f"{SHOTS:,} shots, {SHOTS * SHOT_FRAMES:,} frames, {FACES:,} faces, {LINES:,} lines, vectors of {DIMENSION}"
ROUNDS = 3
TITLES = 4


class Spent(NamedTuple):
    """Seconds that passed, and seconds of this process's work, which is hardly other on a busy machine."""

    passed_s: float
    worked_s: float


def measure(data: Path | None) -> list[Figure]:
    """The figures; ``data`` is not needed."""
    printed = run_with_own_database("tests.bench.moments_scoring", [])
    return [Figure(**each) for each in json.loads(printed.splitlines()[-1])]


def main_in_own_database() -> None:
    """Fill, score by the prior and by a network, and print the figures as JSON."""
    prepare_own_database()
    import torch
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from ava.models import Team, User
    from curation.models import MomentScoring
    from curation.moment_scores import film_moments
    from curation.moment_versions import add_version, use_ranker
    from tests.bench.search_films import use_model_files

    torch.set_num_threads(1)
    use_model_files()
    film = fill_long_film(Team.objects.create(name="Team"))

    def score_anew() -> object:
        MomentScoring.objects.all().delete()
        return film_moments(film)

    score_anew()  # the first call imports what it needs
    with CaptureQueriesContext(connection) as queries:
        moments = score_anew()
    assert moments is not None
    prior, kept = _time(score_anew), _time(lambda: film_moments(film))
    packed = _untrained()
    version, _ = add_version(packed, user=None, measures={"is_fit": True})
    use_ranker(version, user=User.objects.create_superuser("boss", password="a long word of passage"))
    score_anew()
    network = _time(score_anew)
    timed = {"scored by the prior": prior, "scored by a network": network, "read, nothing is different": kept}
    figures = [
        *(Figure("scoring", what, spent.passed_s, "s", TRUTH) for what, spent in timed.items()),
        *(Figure("scoring", f"{what}: Python works", spent.worked_s, "s", TRUTH) for what, spent in timed.items()),
        Figure("scoring", "queries to gather and score", len(queries), "", TRUTH),
        Figure("scoring", "kept bytes of measures and scores", _kept_bytes(), "bytes", TRUTH),
        Figure("scoring", "a training's step on long films", _step_s(film) * 1000, "ms", f"{TITLES} such films"),
    ]
    print(json.dumps([figure._asdict() for figure in figures]))


def _time(call: Callable[[], object]) -> Spent:
    """The quickest of some rounds: other work on the machine only adds."""
    rounds = []
    for _ in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        call()
        rounds.append(Spent(time.perf_counter() - began, time.process_time() - worked))
    return Spent(*(min(column) for column in zip(*rounds, strict=True)))


def fill_long_film(team: Any) -> Any:
    """A film with all that an analysis leaves, of values drawn at random."""
    from curation.models import FaceTrack
    from search.models import DialogueLine, Encoder, ShotVector
    from tests.moment_films import make_analysed_film, make_sound

    rng = np.random.default_rng(1)
    film = make_analysed_film("Long", team=team, shots=SHOTS, shot_frames=SHOT_FRAMES)
    make_sound(film)
    _look_closely(film, rng)
    shots = rng.integers(SHOTS, size=FACES).tolist()
    FaceTrack.objects.bulk_create(
        FaceTrack(video=film, shot_index=shot, start_frame=shot * SHOT_FRAMES + 2, end_frame=(shot + 1) * SHOT_FRAMES,
                  height_unit=float(height), centrality_unit=0.5)
        for shot, height in zip(shots, rng.uniform(0.05, 0.8, FACES), strict=True)
    )  # fmt: skip
    starts = np.sort(rng.choice(SHOTS * SHOT_FRAMES - 60, LINES, replace=False)).tolist()
    DialogueLine.objects.bulk_create(
        DialogueLine(video=film, source="embedded", start_frame=start, end_frame=start + 50, text=f"Line {start}.")
        for start in starts
    )
    encoder = Encoder.objects.create(name="words", version=1, kind="description", dimension=DIMENSION, is_serving=True)
    vectors = rng.normal(size=(SHOTS, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ShotVector.objects.bulk_create(
        ShotVector(encoder=encoder, video=film, start_frame=shot * SHOT_FRAMES, end_frame=(shot + 1) * SHOT_FRAMES,
                   vector=vector, made_from=f"{shot:064d}")
        for shot, vector in enumerate(vectors)
    )  # fmt: skip
    return film


def _look_closely(film: Any, rng: np.random.Generator) -> None:
    """One thing of each detector in every look, in inspections of a minute each."""
    from ava.annotate.base import find_detectors
    from ava.models import Detection, Inspection, WorkState
    from ava.packing import pack_integers, pack_values

    known = {each.name: each for each in find_detectors()}
    looks = np.arange(SHOT_FRAMES // (2 * LOOKS_A_SHOT), film.frame_count, SHOT_FRAMES // LOOKS_A_SHOT, dtype=np.int64)
    for index, first in enumerate(range(0, film.frame_count, 1440), start=1):
        mine = looks[(looks >= first) & (looks < first + 1440)]
        inspection = Inspection.objects.create(
            video=film, index=index, start_frame=first, end_frame=min(first + 1440, film.frame_count),
            state=WorkState.DONE, looks=pack_integers(mine),
        )  # fmt: skip
        for name in DETECTORS:
            columns = list(known[name].columns)
            Detection.objects.create(
                inspection=inspection, detector=name, version=known[name].version, columns=columns,
                frames=pack_integers(mine), words=["word"] * len(mine) if name == "text" else [],
                values=pack_values(rng.uniform(0, 1, size=(len(mine), len(columns))).astype(np.float32)),
            )  # fmt: skip


def _untrained() -> bytes:
    from curation.moments.network import RankingNetwork
    from curation.moments.ranker_file import Ranker, write_ranker

    return write_ranker(Ranker(RankingNetwork(dimension=DIMENSION, width=32)), recipe={"space": "words 1"})


def _kept_bytes() -> int:
    from curation.models import MomentScoring

    return len(bytes(MomentScoring.objects.get().packed))


def _step_s(film: Any) -> float:
    """Seconds of a step of a training on titles as long as this film, each with its trailer's shots."""
    from curation.moment_features import film_shots
    from curation.moments.ranking_training import train_ranker
    from curation.moments.soft_labels import LearntFilm
    from curation.moments.version_training import settings_of

    shots = film_shots(film)
    assert shots is not None and shots.vectors is not None
    used = (np.arange(SHOTS) % 20 == 0).astype(np.float32)
    films = [LearntFilm(f"title {number}", shots, used, shots.vectors[:100]) for number in range(TITLES)]
    times: list[float] = []
    train_ranker(
        films, settings=settings_of(steps=6, seed=0), on_step=lambda _: times.append(time.perf_counter()) is None
    )
    return float(np.median(np.diff(times)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main_in_own_database()
