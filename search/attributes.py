"""What other code asks of attributes: how probably each shot has one, and only what has it."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from numpy.typing import NDArray

from ava.models import User, Video
from search.models import Attribute, ShotAttribute
from search.selectors import access_attributes

Row = TypeVar("Row", bound=Model)

HAS_IT_FROM_UNIT = 0.5
"""A shot counts as having an attribute from this probability on, where nobody asks for another."""


class ShotProbabilities(NamedTuple):
    """How probably each of N shots has an attribute: half-open spans int64 (N,) that never overlap, in the order of
    the film, and probabilities float64 (N,), 0–1. None of them is of a version other than the one in use."""

    start_frame: NDArray[np.int64]
    end_frame: NDArray[np.int64]
    probability: NDArray[np.float64]

    def at(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """The probability of the shot around each frame (M,); NaN where no shot is told of."""
        if not len(self.start_frame):
            return np.full(len(frames), np.nan)
        row = np.clip(np.searchsorted(self.start_frame, frames, side="right") - 1, 0, None)
        is_inside = (frames >= self.start_frame[row]) & (frames < self.end_frame[row])
        return np.where(is_inside, self.probability[row], np.nan)


def shot_probabilities(video: Video, attribute: Attribute) -> ShotProbabilities:
    """By the version in use, what is known of a film's shots; none where no version is in use or has come to it yet."""
    rows = _told().filter(attribute=attribute, video=video).order_by("start_frame")
    table = np.array(list(rows.values_list("start_frame", "end_frame", "probability")), dtype=np.float64)
    table = table.reshape(-1, 3)
    return ShotProbabilities(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def usable_attributes(user: User) -> QuerySet[Attribute]:
    """The attributes that a person may filter by: of their teams, with a version in use."""
    return access_attributes(user).filter(models__is_active=True).distinct()


def attribute_filter(
    spans: QuerySet[Row], attributes: Iterable[Attribute | int], *, least_unit: float = HAS_IT_FROM_UNIT
) -> QuerySet[Row]:
    """Of rows with `video` and `start_frame` (vectors, descriptions, lines, labels), those that begin in a shot that
    has every one of the attributes with this probability or more.

    The caller has taken the attributes from `usable_attributes` of whoever asks. A shot of which nothing is known
    does not pass.
    """
    for attribute in attributes:
        spans = spans.filter(Exists(_around(attribute).filter(probability__gte=least_unit)))
    return spans


def _around(attribute: Attribute | int) -> QuerySet[ShotAttribute]:
    here: dict[str, Any] = {"start_frame__lte": OuterRef("start_frame"), "end_frame__gt": OuterRef("start_frame")}
    return _told().filter(Q(**here), attribute=attribute, video=OuterRef("video"))


def _told() -> QuerySet[ShotAttribute]:
    """What the version in use told; rows of one that was in use before are left until they are renewed."""
    return ShotAttribute.objects.filter(model__is_active=True, attribute__is_deleted=False).order_by()
