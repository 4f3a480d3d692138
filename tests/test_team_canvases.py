"""The canvases of teams: which hold for a title, who may change them, and the pages and API that do it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from ava.models import Team
from curation.canvas_pages import canvas_cards, canvases_by_team, write_ratio
from curation.layout.canvases import DEFAULT_CANVASES, Margins, Overlay
from curation.models import TeamCanvas
from curation.team_canvases import (
    DEFAULTS,
    MOST_CANVASES,
    canvases_of,
    delete_canvas,
    fields_of,
    read_canvas,
    save_canvas,
)
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

OVERLAY = {"kind": "badge", "width_unit": 0.2, "height_unit": 0.1, "anchor": "top"}


@pytest.fixture
def world() -> World:
    """A team with one canvas of its own, key "canvas-can"."""
    return make_world("can")


def make_canvas(team: Team, key: str, **fields: object) -> TeamCanvas:
    defaults = {"name": key, "width_px": 400, "height_px": 300}
    return TeamCanvas.objects.create(team=team, key=key, **(defaults | fields))


def sign_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_title_has_the_defaults_and_then_what_its_team_added(world: World, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        found = canvases_of(world.title)
    assert found[:-1] == list(DEFAULT_CANVASES)
    assert (found[-1].key, found[-1].width_px, found[-1].safe) == ("canvas-can", 300, Margins())


def test_a_teams_version_of_a_default_takes_its_place_and_a_hidden_one_takes_it_away(world: World) -> None:
    make_canvas(world.team, "square", overlays=[OVERLAY])
    make_canvas(world.team, "box-art", is_hidden=True)
    found = canvases_of(world.title)
    keys = [canvas.key for canvas in found]
    assert keys == [key for key in DEFAULTS if key != "box-art"] + ["canvas-can"], "in the places of the defaults"
    assert found[keys.index("square")].overlays == (Overlay("badge", 0.2, 0.1, "top"),)


def test_of_two_teams_with_one_key_the_first_by_name_holds(world: World) -> None:
    earlier = Team.objects.create(name="a team")
    world.title.teams.add(earlier)
    make_canvas(world.team, "square", name="of the later")
    make_canvas(earlier, "square", name="of the earlier")
    make_canvas(earlier, "own", name="of the earlier")
    found = {canvas.key: canvas.name for canvas in canvases_of(world.title)}
    assert found["square"] == "of the earlier" and list(found)[-2:] == ["own", "canvas-can"]


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"name": " "}, "name", "Give the canvas a name"),
        ({"name": "a\0b"}, "name", "plain text"),
        ({"name": "n" * 61}, "name", "60"),
        ({"key": "Story Art"}, "key", "a to z"),
        ({"key": "-x"}, "key", "a to z"),
        ({"key": ""}, "key", "a to z"),
        ({"key": "canvas-can"}, "key", "has a canvas of that key"),
        ({"width_px": 15}, "width_px", "16 to 8,192 pixels"),
        ({"height_px": 8193}, "height_px", "16 to 8,192 pixels"),
        ({"width_px": 8192, "height_px": 8192}, "width_px", "make one side shorter"),
        ({"safe": {"left": 0.41}}, "safe", "0 to 40%"),
        ({"safe": {"left": float("nan")}}, "safe", "0 to 40%"),
        ({"safe": {"middle": 0.1}}, "safe", "left, top, right, bottom"),
        ({"overlays": [OVERLAY, OVERLAY]}, "overlays", "each overlay once"),
        ({"overlays": [OVERLAY | {"kind": "hat"}]}, "overlays", "badge, subtitle, logo, title"),
        ({"overlays": [OVERLAY | {"anchor": "above"}]}, "overlays", "top left"),
        ({"overlays": [OVERLAY | {"width_unit": 0.95}]}, "overlays", "1% to 90%"),
        ({"overlays": [OVERLAY | {"height_unit": 0}]}, "overlays", "height of the badge"),
        ({"overlays": ["badge"]}, "overlays", "kind, width_unit"),
        ({"overlays": "badge"}, "overlays", "list"),
    ],
)
def test_what_is_no_canvas_is_refused_by_field(world: World, fields: dict, field: str, says: str) -> None:
    row = TeamCanvas(team=world.team, **({"key": "new", "name": "New", "width_px": 400, "height_px": 300} | fields))
    with pytest.raises(ValidationError) as refused:
        save_canvas(row, user=world.administrator)
    assert says in refused.value.message_dict[field][0]
    assert TeamCanvas.objects.filter(team=world.team).count() == 1


def test_a_saved_canvas_is_read_as_it_was_given(world: World) -> None:
    for canvas in DEFAULT_CANVASES:
        row = save_canvas(TeamCanvas(team=world.team, **fields_of(canvas)), user=world.administrator)
        assert read_canvas(TeamCanvas.objects.get(pk=row.pk)) == canvas
    assert row.created_by == world.administrator


def test_a_team_has_forty_canvases_at_most_and_defaults_count_once(world: World) -> None:
    for number in range(MOST_CANVASES - len(DEFAULTS) - 1):
        make_canvas(world.team, f"more-{number}")
    with pytest.raises(ValidationError, match="40 canvases at most"):
        save_canvas(
            TeamCanvas(team=world.team, key="one-more", name="x", width_px=20, height_px=20), user=world.administrator
        )
    save_canvas(TeamCanvas(team=world.team, **fields_of(DEFAULTS["square"])), user=world.administrator)


@pytest.mark.parametrize("role", ["editor", "reviewer"])
def test_only_administrators_of_the_team_change_its_canvases(world: World, role: str) -> None:
    user = getattr(world, role)
    with pytest.raises(PermissionDenied):
        save_canvas(world.canvas, user=user)
    with pytest.raises(PermissionDenied):
        delete_canvas(world.canvas, user=user)
    page = sign_in(user).get("/canvases/")
    assert page.status_code == 200 and b"Story art 16:9" in page.content
    assert b"/canvases/new/" not in page.content and b"Administrators of" in page.content
    edit = reverse("canvas-edit", args=[world.canvas.pk])
    assert [sign_in(user).get(path).status_code for path in ("/canvases/new/", edit, f"{edit}delete/")] == [403] * 3
    assert [sign_in(user).post(path).status_code for path in ("/canvases/new/", edit, f"{edit}delete/")] == [403] * 3


def test_an_administrator_of_another_team_does_not_find_it(world: World) -> None:
    other = sign_in(make_world("other").administrator)
    assert other.get(reverse("canvas-edit", args=[world.canvas.pk])).status_code == 404
    assert b"canvas-can" not in other.get("/canvases/").content
    started = other.get("/canvases/new/", {"team": world.team.pk, "like": "canvas-can"})
    assert b'value="300"' not in started.content


def fields_of_page(page: object) -> dict[str, object]:
    """What a browser would send of the form as it is shown."""
    form = page.context["form"]
    return {
        bound.html_name: "on" if value is True else value
        for bound in form
        if (value := bound.value()) not in (None, False)
    } | ({"team": page.context["form"].fields["team"].queryset.get().pk} if "team" in form.fields else {})


def test_a_default_is_changed_hidden_and_reset_on_the_pages(world: World) -> None:
    client = sign_in(world.administrator)
    change = f"/canvases/new/?team={world.team.pk}&change=square"
    fields = fields_of_page(client.get(change))
    assert client.post(change, fields | {"width_px": 900, "badge_width": "30"}).status_code == 302
    row = TeamCanvas.objects.get(team=world.team, key="square")
    assert (row.width_px, row.created_by) == (900, world.administrator)
    assert read_canvas(row).overlays == (Overlay("badge", 0.3, 0.06, "top right"), *DEFAULTS["square"].overlays[1:])
    edit = reverse("canvas-edit", args=[row.pk])
    assert client.post(edit, fields_of_page(client.get(edit)) | {"is_hidden": "on"}).status_code == 302
    assert "square" not in {canvas.key for canvas in canvases_of(world.title)}
    assert b"Reset" in client.get(f"{edit}delete/").content
    assert client.post(f"{edit}delete/").status_code == 302
    assert DEFAULTS["square"] in canvases_of(world.title)


def test_a_canvas_that_somebody_deleted_meanwhile_does_not_come_back(world: World) -> None:
    opened = TeamCanvas.objects.get(pk=world.canvas.pk)
    delete_canvas(world.canvas, user=world.administrator)
    opened.name = "Changed"
    with pytest.raises(ValidationError, match="deleted this canvas meanwhile"):
        save_canvas(opened, user=world.administrator)
    assert not TeamCanvas.objects.exists()


def test_one_like_another_is_added_and_deleted_on_the_pages(world: World) -> None:
    client = sign_in(world.administrator)
    start = f"/canvases/new/?team={world.team.pk}&like=vertical"
    fields = fields_of_page(client.get(start))
    assert client.post(start, fields | {"name": "Tall", "key": "square"}).status_code == 302, "a version of a default"
    assert client.post(start, fields | {"name": "Tall", "key": "tall"}).status_code == 302
    row = TeamCanvas.objects.get(team=world.team, key="tall")
    assert read_canvas(row).overlays == DEFAULTS["vertical"].overlays
    assert client.post(reverse("canvas-delete", args=[row.pk])).status_code == 302
    assert not TeamCanvas.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"key": "canvas-can"}, "has a canvas of that key"),
        ({"key": "Nö"}, "a to z"),
        ({"width_px": "99999"}, "16 to 8,192"),
        ({"width_px": "x"}, "whole number"),
        ({"safe_left": "41"}, "less than or equal to 40"),
        ({"safe_left": "nan"}, "number"),
        ({"badge_width": "99"}, "more does not lie inside its safe area"),
        ({"name": "a\0b"}, "Null characters"),
        ({"team": "0"}, "valid choice"),
    ],
)
def test_the_form_says_what_is_wrong(world: World, changed: dict, says: str) -> None:
    client = sign_in(world.administrator)
    start = f"/canvases/new/?team={world.team.pk}&like=square"
    fields = fields_of_page(client.get(start)) | {"name": "New", "key": "new"}
    answered = client.post(start, fields | changed)
    assert answered.status_code == 422 and says in answered.content.decode()


@pytest.mark.parametrize("query", ["team=x&like=y", "team=1%00&like=%00", "change=no", "team=99999999999999999999"])
def test_odd_addresses_start_an_empty_form(world: World, query: str) -> None:
    assert sign_in(world.administrator).get(f"/canvases/new/?{query}").status_code == 200


def test_canvases_are_drawn_to_scale_with_what_lies_over_them(world: World) -> None:
    cards = {card.canvas.key: card for card in canvas_cards([])}
    wide, high = cards["story-art"].size
    assert wide / high == pytest.approx(16 / 9, abs=0.01)
    safe = cards["vertical"].safe
    assert (safe.y, safe.height) == pytest.approx((20.8, 208 * 0.72), abs=0.1)
    badge = next(each for each in cards["story-art"].overlays if each.kind == "badge")
    assert (badge.x + badge.width, badge.y) == pytest.approx((208 * 0.95, high * 0.05), abs=0.1), "top right, inside"
    drawn = sign_in(world.reviewer).get("/canvases/").content.decode()
    assert drawn.count("canvas-drawing") == len(DEFAULTS) + 1 and "Added by editor-can" in drawn


@pytest.mark.parametrize(
    ("size", "ratio"), [((1536, 864), "16:9"), ((2560, 1097), "2.33:1"), ((480, 1680), "2:7"), ((1097, 2560), "1:2.33")]
)
def test_ratios_are_told_as_people_know_them(size: tuple[int, int], ratio: str) -> None:
    assert write_ratio(*size) == ratio


def test_the_page_asks_as_much_for_any_number_of_canvases(world: World, django_assert_num_queries) -> None:
    for number in range(5):
        make_canvas(world.team, f"more-{number}", created_by=world.editor)
    with django_assert_num_queries(4):
        canvases_by_team(world.administrator)


def test_the_api_keeps_canvases(world: World) -> None:
    client = sign_in(world.administrator)
    given = {
        "team": world.team.pk, "key": "new", "name": "New", "width_px": 400, "height_px": 300,
        "safe": {"left": 0.1}, "overlays": [OVERLAY],
    }  # fmt: skip
    made = client.post("/api/canvases/", given, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["safe"] == {"left": 0.1, "top": 0.05, "right": 0.05, "bottom": 0.05}
    path = f"/api/canvases/{made.json()['id']}/"
    changed = client.patch(path, {"is_hidden": True, "width_px": 500}, content_type="application/json")
    assert changed.json()["is_hidden"] and changed.json()["overlays"] == [OVERLAY]
    again = client.post("/api/canvases/", given, content_type="application/json")
    assert again.status_code == 400 and "that key" in again.json()["key"][0]
    moved = client.patch(path, {"key": "other"}, content_type="application/json")
    assert moved.status_code == 400 and "keeps its key" in moved.json()["key"][0]
    assert client.delete(path).status_code == 204
    assert [each["key"] for each in client.get("/api/canvases/defaults/").json()] == list(DEFAULTS)


@pytest.mark.parametrize(
    "given",
    [
        {"width_px": 10**30}, {"width_px": "x"}, {"name": "a\0b"}, {"key": "a b"}, {"safe": {"left": "nan"}},
        {"safe": 5}, {"overlays": {"kind": 1}}, {"overlays": [OVERLAY] * 2}, {"team": 10**30}, {"team": "\0"},
    ],
)  # fmt: skip
def test_the_api_refuses_odd_values_with_a_sentence(world: World, given: dict) -> None:
    client = sign_in(world.administrator)
    whole = {"team": world.team.pk, "key": "new", "name": "New", "width_px": 400, "height_px": 300}
    answered = client.post("/api/canvases/", whole | given, content_type="application/json")
    assert answered.status_code == 400, answered.content


@pytest.mark.parametrize("role", ["editor", "reviewer"])
def test_others_of_the_team_only_read_the_api(world: World, role: str) -> None:
    client = sign_in(getattr(world, role))
    path = f"/api/canvases/{world.canvas.pk}/"
    assert client.get("/api/canvases/").json()["count"] == 1 and client.get(path).status_code == 200
    assert client.patch(path, {"name": "x"}, content_type="application/json").status_code == 403
    assert client.delete(path).status_code == 403
