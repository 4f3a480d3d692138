"""Reading networks that dlib has saved: the layers in their order, with their sizes and parameters."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.annotate.network_errors import UnusableNetwork

INPUT_LAYER = "input_rgb_image_sized"
_LONGEST_NAME = 64
_TENSOR_VERSION = 2
_UNPACKED_BITS = 0x70
_NUMBERS_AFTER_POOL = 6
_NUMBERS_OF_CONVOLUTION = 7
_NUMBERS_OF_ALIAS = 5
_NUMBERS_OF_RATES = 8
_TENSORS_AT_END = 3


class Layer(NamedTuple):
    """One layer: ``kind`` as dlib names it, ``numbers`` its sizes in dlib's order, ``parameters`` ``float32 (N,)``.

    Numbers of "con": filters, height, width, strides y and x, paddings y and x; of pools: height and width (0: all),
    strides and paddings; of "fc": outputs, inputs; none of others.
    """

    kind: str
    numbers: tuple[int, ...]
    parameters: NDArray[np.float32]


class SavedNetwork(NamedTuple):
    """``mean_levels`` ``(3,)`` are taken from RGB levels 0–255, pictures are ``size_px`` (height, width)."""

    mean_levels: NDArray[np.float64]
    size_px: tuple[int, int]
    layers: tuple[Layer, ...]


def read_saved_network(path: Path) -> SavedNetwork:
    """Read a network of convolutions, affine maps, pools, sums and one last linear map, nearest to its input first.

    The format is that of ``dlib::serialize`` (King 2009, "Dlib-ml: A machine learning toolkit", and dlib's sources):
    whole numbers packed behind a byte with their sign and length, other numbers as mantissa and exponent, tensors as
    four sizes and little-endian ``float32``. Raises ``UnusableNetwork``.
    """
    stream = _Stream(path)
    stream.number()
    stream.text()  # the loss that it was trained with
    stream.numbers(4)
    # Versions of the nested layers' formats, then the length of the input's name.
    while stream.number() != len(INPUT_LAYER):
        pass
    if stream.raw(len(INPUT_LAYER)) != INPUT_LAYER.encode():
        raise stream.damaged(f"has no {INPUT_LAYER} layer")
    mean_levels = np.array([stream.float_number() for _ in range(3)])
    height, width = stream.numbers(2)
    layers = [_read_layer(stream)]
    stream.number()  # how many samples a picture makes, kept with the layer at the input
    while not stream.is_at_end:
        layers.append(_read_layer(stream))
    return SavedNetwork(mean_levels, (height, width), tuple(layers))


class _Stream:
    """A file's bytes, read from first to last; never reads beyond the end, whatever lengths it is told."""

    def __init__(self, path: Path) -> None:
        self._name, self._bytes, self._at = path.name, path.read_bytes(), 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._bytes)

    def damaged(self, what: str) -> UnusableNetwork:
        return UnusableNetwork(f"{self._name} {what} (byte {self._at:,}); fetch or add the model file again.")

    def raw(self, length: int) -> bytes:
        if not 0 <= length <= len(self._bytes) - self._at:
            raise self.damaged("ends too early")
        self._at += length
        return self._bytes[self._at - length : self._at]

    def number(self) -> int:
        """A whole number: bit 7 of the first byte is its sign, the low half the count of little-endian bytes."""
        head = self.raw(1)[0]
        if head & _UNPACKED_BITS or head & 15 > 8:
            raise self.damaged("holds no number where one should be")
        value = int.from_bytes(self.raw(head & 15), "little")
        return -value if head & 128 else value

    def numbers(self, count: int) -> tuple[int, ...]:
        return tuple(self.number() for _ in range(count))

    def float_number(self) -> float:
        mantissa, exponent = self.numbers(2)
        if abs(exponent) > 1100:
            raise self.damaged("holds a number beyond all bounds")
        return float(np.ldexp(float(mantissa), exponent))

    def text(self) -> str:
        length = self.number()
        if not 0 < length <= _LONGEST_NAME:
            raise self.damaged("names no layer where one should be")
        return self.raw(length).decode("ascii", errors="replace")

    def tensor(self) -> NDArray[np.float32]:
        if self.number() != _TENSOR_VERSION:
            raise self.damaged("holds no parameters where they should be")
        sizes = self.numbers(4)
        if min(sizes) < 0:
            raise self.damaged("holds parameters of a negative size")
        # Python's whole numbers do not overflow: a huge size ends at the file's end.
        count = sizes[0] * sizes[1] * sizes[2] * sizes[3]
        return np.frombuffer(self.raw(4 * count), dtype="<f4").astype(np.float32)


def _read_layer(stream: _Stream) -> Layer:
    name = stream.text()
    kind = name.rstrip("_0123456789")
    numbers: tuple[int, ...] = ()
    parameters = np.empty(0, np.float32)
    if kind == "con":
        parameters, numbers = stream.tensor(), stream.numbers(_NUMBERS_OF_CONVOLUTION)
        stream.numbers(2 * _NUMBERS_OF_ALIAS + _NUMBERS_OF_RATES)
    elif kind == "affine":
        parameters = stream.tensor()
        stream.numbers(2 * _NUMBERS_OF_ALIAS + 1)
    elif kind in {"max_pool", "avg_pool"}:
        numbers = stream.numbers(_NUMBERS_AFTER_POOL)
    elif kind == "fc":
        numbers, parameters = stream.numbers(2), stream.tensor()
        stream.numbers(2 * _NUMBERS_OF_ALIAS + 1 + _NUMBERS_OF_RATES)
    elif kind not in {"relu", "add_prev"}:
        raise stream.damaged(f"holds a layer {name!r} that is not known here")
    if not set(stream.raw(3)) <= set(b"01"):
        raise stream.damaged(f"holds no end of the layer {name!r}")
    for _ in range(_TENSORS_AT_END):  # what training left there
        stream.tensor()
    return Layer(kind, numbers, parameters)
