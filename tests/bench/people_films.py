"""The people of a film file, found the way an analysis finds them, and who they are known to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ava.annotate.availability import available_detectors, load_detectors
from ava.annotate.face_encoders import RESNET
from ava.annotate.inspect import join_detections
from ava.annotate.looks import Span, plan_inspections
from ava.annotate.shot_inspection import inspect_shots
from ava.media.probe import probe
from ava.render.truth import FilmTruth
from ava.weights.store import WeightsStore
from curation.headless import analyse_film
from curation.people.collect import FilmPeople, collect_people
from tests.bench.identity_labels import SeenPerson

DETECTORS = ("faces", "face_mesh", RESNET.detector)


def find_film_shots(path: Path, *, store: WeightsStore) -> list[Span]:
    """The shots that an analysis finds."""
    found = analyse_film(path, stages=("shots",), weights=store.folder, processes=1, on_progress=lambda *_: None)
    return [Span(shot.start_frame, shot.end_frame) for shot in found.shots.shots]


def inspect_people(path: Path, *, shots: Sequence[Span], store: WeightsStore) -> FilmPeople:
    """Look into the shots of a film and collect its people, with vectors of the embedded encoder."""
    info = probe(path)
    detectors = [each for each in available_detectors(store) if each.name in DETECTORS]
    loaded = load_detectors(detectors, store=store, device="cpu")
    parts: dict[str, list] = {}
    for plan in plan_inspections(shots, fps=info.fps):
        mine = [shot for shot in shots if plan.span.start_frame <= shot.start_frame < plan.span.end_frame]
        tables = inspect_shots(path, info=info, area=None, shots=mine, looks=plan.looks, detectors=loaded)
        for name, table in tables.items():
            parts.setdefault(name, []).append(table)
    return collect_people(
        {name: join_detections(tables, columns=tables[0].values.shape[1]) for name, tables in parts.items()},
        shots=shots, encoder=RESNET, size=(info.width, info.height), fps=float(info.fps),
    )  # fmt: skip


def name_rendered_tracks(people: FilmPeople, truth: FilmTruth) -> list[str | None]:
    """The person of each track: whose known face its looked-at faces have their middle in, most often."""
    faces: dict[int, list] = {}
    for shot in truth.shots:
        for face in shot.faces:
            faces.setdefault(face.frame_index, []).append(face)
    votes: list[dict[str, int]] = [{} for _ in people.tracks]
    looked = zip(people.faces.frame_index.tolist(), people.faces.track.tolist(), people.faces.boxes, strict=True)
    for frame, track, box in looked:
        for face in faces.get(frame, []) if track >= 0 else []:
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            if face.box[0] <= x <= face.box[2] and face.box[1] <= y <= face.box[3]:
                votes[track][face.person] = votes[track].get(face.person, 0) + 1
    return [max(vote, key=lambda person: vote[person]) if vote else None for vote in votes]


def name_seen_tracks(people: FilmPeople, seen: Sequence[SeenPerson], *, size: tuple[int, int]) -> list[str | None]:
    """The person of each track of which a face lies where somebody was seen, None for the others."""
    names: list[str | None] = [None] * len(people.tracks)
    boxes = people.faces.boxes / np.tile(size, 2)
    looked = zip(people.faces.frame_index.tolist(), people.faces.track.tolist(), strict=True)
    for row, (frame, track) in enumerate(looked):
        x, y = (boxes[row, 0] + boxes[row, 2]) / 2, (boxes[row, 1] + boxes[row, 3]) / 2
        for person in seen if track >= 0 else ():
            x0, y0, x1, y1 = person.within
            if person.frames[0] <= frame < person.frames[1] and x0 <= x <= x1 and y0 <= y <= y1:
                names[track] = person.person
    return names
