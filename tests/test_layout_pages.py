"""The page of a picture on all canvases, by plain links and forms."""

import io
import re
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from curation.decisions import decide
from curation.layout.box import Box
from curation.layout.canvases import DEFAULT_CANVASES
from curation.layout.layouts import CanvasLayout, Crop, FocalPoint, Layout, Placement
from curation.layout_cards import make_cards, style_of, tell_state, transform_of
from curation.layout_choices import choose, chosen_for
from curation.models import LayoutStep, Picture, PictureGroup, Still, TeamCanvas
from curation.picture_rows import row_of_frame
from tests.world import World, make_artwork, make_logo, make_person, make_world

pytestmark = pytest.mark.django_db

FRAME = 10
KEYS = [canvas.key for canvas in DEFAULT_CANVASES]

UNCHOOSABLE: list[dict[str, str]] = [
    {},
    {"subject": "focal"},
    {"subject": "focal", "value": "1"},
    {"subject": "focal", "value": "nan,1"},
    {"subject": "focal", "x": "1e400", "y": "2"},
    {"subject": "focal", "x": "\0", "y": "2"},
    {"subject": "focal", "value": "9" * 5000 + ",1"},
    {"subject": "\0", "value": "1,2"},
    {"subject": "crop", "value": "0,0,160,90"},
    {"subject": "crop", "canvas": "\0", "left": "0", "top": "0", "width": "160"},
    {"subject": "crop", "canvas": "square", "value": "0,0,160,90"},
    {"subject": "crop", "canvas": "square", "left": "0", "top": "0", "width": "-5"},
    {"subject": "crop", "canvas": "square", "left": "0", "top": "0", "width": "1e9"},
    {"subject": "title", "canvas": "square", "value": "0,0,0,0"},
    {"apply": "1"},
    {"apply": "1", "to": "everybody"},
    {"apply": "1", "to": "frames", "frames": "\0"},
    {"apply": "1", "to": "frames", "frames": "99999"},
    {"apply": "1", "to": "copies"},
]
ODD_ADDRESSES = [
    "title=%00",
    f"title={'x' * 5000}",
    "logo=%00",
    "logo=99999999999",
    "show=%00",
    "canvas=%00",
    "frames=%00",
]


@pytest.fixture
def world() -> World:
    """Frame 10 of a film of 640 × 360 is a still that has its preview, and nothing is chosen for it."""
    world = make_world("page")
    TeamCanvas.objects.all().delete()
    LayoutStep.objects.all().delete()
    give_preview(world.still)
    return world


@pytest.fixture
def client(world: World, client: Client) -> Client:
    client.force_login(world.editor)
    return client


def give_preview(still: Still) -> None:
    """A bright disc on a dark ground."""
    down, across = np.mgrid[0:360, 0:640]
    disc = (across - 420) ** 2 + (down - 150) ** 2 < 70**2
    rgb = np.where(disc[..., None], [240, 200, 60], [30, 40, 50]).astype(np.uint8)
    written = io.BytesIO()
    Image.fromarray(rgb).save(written, format="JPEG")
    still.image.save("preview.jpg", ContentFile(written.getvalue()))


def address(world: World, name: str = "frame-layout", frame: int = FRAME) -> str:
    return reverse(name, args=[world.video.pk, frame])


def do(client: Client, world: World, **fields: Any) -> Any:
    return client.post(address(world, "frame-layout-do"), fields, headers={"Accept": "application/json"})


def turn(client: Client, world: World, **fields: Any) -> Any:
    return client.post(address(world, "frame-layout-undo"), fields, headers={"Accept": "application/json"})


def chosen(world: World, frame: int = FRAME) -> Any:
    return chosen_for(row_of_frame(world.video, frame))


def test_every_canvas_shows_its_crop_of_one_picture(client: Client, world: World) -> None:
    shown = client.get(address(world))
    page, text = shown.context["page"], shown.content.decode()
    assert [card.canvas.key for card in page.cards] == KEYS
    for card in page.cards:
        assert f'data-canvas-stage="{card.canvas.key}"' in text
        assert card.transform in text
        assert card.crop.box.width / card.crop.box.height == pytest.approx(card.canvas.aspect, rel=0.02)
    assert set(re.findall(r'<img src="([^"]+)"', text)) == {f"/videos/{world.video.pk}/frames/{FRAME}.jpg?w=1920"}


@pytest.mark.parametrize("crop", [Box(0, 0, 640, 360), Box(100, 50, 340, 185), Box(630, 325, 640, 360)])
def test_the_style_of_a_picture_puts_its_crop_on_the_window(crop: Box) -> None:
    style = transform_of(crop, size=(640, 360))
    left, top, scale = (float(number) for number in re.findall(r"-?[\d.]+", style))
    wide, high = 1.0, 360 / 640  # of the picture, where the window is 1 wide
    corners = [crop.x0 / 640 * wide, crop.y0 / 360 * high, crop.x1 / 640 * wide, crop.y1 / 360 * high]
    shown = [side * scale + by for side, by in zip(corners, [left / 100 * wide, top / 100 * high] * 2, strict=True)]
    assert shown == pytest.approx([0, 0, 1, crop.height / crop.width], abs=2e-3)


def test_the_original_shows_focal_point_and_window_without_scripts(client: Client, world: World) -> None:
    do(client, world, subject="focal", value="160,90")
    do(client, world, subject="crop", canvas="square", value="64,36,352,324")
    text = client.get(address(world) + "?canvas=square").content.decode()
    assert 'style="left: 25.000%; top: 25.000%"' in text
    assert 'data-window style="left: 10.000%; top: 10.000%; width: 45.000%; height: 80.000%"' in text


def test_an_overlay_lies_on_its_window_where_it_lies_in_the_picture() -> None:
    style = style_of(Box(150, 70, 200, 80), window=Box(100, 50, 300, 150))
    assert style == "left: 25.000%; top: 20.000%; width: 25.000%; height: 10.000%"


def test_a_focal_point_is_chosen_by_numbers_and_says_by_whom(client: Client, world: World) -> None:
    sent = client.post(address(world, "frame-layout-do"), {"subject": "focal", "x": "100.5", "y": "50"})
    assert sent.status_code == 302 and sent.url == address(world)
    assert chosen(world).focal_point == (100.5, 50)
    text = client.get(address(world)).content.decode()
    assert f"Chosen by {world.editor}" in text and 'value="100.5"' in text


def test_a_crop_by_numbers_keeps_the_ratio_of_its_canvas(client: Client, world: World) -> None:
    do(client, world, subject="crop", canvas="box-art", left="10", top="20", width="200")
    assert chosen(world).crops == {"box-art": Box(10, 20, 210, 320)}
    card = shown_card(client, world, "box-art")
    assert card.crop.box == Box(10, 20, 210, 320) and card.chosen_by == world.editor.username


def shown_card(client: Client, world: World, key: str) -> Any:
    cards = client.get(address(world)).context["page"].cards
    return next(card for card in cards if card.canvas.key == key)


def test_an_overlay_is_placed_by_numbers(client: Client, world: World) -> None:
    do(client, world, subject="title", canvas="story-art", left="10", top="20", width="200", height="60.5")
    assert chosen(world).placements == {("story-art", "title"): Box(10, 20, 210, 80.5)}
    assert "Chosen by" in client.get(address(world)).content.decode()


def test_what_is_chosen_is_reset_one_by_one_and_all(client: Client, world: World) -> None:
    assert "Reset all" not in client.get(address(world)).content.decode()
    do(client, world, subject="focal", value="100,50")
    do(client, world, subject="crop", canvas="square", value="0,0,300,300")
    do(client, world, subject="badge", canvas="square", value="0,0,60,20")
    do(client, world, subject="crop", canvas="square", reset="1")
    assert chosen(world).crops == {} and chosen(world).placements
    assert "Reset all" in client.get(address(world)).content.decode()
    do(client, world, reset="all")
    assert chosen(world).focal_point is None and chosen(world).placements == {}


def test_undo_and_redo_go_action_by_action(client: Client, world: World) -> None:
    do(client, world, subject="focal", value="100,50")
    do(client, world, subject="focal", value="200,60")
    assert turn(client, world).status_code == 200 and chosen(world).focal_point == (100, 50)
    turn(client, world)
    assert chosen(world).focal_point is None
    refused = turn(client, world)
    assert refused.status_code == 409 and refused.json()["detail"] == "There is nothing left to undo."
    turn(client, world, redo="1")
    turn(client, world, redo="1")
    assert chosen(world).focal_point == (200, 60)
    assert turn(client, world, redo="1").status_code == 409


def test_undo_of_a_picture_of_which_nobody_has_spoken_says_so(client: Client, world: World) -> None:
    Picture.objects.all().delete()
    assert turn(client, world).status_code == 409
    assert not Picture.objects.exists()


def test_what_cannot_be_chosen_is_refused_with_a_sentence(client: Client, world: World) -> None:
    Picture.objects.update(group=None)
    for fields in UNCHOOSABLE:
        answered = do(client, world, **fields)
        assert answered.status_code == 400, fields
        assert answered.json()["detail"].endswith("."), fields
    assert not LayoutStep.objects.exists()


def test_a_layout_is_applied_to_copies_picks_and_given_frames_and_taken_back_at_once(
    client: Client, world: World
) -> None:
    copy, group = row_of_frame(world.video, 30), PictureGroup.objects.create(title=world.title)
    Picture.objects.filter(pk__in=[copy.pk, row_of_frame(world.video, FRAME).pk]).update(group=group)
    decide(world.video, frame_index=40, user=world.editor, verdict="pick")
    do(client, world, subject="focal", value="100,50")
    page = client.get(address(world) + f"?frames={world.video.pk}:50,{world.video.pk}:60").content.decode()
    assert "1 × its copies" in page and "1 × this film’s picks" in page and "2 × the stills that were selected" in page
    fields = {"apply": "1", "to": ["copies", "picks", "frames"], "frames": "50,60"}
    assert do(client, world, **fields).status_code == 200
    assert [chosen(world, frame).focal_point for frame in (30, 40, 50, 60)] == [(100, 50)] * 4
    turn(client, world)
    assert [chosen(world, frame).focal_point for frame in (30, 40, 50, 60)] == [None] * 4
    assert chosen(world).focal_point == (100, 50)
    turn(client, world, redo="1")
    assert [chosen(world, frame).focal_point for frame in (30, 40, 50, 60)] == [(100, 50)] * 4


def test_reviewers_see_everything_and_change_nothing(client: Client, world: World) -> None:
    choose(row_of_frame(world.video, FRAME), subject="focal", value=[100, 50], user=world.editor)
    client.force_login(world.reviewer)
    page = client.get(address(world))
    text = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert page.context["state"]["may_edit"] is False
    assert f"Chosen by {world.editor}" in text and 'method="post"' not in text and "data-handle" not in text
    for fields in ({"subject": "focal", "value": "1,2"}, {"reset": "all"}, {"apply": "1", "to": "picks"}):
        assert do(client, world, **fields).status_code == 403
    assert turn(client, world).status_code == 403
    assert chosen(world).focal_point == (100, 50)


def test_outsiders_find_nothing(client: Client, world: World) -> None:
    client.force_login(make_person("outsider"))
    assert client.get(address(world)).status_code == 404
    assert do(client, world, subject="focal", value="1,2").status_code == 404


def test_a_frame_that_the_film_does_not_have_is_not_there(client: Client, world: World) -> None:
    assert client.get(address(world, frame=world.video.frame_count)).status_code == 404


def test_a_picture_that_cannot_be_read_says_so(client: Client, world: World) -> None:
    text = client.get(address(world, frame=20)).content.decode()
    assert 'role="alert"' in text and "cannot be had" in text
    assert f"{reverse('stills', args=[world.title.pk])}?video={world.video.pk}&amp;still=20" in text


def test_the_address_holds_words_logo_and_what_is_shown(client: Client, world: World) -> None:
    logo = make_logo(world.team, "with picture", picture="logos/a.png")
    query = f"?title=The+long+voyage&logo={logo.pk}&show=safe,overlays&canvas=square"
    page = client.get(address(world) + query)
    look, text = page.context["page"].look, page.content.decode()
    assert (look.wording, look.shown, look.logo_address) == (
        "The long voyage", ("safe", "overlays"), reverse("logo-picture", args=[logo.pk]),
    )  # fmt: skip
    assert text.count(f'<img src="{look.logo_address}"') == len(KEYS)
    assert page.context["page"].selected == "square"


def test_other_teams_logos_are_not_offered(client: Client, world: World) -> None:
    other = make_logo(make_world("other").team, "of others", picture="logos/b.png")
    assert f'value="{other.pk}" data-picture' not in client.get(f"{address(world)}?logo={other.pk}").content.decode()


def test_odd_addresses_show_the_page(client: Client, world: World) -> None:
    for query in ODD_ADDRESSES:
        assert client.get(f"{address(world)}?{query}").status_code == 200, query


def test_a_title_whose_teams_use_no_canvas_says_so(client: Client, world: World) -> None:
    TeamCanvas.objects.bulk_create(
        TeamCanvas(team=world.team, key=key, name=key, width_px=100, height_px=100, is_hidden=True) for key in KEYS
    )
    assert "use no canvas" in client.get(address(world)).content.decode()


def test_an_enlargement_is_warned_about(client: Client, world: World) -> None:
    assert "Enlarged 2.40×" in client.get(address(world)).content.decode(), "640 pixels on a canvas of 1536"


def test_an_artwork_has_its_own_page_of_canvases(client: Client, world: World) -> None:
    artwork = make_artwork(world.title, "poster.png", width=640, height=360)
    artwork.preview.save("poster.jpg", ContentFile(world.still.image.open().read()))
    where = reverse("artwork-layout", args=[artwork.pk])
    sent = client.post(reverse("artwork-layout-do", args=[artwork.pk]), {"subject": "focal", "x": "10", "y": "20"})
    assert sent.status_code == 302 and sent.url == where
    text = client.get(where).content.decode()
    assert "poster.png" in text and f"Chosen by {world.editor}" in text
    client.post(reverse("artwork-layout-undo", args=[artwork.pk]))
    assert "Chosen by" not in client.get(where).content.decode()


def test_the_still_and_the_artwork_lead_to_their_canvases(client: Client, world: World) -> None:
    assert address(world) in client.get(reverse("stills", args=[world.title.pk]) + f"?still={FRAME}").content.decode()
    artwork = reverse("artwork-layout", args=[world.artwork.pk])
    assert artwork in client.get(reverse("artwork", args=[world.artwork.pk])).content.decode()


def test_an_action_of_a_script_answers_with_a_sentence(client: Client, world: World) -> None:
    said = do(client, world, subject="crop", canvas="square", value="0,0,300,300")
    assert said.json() == {"sentence": "Crop of square is chosen.", "steps": 1}


def test_an_overlay_that_had_to_move_tells_its_usual_place_and_a_hard_ground_its_shade() -> None:
    canvas = DEFAULT_CANVASES[0]
    crop, usual = Box(0, 0, 640, 360), Box(20, 20, 120, 60)
    moved = Placement("title", Box(300, 20, 400, 60), "dark", 1.2, moved_from=usual, collides=("a face",))
    gone = Placement("badge", None, moved_from=usual, collides=("a face",))
    layout = Layout(FocalPoint(1, 1, crop, 1.0, "edges"), (CanvasLayout(canvas, Crop(crop, 1.0), (moved, gone)),))
    (card,) = make_cards(layout, size=(640, 360), choosers={})
    title, badge = card.overlays
    assert title.ghost == badge.ghost == style_of(usual, window=crop)
    assert card.shaded == "title treatment" and not badge.needs_shade and card.homeless == "badge"
    assert badge.box == {"left": 20, "top": 20, "width": 100, "height": 40}, "placing it begins where it usually stands"
    assert tell_state([card])[0]["overlays"][0]["moved_from"] == [20, 20, 120, 60]


def test_a_canvas_without_room_for_anything_says_so_in_one_word() -> None:
    crop = Box(0, 0, 640, 360)
    nowhere = tuple(Placement(kind, None) for kind in ("badge", "logo", "title"))
    layout = Layout(
        FocalPoint(1, 1, crop, 1.0, "edges"), (CanvasLayout(DEFAULT_CANVASES[0], Crop(crop, 1.0), nowhere),)
    )
    assert make_cards(layout, size=(640, 360), choosers={})[0].homeless == "any overlay"


def test_the_bar_of_the_title_says_where_one_is(client: Client, world: World) -> None:
    give = reverse("artwork-layout", args=[make_artwork(world.title, "bar.png", width=64, height=36).pk])
    for where, label in ((address(world), "Stills"), (give, "Artwork")):
        bar = client.get(where).content.decode().split('class="title-nav"')[1].split("</nav>")[0]
        assert f'aria-current="page">{label}<' in bar and bar.count("aria-current") == 1


def test_nothing_is_applied_before_something_is_chosen(client: Client, world: World) -> None:
    where = address(world) + f"?frames={world.video.pk}:20,{world.video.pk}:30"
    assert 'data-focus="apply" disabled' in client.get(where).content.decode()
    do(client, world, subject="focal", x="10", y="20")
    assert 'data-focus="apply">' in client.get(where).content.decode()


def test_what_was_done_to_an_artwork_to_read_it_is_told(client: Client, world: World) -> None:
    artwork = make_artwork(world.title, "cut_out.png", width=640, height=360)
    artwork.remarks = ["Its transparent parts were laid on middle grey."]
    artwork.preview.save("cut_out.jpg", ContentFile(world.still.image.open().read()))
    assert artwork.remarks[0] in client.get(reverse("artwork-layout", args=[artwork.pk])).content.decode()


def test_a_still_offers_its_preview_for_a_film_that_cannot_be_read(client: Client, world: World) -> None:
    preview = reverse("still-image", args=[world.still.pk])
    assert f'data-stand-in="{preview}"' in client.get(address(world)).content.decode()
    world.still.image.delete()
    assert client.get(address(world)).content.decode().count("data-stand-in") == 0
