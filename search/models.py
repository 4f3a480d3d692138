"""All models of search: encoders and vectors, words, what people keep, and attributes."""

from search.attribute_models import Attribute, AttributeExample, AttributeModel, ShotAttribute
from search.encoder_models import ContrastiveTraining, Encoder, ShotVector
from search.reel_models import Reel, ReelClip, ReelRender, ReelStep, SavedSearch, SavedSearchMatch
from search.renewal_models import FilmRenewal
from search.text_models import DialogueLine, ShotDescription, ShotLabel

__all__ = [
    "Attribute",
    "AttributeExample",
    "AttributeModel",
    "ContrastiveTraining",
    "DialogueLine",
    "Encoder",
    "FilmRenewal",
    "Reel",
    "ReelClip",
    "ReelRender",
    "ReelStep",
    "SavedSearch",
    "SavedSearchMatch",
    "ShotAttribute",
    "ShotDescription",
    "ShotLabel",
    "ShotVector",
]
