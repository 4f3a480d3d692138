"""`manage.py faces`: where faces are in image files and which are one person, whatever the files hold."""

import io
import json
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image
from skimage import data

from ava.annotate.face_boxes import find_overlaps
from ava.media.picture_file import MOST_PIXELS, UnusablePicture, read_picture
from ava.weights.catalogue import CATALOGUE

PORTRAITS = ("picture-obama", "picture-obama2", "picture-obama3", "picture-biden")
NETWORKS = ("face-resnet", "face-landmarks", "eye-landmarks")


@pytest.fixture
def portraits(model_files, settings) -> list[Path]:
    """Three pictures of one man and one of another, in an installation that has the networks."""
    files = model_files((*NETWORKS, *PORTRAITS))
    settings.AVA_WEIGHTS_DIR = files["face-resnet"].parent
    return [files[name] for name in PORTRAITS]


def faces(*images: Path, as_json: bool = True) -> dict:
    out = io.StringIO()
    call_command("faces", *map(str, images), as_json=as_json, stdout=out)
    return json.loads(out.getvalue()) if as_json else {"text": out.getvalue()}


def save(rgb: np.ndarray, path: Path, **options) -> Path:
    Image.fromarray(rgb).save(path, **options)
    return path


def png_of_size(path: Path, *, width: int, height: int) -> Path:
    """A PNG that promises a size and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    return path


def test_pictures_of_one_man_have_one_number_and_another_man_his_own(portraits):
    result = faces(*portraits)
    assert set(result) == {"faces"}
    largest = {}
    for face in result["faces"]:
        assert set(face) == {"image", "box", "score", "person"}
        height = face["box"][3] - face["box"][1]
        largest[face["image"]] = max(largest.get(face["image"], (0, -1)), (height, face["person"]))
    people = [largest[str(path)][1] for path in portraits]
    assert people == [0, 0, 0, 1]


def test_who_is_who_does_not_depend_on_the_order_of_the_files(portraits):
    forward, backward = (
        {(face["image"], *face["box"]): face["person"] for face in faces(*images)["faces"]}
        for images in (portraits, portraits[::-1])
    )
    assert set(forward) == set(backward)
    renamed = {(forward[face], backward[face]) for face in forward}
    assert len(renamed) == len(set(forward.values())) == len(set(backward.values()))


def test_one_picture_twice_is_one_person_and_two_halves_of_one_picture_are_two(portraits, tmp_path):
    small = cv2.resize(read_picture(portraits[0]), (400, 600))
    one = save(small, tmp_path / "one.png")
    mirrored = save(np.hstack([small, small[:, ::-1]]), tmp_path / "two.png")
    assert [face["person"] for face in faces(one, one)["faces"]] == [0, 0]
    assert [face["person"] for face in faces(mirrored)["faces"]] == [0, 1]


def test_boxes_are_in_the_pixels_of_the_upright_picture(tmp_path, portraits):
    rgb = data.astronaut()
    upright = save(rgb, tmp_path / "upright.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = save(np.rot90(rgb).copy(), tmp_path / "turned.png", exif=exif)
    large = save(cv2.resize(rgb, (2560, 2560), interpolation=cv2.INTER_CUBIC), tmp_path / "large.png")
    boxes = [faces(path)["faces"][0]["box"] for path in (upright, turned, large)]
    assert boxes[0] == boxes[1]
    assert find_overlaps(np.array(boxes[:1]), np.array(boxes[2:]) / 5).item() > 0.6
    x0, y0, x1, y1 = boxes[0]
    assert x0 < 224 < x1 and y0 < 118 < y1  # between the astronaut's eyes


def test_without_a_network_that_tells_people_apart_nobody_is_named_and_the_reason_is_given(tmp_path, settings):
    settings.AVA_WEIGHTS_DIR = tmp_path / "empty"
    picture = save(data.astronaut(), tmp_path / "astronaut.png")
    result = faces(picture)
    assert [face["person"] for face in result["faces"]] == [None]
    (reason,) = result["unavailable"]
    assert reason["what"] == "person" and "models fetch face-resnet" in reason["why"]
    assert "Unavailable: person:" in faces(picture, as_json=False)["text"]


def test_a_damaged_network_is_said_and_not_used(tmp_path, settings):
    settings.AVA_WEIGHTS_DIR = tmp_path
    entry = CATALOGUE["face-resnet"]
    with (tmp_path / entry.file).open("wb") as file:
        file.truncate(entry.size_bytes)
    with pytest.raises(CommandError, match="face-resnet"):
        faces(save(data.astronaut(), tmp_path / "astronaut.png"))


def test_pictures_without_faces_and_of_odd_sizes_have_none(tmp_path, portraits):
    images = [
        save(np.zeros((1, 1, 3), np.uint8), tmp_path / "pixel.png"),
        save(np.full((2, 3000, 3), 128, np.uint8), tmp_path / "line.png"),
        save(data.coffee(), tmp_path / "coffee.jpg"),
    ]
    assert faces(*images) == {"faces": []}
    assert "0 faces" in faces(*images, as_json=False)["text"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16", "F"])
def test_every_mode_of_picture_is_read_as_rgb(tmp_path, mode):
    grey = data.camera()
    if mode == "I;16":
        picture = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "F":
        picture = Image.fromarray(grey.astype(np.float32))
    else:
        picture = Image.fromarray(grey).convert("RGB").convert(mode)
    path = tmp_path / "picture.tiff"
    picture.save(path)
    rgb = read_picture(path)
    assert rgb.shape == (512, 512, 3) and rgb.dtype == np.uint8
    # Dots and a palette of few colours are right only from afar.
    seen, truth = (cv2.GaussianBlur(each, (0, 0), 4).ravel() for each in (rgb.mean(axis=2), grey.astype(np.float64)))
    assert np.corrcoef(seen, truth)[0, 1] > 0.99
    assert np.abs(seen - truth).mean() < 8


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "missing.jpg", "There is no file"),
        (lambda folder: folder, "There is no file"),
        (lambda folder: folder / "pipe", "There is no file"),
        (lambda folder: folder / "empty.png", "is no PNG"),
        (lambda folder: folder / "text.jpg", "is no PNG"),
        (lambda folder: folder / "cut.jpg", "damaged"),
        (lambda folder: png_of_size(folder / "bomb.png", width=60_000, height=60_000), "million pixels"),
        (lambda folder: png_of_size(folder / "large.png", width=MOST_PIXELS, height=2), "million pixels"),
        (lambda folder: png_of_size(folder / "short.png", width=4000, height=4000), "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(tmp_path, make, message):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("<svg onload=alert(1)>")
    whole = io.BytesIO()
    Image.fromarray(data.astronaut()).save(whole, format="JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    path = make(tmp_path)
    with pytest.raises(UnusablePicture, match=message) as refusal:
        read_picture(path)
    assert str(refusal.value).endswith(".") and "\n" not in str(refusal.value)
    with pytest.raises(CommandError, match=message):
        faces(path)
