"""Pages of pixel flags: reviewed and listed by plain forms and links, and the pictures of a flag."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from ava import frames
from ava.decoder_process import DecoderPool
from ava.media.decode import decode_frame
from ava.models import User, Video
from ava.video_facts import video_info
from qc.claims import claim_flag
from qc.flag_pictures import SIDE_PX, place_in_strip, strip_frames
from qc.models import FlagClaim, FlagPatch, PixelFlag, PixelReview
from qc.pixel.patches import PATCH_SIDE_PX, Patch, pack_patch
from qc.pixel.upright import to_stored
from tests.films import store_video
from tests.footage import write_film
from tests.world import World, make_film, make_person, make_pixel_flag, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world("pixels")
    world.pixel_flag.delete()
    return world


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def reviewer(world: World) -> Client:
    return sign_in(world.reviewer)


def review(world: World, query: str = "") -> str:
    return f"/titles/{world.title.pk}/pixels/review/{query}"


def add_patch(flag: PixelFlag, pixels: np.ndarray) -> None:
    side = pixels.shape[1]
    at = to_stored(flag.x, flag.y, film=flag.video)
    patch = Patch(round(at.x) - side // 2, round(at.y) - side // 2, pixels)
    FlagPatch.objects.create(flag=flag, x0=patch.x0, y0=patch.y0, side_px=side, pixels=pack_patch(patch))


def read_strip(client: Client, flag: PixelFlag) -> np.ndarray:
    answer = client.get(f"/qc/flags/{flag.pk}/strip.png")
    assert answer.status_code == 200, answer.content
    return np.asarray(Image.open(io.BytesIO(answer.content)))


# --- reviewing by forms and links ----------------------------------------------------------------------------------


def test_a_decision_leads_to_the_next_flag_of_the_same_queue(world: World, reviewer: Client) -> None:
    late, early = (make_pixel_flag(world.video, frame=frame, confidence=frame / 100) for frame in (80, 20))
    shown = reviewer.get(review(world, "?order=film")).content.decode()
    assert f'data-flag="{early.pk}"' in shown
    answer = reviewer.post(f"/qc/flags/{early.pk}/decide/", {"verdict": "rejected", "order": "film"})
    assert answer.status_code == 302 and answer["Location"] == review(world, "?order=film")
    early.refresh_from_db()
    assert early.state == "rejected"
    assert f'data-flag="{late.pk}"' in reviewer.get(answer["Location"]).content.decode()


def test_undo_leads_back_to_the_flag(world: World, reviewer: Client) -> None:
    flag = make_pixel_flag(world.video)
    reviewer.post(f"/qc/flags/{flag.pk}/decide/", {"verdict": "confirmed"})
    undo = f"/titles/{world.title.pk}/pixels/undo/"
    assert reviewer.post(undo)["Location"] == review(world, f"?flag={flag.pk}")
    flag.refresh_from_db()
    assert flag.state == "open"
    assert reviewer.post(undo, headers={"Accept": "application/json"}).status_code == 409


def test_links_lead_through_the_queue_and_stop_at_its_ends(world: World, reviewer: Client) -> None:
    one, two, three = (make_pixel_flag(world.video, frame=frame) for frame in (10, 20, 30))
    reviewer.post(f"/qc/flags/{two.pk}/decide/", {"verdict": "unsure"})

    def lead(query: str) -> str:
        return reviewer.get(review(world, query))["Location"]

    assert lead(f"?order=film&after={one.pk}") == review(world, f"?order=film&flag={three.pk}")
    assert lead(f"?order=film&after={two.pk}") == review(world, f"?order=film&flag={three.pk}")
    assert lead(f"?order=film&before={three.pk}") == review(world, f"?order=film&flag={one.pk}")
    assert lead(f"?order=film&after={three.pk}") == review(world, f"?order=film&flag={three.pk}")
    assert reviewer.get(f"/qc/flags/{two.pk}/")["Location"] == review(world, f"?flag={two.pk}")


def test_what_a_colleague_has_before_them_is_told_and_not_given(world: World, reviewer: Client) -> None:
    flag = make_pixel_flag(world.video)
    colleague = make_person("colleague", team=world.team, role="reviewer")
    assert claim_flag(flag, user=colleague)
    assert f'data-flag="{flag.pk}"' not in reviewer.get(review(world)).content.decode()
    assert "colleague has this flag before them" in reviewer.get(review(world, f"?flag={flag.pk}")).content.decode()
    answer = reviewer.post(
        f"/qc/flags/{flag.pk}/decide/", {"verdict": "confirmed"}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 409 and "colleague" in answer.json()["detail"]


def test_a_page_holds_its_flags_claims_more_and_lets_go(world: World, reviewer: Client) -> None:
    first, second = (make_pixel_flag(world.video, frame=frame, confidence=1 - frame / 100) for frame in (10, 20))
    address, json = f"/titles/{world.title.pk}/pixels/next/", {"Accept": "application/json"}
    assert reviewer.post(address, headers=json).json()["flag"] == first.pk
    told = reviewer.post(address, {"hold": first.pk}, headers=json).json()
    assert told["flag"] == second.pk and told["held"] == [first.pk] and f'data-flag="{second.pk}"' in told["part"]
    assert told["progress"] == {"settled": 0, "total": 2, "disputed": 0, "to_judge": 2}
    assert reviewer.post(address, {"hold": f"{first.pk},{second.pk}"}, headers=json).json()["flag"] is None
    reviewer.post(address, {"release": f"{first.pk},x,-1", "want": "0"})
    assert list(FlagClaim.objects.values_list("flag", flat=True)) == [second.pk]


def test_who_may_look_but_not_decide_sees_no_form_and_is_refused(world: World) -> None:
    flag = make_pixel_flag(world.video)
    for user in (world.editor, world.administrator):
        client = sign_in(user)
        shown = client.get(review(world)).content.decode()
        assert f'data-flag="{flag.pk}"' in shown and "Only QC reviewers" in shown and "data-verdict=" not in shown
        assert client.post(f"/qc/flags/{flag.pk}/decide/", {"verdict": "confirmed"}).status_code == 403
        for name in ("undo", "next", "add"):
            assert client.post(f"/titles/{world.title.pk}/pixels/{name}/").status_code == 403
    assert not FlagClaim.objects.exists()


def test_a_missed_error_is_added_and_taken_back(world: World, reviewer: Client, hints: list[Any]) -> None:
    address = f"/titles/{world.title.pk}/pixels/add/"
    place = {"video": world.video.pk, "frame": 7, "x": 30, "y": "40.5"}
    answer = reviewer.post(address, place)
    flag = PixelFlag.objects.get()
    assert answer["Location"] == review(world, f"?flag={flag.pk}")
    assert (flag.frame_index, flag.x, flag.y, flag.state, flag.added_by) == (7, 30, 40.5, "confirmed", world.reviewer)
    reviewer.post(f"/titles/{world.title.pk}/pixels/undo/")
    assert not PixelFlag.objects.filter(is_current=True).exists()
    json = {"Accept": "application/json"}
    for wrong in ({"x": "nan"}, {"x": "\0"}, {"frame": "9" * 30}, {"frame": 1000}, {"video": 0}, {"y": 5000}):
        assert reviewer.post(address, place | wrong, headers=json).status_code == 400, wrong


def test_a_missed_error_is_marked_by_a_form_beside_the_flag(world: World, reviewer: Client) -> None:
    flag = make_pixel_flag(world.video, frame=11)
    address = f"/titles/{world.title.pk}/pixels/add/"
    shown = reviewer.get(review(world, f"?flag={flag.pk}")).content.decode()
    assert f'action="{address}"' in shown and 'name="frame" min="0" step="1" required value="11"' in shown
    read_only = sign_in(world.editor).get(review(world, f"?flag={flag.pk}")).content.decode()
    assert address not in read_only.partition("<article")[2]
    outside = {"video": world.video.pk, "flag": flag.pk, "frame": 11, "x": 5000, "y": 4}
    assert reviewer.post(address, outside)["Location"] == review(world, f"?flag={flag.pk}")


def test_the_list_has_every_report_and_says_what_a_scan_says(world: World, reviewer: Client) -> None:
    make_pixel_flag(world.video, state="confirmed")
    sentences = ("Two frames are crowded.",)
    with mock.patch("qc.pages.scan_state", return_value=mock.Mock(sentences=sentences)):
        shown = reviewer.get(f"/titles/{world.title.pk}/pixels/").content.decode()
    assert sentences[0] in shown
    for kind in ("pdf", "csv", "edl", "otio", "json"):
        assert f"/titles/{world.title.pk}/pixels/report/{kind}" in shown


def test_only_administrators_ask_for_a_second_review(world: World, reviewer: Client) -> None:
    address = f"/titles/{world.title.pk}/pixels/reviews/"
    assert reviewer.post(address, {"wanted": "2"}).status_code == 403
    administrator = sign_in(world.administrator)
    json = {"Accept": "application/json"}
    assert administrator.post(address, {"wanted": "3"}, headers=json).status_code == 400
    administrator.post(address, {"wanted": "2"})
    assert PixelReview.objects.get().reviews_wanted == 2
    make_pixel_flag(world.video)
    listed = f"/titles/{world.title.pk}/pixels/"
    assert "judged by two people" in administrator.get(listed).content.decode()
    assert "judged by two people" not in reviewer.get(listed).content.decode()


@pytest.mark.parametrize("query", ["?flag=%00", "?flag=99999999999999999999", "?order=%00&kind=x&video=-1", "?after=a",
                                   "?page=zz&min_confidence=nan&shot=999999999999999999999"])  # fmt: skip
def test_odd_addresses_show_what_there_is(world: World, reviewer: Client, query: str) -> None:
    flag = make_pixel_flag(world.video)
    for page in (review(world, query), f"/titles/{world.title.pk}/pixels/{query}"):
        answer = reviewer.get(page, follow=True)
        assert answer.status_code == 200 and f"/qc/flags/{flag.pk}/" in answer.content.decode()


# --- lists ---------------------------------------------------------------------------------------------------------


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    world: World, reviewer: Client, django_assert_max_num_queries: Any
) -> None:
    address = f"/titles/{world.title.pk}/pixels/"
    rows = [make_pixel_flag(world.video, frame=number % 100, x=number % 300) for number in range(70)]
    PixelFlag.objects.filter(pk=rows[0].pk).update(state="rejected")
    with django_assert_max_num_queries(34):
        shown = reviewer.get(address).content.decode()
    assert shown.count('class="pixel-thumb"') == 60 and "Page 1 of 2" in shown and "69 <span" in shown
    assert reviewer.get(f"{address}?page=2").content.decode().count('class="pixel-thumb"') == 10
    assert reviewer.get(f"{address}?state=rejected").content.decode().count('class="pixel-thumb"') == 1


def test_an_empty_title_says_why_and_what_to_do(world: World, reviewer: Client) -> None:
    address = f"/titles/{world.title.pk}/pixels/"
    for page in (address, review(world)):
        assert 'data-reason="' in reviewer.get(page).content.decode()
    flag = make_pixel_flag(world.video, state="confirmed", reviews=1)
    assert 'data-reason="all-reviewed"' in reviewer.get(review(world)).content.decode()
    flag.delete()
    world.video.delete()
    assert 'data-reason="no-film"' in reviewer.get(address).content.decode()


# --- pictures ------------------------------------------------------------------------------------------------------


def test_a_strip_is_the_stored_patch_in_the_films_own_range(world: World, reviewer: Client) -> None:
    pixels = np.full((5, PATCH_SIDE_PX, PATCH_SIDE_PX, 3), 128, np.uint8)
    pixels[..., 0] = 16
    pixels[2, 24, 24, 0] = 235  # the flag: white of limited range in the middle of the middle frame
    for color_range, black in (("tv", 0), ("pc", 16)):
        video = make_film(world.title, name=f"{color_range}.mp4")
        Video.objects.filter(pk=video.pk).update(color_range=color_range)
        video.refresh_from_db()
        flag = make_pixel_flag(video, x=100.0, y=60.0)
        add_patch(flag, pixels)
        strip = read_strip(reviewer, flag)
        assert strip.shape == (PATCH_SIDE_PX, 5 * PATCH_SIDE_PX, 3)
        lit = np.argwhere(strip[..., 0] > 200)
        assert lit.tolist() == [[24, 2 * PATCH_SIDE_PX + 24]]
        assert np.unique(strip[:, :PATCH_SIDE_PX]).tolist() == [black]
        assert place_in_strip(flag) == pytest.approx((24, 24))


def test_a_strip_of_a_turned_film_is_upright_with_the_flag_where_it_says(world: World, reviewer: Client) -> None:
    video = make_film(world.title, name="turned.mp4")
    video.rotation_deg, video.width, video.height = 90, 360, 640
    video.save()
    flag = make_pixel_flag(video, x=201.0, y=100.0)
    pixels = np.full((5, PATCH_SIDE_PX, PATCH_SIDE_PX, 3), 128, np.uint8)
    pixels[..., 0], pixels[2, 24, 24, 0] = 16, 235
    add_patch(flag, pixels)
    y, x = np.argwhere(read_strip(reviewer, flag)[:, 2 * PATCH_SIDE_PX : 3 * PATCH_SIDE_PX, 0] > 200)[0].tolist()
    assert place_in_strip(flag) == pytest.approx((x, y))


def test_an_unchanged_strip_is_not_sent_again(world: World, reviewer: Client) -> None:
    flag = make_pixel_flag(world.video)
    add_patch(flag, np.full((5, 8, 8, 3), 128, np.uint8))
    address = f"/qc/flags/{flag.pk}/strip.png"
    etag = reviewer.get(address)["ETag"]
    assert reviewer.get(address, headers={"If-None-Match": etag}).status_code == 304
    FlagPatch.objects.all().delete()
    add_patch(PixelFlag.objects.get(pk=flag.pk), np.full((5, 8, 8, 3), 99, np.uint8))
    assert reviewer.get(address, headers={"If-None-Match": etag}).status_code == 200


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", frames=40, gop=20, width=160, height=90, fps=24)


@pytest.fixture
def stored(film: Path, world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Video]:
    """A film in the world's title, decoded by a pool of the test's own."""
    settings.AVA_CACHE_DIR = tmp_path
    pool = DecoderPool(size=1)
    monkeypatch.setattr(frames, "DECODERS", pool)
    yield store_video(film, title=world.title)
    pool.close()


def test_without_a_patch_the_strip_is_decoded_exactly(stored: Video, reviewer: Client, film: Path) -> None:
    flag = make_pixel_flag(stored, frame=1, x=10.0, y=45.0)
    assert strip_frames(flag) == (1, 0, 1, 2, 3)
    strip, left = read_strip(reviewer, flag), SIDE_PX // 2 - 10
    for number, frame in enumerate(strip_frames(flag)):
        rgb = decode_frame(film, info=video_info(stored), frame_index=frame)
        shown = strip[:, number * SIDE_PX : (number + 1) * SIDE_PX]
        assert (shown[:, left:] == rgb[45 - SIDE_PX // 2 : 46 + SIDE_PX // 2, : SIDE_PX - left]).all()
        assert not shown[:, :left].any()  # beyond the picture


def test_a_stuck_pixels_strip_is_sampled_over_its_spans(stored: Video, reviewer: Client) -> None:
    flag = make_pixel_flag(stored, frame=0, x=150.0, y=2.0, kind="stuck", spans=[[0, 10], [30, 40]])
    assert strip_frames(flag) == (2, 6, 30, 34, 38)
    assert read_strip(reviewer, flag).shape == (SIDE_PX, 5 * SIDE_PX, 3)
    assert strip_frames(make_pixel_flag(stored, frame=39, kind="stuck", spans=[[39, 90]]))[-1] == 39


def test_a_film_that_is_gone_is_told_in_a_sentence(world: World, reviewer: Client) -> None:
    answer = reviewer.get(f"/qc/flags/{make_pixel_flag(world.video).pk}/strip.png")
    assert answer.status_code == 422 and b"There is no file" in answer.content
