"""Films with what their trailers use, as a file: what a ranker learns from, to be trained elsewhere."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curation.moments.shot_features import FEATURES, FEATURES_VERSION, FilmShots
from curation.moments.soft_labels import LearntFilm

FORMAT = "ava films of moments 1"
MOST_FILMS = 10_000


class UnfitFilms(ValueError):
    """A file that holds no such films; the sentence says what does not fit."""


class KeptFilms(NamedTuple):
    """``space``: the embeddings of the films' shots; "" where they have none."""

    films: tuple[LearntFilm, ...]
    space: str


def pack_films(films: Sequence[LearntFilm], *, space: str) -> bytes:
    """The films as bytes that `unpack_films` reads; no picture, word or name of a title is among them."""
    header = {
        "format": FORMAT, "features": [FEATURES_VERSION, *(feature.name for feature in FEATURES)], "space": space,
        "names": [film.name for film in films],
    }  # fmt: skip
    arrays = {"header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)}
    for number, film in enumerate(films):
        told = {
            "spans": film.shots.spans, "times_s": film.shots.times_s, "values": film.shots.values,
            "used_unit": film.used_unit, "vectors": film.shots.vectors, "trailer_vectors": film.trailer_vectors,
        }  # fmt: skip
        arrays |= {f"{number}.{name}": np.asarray(each) for name, each in told.items() if each is not None}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def unpack_films(packed: bytes, *, name: str = "The file") -> KeptFilms:
    """What `pack_films` made. Raises UnfitFilms with one sentence, which begins with ``name``."""
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as read:
            header = json.loads(bytes(read["header"]))
            if header["format"] != FORMAT:
                raise ValueError("another format")
            if header["features"] != [FEATURES_VERSION, *(feature.name for feature in FEATURES)]:
                raise UnfitFilms(f"{name} holds other measures of shots than this program takes; write it anew.")
            names = header["names"][:MOST_FILMS]
            films = tuple(_film(read, number, name=str(each)) for number, each in enumerate(names))
            return KeptFilms(films, str(header["space"])[:80])
    except UnfitFilms:
        raise
    except (ValueError, KeyError, TypeError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise UnfitFilms(f"{name} holds no films of moments, or is damaged.") from error


def _film(read: Mapping[str, NDArray[Any]], number: int, *, name: str) -> LearntFilm:
    arrays = {each: read[f"{number}.{each}"] for each in ("spans", "times_s", "values", "used_unit")}
    count = len(arrays["spans"])
    shots = FilmShots(
        _checked(arrays["spans"], np.int64, (count, 2)),
        _checked(arrays["times_s"], np.float64, (count, 2)),
        _checked(arrays["values"], np.float32, (count, len(FEATURES))),
        _vectors(read.get(f"{number}.vectors"), count),
    )
    used = _checked(arrays["used_unit"], np.float32, (count,))
    return LearntFilm(name, shots, used, _vectors(read.get(f"{number}.trailer_vectors"), None))


def _checked(array: NDArray[Any], dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    if array.dtype != dtype or array.shape != shape:
        raise ValueError("an array of another kind")
    return array


def _vectors(array: NDArray[Any] | None, rows: int | None) -> NDArray[np.float32] | None:
    if array is None:
        return None
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError("vectors of another kind")
    return _checked(array, np.float32, (len(array) if rows is None else rows, array.shape[1]))
