"""What attributes tell of stills: they narrow the board, and one of them may be the violence signal of maturity."""

from math import isfinite

import numpy as np
from django.db.models import Count, DecimalField, F, QuerySet, Sum
from django.db.models.functions import Cast, Round
from django.http import QueryDict
from numpy.typing import NDArray

from ava.form_numbers import read_number
from ava.models import User, Video
from curation.board_narrowing import Narrowing, NarrowingChoice
from curation.violence_signal import NOT_TAUGHT
from search.attributes import HAS_IT_FROM_UNIT, shot_probabilities, usable_attributes
from search.models import Attribute, ShotAttribute

_MOST_ASKED = 20
SHARED_TITLE = (
    "This title belongs to several teams, each of which may have taught violence otherwise; none counts for all."
)
NOT_TOLD_YET = "Violence has not been told of this film's shots yet; it will be shortly, once they have vectors."


class TaughtViolence:
    """The attribute that a title's team uses as violence signal."""

    def tell(self, video: Video, frames: NDArray[np.int64]) -> NDArray[np.float64] | str:
        """As `curation.violence_signal.ViolenceSignal` says; of several such attributes the likeliest counts."""
        teams = list(video.title.teams.values_list("pk", flat=True)[:2])
        if len(teams) != 1:
            return SHARED_TITLE if teams else NOT_TAUGHT
        used = _violence_of(teams[0])
        if not used:
            return NOT_TAUGHT
        told = np.stack([shot_probabilities(video, attribute).at(frames) for attribute in used])
        if not len(frames):
            return np.empty(0)
        # fmax passes over what is not known where another attribute knows.
        highest = np.fmax.reduce(told, axis=0)
        return NOT_TOLD_YET if np.isnan(highest).all() and not _is_told(video, used) else highest

    def stamp(self, video: Video) -> str:
        """Which versions are in use, and which rows of this film they told."""
        rows = ShotAttribute.objects.filter(
            video=video, attribute__use=Attribute.Use.VIOLENCE, attribute__is_deleted=False, model__is_active=True
        ).order_by()
        # In whole millionths, since sums of floats depend on the order of the rows.
        worth = Round(F("probability") * 1_000_000) * (F("start_frame") % 9973 + 1)
        whole = Cast(worth, DecimalField(max_digits=40, decimal_places=0))
        found = rows.values("model").annotate(count=Count("pk"), worth=Sum(whole))
        teams = sorted(video.title.teams.values_list("pk", flat=True)[:2])
        versions = (f"{row['model']}:{row['count']}:{row['worth']}" for row in found.order_by("model"))
        return " ".join([*map(str, teams), *versions])


def read_board_attributes(query: QueryDict, video: Video, user: User) -> Narrowing | None:
    """The stills whose shots have every attribute that the address asks for; none where it asks for none."""
    numbers = (read_number(value) for value in query.getlist("attribute")[:_MOST_ASKED])
    asked = [number for number in numbers if number is not None]
    chosen = list(_of_film(video, user).filter(pk__in=asked).order_by("name")) if asked else []
    if not chosen:
        return None
    least = _least(query.get("attribute_min", ""))
    frames = np.array(list(video.stills.order_by().values_list("frame_index", flat=True)), dtype=np.int64)
    passes = np.ones(len(frames), dtype=np.bool_)
    for attribute in chosen:
        passes &= shot_probabilities(video, attribute).at(frames) >= least  # NaN does not pass
    names = " and ".join(attribute.name for attribute in chosen)
    text = f"Shots with {names}" if least == HAS_IT_FROM_UNIT else f"Shots with {names} from {100 * least:.0f} %"
    return Narrowing("attribute", text, frozenset(frames[passes].tolist()))


def offer_board_attributes(video: Video, user: User) -> list[NarrowingChoice]:
    """The attributes that this person may narrow a film's board by, with how many stills each leaves."""
    attributes = list(_of_film(video, user).order_by("name"))
    if not attributes:
        return []
    frames = np.array(list(video.stills.order_by().values_list("frame_index", flat=True)), dtype=np.int64)
    counts = (int((shot_probabilities(video, each).at(frames) >= HAS_IT_FROM_UNIT).sum()) for each in attributes)
    return [
        NarrowingChoice("attribute", str(attribute.pk), attribute.name, count)
        for attribute, count in zip(attributes, counts, strict=True)
    ]


def _of_film(video: Video, user: User) -> QuerySet[Attribute]:
    return usable_attributes(user).filter(team__titles=video.title_id).distinct()


def _violence_of(team_id: int) -> list[Attribute]:
    used = Attribute.objects.filter(team=team_id, use=Attribute.Use.VIOLENCE, is_deleted=False)
    return list(used.filter(models__is_active=True).distinct().order_by("pk"))


def _is_told(video: Video, attributes: list[Attribute]) -> bool:
    return ShotAttribute.objects.filter(video=video, attribute__in=attributes, model__is_active=True).exists()


def _least(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return HAS_IT_FROM_UNIT
    return min(max(value, 0.0), 1.0) if isfinite(value) else HAS_IT_FROM_UNIT
