"""A weighting as an address says it: `purpose=NAME`, and on top of it `w.PART=`, `variety=` and `v.VECTOR=`."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import NamedTuple

from ava.models import Title, User
from curation.models import RankingProfile
from curation.selectors import access_ranking_profiles
from curation.stills.parts import FRAME_PARTS
from curation.stills.purposes import BALANCED, PURPOSES, fit_weighting
from curation.stills.table import VECTOR_NAMES, VECTOR_WEIGHTS
from curation.stills.weighting import Weighting

WHOLE = 100.0
"""What the weights of parts add up to until somebody changes one."""
MOST_VECTOR_WEIGHT = 5.0


class NamedPurpose(NamedTuple):
    """A weighting that can be asked for by name: a team's own profile, or one that AVA brings. `notes` say what was
    changed for this title."""

    name: str
    label: str
    why: str
    weighting: Weighting
    profile: RankingProfile | None = None
    notes: tuple[str, ...] = ()


def known_purposes(*, user: User, title: Title) -> list[NamedPurpose]:
    """Weightings to choose from on this title: the teams' own, then the built-in ones that no team has replaced by one
    of the same name."""
    profiles = access_ranking_profiles(user).filter(team__titles=title).select_related("team", "updated_by")
    own = [
        NamedPurpose(each.name, each.name, f"As {each.team} weighs it.", _of_profile(each), each) for each in profiles
    ]
    taken = {each.name.lower() for each in own}
    built_in = []
    for name, purpose in PURPOSES.items():
        if not {name, purpose.label.lower()} & taken:
            fitted, notes = fit_weighting(
                purpose.weighting, content_format=title.content_format, genre=title.genre
            )
            built_in.append(NamedPurpose(name, purpose.label, purpose.why, _to_whole(fitted), notes=tuple(notes)))
    return own + built_in


def choose_purpose(purposes: list[NamedPurpose], *, name: str) -> NamedPurpose:
    """The one of that name, else the team's default, else the balanced one."""
    asked = (each for each in purposes if name and name.lower() in {each.name.lower(), each.label.lower()})
    usual = (each for each in purposes if each.profile is not None and each.profile.is_default)
    balanced = (each for each in purposes if each.name == BALANCED.name)
    last = NamedPurpose(BALANCED.name, PURPOSES[BALANCED.name].label, PURPOSES[BALANCED.name].why, _to_whole(BALANCED))
    return next(asked, None) or next(usual, None) or next(balanced, last)


def read_weighting(query: Mapping[str, str], *, user: User, title: Title) -> Weighting:
    """The weighting that an address asks for; what is unknown or malformed in it is ignored, what is too much cut."""
    purpose = choose_purpose(known_purposes(user=user, title=title), name=query.get("purpose", ""))
    return change_weighting(purpose.weighting, query)


def is_weighting_name(name: str) -> bool:
    """Whether a member of an address is part of a weighting."""
    return name in {"purpose", "variety"} or name.startswith(("w.", "v."))


def change_weighting(weighting: Weighting, query: Mapping[str, str]) -> Weighting:
    """A weighting with the single weights of an address on top."""
    return replace(
        weighting,
        weights={
            part: _bounded(query.get(f"w.{part}"), most=WHOLE, usual=weighting.weights.get(part, 0.0))
            for part in FRAME_PARTS
        },
        variety=_bounded(query.get("variety"), most=1.0, usual=weighting.variety),
        vector_weights={
            name: _bounded(
                query.get(f"v.{name}"), most=MOST_VECTOR_WEIGHT, usual=weighting.vector_weights.get(name, 0.0)
            )
            for name in VECTOR_NAMES
        },
    )


def _of_profile(profile: RankingProfile) -> Weighting:
    """What a team saved, whatever may have become of the parts since then."""
    weights = {part: _number(profile.weights.get(part, 0.0)) for part in FRAME_PARTS}
    vectors = {name: _number(profile.vector_weights.get(name, VECTOR_WEIGHTS[name])) for name in VECTOR_NAMES}
    variety = min(_number(profile.variety), 1.0)
    return _to_whole(Weighting(profile.name, weights, variety, vectors))


def _to_whole(weighting: Weighting) -> Weighting:
    """The same weighting with parts that add up to WHOLE; all alike where none weighs."""
    weights = {part: weighting.weights.get(part, 0.0) for part in FRAME_PARTS}
    whole = sum(weights.values())
    if whole <= 0:
        return replace(weighting, weights=dict.fromkeys(FRAME_PARTS, WHOLE / len(FRAME_PARTS)))
    return replace(weighting, weights={part: round(weight / whole * WHOLE, 2) for part, weight in weights.items()})


def _number(value: object) -> float:
    return max(float(value), 0.0) if isinstance(value, int | float) and isfinite(value) else 0.0


def _bounded(text: str | None, *, most: float, usual: float) -> float:
    """The number that a text says, cut to 0 … most; the usual one for a text that says none."""
    try:
        value = float(text) if text is not None and len(text) <= 20 else usual
    except ValueError:
        return usual
    return min(max(value, 0.0), most) if isfinite(value) else usual
