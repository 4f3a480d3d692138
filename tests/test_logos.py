"""A team's logos: taken in with suspicion, looked for in every still once, found where they are, told to nobody else."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from PIL import Image
from skimage import data

from ava import pipeline, services
from ava.deletion import delete_titles
from ava.frame_findings import describe_frame
from ava.models import Team, Title, WorkState
from curation import logo_search, tasks
from curation.logo_pictures import KEPT_SIDE_PX, UnusableLogo, open_logo, read_logo_picture
from curation.logos import access_sightings, delete_logo, save_logo
from curation.models import Logo, LogoLook
from tests.drawn_logos import draw_logos, plant
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_detectors")]

LOGOS = draw_logos()
CUT, FRAMES, BAR_PX = 30, 60, 30
WIDTH, HEIGHT = 640, 360


def background(source: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(source, (WIDTH, HEIGHT - 2 * BAR_PX), interpolation=cv2.INTER_AREA))


SHOWN, BOX = plant(background(data.astronaut()), LOGOS["wave"], width_px=130, rng=np.random.default_rng(4))
FILM_BOX = (BOX[0], BOX[1] + BAR_PX, BOX[2], BOX[3] + BAR_PX)


def picture(number: int) -> np.ndarray:
    """A shot that shows the wave, then one of coffee without it; black bars above and below, a little life."""
    frame = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    shown = SHOWN if number < CUT else background(data.coffee())
    frame[BAR_PX:-BAR_PX] = np.clip(shown.astype(np.int16) + number % 3, 0, 255)
    return frame


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "logo.mp4"
    return write_film(path, frames=FRAMES, width=WIDTH, height=HEIGHT, gop=15, picture=picture)


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Artwork")


@pytest.fixture
def editor(team):
    return make_user("editor", team=team)


@pytest.fixture
def video(film, team):
    return store_video(film, title=make_title("With a logo", team=team))


def png(picture: np.ndarray) -> bytes:
    return encoded(Image.fromarray(picture), "PNG")


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def add(name: str, *, user, team, **fields) -> Logo:
    upload = png(LOGOS[name]) if name in LOGOS else None
    return save_logo(Logo(team=team, name=name, **fields), user=user, upload=upload)


def work_off(hints) -> None:
    while hints:
        name, *arguments = hints.pop(0)
        if name == "ava.tasks.work_off_next_unit":
            pipeline.work_off_next_unit()
        elif name == "ava.tasks.advance_job":
            pipeline.advance_job(*arguments)
        elif name == "curation.tasks.look_for_logos":
            tasks.look_for_logos(*arguments)


def analyse(video, hints, **options) -> None:
    job = services.analyse_again(video, **options)
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.DONE, job.error


def overlap(first, second) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


def test_an_analysis_finds_the_logo_in_the_shot_that_shows_it_in_film_pixels_and_nowhere_else(
    video, hints, editor, team
):
    add("wave", user=editor, team=team)
    add("gear", user=editor, team=team, is_wanted=True)
    analyse(video, hints)
    stills = {still.frame_index: still for still in video.stills.all()}
    assert any(frame < CUT for frame in stills) and any(frame >= CUT for frame in stills)
    assert LogoLook.objects.count() == 2 * len(stills)
    for frame, still in stills.items():
        wave = LogoLook.objects.get(frame_index=frame, logo__name="wave")
        assert (wave.probability > 0.8) == (frame < CUT), frame
        assert still.signals["maturity.logos"] == wave.probability
        assert still.signals["maturity.wanted_logos"] == 0
        if frame < CUT:
            assert overlap(wave.found[0]["box"], FILM_BOX) > 0.75
            assert wave.found[0]["by"] == "picture" and len(wave.found[0]["quadrilateral"]) == 4
        else:
            assert wave.found == []
