"""What a ranker of moments can learn from here: films whose trailers are matched with them, and what these use."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.models import Video
from curation import shot_embeddings
from curation.models import TrailerMatching
from curation.moment_features import features_basis, film_shots, final_shots
from curation.moments.ranking_validation import USED
from curation.moments.soft_labels import LearntFilm, reuse_of
from curation.trailer_reading import Use, trailer_uses

LEAST_TITLES = 4
"""One is left out at a time, and fewer than three others teach nothing general."""
LEAST_SHOTS = 20
LEAST_USED, MOST_USED_SHARE = 3, 0.9
"""A film of which a trailer uses next to nothing, or nearly all, does not tell what is chosen."""


class PairFilm(NamedTuple):
    """A film with what its trailers use; ``name`` is its title's, one for all episodes of a series and all copies."""

    video_id: int
    name: str
    uses: tuple[tuple[int, int, float], ...]
    trailers: tuple[int, ...]
    shots: int
    used: int

    @property
    def is_fit(self) -> bool:
        """Whether it tells what is chosen and what is not."""
        return self.shots >= LEAST_SHOTS and LEAST_USED <= self.used <= MOST_USED_SHARE * self.shots


class FoundFilms(NamedTuple):
    """Films to learn from, and how many more have a trailer but do not tell enough."""

    films: tuple[PairFilm, ...]
    unfit: int

    @property
    def titles(self) -> int:
        return len({film.name for film in self.films})

    @property
    def counts(self) -> dict[str, int]:
        return {
            "titles": self.titles, "films": len(self.films), "shots": sum(film.shots for film in self.films),
            "used": sum(film.used for film in self.films), "unfit": self.unfit,
        }  # fmt: skip

    @property
    def shortfall(self) -> str:
        """Why they are too few; empty where they are not."""
        missing = LEAST_TITLES - self.titles
        if missing <= 0:
            return ""
        more = "one more film" if missing == 1 else f"{missing} more films"
        return (
            f"{LEAST_TITLES} titles with a matched trailer are needed; there {'is' if self.titles == 1 else 'are'} "
            f"{self.titles}. Add the trailers of {more}; they are matched by themselves."
        )


def find_films() -> FoundFilms:
    """Every analysed film that a trailer belongs to, of all teams; copies and episodes go by one name."""
    matched = TrailerMatching.objects.exclude(basis="").values_list("film", flat=True)
    videos = list(Video.objects.filter(pk__in=matched).select_related("title").order_by("pk"))
    names = _names(videos)
    found = [_pair_film(video, name=names[video.pk]) for video in videos]
    used = [each for each in found if each.used]
    fit = tuple(each for each in used if each.is_fit)
    return FoundFilms(fit, unfit=len(used) - len(fit))


def load_films(films: Iterable[PairFilm], *, space: str) -> list[LearntFilm]:
    """The films as the network learns from them, with vectors of a space; those that are gone are left out."""
    wanted = list(films)
    videos = Video.objects.in_bulk({film.video_id for film in wanted})
    learnt = []
    for film in wanted:
        shots = film_shots(videos[film.video_id], space=space) if film.video_id in videos else None
        if shots is not None:
            used = reuse_of(shots.spans, uses=film.uses)
            learnt.append(LearntFilm(film.name, shots, used, _trailer_vectors(film.trailers, space=space)))
    return learnt


def films_basis(films: Iterable[PairFilm], *, space: str) -> list[str]:
    """What each film and its trailers would be learnt from now; changes when one is analysed anew."""
    wanted = list(films)
    videos = Video.objects.in_bulk({pk for film in wanted for pk in (film.video_id, *film.trailers)})
    return [
        " ".join(
            features_basis(videos[pk], space=space) if pk in videos else "" for pk in (film.video_id, *film.trailers)
        )
        for film in wanted
    ]


def read_told(told: Iterable[Sequence[Any]]) -> list[PairFilm]:
    """Films as a run's settings hold them."""
    return [
        PairFilm(video, name, tuple((start, end, sure) for start, end, sure in uses), tuple(trailers), *counts)
        for video, name, uses, trailers, *counts in told
    ]


def _pair_film(video: Video, *, name: str) -> PairFilm:
    uses: list[Use] = trailer_uses(video)
    spans = np.array([row[:2] for row in final_shots(video)], dtype=np.int64).reshape(-1, 2)
    told = tuple((use.start_frame, use.end_frame, use.confidence) for use in uses)
    return PairFilm(
        video.pk, name, told, tuple(sorted({use.trailer_id for use in uses})), shots=len(spans),
        used=int(np.count_nonzero(reuse_of(spans, uses=told) >= USED)),
    )  # fmt: skip


def _trailer_vectors(trailers: Sequence[int], *, space: str) -> NDArray[np.float32] | None:
    """Vectors of all shots of a film's trailers that have one."""
    found = []
    for video in Video.objects.filter(pk__in=trailers).order_by("pk"):
        spans = [row[:2] for row in final_shots(video)]
        vectors = shot_embeddings.shot_vectors(video, spans=spans, space=space)
        if vectors is not None:
            found.append(vectors[vectors.any(axis=1)])
    return np.concatenate(found) if found else None


def _names(videos: Sequence[Video]) -> dict[int, str]:
    """One name for all that must not be on both sides: episodes of a series, and titles that hold the same file."""
    titles = {video.pk: video.title.parent_id or video.title_id for video in videos}
    one = {title: title for title in titles.values()}

    def first(title: int) -> int:
        while one[title] != title:
            title = one[title]
        return title

    by_file: dict[str, int] = {}
    for video in videos:
        other = by_file.setdefault(video.sha256, titles[video.pk])
        low, high = sorted((first(other), first(titles[video.pk])))
        one[high] = low
    return {pk: f"title {first(title)}" for pk, title in titles.items()}
