"""The encoders of this installation: their rows, and loading what a row stands for, once in a process."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from threading import Event, Lock, Thread
from typing import NamedTuple

import numpy as np
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from numpy.typing import NDArray

from ava.annotate.compute_device import DeviceUnavailable
from ava.exclusive import wait_for_turn
from ava.weights.errors import WeightsError
from search.embed.encoder import ImageEncoder, TextEncoder, UnusableEncoder, Vectors
from search.embed.remembered_texts import RememberedTexts
from search.embed.towers import Towers
from search.installed_encoders import InstalledEncoder, find_installed, list_installed, sentence_encoder
from search.models import Encoder
from search.trained_encoders import base_of, load_trained

logger = logging.getLogger(__name__)

KEPT_LOADED = 4
"""Encoders that a process keeps: the serving ones, what trained ones stand on, and one on its way in or out."""
_LOADING, _LOADING_SOON = Lock(), Event()


class Unavailable(NamedTuple):
    """An encoder that cannot be used here: its name, why, and how to enable it, in sentences."""

    name: str
    why: str
    how: str


def default_encoder() -> Encoder:
    """The sentence encoder of descriptions; its row is made when it is first asked for, serving from the start.

    Safe from any number of processes at once. The row is there even where its files are not: `text_encoder` then
    says what to do.
    """
    return register(sentence_encoder(), is_wanted=True)


def serving() -> list[Encoder]:
    """The encoders that searches use and that can be used here, the default first; none where no file is installed."""
    default_encoder()
    return _usable_serving()


def text_encoder(encoder: Encoder) -> TextEncoder:
    """What turns words into vectors of this encoder's space. Raises UnusableEncoder with a sentence."""
    return _towers(encoder).text


def image_encoder(encoder: Encoder) -> ImageEncoder | None:
    """What turns pictures into vectors of frames, from which `shot_vectors` makes those of shots.

    None where the encoder knows words only. Raises UnusableEncoder with a sentence.
    """
    return _towers(encoder).image


def description_encoder(encoder: Encoder) -> TextEncoder:
    """What turns descriptions of shots into what `shot_vectors` takes; of trained encoders that is their base's.

    Raises UnusableEncoder with a sentence.
    """
    return text_encoder(base_of(encoder) if encoder.kind == Encoder.Kind.TRAINED else encoder)


def shot_vectors(encoder: Encoder, shots: Sequence[NDArray[np.floating]]) -> Vectors:
    """Vectors of shots, ``(N, D)``, from those of the frames of each, or of its description: ``(F, D)``.

    By the mean of them, or by the head that was trained for it. Raises UnusableEncoder with a sentence.
    """
    if not len(shots):
        return np.zeros((0, encoder.dimension), np.float32)
    return _towers(encoder).pool(shots)


def load_soon() -> None:
    """Load the serving encoders behind the back of a request, once in a process, so that the first search is fast.

    For pages on which somebody is about to search. What cannot be loaded is told when it is searched with.
    """
    if not _LOADING_SOON.is_set():
        _LOADING_SOON.set()
        Thread(target=_load_serving, name="encoders", daemon=True).start()


def unavailable() -> list[Unavailable]:
    """Encoders that searching could use and whose files are not installed, with how to get them."""
    found = []
    for installed in list_installed():
        if installed.reason:
            why, _, how = installed.reason.partition("; ")
            found.append(Unavailable(installed.name, f"{why.rstrip('.')}.", f"{how[:1].upper()}{how[1:]}"))
    return found


def why_unusable(encoder: Encoder) -> str:
    """Why a row cannot be used here, in a sentence; empty where it can. Loads nothing."""
    if encoder.kind == Encoder.Kind.TRAINED:
        try:
            return why_unusable(base_of(encoder))
        except UnusableEncoder as error:
            return str(error)
    installed = find_installed(encoder.name)
    if installed is None:
        return f"The files of the encoder {encoder} are not installed; install them again or switch to another encoder."
    if installed.reason:
        return installed.reason
    if installed.fingerprints != encoder.recipe.get("files"):
        return f"{encoder} was made of other files than those installed now; switch to the newest version of it."
    return ""


def register(installed: InstalledEncoder, *, is_wanted: bool = False) -> Encoder:
    """The row of an installed encoder; a version is made of the fingerprints of its files, and never twice.

    Files that took the place of others take over that these were wanted and served, as nothing can use them now.
    """
    rows = _rows_of(installed)
    known = _matching(rows, installed)
    if known is not None and not any(_is_in_use(row) for row in rows if row != known):
        return known
    with transaction.atomic():
        wait_for_turn("encoders that come with the program")
        rows = _rows_of(installed)
        known = _matching(rows, installed) or _next_version(installed, rows, is_wanted=is_wanted)
        former = [row for row in rows if row != known and _is_in_use(row)]
        if former:
            known.is_wanted = any(row.is_wanted for row in former)
            known.is_serving = any(row.is_serving for row in former)
            known.save(update_fields=["is_wanted", "is_serving"])
            Encoder.objects.filter(pk__in=[row.pk for row in former]).update(is_wanted=False, is_serving=False)
        return known


def register_all() -> list[Encoder]:
    """The rows of all encoders that can be used here, new ones neither wanted nor serving before somebody says so."""
    rows = [default_encoder()]
    return rows + [register(each) for each in list_installed() if not each.reason and each.name != rows[0].name]


def _usable_serving() -> list[Encoder]:
    rows = Encoder.objects.filter(is_serving=True).defer("weights").order_by("pk")
    return [row for row in rows if not why_unusable(row)]


def _load_serving() -> None:
    try:
        for row in _usable_serving():  # writes nothing: nobody waits for this thread's outcome
            with suppress(UnusableEncoder):
                text_encoder(row).encode_texts([""])
    except DatabaseError as error:
        logger.warning("Encoders were not loaded ahead: %s", error)
    finally:
        connection.close()


def _rows_of(installed: InstalledEncoder) -> list[Encoder]:
    rows = Encoder.objects.filter(name=installed.name, kind=installed.kind)
    return list(rows.defer("weights").order_by("-version"))


def _matching(rows: Iterable[Encoder], installed: InstalledEncoder) -> Encoder | None:
    return next((row for row in rows if row.recipe.get("files") == installed.fingerprints), None)


def _is_in_use(row: Encoder) -> bool:
    return row.is_wanted or row.is_serving


def _next_version(installed: InstalledEncoder, former: Sequence[Encoder], *, is_wanted: bool) -> Encoder:
    newest = Encoder.objects.filter(name=installed.name).aggregate(newest=Max("version"))["newest"] or 0
    is_first = not former
    return Encoder.objects.create(
        name=installed.name,
        version=newest + 1,
        kind=installed.kind,
        dimension=installed.dimension,
        recipe={"files": installed.fingerprints},
        parent=former[0] if former else None,
        is_wanted=is_first and is_wanted,
        is_serving=is_first and is_wanted,
    )


def _towers(encoder: Encoder) -> Towers:
    if reason := why_unusable(encoder):
        raise UnusableEncoder(reason)
    try:
        with _LOADING:  # of two requests that need an encoder first, one loads it and the other waits
            return _load(_Row(encoder))
    except (DeviceUnavailable, WeightsError) as error:
        raise UnusableEncoder(f"{encoder} cannot be loaded: {error}") from error


class _Row:
    """An encoder's row, equal to another of the same outcome."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._identity = (encoder.pk, encoder.name, str(encoder.recipe.get("files")), encoder.dimension)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Row) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@lru_cache(maxsize=KEPT_LOADED)
def _load(row: _Row) -> Towers:
    encoder = row.encoder
    if encoder.kind == Encoder.Kind.TRAINED:
        towers = load_trained(encoder, base=_load(_Row(base_of(encoder))))
    else:
        installed = find_installed(encoder.name)
        assert installed is not None  # why_unusable has looked
        towers = installed.load()
    for tower in (towers.text, towers.image):
        if tower is not None and tower.dimension != encoder.dimension:
            raise UnusableEncoder(
                f"{encoder} gives vectors of {encoder.dimension} numbers and its files vectors of {tower.dimension}; "
                "install the files that it was made of, or switch to another encoder."
            )
    return towers._replace(text=RememberedTexts(towers.text))
