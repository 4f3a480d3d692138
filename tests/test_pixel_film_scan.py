"""Films scanned for pixel errors from the shell: what is found, how it is told, and films that are hard to judge."""

import io
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from PIL import Image

from ava.media.probe import probe
from qc.pixel import film_scan
from qc.pixel.film_scan import scan_film
from qc.pixel.film_told import tell_as_text, tell_film
from qc.pixel.found import StuckPixel
from tests.footage import write_film
from tests.pixel_scans import ERRORS, FRAMES, HEIGHT, WIDTH, hand_made_model, write_flawed_film

PLACES = [(error.frame, error.x, error.y) for error in ERRORS]
Draw = Callable[[int], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "by-hand.npz"
    path.write_bytes(hand_made_model())
    return path


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_flawed_film(tmp_path_factory.mktemp("film") / "dailies 7.mp4")


def scan(film: Path, model: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("scan", str(film), "--model", str(model), "--processes", "1", *arguments, stdout=out)
    return out.getvalue()


def flags(film: Path, model: Path) -> list[tuple[int, int, int]]:
    told = json.loads(scan(film, model, "--json"))["pixel_flags"]
    return [(flag["frame_index"], round(flag["x"]), round(flag["y"])) for flag in told if flag["kind"] == "hot"]


def still() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(30, 50, (HEIGHT, WIDTH, 1), dtype=np.uint8).repeat(3, axis=2)


def lit(*frames: int, x: int = 48, y: int = 32, ground: Draw | None = None) -> Draw:
    """A picture that shows a block of three by three pixels in some frames."""

    def draw(number: int) -> NDArray[np.uint8]:
        rgb = (ground(number) if ground else still()).copy()
        if number in frames:
            rgb[y - 1 : y + 2, x - 1 : x + 2] = 230
        return rgb

    return draw


def write(path: Path, picture: Draw, **options) -> Path:
    settings = {"frames": 16, "width": WIDTH, "height": HEIGHT, "options": {"crf": "8"}}
    return write_film(path, picture=picture, **settings | options)


def test_flags_are_told_with_place_and_timecode(flawed, model):
    text = scan(flawed, model)
    assert "00:00:01:03  hot" in text
    assert "frame 7 " in text
    assert "5 hot pixels and 0 stuck pixels in 52 frames." in text


def test_json_and_a_magnified_picture_of_every_flag_are_written(flawed, model, tmp_path):
    printed = json.loads(scan(flawed, model, "--json", "--out", str(tmp_path / "out")))
    assert printed == json.loads((tmp_path / "out" / "flags.json").read_text())
    assert [(f["frame_index"], round(f["x"]), round(f["y"])) for f in printed["pixel_flags"]] == PLACES
    assert printed["model"]["file"] == "by-hand.npz"
    strips = sorted((tmp_path / "out" / "patches").iterdir())
    assert len(strips) == len(ERRORS)
    with Image.open(strips[0]) as strip:
        pixels = np.asarray(strip)
    assert pixels.shape == (192, 5 * 192, 3)
    middles = [pixels[96 + 2, 192 * frame + 96 + 2].mean() for frame in range(5)]
    assert middles[2] > 180 > 100 > max(middles[:2] + middles[3:])


def test_chunks_in_processes_find_what_one_span_finds(flawed, model, monkeypatch):
    info = probe(flawed)
    in_chunks = scan_film(flawed, info=info, model=model, processes=2)
    whole = film_scan.Chunk(0, 0, info.frame_count)
    monkeypatch.setattr(film_scan, "plan_chunks", lambda info: [whole])
    steps: list[int] = []
    at_once = scan_film(flawed, info=info, model=model, processes=1, on_progress=steps.append)
    assert in_chunks.hot == at_once.hot
    assert in_chunks.stuck == at_once.stuck
    assert all(
        np.array_equal(ours.pixels, theirs.pixels)
        for ours, theirs in zip(in_chunks.patches, at_once.patches, strict=True)
    )
    assert steps == sorted(steps) and steps[-1] == FRAMES


def test_films_and_models_that_cannot_be_used_get_a_sentence(flawed, model, tmp_path):
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear editor, " * 50)
    for film, asked, sentence in (
        (tmp_path / "none.mp4", model, "There is no file"),
        (tmp_path, model, "There is no file"),
        (letter, model, "letter.mp4 is a text file, not a film"),
        (flawed, letter, "letter.mp4 is no pixel model"),
        (flawed, tmp_path / "gone.npz", "gone.npz cannot be read"),
    ):
        with pytest.raises(CommandError, match=sentence):
            scan(film, asked)
    with pytest.raises(CommandError, match="cannot be made"):
        scan(flawed, model, "--out", str(letter / "out"))


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_too_few_frames_are_said_to_be_too_few(model, tmp_path, frames):
    film = write(tmp_path / "short.mp4", lit(), frames=frames)
    told = scan(film, model)
    assert f"The film has {frames} of the 5 frames" in told
    assert "Stuck pixels cannot be told" in told
    assert "0 hot pixels" in told


def test_an_error_in_repeated_frames_is_one_flag_with_its_repeats(model, tmp_path):
    """Three-two pulldown: each frame comes two or three times."""
    source = [number * 2 // 5 for number in range(30)]
    film = write(
        tmp_path / "pulldown.mkv",
        lambda number: lit(4, ground=lambda n: np.roll(still(), 3 * n, axis=1))(source[number]),
        frames=30, codec="ffv1",
    )  # fmt: skip
    told = json.loads(scan(film, model, "--json"))["pixel_flags"]
    first = source.index(4)
    assert [flag["spans"] for flag in told] == [[[first, first + source.count(4)]]]


def test_fades_to_white_and_flashes_raise_nothing(model, tmp_path):
    def ground(number: int) -> NDArray[np.uint8]:
        share = min(max((number - 20) / 12, 0), 1) if number != 10 else 0.8
        return np.round(still() * (1 - share) + 255 * share).astype(np.uint8)

    assert flags(write(tmp_path / "white.mp4", ground, frames=40), model) == []


@pytest.mark.parametrize(
    "options",
    [
        {"pixel_format": "yuv420p10le", "codec": "libx265", "options": {"x265-params": "log-level=none:crf=8"}},
        {"pixel_format": "yuvj420p", "color_range": 2},
        {"times_s": [Fraction(number * number, 100) + Fraction(number, 25) for number in range(16)]},
        {"options": {"x264-params": "tff=1:crf=8"}},
    ],
    ids=["10 bits", "full range", "variable rate", "interlaced"],
)
def test_an_error_is_found_however_the_film_is_stored(model, tmp_path, options):
    found = flags(write(tmp_path / "film.mp4", lit(9), **options), model)
    assert {(frame, abs(x - 48) <= 1, abs(y - 32) <= 2) for frame, x, y in found} == {(9, True, True)}


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_places_are_those_of_the_upright_picture(model, tmp_path, turn):
    def tall(number: int) -> NDArray[np.uint8]:
        rgb = np.full((WIDTH, HEIGHT, 3) if turn != 180 else (HEIGHT, WIDTH, 3), 40, dtype=np.uint8)
        if number == 9:
            rgb[19:22, 39:42] = 230
        return rgb

    film = write(tmp_path / "turned.mp4", tall, rotation_deg=turn)
    assert flags(film, model) == [(9, 40, 20)]


def test_bars_of_a_letterbox_raise_nothing_and_hide_nothing(model, tmp_path):
    def barred(number: int) -> NDArray[np.uint8]:
        rgb = np.full((HEIGHT, WIDTH, 3), 40 + 3 * number, dtype=np.uint8)
        rgb[:12] = rgb[-12:] = 0
        return rgb

    assert flags(write(tmp_path / "bars.mp4", lit(9, ground=barred)), model) == [(9, 48, 32)]


def test_stuck_pixels_are_told_with_their_spans_and_leave_no_hot_ones(flawed, model):
    """A hot pixel where one is stuck is that one."""
    info = probe(flawed)
    error = ERRORS[0]
    stuck = StuckPixel(error.x, error.y, 1, ((0, 20), (30, 52)), 90.0, 0.99, 8)
    found = scan_film(flawed, info=info, model=model, processes=1)
    shown = film_scan.FilmFindings(
        tuple(flag for flag in found.hot if not film_scan._shows(flag, stuck)), found.patches[1:], (stuck,),
        found.report, found.scan_s,
    )  # fmt: skip
    told = tell_film(shown, info=info, film="dailies 7.mp4", model={"file": "x"})
    assert [(flag["kind"], flag["frame_index"]) for flag in told["pixel_flags"]][:1] == [("stuck", 0)]
    assert len(told["pixel_flags"]) == len(ERRORS)
    assert "frame 0–19, 30–51  +90 levels  99% sure" in tell_as_text(told)
