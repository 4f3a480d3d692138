"""Files that hold a trained ranker of moments: safetensors with a header of JSON, read without trusting them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.train.recipe import is_plain
from curation.moments.shot_features import FEATURES, FEATURES_VERSION

if TYPE_CHECKING:
    from curation.moments.network import RankingNetwork

FORMAT = "ava moment ranker 1"
LARGEST_BYTES = 4 << 20
LARGEST_DIMENSION = 4096
_LONGEST_HEADER = 1 << 20
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
    from safetensors.numpy import save

    network = ranker.network
    header = {
        "format": FORMAT,
        "features": [FEATURES_VERSION, *(feature.name for feature in FEATURES)],
        "layout": {"dimension": network.dimension, "width": network.width},
        "recipe": dict(recipe),
    }
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)
    arrays = {name: value.detach().cpu().contiguous().numpy() for name, value in network.state_dict().items()}
    return bytes(save(arrays, metadata={"header": text}))


def read_ranker(packed: bytes, *, name: str = "The file") -> RankerFile:
    """Read what ``write_ranker`` wrote; raises UnfitRanker with one sentence, which begins with ``name``."""
    if len(packed) > LARGEST_BYTES:
        raise UnfitRanker(f"{name} holds no ranker of moments: it is larger than {LARGEST_BYTES >> 20} MB.")
    arrays, header = _unpack(packed, name=name)
    if header.get("format") != FORMAT or not isinstance(header.get("recipe"), dict):
        raise UnfitRanker(f"{name} holds no ranker of this program: its format is not “{FORMAT}”.")
    if header.get("features") != [FEATURES_VERSION, *(feature.name for feature in FEATURES)]:
        raise UnfitRanker(f"{name} was learnt on other measures of shots than this program takes; train anew.")
    if not is_plain(header["recipe"]):
        raise UnfitRanker(f"{name} does not fit: its recipe holds what cannot be kept as text and numbers.")
    network = _build(header.get("layout"), name=name)
    _fill(network, arrays, name=name)
    return RankerFile(Ranker(network), header["recipe"], hashlib.sha256(packed).hexdigest())


def _unpack(packed: bytes, *, name: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        length = int.from_bytes(packed[:8], "little")
        if length > _LONGEST_HEADER:
            raise ValueError("its header is too long")
        header = json.loads(json.loads(packed[8 : 8 + length])["__metadata__"]["header"])
        arrays = load(packed)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise UnfitRanker(f"{name} holds no ranker of moments: it is no safetensors file of this program.") from error
    if not isinstance(header, dict):
        raise UnfitRanker(f"{name} holds no ranker of moments: its header is no table.")
    return arrays, header


def _build(layout: object, *, name: str) -> RankingNetwork:
    from curation.moments.network import RankingNetwork

    if isinstance(layout, dict) and set(layout) == {"dimension", "width"}:
        dimension, width = layout["dimension"], layout["width"]
        if type(dimension) is int and 0 <= dimension <= LARGEST_DIMENSION and type(width) is int and width in _WIDTHS:
            return RankingNetwork(dimension=dimension, width=width)
    raise UnfitRanker(f"{name} does not fit: its layout is none of this program's rankers.")


def _fill(network: RankingNetwork, arrays: Mapping[str, NDArray[Any]], *, name: str) -> None:
    import torch

    wanted = network.state_dict()
    if set(arrays) != set(wanted):
        odd = min(set(arrays) ^ set(wanted))
        raise UnfitRanker(f"{name} does not fit: its layers are not those of a ranker ({odd!r:.60}).")
    for layer, values in arrays.items():
        fitting = tuple(wanted[layer].shape)
        if values.dtype != np.float32 or values.shape != fitting:
            raise UnfitRanker(f"{name} does not fit: {layer} is {values.dtype} {values.shape}, not float32 {fitting}.")
        if not np.isfinite(values).all():
            raise UnfitRanker(f"{name} does not fit: {layer} holds values that are no numbers.")
    network.load_state_dict({layer: torch.from_numpy(values.copy()) for layer, values in arrays.items()})
    network.eval()
