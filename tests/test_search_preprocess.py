"""Pictures in the form that models want, against OpenCLIP's own transform."""

import warnings

import numpy as np
import pytest
from PIL import Image

from search.embed.encoder import UnusableEncoder
from search.embed.preprocess import PictureForm, prepare_picture, read_form, shape_picture

SIZES = [(360, 640), (224, 224), (640, 361), (100, 75), (223, 225), (1, 1), (33, 801)]
CONFIGS = [
    {},
    {"size": 64, "resize_mode": "squash", "interpolation": "bilinear", "mean": [0.5] * 3, "std": [0.5] * 3},
    {"size": [48, 48], "resize_mode": "longest", "fill_color": 9},
    {"size": [64, 96]},
    {"size": 65, "interpolation": "bicubic"},
]


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_pictures_are_prepared_as_openclip_prepares_them(config):
    from ava.annotate.torchvision_operators import provide_torchvision_operators

    provide_torchvision_operators()
    from open_clip.transform import PreprocessCfg, image_transform_v2

    told = {**config, "size": tuple(config["size"])} if isinstance(config.get("size"), list) else config
    theirs = image_transform_v2(PreprocessCfg(**told), is_train=False)
    form = read_form(config, name="preprocess_cfg.json")
    for height, width in SIZES:
        picture = noise(height, width)
        expected = theirs(Image.fromarray(picture)).numpy()
        prepared = prepare_picture(picture, form=form)
        assert prepared.shape == expected.shape and prepared.dtype == np.float32
        assert np.abs(prepared - expected).max() < 1e-5, (config, height, width)


def test_very_long_pictures_are_looked_at_in_their_middle():
    picture = np.zeros((2, 60_000, 3), np.uint8)
    picture[:, 29_990:30_010] = 255
    shaped = shape_picture(picture, form=PictureForm(32, 32))
    assert shaped.shape == (32, 32, 3) and shaped.mean() > 200


def test_what_is_no_picture_is_refused():
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 0, 3), np.uint8), np.zeros((4, 4, 3), np.float32)):
        with pytest.raises(ValueError, match="uint8"):
            prepare_picture(wrong, form=PictureForm())


@pytest.mark.parametrize(
    "told",
    [{"size": "x"}, {"size": 10**9}, {"size": [1, 2, 3]}, {"mean": [1, 2]}, {"std": [0, 1, 1]}, {"resize_mode": "up"},
     {"mean": [float("nan")] * 3}, {"size": float("inf")}, {"fill_color": {}, "size": -1}, {"resize_mode": ["x"]}],
    ids=str,
)  # fmt: skip
def test_forms_without_sense_are_refused_with_the_files_name(told):
    with warnings.catch_warnings(), pytest.raises(UnusableEncoder, match="preprocess_cfg"):
        warnings.simplefilter("error")
        read_form(told, name="preprocess_cfg.json")
