"""Making a film searchable: its dialogue, its shots in words, and their vectors."""

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from ava.messages import send_task
from ava.models import Video, WorkState
from ava.turns import take_turn
from search.dialogue import read_burned_in, read_film_tracks
from search.film_basis import basis_of
from search.film_vectors import VECTORS_VERSION, drop_gone, embed_shots, load_wanted, wanted_encoders
from search.models import FilmRenewal
from search.saved_searches import film_became_searchable
from search.shot_descriptions import VERSIONS, facts_of, save_descriptions

ATTRIBUTES_TASK = "search.attribute_tasks.renew_film_attributes"
Report = Callable[[int], None]


def make_searchable(video: Video, *, report: Report) -> None:
    """Bring a film's lines, descriptions and vectors up to date; what is so already is left alone.

    It can be run any number of times, by several at once, with the same end. ``report`` is called with the number of
    shots whose vectors are made; it may raise `ava.leases.WorkLost`, which is let pass. Raises Gone where the film
    has been deleted meanwhile.
    """
    with transaction.atomic():
        take_turn(video)
        renewal, _ = FilmRenewal.objects.get_or_create(video=video)
    asked, kit, basis = renewal.asked, current_kit(), basis_of(video)
    _read_dialogue(video, renewal)
    report(0)
    facts = facts_of(video)
    with transaction.atomic():
        take_turn(video)
        changed = save_descriptions(video, facts)
        drop_gone(video)
    report(0)
    usable, errors = load_wanted()
    changed += embed_shots(video, usable, report=report)
    _finish(renewal, asked=asked, kit=kit, basis=basis, errors=errors)
    if changed:
        send_task(ATTRIBUTES_TASK, video.pk)
        film_became_searchable(video)


def current_kit() -> str:
    """What films are made searchable with now: the sha-256, as hex digits, of versions of code and of encoders."""
    from search.embed.lines import LINES_VERSION

    versions = (*VERSIONS, LINES_VERSION, VECTORS_VERSION, *(encoder.pk for encoder in wanted_encoders()))
    return hashlib.sha256(repr(versions).encode()).hexdigest()


def _read_dialogue(video: Video, renewal: FilmRenewal) -> None:
    """The film's own tracks are read once: its file never changes."""
    from search.embed.lines import LINES_VERSION

    if renewal.dialogue_version != LINES_VERSION:
        notes = read_film_tracks(video)
        FilmRenewal.objects.filter(pk=renewal.pk).update(dialogue_version=LINES_VERSION, notes=notes)
    read_burned_in(video)


def _finish(renewal: FilmRenewal, *, asked: int, kit: str, basis: str, errors: list[str]) -> None:
    """Done, unless somebody has asked again meanwhile: then it waits for its next renewal."""
    done = {"kit": kit, "basis": basis, "checked_at": Now(), "claim": None, "attempts": 0, "error": " ".join(errors)}
    rows = FilmRenewal.objects.filter(pk=renewal.pk)
    state = WorkState.FAILED if errors else WorkState.DONE
    if not rows.filter(asked=asked).update(**done, state=state):
        rows.update(**done, state=WorkState.QUEUED, sent_at=None)
