"""Pairs that people bring as CSV become labels of the spans they tell of, and labels leave as CSV."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from django.db import transaction
from django.db.models import QuerySet

from ava.csv_table import UnusableTable
from ava.models import User, Video
from ava.selectors import EDITING_ROLES, access_videos
from ava.turns import take_turn
from search.contrastive_pairs import said_of_shots, shots_of_labels
from search.models import ShotLabel
from search.renewal import ask_renewal
from search.selectors import access_shot_labels
from search.train.pairs_csv import FilmClock, PairRow, read_pairs, span_of, write_pairs
from search.word_vectors import words_of

LABELS_A_SAVE = 500
_CLOCK = ("pk", "original_name", "title_id", "frame_count", "fps_num", "fps_den", "start_timecode")


def import_pairs(data: bytes, *, user: User) -> int:
    """Keep every pair of a CSV file as this person's label, or none; returns how many were new.

    ``video`` is a film's number or the name of its file. Raises UnusableTable with sentences on every wrong line.
    """
    rows = read_pairs(data)
    films = _Films(access_videos(user, roles=EDITING_ROLES).only(*_CLOCK))
    problems: list[str] = []
    found: list[tuple[PairRow, Video, tuple[int, int]]] = []
    for row in rows:
        try:
            film = films.find(row.video)
            found.append((row, film, span_of(row, clock=_clock(film))))
        except ValueError as error:
            problems.append(f"Line {row.line}: {error}")
    if problems:
        raise UnusableTable(problems)
    with transaction.atomic():
        for film in sorted({film.pk: film for _, film, _ in found}.values(), key=lambda film: film.pk):
            take_turn(film)  # two imports of one file at once keep each pair once
        known = set(_standing(user, {film.pk for _, film, _ in found}))
        told = {(film.pk, *span, row.text): film for row, film, span in found}  # once, whatever a film is called
        new = {key: film for key, film in told.items() if key not in known}
        ShotLabel.objects.bulk_create(
            [
                ShotLabel(video=film, start_frame=start, end_frame=end, text=text, user=user, words=words_of(text))
                for (_, start, end, text), film in new.items()
            ],
            batch_size=LABELS_A_SAVE,
        )
        ask_renewal({key[0] for key in new})
    return len(new)


def export_pairs(user: User) -> str:
    """All standing labels that the person may see as CSV, with the shots that they are about and what is known of
    these, so that they can be trained with elsewhere."""
    labels = access_shot_labels(user).filter(stands=True)
    return write_pairs(_rows(labels))


def _rows(labels: QuerySet[ShotLabel]) -> Iterable[PairRow]:
    """The shot's span where it is known, so that labels of one shot stay with one shot; each pair once."""
    shots = shots_of_labels(labels)
    said = said_of_shots(set(shots.values()))
    rows: dict[PairRow, None] = {}
    told = labels.order_by("video", "start_frame", "pk")
    for pk, video, first, last, text in told.values_list("pk", "video_id", "start_frame", "end_frame", "text"):
        shot = shots.get(pk)
        start, end = shot[1:] if shot else (first, last)
        rows[PairRow(0, str(video), str(start), str(end), text, " ".join(said.get(shot, ())) if shot else "")] = None
    return rows


def _standing(user: User, films: Iterable[int]) -> Iterator[tuple[int, int, int, str]]:
    mine = ShotLabel.objects.filter(user=user, stands=True, video__in=films)
    return mine.values_list("video_id", "start_frame", "end_frame", "text").iterator()


def _clock(film: Video) -> FilmClock:
    return FilmClock(Fraction(film.fps_num, film.fps_den), film.frame_count, film.start_timecode or None)


class _Films:
    """The films that a person may label, by what a file calls them."""

    def __init__(self, films: QuerySet[Video]) -> None:
        self._by_number: dict[str, Video] = {}
        self._by_name: dict[str, list[Video]] = {}
        for film in films:
            self._by_number[str(film.pk)] = film
            self._by_name.setdefault(film.original_name.casefold(), []).append(film)

    def find(self, name: str) -> Video:
        """Raises ValueError with a sentence; of films that the person may not label it tells nothing."""
        if name in self._by_number:
            return self._by_number[name]
        found = self._by_name.get(name.casefold(), [])
        if len(found) > 1:
            numbers = ", ".join(str(film.pk) for film in found[:5])
            raise ValueError(f"several films are called “{name[:60]}”; write the number of one ({numbers}).")
        if not found:
            raise ValueError(f"you may label no film called “{name[:60]}”; write its number or its file's name.")
        return found[0]
