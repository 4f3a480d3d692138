"""The panel of weights beside the board, and what the large still says of its maturity: what they show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from ava.models import Team, Title, User, Video
from curation.board_order import part_percentages
from curation.held_back import HeldStill, judge_frame
from curation.maturity_overrides import history_of
from curation.models import MaturityOverride, RankingProfile
from curation.ranking_profiles import editable_profiles, former_profiles, teams_to_save_for
from curation.stills.order import MOST_VARIETY
from curation.stills.part_names import PART_NAMES, VECTOR_LABELS
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import VECTOR_NAMES
from curation.stills.weighting import Weighting
from curation.weighting_query import (
    MOST_VECTOR_WEIGHT,
    NamedPurpose,
    change_weighting,
    choose_purpose,
    is_weighting_name,
    known_purposes,
    read_weighting,
)

MOST_SLIDER = 40
"""Where a slider of a part ends; weights add up to 100 until somebody changes one."""


@dataclass(frozen=True, slots=True)
class Slider:
    """One weight: the `name` of its field, its label and sentence, its value, and what it can give, in percent."""

    name: str
    label: str
    about: str
    value: float
    percent: float
    most: float


@dataclass(frozen=True, slots=True)
class RankingPanel:
    """Everything that the panel shows; `kept` are the other members of the address, which its form carries on."""

    purposes: list[NamedPurpose]
    chosen: NamedPurpose
    weighting: Weighting
    parts: list[Slider]
    vectors: list[Slider]
    variety_percent: float
    kept: list[tuple[str, str]]
    teams: list[Team]
    deletable: bool
    former: list[RankingProfile]
    is_changed: bool
    settings: Mapping[str, Any]


def ranking_panel(title: Title, video: Video, *, query: QueryDict, user: User) -> RankingPanel:
    purposes = known_purposes(user=user, title=title)
    chosen = choose_purpose(purposes, name=query.get("purpose", ""))
    weighting = change_weighting(chosen.weighting, query)
    percent = part_percentages(weighting)
    return RankingPanel(
        purposes=purposes,
        chosen=chosen,
        weighting=weighting,
        parts=[
            Slider(f"w.{part}", *PART_NAMES[part], weighting.weights[part], percent[part], MOST_SLIDER)
            for part in FRAME_PARTS
        ],
        vectors=[
            Slider(f"v.{name}", *VECTOR_LABELS[name], weighting.vector_weights[name], 0.0, MOST_VECTOR_WEIGHT)
            for name in VECTOR_NAMES
        ],
        variety_percent=percent["variety"],
        kept=[
            (name, value)
            for name, values in query.lists()
            for value in values
            if not is_weighting_name(name) and name not in {"page", "still"}
        ],
        teams=list(teams_to_save_for(user, title=title)),
        deletable=chosen.profile is not None and chosen.profile.pk in editable_profiles(user),
        former=list(former_profiles(user, title=title)),
        is_changed=weighting != chosen.weighting,
        settings={
            "order": f"{reverse('stills-order', args=[title.pk])}?video={video.pk}",
            "most_variety": MOST_VARIETY,
            "purposes": {each.name: _fields_of(each) for each in purposes},
        },
    )


def _fields_of(purpose: NamedPurpose) -> dict[str, Any]:
    """A purpose as the script sets the sliders by it."""
    weighting = purpose.weighting
    fields = {f"w.{part}": weighting.weights[part] for part in FRAME_PARTS}
    fields |= {f"v.{name}": weighting.vector_weights[name] for name in VECTOR_NAMES}
    return {"fields": fields | {"variety": weighting.variety}, "why": " ".join([purpose.why, *purpose.notes])}


@dataclass(frozen=True, slots=True)
class StillMaturity:
    """What the large still says of its maturity: what is `judged`, and the `history` of what was said, newest first."""

    judged: HeldStill
    history: list[MaturityOverride]


def still_maturity(video: Video, frame_index: int, *, query: QueryDict, user: User) -> StillMaturity | None:
    """None for a frame that is not among the stills."""
    weighting = read_weighting(query, user=user, title=video.title)
    judged = judge_frame(video, frame_index, weighting=weighting)
    return None if judged is None else StillMaturity(judged, list(history_of(video, frame_index=frame_index)))
