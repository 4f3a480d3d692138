"""Arrays as bytes for the database: exact, small and independent of the machine."""

import zlib

import numpy as np
from numpy.typing import NDArray


def pack_integers(values: NDArray[np.int64]) -> bytes:
    """Compress integers (N,) as the deltas between neighbours; a steady film's pts shrink to a few bytes."""
    deltas = np.diff(values, prepend=np.int64(0)).astype("<i8")
    return zlib.compress(deltas.tobytes(), 6)


def unpack_integers(packed: bytes) -> NDArray[np.int64]:
    deltas = np.frombuffer(zlib.decompress(packed), dtype="<i8")
    return np.cumsum(deltas, dtype=np.int64)


def pack_values(values: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


def unpack_values(packed: bytes, *, columns: int) -> NDArray[np.float32]:
    return np.frombuffer(packed, dtype="<f4").reshape(-1, columns).astype(np.float32, copy=False)
