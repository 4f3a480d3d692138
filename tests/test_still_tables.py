"""Tables of films' stills: kept packed, made anew when the stills change, and what pages read from them."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from curation.cluster_pages import cluster_frames
from curation.decisions import decide
from curation.models import BoardTable, PickList, PickListEntry
from curation.services import keep_frame
from curation.still_tables import load_table, save_table
from tests.world import make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A film with the world's still at frame 10 and eleven more, of two kinds as far as is known."""
    world = make_world("tables")
    for rank, frame in enumerate(range(12, 34, 2), start=2):
        make_still(world.video, frame, rank=rank, shot=world.shot, explanation={"sharpness": rank / 20, "people": 0.5})
    return world


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_table_is_made_once_and_then_read(world, django_assert_max_num_queries) -> None:
    table = load_table(world.video)
    assert table.frames.tolist() == [10, *range(12, 34, 2)]
    assert BoardTable.objects.get(video=world.video).layout["frame_count"] == world.video.frame_count
    with django_assert_max_num_queries(5):
        assert load_table(world.video) is table


def test_table_kept_by_another_process_is_read_as_it_was_made(world) -> None:
    made = save_table(world.video)
    BoardTable.objects.update(updated_at=timezone.now() + timedelta(seconds=5))  # as if another had written it
    read = load_table(world.video)
    assert read is not made
    for name, values in made.vectors.items():
        assert np.array_equal(read.vectors[name], values) and read.vectors[name].dtype == np.float32
    assert read.cast == made.cast and read.frame_count == made.frame_count
    with pytest.raises(ValueError, match="read-only"):
        read.looks[0, 0] = 1


def test_frame_that_an_editor_keeps_is_in_the_table_at_once(world) -> None:
    assert 11 not in load_table(world.video).frames
    keep_frame(world.video, 11)
    assert 11 in load_table(world.video).frames


def test_still_that_is_gone_is_gone_from_the_table(world) -> None:
    load_table(world.video)
    world.video.stills.filter(frame_index=12).delete()
    assert 12 not in load_table(world.video).frames


def test_table_made_in_another_way_is_made_anew(world) -> None:
    load_table(world.video)
    BoardTable.objects.update(version=0, data=b"of an old kind")
    assert len(load_table(world.video)) == 12
    assert BoardTable.objects.get(video=world.video).version > 0


def test_parts_that_cannot_be_judged_now_are_those_the_still_was_judged_by(world) -> None:
    table = load_table(world.video)
    assert table.parts["sharpness"][1] == pytest.approx(2 / 20)
    assert table.parts["people"][1] == pytest.approx(0.5)


def test_film_without_stills_has_an_empty_table_and_pages_that_say_so(world) -> None:
    world.video.stills.all().delete()
    assert len(load_table(world.video)) == 0
    client = sign_in(world.editor)
    for page in ("clusters", "coverage"):
        assert "No stills yet" in client.get(f"/titles/{world.title.pk}/{page}/").content.decode()
    world.video.delete()
    for page in ("clusters", "coverage"):
        assert "no film yet" in client.get(f"/titles/{world.title.pk}/{page}/").content.decode()
        assert client.get(f"/api/titles/{world.title.pk}/{page}/").json()["video"] is None


def test_logos_to_avoid_count_only_where_one_team_sees_the_title(world) -> None:
    assert load_table(world.video).maturity["logos"][0] == pytest.approx(0.9)
    assert np.isnan(load_table(world.video).maturity["logos"][1:]).all()
    world.title.teams.add(make_world("other").team)
    assert np.isnan(save_table(world.video).maturity["logos"]).all()


def test_every_still_is_in_one_cluster_of_the_page_and_the_board_can_show_it(world) -> None:
    client = sign_in(world.reviewer)
    listed = client.get(f"/api/titles/{world.title.pk}/clusters/?v.light=3").json()
    assert sorted(frame for cluster in listed["clusters"] for frame in cluster["frames"]) == [10, *range(12, 34, 2)]
    for cluster in listed["clusters"]:
        assert cluster_frames(world.video, cluster["number"], {"v.light": "3"}) == cluster["frames"]
    assert cluster_frames(world.video, 99, {}) == []
    page = client.get(f"/titles/{world.title.pk}/clusters/?v.light=3").content.decode()
    assert page.count('class="cluster-card"') == len(listed["clusters"]) and "v.light=3&amp;cluster=1" in page


def test_coverage_is_told_of_picks_or_of_a_list_of_the_title(world) -> None:
    decide(world.video, frame_index=10, user=world.editor, verdict="pick")
    decide(world.video, frame_index=12, user=world.editor, verdict="reject")
    other = PickList.objects.create(title=world.title, name="Banner", created_by=world.editor)
    for frame in (14, 16, 18):
        PickListEntry.objects.create(
            pick_list=other, video=world.video, frame_index=frame, is_in=True, user=world.editor
        )
    client, address = sign_in(world.editor), f"/api/titles/{world.title.pk}/coverage/"
    assert client.get(address).json()["pick_count"] == 1
    told = client.get(address, {"list": other.pk}).json()
    assert told["pick_count"] == 3 and told["diversity"]["effective"] >= 1
    assert not {10, 12} & {frame for gap in told["gaps"] for frame in gap["frames"] if frame == 12}
    assert "Banner" in client.get(f"/titles/{world.title.pk}/coverage/?list={other.pk}").content.decode()


def test_lists_and_films_of_others_are_refused(world) -> None:
    others = make_world("others")
    client, title = sign_in(world.editor), world.title.pk
    assert client.get(f"/titles/{title}/coverage/?list={others.pick_list.pk}").status_code == 404
    assert client.get(f"/api/titles/{title}/coverage/?list={others.pick_list.pk}").status_code == 400
    assert client.get(f"/api/titles/{title}/clusters/?video={others.video.pk}").status_code == 400


@pytest.mark.parametrize("query", ["v.light=abc&v.place=-3&v.scale=1e99", "video=%00", "video=99999999999999999999"])
def test_odd_addresses_are_answered(world, query: str) -> None:
    client = sign_in(world.editor)
    for page in ("clusters", "coverage"):
        assert client.get(f"/titles/{world.title.pk}/{page}/?{query}").status_code == 200
        assert client.get(f"/api/titles/{world.title.pk}/{page}/?{query}").status_code in (200, 400)


def test_large_still_says_how_it_stands_among_the_others(world) -> None:
    client = sign_in(world.editor)
    board = client.get(f"/titles/{world.title.pk}/stills/?still=10").content.decode()
    assert "Among the others" in board and "In cluster" in board
    bare = client.get(f"/titles/{world.title.pk}/stills/?still=11").content.decode()
    assert "Among the others" not in bare
