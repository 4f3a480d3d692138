"""String-outs in the app: what is proposed becomes a reel, what people do to it stays, and only editors ask for it."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from ava.models import Shot, Team, Title, Transition, User, Video
from ava.packing import pack_integers
from search.models import DialogueLine, Reel, ReelClip
from search.reel_films import layout_of, seen_cuts
from search.reel_lengths import tell_missing
from search.reel_undo import redo, undo
from search.reels import InvalidReel, create_reel, move_clip, note, standing_clips, take_out, trim_clip
from search.string_out_wishes import StringOutWish
from search.string_outs import add_more_like, fit_to_length, make_string_out, propose_again, wish_of
from tests.world import World, make_film, make_measurements, make_world

pytestmark = pytest.mark.django_db

SHOT_FRAMES, SHOTS = 100, 50
FRAMES = SHOT_FRAMES * SHOTS


@pytest.fixture
def world(hints) -> World:
    return make_world("here")


@pytest.fixture
def film(world: World) -> Video:
    """Fifty shots of four seconds; ever more moves in each of them, so that the last frames of the last are best."""
    return make_shots(make_film(world.title, name="long.mp4", frame_count=FRAMES))


def make_shots(film: Video, *, edges: Sequence[int] = tuple(range(0, FRAMES + 1, SHOT_FRAMES))) -> Video:
    Shot.objects.bulk_create(
        Shot(video=film, index=index, start_frame=start, end_frame=end, transition="cut")
        for index, (start, end) in enumerate(itertools.pairwise(edges))
    )
    make_measurements(film, annotator="motion")
    return film


@pytest.fixture
def editor(world: World) -> Client:
    return signed_in(world.editor)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, title: Title, **fields: object):
    address = reverse("string-out", args=[title.pk])
    return client.post(address, fields, headers={"Accept": "application/json"})


def order(reel: Reel) -> list[tuple[int, int]]:
    return [(clip.in_frame, clip.out_frame) for clip in standing_clips(reel)]


def missing(reel: Reel, user: User) -> str:
    reel.refresh_from_db()
    return tell_missing(layout_of(seen_cuts(reel, user=user)), wanted_s=reel.wanted_s or 0)


def test_a_form_makes_a_reel_that_is_as_long_as_wanted_to_the_frame(editor: Client, world: World, film: Video) -> None:
    response = editor.post(
        reverse("string-out", args=[world.title.pk]), {"video": film.pk, "length_s": "30", "picked": ["412", "4900,"]}
    )
    reel = Reel.objects.get(wanted_s=30)
    assert response.headers["Location"] == reverse("reel", args=[reel.pk])
    assert (reel.team, reel.created_by, str(reel)) == (world.team, world.editor, "title-here, string-out of 30 s")
    spans = order(reel)
    assert sum(end - start for start, end in spans) == 750 and spans == sorted(spans)
    assert missing(reel, world.editor) == "as long as wanted, to the frame"
    shots = {start // SHOT_FRAMES for start, _ in spans}
    assert {4, 49} <= shots and all(shot < 0.85 * SHOTS for shot in shots - {49}), "picked ones come, the end does not"
    assert all((end - 1) // SHOT_FRAMES == start // SHOT_FRAMES and 38 <= end - start <= 100 for start, end in spans)
    assert editor.session["reel_in_use"] == reel.pk


def test_a_string_out_takes_from_the_shots_that_its_page_was_narrowed_to(
    editor: Client, world: World, film: Video
) -> None:
    film.shots.filter(index__lt=10).update(scale="close_up")
    fields = {"video": film.pk, "length_s": "12", "scale": "close_up", "picked": "2012", "variety": "30"}
    editor.post(reverse("string-out", args=[world.title.pk]), fields)
    reel = Reel.objects.get(wanted_s=12)
    assert 20 in {start // SHOT_FRAMES for start, _ in order(reel)}, "picked ones come whatever they are"

    take_out(standing_clips(reel)[0], user=world.editor)
    propose_again(reel, replace(wish_of(reel), length_s=20), user=world.editor)
    shots = {start // SHOT_FRAMES for start, _ in order(reel)}
    assert len(shots) > 4 and all(shot < 10 or shot == 20 for shot in shots)
    page = editor.get(reverse("reel", args=[reel.pk])).content.decode()
    assert ", only <bdi>close-up</bdi>" in page and "variety=30&amp;scale=close_up" in page

    response = ask(editor, world.title, video=film.pk, scale="very close")
    assert response.status_code == 400 and "There is no shot scale" in response.json()["detail"]
    film.shots.update(scale="long")
    response = ask(editor, world.title, video=film.pk, scale="close_up")
    assert response.json()["detail"] == (
        "Every shot of this film is left out; keep less of its end back or filter less."
    )


def test_what_people_did_stays_when_a_string_out_is_proposed_again(world: World, film: Video) -> None:
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    trimmed, noted, moved, refused, *_ = standing_clips(reel)
    trim_clip(trimmed, user=world.editor, in_frame=trimmed.in_frame + 3)
    note(noted, text="Keep", user=world.administrator)
    move_clip(moved, before=None, user=world.editor)
    take_out(refused, user=world.editor)
    wish = StringOutWish(film.pk, 60, variety=0)
    assert propose_again(reel, wish, user=world.administrator) is not None
    assert missing(reel, world.editor) == "as long as wanted, to the frame" and reel.wanted_s == 60
    rows = {clip.pk: clip for clip in standing_clips(reel)}
    assert {trimmed.pk, noted.pk, moved.pk} <= rows.keys() and refused.pk not in rows
    assert rows[trimmed.pk].in_frame == trimmed.in_frame + 3
    shots = [clip.in_frame // SHOT_FRAMES for clip in rows.values()]
    assert len(set(shots)) == len(shots) and refused.in_frame // SHOT_FRAMES not in shots
    assert propose_again(reel, wish, user=world.editor) is None, "the same again is no step"


def test_a_proposal_is_taken_back_and_done_again_as_one_step(world: World, film: Video) -> None:
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    first = order(reel)
    propose_again(reel, StringOutWish(film.pk, 20, order="score", variety=0), user=world.editor)
    second = order(reel)
    assert sum(end - start for start, end in second) == 500 and second != sorted(second)
    undo(reel, user=world.editor)
    assert order(reel) == first and missing(reel, world.editor).startswith("as long") and reel.wanted_s == 30
    redo(reel, user=world.editor)
    assert order(reel) == second and missing(reel, world.editor).startswith("as long") and reel.wanted_s == 20
    propose_again(reel, StringOutWish(film.pk, 30), user=world.editor)
    assert order(reel) == first
    for _ in range(3):
        undo(reel, user=world.editor)
    reel.refresh_from_db()
    assert order(reel) == [] and reel.wanted_s is None and undo(reel, user=world.editor) is None


def test_a_colleagues_trim_outlives_that_an_earlier_one_is_taken_back(world: World, film: Video) -> None:
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    clip = standing_clips(reel)[2]
    trim_clip(clip, user=world.editor, in_frame=clip.in_frame + 1)
    trim_clip(clip, user=world.administrator, out_frame=clip.out_frame - 1)
    undo(reel, user=world.editor)
    propose_again(reel, StringOutWish(film.pk, 10), user=world.editor)
    assert (clip.in_frame, clip.out_frame - 1) in order(reel)


def test_clips_are_fitted_to_the_wanted_length_after_one_was_taken_out_or_trimmed(world: World, film: Video) -> None:
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    clips = standing_clips(reel)
    trim_clip(clips[0], user=world.editor, out_frame=clips[0].out_frame - 12)
    assert missing(reel, world.editor) == "12 frames short"
    fit_to_length(reel, user=world.editor)
    assert missing(reel, world.editor) == "as long as wanted, to the frame"
    assert {start // SHOT_FRAMES for start, _ in order(reel)} == {clip.in_frame // SHOT_FRAMES for clip in clips}
    take_out(clips[1], user=world.editor)
    take_out(clips[2], user=world.editor)
    assert missing(reel, world.editor).endswith("short") and " s " in missing(reel, world.editor)
    fit_to_length(reel, user=world.editor)
    assert missing(reel, world.editor) == "as long as wanted, to the frame"
    trim_clip(clips[0], user=world.editor, in_frame=0, out_frame=FRAMES)
    fit_to_length(reel, user=world.editor)
    assert missing(reel, world.editor) == "170 s too long" and order(reel) == [(0, FRAMES)]


def test_more_like_a_clip_comes_behind_it_and_stays(world: World, film: Video) -> None:
    Shot.objects.filter(video=film, index__in=[3, 30]).update(scale=Shot.Scale.CLOSE_UP)
    Shot.objects.filter(video=film).exclude(index__in=[3, 30]).update(scale=Shot.Scale.LONG)
    reel = make_string_out(film, StringOutWish(film.pk, 5, picked=(310,)), team=world.team, user=world.editor)
    clip = next(clip for clip in standing_clips(reel) if clip.in_frame // SHOT_FRAMES == 3)
    add_more_like(clip, user=world.editor)
    shots = [start // SHOT_FRAMES for start, _ in order(reel)]
    added = shots[shots.index(3) + 1]
    assert added == 30 and shots.count(30) == 1
    propose_again(reel, StringOutWish(film.pk, 10), user=world.editor)
    assert 30 in [start // SHOT_FRAMES for start, _ in order(reel)]


def test_cuts_go_around_lines_and_transitions_and_keep_to_23_976(world: World) -> None:
    film = make_film(world.title, name="ntsc.mp4", frame_count=FRAMES)
    Video.objects.filter(pk=film.pk).update(fps_num=24000, fps_den=1001)
    film.refresh_from_db()
    make_shots(film)
    DialogueLine.objects.bulk_create(
        DialogueLine(video=film, source="uploaded", start_frame=start + 20, end_frame=start + 64, text="Come here.")
        for start in range(0, FRAMES, SHOT_FRAMES)
    )
    Transition.objects.create(video=film, kind="dissolve", start_frame=490, end_frame=510)
    reel = make_string_out(film, StringOutWish(film.pk, 60, picked=(400, 500)), team=world.team, user=world.editor)
    spans = order(reel)
    assert sum(end - start for start, end in spans) == 1439, "the whole number of frames next to 60 s"
    for start, end in spans:
        assert not any(start % SHOT_FRAMES > 20 and start % SHOT_FRAMES < 64 for start in (start, end))
        assert end <= 490 or start >= 510


def test_frames_of_variable_length_fill_the_wanted_seconds_as_hand_offs_count_them(world: World) -> None:
    film = make_film(world.title, name="vfr.mp4", frame_count=FRAMES)
    steps = 1 + np.arange(FRAMES) % 3
    pts = np.concatenate([[0], np.cumsum(steps)[:-1]])
    Video.objects.filter(pk=film.pk).update(
        is_vfr=True, time_base_den=50, frame_pts=pack_integers(pts), duration_s=float(steps.sum()) / 50
    )
    film.refresh_from_db()
    make_shots(film)
    for length_s in (7.5, 30):
        reel = make_string_out(film, StringOutWish(film.pk, length_s), team=world.team, user=world.editor)
        assert missing(reel, world.editor) == "as long as wanted, to the frame"


@pytest.mark.parametrize(("edges", "length_s", "told"), [
    ((0, 100), 60, "56 s 15 frames short"),  # one shot throughout, its last 15 % kept back
    (tuple(range(0, 101, 4)), 60, "56 s 16 frames short"),
    ((0, 1, 100), 5, "1 s 15 frames short"),
])  # fmt: skip
def test_a_film_that_is_too_short_gives_all_it_has_and_says_so(
    world: World, editor: Client, edges: tuple[int, ...], length_s: int, told: str
) -> None:
    film = make_shots(make_film(world.title, name="short.mp4"), edges=edges)
    answer = ask(editor, world.title, video=film.pk, length_s=length_s).json()
    assert f"is {told}. The shots that may be shown give no more." in answer["sentence"]
    shown = editor.get(answer["url"]).content.decode()
    assert f"of {length_s} s: <strong>{told}</strong>" in shown and f"Fit to {length_s} s" in shown


BAD = [
    {"video": ""}, {"video": "x"}, {"video": "9" * 30}, {"video": "1\x00"}, {"video": "FILM", "length_s": "4.9"},
    {"video": "FILM", "length_s": "601"}, {"video": "FILM", "length_s": "nan"}, {"video": "FILM", "length_s": "\x00"},
    {"video": "FILM", "variety": "101"}, {"video": "FILM", "spoiler": "96"}, {"video": "FILM", "order": "loud"},
    {"video": "FILM", "picked": "999999999"},
    {"video": "FILM", "picked": "1,x"}, {"video": "FILM", "picked": "9" * 400}, {"video": "FILM", "spoiler": "-1"},
    {"video": "FILM", "picked": ",".join(map(str, range(501)))}, {"video": "FILM", "name": "x" * 121},
]  # fmt: skip


@pytest.mark.parametrize("fields", BAD)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    editor: Client, world: World, film: Video, fields: dict
) -> None:
    count = Reel.objects.count()
    given = {name: film.pk if value == "FILM" else value for name, value in fields.items()}
    response = ask(editor, world.title, **given)
    assert response.status_code == 400 and response.json()["detail"].endswith(".")
    assert Reel.objects.count() == count


def test_films_of_other_titles_and_such_without_shots_give_no_string_out(editor: Client, world: World) -> None:
    other = make_world("there")
    for video in (other.video, make_film(world.title, name="new.mp4")):
        assert ask(editor, world.title, video=video.pk).status_code == 400
    assert ask(editor, other.title, video=other.video.pk).status_code == 404


def test_only_editors_of_the_titles_team_make_and_change_string_outs(world: World, film: Video) -> None:
    reviewer = signed_in(world.reviewer)
    assert ask(reviewer, world.title, video=film.pk).status_code == 403
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    shown = reviewer.get(reverse("reel", args=[reel.pk])).content.decode()
    assert "of 30 s: <strong>as long as wanted" in shown
    assert "Propose again" not in shown and "more-like" not in shown
    assert "Propose again" in signed_in(world.editor).get(reverse("reel", args=[reel.pk])).content.decode()
    away = Team.objects.create(name="away")
    assert ask(signed_in(world.editor), world.title, video=film.pk, team=away.pk).status_code == 403


def test_of_a_film_that_left_the_team_nothing_more_is_proposed_nor_told(world: World, film: Video) -> None:
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    editor, before = signed_in(world.editor), order(reel)
    film.title.teams.clear()
    address, json = reverse("reel-do", args=[reel.pk]), {"Accept": "application/json"}
    for fields in ({"action": "propose-again"}, {"action": "fit"}):
        assert "not yours to see" in editor.post(address, fields, headers=json).json()["detail"]
    shown = editor.get(reverse("reel", args=[reel.pk])).content.decode()
    assert "Propose again" not in shown and "long.mp4" not in shown and order(reel) == before
    with pytest.raises(InvalidReel, match="not yours to see"):
        add_more_like(standing_clips(reel)[0], user=world.editor)


def test_the_pages_actions_propose_fit_and_add_and_only_for_string_outs(
    editor: Client, world: World, film: Video
) -> None:
    reel = make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    json = {"Accept": "application/json"}

    def do(reel: Reel, **fields: object):
        return editor.post(reverse("reel-do", args=[reel.pk]), fields, headers=json)

    number = standing_clips(reel)[0].pk
    assert "behind it" in do(reel, action="more-like", number=number).json()["sentence"]
    assert "short" in missing(reel, world.editor) or "long" in missing(reel, world.editor)
    assert "as long as wanted" in do(reel, action="fit").json()["sentence"]
    assert "as long as wanted" in do(reel, action="propose-again", length_s="12,5").json()["sentence"]
    assert "already" in do(reel, action="propose-again").json()["sentence"]
    assert do(reel, action="propose-again", length_s="\x00").status_code == 400
    collected = create_reel(world.team, name="By hand", user=world.editor)
    for action in ("propose-again", "fit"):
        assert "collected, not proposed" in do(collected, action=action).json()["detail"]


def test_a_long_string_out_asks_as_often_as_a_short_one(
    world: World, film: Video, django_assert_max_num_queries
) -> None:
    make_string_out(film, StringOutWish(film.pk, 30), team=world.team, user=world.editor)
    with django_assert_max_num_queries(60):
        make_string_out(film, StringOutWish(film.pk, 150), team=world.team, user=world.editor)
    assert ReelClip.objects.filter(video=film).count() > 50


def test_the_api_makes_string_outs_proposes_again_fits_and_adds(editor: Client, world: World, film: Video) -> None:
    def post(address: str, **fields: object):
        return editor.post(address, fields, content_type="application/json")

    made = post(f"/api/titles/{world.title.pk}/string-out/", video=film.pk, length_s=30, picked=[412]).json()
    assert made["wanted_s"] == 30 and made["team"] == world.team.pk
    clips = f"/api/reels/{made['id']}/clips/"

    def frames(told: list[dict]) -> int:
        return sum(clip["out_frame"] - clip["in_frame"] for clip in told)

    first = editor.get(clips).json()
    assert frames(first) == 750 and any(400 <= clip["in_frame"] < 500 for clip in first)
    assert len(post(clips, action="more_like", clip=first[0]["id"]).json()) == len(first) + 1
    assert frames(post(clips, action="fit").json()) == 750
    again = post(f"/api/reels/{made['id']}/propose/", length_s=10, order="score")
    assert again.status_code == 200 and frames(again.json()) == 250
    narrowed = post(f"/api/titles/{world.title.pk}/string-out/", video=film.pk, scale=["full"], unused=True)
    assert narrowed.status_code == 400 and "filter less" in narrowed.json()["non_field_errors"][0]
    for wrong in ({"length_s": 4}, {"spoiler": 96}, {"order": "x"}, {"variety": "NaN"}):
        assert post(f"/api/reels/{made['id']}/propose/", **wrong).status_code == 400
        assert post(f"/api/titles/{world.title.pk}/string-out/", **({"video": film.pk} | wrong)).status_code == 400
    assert post(f"/api/reels/{world.reel.pk}/propose/").status_code == 400
    assert post(f"/api/titles/{world.title.pk}/string-out/", video=10**9).status_code == 400
    other = make_world("there")
    assert post(f"/api/titles/{other.title.pk}/string-out/", video=other.video.pk).status_code == 404
    reviewer = signed_in(world.reviewer)
    asked = {"data": {"video": film.pk}, "content_type": "application/json"}
    assert reviewer.post(f"/api/titles/{world.title.pk}/string-out/", **asked).status_code == 403
