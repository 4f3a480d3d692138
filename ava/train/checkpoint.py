"""Where a training stands, as bytes from which it goes on to the last bit, and which are safe to read."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch

_SCHEMA = 1
_STEPS_AT_MOST = 1_000_000_000


class UnfitCheckpoint(ValueError):
    """Bytes from which no training can go on; the sentence says why."""


class Checkpoint(NamedTuple):
    """A training between two steps.

    ``settings``: what decides the outcome, to be compared before going on. ``losses``: of the ``steps_done`` steps
    behind it. ``random_state``: torch's own, uint8.
    """

    steps_done: int
    settings: dict[str, Any]
    weights: dict[str, torch.Tensor]
    optimiser: dict[str, Any]
    random_state: torch.Tensor
    losses: list[float]


def pack_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as bytes: tensors, numbers, texts, lists and dicts, nothing that runs when it is read."""
    import torch

    buffer = io.BytesIO()
    torch.save({"schema": _SCHEMA, **checkpoint._asdict()}, buffer)
    return buffer.getvalue()


def unpack_checkpoint(packed: bytes) -> Checkpoint:
    """Read what `pack_checkpoint` made, on the CPU. Raises UnfitCheckpoint for anything else, running none of it."""
    import torch

    try:
        read = torch.load(io.BytesIO(packed), map_location="cpu", weights_only=True)
    except (RuntimeError, ValueError, EOFError, OSError, KeyError, TypeError, AttributeError, IndexError,
            MemoryError, pickle.UnpicklingError, zipfile.BadZipFile) as error:  # fmt: skip
        raise UnfitCheckpoint("This is no checkpoint of a training, or it is damaged; begin anew.") from error
    if not isinstance(read, dict) or read.pop("schema", None) != _SCHEMA or set(read) != set(Checkpoint._fields):
        raise UnfitCheckpoint("This checkpoint was made by another version of this program; begin anew.")
    checkpoint = Checkpoint(**read)
    kinds = (int, dict, dict, dict, torch.Tensor, list)
    if not all(isinstance(value, kind) for value, kind in zip(checkpoint, kinds, strict=True)):
        raise UnfitCheckpoint("This checkpoint does not hold what a training is made of; begin anew.")
    if not 0 <= checkpoint.steps_done <= _STEPS_AT_MOST or len(checkpoint.losses) != checkpoint.steps_done:
        raise UnfitCheckpoint("This checkpoint does not know how far its training was; begin anew.")
    return checkpoint
