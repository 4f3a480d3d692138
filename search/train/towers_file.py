"""Files that hold trained towers: safetensors with a header of JSON, read without trusting them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.train.recipe import is_plain
from search.embed.encoder import UnusableEncoder

if TYPE_CHECKING:
    from search.train.towers import Towers

FORMAT = "ava two towers 1"
LARGEST_BYTES = 32 << 20
_LONGEST_HEADER = 1 << 20
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
    from safetensors.numpy import save

    from search.train.towers import HeadTowers

    kind = "heads" if isinstance(towers, HeadTowers) else "small"
    header = {"format": FORMAT, "kind": kind, "layout": towers.layout(), "recipe": dict(recipe)}
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)
    arrays = {name: value.detach().cpu().contiguous().numpy() for name, value in towers.state_dict().items()}
    return bytes(save(arrays, metadata={"header": text}))


def read_towers(packed: bytes, *, name: str = "The file") -> TowersFile:
    """Read what ``write_towers`` wrote; raises UnusableEncoder with one sentence, which begins with ``name``."""
    if len(packed) > LARGEST_BYTES:
        raise UnusableEncoder(f"{name} holds no trained towers: it is larger than {LARGEST_BYTES >> 20} MB.")
    arrays, header = _unpack(packed, name=name)
    kind, layout = header.get("kind"), header.get("layout")
    if header.get("format") != FORMAT or not isinstance(layout, dict) or not isinstance(header.get("recipe"), dict):
        raise UnusableEncoder(f"{name} holds no towers of this program: its format is not “{FORMAT}”.")
    if not is_plain(header["recipe"]):
        raise UnusableEncoder(f"{name} does not fit: its recipe holds what cannot be kept as text and numbers.")
    towers = _build(str(kind), layout, name=name)
    _fill(towers, arrays, name=name)
    return TowersFile(towers, str(kind), header["recipe"], hashlib.sha256(packed).hexdigest())


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
        raise UnusableEncoder(f"{name} holds no trained towers: it is no safetensors file of this program.") from error
    if not isinstance(header, dict):
        raise UnusableEncoder(f"{name} holds no trained towers: its header is no table.")
    return arrays, header


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


def _fill(towers: Towers, arrays: Mapping[str, NDArray[Any]], *, name: str) -> None:
    import torch

    wanted = towers.state_dict()
    if set(arrays) != set(wanted):
        odd = min(set(arrays) ^ set(wanted))
        raise UnusableEncoder(f"{name} does not fit: its layers are not those of these towers ({odd!r:.60}).")
    for layer, values in arrays.items():
        fitting = tuple(wanted[layer].shape)
        if values.dtype != np.float32 or values.shape != fitting:
            raise UnusableEncoder(
                f"{name} does not fit: {layer} is {values.dtype} {values.shape}, not float32 {fitting}."
            )
        if not np.isfinite(values).all():
            raise UnusableEncoder(f"{name} does not fit: {layer} holds values that are no numbers.")
    towers.load_state_dict({layer: torch.from_numpy(values.copy()) for layer, values in arrays.items()})
    towers.eval()
