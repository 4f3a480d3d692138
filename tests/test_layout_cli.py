"""`manage.py layout IMAGE` and the API that lays out a picture sent along: the same, whatever the file holds."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from PIL import Image
from skimage import data

from ava.annotate.network_errors import UnusableNetwork
from curation import api_layout_upload
from curation.layout.canvases import DEFAULT_CANVASES
from tests.test_faces_command import png_of_size
from tests.world import make_world

KEYS = [canvas.key for canvas in DEFAULT_CANVASES]


@pytest.fixture(autouse=True)
def no_weights(settings, tmp_path: Path) -> None:
    """Only what needs no model file: faces, people and where the eye goes."""
    settings.AVA_WEIGHTS_DIR = tmp_path / "weights"


@pytest.fixture
def astronaut(tmp_path: Path) -> Path:
    return save(data.astronaut(), tmp_path / "astronaut.png")


def save(rgb: np.ndarray, path: Path, **options: object) -> Path:
    Image.fromarray(rgb).save(path, **options)
    return path


def layout(*images: Path, **options: object) -> dict:
    out = io.StringIO()
    call_command("layout", *map(str, images), as_json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_a_portrait_is_laid_out_around_its_face_and_everything_is_in_its_pixels(astronaut: Path) -> None:
    told = layout(astronaut)
    assert (told["image"], told["width"], told["height"]) == (str(astronaut), 512, 512)
    x, y = told["focal_point"]
    assert 170 < x < 280 and 50 < y < 190, "her face"
    (face,) = told["faces"]
    assert list(told["crops"]) == KEYS
    for key, (x0, y0, x1, y1) in told["crops"].items():
        assert 0 <= x0 <= face["box"][0] < face["box"][2] <= x1 <= 512, key
        assert 0 <= y0 <= face["box"][1] < face["box"][3] <= y1 <= 512, key
    assert set(told["placements"]) <= {"badge", "subtitle", "logo"} and told["placements"]
    canvas = told["layout"]["canvases"]["box-art"]
    assert canvas["crop"] == told["crops"]["box-art"] and canvas["placements"]["badge"]["why"]
    assert told["text_regions"] == []


def test_what_could_not_be_looked_for_is_said_with_its_remedy(astronaut: Path) -> None:
    told = layout(astronaut, keys=["square"])
    lacking = {each["what"]: each["why"] for each in told["unavailable"]}
    assert {"text", "face mesh", "body pose"} == set(lacking)
    assert all("manage.py models" in why for why in lacking.values())
    assert any("lettering" in sentence for sentence in told["layout"]["unknown"])


def test_people_are_told_in_sentences_and_only_of_the_canvases_that_were_asked_for(astronaut: Path) -> None:
    out = io.StringIO()
    call_command("layout", str(astronaut), "--canvas", "square", "tall-panel", stdout=out)
    text = out.getvalue()
    assert "512 × 512, 1 face, 0 lines of lettering" in text and "Focal point" in text
    assert "(square)" in text and "(tall-panel)" in text and "(box-art)" not in text
    assert "Unavailable: text:" in text


def test_crops_are_written_in_exact_sizes_and_names_do_not_clash(astronaut: Path, tmp_path: Path) -> None:
    twin = save(data.astronaut()[:, ::-1], tmp_path / "astronaut.webp")
    told = layout(astronaut, twin, out=tmp_path / "crops", keys=["billboard", "tall-panel"])
    written = {Path(file).name for one in told["pictures"] for file in one["files"].values()}
    assert written == {path.name for path in (tmp_path / "crops").iterdir()} and len(written) == 4
    for one in told["pictures"]:
        for key, file in one["files"].items():
            with Image.open(file) as picture:
                canvas = DEFAULT_CANVASES[KEYS.index(key)]
                assert picture.size == (canvas.width_px, canvas.height_px) and picture.info["icc_profile"]


ODD = {
    "transparent": lambda path: save(np.zeros((300, 400, 4), np.uint8), path),
    "panorama": lambda path: save(np.tile(data.coffee()[:100], (1, 4, 1))[:, :2000], path),
    "tiny": lambda path: save(data.coffee()[:3, :2], path),
    "black": lambda path: save(np.zeros((1080, 1920, 3), np.uint8), path),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_get_every_crop_within_themselves(name: str, tmp_path: Path) -> None:
    told = layout(ODD[name](tmp_path / f"{name}.png"))
    width, height = told["width"], told["height"]
    for x0, y0, x1, y1 in [*told["crops"].values(), *told["placements"].values()]:
        assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
    x, y = told["focal_point"]
    assert 0 <= x <= width and 0 <= y <= height


def test_bars_are_no_part_of_any_crop(tmp_path: Path) -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[80:400] = data.coffee()[:320, :600].repeat(2, axis=1)[:, :640]
    told = layout(save(rgb, tmp_path / "film.png"))
    for key, (_, y0, _, y1) in told["crops"].items():
        assert y0 >= 80 and y1 <= 400, key
    assert told["layout"]["canvases"]["picture"]["crop"] == [0, 80, 640, 400]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "missing.jpg", "There is no file"),
        (lambda folder: folder, "There is no file"),
        (lambda folder: folder / "text.jpg", "is no PNG"),
        (lambda folder: folder / "cut.jpg", "damaged"),
        (lambda folder: png_of_size(folder / "bomb.png", width=60_000, height=60_000), "million pixels"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence_and_nothing_is_written(
    make, message: str, tmp_path: Path, astronaut: Path
) -> None:
    (tmp_path / "text.jpg").write_text("<svg onload=alert(1)>")
    whole = io.BytesIO()
    Image.fromarray(data.astronaut()).save(whole, format="JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    out = io.StringIO()
    with pytest.raises(CommandError, match=message) as refusal:
        call_command("layout", str(astronaut), str(make(tmp_path)), "--json", out=tmp_path / "crops", stdout=out)
    assert str(refusal.value).endswith(".") and "\n" not in str(refusal.value)
    assert out.getvalue() == "" and not (tmp_path / "crops").exists()


def test_every_picture_gets_crops_of_its_own_whatever_files_are_called(astronaut: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    others = [tmp_path / "b" / "astronaut.png", tmp_path / "Astronaut (2).png", tmp_path / "b" / "Astronaut (2).png"]
    images = [astronaut, *(save(data.coffee()[:60, :60], path) for path in others)]
    told = layout(*images, keys=["square"], out=tmp_path / "crops")
    files = [one["files"]["square"] for one in told["pictures"]]
    assert len({file.casefold() for file in files}) == 4 == len(list((tmp_path / "crops").iterdir()))


def test_names_that_are_no_text_or_too_long_break_nothing(tmp_path: Path, astronaut: Path) -> None:
    image = tmp_path / b"\xff\xfe.png".decode("utf-8", "surrogateescape")
    image.write_bytes(astronaut.read_bytes())
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    call_command("layout", str(image), "--json", "--canvas", "square", stdout=out)
    call_command("layout", str(image), "--canvas", "square", stdout=out)
    out.flush()
    assert b"??.png" in out.buffer.getvalue()
    with pytest.raises(CommandError, match="There is no file"):
        layout(tmp_path / ("x" * 300))


def test_a_canvas_that_is_not_there_and_a_folder_that_is_a_file_are_refused(astronaut: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no canvas cinema; choose of story-art, .*\."):
        layout(astronaut, keys=["cinema"])
    (tmp_path / "taken").write_text("")
    with pytest.raises(CommandError, match=r"cannot be written to: .* Choose another folder"):
        layout(astronaut, keys=["square"], out=tmp_path / "taken")


@pytest.fixture
def client_of_editor(db, client: Client) -> Client:
    client.force_login(make_world("layout").editor)
    return client


def sent(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def test_a_picture_that_is_sent_is_told_as_the_command_tells_it(client_of_editor: Client, astronaut: Path) -> None:
    answer = client_of_editor.post(reverse("api-layout"), {"picture": sent(astronaut)})
    assert answer.status_code == 200
    assert answer.json() == layout(astronaut) | {"image": "astronaut.png"}
    few = client_of_editor.post(reverse("api-layout"), {"picture": sent(astronaut), "canvas": ["square", "vertical"]})
    assert set(few.json()["crops"]) == {"square", "vertical"}


def test_bad_requests_get_a_sentence(client_of_editor: Client, astronaut: Path, tmp_path: Path, monkeypatch) -> None:
    url = reverse("api-layout")
    (tmp_path / "text.jpg").write_text("<svg onload=alert(1)>")
    (tmp_path / "empty.png").write_bytes(b"")
    bomb = png_of_size(tmp_path / "bomb.png", width=60_000, height=60_000)
    for fields in (
        {},
        {"picture": "not a file"},
        {"picture": sent(tmp_path / "text.jpg")},
        {"picture": sent(tmp_path / "empty.png")},
        {"picture": sent(bomb)},
        {"picture": [sent(astronaut), sent(astronaut)]},
        {"picture": sent(astronaut), "canvas": "cinema\0"},
    ):
        answer = client_of_editor.post(url, fields)
        assert answer.status_code == 400 and answer.json(), fields
    assert client_of_editor.post(url, "[]", content_type="application/json").status_code == 415
    assert client_of_editor.get(url).status_code == 405
    monkeypatch.setattr(api_layout_upload, "MOST_BYTES_EACH", 1000)
    monkeypatch.setattr(api_layout_upload, "MOST_BYTES_OF_A_FORM", 0)
    answer = client_of_editor.post(url, {"picture": sent(astronaut)})
    assert answer.status_code == 400 and "at most" in answer.json()["picture"][0]


def test_a_model_file_that_cannot_be_used_is_said(client_of_editor: Client, astronaut: Path, monkeypatch) -> None:
    def refuse(names: set[str]) -> list:
        raise UnusableNetwork("The model file of text is damaged; fetch it again.")

    monkeypatch.setattr(api_layout_upload, "loaded_detectors", refuse)
    answer = client_of_editor.post(reverse("api-layout"), {"picture": sent(astronaut)})
    assert (answer.status_code, "fetch it again" in answer.json()["detail"]) == (409, True)


def test_outsiders_may_send_nothing(client: Client, db, astronaut: Path) -> None:
    assert client.post(reverse("api-layout"), {"picture": sent(astronaut)}).status_code in {401, 403}
