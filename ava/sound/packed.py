"""A film's sound as bytes and back: steps far finer than anybody hears, some 120 bytes a second of film."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from ava.sound.film_sound import FilmSound

_STEPS = {
    "loudness_lufs": 0.01,
    "onset_db": 0.01,
    "onsets": 1.0,
    "speech_unit": 0.0001,
    "brightness_hz": 1.0,
    "bands_db": 0.01,
}
"""What is kept, in order, and in steps of what."""

_LEVEL = 6


def pack_sound(sound: FilmSound) -> bytes:
    """Pack the arrays of a film's sound: one column after the other, as deltas of int16, compressed."""
    columns = []
    for name, step in _STEPS.items():
        values = np.asarray(getattr(sound, name), dtype=np.float64)
        whole = np.clip(np.rint(values / step), np.iinfo(np.int16).min, np.iinfo(np.int16).max).astype("<i2")
        columns += list(whole.reshape(len(whole), -1).T)
    table = np.stack(columns)
    # Differences wrap around at 16 bits, and so do sums of them: nothing is lost.
    return zlib.compress(np.diff(table, axis=1, prepend=np.int16(0)).astype("<i2").tobytes(), _LEVEL)


def unpack_sound(packed: bytes, *, is_heard: bool, notes: tuple[str, ...]) -> FilmSound:
    """The sound that `pack_sound` was given, but for rounding."""
    widths = [4 if name == "bands_db" else 1 for name in _STEPS]
    deltas = np.frombuffer(zlib.decompress(packed), dtype="<i2").reshape(sum(widths), -1)
    table = np.cumsum(deltas, axis=1, dtype=np.int16)
    parts = np.split(table, np.cumsum(widths)[:-1])
    arrays = {name: _scaled(part, step=step) for part, (name, step) in zip(parts, _STEPS.items(), strict=True)}
    return FilmSound(is_heard=is_heard, notes=notes, onsets=arrays.pop("onsets").astype(np.uint8), **arrays)


def _scaled(part: NDArray[np.int16], *, step: float) -> NDArray[np.float32]:
    values = (part * step).astype(np.float32)
    return values[0] if len(values) == 1 else np.ascontiguousarray(values.T)
