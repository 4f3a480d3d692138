"""What a team's ranking model learns from: its editors' current verdicts, stars and comparisons, film by film."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.models import Membership, Shot, Team, Video
from ava.selectors import packed_fields
from curation.learning.features import FEATURES, describe_stills
from curation.learning.held_back import is_held_back, shot_key
from curation.learning.preferences import FilmOpinions, gains, liking_of, pair_preferences
from curation.learning.validation import LEAST_GROUPS, Examples
from curation.models import Comparison, Decision, RankingProfile
from curation.still_tables import load_table
from curation.stills.parts import FRAME_PARTS
from curation.stills.purposes import BALANCED

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpinionCounts:
    """How much a team's editors have said: frames that stand picked, rejected or with stars alone, comparisons that
    stand, and of how many films that is."""

    picked: int
    rejected: int
    starred: int
    compared: int
    films: int


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of one film: frame → liking, and comparisons (better, worse)."""

    likings: Mapping[int, float]
    compared: list[Pair]


def current_weights(team: Team) -> dict[str, float]:
    """The weights of parts that the team's boards open with."""
    profile = RankingProfile.objects.filter(team=team, is_default=True).first()
    weights: Mapping[str, Any] = profile.weights if profile else BALANCED.weights
    known = {name: weights.get(name, 0.0) for name in FRAME_PARTS}
    return {name: float(weight) if isinstance(weight, int | float) else 0.0 for name, weight in known.items()}


def count_opinions(team: Team) -> OpinionCounts:
    """What is there to learn from, whether or not the stills are described yet."""
    decided = list(_current_decisions(team))
    compared = list(_comparisons(team))
    return OpinionCounts(
        picked=sum(verdict == Decision.Verdict.PICK for _, _, verdict, _ in decided),
        rejected=sum(verdict == Decision.Verdict.REJECT for _, _, verdict, _ in decided),
        starred=sum(bool(stars) and not verdict for _, _, verdict, stars in decided),
        compared=len(compared),
        films=len({video for video, *_ in (*decided, *compared)}),
    )


def load_examples(team: Team) -> Examples:
    """All that is known of the stills that the team's editors judged. Of films without a table one is made."""
    said = _said_by_film(team)
    videos = Video.objects.filter(pk__in=said).select_related("title").defer(*packed_fields()).order_by("pk")
    films = [_describe_film(video, said[video.pk]) for video in videos]
    return join_films(films)


@dataclass(frozen=True, slots=True)
class DescribedFilm:
    """The judged stills of one film: ``features`` of each, opinions, shots, scenes (-1 for none), and shots' keys."""

    features: NDArray[np.float32]
    opinions: FilmOpinions
    shots: NDArray[np.int64]
    scenes: NDArray[np.int64]
    keys: list[str]


def join_films(films: list[DescribedFilm]) -> Examples:
    """Lay films one below the other; stills are grouped by scene where there are enough, else by shot."""
    if not films:
        nothing, none = np.empty(0, dtype=np.int64), np.empty((0, len(FEATURES)), dtype=np.float32)
        return Examples(none, np.empty(0), nothing, nothing, np.empty(0, dtype=np.bool_), pair_preferences([]))
    opinions = [film.opinions for film in films]
    owners = np.concatenate([np.full(len(film.features), number) for number, film in enumerate(films)])
    shots = np.stack([owners, np.concatenate([film.shots for film in films])], axis=1)
    scenes = np.stack([owners, np.concatenate([film.scenes for film in films])], axis=1)
    by_scene, by_shot = (np.unique(each, axis=0, return_inverse=True)[1].reshape(-1) for each in (scenes, shots))
    has_scenes = bool((scenes[:, 1] >= 0).all()) and len(np.unique(by_scene)) >= LEAST_GROUPS
    return Examples(
        features=np.concatenate([film.features for film in films]),
        gains=gains(opinions),
        films=owners.astype(np.int64),
        groups=by_scene if has_scenes else by_shot,
        held_back=is_held_back([key for film in films for key in film.keys]),
        preferences=pair_preferences(opinions),
    )


def _describe_film(video: Video, said: _Said) -> DescribedFilm:
    table = load_table(video)
    mentioned = {*said.likings, *(frame for pair in said.compared for frame in pair)}
    rows = np.flatnonzero(np.isin(table.frames, np.array(sorted(mentioned), dtype=np.int64)))
    judged = table.take(rows)
    place = {int(frame): row for row, frame in enumerate(judged.frames)}
    pairs = [(place[better], place[worse]) for better, worse in said.compared if {better, worse} <= place.keys()]
    spans = list(Shot.objects.filter(video=video).order_by("start_frame").values_list("start_frame", "scene"))
    starts = np.array([start for start, _ in spans] or [0], dtype=np.int64)
    scenes = np.array([-1 if scene is None else scene for _, scene in spans] or [-1], dtype=np.int64)
    shot = np.clip(np.searchsorted(starts, judged.frames, side="right") - 1, 0, len(starts) - 1)
    rate = video.fps_num / video.fps_den
    return DescribedFilm(
        features=describe_stills(judged),
        opinions=FilmOpinions(
            liking=np.array([said.likings.get(frame, np.nan) for frame in place], dtype=np.float64),
            compared=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        ),
        shots=shot.astype(np.int64),
        scenes=scenes[shot],
        keys=[shot_key(film=video.sha256, start_s=int(start) / rate) for start in starts[shot]],
    )


def _said_by_film(team: Team) -> dict[int, _Said]:
    likings: dict[int, dict[int, float]] = defaultdict(dict)
    compared: dict[int, list[Pair]] = defaultdict(list)
    for video, frame, verdict, stars in _current_decisions(team):
        liking = liking_of(verdict=verdict, stars=stars)
        if not np.isnan(liking):
            likings[video][frame] = liking
    for video, better, worse in _comparisons(team):
        compared[video].append((better, worse))
    return {video: _Said(likings[video], compared[video]) for video in sorted({*likings, *compared})}


def _current_decisions(team: Team) -> Iterable[tuple[int, int, str, int]]:
    """Video, frame, verdict and stars of frames on which the newest word is the team's own."""
    newest = Decision.objects.filter(video__title__teams=team)
    newest = newest.order_by("video", "frame_index", "-id").distinct("video", "frame_index")
    ours = _Ours(team)
    for video, frame, verdict, stars, user in newest.values_list(
        "video", "frame_index", "verdict", "stars", "user"
    ):  # fmt: skip
        if ours.speaks(user, video=video):
            yield video, frame, verdict, stars


def _comparisons(team: Team) -> Iterable[tuple[int, int, int]]:
    """Video, better and worse frame; of what one person said of the same two frames the newest."""
    rows = Comparison.objects.filter(video__title__teams=team, stands=True).order_by("id")
    ours = _Ours(team)
    newest: dict[tuple[int, int, int, int], tuple[int, int, int]] = {}
    for video, better, worse, user in rows.values_list("video", "better_frame", "worse_frame", "user"):
        if ours.speaks(user, video=video):
            newest[user, video, min(better, worse), max(better, worse)] = (video, better, worse)
    return newest.values()


class _Ours:
    """Whose word is the team's: anybody's on a film that only this team sees, else its members'."""

    def __init__(self, team: Team) -> None:
        self._members = set(Membership.objects.filter(team=team).values_list("user", flat=True))
        shared = Team.objects.exclude(pk=team.pk).filter(titles__teams=team).values("titles")
        self._shared = set(Video.objects.filter(title__in=shared, title__teams=team).values_list("pk", flat=True))

    def speaks(self, user: int, *, video: int) -> bool:
        return video not in self._shared or user in self._members
