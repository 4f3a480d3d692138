"""Frames from the film itself: the right one, at the right size, cached within bounds, and only so many at once."""

import asyncio
import io
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.test import AsyncClient, Client
from PIL import Image

from ava import frames
from ava.decoder_process import DecoderDied, DecoderPool
from ava.frame_cache import FrameCache
from ava.media.decode import UndecodableFrame, decode_frame
from ava.models import Team, Video
from ava.video_facts import video_info
from tests.films import make_title, make_user, store_video
from tests.footage import read_number, write_film

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=90, gop=30, width=320, height=180, fps=24)


@pytest.fixture(autouse=True)
def decoders(monkeypatch):
    """A pool of the test's own, so that nothing runs on afterwards."""
    pool = DecoderPool(size=2)
    monkeypatch.setattr(frames, "DECODERS", pool)
    yield pool
    pool.close()


@pytest.fixture
def asked(decoders, monkeypatch) -> list[tuple[int, int]]:
    """The spans that decoders were asked for."""
    spans: list[tuple[int, int]] = []
    ask = decoders.ask

    def remember(request: dict, **options: object) -> object:
        spans.append((request["start_frame"], request["end_frame"]))
        return ask(request, **options)

    monkeypatch.setattr(decoders, "ask", remember)
    return spans


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Artwork")


@pytest.fixture
def video(film, team) -> Video:
    return store_video(film, title=make_title("Heat: “Uncut” / Österreich", team=team))


@pytest.fixture
def browser(team) -> Client:
    client = Client()
    client.force_login(make_user("editor", team=team))
    return client


def picture(response) -> np.ndarray:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def cached() -> list[str]:
    return sorted(path.name for path in Path(settings.AVA_CACHE_DIR).rglob("*.jpg"))


def test_every_frame_asked_for_is_that_frame(video, browser):
    for number in (0, 1, 29, 30, 59, 60, 88, 89):
        response = browser.get(f"/videos/{video.pk}/frames/{number}.jpg?w=320")
        assert response.status_code == 200 and response["Content-Type"] == "image/jpeg"
        assert read_number(picture(response)) == number


def test_a_cached_jpeg_differs_from_the_decoded_frame_by_no_more_than_jpeg_does(video, film, browser):
    shown = picture(browser.get(f"/videos/{video.pk}/frames/37.jpg?w=320")).astype(int)
    exact = decode_frame(film, info=video_info(video), frame_index=37).astype(int)
    assert shown.shape == exact.shape and np.abs(shown - exact).mean() < 1.5


@pytest.mark.parametrize(("asked_px", "width_px"), [(160, 160), (161, 320), (320, 320), (640, 320), (3840, 320)])
def test_widths_are_those_on_offer_and_never_larger_than_the_film(asked_px, width_px, video, browser):
    shown = picture(browser.get(f"/videos/{video.pk}/frames/5.jpg?w={asked_px}"))
    assert shown.shape == (width_px * 9 // 16, width_px, 3)


def test_the_width_of_an_upright_film_is_its_width(tmp_path, team, browser):
    film = write_film(tmp_path / "upright.mp4", frames=12, width=640, height=360, rotation_deg=90)
    video = store_video(film, title=make_title(team=team))
    assert picture(browser.get(f"/videos/{video.pk}/frames/3.jpg?w=160")).shape[1] == 160


@pytest.mark.parametrize("width", ["0", "-1", "x", "", "3841", "99999999999", "640.5", "٣"])
def test_other_widths_are_refused_with_a_sentence(width, video, browser):
    refused = browser.get(f"/videos/{video.pk}/frames/5.jpg", {"w": width})
    assert refused.status_code == 400 and "3840" in refused.content.decode()


def test_frames_the_film_does_not_have_are_not_found(video, browser):
    assert browser.get(f"/videos/{video.pk}/frames/90.jpg").status_code == 404
    assert browser.get(f"/videos/{video.pk}/frames/{10**30}.jpg").status_code == 404
    assert browser.get(f"/videos/{video.pk}/frames/90/download").status_code == 404


def test_neighbours_come_from_the_cache_after_one_decoding(video, browser, asked):
    for number in (45, 44, 43, 40, 37, 46, 49):
        assert read_number(picture(browser.get(f"/videos/{video.pk}/frames/{number}.jpg?w=320"))) == number
    assert asked == [(37, 50)]


def test_neighbours_before_a_keyframe_are_left_to_their_own_group(video):
    info = video_info(video)
    assert frames.neighbourhood(info, 30) == (30, 35)
    assert frames.neighbourhood(info, 29) == (21, 34)
    assert frames.neighbourhood(info, 89) == (81, 90)


def test_a_film_of_keyframes_only_is_decoded_frame_by_frame(tmp_path, team, browser, asked):
    video = store_video(write_film(tmp_path / "intra.mp4", frames=20, gop=1, b_frames=0), title=make_title(team=team))
    browser.get(f"/videos/{video.pk}/frames/7.jpg")
    assert asked == [(7, 8)]


def test_the_browser_may_keep_a_frame_for_ever_but_share_it_with_nobody(video, browser):
    first = browser.get(f"/videos/{video.pk}/frames/5.jpg")
    assert "private" in first["Cache-Control"] and "immutable" in first["Cache-Control"]
    assert browser.get(f"/videos/{video.pk}/frames/5.jpg", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert first["ETag"] != browser.get(f"/videos/{video.pk}/frames/6.jpg")["ETag"]


def test_outsiders_find_no_frame_even_when_it_is_cached(video, browser):
    outsider = Client()
    outsider.force_login(make_user("outsider", team=Team.objects.create(name="Other")))
    for url in (f"/videos/{video.pk}/frames/5.jpg", f"/videos/{video.pk}/frames/5/download"):
        assert browser.get(url).status_code == 200
        assert outsider.get(url).status_code == 404
        assert Client().get(url).status_code == 302
    assert browser.post(f"/videos/{video.pk}/frames/5.jpg").status_code == 405


def test_a_downloaded_png_is_the_frame_to_the_last_bit_and_says_where_it_is_from(video, film, browser):
    response = browser.get(f"/videos/{video.pk}/frames/37/download?format=png")
    disposition, content = response["Content-Disposition"], b"".join(response.streaming_content)
    assert disposition.startswith("attachment") and "00-00-01-13" in disposition and "f000037.png" in disposition
    image = Image.open(io.BytesIO(content))
    np.testing.assert_array_equal(np.asarray(image), decode_frame(film, info=video_info(video), frame_index=37))
    assert image.text["Timecode"] == "00:00:01:13" and image.text["Frame"] == "37"
    assert int(response["Content-Length"]) == len(content) and response["Content-Type"] == "image/png"


def test_a_downloaded_jpeg_carries_its_timecode(video, browser):
    response = browser.get(f"/videos/{video.pk}/frames/37/download?format=jpeg")
    image = Image.open(io.BytesIO(b"".join(response.streaming_content)))
    assert image.format == "JPEG" and "00:00:01:13" in image.getexif()[0x010E] and image.size == (320, 180)


def test_a_download_leaves_nothing_on_the_server(video, browser):
    response = browser.get(f"/videos/{video.pk}/frames/37/download")
    assert response.status_code == 200
    assert [path for path in Path(settings.AVA_CACHE_DIR).rglob("*") if path.is_file()] == []
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")


def test_other_formats_are_refused(video, browser):
    for chosen in ("gif", "", "PNG", "../png"):
        assert browser.get(f"/videos/{video.pk}/frames/37/download", {"format": chosen}).status_code == 400


def test_a_film_whose_file_is_gone_gets_a_sentence(video, browser):
    Path(video.file.path).unlink()
    refused = browser.get(f"/videos/{video.pk}/frames/5.jpg")
    assert refused.status_code == 422 and refused["Cache-Control"] == "no-store" and refused.content


def test_a_decoder_that_dies_costs_one_answer_and_the_next_one_comes(video, browser, decoders, monkeypatch):
    ask, failures = decoders.ask, [DecoderDied("the decoder crashed (signal 11)")]

    def die_once(request: dict, **options: object) -> object:
        if failures:
            decoders.give_back_place()
            raise failures.pop()
        return ask(request, **options)

    monkeypatch.setattr(decoders, "ask", die_once)
    refused = browser.get(f"/videos/{video.pk}/frames/5.jpg")
    assert refused.status_code == 422 and "signal 11" in refused.content.decode()
    assert browser.get(f"/videos/{video.pk}/frames/5.jpg").status_code == 200


def test_a_killed_decoder_is_replaced(video, film, decoders, tmp_path):
    order = frames._frames_order(video.pk, frame=5, width_px=160, folder=tmp_path)
    for _ in range(2):
        assert decoders.take_place()
        assert 5 in decoders.ask(order.request)
        decoders._idle[0][1]._process.kill()
        decoders._idle[0][1]._process.wait()


def test_a_frame_that_cannot_be_decoded_is_told_apart_from_a_missing_one(video, browser, decoders, monkeypatch):
    def refuse(request: dict, **options: object) -> object:
        decoders.give_back_place()
        raise UndecodableFrame("Frame 5 cannot be decoded; take a neighbouring one.")

    monkeypatch.setattr(decoders, "ask", refuse)
    refused = browser.get(f"/videos/{video.pk}/frames/5.jpg")
    assert refused.status_code == 422 and "neighbouring" in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_thirty_requests_at_once_are_decoded_two_at_a_time(video, team, decoders, monkeypatch):
    running, most, lock, ask = [0], [0], threading.Lock(), decoders.ask

    def count(request: dict, **options: object) -> object:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        try:
            return ask(request, **options)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(decoders, "ask", count)
    client = AsyncClient()
    client.force_login(make_user("async editor", team=team))

    async def fetch_all() -> list[int]:
        numbers = range(0, 90, 3)
        responses = await asyncio.gather(
            *(client.get(f"/videos/{video.pk}/frames/{number}.jpg?w=320") for number in numbers)
        )
        return [read_number(picture(response)) for response in responses]

    assert asyncio.run(fetch_all()) == list(range(0, 90, 3))
    assert most[0] <= 2
    assert decoders.take_place() and decoders.take_place() and not decoders.take_place()


def test_who_waits_too_long_is_told_to_come_back(video, browser, decoders, monkeypatch):
    monkeypatch.setattr(frames, "LONGEST_WAIT_S", 0.1)
    assert decoders.take_place() and decoders.take_place()
    refused = browser.get(f"/videos/{video.pk}/frames/5.jpg")
    assert refused.status_code == 503 and refused["Retry-After"]


@pytest.mark.django_db(transaction=True)
def test_a_browser_that_leaves_gives_its_place_back(video, decoders):
    async def leave() -> None:
        for delay_s in (0.0, 0.005, 0.05, 0.2):
            task = asyncio.create_task(frames.frame_jpeg(video, frame=int(delay_s * 200), width_px=320))
            await asyncio.sleep(delay_s)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await sync_to_async(lambda: connection.close())()  # of the thread that read for the requests

    asyncio.run(leave())
    deadline = time.monotonic() + 60
    free = 0
    while free < 2 and time.monotonic() < deadline:
        free += decoders.take_place()
        time.sleep(0.01)
    assert free == 2


def fill(cache: FrameCache, *, count: int, size: int = 1000) -> list[Path]:
    paths = []
    for number in range(count):
        path = cache.folder / f"{number % 7}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (1e9 + number, 1e9 + number))
        paths.append(path)
    return paths


def test_the_cache_keeps_its_bound_and_drops_what_was_used_longest_ago(tmp_path):
    cache = FrameCache(tmp_path, most_bytes=10_000)
    paths = fill(cache, count=20)
    assert cache.read("0/0.jpg") == b"x" * 1000  # the oldest, but used just now
    cache.note_written(1000)
    left = [path for path in paths if path.exists()]
    assert sum(path.stat().st_size for path in left) <= 10_000
    assert left == [paths[0], *paths[-8:]]


def test_a_cache_within_its_bound_drops_nothing_but_what_dead_writers_left(tmp_path):
    cache = FrameCache(tmp_path, most_bytes=10_000)
    paths = fill(cache, count=10)
    lost, fresh = tmp_path / ".lost", tmp_path / ".fresh"
    for path in (lost, fresh):
        path.write_bytes(b"partial")
    os.utime(lost, (1e9, 1e9))
    cache.note_written(1)
    assert all(path.exists() for path in paths) and fresh.exists() and not lost.exists()


def test_serving_frames_keeps_the_cache_within_its_bound(video, browser, settings):
    settings.AVA_FRAME_CACHE_BYTES = 40_000
    for number in range(0, 90, 13):
        assert browser.get(f"/videos/{video.pk}/frames/{number}.jpg?w=320").status_code == 200
    total = sum(path.stat().st_size for path in Path(settings.AVA_CACHE_DIR).rglob("*.jpg"))
    assert 0 < total <= 40_000 + 13 * 8_000


def test_cached_pictures_are_whole_files_named_by_the_films_checksum(video, browser):
    browser.get(f"/videos/{video.pk}/frames/5.jpg?w=320")
    assert cached() == sorted(f"{number}.jpg" for number in range(10))
    folder = next(Path(settings.AVA_CACHE_DIR).rglob("5.jpg")).parent
    assert folder.parent.name == video.sha256 and not list(folder.glob(".*"))
