"""Taking back what somebody did to a cast: everything becomes what it was, but for what was changed again since."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ava.models import Title, User
from ava.turns import take_turn
from curation.models import Character, Face, FaceTrack, PeopleAction
from curation.people_cuts import TABLE, put_together, touched_by_cuts
from curation.people_record import Change, Place, Record, Unit, changed_units, read_rows
from curation.people_told import tell

Kind = PeopleAction.Kind

_RANKED = ("importance", "merged_into")
"""What of a character the ranking of stills rests on, beside its tracks."""

_IDENTITY = ("character", "is_face")
"""What of a track an analysis keeps; the rest it may judge anew without anybody having changed it."""


@transaction.atomic
def undo(scope: Title, *, user: User) -> PeopleAction | None:
    """Take back this user's last action on a cast that still stands; None when there is none left.

    Where somebody else has changed the same since, that stays, and the sentence says so. Nothing is deleted; the
    return is an action of its own.
    """
    take_turn(scope)
    last = _done_to(scope).filter(user=user, undone_by=None).order_by("-id").first()
    if last is None:
        return None
    record = Record(scope, user=user, kind=Kind.UNDO, undoes=last)
    changes = changed_units(last)
    videos = _videos_shown(changes)
    gone, cut_still = _put_tracks_together(last)
    stayed = _restore(record, last, changes=changes, gone=gone) + cut_still
    sentence = f"Taken back: {last.sentence}"
    if stayed:
        sentence += " What was changed again since then stays as it is."
    action = record.finish(sentence[: PeopleAction._meta.get_field("sentence").max_length])
    tell(action, videos=videos | _videos_shown(changes))
    return action


def _done_to(scope: Title) -> QuerySet[PeopleAction]:
    return PeopleAction.objects.filter(scope=scope).exclude(kind=Kind.UNDO)


def _later(action: PeopleAction) -> list[PeopleAction]:
    """What others did to the cast since and have not taken back."""
    return list(_done_to(action.scope).filter(id__gt=action.pk, undone_by=None))


def _put_tracks_together(action: PeopleAction) -> tuple[set[int], int]:
    """Undo the action's cuts: the pieces that are gone, and how many cuts stay.

    A cut stays where a piece was given to somebody else since, or an analysis has replaced it.
    """
    cuts = [entry for entry in action.changes if entry["table"] == TABLE]
    taken: set[int] = set()
    for later in _later(action) if cuts else []:
        taken |= {unit.pk for unit in changed_units(later) if unit.table == "track"} | touched_by_cuts(later.changes)
    undone = [cut for cut in cuts if not touched_by_cuts([cut]) & taken and put_together(cut)]
    return {piece for cut in undone for piece in cut["pieces"]}, len(cuts) - len(undone)


def _restore(
    record: Record, action: PeopleAction, *, changes: Mapping[Unit, Change], gone: Collection[int]
) -> int:
    """Give every unit that is still as the action left it what it was before; how many are not."""
    changes = {unit: each for unit, each in changes.items() if unit.table != "track" or unit.pk not in gone}
    covered = {unit for later in _later(action) for unit in changed_units(later)}
    before = _values_before(action, changes)
    rows = _follow(changes)
    restored: dict[tuple[str, tuple[str, ...]], dict[int, Mapping[str, Any]]] = {}
    stayed = 0
    for unit, change in changes.items():
        row = rows.get(unit)
        if row is None:
            continue
        pk, now = row
        if unit in covered or not _is_as_left(unit, now, change.after):
            stayed += change.before != change.after
            continue
        restored.setdefault((unit.table, tuple(before[unit])), {})[pk] = before[unit]
    for (table, fields), values in restored.items():
        columns = {name: [row[name] for row in values.values()] for name in fields}
        record.change(table, list(values), **_existing(columns))
    return stayed


def _is_as_left(unit: Unit, now: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    names = [name for name in after if unit.table != "track" or name in _IDENTITY]
    return all(now[name] == after[name] for name in names)


def _existing(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Without references to characters that are gone."""
    for name in {"character", "merged_into"} & set(columns):
        there = set(Character.objects.filter(pk__in=set(columns[name]) - {None}).values_list("pk", flat=True))
        columns[name] = [pk if pk in there else None for pk in columns[name]]
    return columns


def _values_before(action: PeopleAction, changes: Mapping[Unit, Change]) -> dict[Unit, Mapping[str, Any]]:
    """What each unit was before the action, had nobody done what was taken back while the action stood upon it."""
    before: dict[Unit, Mapping[str, Any]] = {unit: change.before for unit, change in changes.items()}
    upon = dict.fromkeys(changes, action.pk)
    earlier = _done_to(action.scope).filter(id__lt=action.pk)
    if not earlier.filter(undone_by__id__gt=action.pk).exists():
        return before
    for former in earlier.select_related("undone_by").order_by("-id").iterator(chunk_size=50):
        undone = getattr(former, "undone_by", None)
        for unit, change in changed_units(former).items():
            if unit not in upon:
                continue
            if undone is None:
                del upon[unit]
            elif undone.pk > upon[unit]:
                before[unit], upon[unit] = {**before[unit], **change.before}, former.pk
        if not upon:
            break
    return before


def _follow(changes: Mapping[Unit, Change]) -> dict[Unit, tuple[int, Mapping[str, Any]]]:
    """The present row and values of each unit that still exists; tracks are found again where their face is."""
    by_kind: dict[tuple[str, tuple[str, ...]], list[Unit]] = {}
    for unit, change in changes.items():
        by_kind.setdefault((unit.table, tuple(change.after)), []).append(unit)
    found: dict[Unit, tuple[int, Mapping[str, Any]]] = {}
    for (table, fields), units in by_kind.items():
        rows = read_rows(table, [unit.pk for unit in units], fields=fields)
        heirs = _find_again({unit.pk: changes[unit].place for unit in units if unit.pk not in rows})
        rows |= read_rows(table, list(heirs.values()), fields=fields) if heirs else {}
        pks = {unit: heirs.get(unit.pk, unit.pk) for unit in units}
        found |= {unit: (pk, rows[pk]) for unit, pk in pks.items() if pk in rows}
    return found


def _find_again(places: Mapping[int, Place | None]) -> dict[int, int]:
    """Tracks whose rows are gone → the tracks that are now where a face of theirs was."""
    wanted = {pk: place for pk, place in places.items() if place is not None}
    if not wanted:
        return {}
    videos, frames = ({place[side] for place in wanted.values()} for side in (0, 1))
    faces = Face.objects.filter(track__video__in=videos, frame_index__in=frames)
    here: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    for video, frame, *rest in faces.values_list("track__video", "frame_index", "track", "x0", "y0", "x1", "y1"):
        here.setdefault((video, frame), []).append(tuple(rest))
    heirs = {}
    for pk, (video, frame, *box) in wanted.items():
        near = [(_overlap(box, other), -track) for track, *other in here.get((video, frame), [])]
        if near and max(near)[0] > 0.5:
            heirs[pk] = -max(near)[1]
    return heirs


def _overlap(one: Iterable[float], other: Iterable[float]) -> float:
    """Intersection over union of two boxes."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = one, other
    shared = max(min(ax1, bx1) - max(ax0, bx0), 0) * max(min(ay1, by1) - max(ay0, by0), 0)
    return shared / ((ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - shared or 1)


def _videos_shown(changes: Mapping[Unit, Change]) -> set[int]:
    """Films in which any character is seen that an action was about."""
    characters = {unit.pk for unit in changes if unit.table == "character" and unit.field in _RANKED}
    places = {change.place[0] for change in changes.values() if change.place}
    rows = FaceTrack.objects.filter(character__in=characters).order_by().values_list("video", flat=True)
    return places | set(rows.distinct())
