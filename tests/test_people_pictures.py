"""Pictures of faces: cut where the face is, for those who may see the film."""

import io
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from ava.render.sample_film import render_test_film
from curation.people.portrait import SIDE_PX, cut_portrait, find_square
from tests.films import store_video
from tests.people_world import draw_portrait, make_track
from tests.world import make_person, make_world

SIZE = (640, 360)


def opened(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), dtype=np.float64)


@pytest.mark.parametrize(
    "box", [(300, 100, 360, 180), (-20, -30, 40, 50), (600, 320, 660, 400), (0, 0, 640, 360), (5, 5, 5, 5)]
)
def test_the_square_around_a_face_lies_inside_the_picture(box) -> None:
    x0, y0, x1, y1 = find_square(np.array(box), size=SIZE)
    assert 0 <= x0 < x1 <= SIZE[0] and 0 <= y0 < y1 <= SIZE[1]
    assert x1 - x0 == y1 - y0


def test_a_portrait_shows_the_face_in_its_middle() -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[120:180, 300:350] = (250, 200, 40)
    portrait = opened(cut_portrait(picture, np.array([300, 120, 350, 180])))
    assert max(portrait.shape[:2]) <= SIDE_PX
    height, width = portrait.shape[:2]
    assert np.abs(portrait[height // 2, width // 2] - (250, 200, 40)).max() < 12
    assert portrait[3, 3].max() < 12


@pytest.mark.django_db
def test_a_portrait_is_served_as_it_was_kept_and_not_sent_twice(client) -> None:
    world = make_world("own")
    client.force_login(world.reviewer)
    address = reverse("track-portrait", args=[world.face_track.pk])
    answer = client.get(address)
    assert answer.content == draw_portrait(1) and answer["Content-Type"] == "image/jpeg"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    client.force_login(make_person("stranger"))
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_a_track_without_a_portrait_has_no_picture(client) -> None:
    world = make_world("own")
    track = make_track(world.video, person=2, character=None, start_frame=0, end_frame=9, portrait=None)
    client.force_login(world.editor)
    assert client.get(reverse("track-portrait", args=[track.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_any_face_is_cut_out_of_its_frame(tmp_path: Path, client) -> None:
    path = tmp_path / "film.mp4"
    render_test_film(path, seconds=2, cuts=[], width=320, height=180)
    track = make_track(store_video(path), person=1, character=None, start_frame=0, end_frame=40, looks=[20])
    client.force_login(make_person("root", is_superuser=True))
    answer = client.get(reverse("face-picture", args=[track.faces.get().pk]))
    assert answer.status_code == 200
    assert 100 <= min(opened(answer.content).shape[:2]) <= SIDE_PX
