"""What two towers can learn from here: people's labels, each with the shot that it is about."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import QuerySet

from ava.models import Video
from search.dialogue import said_within
from search.film_vectors import MOST_SAID_LETTERS
from search.models import ShotDescription, ShotLabel
from search.train.pairs import Pair, SplitBy, choose_split, split_pairs

LEAST_LEARNT = 20
LEAST_HELD_OUT = 5
MOST_PAIRS = 20_000

Shot = tuple[int, int, int]
"""A film's number and half-open frames."""


class FoundPairs(NamedTuple):
    """Pairs, how they are split, and counts of them; ``names``: of films that are copies of another, that one's;
    ``known_texts``: pairs that would be held out if their text were not learnt; ``shortfall``: why they are too few."""

    pairs: tuple[Pair, ...]
    split_by: SplitBy
    names: dict[str, str]
    learnt: int
    held_out: int
    known_texts: int
    without_shot: int
    films: int

    @property
    def shortfall(self) -> str:
        if self.learnt >= LEAST_LEARNT and self.held_out >= LEAST_HELD_OUT:
            return ""
        told = ""
        if self.known_texts:
            told = f" ({self.known_texts} more have a text that is learnt, which measures nothing)"
        return (
            f"{LEAST_LEARNT} pairs to learn from and {LEAST_HELD_OUT} held out are needed; there are {self.learnt} and "
            f"{self.held_out}{told}. Label more shots, or bring pairs as a CSV file."
        )


def find_pairs(*, split_by: SplitBy | None = None) -> FoundPairs:
    """Every standing label with its shot, the newest 20,000; split as asked (as the parent's were) or as fits."""
    labels = ShotLabel.objects.filter(stands=True)
    shots = shots_of_labels(labels)
    told = list(labels.order_by("-pk").values_list("pk", "text")[:MOST_PAIRS])
    pairs = tuple(Pair(str(shots[pk][0]), *shots[pk][1:], text) for pk, text in sorted(told) if pk in shots)
    names = _names_of_copies({pair.film for pair in pairs})
    by = split_by or choose_split(pairs, least=LEAST_HELD_OUT, names=names)
    split = split_pairs(pairs, by=by, names=names)
    return FoundPairs(
        pairs=pairs, split_by=by, names=names, learnt=len(split.learnt), held_out=len(split.held_out),
        known_texts=len(split.left_out), without_shot=len(told) - len(pairs), films=len({pair.film for pair in pairs}),
    )  # fmt: skip


def _names_of_copies(films: set[str]) -> dict[str, str]:
    """Films whose file is that of another one of these, by the number of the oldest."""
    first: dict[str, str] = {}
    rows = Video.objects.filter(pk__in=films).order_by("pk").values_list("pk", "sha256")
    names = {str(pk): first.setdefault(sha256, str(pk)) for pk, sha256 in rows}
    return {film: name for film, name in names.items() if film != name}


def shots_of_labels(labels: QuerySet[ShotLabel]) -> dict[int, Shot]:
    """The described shot that shares most frames with each label, the earlier of equals; none for what shares none."""
    spans = list(labels.order_by("video", "pk").values_list("pk", "video_id", "start_frame", "end_frame"))
    shots: dict[int, list[tuple[int, int]]] = {}
    described = ShotDescription.objects.filter(video__in={video for _, video, *_ in spans})
    for video, start, end in described.order_by("start_frame").values_list("video_id", "start_frame", "end_frame"):
        shots.setdefault(video, []).append((start, end))
    found: dict[int, Shot] = {}
    for pk, video, start, end in spans:
        shared = [(min(end, last) - max(start, first), -first, last) for first, last in shots.get(video, ())]
        most, first, last = max(shared, default=(0, 0, 0))
        if most > 0:
            found[pk] = (video, -first, last)
    return found


def said_of_shots(shots: Iterable[Shot]) -> Mapping[Shot, list[str]]:
    """The description of each shot and what is said in it; people's labels are left out: they are to be found."""
    wanted: dict[int, set[tuple[int, int]]] = {}
    for video, start, end in shots:
        wanted.setdefault(video, set()).add((start, end))
    said: dict[Shot, list[str]] = {}
    for video in Video.objects.filter(pk__in=wanted).only("pk"):
        lines = said_within(video)
        rows = video.shot_descriptions.values_list("start_frame", "end_frame", "text")
        for start, end, text in rows:
            if (start, end) in wanted[video.pk]:
                spoken = " ".join(line for first, last, line in lines if first < end and last > start)
                said[(video.pk, start, end)] = [part for part in (text, spoken[:MOST_SAID_LETTERS]) if part]
    return said
