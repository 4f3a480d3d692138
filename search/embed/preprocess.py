"""Pictures as vision–language models want them: resized, cropped and normalised exactly as in their training."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from search.embed.encoder import RgbPicture, UnusableEncoder

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
LARGEST_SIDE_PX = 1024
MOST_ASPECT = 32
"""Of longer pictures only the middle is looked at, or their resized form would not fit into memory."""
_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}

ResizeMode = Literal["shortest", "longest", "squash"]


class PictureForm(NamedTuple):
    """The form of a model's pictures, under the names that OpenCLIP gives its parts.

    ``resize_mode``: "shortest" fills the square and crops the middle, "longest" fits into it and fills up with
    ``fill_level``, "squash" distorts. ``mean`` and ``deviation`` are of RGB 0–1.
    """

    height_px: int = 224
    width_px: int = 224
    mean: tuple[float, float, float] = CLIP_MEAN
    deviation: tuple[float, float, float] = CLIP_DEVIATION
    interpolation: str = "bicubic"
    resize_mode: ResizeMode = "shortest"
    fill_level: int = 0


def read_form(told: Mapping[str, Any], *, name: str) -> PictureForm:
    """A form out of a model's preprocess_cfg; what it does not tell is as in CLIP.

    Raises UnusableEncoder, naming the file, where something in it has no sense.
    """
    try:
        size = told.get("size", 224)
        height_px, width_px = (int(side) for side in (size if isinstance(size, list | tuple) else (size, size)))
        form = PictureForm(
            height_px=height_px,
            width_px=width_px,
            mean=_three(told.get("mean") or CLIP_MEAN),
            deviation=_three(told.get("std") or CLIP_DEVIATION),
            interpolation=str(told.get("interpolation") or "bicubic"),
            resize_mode=told.get("resize_mode") or "shortest",
            fill_level=int(told.get("fill_color") or 0),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise UnusableEncoder(f"{name} does not tell the form of pictures as OpenCLIP does ({error}).") from error
    is_sound = (
        1 <= form.height_px <= LARGEST_SIDE_PX
        and 1 <= form.width_px <= LARGEST_SIDE_PX
        and np.isfinite(form.mean).all()
        and all(1e-6 < value < 1e6 for value in form.deviation)
        and form.resize_mode in ("shortest", "longest", "squash")
        and 0 <= form.fill_level <= 255
    )
    if not is_sound:
        raise UnusableEncoder(f"{name} asks for pictures of a form that AVA does not know; add another model.")
    return form


def shape_picture(picture: RgbPicture, *, form: PictureForm) -> RgbPicture:
    """Resize and crop to ``uint8 (height_px, width_px, 3)``, level for level as OpenCLIP's own transform does.

    Raises ValueError for what is no RGB picture of at least one pixel.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
        raise ValueError(f"A picture is uint8 (H, W, 3), not {picture.dtype} {picture.shape}.")
    image = Image.fromarray(np.ascontiguousarray(_without_ends(picture)))
    resampling = _RESAMPLING.get(form.interpolation, Image.Resampling.BICUBIC)
    return _crop(np.asarray(image.resize(_resized(image.size, form=form), resampling)), form=form)


def prepare_picture(picture: RgbPicture, *, form: PictureForm) -> NDArray[np.float32]:
    """The picture as the network takes it: ``float32 (3, height_px, width_px)``, normalised."""
    shaped = shape_picture(picture, form=form).astype(np.float32) / np.float32(255)
    normal = (shaped - np.array(form.mean, np.float32)) / np.array(form.deviation, np.float32)
    return np.ascontiguousarray(normal.transpose(2, 0, 1))


def _resized(size: tuple[int, int], *, form: PictureForm) -> tuple[int, int]:
    """Width and height after resizing, rounded as OpenCLIP and torchvision round."""
    width, height = size
    if form.resize_mode == "squash":
        return form.width_px, form.height_px
    if form.resize_mode == "shortest" and form.width_px == form.height_px:
        side = form.width_px
        return (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    ratios = height / form.height_px, width / form.width_px
    ratio = max(ratios) if form.resize_mode == "longest" else min(ratios)
    return max(1, round(width / ratio)), max(1, round(height / ratio))


def _crop(picture: RgbPicture, *, form: PictureForm) -> RgbPicture:
    """The middle of a picture, filled up where it is smaller."""
    height, width = picture.shape[:2]
    if height < form.height_px or width < form.width_px:
        missing = [(max(0, wanted - side)) for wanted, side in ((form.height_px, height), (form.width_px, width))]
        ends = [(each // 2, (each + 1) // 2) for each in missing]
        picture = np.pad(picture, [*ends, (0, 0)], constant_values=form.fill_level)
        height, width = picture.shape[:2]
    top, left = round((height - form.height_px) / 2), round((width - form.width_px) / 2)
    return picture[top : top + form.height_px, left : left + form.width_px]


def _without_ends(picture: RgbPicture) -> RgbPicture:
    height, width = picture.shape[:2]
    longest = MOST_ASPECT * min(height, width)
    top, left = max(0, (height - longest) // 2), max(0, (width - longest) // 2)
    return picture[top : top + longest, left : left + longest]


def _three(values: Any) -> tuple[float, float, float]:
    red, green, blue = [float(value) for value in values] if isinstance(values, list | tuple) else [float(values)] * 3
    return red, green, blue
