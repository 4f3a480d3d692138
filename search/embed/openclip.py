"""OpenCLIP models, out of files alone: words and pictures to vectors of one space."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from ava.annotate.compute_device import Device, prepare_torch
from search.embed.clip_tokens import Tokenize, Tokens
from search.embed.encoder import RgbPicture, UnusableEncoder, Vectors
from search.embed.preprocess import PictureForm, prepare_picture, read_form
from search.embed.towers import Towers

if TYPE_CHECKING:
    import torch

PICTURES_AT_ONCE: Mapping[str, int] = {"cpu": 8, "cuda": 64}
"""On a processor by measurement (tests/bench/search_encoders.py): more at once is no faster and takes more memory.
On a GPU not yet measured: enough to fill one."""
TEXTS_AT_ONCE = 32
_CONFIG_LIMIT = 1_000_000
"""No number of a model's layout is larger; one that is would only fill the memory."""
_UNFIT = (
    RuntimeError, ValueError, KeyError, TypeError, OSError, EOFError, AttributeError, AssertionError,
    pickle.UnpicklingError, SafetensorError,
)  # fmt: skip


class OpenClipTexts:
    """Words to vectors by a text tower of OpenCLIP."""

    def __init__(self, model: Any, tokenize: Tokenize, *, dimension: int) -> None:
        self.dimension = dimension
        self.model, self.tokenize = model, tokenize

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Encode any number of texts: ``float32 (N, dimension)`` of length 1.

        A causal tower that reads its answer off the end mark is run only up to that mark, which changes nothing and
        takes a sixth of the time for a query of ten words. Texts of one length go together.
        """
        import torch

        vectors = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        tokens = self.tokenize(texts)
        ends = _end_places(self.model, tokens)
        for end in np.unique(ends).tolist():
            numbers = np.flatnonzero(ends == end)
            for first in range(0, len(numbers), TEXTS_AT_ONCE):
                chosen = numbers[first : first + TEXTS_AT_ONCE]
                rows = torch.from_numpy(tokens[chosen, : end + 1]).to(_device_of(self.model))
                vectors[chosen] = _to_length_1(_run_text(self.model, rows))
        return vectors


class OpenClipPictures:
    """Pictures to vectors by an image tower of OpenCLIP."""

    def __init__(self, model: Any, form: PictureForm, *, dimension: int) -> None:
        self.dimension, self.side_px = dimension, max(form.height_px, form.width_px)
        self.model, self.form = model, form

    def encode_pictures(self, pictures: Sequence[RgbPicture]) -> Vectors:
        """Encode any number of pictures of any sizes: ``float32 (N, dimension)`` of length 1."""
        import torch

        device = _device_of(self.model)
        at_once = PICTURES_AT_ONCE[device.type]
        vectors = np.zeros((len(pictures), self.dimension), np.float32)
        for first in range(0, len(pictures), at_once):
            chosen = [prepare_picture(picture, form=self.form) for picture in pictures[first : first + at_once]]
            with torch.inference_mode():
                outcome = self.model.encode_image(torch.from_numpy(np.stack(chosen)).to(device))
            vectors[first : first + len(chosen)] = _to_length_1(outcome)
        return vectors


def load_openclip(weights: Path, *, architecture: str, tokenize: Tokenize, device: Device = "cpu") -> Towers:
    """Load an installed file of a model that OpenCLIP knows by name; nothing is ever downloaded.

    Pickles are read for their tensors alone. Raises UnusableEncoder where the file holds something else.
    Source: Ilharco and others, OpenCLIP, 2021; Radford and others, CLIP, 2021.
    """
    prepare_torch()
    open_clip = _open_clip()
    settings = open_clip.get_model_config(architecture)
    if settings is None:
        raise UnusableEncoder(f"OpenCLIP knows no model called {architecture}; choose one of its names.")
    try:
        model = open_clip.create_model(architecture, pretrained=str(weights), weights_only=True, device=device)
    except _UNFIT as error:
        raise UnusableEncoder(f"{weights.name} holds no model {architecture}; install the right file.") from error
    return _towers(open_clip, model, tokenize=tokenize, dimension=int(settings["embed_dim"]))


def load_openclip_layout(
    weights: Path, *, layout: Mapping[str, Any], tokenize: Tokenize, device: Device = "cpu"
) -> Towers:
    """Load a safetensors file of a model whose ``layout`` is an open_clip_config.json beside it.

    Raises UnusableEncoder where the layout asks for a download or has no sense, or the file does not fit it.
    """
    prepare_torch()
    open_clip = _open_clip()
    settings = check_layout(layout)
    try:
        kind = open_clip.CustomTextCLIP if settings.pop("custom_text", False) else open_clip.CLIP
        model = kind(**settings).to(device)
        open_clip.load_checkpoint(model, str(weights), weights_only=True)
    except _UNFIT as error:
        raise UnusableEncoder(f"{weights.name} does not fit its open_clip_config.json; add the model again.") from error
    form = layout.get("preprocess_cfg") or {}
    model.visual.preprocess_cfg = {"size": model.visual.image_size, **(form if isinstance(form, dict) else {})}
    return _towers(open_clip, model, tokenize=tokenize, dimension=int(settings["embed_dim"]))


def check_layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The model_cfg of an open_clip_config.json. Raises UnusableEncoder for one that would download or fill memory."""
    settings = layout.get("model_cfg")
    vision, text = (settings.get(part) if isinstance(settings, dict) else None for part in ("vision_cfg", "text_cfg"))
    if not isinstance(settings, dict) or not isinstance(vision, dict) or not isinstance(text, dict):
        raise UnusableEncoder("open_clip_config.json tells no model_cfg of a vision and a text tower.")
    if text.get("hf_model_name") or vision.get("timm_model_pretrained"):
        raise UnusableEncoder("This model needs parts that OpenCLIP would download; add one that is whole by itself.")
    numbers = [value for part in (settings, vision, text) for value in part.values() if isinstance(value, int)]
    if max(numbers, default=0) > _CONFIG_LIMIT:
        raise UnusableEncoder("open_clip_config.json asks for a network that no machine could hold.")
    if not isinstance(settings.get("embed_dim"), int):
        raise UnusableEncoder("open_clip_config.json does not tell how long the model's vectors are.")
    return dict(settings)


def _open_clip() -> Any:
    from ava.annotate.torchvision_operators import provide_torchvision_operators

    provide_torchvision_operators()
    import open_clip

    return open_clip


def _towers(open_clip: Any, model: Any, *, tokenize: Tokenize, dimension: int) -> Towers:
    model.eval().requires_grad_(False)
    form = read_form(open_clip.get_model_preprocess_cfg(model), name="preprocess_cfg")
    texts = OpenClipTexts(model, tokenize, dimension=dimension)
    return Towers(texts, OpenClipPictures(model, form, dimension=dimension))


def _end_places(model: Any, tokens: Tokens) -> NDArray[np.intp]:
    """Where each text's end mark is, if the tower needs nothing behind it; else the last place."""
    is_causal = getattr(model, "attn_mask", None) is not None and getattr(model, "text_pool_type", "") == "argmax"
    if is_causal:
        return np.asarray(tokens.argmax(axis=1), np.intp)  # the end mark has the highest number
    return np.full(len(tokens), tokens.shape[1] - 1, np.intp)


def _run_text(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    """As the model's own encode_text, for texts that end with their last token."""
    import torch

    with torch.inference_mode():
        length = tokens.shape[1]
        if getattr(model, "attn_mask", None) is None or length == model.context_length:
            whole: torch.Tensor = model.encode_text(tokens)
            return whole
        values = model.token_embedding(tokens) + model.positional_embedding[:length]
        values = model.ln_final(model.transformer(values, attn_mask=model.attn_mask[:length, :length]))[:, -1]
        projection = model.text_projection
        if projection is None:
            return torch.as_tensor(values)
        return torch.as_tensor(projection(values) if isinstance(projection, torch.nn.Linear) else values @ projection)


def _to_length_1(outcome: torch.Tensor) -> Vectors:
    vectors = outcome.float().cpu().numpy().astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _device_of(model: Any) -> torch.device:
    device: torch.device = next(model.parameters()).device
    return device
