"""Pairs as each kind of towers takes them: small frames and words, or vectors of a frozen encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ava.csv_table import UnusableTable
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.media.source import UnusableVideo
from search.embed.encoder import RgbPicture, TextEncoder
from search.train.pairs import Linked, Pair, PairArrays
from search.train.pairs_csv import FilmClock, PairRow, span_of
from search.train.small_towers import HEIGHT_PX, WIDTH_PX, number_words

if TYPE_CHECKING:
    from search.embed.towers import Towers as LoadedEncoder

FRAMES_SEEN = 4
"""Evenly spread inside a shot, as in search.film_vectors."""
_DECODED_SIDE_PX = 512


def find_films(rows: Sequence[PairRow], *, folder: Path) -> tuple[list[Pair], dict[str, Path]]:
    """Pairs of a file whose ``video`` is a path beside it, and the films by name.

    Raises UnusableTable with sentences on films that cannot be read and spans that they do not have.
    """
    films: dict[str, Path] = {}
    pairs: list[tuple[int, Pair]] = []
    problems: list[tuple[int, str]] = []
    for name, members in groupby(sorted(rows, key=lambda row: row.video), key=lambda row: row.video):
        mine = list(members)
        try:
            info = probe(folder / name)
        except (UnusableVideo, OSError, ValueError) as error:
            problems.append((mine[0].line, f"{name} cannot be read: {error}"))
            continue
        films[name] = folder / name
        clock = FilmClock(info.fps, info.frame_count, info.start_timecode)
        for row in mine:
            try:
                pairs.append((row.line, Pair(name, *span_of(row, clock=clock), row.text)))
            except ValueError as error:
                problems.append((row.line, str(error)))
    if problems:
        raise UnusableTable([f"Line {line}: {said}" for line, said in sorted(problems)])
    return [pair for _, pair in sorted(pairs)], films


def spread_frames(start_frame: int, end_frame: int) -> tuple[int, ...]:
    """Four frames of a span, or all of a shorter one, evenly spread."""
    count = min(FRAMES_SEEN, end_frame - start_frame)
    return tuple(start_frame + int((step + 0.5) * (end_frame - start_frame) / count) for step in range(count))


def decode_shots(shots: Sequence[Pair], *, films: Mapping[str, Path]) -> Iterator[tuple[int, list[RgbPicture]]]:
    """The number of each shot and its frames, film by film; those that cannot be decoded are left out."""
    order = sorted(range(len(shots)), key=lambda number: shots[number][:3])
    for film, numbers in groupby(order, key=lambda number: shots[number].film):
        path = films[film]
        info = probe(path)
        for number in numbers:
            wanted = spread_frames(shots[number].start_frame, shots[number].end_frame)
            found = decode_frame_set(path, info=info, frame_indices=wanted, max_side_px=_DECODED_SIDE_PX)
            yield number, [frame.rgb for frame in found]


def small_arrays(
    linked: Linked, *, pictures: Mapping[int, Sequence[RgbPicture]], words: Sequence[str]
) -> PairArrays:
    """For small towers: frames as ``uint8 (S, 4, 36, 64, 3)`` and texts as numbers of ``words``."""
    shots = np.zeros((len(linked.shots), FRAMES_SEEN, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    present = np.zeros(shots.shape[:2], np.bool_)
    for number, frames in pictures.items():
        for place, picture in enumerate(frames[:FRAMES_SEEN]):
            shots[number, place] = cv2.resize(picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
            present[number, place] = True
    return PairArrays(shots, present, number_words(linked.texts, words=words), linked.links)


def seen_arrays(
    linked: Linked, *, pictures: Mapping[int, Sequence[RgbPicture]], encoder: LoadedEncoder
) -> PairArrays:
    """For heads over an encoder of pictures: vectors of frames and of texts."""
    image = encoder.image
    if image is None:
        raise ValueError("This encoder knows words only; give it descriptions of shots.")
    vectors = {number: image.encode_pictures(frames) for number, frames in pictures.items() if frames}
    return vector_arrays(linked, shots=vectors, texts=encoder.text)


def described_arrays(
    linked: Linked, *, descriptions: Mapping[int, Sequence[str]], text: TextEncoder
) -> PairArrays:
    """For heads over an encoder of words: vectors of what was measured of each shot (and said in it), and of texts."""
    flat = [each for number in sorted(descriptions) for each in descriptions[number]]
    encoded = text.encode_texts(flat)
    vectors: dict[int, NDArray[np.float32]] = {}
    first = 0
    for number in sorted(descriptions):
        vectors[number] = encoded[first : first + len(descriptions[number])]
        first += len(descriptions[number])
    return vector_arrays(linked, shots=vectors, texts=text)


def vector_arrays(
    linked: Linked, *, shots: Mapping[int, NDArray[np.float32]], texts: TextEncoder
) -> PairArrays:
    """Vectors of shots ``(F, D)`` by the shot's number, brought to one length; what is missing is not present."""
    most = max([1, *(len(each) for each in shots.values())])
    table = np.zeros((len(linked.shots), most, texts.dimension), np.float32)
    present = np.zeros(table.shape[:2], np.bool_)
    for number, vectors in shots.items():
        table[number, : len(vectors)] = vectors
        present[number, : len(vectors)] = True
    return PairArrays(table, present, texts.encode_texts(linked.texts), linked.links)
