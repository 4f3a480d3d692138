"""Pages of lists, notes, mentions and exports: plain forms and scripts alike, and who may do what."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from ava.models import User
from curation.mention_names import find_named
from curation.models import Export, Mention, PickList, StillNote
from curation.notes import InvalidNote, count_unseen, write_note
from curation.pick_list_frames import listed_frames
from tests.world import World, make_person, make_world

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


def order(pick_list: PickList) -> list[int]:
    return [key.frame_index for key in listed_frames(pick_list)]


def do(client: Client, world: World, **fields: str):
    address = reverse("pick-list-do", args=[world.pick_list.pk])
    return client.post(address, fields, headers={"Accept": "application/json"})


# --- lists ---------------------------------------------------------------------------------------------------------


def test_a_plain_form_makes_a_list_with_a_still_and_leads_back_to_it(editor: Client, world: World) -> None:
    back = f"/titles/{world.title.pk}/stills/?still=10"
    fields = {"name": "Posters", "frames": f"{world.video.pk}:10", "next": back}
    response = editor.post(reverse("pick-lists", args=[world.title.pk]), fields)
    assert (response.status_code, response.headers["Location"]) == (302, back)
    assert order(PickList.objects.get(name="Posters")) == [10]


def test_scripts_add_move_remove_and_take_back(editor: Client, world: World) -> None:
    film = str(world.video.pk)
    assert do(editor, world, action="add", video=film, frames="20,30").json()["sentence"] == "Added to “list-here”."
    moved = do(editor, world, action="move", frames=f"{film}:30", before=f"{film}:10").json()
    assert [frame for _, frame in moved["frames"]] == [30, 10, 20]
    assert do(editor, world, action="remove", frames=f"{film}:10,{film}:30").status_code == 200
    assert order(world.pick_list) == [20]
    undo = reverse("pick-list-undo", args=[world.pick_list.pk])
    for expected in ([30, 10, 20], [10, 20, 30], [10]):
        assert editor.post(undo, headers={"Accept": "application/json"}).status_code == 200
        assert order(world.pick_list) == expected
    assert editor.post(undo, headers={"Accept": "application/json"}).status_code == 409


def test_a_deleted_list_is_brought_back_from_the_page_of_lists(editor: Client, world: World) -> None:
    do(editor, world, action="delete")
    assert editor.get(reverse("pick-list", args=[world.pick_list.pk])).status_code == 404
    page = editor.get(reverse("pick-lists", args=[world.title.pk])).content.decode()
    address = reverse("pick-list-undo", args=[world.pick_list.pk])
    assert address in page
    assert editor.post(address).headers["Location"] == reverse("pick-list", args=[world.pick_list.pk])
    assert editor.get(reverse("pick-list", args=[world.pick_list.pk])).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"action": "burn"}, {"action": "add"}, {"action": "add", "frames": "x"},
        {"action": "add", "frames": "1:2:3"},
        {"action": "add", "frames": "9" * 40}, {"action": "add", "frames": "\x00"}, {"action": "change", "name": ""},
        {"action": "move", "frames": "10", "before": "-1"}, {"action": "add", "frames": "100", "video": "VIDEO"},
        {"action": "remove", "frames": ","},
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(editor: Client, world: World, fields: dict[str, str]) -> None:
    response = do(editor, world, **{name: text.replace("VIDEO", str(world.video.pk)) for name, text in fields.items()})
    assert response.status_code == 400
    assert response.json()["detail"].endswith(".")
    assert order(world.pick_list) == [10]


def test_who_may_only_see_sees_lists_and_changes_none(reviewer: Client, world: World) -> None:
    page = reviewer.get(reverse("pick-list", args=[world.pick_list.pk]))
    assert page.status_code == 200
    assert "listed-moves" not in page.content.decode()
    assert do(reviewer, world, action="add", frames="1").status_code == 403
    assert reviewer.post(reverse("pick-lists", args=[world.title.pk]), {"name": "x"}).status_code == 403
    assert reviewer.post(reverse("pick-list-undo", args=[world.pick_list.pk])).status_code == 403


def test_scripts_read_the_lists_of_a_title(reviewer: Client, world: World) -> None:
    answer = reviewer.get(reverse("pick-lists", args=[world.title.pk]), headers={"Accept": "application/json"}).json()
    (told,) = answer["lists"]
    assert (told["name"], told["frames"]) == ("list-here", [[world.video.pk, 10]])


def test_a_list_of_many_stills_takes_no_more_queries(
    editor: Client, world: World, django_assert_max_num_queries
) -> None:
    do(editor, world, action="add", video=str(world.video.pk), frames=",".join(map(str, range(60))))
    with django_assert_max_num_queries(25):
        page = editor.get(reverse("pick-list", args=[world.pick_list.pk])).content.decode()
    assert page.count('class="listed-still"') == 60


# --- notes and mentions --------------------------------------------------------------------------------------------


@pytest.fixture
def people() -> list[User]:
    names = ("anna", "anna.b", "Bo", "x+y@z")
    return [User(pk=pk, username=name) for pk, name in enumerate(names, start=1)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@anna look", ["anna"]), ("@anna.b: look", ["anna.b"]), ("(@anna.)", ["anna"]),
        ("@ANNA and @bo!", ["anna", "Bo"]),
        ("mail me@anna.b", []), ("@annabel", []), ("@bo, @bo", ["Bo"]), ("@x+y@z", ["x+y@z"]), ("@", []), ("@@@", []),
        ("@anna…", ["anna"]), ("@bo\n@anna", ["Bo", "anna"]), ("@nobody", []),
    ],
)  # fmt: skip
def test_names_are_found_in_notes(people: list[User], text: str, named: list[str]) -> None:
    assert [person.username for person in find_named(text, people)] == named


def test_a_mention_reaches_those_who_see_the_film_and_nobody_else(world: World) -> None:
    make_person("stranger", team=make_world("there").team)
    gone = make_person("gone", team=world.team, is_active=False)
    root = make_person("root", is_superuser=True)
    text = f"@{world.reviewer} @stranger @gone @root @{world.editor}"
    note = write_note(world.video, frame_index=20, user=world.editor, text=text)
    assert {mention.user for mention in note.mentions.all()} == {world.reviewer, root}
    assert count_unseen(world.reviewer) == 1
    assert count_unseen(gone) == 0


def test_who_leaves_the_team_is_no_longer_told(world: World) -> None:
    write_note(world.video, frame_index=20, user=world.editor, text=f"@{world.reviewer}")
    world.reviewer.memberships.all().delete()
    assert count_unseen(world.reviewer) == 0


def test_opening_the_still_marks_a_mention_as_seen_and_the_head_says_how_many_are_left(
    editor: Client, reviewer: Client, world: World
) -> None:
    for frame in (10, 20):
        editor.post(reverse("still-note", args=[world.video.pk, frame]), {"text": f"for @{world.reviewer}"})
    mentions = reverse("mentions")
    assert reviewer.get(mentions, headers={"Accept": "application/json"}).json() == {"unseen": 2}
    page = reviewer.get(mentions).content.decode()
    assert re.search(r"data-unseen>2<", page)
    assert page.count("data-new") == 2
    board = f"{reverse('stills', args=[world.title.pk])}?video={world.video.pk}&still="
    assert f"for @{world.reviewer}" in reviewer.get(board + "10").content.decode()
    assert count_unseen(world.reviewer) == 1
    reviewer.post(mentions)
    assert count_unseen(world.reviewer) == 0


def test_one_withdraws_ones_own_note_and_it_is_kept(editor: Client, reviewer: Client, world: World) -> None:
    note = write_note(world.video, frame_index=10, user=world.editor, text=f"oops @{world.reviewer}")
    address = reverse("note-withdraw", args=[note.pk])
    assert reviewer.post(address).status_code == 403
    assert editor.post(address).status_code == 302
    board = f"{reverse('stills', args=[world.title.pk])}?video={world.video.pk}&still=10"
    assert "oops" not in editor.get(board).content.decode()
    assert StillNote.objects.get(pk=note.pk).is_withdrawn
    assert Mention.objects.filter(note=note).exists()
    assert count_unseen(world.reviewer) == 0


@pytest.mark.parametrize(("frame", "text"), [(10, ""), (10, " \n "), (10, "x" * 1001), (100, "hello"), (10, "\x00")])
def test_notes_that_cannot_be_are_refused(world: World, frame: int, text: str) -> None:
    with pytest.raises(InvalidNote, match=r"\.$"):
        write_note(world.video, frame_index=frame, user=world.editor, text=text)


def test_a_note_survives_that_its_still_is_gone_and_shows_no_markup(editor: Client, world: World) -> None:
    write_note(world.video, frame_index=10, user=world.editor, text="<script>alert(1)</script>")
    world.video.stills.all().delete()
    write_note(world.video, frame_index=11, user=world.editor, text="makes a still")
    board = f"{reverse('stills', args=[world.title.pk])}?video={world.video.pk}&still=10"
    page = editor.get(board).content.decode()
    assert "&lt;script&gt;alert(1)" in page


def test_who_may_only_see_writes_no_note(reviewer: Client, world: World) -> None:
    assert reviewer.post(reverse("still-note", args=[world.video.pk, 10]), {"text": "x"}).status_code == 403


# --- exports -------------------------------------------------------------------------------------------------------


def test_the_form_offers_the_selection_the_picks_and_every_list(reviewer: Client, world: World) -> None:
    address = reverse("exports", args=[world.title.pk])
    page = reviewer.get(f"{address}?video={world.video.pk}&frames=10,20").content.decode()
    assert "The selection" in page
    assert "list-here" in page
    assert 'value="picks"' in page
    whole = reviewer.get(f"{address}?video={world.video.pk}").content.decode()
    assert "What the board shows" in whole
    assert reviewer.get(f"{address}?frames=nonsense&video=x&what=y").status_code == 200


@pytest.mark.parametrize(
    ("what", "frames"), [("frames", [20, 10]), ("picks", [10]), ("board", [10]), ("list-LIST", [10])]
)
def test_asking_for_an_export_starts_a_worker(
    reviewer: Client, world: World, hints: list, django_capture_on_commit_callbacks, what: str, frames: list[int]
) -> None:
    fields = {
        "what": what.replace("LIST", str(world.pick_list.pk)), "formats": ["png", "tiff"], "documents": "csv",
        "frames": f"{world.video.pk}:20,{world.video.pk}:10", "query": f"video={world.video.pk}",
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        response = reviewer.post(reverse("exports", args=[world.title.pk]), fields)
    export = Export.objects.latest("pk")
    assert response.headers["Location"] == reverse("export", args=[export.pk])
    assert [frame for _, frame in export.wanted["stills"]] == frames
    assert ("curation.export_tasks.make_export", export.pk) in hints
    page = reviewer.get(reverse("export", args=[export.pk])).content.decode()
    assert "Waiting" in page
    assert "Cancel" in page


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"what": "list-x"}, {"what": "frames"}, {"what": "frames", "frames": "a"},
        {"what": "picks", "formats": "bmp"},
        {"what": "picks"}, {"what": "picks", "formats": "png", "pattern": "{x}"},
    ],
)  # fmt: skip
def test_an_export_that_cannot_be_is_refused_with_a_sentence(
    editor: Client, world: World, fields: dict[str, str]
) -> None:
    response = editor.post(
        reverse("exports", args=[world.title.pk]), fields, headers={"Accept": "application/json"}
    )
    assert response.status_code == 400
    assert response.json()["detail"].endswith(".")


def test_a_finished_export_is_downloaded_by_those_who_see_the_title(
    reviewer: Client, world: World, media_folder
) -> None:
    stored = media_folder / "exports" / "1.zip"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"PK\x05\x06" + bytes(18))
    Export.objects.filter(pk=world.export.pk).update(state="done", file="exports/1.zip", wanted={"name": "Äh/b"})
    response = reviewer.get(reverse("export-file", args=[world.export.pk]))
    assert b"".join(response.streaming_content) == stored.read_bytes()
    assert "attachment" in response.headers["Content-Disposition"]
    page = reviewer.get(reverse("export", args=[world.export.pk])).content.decode()
    assert "22 bytes" in page
    assert signed_in(make_world("there").editor).get(reverse("export-file", args=[world.export.pk])).status_code == 404


def test_one_cancels_ones_own_export_and_editors_anybodys(editor: Client, reviewer: Client, world: World) -> None:
    address = reverse("export-cancel", args=[world.export.pk])
    Export.objects.filter(pk=world.export.pk).update(state="working", created_by=world.editor)
    assert reviewer.post(address).status_code == 403
    assert editor.post(address).status_code == 302
    assert editor.post(address, headers={"Accept": "application/json"}).status_code == 409
