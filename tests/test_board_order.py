"""The order of a board: weightings in addresses, teams' own ones, live orders, and what maturity does to them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ava.models import Role
from curation import board_order
from curation.board_order import explain_still, holds_back, order_board, part_percentages
from curation.maturity_overrides import InvalidOverride, current_overrides, say_maturity
from curation.models import MaturityOverride, RankingProfile
from curation.ranking_profiles import InvalidProfile, former_profiles, save_profile
from curation.selectors import access_ranking_profiles
from curation.stills.parts import FRAME_PARTS
from curation.stills.purposes import BALANCED
from curation.stills.table import StillTable
from curation.weighting_query import read_weighting
from tests.still_tables import make_table
from tests.world import World, make_person, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("home")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[StillTable]:
    """Thirty stills of the film, all usable; frame 10's is the world's own."""
    made = make_table(30, scenes=10, frame_count=100)
    frames = np.sort(np.append(np.random.default_rng(1).choice(np.setdiff1d(np.arange(100), [10]), 29, False), 10))
    made = replace(made, frames=frames, parts={name: 0.5 + values / 2 for name, values in made.parts.items()})
    monkeypatch.setattr("curation.board_order.load_table", lambda video: made)
    monkeypatch.setattr("curation.held_back.load_table", lambda video: made)
    yield made


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def weighting_of(world: World, query: str = "") -> Any:
    return read_weighting(QueryDict(query), user=world.editor, title=world.title)


def nude(table: StillTable, frame: int, probability: float) -> None:
    table.maturity["nudity"][table.frames == frame] = probability


# --- addresses ---------------------------------------------------------------------------------------------------


def test_an_address_without_weights_means_the_balanced_ones(world: World) -> None:
    weighting = weighting_of(world)
    whole = sum(BALANCED.weights.values())
    assert weighting.variety == BALANCED.variety
    for part in FRAME_PARTS:
        assert weighting.weights[part] == pytest.approx(100 * BALANCED.weights[part] / whole, abs=0.01)
    assert sum(part_percentages(weighting).values()) == pytest.approx(100, abs=0.1)


def test_an_address_says_a_purpose_and_changes_single_weights_on_top(world: World) -> None:
    weighting = weighting_of(world, "purpose=key-art&w.colour=30&variety=0.9&v.palette=3")
    assert weighting.name == "key-art"
    assert (weighting.weights["colour"], weighting.variety, weighting.vector_weights["palette"]) == (30, 0.9, 3)
    assert weighting.weights["space"] == weighting_of(world, "purpose=Key+art").weights["space"]


MALFORMED = (
    "purpose=unheard-of", "purpose=%00", "w.colour=", "w.colour=nan", "w.colour=inf", "w.colour=1e999", "w.nothing=3",
    "variety=much", "v.palette=--1", "v.=3", "w.colour=%F0%9F%8E%A8", "w.colour=" + "9" * 5000,
)  # fmt: skip


def test_what_is_malformed_in_an_address_is_ignored(world: World) -> None:
    usual = weighting_of(world)
    assert [query for query in MALFORMED if weighting_of(world, query) != usual] == []


def test_what_is_too_much_is_cut(world: World) -> None:
    weighting = weighting_of(world, "w.colour=-5&w.people=1e9&variety=7&v.light=99")
    assert weighting.weights["colour"] == 0 and weighting.weights["people"] == 100
    assert (weighting.variety, weighting.vector_weights["light"]) == (1, 5)


def test_a_title_s_format_changes_the_built_in_weights_a_little(world: World) -> None:
    plain = weighting_of(world)
    world.title.content_format = "animation"
    drawn = weighting_of(world)
    assert drawn.weights["pose"] < plain.weights["pose"] and drawn.weights["colour"] > plain.weights["colour"]


# --- teams' own weightings -----------------------------------------------------------------------------------------


def test_a_team_s_own_weighting_is_chosen_by_its_name_and_replaces_the_built_in_one(world: World) -> None:
    asked = weighting_of(world, "w.colour=100&variety=0.1")
    save_profile(world.team, name=" Key  art ", weighting=asked, user=world.editor)
    own = weighting_of(world, "purpose=key+ART")
    assert own.name == "Key art" and own.variety == 0.1
    assert own.weights["colour"] == pytest.approx(100 * 100 / sum(asked.weights.values()), abs=0.01)
    assert weighting_of(world).name == "balanced", "it is not the usual one"


def test_one_weighting_of_a_team_is_the_usual_one(world: World) -> None:
    for name in ("first", "second"):
        save_profile(world.team, name=name, weighting=weighting_of(world), user=world.editor, is_default=True)
    assert weighting_of(world).name == "second"
    assert RankingProfile.objects.filter(team=world.team, is_default=True).count() == 1
    save_profile(world.team, name="SECOND", weighting=weighting_of(world), user=world.editor)
    held = access_ranking_profiles(world.editor).filter(name__iexact="second")
    assert held.count() == 1, "replaced"


def test_a_replaced_and_a_deleted_weighting_can_be_brought_back(client: Client, world: World) -> None:
    first = save_profile(world.team, name="Mine", weighting=weighting_of(world, "w.colour=90"), user=world.editor)
    was = first.weights
    save_profile(world.team, name="MINE", weighting=weighting_of(world, "w.colour=1"), user=world.editor)
    former = former_profiles(world.editor, title=world.title).get(name="Mine")
    client.force_login(world.reviewer)
    assert client.post(reverse("ranking-profile-restore", args=[former.pk])).status_code == 403
    client.force_login(world.editor)
    assert client.post(reverse("ranking-profile-restore", args=[former.pk])).status_code == 302
    held = access_ranking_profiles(world.editor).get(name="Mine")
    assert held.weights == was
    assert former_profiles(world.editor, title=world.title).filter(name="MINE").count() == 1, "kept in its turn"
    client.post(reverse("ranking-profile-delete", args=[held.pk]))
    assert not access_ranking_profiles(world.editor).filter(name__iexact="mine").exists()
    page = client.get(reverse("stills", args=[world.title.pk])).content.decode()
    assert page.count("Bring back") == 3, "the world's own, the replaced and the deleted one"
    client.post(reverse("ranking-profile-restore", args=[former_profiles(world.editor, title=world.title)[0].pk]))
    assert access_ranking_profiles(world.editor).get(name="Mine").weights == was


def test_a_saved_weighting_survives_whatever_was_stored(world: World) -> None:
    RankingProfile.objects.create(
        team=world.team, name="odd", weights={"colour": "red", "people": float(5), "gone": 3}, variety=9,
        vector_weights={"light": None},
    )  # fmt: skip
    weighting = weighting_of(world, "purpose=odd")
    assert weighting.weights["people"] == 100 and weighting.weights["colour"] == 0 and weighting.variety == 1


def test_a_weighting_needs_a_name_that_can_be_kept(world: World) -> None:
    for name, sentence in (("", "a name"), ("  ", "a name"), ("a\0b", "a name"), ("a" * 61, "60")):
        with pytest.raises(InvalidProfile, match=sentence):
            save_profile(world.team, name=name, weighting=weighting_of(world), user=world.editor)


def test_weights_that_are_all_0_are_not_kept(world: World) -> None:
    nothing = replace(weighting_of(world), weights=dict.fromkeys(FRAME_PARTS, 0.0))
    with pytest.raises(InvalidProfile, match="more than 0"):
        save_profile(world.team, name="none", weighting=nothing, user=world.editor)


def test_editors_keep_weightings_from_the_board_and_reviewers_may_not(world: World) -> None:
    save = f"/titles/{world.title.pk}/ranking-profiles/save/"
    said = {"name": "Night", "w.exposure": "0", "variety": "0.5", "is_default": "on"}
    assert client_of(world.reviewer).post(save, said).status_code == 403
    answer = client_of(world.editor).post(save, said, headers={"Accept": "application/json"})
    assert answer.status_code == 200 and answer.json()["purpose"] == "Night"
    profile = RankingProfile.objects.get(name="Night")
    assert profile.is_default and profile.variety == 0.5 and profile.weights["exposure"] == 0
    refused = client_of(world.editor).post(save, {"name": "\0"}, headers={"Accept": "application/json"})
    assert refused.status_code == 400 and "name" in refused.json()["detail"]
    delete = f"/ranking-profiles/{profile.pk}/delete/"
    assert client_of(world.reviewer).post(delete).status_code == 403
    assert client_of(world.editor).post(delete).status_code == 302
    assert not access_ranking_profiles(world.editor).filter(name="Night").exists()


def test_a_weighting_is_kept_only_for_a_team_that_one_edits(world: World) -> None:
    other = make_world("other")
    world.title.teams.add(other.team)
    save = f"/titles/{world.title.pk}/ranking-profiles/save/"
    answer = client_of(world.editor).post(
        save, {"name": "Night", "team": other.team.pk}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400 and not access_ranking_profiles(world.editor).filter(name="Night").exists()


# --- orders --------------------------------------------------------------------------------------------------------


def test_the_order_as_json_has_every_still_once_and_follows_the_weights(world: World, table: StillTable) -> None:
    client = client_of(world.reviewer)
    address = f"/titles/{world.title.pk}/stills/order.json?video={world.video.pk}"
    plain = client.get(address).json()
    assert sorted(plain["frames"]) == table.frames.tolist()
    assert plain["scores"] == sorted(plain["scores"], reverse=True)
    by_colour = client.get(
        address + "&variety=0&w.colour=100" + "".join(f"&w.{part}=0" for part in FRAME_PARTS if part != "colour")
    ).json()
    first = table.frames[np.argmax(table.parts["colour"])]
    assert by_colour["frames"][0] == first and by_colour["percent"]["colour"] == 100


def test_an_order_is_worked_out_once_until_something_changes(
    world: World, table: StillTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[int] = []
    order = board_order.order_stills
    monkeypatch.setattr(board_order, "order_stills", lambda *args, **named: worked.append(1) or order(*args, **named))
    for _ in range(3):
        order_board(world.video, weighting_of(world))
    assert len(worked) == 1
    order_board(world.video, weighting_of(world, "variety=0.8"))
    say_maturity(world.video, frame_index=10, kind="nudity", verdict="hold", user=world.editor)
    order_board(world.video, weighting_of(world))
    assert len(worked) == 3


def test_the_order_takes_as_many_questions_for_any_film(world: World, table: StillTable) -> None:
    client = client_of(world.editor)
    address = f"/titles/{world.title.pk}/stills/order.json"
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for frame in range(20, 60):
        make_still(world.video, frame, rank=frame)
        say_maturity(world.video, frame_index=frame, kind="text", verdict="allow", user=world.editor)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) <= len(few) <= 12


def test_a_still_s_place_is_explained_by_the_weights_in_force(world: World, table: StillTable) -> None:
    weighting = weighting_of(world)
    ordered = order_board(world.video, weighting)
    place = explain_still(world.video, int(ordered.frames[3]), weighting=weighting)
    assert place is not None and place.rank == 4 and place.score == pytest.approx(float(ordered.scores[3]))
    assert {*FRAME_PARTS, "variety", "spread", "maturity"} <= set(place.explanation)
    assert explain_still(world.video, 101, weighting=weighting) is None


def test_a_team_s_model_in_use_counts_and_another_version_anew(
    world: World, table: StillTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    favourite = int(order_board(world.video, weighting_of(world)).frames[-1])
    learned = (table.frames == favourite).astype(np.float32)
    monkeypatch.setattr(board_order, "learned_scores", lambda video, table, *, team: learned)
    assert order_board(world.video, weighting_of(world)).frames[0] != favourite, "no model is in use"
    world.ranking_model.is_active = True
    world.ranking_model.save()
    ordered = order_board(world.video, weighting_of(world))
    assert ordered.frames[0] == favourite and ordered.explanation["learned"][0] == 1
    learned = 1 - learned
    assert order_board(world.video, weighting_of(world)).frames[0] == favourite, "the same version gives the same"
    world.ranking_model.version += 1
    world.ranking_model.save()
    assert order_board(world.video, weighting_of(world)).frames[-1] == favourite


# --- maturity ------------------------------------------------------------------------------------------------------


def test_nudity_puts_a_still_behind_until_somebody_allows_it(world: World, table: StillTable) -> None:
    weighting, first = weighting_of(world), int(order_board(world.video, weighting_of(world)).frames[0])
    assert not holds_back(world.video)
    nude(table, first, 0.95)
    held = order_board(world.video, weighting)
    assert first in held.frames[-3:] and holds_back(world.video)
    say_maturity(world.video, frame_index=first, kind="nudity", verdict="allow", user=world.editor)
    assert order_board(world.video, weighting).frames[0] == first


def test_a_higher_rating_takes_less(world: World, table: StillTable) -> None:
    frame = int(table.frames[0])
    nude(table, frame, 0.5)
    kept = []
    for rating in ("all", "7+", "13+", "16+", "18+"):
        world.title.maturity_rating = world.video.title.maturity_rating = rating
        place = explain_still(world.video, frame, weighting=weighting_of(world))
        assert place is not None
        kept.append(place.explanation["maturity"])
    assert kept == sorted(kept) and kept[0] < 0.05 < 0.9 < kept[-1]


def test_what_is_said_is_appended_and_the_newest_holds(world: World) -> None:
    MaturityOverride.objects.all().delete()
    for verdict in ("hold", "allow", "", "hold"):
        say_maturity(
            world.video, frame_index=5, kind="text", verdict=verdict, user=world.editor, reason=f"because {verdict}"
        )
    assert current_overrides(world.video) == {"text": {5: "hold"}}
    assert [row.verdict for row in MaturityOverride.objects.order_by("id")] == ["hold", "allow", "", "hold"]
    say_maturity(world.video, frame_index=5, kind="text", verdict="", user=world.reviewer)
    assert current_overrides(world.video) == {}


WRONG: tuple[dict[str, Any], ...] = (
    {"frame_index": 100}, {"kind": "taste"}, {"kind": ""}, {"verdict": "maybe"}, {"reason": "x" * 201},
    {"reason": "a\0b"},
)  # fmt: skip


def test_what_is_no_override_is_refused_with_a_sentence(world: World) -> None:
    client = client_of(world.editor)
    for wrong in WRONG:
        said = {"frame_index": 5, "kind": "text", "verdict": "allow"} | wrong
        with pytest.raises(InvalidOverride, match=r"\.$"):
            say_maturity(world.video, user=world.editor, **said)
        address = f"/videos/{world.video.pk}/frames/{said['frame_index']}/maturity/"
        assert client.post(address, said, headers={"Accept": "application/json"}).status_code == 400
    with pytest.raises(InvalidOverride, match="no frame -1"):
        say_maturity(world.video, frame_index=-1, kind="text", verdict="hold", user=world.editor)


def test_editors_override_by_form_and_script_and_reviewers_may_not(world: World, table: StillTable) -> None:
    address = f"/videos/{world.video.pk}/frames/10/maturity/"
    said = {"kind": "violence", "verdict": "hold", "reason": "blood"}
    assert client_of(world.reviewer).post(address, said).status_code == 403
    answer = client_of(world.editor).post(address, said, headers={"Accept": "application/json"})
    assert answer.json()["kept"] == pytest.approx(0.02)
    assert client_of(world.editor).post(address, said).headers["Location"].startswith(f"/titles/{world.title.pk}/held")


def test_the_strip_of_what_is_held_back_says_why_and_what_it_costs(world: World, table: StillTable) -> None:
    weighting = weighting_of(world)
    first, second = (int(frame) for frame in order_board(world.video, weighting).frames[:2])
    nude(table, first, 0.93)
    say_maturity(world.video, frame_index=second, kind="text", verdict="allow", user=world.editor, reason="a sign")
    page = client_of(world.editor).get(f"/titles/{world.title.pk}/held-back/")
    text = page.content.decode()
    assert "1 of 30 stills is held back" in text and "93 %" in text and "instead of 1<" in text
    assert "Allowed by somebody" in text and 'name="verdict" value="allow"' in text
    seen = client_of(world.reviewer).get(f"/titles/{world.title.pk}/held-back/").content.decode()
    assert 'name="verdict"' not in seen
    api = client_of(world.editor).get(f"/api/titles/{world.title.pk}/held-back/").json()
    (still,) = api["stills"]
    assert still["frame_index"] == first and still["rank_without"] == 1 < still["rank"]
    assert {each["kind"]: each["probability"] for each in still["kinds"]}["nudity"] == pytest.approx(0.93)


def test_a_title_without_film_or_stills_says_so(world: World) -> None:
    world.video.stills.all().delete()
    page = client_of(world.editor).get(f"/titles/{world.title.pk}/held-back/")
    assert "No stills yet" in page.content.decode()
    assert client_of(world.editor).get(f"/titles/{world.title.pk}/stills/order.json").json()["frames"] == []
    world.title.videos.all().delete()
    assert "no film yet" in client_of(world.editor).get(f"/titles/{world.title.pk}/held-back/").content.decode()
    assert client_of(world.editor).get(f"/titles/{world.title.pk}/stills/order.json").status_code == 404


# --- API -----------------------------------------------------------------------------------------------------------


def test_the_api_orders_explains_and_takes_overrides(world: World, table: StillTable) -> None:
    client, address = client_of(world.editor), f"/api/titles/{world.title.pk}/"
    best = client.get(address + "order/?purpose=thumbnail&limit=3").json()
    assert best["purpose"] == "thumbnail" and best["count"] == 30
    assert [each["rank"] for each in best["stills"]] == [1, 2, 3]
    said = {"video": world.video.pk, "frame_index": 10, "kind": "nudity", "verdict": "hold", "reason": "shown"}
    assert client.post(address + "held-back/", said, content_type="application/json").status_code == 201
    assert client_of(world.reviewer).post(address + "held-back/", said, "application/json").status_code == 403
    for wrong in ({"video": 0}, {"frame_index": 100}, {"kind": "x"}, {"reason": "a\0"}, {"frame_index": 2**40}):
        assert client.post(address + "held-back/", said | wrong, content_type="application/json").status_code == 400
    for query in ("limit=0", "video=x", "variety=2", f"video={make_world('other').video.pk}"):
        assert client.get(address + f"order/?{query}").status_code == 400


def test_the_api_keeps_weightings_of_one_s_own_teams(world: World) -> None:
    client = client_of(world.editor)
    said: dict[str, Any] = {"team": world.team.pk, "name": "Night", "weights": {"exposure": 3}, "variety": 0.4}
    made = client.post("/api/ranking-profiles/", said, content_type="application/json")
    assert made.status_code == 201 and made.json()["vector_weights"]["palette"] == 1.5
    names = {each["name"] for each in client.get("/api/ranking-profiles/").json()["results"]}
    assert names == {"Night", "profile-home"}
    for wrong in ({"weights": {"x": 1}}, {"weights": {"colour": -1}}, {"variety": 2}, {"name": ""}, {"team": 0}):
        assert client.post("/api/ranking-profiles/", said | wrong, content_type="application/json").status_code == 400
    outsider = client_of(make_person("reviewer-2", team=world.team, role=Role.REVIEWER))
    assert outsider.post("/api/ranking-profiles/", said, content_type="application/json").status_code == 403
    assert client_of(world.reviewer).delete(f"/api/ranking-profiles/{made.json()['id']}/").status_code == 403
    assert client.delete(f"/api/ranking-profiles/{made.json()['id']}/").status_code == 204
