"""The versions of the pixel network: which one scans use, bringing one in, releasing one and rolling back.

The file that comes with this program is registered when it is first needed. A newer one that comes with an update is
put to use by itself as long as the version in use came with the program, too; where people have put one of their own
to use, it waits for an administrator. Every switch stands in Django's log of what administrators did.
"""

import hashlib
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Max, QuerySet

from ava.exclusive import wait_for_turn
from ava.messages import send_task
from ava.models import User
from ava.switch_log import log_version, logged_switches
from qc.models import PixelModel
from qc.pixel import model_file
from qc.pixel.model_file import PixelModelFile, UnfitModel, read_model

logger = logging.getLogger(__name__)

MEASURE_TASK = "qc.training_tasks.measure_model"
_TURN = "versions of the pixel model"


class NotReleasable(ValueError):
    """A version may not be put to use; the sentence says why and what to do."""


def active_model() -> PixelModel:
    """The version that new scans use; registers what came with the program where that is not known yet.

    Safe to call from any number of workers at once. Raises UnfitModel when there is no version at all and the file
    that comes with the program is not there, or is none.
    """
    packed = _shipped_bytes()
    active = PixelModel.objects.filter(is_active=True).first()
    if active and (packed is None or PixelModel.objects.filter(sha256=_sha256(packed)).exists()):
        return active
    if packed is None:
        raise UnfitModel("The pixel model that comes with AVA is not there; install AVA anew, or add a model file.")
    return _register_shipped(packed)


def load_model(model: PixelModel) -> PixelModelFile:
    """The version's network, ready to judge, and kept for the next call. Raises UnfitModel, naming the version."""
    return _load(model.sha256, bytes(model.weights), str(model))


def add_version(
    packed: bytes,
    *,
    user: User | None,
    parent: PixelModel | None = None,
    measures: dict[str, Any] | None = None,
    name: str = "The model file",
) -> tuple[PixelModel, bool]:
    """Make a file the next version, without putting it to use; False with it where it was one already.

    Raises UnfitModel, with a sentence that says `name`. One without measures is compared by a worker.
    """
    fitting = read_model(packed, name=name)
    with transaction.atomic():
        wait_for_turn(_TURN)
        known = PixelModel.objects.filter(sha256=fitting.sha256).first()
        if known is not None:
            return known, False
        parent = parent or PixelModel.objects.filter(sha256=str(fitting.recipe.get("parent_sha256", ""))).first()
        model = _create(packed, fitting, parent=parent, measures=measures or {}, created_by=user)
        message = "Trained." if measures else "Added."
        log_version(PixelModel, user=user, version=model, name=str(model), message=message, flag=ADDITION)
        if not measures:
            send_task(MEASURE_TASK, model.pk)
    return model, True


def why_not_releasable(model: PixelModel) -> str:
    """Why a version cannot be put to use, in a sentence; empty where it can.

    What came with the program, and what was in use before, can be gone back to at any time.
    """
    try:
        load_model(model)
    except UnfitModel as error:
        return str(error)
    if model.is_shipped or switches().filter(object_id=str(model.pk)).exists():
        return ""
    if not model.measures:
        return "It has not been compared with its parent on the held-out set yet; a worker does that."
    return "" if model.measures.get("is_fit") else str(model.measures.get("verdict", "Its recall is worse."))


def use_model(model: PixelModel, *, user: User) -> None:
    """Have new scans use this version, a newer one or one gone back to. Raises NotReleasable with a sentence."""
    with transaction.atomic():
        wait_for_turn(_TURN)
        model = PixelModel.objects.get(pk=model.pk)
        if reason := why_not_releasable(model):
            raise NotReleasable(reason)
        _switch(model)
        log_version(PixelModel, user=user, version=model, name=str(model), message="Put to use.")


def switches() -> QuerySet[LogEntry]:
    """Who put which version to use and when, newest first."""
    return logged_switches(PixelModel)


def _register_shipped(packed: bytes) -> PixelModel:
    fitting = read_model(packed, name=model_file.SHIPPED.name)
    with transaction.atomic():
        wait_for_turn(_TURN)
        active = PixelModel.objects.filter(is_active=True).first()
        shipped = PixelModel.objects.filter(sha256=fitting.sha256).first()
        if shipped is None:
            former = PixelModel.objects.filter(is_shipped=True).order_by("-version").first()
            shipped = _create(packed, fitting, parent=former, measures={}, is_shipped=True)
            logger.info("%s came with the program", shipped)
            is_wanted = active is None or active.is_shipped
        else:
            is_wanted = active is None
        if not is_wanted and active is not None:
            return active
        _switch(shipped)
        return PixelModel.objects.get(pk=shipped.pk)


def _create(packed: bytes, fitting: PixelModelFile, **fields: Any) -> PixelModel:
    newest = PixelModel.objects.aggregate(newest=Max("version"))["newest"] or 0
    return PixelModel.objects.create(
        version=newest + 1, weights=packed, sha256=fitting.sha256, recipe=fitting.recipe, **fields
    )


def _switch(model: PixelModel) -> None:
    PixelModel.objects.filter(is_active=True).update(is_active=False)
    PixelModel.objects.filter(pk=model.pk).update(is_active=True)


def _shipped_bytes() -> bytes | None:
    try:
        return _read(model_file.SHIPPED, model_file.SHIPPED.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=2)
def _read(path: Path, modified_ns: int) -> bytes:
    return path.read_bytes()


@lru_cache(maxsize=2)
def _sha256(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()


@lru_cache(maxsize=32)
def _load(sha256: str, packed: bytes, name: str) -> PixelModelFile:
    return read_model(packed, name=name)
