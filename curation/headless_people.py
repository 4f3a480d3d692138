"""Who is who in a film, as result.json tells it. Imports no Django."""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.people.film import FilmPeopleKnown, weigh_interactions


def describe_characters(known: FilmPeopleKnown) -> list[dict[str, Any]]:
    """Characters, the most prominent first, each with all its looked-at faces in the order of the film."""
    faces, owner = known.recognition.people.faces, known.character_of_faces()
    rated = known.prominences
    order = np.lexsort((rated.character, -rated.prominence))
    return [
        {
            "id": int(rated.character[place]),
            "prominence": round(float(rated.prominence[place]), 4),
            "importance": rated.importance[place],
            "screen_time_s": round(float(rated.screen_time_s[place]), 3),
            "faces": [
                {"frame_index": int(faces.frame_index[row]), "box": write_box(faces.boxes[row])}
                for row in np.flatnonzero(owner == rated.character[place])
            ],
        }
        for place in order
    ]


def describe_interactions(known: FilmPeopleKnown) -> list[dict[str, Any]]:
    """Pairs of characters who share at least a scene, those who have most to do with one another first."""
    met = known.interactions
    weight = weigh_interactions(met)
    return [
        {
            "a": int(met.first[row]),
            "b": int(met.second[row]),
            "weight": round(float(weight[row]), 4),
            "together_s": round(float(met.together_s[row]), 4),
            "shots": int(met.shots[row]),
            "scenes": int(met.scenes[row]),
        }
        for row in np.lexsort((met.second, met.first, -weight))
    ]


def describe_faces_of_frame(known: FilmPeopleKnown, frame_index: int) -> dict[int, dict[str, Any]]:
    """Row among the frame's faces → "character", None for nobody known, and "suitability", None where not known."""
    faces, owner = known.recognition.people.faces, known.character_of_faces()
    told = {}
    for row in np.flatnonzero(faces.frame_index == frame_index):
        expression = float(known.expression[row])
        told[int(faces.row[row])] = {
            "character": int(owner[row]) if owner[row] >= 0 else None,
            "suitability": None if np.isnan(expression) else round(expression, 4),
        }
    return told


def write_box(box: np.ndarray) -> list[float]:
    return [round(float(side), 1) for side in box]
