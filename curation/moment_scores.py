"""How much each shot of a film promises as a moment of its trailer, scored once and kept while that holds."""

import hashlib
import logging
from typing import NamedTuple

from django.db import transaction

from ava.models import Video
from ava.turns import take_turn
from curation import shot_embeddings
from curation.models import MomentRanker, MomentScoring
from curation.moment_features import features_basis, gather_shots
from curation.moment_versions import active_ranker, score_with
from curation.moments.packed import UnfitBytes, pack_moments, unpack_moments
from curation.moments.prior import WEIGHTS, score_by_prior
from curation.moments.ranker_file import UnfitRanker
from curation.moments.scores import BY_PRIOR, MomentScores
from curation.moments.shot_features import FilmShots

logger = logging.getLogger(__name__)

BY_TABLE = "Ranked by a fixed table of weights over what was measured (the prior)"


class FilmMoments(NamedTuple):
    """A film's shots with their scores; ``model`` is None where the prior ranked, ``how`` says who did, ``missing``
    what is not known of the film: sentences."""

    shots: FilmShots
    scores: MomentScores
    model: MomentRanker | None
    how: str
    missing: list[str]


def film_moments(video: Video) -> FilmMoments | None:
    """The scored shots of a film; None before it is analysed. Made anew where what they were made from is different.

    Raises Gone where the film is deleted meanwhile.
    """
    active, problem = active_ranker(), ""
    found = None
    if active is not None:
        try:
            found = _find(video, active)
        except UnfitRanker as error:
            problem = str(error)
    if active is None or problem:
        found = _find(video, None)
    if found is None:
        return None
    ranker = None if problem else active
    return FilmMoments(*found[:2], ranker, how_ranked(ranker, problem=problem, active=active), found[2])


def how_ranked(ranker: MomentRanker | None, *, problem: str = "", active: MomentRanker | None = None) -> str:
    """Who ranks, in a sentence."""
    if ranker is not None:
        titles = ranker.measures.get("titles", 0)
        return f"Ranked by {ranker.name}, which learnt from {titles:,} titles and their trailers."
    if problem and active is not None:
        return f"{BY_TABLE}, because {active.name} cannot be used: {problem}"
    return f"{BY_TABLE}: no version that has learnt from trailers is in use."


_Made = tuple[FilmShots, MomentScores, list[str]]


def _find(video: Video, ranker: MomentRanker | None) -> _Made | None:
    """What was kept, or else made now; a network is loaded only to make it. Raises UnfitRanker."""
    space = ranker.space if ranker else shot_embeddings.serving_space()
    basis = _basis(video, ranker, space=space)
    if not basis:
        return None
    kept = _kept(video, ranker, basis=basis)
    if kept is None:
        return _make(video, ranker, space=space, basis=basis)
    vectors = shot_embeddings.shot_vectors(video, spans=kept[0].spans.tolist(), space=space)
    return (kept[0]._replace(vectors=vectors), *kept[1:])


def _basis(video: Video, ranker: MomentRanker | None, *, space: str) -> str:
    features = features_basis(video, space=space)
    scored_by = ranker.sha256 if ranker else repr(WEIGHTS)
    return hashlib.sha256(f"{features} {scored_by}".encode()).hexdigest() if features else ""


def _kept(video: Video, ranker: MomentRanker | None, *, basis: str) -> _Made | None:
    row = MomentScoring.objects.filter(video=video, basis=basis).first()
    if row is None:
        return None
    try:
        shots, scores = unpack_moments(bytes(row.packed), by=ranker.name if ranker else BY_PRIOR)
    except UnfitBytes as error:
        logger.warning("Moments of video %s are made anew: %s", video.pk, error)
        return None
    return shots, scores, list(row.missing)


def _make(video: Video, ranker: MomentRanker | None, *, space: str, basis: str) -> _Made | None:
    gathered = gather_shots(video, space=space)
    if gathered is None:
        return None
    scores = score_with(ranker, gathered.shots) if ranker else score_by_prior(gathered.shots)
    told = {
        "ranker": ranker, "basis": basis, "shots": len(gathered.shots.spans),
        "packed": pack_moments(gathered.shots, scores), "missing": gathered.missing,
    }  # fmt: skip
    with transaction.atomic():
        take_turn(video)
        MomentScoring.objects.update_or_create(video=video, defaults=told)
    return gathered.shots, scores, gathered.missing
