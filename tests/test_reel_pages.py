"""Pages of reels: plain forms and scripts alike, who may do what, and what nobody may see any more."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from ava.models import Team, User
from search.models import Reel, ReelRender
from search.reels import add_clips, create_reel, standing_clips
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(hints) -> World:
    return make_world("here")


@pytest.fixture
def editor(world: World) -> Client:
    return signed_in(world.editor)


@pytest.fixture
def reviewer(world: World) -> Client:
    return signed_in(world.reviewer)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def do(client: Client, world: World, **fields: object):
    address = reverse("reel-do", args=[world.reel.pk])
    return client.post(address, fields, headers={"Accept": "application/json"})


def page(client: Client, reel: Reel) -> str:
    response = client.get(reverse("reel", args=[reel.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_plain_form_makes_a_reel_and_leads_to_it(editor: Client, world: World) -> None:
    response = editor.post(reverse("reels"), {"name": "  Best\nof ", "team": world.team.pk})
    made = Reel.objects.get(name="Best of")
    assert response.headers["Location"] == reverse("reel", args=[made.pk])
    assert made.team == world.team and editor.session["reel_in_use"] == made.pk
    assert "Nothing in this reel yet" in page(editor, made)
    assert "Best of" in editor.get(reverse("reels")).content.decode()


def test_the_page_shows_clips_with_timecodes_notes_and_length(editor: Client, world: World) -> None:
    shown = page(editor, world.reel)
    assert "00:00:00:00" in shown and "00:00:01:00" in shown and f"note-{world.reel.name}" in shown
    assert f"/videos/{world.video.pk}/play#t=0.000,1.000" in shown
    assert "at 25 frames a second" in shown
    for kind in ("otio", "edl", "fcpxml", "csv", "json"):
        assert reverse("reel-export", args=[world.reel.pk, kind]) in shown


def test_scripts_add_move_trim_note_take_out_and_take_back(editor: Client, world: World) -> None:
    reel, number = world.reel, world.reel.clips.get().pk
    assert do(editor, world, action="add", clip=[f"{world.video.pk}:5:9", f"{world.video.pk}:7:8"]).status_code == 200
    clips = [clip.pk for clip in standing_clips(reel)]
    assert do(editor, world, action="move", number=number).json()["sentence"] == "Moved."
    assert [clip.pk for clip in standing_clips(reel)] == [*clips[1:], number]
    do(editor, world, action="trim", number=number, in_frame="3", out_frame="00:00:00:20")
    do(editor, world, action="note", number=number, text="Colder")
    clip = reel.clips.get(pk=number)
    assert (clip.in_frame, clip.out_frame, clip.note) == (3, 20, "Colder")
    assert "brought back" in do(editor, world, action="take-out", number=number).json()["sentence"]
    assert "Bring it back" in page(editor, reel)
    do(editor, world, action="bring-back", number=number)
    json = {"Accept": "application/json"}
    for _ in range(2):  # bringing back, taking out
        assert editor.post(reverse("reel-undo", args=[reel.pk]), headers=json).status_code == 200
    again = editor.post(reverse("reel-undo", args=[reel.pk]), headers=json).json()
    assert again["sentence"] == "Taken back: you wrote a note."
    assert editor.post(reverse("reel-redo", args=[reel.pk]), headers=json).json()["sentence"] == (
        "Done again: you wrote a note."
    )
    reel.clips.get(pk=number, note="Colder")


def test_a_form_that_shows_old_ends_keeps_what_a_colleague_trimmed_meanwhile(editor: Client, world: World) -> None:
    number = world.reel.clips.get().pk
    shown = {"in_frame_shown": "00:00:00:00", "out_frame_shown": "00:00:01:00"}
    do(editor, world, action="trim", number=number, in_frame="00:00:00:04", out_frame="00:00:01:00", **shown)
    do(signed_in(world.administrator), world, action="trim", number=number, in_frame="00:00:00:00",
       out_frame="00:00:00:22", **shown)  # fmt: skip
    clip = world.reel.clips.get()
    assert (clip.in_frame, clip.out_frame) == (4, 22)


def test_a_deleted_reel_is_gone_from_the_pages_and_comes_back(editor: Client, world: World) -> None:
    do(editor, world, action="delete")
    assert editor.get(reverse("reel", args=[world.reel.pk])).status_code == 404
    assert "Bring it back" in editor.get(reverse("reels")).content.decode()
    do(editor, world, action="restore")
    assert editor.get(reverse("reel", args=[world.reel.pk])).status_code == 200


BAD = [
    {"action": "add"}, {"action": "add", "clip": "1:2"}, {"action": "add", "clip": "1:0:5\x00"},
    {"action": "add", "clip": "9" * 40 + ":0:5"}, {"action": "add", "clip": "١:0:5"}, {"action": "nothing"}, {},
    {"action": "trim"}, {"action": "trim", "number": "1e3"}, {"action": "trim", "number": "9" * 17},
    *({"action": "trim", "number": "CLIP", "in_frame": text} for text in ("25:61:00:00", "x", "9" * 30, "\x00")),
    {"action": "move", "number": "CLIP", "before": "-1"}, {"action": "move", "number": "CLIP", "before": "9" * 17},
    {"action": "note", "number": "CLIP", "text": "x" * 501}, {"action": "rename", "name": "\x00"},
    {"action": "rename", "name": "x" * 10_000},
]  # fmt: skip


@pytest.mark.parametrize("fields", BAD)
def test_what_makes_no_sense_is_refused_with_a_sentence(editor: Client, world: World, fields: dict) -> None:
    number = world.reel.clips.get().pk
    response = do(editor, world, **{name: number if value == "CLIP" else value for name, value in fields.items()})
    assert response.status_code == 400 and response.json()["detail"].endswith(".")


def test_other_roles_look_and_take_along_and_change_nothing(reviewer: Client, world: World) -> None:
    shown = page(reviewer, world.reel)
    assert "data-may-edit" not in shown and 'draggable="true"' not in shown
    forms = set(re.findall(r'<form[^>]* action="([^"]*)"', shown))
    exports = {reverse("reel-export", args=[world.reel.pk, kind]) for kind in ("otio", "mp4")}
    assert forms == {reverse("sign-out"), *exports}
    assert reviewer.get(reverse("reel-export", args=[world.reel.pk, "csv"])).status_code == 200
    for name in ("reel-do", "reel-undo", "reel-redo"):
        assert reviewer.post(reverse(name, args=[world.reel.pk]), {"action": "delete"}).status_code == 403
    assert reviewer.post(reverse("reels"), {"name": "Mine", "team": world.team.pk}).status_code == 403
    assert not Reel.objects.filter(name="Mine").exists()


def test_a_reel_is_made_for_an_own_team_only(editor: Client) -> None:
    there = make_world("there")
    for team in (there.team.pk, "9" * 30, "\x00"):
        assert editor.post(reverse("reels"), {"name": "Mine", "team": team}).status_code == 403


def test_of_a_film_that_left_the_team_nothing_is_told(editor: Client, world: World) -> None:
    film = make_film(world.title, name="kept.mp4")
    add_clips(world.reel, [(film.pk, 3, 9)], user=world.editor)
    hidden = make_world("hidden")
    hidden.title.teams.add(world.team)
    add_clips(world.reel, [(hidden.video.pk, 4, 8)], user=world.editor)
    number = world.reel.clips.get(video=hidden.video).pk
    do(editor, world, action="note", number=number, text="of the secret")
    ReelRender.objects.create(reel=world.reel, spans=[[hidden.video.pk, 4, 8]], state="done", file="reels/x.mp4")
    assert "title-hidden" in page(editor, world.reel)
    hidden.title.teams.remove(world.team)
    shown = page(editor, world.reel)
    assert "No longer yours to see" in shown and "1 clip is no longer yours to see" in shown
    assert "title-hidden" not in shown and "of the secret" not in shown
    assert f"/videos/{hidden.video.pk}/" not in shown and "Download the MP4" not in shown
    assert editor.get(reverse("reel-export", args=[world.reel.pk, "mp4"])).status_code == 404
    for kind in ("csv", "json", "otio", "fcpxml"):
        told = editor.get(reverse("reel-export", args=[world.reel.pk, kind])).content.decode()
        assert "hidden" not in told and "secret" not in told and "kept.mp4" in told
    assert do(editor, world, action="trim", number=number, in_frame="5").status_code == 400
    assert do(editor, world, action="note", number=number, text="x").status_code == 400
    covers = editor.get(reverse("reels")).content.decode()
    assert f"/videos/{hidden.video.pk}/" not in covers and "2 clips" in covers
    assert do(editor, world, action="take-out", number=number).status_code == 200
    assert f"/videos/{hidden.video.pk}/" not in page(editor, world.reel)


def test_who_leaves_the_team_finds_no_reel(editor: Client, world: World) -> None:
    world.editor.memberships.all().delete()
    assert editor.get(reverse("reel", args=[world.reel.pk])).status_code == 404
    assert world.reel.name not in editor.get(reverse("reels")).content.decode()


def test_collecting_goes_into_the_reel_that_was_chosen(editor: Client, world: World) -> None:
    other = create_reel(world.team, name="Other", user=world.editor)
    assert "Collect into this reel" in page(editor, world.reel)
    do(editor, world, action="use")
    assert editor.session["reel_in_use"] == world.reel.pk
    assert "You are collecting into this reel" in page(editor, world.reel)
    assert "You are collecting" not in page(editor, other)


def test_why_there_is_no_edl_is_said_in_place_of_the_link(editor: Client, world: World) -> None:
    film = make_film(world.title, name="ntsc.mp4")
    type(film).objects.filter(pk=film.pk).update(fps_num=24000, fps_den=1001)
    add_clips(world.reel, [(film.pk, 3, 9)], user=world.editor)
    shown = page(editor, world.reel)
    address = reverse("reel-export", args=[world.reel.pk, "edl"])
    assert address not in shown and "take OTIO, FCPXML or Premiere XML" in shown and "23.976 frames a second" in shown
    refused = editor.get(address, headers={"Accept": "application/json"})
    assert refused.status_code == 409 and "take OTIO, FCPXML or Premiere XML" in refused.json()["detail"]


def test_a_page_of_many_clips_asks_as_often_as_one_of_a_few(
    editor: Client, world: World, django_assert_max_num_queries
) -> None:
    add_clips(world.reel, [(world.video.pk, start % 20, start % 20 + 2) for start in range(120)], user=world.editor)
    with django_assert_max_num_queries(30):
        shown = page(editor, world.reel)
    assert len(re.findall(r'data-clip="\d+"', shown)) == 121
    with django_assert_max_num_queries(20):
        editor.get(reverse("reels"))


def test_a_part_alone_is_sent_to_scripts_that_renew_the_page(editor: Client, world: World) -> None:
    part = editor.get(reverse("reel", args=[world.reel.pk]), headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="reel"') and "<html" not in part


def test_a_person_without_any_team_sees_an_empty_page() -> None:
    Team.objects.create(name="others")
    shown = signed_in(make_person("nobody")).get(reverse("reels")).content.decode()
    assert "No reel yet" in shown and "Make it" not in shown


# --- API -------------------------------------------------------------------------------------------------------------


def act(client: Client, world: World, **fields: object):
    return client.post(f"/api/reels/{world.reel.pk}/clips/", fields, content_type="application/json")


def test_the_api_does_what_the_page_does(editor: Client, world: World) -> None:
    made = editor.post("/api/reels/", {"team": world.team.pk, "name": "By API"}, content_type="application/json")
    assert made.status_code == 201 and made.json()["name"] == "By API"
    assert next(each["name"] for each in editor.get("/api/reels/").json()["results"]) == "By API"
    span = {"video": world.video.pk, "start_frame": 3, "end_frame": 9, "note": "n"}
    added = act(editor, world, spans=[span]).json()
    assert added[1] | {"id": 0} == {"id": 0, "is_seen": True, "video": world.video.pk, "in_frame": 3, "out_frame": 9,
                                    "note": "n"}  # fmt: skip
    number = added[1]["id"]
    assert act(editor, world, action="move", clip=number, before=added[0]["id"]).json()[0]["id"] == number
    assert act(editor, world, action="trim", clip=number, in_frame=4).json()[0]["in_frame"] == 4
    assert act(editor, world, action="take_out", clip=number).json()[0]["id"] != number
    assert act(editor, world, action="undo").json()[0]["id"] == number
    assert act(editor, world, action="redo").status_code == 200
    assert act(editor, world, action="redo").status_code == 409
    for wrong in ({"spans": []}, {"action": "trim"}, {"action": "trim", "clip": 1}, {"action": "x"}, {"spans": [{}]}):
        assert act(editor, world, **wrong).status_code == 400
    assert editor.get(f"/api/reels/{world.reel.pk}/export/?as=otio").json()["OTIO_SCHEMA"].startswith("Timeline")
    assert editor.get(f"/api/reels/{world.reel.pk}/export/?as=mp4").status_code == 400
    film = f"/api/reels/{world.reel.pk}/film/"
    answers = [editor.get(film), *(editor.post(film, content_type="application/json") for _ in range(2))]
    assert [each.status_code for each in answers] == [404, 201, 409]
    assert editor.get(film).json()["state"] == "waiting"
    assert (editor.delete(film).status_code, editor.delete(film).status_code) == (204, 409)
    assert editor.delete(f"/api/reels/{world.reel.pk}/").status_code == 204
    assert editor.get(f"/api/reels/{world.reel.pk}/").status_code == 404


def test_the_api_lets_other_roles_look_only_and_hides_what_is_gone(reviewer: Client, world: World) -> None:
    assert reviewer.get(f"/api/reels/{world.reel.pk}/clips/").json()[0]["video"] == world.video.pk
    assert act(reviewer, world, action="undo").status_code == 403
    assert reviewer.delete(f"/api/reels/{world.reel.pk}/").status_code == 403
    fields = {"team": world.team.pk, "name": "x"}
    assert reviewer.post("/api/reels/", fields, content_type="application/json").status_code == 403
    world.title.teams.clear()
    (clip,) = reviewer.get(f"/api/reels/{world.reel.pk}/clips/").json()
    assert clip == {"id": clip["id"], "is_seen": False} | dict.fromkeys(["video", "in_frame", "out_frame", "note"])
