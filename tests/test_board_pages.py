"""The board as plain pages: culling, comparing, views under names, narrowing, and what makes no sense."""

import uuid
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from curation.board_comparison import compared_stills
from curation.board_index import index_core
from curation.decisions import current_decisions
from curation.models import Decision, Picture, PictureGroup, RankingProfile, SavedFilter, Still
from curation.pages import board_cards, read_board
from curation.saved_filters import InvalidFilter, clean_query, offered_filters, save_filter
from tests.world import World, make_person, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Six stills, ranked 1–6, at the frames 10–15."""
    made = make_world("home")
    for rank, frame in enumerate(range(11, 16), start=2):
        explanation = {"sharpness": rank / 10, "colour": 0.5}
        make_still(made.video, frame, rank=rank, shot=made.shot, explanation=explanation)
    Decision.objects.all().delete()
    return made


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def board_of(world: World, query: str = "") -> Any:
    return read_board(world.title, query=QueryDict(query), user=world.editor)


def frames_of(world: World, query: str = "") -> list[int]:
    return [card.frame_index for card in board_cards(board_of(world, query), number="1").object_list]


def open_context(client: Client, world: World, query: str) -> Any:
    return client.get(reverse("stills", args=[world.title.pk]) + query).context["open"]


def test_culling_opens_the_first_still_and_shows_its_neighbours(world: World, client: Client) -> None:
    opened = open_context(client, world, "?view=cull")
    assert opened.card.frame_index == 10
    assert [card.frame_index for card in opened.strip] == [10, 11, 12, 13, 14]
    middle = open_context(client, world, "?view=cull&still=13")
    assert [card.frame_index for card in middle.strip] == [10, 11, 12, 13, 14, 15]
    assert (middle.previous_frame, middle.next_frame, middle.place, middle.of) == (12, 14, 4, 6)
    page = client.get(reverse("stills", args=[world.title.pk]) + "?view=cull&still=13").content.decode()
    assert page.count("data-strip-frame") == 6 and 'aria-current="true" data-verdict' not in page


@pytest.mark.parametrize("query", ["", "sort=time", "sort=stars", "verdict=undecided", "frames=15,12,11", "stars=1"])
def test_the_large_still_leads_on_as_the_list_does(query: str, world: World, client: Client) -> None:
    order = frames_of(world, query)
    for place, frame in enumerate(order):
        opened = open_context(client, world, f"?{query}&still={frame}")
        assert (opened.place, opened.of) == (place + 1, len(order))
        assert opened.previous_frame == (order[place - 1] if place else None)
        assert opened.next_frame == (order[place + 1] if place + 1 < len(order) else None)


def test_a_step_to_a_neighbouring_frame_remembers_where_it_began(world: World, client: Client) -> None:
    page = client.get(reverse("stills", args=[world.title.pk]) + "?still=40&from=12")
    assert 'name="instead_of" value="12"' in page.content.decode()
    opened = page.context["open"]
    assert (opened.previous_frame, opened.next_frame, opened.place) == (11, 13, None)
    assert "still=41&amp;from=12" in page.content.decode()


def test_taking_a_frame_instead_is_one_action(world: World, client: Client) -> None:
    decide, undo = (reverse("decide", args=[world.video.pk, 40]), reverse("undo", args=[world.video.pk]))
    client.post(reverse("decide", args=[world.video.pk, 12]), {"verdict": "pick", "stars": "4"})
    client.post(decide, {"instead_of": "12", "left": "reject"})
    assert current_decisions(world.video) == {12: ("reject", 0), 40: ("pick", 4)}
    client.post(undo)
    assert current_decisions(world.video) == {12: ("pick", 4), 40: ("", 0)}


@pytest.mark.parametrize(
    "said",
    [
        {"instead_of": "40"}, {"instead_of": "x"}, {"instead_of": "12", "left": "pick"}, {"instead_of": "1" * 30},
        {"verdict": "pick", "frames": "99999"}, {"verdict": "pick", "action": "no-uuid"}, {"verdict": "p\0"},
        {"stars": "9", "frames": "12"}, {},
    ],
)  # fmt: skip
def test_decisions_that_make_no_sense_are_refused_whole(said: dict[str, str], world: World, client: Client) -> None:
    response = client.post(
        reverse("decide", args=[world.video.pk, 40]), said, headers={"accept": "application/json"}
    )
    assert response.status_code == 400 and response.json()["detail"]
    assert not Decision.objects.exists()


def test_what_is_decided_on_several_stills_at_once_is_taken_back_at_once(world: World, client: Client) -> None:
    as_script = {"accept": "application/json"}
    address = reverse("decide", args=[world.video.pk, 10])
    client.post(reverse("decide", args=[world.video.pk, 11]), {"stars": "2"})
    client.post(address, {"verdict": "reject", "frames": "11,12,12"}, headers=as_script)
    assert {frame: state.verdict for frame, state in current_decisions(world.video).items()} == dict.fromkeys(
        (10, 11, 12), "reject"
    )
    undone = client.post(reverse("undo", args=[world.video.pk]), headers=as_script).json()
    assert [state["frame_index"] for state in undone["states"]] == [12, 11, 10]
    assert current_decisions(world.video)[11] == ("", 2), "what was said of it before stands again"
    client.post(reverse("undo", args=[world.video.pk]))
    assert set(current_decisions(world.video).values()) == {("", 0)}


def test_actions_of_two_editors_with_one_name_stay_apart(world: World, client: Client) -> None:
    action = str(uuid.uuid4())
    colleague = Client()
    colleague.force_login(world.administrator)
    for each, frame in ((client, 10), (colleague, 11)):
        each.post(reverse("decide", args=[world.video.pk, frame]), {"verdict": "pick", "action": action})
    client.post(reverse("undo", args=[world.video.pk]))
    assert {frame: state.verdict for frame, state in current_decisions(world.video).items()} == {10: "", 11: "pick"}


def test_comparing_sets_scores_side_by_side_with_what_each_lacks(world: World, client: Client) -> None:
    compared = compared_stills(board_of(world), text="12,15,11,12")
    assert compared is not None
    assert [still.card.frame_index for still in compared.stills] == [12, 15, 11]
    assert compared.stills[1].others == [12, 11]
    sharpness, colour = compared.parts
    assert (sharpness.label, colour.label) == ("Sharp subject", "Colour"), "what differs most comes first"
    assert [part.value for part in sharpness.values] == [0.3, 0.6, 0.2]
    assert [part.behind for part in sharpness.values] == [pytest.approx(0.3), 0, pytest.approx(0.4)]
    page = client.get(reverse("stills", args=[world.title.pk]) + "?compare=12,15").content.decode()
    assert page.count("data-compared-frame") == 2 and "Compare 2 stills" in page


@pytest.mark.parametrize("text", ["", "12", "12,12", "x,y", "12,99999", "-1,-2", "9" * 400])
def test_fewer_than_two_frames_of_the_film_are_not_compared(text: str, world: World) -> None:
    assert compared_stills(board_of(world), text=text) is None


def test_at_most_four_stills_are_compared(world: World) -> None:
    compared = compared_stills(board_of(world), text="10,11,12,13,14,15")
    assert compared is not None and len(compared.stills) == 4


def test_a_board_can_be_narrowed_to_frames_and_to_a_group_and_says_so(world: World, client: Client) -> None:
    assert frames_of(world, "frames=14,11,99,x") == [11, 14]
    group = PictureGroup.objects.create(title=world.title)
    Picture.objects.filter(video=world.video).delete()
    for frame in (12, 15):
        Picture.objects.create(title=world.title, video=world.video, frame_index=frame, group=group)
    assert frames_of(world, f"group={group.pk}") == [12, 15]
    board = board_of(world, f"group={group.pk}&verdict=undecided")
    assert board.active[0].text == f"Group {group.pk} of similar pictures"
    assert board.active[0].query_without == "verdict=undecided"
    assert frames_of(world, "group=x") == frames_of(world), "no group narrows nothing"
    other = make_world("other")
    strangers = PictureGroup.objects.get(pk=other.title.picture_groups.values("pk")[:1])
    assert frames_of(world, f"group={strangers.pk}") == [], "a group of another title has none of these stills"


def test_an_order_of_its_own_holds_for_list_index_and_large_still(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from curation import pages, views

    order = np.array([15, 10, 13, 99, 11])  # 99 is none of the stills, 12 and 14 are not named

    def sequence(video: Any, *, query: QueryDict, user: Any) -> Any:
        return order if "purpose" in query else None

    monkeypatch.setattr(pages, "board_sequence", sequence)
    monkeypatch.setattr(views, "board_sequence", sequence)
    assert frames_of(world, "purpose=key-art") == [15, 10, 13, 11, 12, 14]
    assert frames_of(world, "purpose=key-art&frames=12,13,15") == [15, 13, 12]
    opened = open_context(client, world, "?purpose=key-art&still=13")
    assert (opened.previous_frame, opened.next_frame, opened.place) == (10, 11, 3)
    core = client.get(reverse("stills-index", args=[world.title.pk]) + "?purpose=key-art").json()
    assert core["rank"] == [2, 4, 5, 3, 6, 1], "of the frames 10 to 15"
    page = client.get(reverse("stills", args=[world.title.pk]) + "?purpose=key-art&w.sharpness=2&verdict=undecided")
    assert "purpose=key-art&w.sharpness=2" in page.context["settings"]["urls"]["index"].replace("%2E", ".")


def test_a_teams_own_weighting_orders_its_boards(world: World) -> None:
    from curation.board_sequence import is_ordered_anew

    RankingProfile.objects.all().delete()
    assert not is_ordered_anew(world.video, query=QueryDict("verdict=pick"))
    assert is_ordered_anew(world.video, query=QueryDict("variety=0.5"))
    RankingProfile.objects.create(team=world.team, name="ours", weights={}, variety=0.1, is_default=True)
    assert is_ordered_anew(world.video, query=QueryDict(""))


def test_the_index_of_a_film_without_stills_is_empty(world: World) -> None:
    Still.objects.all().delete()
    core = index_core(world.video, order=None)
    assert '"frame_steps":[]' in core and '"rank":[]' in core


def test_a_view_is_kept_under_a_name_and_opens_again(world: World, client: Client) -> None:
    query = "video=1&verdict=undecided&faces=1&faces=2&still=12&page=3&stars="
    answer = client.post(
        reverse("filter-save", args=[world.title.pk]), {"name": "  Two   faces ", "query": query, "is_shared": "1"}
    )
    assert answer.status_code == 302 and answer.url.endswith("?video=1&verdict=undecided&faces=1&faces=2")
    saved = SavedFilter.objects.get(name="Two faces")
    assert saved.is_shared and saved.user == world.editor
    client.post(reverse("filter-save", args=[world.title.pk]), {"name": "two FACES", "query": "sort=time"})
    saved.refresh_from_db()
    assert (saved.query, saved.is_shared, saved.name) == ("sort=time", False, "two FACES"), "one of a name"


def test_colleagues_see_shared_views_and_delete_only_their_own(world: World, client: Client) -> None:
    SavedFilter.objects.all().delete()
    colleague = make_person("colleague", team=world.team)
    theirs = save_filter(world.title, user=colleague, name="Shared", query="sort=time", is_shared=True)
    save_filter(world.title, user=colleague, name="Private", query="sort=stars", is_shared=False)
    offered = offered_filters(world.title, user=world.editor, query="sort=time&still=12")
    assert [(each.saved.name, each.is_own, each.is_in_force) for each in offered] == [("Shared", False, True)]
    assert client.post(reverse("filter-delete", args=[theirs.pk])).status_code == 403
    own = save_filter(world.title, user=world.editor, name="Own", query="", is_shared=False)
    assert client.post(reverse("filter-delete", args=[own.pk])).status_code == 302
    assert {each.name for each in SavedFilter.objects.all()} == {"Shared", "Private"}


@pytest.mark.parametrize(
    ("name", "query"),
    [("", ""), ("   ", ""), ("\0", ""), ("x" * 61, ""), ("long", "&".join(f"a{n}=1" for n in range(999)))],
)
def test_views_that_cannot_be_kept_are_refused_with_a_sentence(name: str, query: str, world: World) -> None:
    before = SavedFilter.objects.count()
    with pytest.raises(InvalidFilter, match=r"^[A-Z].*\.$"):
        save_filter(world.title, user=world.editor, name=name, query=query, is_shared=False)
    assert SavedFilter.objects.count() == before


def test_a_kept_address_holds_no_momentary_things() -> None:
    assert clean_query("?still=1&from=2&page=3&view=cull&compare=1,2&overlay=faces&sort=time&x=") == "sort=time"


@pytest.mark.parametrize(
    "query",
    [
        "?frames=\0", "?frames=1e9,99999999999", "?cluster=99999", "?group=-1", "?compare=\0,1", "?view=\0",
        "?from=x&still=12",
    ],
)  # fmt: skip
def test_addresses_that_make_no_sense_still_show_a_board(query: str, world: World, client: Client) -> None:
    assert client.get(reverse("stills", args=[world.title.pk]) + query.replace("\0", "%00")).status_code == 200
