"""A training from the shell: where its pairs come from, which towers learn them, and what file comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.embed.encoder import RgbPicture
from search.embed.towers import Towers as LoadedEncoder
from search.train.openclip_towers import NotTrainable, open_towers, openclip_arrays, pack_model
from search.train.pairs import Linked, Pair, PairArrays, Split, SplitBy, choose_split, link_pairs, split_pairs
from search.train.pairs_csv import PairRow, read_pairs
from search.train.preparing import decode_shots, described_arrays, find_films, seen_arrays, small_arrays
from search.train.rendered import render_pairs
from search.train.small_towers import SmallTowers, find_words
from search.train.towers import HeadTowers, Towers
from search.train.towers_file import write_towers

LEAST_HELD_OUT = 2
SENTENCES = "sentence-minilm"
LEARNING_RATES = {"small": 3e-3, "heads": 1e-3, "openclip": 1e-5}
"""Peaks after the warm-up: towers from nothing, heads, and a whole pretrained model."""

Pack = Callable[[Mapping[str, Any]], bytes]


@dataclass(frozen=True)
class Task:
    """Towers and their pairs. ``pack``: the trained towers with a recipe as the bytes of a file."""

    towers: Towers
    arrays: PairArrays
    split: Split
    split_by: SplitBy
    learning_rate: float
    recipe: dict[str, Any]
    pack: Pack


@dataclass(frozen=True)
class _Source:
    """Pairs, with pictures of each shot (by number) where there are any, and what is told of it in words."""

    pairs: tuple[Pair, ...]
    linked: Linked
    pictures: Callable[[], dict[int, Sequence[RgbPicture]]]
    descriptions: dict[int, list[str]]


def prepare_task(
    *,
    csv: Path | None,
    rendered: int | None,
    encoder: str | None,
    variant: str | None,
    split: SplitBy | None,
    seed: int,
    load: Callable[[str], LoadedEncoder],
    say: Callable[[str], None],
) -> Task:
    """Gather pairs of a CSV file or rendered ones, hold some out, and make the towers.

    Without ``encoder``: the sentence encoder where all shots are described, else small towers from nothing; without
    ``variant``: frozen over an encoder, full for small towers.

    Raises UnusableTable, UnusableEncoder, NotTrainable and ValueError with sentences.
    """
    source = _read(csv, say=say) if csv is not None else _render(rendered or 0, seed=seed, say=say)
    by = split or choose_split(source.pairs, least=LEAST_HELD_OUT)
    chosen = split_pairs(source.pairs, by=by)
    if min(len(chosen.learnt), len(chosen.held_out)) < LEAST_HELD_OUT:
        raise ValueError(
            f"Of {len(source.pairs)} pairs {len(chosen.learnt)} would be learnt and {len(chosen.held_out)} held out "
            f"(by {by}; {len(chosen.left_out)} more have a text that is learnt); two of each are the least. Bring more "
            "pairs, of more films."
        )
    name = encoder or (SENTENCES if source.descriptions else "small")
    variant = variant or ("full" if name == "small" else "frozen")
    if name == "small":
        made = _make_small(source, chosen.learnt, variant=variant, seed=seed)
    else:
        made = _make_over(load(name), name, source, variant=variant)
    recipe = {"encoder": name, "variant": variant, "split_by": by}
    return Task(made.towers, made.arrays, chosen, by, made.learning_rate, recipe, made.pack)


class _Made(NamedTuple):
    """Towers, their pairs, how fast they learn, and how they become a file."""

    towers: Towers
    arrays: PairArrays
    learning_rate: float
    pack: Pack


def _make_small(source: _Source, learnt: NDArray[np.int64], *, variant: str, seed: int) -> _Made:
    import torch

    if variant == "frozen":
        raise NotTrainable("Small towers begin with nothing that could be frozen; choose full or temporal.")
    words = find_words([source.pairs[number].text for number in learnt])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        towers = SmallTowers(words=words, is_temporal=variant == "temporal")
    arrays = small_arrays(source.linked, pictures=source.pictures(), words=words)
    return _Made(towers, arrays, LEARNING_RATES["small"], lambda recipe: write_towers(towers, recipe=recipe))


def _make_over(encoder: LoadedEncoder, name: str, source: _Source, *, variant: str) -> _Made:
    if variant == "full":
        towers, text, image = open_towers(encoder)
        arrays = openclip_arrays(source.linked, pictures=source.pictures(), text=text, form=image.form)
        return _Made(towers, arrays, LEARNING_RATES["openclip"], lambda recipe: pack_model(towers))
    heads = HeadTowers(dimension=encoder.text.dimension, is_temporal=variant == "temporal")
    if encoder.image is not None:
        arrays = seen_arrays(source.linked, pictures=source.pictures(), encoder=encoder)
    elif len(source.descriptions) == len(source.linked.shots):
        arrays = described_arrays(source.linked, descriptions=source.descriptions, text=encoder.text)
    else:
        raise NotTrainable(
            f"{name} knows words only, and {len(source.linked.shots) - len(source.descriptions)} shots have no "
            "description; export the pairs from an installation, which fills that column, or take --encoder small."
        )
    return _Made(heads, arrays, LEARNING_RATES["heads"], lambda recipe: write_towers(heads, recipe=recipe))


def _render(count: int, *, seed: int, say: Callable[[str], None]) -> _Source:
    made = render_pairs(count, seed=seed)
    say(f"{count:,} shots are rendered")
    pictures: dict[int, Sequence[RgbPicture]] = {number: list(frames) for number, frames in enumerate(made.shots)}
    # Every pair has a shot of its own, so that shots are numbered as pairs are.
    return _Source(made.pairs, link_pairs(made.pairs), lambda: pictures, {})


def _read(path: Path, *, say: Callable[[str], None]) -> _Source:
    rows = read_pairs(path.read_bytes())
    described = all(row.description for row in rows)
    if described:
        pairs = tuple(Pair(row.video, *_plain_span(row), row.text) for row in rows)
        linked = link_pairs(pairs)
        told = {pair[:3]: row.description for pair, row in zip(pairs, rows, strict=True)}
        return _Source(pairs, linked, lambda: _decode(linked, rows, path=path, say=say),
                       {number: [told[shot[:3]]] for number, shot in enumerate(linked.shots)})  # fmt: skip
    found, films = find_films(rows, folder=path.parent)
    linked = link_pairs(found)
    return _Source(tuple(found), linked, lambda: dict(decode_shots(linked.shots, films=films)), {})


def _decode(
    linked: Linked, rows: Sequence[PairRow], *, path: Path, say: Callable[[str], None]
) -> dict[int, Sequence[RgbPicture]]:
    _, films = find_films(rows, folder=path.parent)
    say(f"Decoding {len(linked.shots):,} shots …")
    return dict(decode_shots(linked.shots, films=films))


def _plain_span(row: PairRow) -> tuple[int, int]:
    """Frames of a row whose film need not be here."""
    if row.start.isdigit() and row.end.isdigit() and int(row.start) < int(row.end):
        return int(row.start), int(row.end)
    raise ValueError(f"Line {row.line}: with descriptions, start and end are frame numbers, the end after the start.")

