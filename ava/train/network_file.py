"""Trained networks as files: safetensors with a header of JSON, read without trusting them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import nn

LONGEST_HEADER = 1 << 20
"""Bytes of a file's header, with the names of its layers."""


class UnfitNetwork(ValueError):
    """A file that holds no such network; the words say why and complete a sentence: "it is larger than 4 MB"."""


class UnpackedNetwork(NamedTuple):
    """``header`` as it was given to ``pack_network``; ``layers``: arrays by name."""

    header: dict[str, Any]
    layers: dict[str, NDArray[Any]]


def pack_network(network: nn.Module, *, header: Mapping[str, Any]) -> bytes:
    """A network's weights with a header of JSON values; the same ones always give the same bytes."""
    from safetensors.numpy import save

    text = json.dumps(dict(header), sort_keys=True, ensure_ascii=False, allow_nan=False)
    layers = {name: value.detach().cpu().contiguous().numpy() for name, value in network.state_dict().items()}
    return bytes(save(layers, metadata={"header": text}))


def unpack_network(packed: bytes, *, largest_bytes: int) -> UnpackedNetwork:
    """Read what ``pack_network`` wrote, running none of it; raises UnfitNetwork for anything else."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if len(packed) > largest_bytes:
        raise UnfitNetwork(f"it is larger than {largest_bytes >> 20} MB")
    try:
        length = int.from_bytes(packed[:8], "little")
        if length > LONGEST_HEADER:
            raise ValueError("its header is too long")
        header = json.loads(json.loads(packed[8 : 8 + length])["__metadata__"]["header"])
        layers = load(packed)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise UnfitNetwork("it is no safetensors file of this program") from error
    if not isinstance(header, dict):
        raise UnfitNetwork("its header is no table")
    return UnpackedNetwork(header, layers)


def fill_network(network: nn.Module, layers: Mapping[str, NDArray[Any]]) -> None:
    """Give a network weights that were read, and have it judge; raises UnfitNetwork unless all of them fit it."""
    import torch

    wanted = network.state_dict()
    if set(layers) != set(wanted):
        odd = min(set(layers) ^ set(wanted))
        raise UnfitNetwork(f"its layers are others ({odd!r:.60})")
    for name, values in layers.items():
        fitting = tuple(wanted[name].shape)
        if values.dtype != np.float32 or values.shape != fitting:
            raise UnfitNetwork(f"{name} is {values.dtype} {values.shape}, not float32 {fitting}")
        if not np.isfinite(values).all():
            raise UnfitNetwork(f"{name} holds values that are no numbers")
    network.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in layers.items()})
    network.eval()
