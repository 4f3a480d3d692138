"""The trailer map: which pairs are due, what people say of matches, who sees what, and the page and its files."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from ava.models import Chunk, Job, Shot, Title, Video, WorkState
from curation.models import TrailerMatching, TrailerVerdict
from curation.moments.film_window import Window
from curation.moments.trailer_match import Gap, Passage, Reason, TrailerMatch
from curation.trailer_pairs import all_pairs, bases, due_pairs
from curation.trailer_reading import read_parts, trailer_uses
from curation.trailer_work import match_pair, read_film, save_match
from tests.world import World, make_person, make_world

pytestmark = pytest.mark.django_db


def passage(trailer_start: int, film_start: int, *, frames: int = 10, motion: float | None = 0.9) -> Passage:
    return Passage(
        trailer_start, trailer_start + frames, film_start, film_start + frames, film_start, 1.0,
        Window(0.0, 0.0, 1.0, 1.0, False), 0.95, motion, 0.9,
    )  # fmt: skip


FOUND = TrailerMatch(
    (passage(0, 40), passage(10, 70, motion=None)),
    (Gap(20, 30, Reason.CARD), Gap(30, 50, Reason.ANOTHER_TAKE, 12)),
    0.5,
    True,
)


@pytest.fixture
def world() -> World:
    world = make_world("qq-xx")
    world.video.shots.update(provisional=False)
    Job.objects.filter(video=world.video).update(state=WorkState.DONE)
    return world


@pytest.fixture
def trailer(world: World) -> Video:
    """An analysed trailer of the world's film."""
    title = Title.objects.create(name="Its trailer", kind=Title.Kind.TRAILER, parent=world.title)
    title.teams.set(world.title.teams.all())
    video = Video.objects.get(pk=world.video.pk)
    video.pk, video.title, video.sha256, video.original_name = None, title, "f" * 64, "trailer.mp4"
    video.save()
    Shot.objects.create(video=video, index=0, start_frame=0, end_frame=50)
    Job.objects.create(video=video, state=WorkState.DONE)
    return video


@pytest.fixture
def matching(world: World, trailer: Video) -> TrailerMatching:
    row = TrailerMatching.objects.create(film=world.video, trailer=trailer)
    pair = (world.video.pk, trailer.pk)
    save_match(row, FOUND, basis=bases([pair])[pair])
    return TrailerMatching.objects.get(pk=row.pk)


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def say(client: Client, matching: TrailerMatching, verdict: str, **changes: Any) -> Any:
    told = {
        "film": matching.film_id, "trailer": matching.trailer_id, "trailer_start": 0, "film_start": 40,
        "verdict": verdict,
    }  # fmt: skip
    address = f"/titles/{matching.film.title_id}/trailer/say/"
    return client.post(address, {**told, **changes}, headers={"accept": "application/json"})


def test_a_pair_is_due_when_both_are_analysed_and_again_when_either_is_analysed_anew(
    world: World, trailer: Video
) -> None:
    pair = (world.video.pk, trailer.pk)
    assert due_pairs(all_pairs()) == [pair]
    row = TrailerMatching.objects.create(film=world.video, trailer=trailer)
    save_match(row, FOUND, basis=bases([pair])[pair])
    assert due_pairs(all_pairs()) == []
    again = Job.objects.create(video=world.video, state=WorkState.RUNNING)
    assert all_pairs() == []
    Job.objects.filter(pk=again.pk).update(state=WorkState.DONE)
    assert due_pairs(all_pairs()) == [pair]


def test_an_episode_is_matched_with_the_trailers_of_its_series_but_a_trailer_without_parent_with_nothing(
    world: World, trailer: Video
) -> None:
    series = Title.objects.create(name="The series", kind=Title.Kind.SERIES)
    Title.objects.filter(pk=world.title.pk).update(kind=Title.Kind.EPISODE, parent=series, season=1, episode=1)
    assert all_pairs() == [(world.video.pk, trailer.pk)]
    Title.objects.filter(pk=trailer.title_id).update(parent=series)
    assert all_pairs() == [(world.video.pk, trailer.pk)]
    Title.objects.filter(pk=trailer.title_id).update(parent=None)
    assert all_pairs() == []


def test_a_pair_that_fails_is_tried_three_times_and_says_why(
    world: World, trailer: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(video: Video) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("curation.trailer_work.read_film", fail)
    pair = (world.video.pk, trailer.pk)
    for _ in range(3):
        assert due_pairs([pair])
        match_pair(*pair)
    assert not due_pairs([pair])
    assert "the disk is gone" in TrailerMatching.objects.get().error
    page = sign_in(world.editor).get(f"/titles/{world.title.pk}/trailer/").content.decode()
    assert "could not be compared" in page and "the disk is gone" in page


def test_a_films_small_pictures_come_from_its_strip_and_stand_at_their_frames(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    from ava.filmstrip import Filmstrip, save_filmstrip, tile_step

    settings.MEDIA_ROOT = tmp_path
    whole = (0, 0, world.video.width, world.video.height)
    monkeypatch.setattr("curation.trailer_work.picture_area", lambda video: whole)
    Chunk.objects.filter(video=world.video).exclude(pk=world.chunk.pk).delete()
    strip = Filmstrip(world.chunk)
    count = world.chunk.end_frame - world.chunk.start_frame
    frames = np.stack([np.full((36, 64, 3), 2 * place, dtype=np.uint8) for place in range(count)])
    strip.add(frames, np.arange(world.chunk.start_frame, world.chunk.end_frame))
    save_filmstrip(world.chunk, strip)
    read = read_film(world.video)
    wanted = np.arange(world.chunk.start_frame, world.chunk.end_frame, tile_step(world.video))
    np.testing.assert_array_equal(read.tile_frames, wanted)
    np.testing.assert_allclose(read.tiles.mean(axis=(1, 2)), 2 * (wanted - world.chunk.start_frame), atol=6)


def test_what_a_person_said_survives_the_next_analysis_even_where_it_finds_the_match_no_more(
    world: World, matching: TrailerMatching
) -> None:
    client = sign_in(world.editor)
    assert say(client, matching, "right").status_code == 200
    assert say(client, matching, "wrong", trailer_start=10, film_start=70).status_code == 200
    later = TrailerMatch((passage(11, 71),), (Gap(0, 11, Reason.NOT_FOUND),), 0.2, True)
    save_match(matching, later, basis="next")
    kept, moved = [part for part in read_parts(matching) if part.film_start is not None]
    assert (kept.film_start, kept.verdict, kept.confidence) == (40, "right", None)
    assert (moved.film_start, moved.verdict) == (71, "wrong")
    assert [(use.start_frame, use.confidence) for use in trailer_uses(world.video)] == [(40, 1.0)]


def test_a_word_is_taken_back_and_nothing_said_is_ever_overwritten(world: World, matching: TrailerMatching) -> None:
    client = sign_in(world.editor)
    for verdict in ("wrong", "wrong", "right", ""):
        assert say(client, matching, verdict).status_code == 200
    assert list(TrailerVerdict.objects.values_list("verdict", flat=True)) == ["wrong", "right", ""]
    assert read_parts(matching)[0].verdict == ""


def test_matches_of_what_does_not_seem_to_be_the_films_trailer_do_not_count_as_its_uses(
    world: World, matching: TrailerMatching
) -> None:
    assert [use.start_frame for use in trailer_uses(world.video)] == [40, 70]
    TrailerMatching.objects.update(belongs=False)
    assert trailer_uses(world.video) == []


def test_only_editors_judge_and_what_is_no_match_is_refused_with_a_sentence(
    world: World, matching: TrailerMatching
) -> None:
    reviewer = sign_in(world.reviewer)
    assert say(reviewer, matching, "right").status_code == 403
    assert 'value="right"' not in reviewer.get(f"/titles/{world.title.pk}/trailer/").content.decode()
    editor = sign_in(world.editor)
    assert say(editor, matching, "right", film_start=41).status_code == 409
    for wrong in ({"verdict": "maybe"}, {"trailer_start": "a\0"}, {"film_start": "9" * 40}, {"film_start": ""}):
        assert say(editor, matching, wrong.pop("verdict", "right"), **wrong).status_code == 400
    assert say(editor, matching, "right", film="9" * 12).status_code == 404
    assert not TrailerVerdict.objects.exists()


def test_a_trailer_that_a_person_may_not_see_is_told_of_nowhere(
    world: World, trailer: Video, matching: TrailerMatching
) -> None:
    trailer.title.teams.set([make_world("others").team])
    client = sign_in(world.editor)
    page = client.get(f"/titles/{world.title.pk}/trailer/")
    assert page.status_code == 200 and "Its trailer" not in page.content.decode()
    assert client.get(f"/titles/{world.title.pk}/trailer.csv").status_code == 404
    assert client.get(f"/api/titles/{world.title.pk}/trailer/").status_code == 404
    assert say(client, matching, "right").status_code == 404


def test_the_page_shows_every_part_beside_its_place_or_why_it_has_none(
    world: World, trailer: Video, matching: TrailerMatching
) -> None:
    for title in (world.title, trailer.title):
        page = sign_in(world.editor).get(f"/titles/{title.pk}/trailer/").content.decode()
        assert "2 of 4 parts" in page and page.count('class="trailer-part') == 4 + page.count('class="trailer-parts"')
        assert "A card: lettering on a plain ground" in page and "Another take" in page
        assert f"/videos/{world.video.pk}/frames/12.jpg" in page  # the nearest place of another take


def test_the_page_tells_in_few_queries_and_says_when_nothing_matches(
    world: World, matching: TrailerMatching, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(world.editor)
    save_match(matching, TrailerMatch((), (Gap(0, 50, Reason.NOT_FOUND),), 0.0, False), basis="x")
    with django_assert_max_num_queries(40):
        page = client.get(f"/titles/{world.title.pk}/trailer/?film=zzz&trailer=%00").content.decode()
    assert "Being compared" in page or "does not match this film" in page
    page = client.get(f"/titles/{world.title.pk}/trailer/").content.decode()
    assert "does not match this film" in page


def test_the_table_and_the_api_tell_the_same_half_open_spans(world: World, matching: TrailerMatching) -> None:
    client = sign_in(world.editor)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/titles/{world.title.pk}/trailer.csv").content.decode())))
    told = client.get(f"/api/titles/{world.title.pk}/trailer/").json()
    assert [(row["film_start_frame"], row["film_end_frame"]) for row in rows] == [
        ("40", "50"), ("70", "80"), ("", ""), ("", ""),
    ]  # fmt: skip
    assert [part["film_start_frame"] for part in told["parts"]] == [40, 70, None, None]
    assert [part["reason"] for part in told["parts"]] == ["", "", "card", "another take"]
    assert told["belongs"] and told["share_unit"] == 0.5


def test_a_pipeline_judges_through_the_api(world: World, matching: TrailerMatching) -> None:
    client, address = sign_in(world.editor), f"/api/titles/{world.title.pk}/trailer/"
    body = {
        "film": matching.film_id, "trailer": matching.trailer_id, "trailer_start_frame": 10, "film_start_frame": 70,
        "verdict": "wrong",
    }  # fmt: skip
    told = client.post(address, json.dumps(body), content_type="application/json").json()
    assert [part["in_film"] for part in told["parts"]] == [True, False, False, False]
    body["film_start_frame"] = 71
    assert client.post(address, json.dumps(body), content_type="application/json").status_code == 409
    body["film_start_frame"] = 2**40
    assert client.post(address, json.dumps(body), content_type="application/json").status_code == 400
    viewer = sign_in(make_person("looker", team=world.team, role="reviewer"))
    body["film_start_frame"] = 70
    assert viewer.post(address, json.dumps(body), content_type="application/json").status_code == 403


def test_open_pages_are_told_of_the_map_but_nobody_who_may_not_see_the_trailer(
    world: World, matching: TrailerMatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, Any]] = []
    monkeypatch.setattr(
        "curation.trailer_news.publish", lambda *, title_id, message: told.append((title_id, message["title_id"]))
    )
    film, trailer = matching.film.title_id, matching.trailer.title_id
    save_match(matching, FOUND, basis="again")
    assert told == [(trailer, film), (trailer, trailer)]
    assert say(sign_in(world.editor), matching, "right").status_code == 200
    assert len(told) == 4 and {audience for audience, _ in told} == {trailer}


def test_the_map_alone_is_given_to_the_page_that_draws_it_anew_and_tells_how_far_it_is(
    world: World, trailer: Video
) -> None:
    TrailerMatching.objects.create(film=world.video, trailer=trailer, frames_done=25)
    address = f"/titles/{world.title.pk}/trailer/"
    part = sign_in(world.editor).get(address, headers={"hx-request": "true"}).content.decode().strip()
    assert part.startswith('<div class="page trailer-map" id="trailer-map" data-live-part="trailer"')
    assert f"{round(100 * 25 / trailer.frame_count)} % compared" in part
