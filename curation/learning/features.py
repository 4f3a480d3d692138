"""What a ranking model looks at: one row of numbers a still, the same for every film, with names for people."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.colour_terms import COLOUR_TERMS
from ava.shots.shot_scale import SCALES
from curation.stills.closer_parts import NEUTRAL
from curation.stills.order import weigh_parts
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import StillTable
from curation.stills.vectors import (
    read_colours,
    read_compositions,
    read_light,
    read_people,
    read_scales,
    read_subjects,
)

FEATURES_VERSION = 1
"""Of the meaning of the features; a model of another one is not used."""

CURRENT_SCORE = "current score"


class Feature(NamedTuple):
    """One measure of a still, 0–1: a part of its score, or something of its vectors.

    ``more`` and ``less`` name the stills that have much and little of it, completing "likes …".
    """

    name: str
    label: str
    more: str
    less: str
    is_bent: bool = False
    """A middle amount may be liked best, or least: the model sees the square, too."""


_OF_PARTS = (
    Feature("soundness", "Soundness", "flawless frames", "frames with small flaws"),
    Feature("sharpness", "Sharpness", "sharp subjects", "soft subjects"),
    Feature("stillness", "Stillness", "calm instants", "blurred movement"),
    Feature("exposure", "Exposure", "well exposed frames", "frames in the dark or the glare"),
    Feature("contrast", "Contrast", "strong contrast", "flat contrast"),
    Feature("colour", "Colour", "colourful frames", "muted colours", is_bent=True),
    Feature("clarity", "Clarity", "frames free of lettering", "lettering in the picture"),
    Feature("noise", "Freedom from noise", "clean pictures", "grain"),
    Feature("composition", "Composition", "balanced composition", "loose composition"),
    Feature("saliency", "Saliency", "one thing that draws the eye", "several things that draw the eye"),
    Feature("space", "Space", "room for a title", "full pictures"),
    Feature("people", "People", "leading characters", "frames without the leads"),
    Feature("expression", "Expression", "open, lively faces", "faces at rest or turned away"),
    Feature("pose", "Pose", "people turned to the viewer", "people turned away"),
)
_OF_VECTORS = (
    Feature("closeness", "Shot scale", "close-ups", "wide shots", is_bent=True),
    Feature("brightness", "Brightness", "bright pictures", "dark pictures", is_bent=True),
    Feature("tonal range", "Tonal range", "a wide tonal range", "soft tones", is_bent=True),
    Feature("warmth", "Warm colours", "warm colours", "pictures without warm colours"),
    Feature("cold", "Cold colours", "cold colours", "pictures without cold colours"),
    Feature("off centre", "Subject off centre", "subjects at the side", "subjects in the middle"),
    Feature("depth", "Depth of field", "subjects before a soft ground", "pictures sharp all over"),
    Feature("company", "Number of people", "several people together", "few people or nobody"),
    Feature("place", "Place in the story", "late in the film", "early in the film", is_bent=True),
)
_PARTS_BY_NAME = {feature.name: feature for feature in _OF_PARTS}

FEATURES: tuple[Feature, ...] = (
    *(
        _PARTS_BY_NAME.get(name, Feature(name, name.capitalize(), f"much {name}", f"little {name}"))
        for name in FRAME_PARTS
    ),
    *_OF_VECTORS,
)
"""F features in the order of their columns: the parts of a score first."""

PRODUCTS: tuple[tuple[str, str], ...] = (
    ("closeness", "expression"),
    ("closeness", "people"),
    ("closeness", "sharpness"),
    ("brightness", "tonal range"),
    ("brightness", "colour"),
)
"""Features that mean more together: a face counts for more the larger it is shown."""

MOST_COMPANY = 4
_WARM, _COLD = ("red", "orange", "yellow", "pink", "brown"), ("blue", "green", "purple")


def describe_stills(table: StillTable) -> NDArray[np.float32]:
    """Lay out the features of a film's stills: ``float32 (N, F)`` in the order of ``FEATURES``, each 0–1.

    NaN where a still has none: a part that cannot be told, or a vector that was not measured.
    """
    known: dict[str, NDArray[np.floating]] = {name: table.parts[name] for name in FRAME_PARTS if name in table.parts}
    known |= _describe_vectors(table)
    nothing = np.full(len(table), np.nan)
    rows = np.stack([known.get(feature.name, nothing) for feature in FEATURES], axis=1).astype(np.float32)
    rows[~np.isfinite(rows)] = np.nan
    return np.clip(rows, 0, 1)


def _describe_vectors(table: StillTable) -> dict[str, NDArray[np.floating]]:
    light, colours, subjects = read_light(table), read_colours(table), read_subjects(table)
    company = read_people(table).sum(axis=1) / MOST_COMPANY
    return {
        "closeness": 1 - read_scales(table) / (len(SCALES) - 1),
        "brightness": light[:, 0],
        "tonal range": 2 * light[:, 1],
        "warmth": colours[:, [COLOUR_TERMS.index(name) for name in _WARM]].sum(axis=1),
        "cold": colours[:, [COLOUR_TERMS.index(name) for name in _COLD]].sum(axis=1),
        "off centre": 2 * np.abs(subjects[:, 0] - 0.5),
        "depth": read_compositions(table)["composition.depth_of_field"],
        "company": np.where(table.is_known("characters"), company, np.nan),
        "place": table.frames / max(table.frame_count, 1),
    }


def score_by_weights(features: NDArray[np.float32], *, part_weights: Mapping[str, float]) -> NDArray[np.float64]:
    """The quality of stills by weights of parts, ``float64 (N,)`` 0–1: what the current weights make of them."""
    parts = {name: features[:, place] for place, name in enumerate(FRAME_PARTS)}
    return weigh_parts(parts, part_weights).astype(np.float64)


def expand_features(features: NDArray[np.float32], *, part_weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Add what a model of slopes needs beside the features: ``float64 (N, E)``, named by ``expanded_names``.

    The score by the current weights, the features, the squares of those that may be liked best in the middle, and
    products. NaN where what they are made of is unknown.
    """
    values = features.astype(np.float64)
    column = {feature.name: values[:, place] for place, feature in enumerate(FEATURES)}
    bent = [np.square(column[feature.name] - NEUTRAL) for feature in FEATURES if feature.is_bent]
    products = [(column[one] - NEUTRAL) * (column[other] - NEUTRAL) for one, other in PRODUCTS]
    score = score_by_weights(features, part_weights=part_weights)
    return np.column_stack([score, values, *bent, *products])


def expanded_names() -> tuple[str, ...]:
    """The names of the columns of ``expand_features``."""
    bent = [f"{feature.name}²" for feature in FEATURES if feature.is_bent]
    products = [f"{one} × {other}" for one, other in PRODUCTS]
    return (CURRENT_SCORE, *(feature.name for feature in FEATURES), *bent, *products)
