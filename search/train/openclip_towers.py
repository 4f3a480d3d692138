"""Both towers of an installed OpenCLIP model, every weight of which is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from search.embed.encoder import RgbPicture
from search.embed.openclip import OpenClipPictures, OpenClipTexts
from search.embed.preprocess import PictureForm, prepare_picture
from search.train.pairs import Linked, PairArrays
from search.train.towers import MeanPool, Towers, to_length_1

if TYPE_CHECKING:
    from search.embed.towers import Towers as LoadedEncoder


class NotTrainable(ValueError):
    """An encoder whose weights cannot be trained; the sentence says why and what can be done instead."""


class OpenClipTowers(Towers):
    """An OpenCLIP model whose frames are mean-pooled to shots; it is trained in place.

    Frames are ``float32 (N, F, 3, H, W)`` as the model wants them, texts ``int64 (N, L)`` tokens.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        for parameter in model.parameters():
            parameter.requires_grad_(True)
        # The model's own temperature is not used: `log_scale` begins where it is.
        scale = getattr(model, "logit_scale", None)
        if isinstance(scale, torch.Tensor):
            scale.requires_grad_(False)
            self.log_scale.data.copy_(scale.detach())
        self.pool = MeanPool()

    def encode_shots(self, shots: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        count, frames = shots.shape[:2]
        seen: torch.Tensor = self.model.encode_image(shots.flatten(0, 1))  # type: ignore[operator]
        return to_length_1(self.pool(seen.reshape(count, frames, -1), present))

    def encode_texts(self, texts: torch.Tensor) -> torch.Tensor:
        said: torch.Tensor = self.model.encode_text(texts)  # type: ignore[operator]
        return to_length_1(said)

    def layout(self) -> dict[str, Any]:
        return {"model": type(self.model).__name__}


def open_towers(encoder: LoadedEncoder) -> tuple[OpenClipTowers, OpenClipTexts, OpenClipPictures]:
    """Towers of a loaded OpenCLIP encoder, with what makes its tokens and its pictures.

    Raises NotTrainable for other encoders.
    """
    text, image = encoder.text, encoder.image
    if not isinstance(text, OpenClipTexts) or not isinstance(image, OpenClipPictures):
        raise NotTrainable(
            "Only models that OpenCLIP runs can be trained whole; train heads over this one (--variant frozen)."
        )
    return OpenClipTowers(text.model), text, image


def openclip_arrays(
    linked: Linked, *, pictures: Mapping[int, Sequence[RgbPicture]], text: OpenClipTexts, form: PictureForm
) -> PairArrays:
    """Pairs as these towers take them: pictures in the model's form, and tokens."""
    most = max([1, *(len(frames) for frames in pictures.values())])
    shots = np.zeros((len(linked.shots), most, 3, form.height_px, form.width_px), np.float32)
    present = np.zeros(shots.shape[:2], np.bool_)
    for number, frames in pictures.items():
        for place, picture in enumerate(frames):
            shots[number, place] = prepare_picture(picture, form=form)
            present[number, place] = True
    return PairArrays(shots, present, np.asarray(text.tokenize(linked.texts), np.int64), linked.links)


def pack_model(towers: OpenClipTowers) -> bytes:
    """The trained weights as a safetensors file that is installed in place of the model's own, the temperature too."""
    from safetensors.torch import save

    weights = {name: value.detach().clone().contiguous() for name, value in towers.model.state_dict().items()}
    if "logit_scale" in weights:
        weights["logit_scale"] = towers.log_scale.detach().clone().reshape(weights["logit_scale"].shape)
    return bytes(save(weights))
