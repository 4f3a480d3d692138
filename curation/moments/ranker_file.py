"""Files that hold a trained ranker of moments, with what made it; read without trusting them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ava.train.network_file import UnfitNetwork, fill_network, pack_network, unpack_network
from ava.train.recipe import is_plain
from curation.moments.shot_features import FEATURES, FEATURES_VERSION

if TYPE_CHECKING:
    from curation.moments.network import RankingNetwork

FORMAT = "ava moment ranker 1"
LARGEST_BYTES = 4 << 20
LARGEST_DIMENSION = 4096
_WIDTHS = range(1, 129)


class UnfitRanker(ValueError):
    """A file that is no ranker of this program; the sentence says what does not fit."""


class Ranker(NamedTuple):
    """A network ready to score."""

    network: RankingNetwork

    @property
    def dimension(self) -> int:
        """Of the embeddings that it looks at; 0: it looks at none."""
        return self.network.dimension


class RankerFile(NamedTuple):
    """``recipe``: what made the ranker, the encoder of its embeddings too. ``sha256``: of the file."""

    ranker: Ranker
    recipe: dict[str, Any]
    sha256: str


def write_ranker(ranker: Ranker, *, recipe: Mapping[str, Any]) -> bytes:
    """A ranker as a file; the same ranker and recipe always give the same bytes."""
    network = ranker.network
    layout = {"dimension": network.dimension, "width": network.width}
    header = {"format": FORMAT, "features": _features(), "layout": layout, "recipe": dict(recipe)}
    return pack_network(network, header=header)


def read_ranker(packed: bytes, *, name: str = "The file") -> RankerFile:
    """Read what ``write_ranker`` wrote; raises UnfitRanker with one sentence, which begins with ``name``."""
    try:
        header, layers = unpack_network(packed, largest_bytes=LARGEST_BYTES)
    except UnfitNetwork as error:
        raise UnfitRanker(f"{name} holds no ranker of moments: {error}.") from error
    recipe = header.get("recipe")
    if header.get("format") != FORMAT or not isinstance(recipe, dict):
        raise UnfitRanker(f"{name} holds no ranker of this program: its format is not “{FORMAT}”.")
    if header.get("features") != _features():
        raise UnfitRanker(f"{name} was learnt on other measures of shots than this program takes; train anew.")
    if not is_plain(recipe):
        raise UnfitRanker(f"{name} does not fit: its recipe holds what cannot be kept as text and numbers.")
    network = _build(header.get("layout"), name=name)
    try:
        fill_network(network, layers)
    except UnfitNetwork as error:
        raise UnfitRanker(f"{name} does not fit: {error}.") from error
    return RankerFile(Ranker(network), recipe, hashlib.sha256(packed).hexdigest())


def _features() -> list[int | str]:
    """What a ranker's inputs are."""
    return [FEATURES_VERSION, *(feature.name for feature in FEATURES)]


def _build(layout: object, *, name: str) -> RankingNetwork:
    from curation.moments.network import RankingNetwork

    if isinstance(layout, dict) and set(layout) == {"dimension", "width"}:
        dimension, width = layout["dimension"], layout["width"]
        if type(dimension) is int and 0 <= dimension <= LARGEST_DIMENSION and type(width) is int and width in _WIDTHS:
            return RankingNetwork(dimension=dimension, width=width)
    raise UnfitRanker(f"{name} does not fit: its layout is none of this program's rankers.")
