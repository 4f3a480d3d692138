"""What people do to a cast: each action is one transaction, one row with a sentence, and can be taken back.

The caller has checked that the user may edit the cast and sees what the action is about.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Q

from ava.models import Title, User
from curation.models import Character, Difference, Face, FaceClaim, FaceTrack, PeopleAction
from curation.people_claims import BestFace, best_faces, claim_faces, end_contradicted, every_face
from curation.people_cuts import cut_tracks
from curation.people_memory import resolve_merges
from curation.people_record import Record, among
from curation.people_selectors import cast_scope
from curation.people_spread import find_alike
from curation.people_told import count, enumerate_labels, tell

Kind = PeopleAction.Kind
Verdict = FaceClaim.Verdict
GivenBy = FaceTrack.GivenBy

IMPORTANCE_WORDS = {
    Character.Importance.MAIN: "is a main character",
    Character.Importance.SECONDARY: "is a secondary character",
    Character.Importance.EXTRA: "is an extra",
    "": "is judged by AVA again",
}
_IMPORTANCE_OF_SEVERAL = {
    Character.Importance.MAIN: "are main characters",
    Character.Importance.SECONDARY: "are secondary characters",
    Character.Importance.EXTRA: "are extras",
    "": "are judged by AVA again",
}


class InvalidPeopleAction(ValueError):
    """What was asked for cannot be done; the sentence says what can. `character` is whom to merge with, if anyone."""

    def __init__(self, sentence: str, *, character: Character | None = None) -> None:
        super().__init__(sentence)
        self.character = character


class Done(NamedTuple):
    """An action, whom it was about or gave rise to, and how many tracks have another character, or none, since."""

    action: PeopleAction
    character: Character | None = None
    moved: int = 0


@transaction.atomic
def name_character(character: Character, *, name: str, user: User) -> Done:
    """Call a character by a name; an empty one takes the name away. Raises InvalidPeopleAction."""
    record = Record(character.scope, user=user, kind=Kind.NAME)
    (character,) = _present([character])
    name = " ".join(name.split())
    _check_name(character, name)
    sentence = f"{character.label} is called {name}." if name else f"{character.name} has no name any more."
    record.change("character", [character.pk], name=name, is_kept=True)
    return _finish(record, sentence, character=character)


def set_importance(character: Character, *, importance: str, user: User) -> Done:
    """Say how important a character is; empty: AVA judges. Raises InvalidPeopleAction."""
    return set_importances([character], importance=importance, user=user)


@transaction.atomic
def set_importances(characters: Sequence[Character], *, importance: str, user: User) -> Done:
    """Say how important some characters are, in one action; empty: AVA judges. Raises InvalidPeopleAction."""
    if importance not in IMPORTANCE_WORDS:
        raise InvalidPeopleAction("Importance is main, secondary, extra, or empty to let AVA judge.")
    record = Record(characters[0].scope, user=user, kind=Kind.IMPORTANCE)
    meant = list(dict.fromkeys(_present(characters)))
    words = IMPORTANCE_WORDS if len(meant) == 1 else _IMPORTANCE_OF_SEVERAL
    sentence = f"{enumerate_labels(each.label for each in meant)} {words[importance]}"
    changed = [each for each in meant if each.importance != importance]
    if not changed:
        raise InvalidPeopleAction(f"{sentence} already.")
    keys = [each.pk for each in changed]
    record.change("character", keys, importance=importance, is_kept=True)
    return _finish(record, f"{sentence}.", character=changed[0], videos=_videos_of(keys))


@transaction.atomic
def set_locked(character: Character, *, locked: bool, user: User) -> Done:
    """Lock a character: analyses neither add faces to it nor take any away. Raises InvalidPeopleAction."""
    record = Record(character.scope, user=user, kind=Kind.LOCK)
    (character,) = _present([character])
    state = "locked" if locked else "open to analyses"
    if character.is_locked == locked:
        raise InvalidPeopleAction(f"{character.label} is {state} already.")
    record.change("character", [character.pk], is_locked=locked, is_kept=True)
    return _finish(record, f"{character.label} is {state}.", character=character)


@transaction.atomic
def merge_characters(into: Character, *, others: Iterable[Character], user: User) -> Done:
    """Say that others are the same person as `into`, who keeps its name and takes theirs only where it has none.

    Raises InvalidPeopleAction.
    """
    record = Record(into.scope, user=user, kind=Kind.MERGE)
    into, *rest = _present([into, *others])
    merged = [other for other in dict.fromkeys(rest) if other != into]
    if not merged:
        raise InvalidPeopleAction("Choose at least one other character to merge; these are one person already.")
    keys = [other.pk for other in merged]
    tracks = _pks(FaceTrack.objects.filter(character__in=keys, is_face=True))
    videos = _videos_of([into.pk, *keys])
    _end_differences(record, {into.pk, *keys})
    record.change("character", [into.pk], **_inherit(into, merged), is_kept=True)
    record.change("character", keys, merged_into=into.pk, is_kept=True)
    end_contradicted(record, _pks(into.tracks.all()), verdict=Verdict.IS, character=into)
    _give(record, tracks, to=into)
    sentence = f"{enumerate_labels(other.label for other in merged)} and {into.label} are one person: "
    sentence += f"{count(len(tracks), 'appearance')} moved."
    return _finish(record, sentence, character=into, moved=len(tracks), videos=videos)


@transaction.atomic
def move_tracks(
    tracks: Iterable[FaceTrack], *, to: Character | None, user: User, spread: bool = True
) -> Done:
    """Say who some tracks are; `to` None makes a new character of them. With `spread` those alike come along.

    Raises InvalidPeopleAction.
    """
    pks = _check_tracks(tracks)
    scope = _scope_of(pks, to=to)
    record = Record(scope, user=user, kind=Kind.MOVE)
    target = _present([to])[0] if to else _make_character(record, scope)
    if to and not _moves(pks, to=target):
        raise InvalidPeopleAction(f"{_these(pks)} {target.label} already, and a person has said so.")
    videos = _videos_of([*_characters_of(pks), target.pk], tracks=pks)
    _give(record, pks, to=target)
    alike = _spread(record, pks, to=target, user=user) if spread else []
    sentence = f"{count(len(pks), 'appearance')} moved to {target.label}.{_along(alike)}"
    videos |= _videos_of([target.pk])
    return _finish(record, sentence, character=target, moved=len(pks) + len(alike), videos=videos)


@transaction.atomic
def move_faces(faces: Iterable[Face], *, to: Character | None, user: User) -> Done:
    """Say who some faces are; a track of which only some are meant is cut between them and the others.

    `to` None makes a new character of them. Raises InvalidPeopleAction.
    """
    chosen = sorted({face.pk for face in faces})
    pks = _pks(FaceTrack.objects.filter(faces__in=chosen).distinct())
    if not pks:
        raise InvalidPeopleAction("Choose at least one face.")
    scope = _scope_of(pks, to=to)
    record = Record(scope, user=user, kind=Kind.MOVE)
    target = _present([to])[0] if to else _make_character(record, scope)
    videos = _videos_of([*_characters_of(pks), target.pk], tracks=pks)
    there = _pks(FaceTrack.objects.filter(pk__in=among(pks), character=target))
    cut = cut_tracks(record, [pk for pk in pks if pk not in there], faces=chosen)
    kept = FaceTrack.objects.filter(pk__in=cut.others, is_face=True).exclude(character=target)
    for track in kept.select_related("character__scope").defer("vector", "portrait").order_by("pk"):
        rest = every_face([track.pk])
        verdict = Verdict.IS if track.character else Verdict.IS_NOT
        claim_faces(record, rest, verdict=verdict, character=track.character or target)
    whole = [*there, *cut.whole]
    _give(record, [*whole, *cut.pieces], to=target, claims=best_faces(whole) + every_face(cut.pieces))
    sentence = f"{count(len(chosen), 'face')} moved to {target.label}."
    return _finish(record, sentence, character=target, moved=len(whole) + len(cut.pieces), videos=videos)


@transaction.atomic
def split_character(character: Character, *, tracks: Iterable[FaceTrack], user: User) -> Done:
    """Make a new character of some tracks of another, and remember that they are two people.

    Raises InvalidPeopleAction.
    """
    pks = _check_tracks(tracks)
    record = Record(character.scope, user=user, kind=Kind.SPLIT)
    (character,) = _present([character])
    mine = set(_pks(character.tracks.filter(is_face=True)))
    if not mine.issuperset(pks):
        raise InvalidPeopleAction(f"Choose appearances of {character.label} only, or move them.")
    if len(mine) == len(pks):
        raise InvalidPeopleAction(f"Leave {character.label} at least one appearance.")
    videos = _videos_of([character.pk])
    new = _make_character(record, character.scope)
    _give(record, pks, to=new)
    _declare_different(record, character, new)
    sentence = f"{count(len(pks), 'appearance')} of {character.label} became {new.label}."
    return _finish(record, sentence, character=new, moved=len(pks), videos=videos)


@transaction.atomic
def mark_not_faces(tracks: Iterable[FaceTrack], *, user: User) -> Done:
    """Say that tracks show no face. Raises InvalidPeopleAction."""
    pks = _check_tracks(tracks)
    scope = _scope_of(pks)
    record = Record(scope, user=user, kind=Kind.NOT_FACE)
    pks = _pks(FaceTrack.objects.filter(pk__in=among(pks), is_face=True))
    if not pks:
        raise InvalidPeopleAction("These are marked as no faces already; move them to somebody if they are faces.")
    videos = _videos_of(_characters_of(pks), tracks=pks)
    faces = best_faces(pks)
    claim_faces(record, faces, verdict=Verdict.NOT_FACE)
    _change_tracks(record, pks, faces=faces, character=None, given_by=GivenBy.PERSON, confidence=None, is_face=False)
    sentence = "1 appearance is no face." if len(pks) == 1 else f"{count(len(pks), 'appearance')} are no faces."
    return _finish(record, sentence, moved=len(pks), videos=videos)


@transaction.atomic
def confirm_track(track: FaceTrack, *, user: User, spread: bool = True) -> Done:
    """Say that a track is the character that it is thought to be. Raises InvalidPeopleAction."""
    record = Record(_scope_of([track.pk]), user=user, kind=Kind.CONFIRM)
    thought = Character.objects.select_related("scope").filter(tracks=track.pk).first()
    if thought is None:
        raise InvalidPeopleAction("Nobody has been recognised here: say who it is by moving it to a character.")
    (target,) = _present([thought])
    _give(record, [track.pk], to=target)
    alike = _spread(record, [track.pk], to=target, user=user) if spread else []
    sentence = f"This is {target.label}.{_along(alike)}"
    videos = _videos_of([target.pk]) if alike else set()
    return _finish(record, sentence, character=target, moved=len(alike), videos=videos)


@transaction.atomic
def refuse_track(track: FaceTrack, *, character: Character, user: User) -> Done:
    """Say that a track is not a character: if it was thought to be, it is nobody until more is known.

    Raises InvalidPeopleAction.
    """
    record = Record(_scope_of([track.pk], to=character), user=user, kind=Kind.REFUSE)
    (character,) = _present([character])
    faces = best_faces([track.pk])
    if not faces:
        raise InvalidPeopleAction("No face of this appearance was looked at; mark it as no face instead.")
    claim_faces(record, faces, verdict=Verdict.IS_NOT, character=character)
    mine = _pks(FaceTrack.objects.filter(pk=track.pk, character=character))
    _change_tracks(record, mine, faces=faces, character=None, given_by=GivenBy.ANALYSIS, confidence=None)
    videos = _videos_of([character.pk], tracks=mine) if mine else set()
    return _finish(record, f"This is not {character.label}.", character=character, moved=len(mine), videos=videos)


@transaction.atomic
def declare_different(first: Character, second: Character, *, user: User) -> Done:
    """Say that two characters are two people: AVA neither merges them nor asks again. Raises InvalidPeopleAction."""
    record = Record(first.scope, user=user, kind=Kind.DIFFERENT)
    first, second = _present([first, second])
    if first == second:
        raise InvalidPeopleAction(f"These were merged into {first.label}: undo that, or split the character.")
    if _differences({first.pk, second.pk}).exists():
        raise InvalidPeopleAction(f"{first.label} and {second.label} are different people already.")
    _declare_different(record, first, second)
    return _finish(record, f"{first.label} and {second.label} are different people.", character=first)


def _finish(
    record: Record, sentence: str, *, character: Character | None = None, moved: int = 0, videos: Collection[int] = ()
) -> Done:
    action = record.finish(sentence[:1].upper() + sentence[1:])
    tell(action, videos=videos)
    if character is not None:
        character.refresh_from_db()
    return Done(action, character, moved)


def _present(characters: Sequence[Character]) -> list[Character]:
    """Those that these characters are now, after all merges, read anew; all must belong to one scope."""
    scopes = {character.scope_id for character in characters}
    if len(scopes) != 1:
        raise InvalidPeopleAction("Choose characters of one film or series.")
    known = {each.pk: each for each in Character.objects.filter(scope__in=scopes).select_related("scope")}
    now = resolve_merges(known.values())
    if any(character.pk not in now for character in characters):
        raise InvalidPeopleAction("One of these characters is gone; reload the page.")
    return [known[now[character.pk]] for character in characters]


def _check_name(character: Character, name: str) -> None:
    longest = Character._meta.get_field("name").max_length
    if name == character.name:
        raise InvalidPeopleAction(f"{character.label} is called that already." if name else "Type a name.")
    if len(name) > longest:
        raise InvalidPeopleAction(f"A name has at most {longest} characters.")
    if not name.isprintable():
        raise InvalidPeopleAction("A name consists of letters and signs that can be printed.")
    others = Character.objects.filter(scope=character.scope, merged_into=None).exclude(pk=character.pk)
    namesake = others.filter(name__iexact=name).first() if name else None
    if namesake:
        raise InvalidPeopleAction(
            f"Somebody else is called {namesake.name}: merge the two if they are one person, or choose another name.",
            character=namesake,
        )


def _check_tracks(tracks: Iterable[FaceTrack]) -> list[int]:
    pks = sorted({track.pk for track in tracks})
    if not pks:
        raise InvalidPeopleAction("Choose at least one appearance.")
    return pks


def _pks(tracks) -> list[int]:  # type: ignore[no-untyped-def]
    return list(tracks.order_by("pk").values_list("pk", flat=True))


def _scope_of(tracks: Sequence[int], *, to: Character | None = None) -> Title:
    """The one scope that tracks, and the character they go to, belong to."""
    titles = Title.objects.filter(videos__face_tracks__in=among(tracks)).distinct().select_related("parent__parent")
    scopes = {cast_scope(title) for title in titles} | ({to.scope} if to else set())
    if not titles:
        raise InvalidPeopleAction("A new analysis has replaced these appearances; reload the page.")
    if len(scopes) != 1:
        raise InvalidPeopleAction("Choose appearances and characters of one film or series.")
    return scopes.pop()


def _make_character(record: Record, scope: Title) -> Character:
    """A new row, whose number nobody in the scope ever had. Taken back, it stays as a row that nothing shows."""
    highest = scope.characters.aggregate(highest=Max("number"))["highest"] or 0
    character = Character.objects.create(scope=scope, number=highest + 1)
    record.change("character", [character.pk], is_kept=True)
    return character


def _give(
    record: Record, tracks: Sequence[int], *, to: Character, claims: Sequence[BestFace] | None = None
) -> None:
    """A person says that these tracks are a character, and so says one face of each."""
    faces = best_faces(tracks)
    claim_faces(record, faces if claims is None else claims, verdict=Verdict.IS, character=to)
    _change_tracks(
        record, tracks, faces=faces, character=to.pk, given_by=GivenBy.PERSON, confidence=1.0, is_face=True
    )


def _change_tracks(record: Record, tracks: Sequence[int], *, faces: Sequence[BestFace], **after: object) -> None:
    places = {face.track: face.place for face in faces}
    record.change("track", tracks, places=[places.get(track) for track in tracks], **after)


def _spread(record: Record, tracks: Sequence[int], *, to: Character, user: User) -> list[int]:
    """Let tracks come along that are surely like the confirmed ones; their numbers."""
    alike = find_alike(tracks, to=to, user=user)
    pks = [each.track for each in alike]
    _change_tracks(
        record, pks, faces=best_faces(pks), character=to.pk, given_by=GivenBy.LIKENESS,
        confidence=[each.probability for each in alike],
    )  # fmt: skip
    return pks


def _along(alike: Sequence[int]) -> str:
    if not alike:
        return ""
    return f" {count(len(alike), 'appearance')} that look{'s' if len(alike) == 1 else ''} alike came along."


def _moves(tracks: Sequence[int], *, to: Character) -> bool:
    said = Q(character=to, given_by=GivenBy.PERSON, is_face=True)
    return FaceTrack.objects.filter(pk__in=among(tracks)).exclude(said).exists()


def _these(tracks: Sequence[int]) -> str:
    return "This is" if len(tracks) == 1 else "These are"


def _characters_of(tracks: Sequence[int]) -> list[int]:
    rows = FaceTrack.objects.filter(pk__in=among(tracks), character__isnull=False).order_by()
    return list(rows.values_list("character", flat=True).distinct())


def _videos_of(characters: Collection[int], *, tracks: Sequence[int] = ()) -> set[int]:
    """Films that show any of these characters or tracks: their stills are ranked by who is in them."""
    rows = FaceTrack.objects.filter(Q(character__in=characters) | Q(pk__in=among(tracks))).order_by()
    return set(rows.values_list("video", flat=True).distinct())


def _inherit(into: Character, merged: Sequence[Character]) -> dict[str, object]:
    """What people said of the others and have not said of `into`."""
    said = {
        name: next((getattr(other, name) for other in merged if getattr(other, name)), None)
        for name in ("name", "importance", "is_locked")
        if not getattr(into, name)
    }
    return {name: value for name, value in said.items() if value}


def _differences(characters: Collection[int]):  # type: ignore[no-untyped-def]
    """Standing differences between any two of these characters, or between what was merged into them."""
    scope = Character.objects.filter(pk__in=characters).values("scope")[:1]
    now = resolve_merges(Character.objects.filter(scope=scope))
    theirs = [pk for pk, end in now.items() if end in characters]
    rows = Difference.objects.filter(stands=True, first__in=theirs, second__in=theirs)
    return rows.filter(pk__in=[row.pk for row in rows if now[row.first_id] != now[row.second_id]])


def _end_differences(record: Record, characters: Collection[int]) -> None:
    record.change("difference", list(_differences(characters).values_list("pk", flat=True)), stands=False)


def _declare_different(record: Record, first: Character, second: Character) -> None:
    first, second = sorted((first, second), key=lambda character: character.pk)
    record.add("difference", first=[first.pk], second=[second.pk])
    record.change("character", [first.pk, second.pk], is_kept=True)
