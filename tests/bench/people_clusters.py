"""How well faces are grouped into people: on a rendered film, on real ones, on people made up, and how fast."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.face_encoders import RESNET
from ava.annotate.looks import Span
from ava.media.probe import probe
from ava.render.demo import render_demo_film
from ava.weights.store import WeightsStore
from curation.people.cluster import cluster_vectors
from curation.people.collect import FilmPeople
from curation.people.metrics import bcubed, count_clicks, count_ratio, pairwise, purity
from curation.people.recognise import recognise
from tests.bench.figures import Figure
from tests.bench.identity_labels import SEEN_PEOPLE, SIGNERS, SIGNERS_WITHIN, SeenPerson
from tests.bench.people_films import find_film_shots, inspect_people, name_rendered_tracks, name_seen_tracks
from tests.face_vectors import make_people

SECTION = "people: clusters"
RENDERED, SEEN = "rendered, known by construction", "labelled by eye"
MADE = "vectors with measured spreads within and between people"
MADE_CASTS = (
    ("3 people of 20 tracks", [20] * 3),
    ("60 people of 200 to 3 tracks", [max(200 // place, 3) for place in range(1, 61)]),
    ("300 people of 10 tracks", [10] * 300),
    ("1 person of 300 tracks", [300]),
    ("1 person of 200 tracks, 300 of one", [200] + [1] * 300),
)
MANY = [63] * 300 + [1] * 1100
"""20,000 faces of 300 people and of 1,100 passers-by."""


def measure(data: Path | None) -> list[Figure]:
    """Group the tracks of films and made-up people, and 20,000 faces in a process of their own."""
    store = WeightsStore(Path(settings.BASE_DIR) / "var" / "weights")
    figures: list[Figure] = []
    if all(map(store.is_installed, ("face-landmarks", "eye-landmarks", "face-resnet"))):
        figures += _measure_demo(store)
        figures += _measure_real(data, store) if data else []
    for name, counts in MADE_CASTS:
        made = make_people(counts, seed=1)
        labels = cluster_vectors(made.vectors, weights=np.ones(len(made.person), np.float32), encoder=RESNET, apart=[])
        figures += _score(name, labels, made.person, screen_time=np.ones(len(labels)), truth=MADE)
    return figures + _measure_speed()


def _measure_demo(store: WeightsStore) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.mp4"
        truth = render_demo_film(path, pictures_dir=store.folder)
        people = inspect_people(path, shots=find_film_shots(path, store=store), store=store)
    return _score_film("demo film", people, name_rendered_tracks(people, truth), truth=RENDERED)


def _measure_real(data: Path, store: WeightsStore) -> list[Figure]:
    known = json.loads((data / f"{SIGNERS}.gt.json").read_text())["shots"]
    shots = [Span(shot["first_frame"], shot["last_frame"] + 1) for shot in known]
    seen = [
        SeenPerson(
            f"{SIGNERS}.mp4", shot["person"], "", (shot["first_frame"], shot["last_frame"] + 1), 1, SIGNERS_WITHIN
        )
        for shot in known
    ]
    figures: list[Figure] = []
    for file in (f"{SIGNERS}.mp4", *dict.fromkeys(person.file for person in SEEN_PEOPLE)):
        path, info = data / file, probe(data / file)
        is_signers = file.startswith(SIGNERS)
        people = inspect_people(path, shots=shots if is_signers else find_film_shots(path, store=store), store=store)
        labels = seen if is_signers else [person for person in SEEN_PEOPLE if person.file == file]
        names = name_seen_tracks(people, labels, size=(info.width, info.height))
        figures += _score_film(Path(file).stem, people, names, truth=SEEN)
    return figures


def _score_film(name: str, people: FilmPeople, names: Sequence[str | None], *, truth: str) -> list[Figure]:
    """Score the tracks whose person is known; one that was given to nobody is a group of its own."""
    found = recognise(people, encoder=RESNET)
    labels = np.where(found.person >= 0, found.person, len(people.tracks) + np.arange(len(people.tracks)))
    told = np.array([track for track, person in enumerate(names) if person is not None], dtype=np.int64)
    order = sorted({names[track] or "" for track in told})
    true = np.array([order.index(names[track] or "") for track in told], dtype=np.int64)
    length = np.array([track.end_frame - track.start_frame for track in people.tracks], dtype=np.float64)
    return _score(name, labels[told], true, screen_time=length[told], truth=f"{len(told)} tracks {truth}")


def _score(
    name: str, labels: NDArray[np.int64], true: NDArray[np.int64], *, screen_time: NDArray[np.floating], truth: str
) -> list[Figure]:
    by_pair, by_row = pairwise(labels, true), bcubed(labels, true)
    clicks = count_clicks(labels, true, screen_time=screen_time)
    values = {
        "pairwise F": by_pair.f,
        "B-cubed precision": by_row.precision,
        "B-cubed recall": by_row.recall,
        "B-cubed F": by_row.f,
        "purity": purity(labels, true),
        "predicted ÷ true people": count_ratio(labels, true),
        "actions to a right top ten": clicks,
    }
    return [Figure(SECTION, f"{name}: {what}", float(value), "", truth) for what, value in values.items()]


def _measure_speed() -> list[Figure]:
    """Group 20,000 faces in a new process, whose memory is its own."""
    made = make_people(MANY, seed=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        idle_mb, _, _ = pool.apply(_group, (made.vectors[:10],))
        peak_mb, seconds, labels = pool.apply(_group, (made.vectors,))
    name = f"{len(made.person):,} faces".replace(",", " ")
    return [
        Figure(SECTION, f"{name}: grouped in", seconds, "s", MADE),
        Figure(SECTION, f"{name}: memory at most", peak_mb, "MB", f"{idle_mb:.0f} MB of it before"),
        *_score(name, labels, made.person, screen_time=np.ones(len(labels)), truth=MADE),
    ]


def _group(vectors: NDArray[np.float32]) -> tuple[float, float, NDArray[np.int64]]:
    began = time.perf_counter()
    labels = cluster_vectors(vectors, weights=np.ones(len(vectors), np.float32), encoder=RESNET, apart=[])
    seconds = time.perf_counter() - began
    return _peak_mb(), seconds, labels


def _peak_mb() -> float:
    """The most memory that this program has held; `getrusage` counts what the one that started it held, too."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
