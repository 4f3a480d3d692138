"""The order of a board: a film's stills under a weighting, with maturity and what the team's own model has learnt."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from ava.models import Team, Video
from curation.maturity_overrides import current_overrides
from curation.models import RankingModel
from curation.ranking_model_scores import learned_scores, learned_version
from curation.still_tables import load_table
from curation.stills.maturity_curves import Kept, keep_by_maturity
from curation.stills.order import order_stills, variety_share
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import StillTable
from curation.stills.weighting import Weighting
from curation.weighting_query import read_weighting

__all__ = [
    "BoardOrder",
    "StillPlace",
    "explain_still",
    "holds_back",
    "kept_by_maturity",
    "order_board",
    "part_percentages",
    "read_weighting",
]

_MOST_STILLS_CACHED = 500_000


class BoardOrder(NamedTuple):
    """The stills of a film, best first, N of them: `frames` int64 (N,); `scores` float32 (N,), 0–1, never rising;
    `explanation`: part → float32 (N,), 0–1, with "variety", "spread", "maturity" and, where a model is in use,
    "learned". Shared between requests: nobody may write into the arrays."""

    frames: NDArray[np.int64]
    scores: NDArray[np.float32]
    explanation: Mapping[str, NDArray[np.float32]]


def order_board(video: Video, weighting: Weighting, *, with_maturity: bool = True) -> BoardOrder:
    """Order a film's stills; the same order is worked out once, until the stills or what is said of them change.

    Without maturity, as if everything were allowed.
    """
    table, team = load_table(video), _team_with_model(video)
    kept = kept_by_maturity(video, table) if with_maturity else None
    model = (team.pk, learned_version(team)) if team else None
    key = (video.pk, _key_of(weighting), None if kept is None else kept.whole.tobytes(), model)
    known = _CACHE.get(key, table)
    if known is not None:
        return known
    learned = learned_scores(video, table, team=team) if team else None
    return _CACHE.put(key, table, _order(table, weighting, kept=kept, learned=learned))


def _team_with_model(video: Video) -> Team | None:
    """The first of the title's teams that has a ranking model in use."""
    active = RankingModel.objects.filter(team=OuterRef("pk"), is_active=True)
    return video.title.teams.filter(Exists(active)).order_by("name", "pk").first()


class StillPlace(NamedTuple):
    """Where a still stands in an order: `rank` from 1, its `score` and its parts, 0–1."""

    rank: int
    score: float
    explanation: dict[str, float]


def explain_still(video: Video, frame_index: int, *, weighting: Weighting) -> StillPlace | None:
    """Why a still stands where it does under a weighting; None for a frame that is no still."""
    ordered = order_board(video, weighting)
    places = np.flatnonzero(ordered.frames == frame_index)
    if not len(places):
        return None
    place = int(places[0])
    parts = {part: float(values[place]) for part, values in ordered.explanation.items()}
    return StillPlace(place + 1, float(ordered.scores[place]), parts)


def holds_back(video: Video) -> bool:
    """Whether any still of a film keeps less than its score, so that the analysis's own order does not hold."""
    return bool((kept_by_maturity(video, load_table(video)).whole < 1).any())


def kept_by_maturity(video: Video, table: StillTable) -> Kept:
    """What each still of the table keeps of its score, by the title's rating and what editors said."""
    said = {kind: _by_row(table, frames) for kind, frames in current_overrides(video).items()}
    return keep_by_maturity(table.maturity, rating=video.title.maturity_rating, said=said, count=len(table))


def _by_row(table: StillTable, said: Mapping[int, str]) -> dict[int, str]:
    """What was said of frames, by their rows in the table, as far as they are stills."""
    frames = np.array(sorted(said), dtype=np.int64)
    frames = frames[np.isin(frames, table.frames)]
    return {int(row): said[int(table.frames[row])] for row in np.searchsorted(table.frames, frames)}


def part_percentages(weighting: Weighting) -> dict[str, float]:
    """What each part can give of a score, in percent, together 100: part → percentage, "variety" among them."""
    share = variety_share(weighting.variety)
    whole = sum(weighting.weights.values()) or 1.0
    parts = {part: 100 * (1 - share) * weighting.weights.get(part, 0.0) / whole for part in FRAME_PARTS}
    return parts | {"variety": 100 * share}


def _order(
    table: StillTable, weighting: Weighting, *, kept: Kept | None, learned: NDArray[np.float32] | None
) -> BoardOrder:
    ordered = order_stills(
        table, weighting, maturity_keep=None if kept is None else kept.whole, learned=learned
    )
    best_first = ordered.order
    return BoardOrder(
        frames=table.frames[best_first],
        scores=ordered.scores[best_first],
        explanation={part: values[best_first] for part, values in ordered.explanation.items()},
    )


def _key_of(weighting: Weighting) -> tuple[Any, ...]:
    return (
        tuple(sorted(weighting.weights.items())),
        weighting.variety,
        tuple(sorted(weighting.vector_weights.items())),
    )


class _Cache:
    """Orders worked out before, the latest used last, of a limited number of stills altogether."""

    def __init__(self) -> None:
        self._orders: OrderedDict[Any, tuple[StillTable, BoardOrder]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any, table: StillTable) -> BoardOrder | None:
        with self._lock:
            held = self._orders.get(key)
            if held is None or held[0] is not table:
                return None
            self._orders.move_to_end(key)
            return held[1]

    def put(self, key: Any, table: StillTable, order: BoardOrder) -> BoardOrder:
        with self._lock:
            self._orders[key] = (table, order)
            self._orders.move_to_end(key)
            while len(self._orders) > 1 and sum(len(each.frames) for _, each in self._orders.values()) > (
                _MOST_STILLS_CACHED
            ):
                self._orders.popitem(last=False)
        return order


_CACHE = _Cache()
