"""Two towers in ONNX, in the folder layout that photo servers exchange, run by ONNX Runtime.

The folder holds config.json (OpenCLIP's layout of the model), visual/model.onnx with visual/preprocess_cfg.json, and
textual/model.onnx with textual/tokenizer.json and textual/tokenizer_config.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embed.clip_tokens import Tokenize, file_tokenizer
from search.embed.encoder import RgbPicture, UnusableEncoder, Vectors
from search.embed.preprocess import PictureForm, prepare_picture, read_form, shape_picture
from search.embed.towers import Towers

AT_ONCE = 8
"""By measurement (tests/bench/search_encoders.py), where a file takes more than one at once at all."""
LONGEST_CONTEXT = 1024
LARGEST_JSON_BYTES = 1 << 20
_NUMBERS: Mapping[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


class OnnxTexts:
    """Words to vectors by a tower whose input is either ``text`` or ``input_ids`` and ``attention_mask``."""

    def __init__(self, network: _Network, tokenize: Tokenize, *, dimension: int, pad_number: int) -> None:
        self.dimension = dimension
        self._network, self._tokenize, self._pad_number = network, tokenize, pad_number

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode any number of texts: ``float32 (N, dimension)`` of length 1."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        tokens = self._tokenize(texts)
        inputs: dict[str, NDArray[Any]] = {}
        for name in self._network.inputs:
            inputs[name] = np.not_equal(tokens, self._pad_number) if "mask" in name else tokens
        return self._network.run(inputs, dimension=self.dimension)


class OnnxPictures:
    """Pictures to vectors by a tower that takes them normalised, or as plain levels where its input is uint8."""

    def __init__(self, network: _Network, form: PictureForm, *, dimension: int) -> None:
        self.dimension, self.side_px = dimension, max(form.height_px, form.width_px)
        self._network, self._form = network, form

    def encode_pictures(self, pictures: Sequence[RgbPicture]) -> Vectors:
        """Encode any number of pictures of any sizes: ``float32 (N, dimension)`` of length 1."""
        (name,) = self._network.inputs
        prepare = shape_picture if self._network.inputs[name] is np.uint8 else prepare_picture
        vectors = np.zeros((len(pictures), self.dimension), np.float32)
        for first in range(0, len(pictures), AT_ONCE):
            chosen = [prepare(picture, form=self._form) for picture in pictures[first : first + AT_ONCE]]
            vectors[first : first + len(chosen)] = self._network.run({name: np.stack(chosen)}, dimension=self.dimension)
        return vectors


def load_onnx_towers(folder: Path) -> Towers:
    """Load both towers of a folder.

    Raises UnusableEncoder, naming the file, where one is missing, cannot be read, or gives vectors of another length
    than config.json tells.
    """
    config = read_json(folder / "config.json")
    dimension = config.get("embed_dim")
    text = config.get("text_cfg")
    if type(dimension) is not int or not 0 < dimension <= 16_000 or not isinstance(text, dict):
        raise UnusableEncoder("config.json tells no embed_dim and text_cfg as OpenCLIP does; add another model.")
    context = text.get("context_length", 77)
    if type(context) is not int or not 2 <= context <= LONGEST_CONTEXT:
        raise UnusableEncoder("config.json tells a context_length without sense; add another model.")
    form = read_form(read_json(folder / "visual" / "preprocess_cfg.json"), name="visual/preprocess_cfg.json")
    pictures = OnnxPictures(_Network(folder / "visual" / "model.onnx", most_inputs=1), form, dimension=dimension)
    tokenize, pad_number = _read_tokenizer(folder / "textual", text, context=context)
    network = _Network(folder / "textual" / "model.onnx", most_inputs=2)
    return Towers(OnnxTexts(network, tokenize, dimension=dimension, pad_number=pad_number), pictures)


def read_json(path: Path) -> dict[str, Any]:
    """An object out of a JSON file of decent size. Raises UnusableEncoder, naming the file."""
    try:
        if path.stat().st_size > LARGEST_JSON_BYTES:
            raise UnusableEncoder(f"{path.name} is far larger than such a file is; add another model.")
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise UnusableEncoder(f"The model has no {path.name}; add it whole.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UnusableEncoder(f"{path.name} is no readable JSON; add the model again.") from error
    if not isinstance(content, dict):
        raise UnusableEncoder(f"{path.name} tells nothing by name; add another model.")
    return content


class _Network:
    """One ONNX file at work; ``inputs`` are the kinds of numbers it takes, by name."""

    def __init__(self, path: Path, *, most_inputs: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._called = f"{path.parent.name}/{path.name}"
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own exceptions have no common base
            raise UnusableEncoder(f"{self._called} is no network that ONNX Runtime can run; add another.") from error
        told = self._session.get_inputs()
        if not 1 <= len(told) <= most_inputs or any(each.type not in _NUMBERS for each in told):
            raise UnusableEncoder(f"{self._called} takes other inputs than such a tower does; add another model.")
        self.inputs = {each.name: _NUMBERS[each.type] for each in told}
        self._takes_one = any(each.shape and each.shape[0] == 1 for each in told)

    def run(self, inputs: Mapping[str, NDArray[Any]], *, dimension: int) -> Vectors:
        """Vectors of length 1 of a batch, ``float32 (N, dimension)``; raises UnusableEncoder for other outcomes."""
        count = len(next(iter(inputs.values())))
        given = {name: values.astype(self.inputs[name], copy=False) for name, values in inputs.items()}
        at_once = 1 if self._takes_one else AT_ONCE
        parts = []
        for first in range(0, count, at_once):
            part = {name: values[first : first + at_once] for name, values in given.items()}
            try:
                outcome = np.asarray(self._session.run(None, part)[0], np.float64)
            except Exception as error:
                raise UnusableEncoder(f"{self._called} could not be run on its inputs; add another model.") from error
            if outcome.shape != (len(next(iter(part.values()))), dimension):
                raise UnusableEncoder(
                    f"{self._called} gives vectors of {outcome.shape[-1] if outcome.ndim else 1} numbers and not of "
                    f"{dimension}, as config.json tells; add a model whose files belong together."
                )
            parts.append(outcome)
        vectors = np.concatenate(parts)
        if not np.isfinite(vectors).all():
            raise UnusableEncoder(f"{self._called} gives numbers without sense; add another model.")
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)


def _read_tokenizer(folder: Path, text: Mapping[str, Any], *, context: int) -> tuple[Tokenize, int]:
    told = read_json(folder / "tokenizer_config.json").get("pad_token")
    pad_token = told.get("content") if isinstance(told, dict) else told
    if not isinstance(pad_token, str):
        raise UnusableEncoder("tokenizer_config.json tells no pad_token; add another model.")
    settings = text.get("tokenizer_kwargs")
    is_canonical = isinstance(settings, dict) and settings.get("clean") == "canonicalize"
    return file_tokenizer(
        folder / "tokenizer.json", context=context, pad_token=pad_token, is_canonical=is_canonical
    )
