"""What the page of comparisons shows: two stills of a film, which pair comes after them, and how far one has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.http import QueryDict
from numpy.typing import NDArray

from ava.form_numbers import read_number
from ava.models import Title, User, Video
from ava.selectors import access_teams
from curation.comparisons import MOST_PURPOSE, compared_pairs, count_comparisons
from curation.decisions import current_decisions
from curation.learning.duels import Duel, choose_duel
from curation.models import Decision, Still
from curation.pages import choose_video
from curation.ranking_model_scores import learned_scores
from curation.still_tables import load_table
from curation.stills.order import weigh_parts
from curation.stills.parts import LEAST_SUITABILITY, judge_suitability
from curation.stills.table import StillTable
from curation.weighting_query import NamedPurpose, choose_purpose, known_purposes

MOST_SKIPPED = 40
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class DuelStill:
    """One of the two: its frame, how it is told in words, and the frame that it is better than when it is chosen."""

    frame_index: int
    timecode: str
    alt: str
    other: int


@dataclass(frozen=True, slots=True)
class ComparePage:
    """`duel` is empty when nothing is left to ask; `after` are the frames that come next; queries lead on."""

    videos: Sequence[Video]
    video: Video | None
    purposes: Sequence[NamedPurpose]
    purpose: NamedPurpose
    duel: Sequence[DuelStill]
    after: Sequence[int]
    query: str
    skip_query: str
    all_query: str
    skipped: int
    own_count: int
    all_count: int


def read_compare_page(title: Title, *, query: QueryDict, user: User) -> ComparePage:
    """The pair that the address names as `pair=12-80`, else the one whose comparison tells most."""
    videos, video = choose_video(title, video_id=query.get("video", ""))
    purposes = known_purposes(user=user, title=title)
    purpose = choose_purpose(purposes, name=query.get("purpose", "")[:MOST_PURPOSE])
    skipped = _read_pairs(query.get("skipped", ""))[-MOST_SKIPPED:]
    duel, after = _choose(video, purpose, user=user, skipped=skipped, wanted=query.get("pair", ""))
    return ComparePage(
        videos=videos,
        video=video,
        purposes=purposes,
        purpose=purpose,
        duel=_describe(video, duel) if video and duel else (),
        after=tuple(after or ()),
        query=_query(video, purpose, skipped=skipped),
        skip_query=_query(video, purpose, skipped=[*skipped, *([duel] if duel else [])][-MOST_SKIPPED:]),
        all_query=_query(video, purpose, skipped=[]),
        skipped=len(skipped),
        own_count=count_comparisons(video, user=user) if video else 0,
        all_count=count_comparisons(video) if video else 0,
    )


def _choose(
    video: Video | None, purpose: NamedPurpose, *, user: User, skipped: Sequence[Duel], wanted: str
) -> tuple[Duel | None, Duel | None]:
    """The pair to show, and the one that comes after it whatever is said of it."""
    if video is None:
        return None, None
    table = load_table(video)
    scores, usable = _scores(video, table, purpose, user=user), _usable(video, table)
    asked = {*compared_pairs(video), *((pair.left, pair.right) for pair in skipped)}
    named = [pair for pair in _read_pairs(wanted) if np.isin(pair, table.frames).all()]
    duel = named[0] if named else choose_duel(table, scores, asked=asked, usable=usable)
    if duel is None:
        return None, None
    return duel, choose_duel(table, scores, asked={*asked, (duel.left, duel.right)}, usable=usable)


def _scores(video: Video, table: StillTable, purpose: NamedPurpose, *, user: User) -> NDArray[np.float32]:
    """The score by what is known now: of the model in use where there is one, else by the purpose's weights."""
    team = access_teams(user).filter(titles=video.title_id, ranking_models__is_active=True).order_by("pk").first()
    learned = learned_scores(video, table, team=team) if team else None
    return weigh_parts(table.parts, purpose.weighting.weights) if learned is None else learned


def _usable(video: Video, table: StillTable) -> NDArray[np.bool_]:
    """Stills worth a question: usable pictures that are not rejected."""
    decided = current_decisions(video).items()
    rejected = [frame for frame, state in decided if state.verdict == Decision.Verdict.REJECT]
    suitable = judge_suitability(table.parts, count=len(table)) >= LEAST_SUITABILITY
    return np.asarray(suitable & ~np.isin(table.frames, rejected), dtype=np.bool_)


def _describe(video: Video, duel: Duel) -> list[DuelStill]:
    stills: Mapping[int, Still] = {
        still.frame_index: still
        for still in video.stills.filter(frame_index__in=duel).select_related("shot").defer("signals")
    }
    return [
        DuelStill(frame, stills[frame].timecode, _alt(stills[frame], side=side), other)
        for side, frame, other in (("left", duel.left, duel.right), ("right", duel.right, duel.left))
        if frame in stills
    ]


def _alt(still: Still, *, side: str) -> str:
    scale = f", {still.shot.scale.replace('_', ' ')}" if still.shot and still.shot.scale else ""
    return f"The {side} still, {still.timecode}{scale}"


def _read_pairs(text: str) -> list[Duel]:
    """Pairs of frames, "12-80,4-90", lower first; what is none is left out."""
    found = []
    for part in text[: MOST_SKIPPED * (2 * _LONGEST_NUMBER + 2)].split(","):
        frames = [read_number(number, digits=_LONGEST_NUMBER) for number in part.split("-")]
        if len(frames) == 2 and None not in frames and frames[0] != frames[1]:
            found.append(Duel(*sorted(frames)))
    return found


def _query(video: Video | None, purpose: NamedPurpose, *, skipped: Sequence[Duel]) -> str:
    query = QueryDict(mutable=True)
    if video is not None:
        query["video"] = str(video.pk)
    query["purpose"] = purpose.name
    if skipped:
        query["skipped"] = ",".join(f"{pair.left}-{pair.right}" for pair in skipped)
    return query.urlencode()
