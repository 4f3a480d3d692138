"""The forward pass of BERT, read from a safetensors file: word pieces in, one vector a piece out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from search.embed.encoder import UnusableEncoder

if TYPE_CHECKING:
    import torch

LAYER_NORM_EPSILON = 1e-12
_PIECES = "embeddings.word_embeddings.weight"
HEAD_WIDTH = 32
"""Of the MiniLM family: 384 wide, 12 heads. The file tells the width and not the heads."""


class _Linear(NamedTuple):
    weight: torch.Tensor
    bias: torch.Tensor


class _Layer(NamedTuple):
    query_key_value: _Linear
    attention_out: _Linear
    attention_norm: _Linear
    widen: _Linear
    narrow: _Linear
    out_norm: _Linear


class Bert(NamedTuple):
    """The weights of an encoder; ``pieces`` of the vocabulary and ``positions`` each have a row of ``width``."""

    pieces: torch.Tensor
    positions: torch.Tensor
    embedding_norm: _Linear
    layers: tuple[_Layer, ...]

    @property
    def width(self) -> int:
        return int(self.pieces.shape[1])

    @property
    def longest(self) -> int:
        return int(self.positions.shape[0])


def read_width(path: Path) -> int:
    """How long the vectors of an encoder's file are, from its header alone. Raises UnusableEncoder."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return int(file.get_slice(_PIECES).get_shape()[1])
    except (OSError, SafetensorError, ValueError, IndexError) as error:
        raise UnusableEncoder(f"{path.name} holds no BERT sentence encoder; install the model file again.") from error


def load_bert(path: Path) -> Bert:
    """Read the weights of a BERT encoder under the names that its authors gave them.

    Raises UnusableEncoder, naming the file, where it is no safetensors file or holds other weights.
    Source: Devlin and others, BERT, 2019.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise UnusableEncoder(f"{path.name} is no readable safetensors file; install the model file again.") from error
    try:
        return _read(weights)
    except (KeyError, RuntimeError, IndexError) as error:
        raise UnusableEncoder(f"{path.name} holds no BERT sentence encoder; install the model file again.") from error


def encode_pieces(bert: Bert, sequences: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    """Run the network over sequences of word pieces and give each one's ``float32 (T, D)``.

    Nothing is padded: what is done piece by piece runs over all pieces at once, attention over each sequence alone,
    so that a sequence's outcome does not hang on its neighbours. No sequence may be empty or longer than ``longest``.
    """
    import torch
    from torch.nn import functional

    if not sequences:
        return []
    lengths = [len(sequence) for sequence in sequences]
    with torch.inference_mode():
        pieces = torch.tensor([piece for sequence in sequences for piece in sequence])
        places = torch.cat([torch.arange(length) for length in lengths])
        # Rows of positions already hold the first kind of segment, the only one that single sentences have.
        values = _norm(functional.embedding(pieces, bert.pieces) + bert.positions[places], bert.embedding_norm)
        for layer in bert.layers:
            attended = functional.linear(_attend(values, layer, lengths), *layer.attention_out)
            values = _norm(values + attended, layer.attention_norm)
            wide = functional.gelu(functional.linear(values, *layer.widen))
            values = _norm(values + functional.linear(wide, *layer.narrow), layer.out_norm)
        return list(torch.split(values, lengths))


def _attend(values: torch.Tensor, layer: _Layer, lengths: Sequence[int]) -> torch.Tensor:
    import torch
    from torch.nn import functional

    width = values.shape[1]
    # (3, heads, pieces, head width)
    projected = functional.linear(values, *layer.query_key_value).view(-1, 3, width // HEAD_WIDTH, HEAD_WIDTH)
    parts = []
    for part in torch.split(projected.permute(1, 2, 0, 3), list(lengths), dim=2):
        query, key, value = part.unsqueeze(1)
        parts.append(functional.scaled_dot_product_attention(query, key, value)[0].transpose(0, 1))
    return torch.cat(parts).reshape(-1, width)


def _norm(values: torch.Tensor, norm: _Linear) -> torch.Tensor:
    from torch.nn import functional

    return functional.layer_norm(values, (values.shape[-1],), norm.weight, norm.bias, LAYER_NORM_EPSILON)


def _read(weights: Mapping[str, torch.Tensor]) -> Bert:
    count = sum(name.endswith("attention.self.query.weight") for name in weights)
    if not count or weights[_PIECES].shape[1] % HEAD_WIDTH:
        raise KeyError("encoder.layer")
    segments = weights["embeddings.token_type_embeddings.weight"]
    return Bert(
        pieces=weights[_PIECES].float(),
        positions=weights["embeddings.position_embeddings.weight"].float() + segments[0].float(),
        embedding_norm=_linear(weights, "embeddings.LayerNorm"),
        layers=tuple(_read_layer(weights, f"encoder.layer.{number}") for number in range(count)),
    )


def _read_layer(weights: Mapping[str, torch.Tensor], place: str) -> _Layer:
    import torch

    parts = [_linear(weights, f"{place}.attention.self.{part}") for part in ("query", "key", "value")]
    return _Layer(
        query_key_value=_Linear(
            torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts])
        ),
        attention_out=_linear(weights, f"{place}.attention.output.dense"),
        attention_norm=_linear(weights, f"{place}.attention.output.LayerNorm"),
        widen=_linear(weights, f"{place}.intermediate.dense"),
        narrow=_linear(weights, f"{place}.output.dense"),
        out_norm=_linear(weights, f"{place}.output.LayerNorm"),
    )


def _linear(weights: Mapping[str, torch.Tensor], place: str) -> _Linear:
    return _Linear(weights[f"{place}.weight"].float(), weights[f"{place}.bias"].float())
