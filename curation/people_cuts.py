"""Tracks cut between faces that a person says are somebody and those that are not, and put together again."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from curation.models import Face, FaceTrack
from curation.people_portraits import best_shown
from curation.people_record import Record

TABLE = "cut"
"""What entries of `PeopleAction.changes` are called that hold a cut."""


class Cut(NamedTuple):
    """What is meant: tracks as they were and pieces cut out of others. `others` are the tracks' remaining pieces."""

    whole: list[int]
    pieces: list[int]
    others: list[int]


def cut_tracks(record: Record, tracks: Sequence[int], *, faces: Collection[int]) -> Cut:
    """Cut tracks wherever one of the chosen faces follows another one, halfway between the two.

    The row of a track stays with its first piece that is not chosen. Sizes and places are those of the whole until
    the next analysis; vectors, which belonged to two people, are gone.
    """
    cut = Cut([], [], [])
    chosen = set(faces)
    rows = FaceTrack.objects.filter(pk__in=tracks).order_by("pk").prefetch_related("faces")
    for track in rows:
        runs = _find_runs(list(track.faces.all()), chosen=chosen)
        if len(runs) == 1:
            cut.whole.append(track.pk)
            continue
        for (is_chosen, _), piece in zip(runs, _cut_track(record, track, runs=runs), strict=True):
            (cut.pieces if is_chosen else cut.others).append(piece)
    return cut


Runs = Sequence[tuple[bool, list[Face]]]


def _find_runs(faces: Sequence[Face], *, chosen: Collection[int]) -> Runs:
    """Faces in the order of the film, cut where chosen ones meet others; faces of one frame stay together."""
    frames = {face.frame_index for face in faces if face.pk in chosen}
    ordered = sorted(faces, key=lambda face: (face.frame_index, face.pk))
    grouped = groupby(ordered, key=lambda face: face.frame_index in frames)
    return [(is_chosen, list(run)) for is_chosen, run in grouped]


def _cut_track(record: Record, track: FaceTrack, *, runs: Runs) -> list[int]:
    """Give every run but one a track of its own; their numbers, in the order of the runs."""
    before = _extent(track)
    borders = [(one[-1].frame_index + other[0].frame_index + 1) // 2 for (_, one), (_, other) in pairwise(runs)]
    spans = list(pairwise([track.start_frame, *borders, track.end_frame]))
    stays = next(index for index, (is_chosen, _) in enumerate(runs) if not is_chosen)
    shown = _portrayed_face(track.pk)
    portrait, pieces = track.portrait, []
    for index, ((_, faces), (start, end)) in enumerate(zip(runs, spans, strict=True)):
        piece = track if index == stays else FaceTrack(**_copied(track))
        piece.start_frame, piece.end_frame = start, end
        piece.vector, piece.encoder, piece.weight = None, "", 0.0
        piece.portrait = portrait if shown in {face.pk for face in faces} else None
        piece.save()
        if index != stays:
            Face.objects.filter(pk__in=[face.pk for face in faces]).update(track=piece)
        pieces.append(piece.pk)
    record.remember({"table": TABLE, "track": track.pk, "before": before, "pieces": [
        piece for piece in pieces if piece != track.pk
    ]})  # fmt: skip
    return pieces


def _copied(track: FaceTrack) -> dict[str, Any]:
    fields = [field.attname for field in FaceTrack._meta.concrete_fields if field.name not in {"id", "portrait"}]
    return {name: getattr(track, name) for name in fields}


def _extent(track: FaceTrack) -> dict[str, Any]:
    return {
        "start_frame": track.start_frame,
        "end_frame": track.end_frame,
        "encoder": track.encoder,
        "vector": None if track.vector is None else [float(value) for value in track.vector],
        "weight": track.weight,
    }


def _portrayed_face(track: int) -> int | None:
    """The face that a track's portrait shows."""
    return best_shown(Face.objects.filter(track=track)).values_list("pk", flat=True).first()


def put_together(entry: Mapping[str, Any]) -> bool:
    """Undo a cut; False where an analysis has replaced its tracks since."""
    tracks = FaceTrack.objects.in_bulk([entry["track"], *entry["pieces"]])
    if len(tracks) != 1 + len(entry["pieces"]):
        return False
    whole = tracks.pop(entry["track"])
    Face.objects.filter(track__in=tracks).update(track=whole)
    portraits = [track.portrait for track in (whole, *tracks.values()) if track.portrait is not None]
    FaceTrack.objects.filter(pk__in=tracks).delete()
    for name, value in entry["before"].items():
        setattr(whole, name, value)
    whole.portrait = portraits[0] if portraits else None
    whole.save()
    return True


def touched_by_cuts(changes: Sequence[Mapping[str, Any]]) -> set[int]:
    """The tracks that an action's cuts concern."""
    cuts = [entry for entry in changes if entry["table"] == TABLE]
    return {pk for entry in cuts for pk in (entry["track"], *entry["pieces"])}
