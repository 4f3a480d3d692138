"""Layouts of stills without a database: what `manage.py analyze` writes of them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from curation.headless import Analysis, analyse_film
from curation.headless_results import write_results
from curation.layout.canvases import DEFAULT_CANVASES
from tests.footage import write_film

WIDTH, HEIGHT = 480, 270
BAR_PX = 34
SHOT_FRAMES = 14


def picture(number: int) -> np.ndarray:
    """A shot of a woman and one of a cup, going slowly aside, inside letterbox bars."""
    shot, aside = divmod(number, SHOT_FRAMES)
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    source = (data.astronaut()[:360], data.coffee()[40:])[shot]
    view = source[: source.shape[0] - 40, aside : source.shape[1] - 40 + aside]
    frame[BAR_PX : HEIGHT - BAR_PX] = cv2.resize(view, (WIDTH, HEIGHT - 2 * BAR_PX), interpolation=cv2.INTER_AREA)
    return frame


def run(stages: tuple[str, ...], folder: Path) -> tuple[Analysis, dict]:
    film = folder / "film.mp4"
    write_film(film, frames=2 * SHOT_FRAMES, width=WIDTH, height=HEIGHT, picture=picture)
    quiet = {"on_progress": lambda stage, done, of: None}
    analysis = analyse_film(film, stages=stages, weights=folder / "weights", processes=1, **quiet)
    return analysis, write_results(analysis, folder, **quiet)


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Analysis, dict]:
    return run(("layout",), tmp_path_factory.mktemp("layout"))


def test_layout_brings_what_it_needs_and_says_how_long_it_took(laid_out: tuple[Analysis, dict]) -> None:
    _, result = laid_out
    assert list(result["timing"]["stages"]) == ["annotate", "shots", "people", "stills", "layout"]
    assert 0 < result["timing"]["stages"]["layout"] < result["timing"]["total_s"]
    assert len(result["shots"]) == 2 and result["stills"] and "characters" in result


def test_every_still_has_its_focal_point_crops_and_placements_in_pixels_of_the_film(
    laid_out: tuple[Analysis, dict],
) -> None:
    _, result = laid_out
    assert json.loads(json.dumps(result["stills"], allow_nan=False)) == result["stills"]
    for still in result["stills"]:
        x, y = still["focal_point"]
        assert 0 <= x <= WIDTH and BAR_PX - 2 <= y <= HEIGHT - BAR_PX + 2
        assert list(still["crops"]) == [canvas.key for canvas in DEFAULT_CANVASES]
        for canvas in DEFAULT_CANVASES:
            x0, y0, x1, y1 = still["crops"][canvas.key]
            assert 0 <= x0 < x1 <= WIDTH and BAR_PX - 2 <= y0 < y1 <= HEIGHT - BAR_PX + 2, "no bars"
            assert abs((x1 - x0) - (y1 - y0) * canvas.aspect) <= max(1, canvas.aspect)
        assert set(still["placements"]) <= {"badge", "subtitle", "logo"}
        assert still["layout"]["focal_point"]["why"]


def test_the_face_of_a_still_is_its_focal_point_and_whole_wherever_it_fits(laid_out: tuple[Analysis, dict]) -> None:
    _, result = laid_out
    portraits = [still for still in result["stills"] if still["frame_index"] < SHOT_FRAMES]
    assert portraits
    for still in portraits:
        (face,) = still["faces"]
        x0, y0, x1, y1 = face["box"]
        assert x0 <= still["focal_point"][0] <= x1 and y0 <= still["focal_point"][1] <= y1
        assert len([key for key, crop in still["crops"].items() if holds(crop, face["box"])]) >= 6
        assert holds(still["crops"]["vertical"], face["box"]), "on the tall panel it does not fit"
        for kind, (left, top, right, bottom) in still["placements"].items():
            assert right <= x0 or left >= x1 or bottom <= y0 or top >= y1, f"the {kind} lies over her face"


def holds(crop: list[float], box: list[float]) -> bool:
    return crop[0] <= box[0] and crop[1] <= box[1] and crop[2] >= box[2] and crop[3] >= box[3]


def test_without_that_stage_nothing_is_laid_out(tmp_path: Path) -> None:
    analysis, result = run(("stills",), tmp_path)
    assert not analysis.is_laid_out and "layout" not in result["timing"]["stages"]
    assert result["stills"] and not {"focal_point", "crops", "placements"} & set(result["stills"][0])
