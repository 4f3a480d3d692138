"""Files that hold trained towers: safetensors with a header of JSON, read without trusting them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ava.train.network_file import UnfitNetwork, fill_network, pack_network, unpack_network
from ava.train.recipe import is_plain
from search.embed.encoder import UnusableEncoder

if TYPE_CHECKING:
    from search.train.towers import Towers

FORMAT = "ava two towers 1"
LARGEST_BYTES = 32 << 20
_DIMENSIONS = range(1, 2049)
_CHANNELS = range(1, 65)


class TowersFile(NamedTuple):
    """Towers ready to encode; ``kind``: "heads" or "small"; ``recipe``: what made them; ``sha256``: of the file."""

    towers: Towers
    kind: str
    recipe: dict[str, Any]
    sha256: str


def write_towers(towers: Towers, *, recipe: Mapping[str, Any]) -> bytes:
    """Towers as a file; the same towers and recipe always give the same bytes."""
    from search.train.towers import HeadTowers

    kind = "heads" if isinstance(towers, HeadTowers) else "small"
    header = {"format": FORMAT, "kind": kind, "layout": towers.layout(), "recipe": dict(recipe)}
    return pack_network(towers, header=header)


def read_towers(packed: bytes, *, name: str = "The file") -> TowersFile:
    """Read what ``write_towers`` wrote; raises UnusableEncoder with one sentence, which begins with ``name``."""
    try:
        header, arrays = unpack_network(packed, largest_bytes=LARGEST_BYTES)
    except UnfitNetwork as error:
        raise UnusableEncoder(f"{name} holds no trained towers: {error}.") from error
    kind, layout = header.get("kind"), header.get("layout")
    if header.get("format") != FORMAT or not isinstance(layout, dict) or not isinstance(header.get("recipe"), dict):
        raise UnusableEncoder(f"{name} holds no towers of this program: its format is not “{FORMAT}”.")
    if not is_plain(header["recipe"]):
        raise UnusableEncoder(f"{name} does not fit: its recipe holds what cannot be kept as text and numbers.")
    towers = _build(str(kind), layout, name=name)
    try:
        fill_network(towers, arrays)
    except UnfitNetwork as error:
        raise UnusableEncoder(f"{name} does not fit: {error}.") from error
    return TowersFile(towers, str(kind), header["recipe"], hashlib.sha256(packed).hexdigest())


def _build(kind: str, layout: dict[str, Any], *, name: str) -> Towers:
    from search.train.small_towers import MOST_WORDS, SmallTowers
    from search.train.towers import HeadTowers

    dimension, is_temporal = layout.get("dimension"), layout.get("is_temporal")
    if type(dimension) is int and dimension in _DIMENSIONS and isinstance(is_temporal, bool):
        if kind == "heads" and set(layout) == {"dimension", "is_temporal"}:
            return HeadTowers(dimension=dimension, is_temporal=is_temporal)
        words, channels = layout.get("words"), layout.get("channels")
        if kind == "small" and _are_words(words, most=MOST_WORDS) and type(channels) is int and channels in _CHANNELS:
            assert isinstance(words, list)
            return SmallTowers(words=words, is_temporal=is_temporal, dimension=dimension, channels=channels)
    raise UnusableEncoder(f"{name} does not fit: its layout is none of this program's towers.")


def _are_words(given: object, *, most: int) -> bool:
    return isinstance(given, list) and len(given) <= most and all(isinstance(each, str) for each in given)
