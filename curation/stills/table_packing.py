"""A table of stills as bytes, and back: one array after the other, in half precision where that is enough."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.stills.table import StillTable

_WHOLE, _EXACT, _HALF, _FLAG = "<i8", "<f4", "<f2", "|b1"


class PackedTable(NamedTuple):
    """``layout``: what JSON can say of the table, "arrays" with [name, type, shape] in the order of the ``data``."""

    layout: Mapping[str, Any]
    data: bytes


def pack_table(table: StillTable) -> PackedTable:
    """Lay the arrays of a table end to end; vectors and looks keep about three digits."""
    arrays = [(name, np.ascontiguousarray(values, dtype=kind)) for name, kind, values in _arrays(table)]
    layout = {
        "frame_count": table.frame_count,
        "cast": list(table.cast),
        "arrays": [[name, values.dtype.str, list(values.shape)] for name, values in arrays],
    }
    return PackedTable(layout, b"".join(values.tobytes() for _, values in arrays))


def unpack_table(packed: PackedTable) -> StillTable:
    """Read a table back; its arrays cannot be written to."""
    arrays: dict[str, dict[str, NDArray[Any]]] = {"": {}, "parts": {}, "maturity": {}, "vectors": {}, "known": {}}
    offset = 0
    for name, kind, shape in packed.layout["arrays"]:
        count = int(np.prod(shape, dtype=np.int64))
        values = np.frombuffer(packed.data, dtype=kind, count=count, offset=offset).reshape(shape)
        offset += values.nbytes
        group, _, member = name.rpartition(".")
        arrays[group][member] = values.astype(np.float32) if kind == _HALF else values
        arrays[group][member].flags.writeable = False
    single = arrays[""]
    return StillTable(
        frames=single["frames"],
        shots=single["shots"],
        film_frames=single["film_frames"],
        parts=arrays["parts"],
        maturity=arrays["maturity"],
        vectors=arrays["vectors"],
        looks=single["looks"],
        frame_count=packed.layout["frame_count"],
        known=arrays["known"],
        cast=tuple(packed.layout["cast"]),
    )


def _arrays(table: StillTable) -> Iterator[tuple[str, str, NDArray[Any]]]:
    yield "frames", _WHOLE, table.frames
    yield "shots", _WHOLE, table.shots
    yield "film_frames", _WHOLE, table.film_frames
    for name, values in table.parts.items():
        yield f"parts.{name}", _EXACT, values
    for name, values in table.maturity.items():
        yield f"maturity.{name}", _EXACT, values
    for name, values in table.vectors.items():
        yield f"vectors.{name}", _HALF, values
    for name, flags in table.known.items():
        yield f"known.{name}", _FLAG, flags
    yield "looks", _HALF, table.looks
