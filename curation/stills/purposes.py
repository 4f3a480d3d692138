"""Weightings for the purposes that stills are chosen for, and what a title's own nature changes in them."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from curation.stills.order import MOST_VARIETY
from curation.stills.parts import FRAME_PARTS, ORDER_PARTS, PART_WEIGHTS
from curation.stills.weighting import Weighting

BALANCED = Weighting(
    name="balanced",
    weights=MappingProxyType({name: PART_WEIGHTS[name] for name in FRAME_PARTS}),
    variety=sum(PART_WEIGHTS[name] for name in ORDER_PARTS) / MOST_VARIETY,
)


class Purpose(NamedTuple):
    """What stills are chosen for: its ``label``, ``why`` it weighs as it does, and the weighting."""

    label: str
    why: str
    weighting: Weighting


def _weigh_anew(name: str, *, variety: float, **changes: float) -> Weighting:
    """The balanced weighting with some parts' weights multiplied."""
    weights = {part: weight * changes.get(part, 1.0) for part, weight in BALANCED.weights.items()}
    return Weighting(name=name, weights=MappingProxyType(weights), variety=variety)


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "balanced": Purpose("Balanced", "Sound, sharp pictures of those whom the film is about, varied.", BALANCED),
        "key-art": Purpose(
            "Key art",
            "One leading character, well seen and well looking, clear of the ground and with room for the title; it is "
            "printed large, so that sharpness and noise count more.",
            _weigh_anew(
                "key-art", variety=0.2, people=2.0, expression=1.8, pose=2.5, saliency=3.0, space=3.0, sharpness=1.5,
                noise=2.0, clarity=1.5,
            ),
        ),
        "story-art": Purpose(
            "Story art",
            "Tells what happens: composition, colour and the setting count more than one face, and the stills differ "
            "as much as the story does.",
            _weigh_anew(
                "story-art", variety=0.55, people=0.7, expression=0.7, pose=0.5, composition=2.5, colour=1.6,
                saliency=1.5,
            ),
        ),
        "episode-still": Purpose(
            "Episode still",
            "Stands for one episode among others of its series: those who lead it, natural, from anywhere in it.",
            _weigh_anew("episode-still", variety=0.4, people=1.6, expression=1.3, pose=1.3, space=0.5),
        ),
        "thumbnail": Purpose(
            "Thumbnail",
            "Read at a glance and at the size of a stamp: one large subject, contrast, colour and little clutter; fine "
            "noise is not seen.",
            _weigh_anew(
                "thumbnail", variety=0.3, contrast=2.0, colour=1.8, saliency=3.5, people=1.5, expression=1.5, pose=1.5,
                space=1.5, noise=0.3, composition=0.6,
            ),
        ),
    }
)  # fmt: skip
"""The built-in purposes; "balanced" is the usual one."""

_OF_FORMAT: Mapping[str, tuple[Mapping[str, float], str]] = MappingProxyType(
    {
        "animation": (
            {"expression": 0.6, "pose": 0.4, "noise": 0.5, "colour": 1.3},
            "Animation: eyes and pose are measured on filmed faces, and drawn ones mislead them; colour counts more.",
        ),
        "documentary": (
            {"expression": 0.8, "composition": 1.2, "colour": 0.8},
            "Documentary: places and things speak beside faces, and colour is as it was found.",
        ),
        "unscripted": (
            {"expression": 1.2, "people": 1.2, "composition": 0.8},
            "Unscripted: who is there and how they look is the story.",
        ),
    }
)
_OF_GENRE: Mapping[str, tuple[Mapping[str, float], str]] = MappingProxyType(
    {
        "horror": ({"exposure": 0.6, "colour": 0.7}, "Horror: darkness is meant."),
        "noir": ({"exposure": 0.6, "colour": 0.5, "contrast": 1.3}, "Noir: darkness and hard contrast are meant."),
        "action": ({"stillness": 0.7}, "Action: some movement may show."),
        "comedy": ({"expression": 1.2}, "Comedy: faces carry it."),
        "romance": ({"expression": 1.2, "people": 1.1}, "Romance: faces carry it."),
    }
)


def fit_weighting(weighting: Weighting, *, content_format: str = "", genre: str = "") -> tuple[Weighting, list[str]]:
    """Change a weighting a little by what a title is, and say in a sentence each what was changed and why.

    A format or a genre multiplies a few weights by 0.4–1.3; several genres may stand in one text, as "comedy, horror".
    The maturity rating sets the curves of ``maturity_curves`` instead. Unknown ones change nothing.
    """
    found = [_OF_FORMAT[content_format]] if content_format in _OF_FORMAT else []
    found += [each for name, each in _OF_GENRE.items() if name in genre.lower()]
    weights = dict(weighting.weights)
    for changes, _ in found:
        weights |= {part: weights[part] * factor for part, factor in changes.items() if part in weights}
    return replace(weighting, weights=weights), [why for _, why in found]
