"""Writes small, real ONNX files for tests: the format is protocol buffers, of which a few fields are enough."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

OPSET, IR_VERSION = 13, 8
_FLOAT, _INT64 = 1, 7


def write_onnx(
    path: Path,
    *,
    nodes: Sequence[bytes],
    constants: Mapping[str, NDArray[np.generic]],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Write a graph of float32 inputs and outputs; a side that is a word may have any length."""
    graph = b"".join(_bytes(1, node) for node in nodes) + _bytes(2, b"tiny")
    graph += b"".join(_bytes(5, _tensor(name, values)) for name, values in constants.items())
    graph += b"".join(_bytes(11, _value(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_bytes(12, _value(name, shape)) for name, shape in outputs.items())
    model = _number(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _number(2, OPSET))
    for key, text in (metadata or {}).items():
        model += _bytes(14, _bytes(1, key.encode()) + _bytes(2, text.encode()))
    path.write_bytes(model)
    return path


def node(operator: str, inputs: Sequence[str], output: str, **attributes: int | Sequence[int]) -> bytes:
    """One operation with one output; attributes are whole numbers or lists of them."""
    parts = b"".join(_bytes(1, name.encode()) for name in inputs) + _bytes(2, output.encode())
    return parts + _bytes(4, operator.encode()) + b"".join(_bytes(5, _attribute(*each)) for each in attributes.items())


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _bytes(1, name.encode()) + _number(3, value) + _number(20, 2)
    return _bytes(1, name.encode()) + b"".join(_number(8, each) for each in value) + _number(20, 7)


def _tensor(name: str, values: NDArray[np.generic]) -> bytes:
    kind, stored = (_INT64, "<i8") if values.dtype.kind == "i" else (_FLOAT, "<f4")
    sides = b"".join(_number(1, side) for side in values.shape)
    return sides + _number(2, kind) + _bytes(8, name.encode()) + _bytes(9, values.astype(stored).tobytes())


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sides = b"".join(
        _bytes(1, _bytes(2, side.encode()) if isinstance(side, str) else _number(1, side)) for side in shape
    )
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, sides)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    groups = []
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])
