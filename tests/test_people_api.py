"""The people of films through forms, scripts and the API: who may do what, and what is answered."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from ava.models import Membership, Title
from curation import people_actions as act
from curation.models import Character, Difference, FaceTrack, PeopleAction
from tests.people_world import make_cast, make_character, make_track
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> World:
    made = make_world("ours")
    PeopleAction.objects.all().delete()
    Character.objects.all().delete()
    FaceTrack.objects.all().delete()
    return made


@pytest.fixture
def theirs() -> World:
    return make_world("theirs")


@pytest.fixture
def cast(ours: World) -> list[Character]:
    return make_cast(ours.video, people=3).characters


def signed_in(user: object) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def script(user: Any) -> Client:
    client = Client(headers={"accept": "application/json"})
    client.force_login(user)
    return client


def do(client: Client, title: Title, action: str, **fields: Any) -> Any:
    return client.post(f"/titles/{title.pk}/people/do/", {"action": action, **fields})


def keys(character: Character) -> list[int]:
    return list(character.tracks.order_by("pk").values_list("pk", flat=True))


def test_every_action_is_done_by_a_form_and_undone_by_another(ours: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    client = script(ours.editor)
    tracks = keys(anna)
    face = FaceTrack.objects.get(pk=tracks[3]).faces.first()
    said = [
        ("name", {"character": anna.pk, "name": "Anna"}, "Person 1 is called Anna."),
        ("importance", {"character": anna.pk, "importance": "extra"}, "Anna is an extra."),
        ("lock", {"character": anna.pk, "locked": "1"}, "Anna is locked."),
        ("move", {"tracks": tracks[:1], "to": bea.pk, "spread": "0"}, "1 appearance moved to Person 2."),
        ("move", {"tracks": f"{tracks[1]},{tracks[2]}", "to": "new"}, "2 appearances moved to Person 4."),
        ("move-faces", {"faces": face.pk, "to": carl.pk}, "1 face moved to Person 3."),
        ("split", {"character": anna.pk, "tracks": tracks[4:5]}, "1 appearance of Anna became Person 5."),
        ("not-face", {"tracks": tracks[4:5]}, "1 appearance is no face."),
        ("confirm", {"track": tracks[5], "spread": "0"}, "This is Anna."),
        ("refuse", {"track": tracks[5], "character": anna.pk}, "This is not Anna."),
        ("different", {"first": anna.pk, "second": bea.pk}, "Anna and Person 2 are different people."),
        ("merge", {"character": anna.pk, "others": [bea.pk, carl.pk]}, "Person 2 and Person 3 and Anna are one person"),
    ]
    for action, fields, sentence in said:
        response = do(client, ours.title, action, **fields)
        assert response.status_code == 200, response.content
        assert response.json()["sentence"].startswith(sentence)
        assert response.json()["action"] == PeopleAction.objects.latest("id").pk
    for _ in said:
        assert client.post(f"/titles/{ours.title.pk}/people/undo/").json()["sentence"].startswith("Taken back: ")
    response = client.post(f"/titles/{ours.title.pk}/people/undo/")
    assert (response.status_code, response.json()) == (409, {"detail": "There is nothing left to undo."})


def test_plain_forms_are_sent_back_with_a_message(ours: World, cast: list[Character]) -> None:
    client = Client()
    client.force_login(ours.editor)
    back = reverse("title", args=[ours.title.pk])
    fields = {"character": cast[0].pk, "name": "Anna", "next": back}
    response = do(client, ours.title, "name", **fields)
    assert (response.status_code, response.headers["Location"]) == (302, back)
    assert "Person 1 is called Anna." in client.get(back).content.decode()
    do(client, ours.title, "name", **fields)
    assert "called that already" in client.get(back).content.decode()
    client.post(f"/titles/{ours.title.pk}/people/undo/", {"next": back})
    assert "Taken back: Person 1 is called Anna." in client.get(back).content.decode()


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("", {}, "Choose an action: name, "),
        ("dance", {}, "Choose an action: name, "),
        ("name", {}, "character is missing"),
        ("merge", {"character": "mine"}, "others is missing"),
        ("lock", {"character": "mine", "locked": "perhaps"}, "Give locked as 1 or 0."),
        ("lock", {"character": "mine"}, "locked is missing"),
        ("importance", {"character": "mine", "importance": "star"}, "main, secondary, extra"),
        ("move", {"tracks": "", "to": "new"}, "tracks is missing"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    ours: World, cast: list[Character], action: str, fields: dict[str, str], words: str
) -> None:
    fields = {name: str(cast[0].pk) if value == "mine" else value for name, value in fields.items()}
    response = do(script(ours.editor), ours.title, action, **fields)
    assert response.status_code == 400 and words in response.json()["detail"]
    assert not PeopleAction.objects.exists()


def test_a_name_that_is_taken_says_whom_to_merge_with(ours: World, cast: list[Character]) -> None:
    act.name_character(cast[0], name="Anna", user=ours.editor)
    response = do(script(ours.editor), ours.title, "name", character=cast[1].pk, name="Anna")
    assert response.status_code == 400 and response.json()["character"] == cast[0].pk


def test_forms_reach_no_rows_of_other_casts(ours: World, theirs: World, cast: list[Character]) -> None:
    client = script(make_person("root", is_superuser=True))
    track, foreign = cast[0].tracks.first(), theirs.face_track
    for action, fields in [
        ("name", {"character": theirs.character.pk, "name": "X"}),
        ("merge", {"character": cast[0].pk, "others": [cast[1].pk, theirs.character.pk]}),
        ("move", {"tracks": [track.pk, foreign.pk], "to": cast[1].pk}),
        ("move", {"tracks": track.pk, "to": theirs.character.pk}),
        ("move", {"tracks": "1e3", "to": cast[1].pk}),
        ("move", {"tracks": "99999999999999999999", "to": cast[1].pk}),
        ("move-faces", {"faces": theirs.face.pk, "to": "new"}),
        ("confirm", {"track": foreign.pk}),
        ("different", {"first": cast[0].pk, "second": theirs.character.pk}),
    ]:
        assert do(client, ours.title, action, **fields).status_code == 404, fields
    assert not PeopleAction.objects.filter(scope=ours.title).exists()


def writes(world: World, character: Character, track: FaceTrack) -> list[tuple[str, str, dict[str, Any]]]:
    """Every way to write through the API."""
    title = f"/api/titles/{world.title.pk}/people"
    return [
        ("patch", f"/api/characters/{character.pk}/", {"name": "Anna"}),
        ("post", f"/api/characters/{character.pk}/merge/", {"others": [character.pk]}),
        ("post", f"/api/characters/{character.pk}/split/", {"tracks": [track.pk]}),
        ("post", f"{title}/questions/", {"kind": "track", "first": track.pk, "second": character.pk, "same": True}),
        ("post", f"{title}/undo/", {}),
        ("post", "/api/face-tracks/move/", {"tracks": [track.pk], "to": None}),
        ("post", "/api/face-tracks/not-faces/", {"tracks": [track.pk]}),
    ]


def test_reviewers_read_and_write_nothing(ours: World, cast: list[Character]) -> None:
    client = signed_in(ours.reviewer)
    assert client.get(f"/api/titles/{ours.title.pk}/people/").status_code == 200
    for method, path, body in writes(ours, cast[0], cast[0].tracks.first()):
        response = getattr(client, method)(path, body)
        assert response.status_code == 403, path
        assert response.json()["detail"].startswith("Only editors and administrators of this title's teams may")
    for path in ("do", "undo"):
        assert script(ours.reviewer).post(f"/titles/{ours.title.pk}/people/{path}/").status_code == 403
    assert not PeopleAction.objects.exists()


def test_outsiders_find_nothing(ours: World, theirs: World, cast: list[Character]) -> None:
    client = signed_in(theirs.editor)
    before = PeopleAction.objects.count()
    for method, path, body in writes(ours, cast[0], cast[0].tracks.first()):
        response = getattr(client, method)(path, body)
        assert response.status_code == (400 if path.startswith("/api/face-tracks/") else 404), path
    foreign = client.post("/api/face-tracks/move/", {"tracks": keys(cast[0])[:1], "to": None}).json()
    absent = client.post("/api/face-tracks/move/", {"tracks": [987654], "to": None}).json()
    assert foreign == {"tracks": [f'Invalid pk "{keys(cast[0])[0]}" - object does not exist.']}
    assert absent == {"tracks": ['Invalid pk "987654" - object does not exist.']}
    for path in ("do", "undo"):
        assert script(theirs.editor).post(f"/titles/{ours.title.pk}/people/{path}/").status_code == 404
    for name in ("characters", "face-tracks", "people-actions"):
        assert "ours" not in client.get(f"/api/{name}/").content.decode()
        assert client.get(f"/api/{name}/").json()["count"] == 1, name
    assert PeopleAction.objects.count() == before


def test_an_editor_of_one_film_moves_nothing_in_another_that_they_only_review(ours: World, theirs: World) -> None:
    series = Title.objects.create(name="Series", kind="series")
    episodes = [
        Title.objects.create(name="E", kind="episode", parent=series, season=1, episode=number) for number in (1, 2)
    ]
    episodes[0].teams.add(ours.team)
    episodes[1].teams.add(theirs.team)
    Membership.objects.create(user=ours.editor, team=theirs.team, role="reviewer")
    anna = make_character(series)
    tracks = [
        make_track(make_film(title), person=1, character=anna, start_frame=0, end_frame=5) for title in episodes
    ]
    client = signed_in(ours.editor)
    both = [track.pk for track in tracks]
    assert client.post("/api/face-tracks/move/", {"tracks": both, "to": None}).status_code == 403
    assert client.post("/api/face-tracks/not-faces/", {"tracks": both}).status_code == 403
    assert do(script(ours.editor), episodes[0], "move", tracks=both, to="new").status_code == 403
    assert client.post("/api/face-tracks/move/", {"tracks": both[:1], "to": None}).status_code == 201
    character = client.get(f"/api/characters/{anna.pk}/").json()
    assert character["title"] is None, "of the series itself they know nothing"
    assert client.patch(f"/api/characters/{anna.pk}/", {"name": "Anna"}).status_code == 200


def test_a_patch_is_an_action_for_each_thing_that_changes(ours: World, cast: list[Character]) -> None:
    client = signed_in(ours.editor)
    path = f"/api/characters/{cast[0].pk}/"
    answer = client.patch(path, {"name": "Anna", "importance": "main", "is_locked": True})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["label"], found["importance"], found["is_locked"], found["is_kept"]) == ("Anna", "main", True, True)
    assert PeopleAction.objects.count() == 3
    assert client.patch(path, {"name": "Anna"}).status_code == 200, "the same again is no action"
    assert PeopleAction.objects.count() == 3
    other = f"/api/characters/{cast[1].pk}/"
    refused = client.patch(other, {"importance": "extra", "name": "anna"})
    assert refused.status_code == 400 and "merge the two" in refused.json()["name"][0]
    assert client.get(other).json()["importance"] == "", "all of it or nothing"
    for wrong in ({"importance": "star"}, {"name": "x" * 121}, {"is_locked": "perhaps"}, {"name": None}):
        assert client.patch(path, wrong).status_code == 400


def test_characters_are_listed_and_filtered(ours: World, theirs: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    act.name_character(anna, name="Anna", user=ours.editor)
    act.set_importance(bea, importance="extra", user=ours.editor)
    client = signed_in(ours.reviewer)

    def listed(**query: Any) -> list[int]:
        return [each["id"] for each in client.get("/api/characters/", query).json()["results"]]

    assert listed() == listed(title=ours.title.pk) == listed(video=ours.video.pk) == [anna.pk, bea.pk, carl.pk]
    assert listed(named="true") == [anna.pk] and listed(named="false") == [bea.pk, carl.pk]
    assert listed(importance="extra") == [bea.pk]
    assert client.get("/api/characters/", {"title": theirs.title.pk}).status_code == 400
    act.merge_characters(anna, others=[carl], user=ours.editor)
    assert listed() == [anna.pk, bea.pk]
    assert client.get(f"/api/characters/{carl.pk}/").json()["merged_into"] == anna.pk


def test_tracks_come_with_their_faces(ours: World, cast: list[Character], django_assert_max_num_queries: Any) -> None:
    client = signed_in(ours.reviewer)
    with django_assert_max_num_queries(8):
        found = client.get("/api/face-tracks/", {"character": cast[0].pk}).json()
    assert found["count"] == cast[0].tracks.count()
    first = found["results"][0]
    assert [face["box"] for face in first["faces"]] == [[x, 60, x + 72, 150] for x in [first["faces"][0]["box"][0]] * 2]
    assert first["portrait"].endswith(f"/face-tracks/{first['id']}/portrait.jpg")
    assert client.get("/api/face-tracks/", {"video": ours.video.pk}).json()["count"] == FaceTrack.objects.count()


def test_merging_splitting_and_moving_through_the_api(ours: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    client = signed_in(ours.editor)
    tracks = keys(anna)
    split = client.post(f"/api/characters/{anna.pk}/split/", {"tracks": tracks[:2]}).json()
    assert split["moved"] == 2 and keys(Character.objects.get(pk=split["character"])) == tracks[:2]
    moved = client.post("/api/face-tracks/move/", {"tracks": tracks[:2], "to": bea.pk, "spread": False}).json()
    assert (moved["moved"], moved["character"]) == (2, bea.pk)
    new = client.post("/api/face-tracks/move/", {"tracks": tracks[:1], "to": None, "spread": False}).json()
    assert Character.objects.get(pk=new["character"]).number == 5
    merged = client.post(f"/api/characters/{anna.pk}/merge/", {"others": [bea.pk, carl.pk]})
    assert merged.status_code == 201 and merged.json()["character"] == anna.pk
    nothing = client.post(f"/api/characters/{anna.pk}/merge/", {"others": [bea.pk]})
    assert nothing.status_code == 400 and "one person already" in nothing.json()["non_field_errors"][0]
    gone = client.post("/api/face-tracks/not-faces/", {"tracks": tracks[2:4]}).json()
    assert (gone["moved"], gone["character"]) == (2, None)
    for _ in range(5):
        assert client.post(f"/api/titles/{ours.title.pk}/people/undo/").status_code == 201
    assert client.post(f"/api/titles/{ours.title.pk}/people/undo/").status_code == 409
    assert keys(anna) == tracks
    history = client.get("/api/people-actions/", {"title": ours.title.pk}).json()["results"]
    assert [each["what"] for each in history] == ["undo"] * 5 + ["not_face", "merge", "move", "move", "split"]
    assert all(each["is_undone"] != (each["what"] == "undo") for each in history)


@pytest.mark.parametrize("body", [{}, {"tracks": []}, {"tracks": "1"}, {"tracks": [True]}, {"tracks": [2**70]}])
def test_moves_of_nothing_are_refused(ours: World, cast: list[Character], body: dict[str, Any]) -> None:
    client = signed_in(ours.editor)
    assert client.post("/api/face-tracks/move/", body | {"to": cast[0].pk}).status_code == 400
    assert client.post("/api/face-tracks/move/", {"tracks": keys(cast[0])}).status_code == 400, "to whom?"


def test_a_titles_people_are_told_with_who_meets_whom(ours: World, theirs: World, cast: list[Character]) -> None:
    act.set_importance(cast[0], importance="main", user=ours.editor)
    client = signed_in(ours.reviewer)
    found = client.get(f"/api/titles/{ours.title.pk}/people/").json()
    members = {each["id"]: each for each in found["members"]}
    assert set(members) == {each.pk for each in cast}
    anna = members[cast[0].pk]
    assert (anna["importance"], anna["importance_is_said"]) == ("main", True)
    assert anna["track_count"] == cast[0].tracks.count() and anna["screen_time_s"] > 0
    frames = sum(end - start for each in anna["seen"] for start, end in each["spans"])
    assert frames == sum(track.end_frame - track.start_frame for track in cast[0].tracks.all())
    assert found["edges"] and all(edge["shots"] >= 1 and edge["together_s"] > 0 for edge in found["edges"])
    assert client.get(f"/api/titles/{ours.title.pk}/people/", {"video": ours.video.pk}).json() == found
    assert client.get(f"/api/titles/{ours.title.pk}/people/", {"video": theirs.video.pk}).status_code == 400


def test_questions_are_answered_by_yes_and_no(ours: World, cast: list[Character]) -> None:
    anna, bea, carl = cast
    client = signed_in(ours.editor)
    path = f"/api/titles/{ours.title.pk}/people/questions/"
    assert isinstance(client.get(path, {"limit": 5}).json(), list)
    assert client.get(path, {"limit": 0}).status_code == 400

    def answer(kind: str, first: int, second: int, *, same: bool) -> Any:
        return client.post(path, {"kind": kind, "first": first, "second": second, "same": same})

    mine, other, theirs = keys(anna)[0], keys(anna)[1], keys(bea)[0]
    assert answer("track", mine, anna.pk, same=True).json()["sentence"].startswith("This is Person 1.")
    assert answer("track", theirs, anna.pk, same=True).json()["sentence"].startswith("1 appearance moved to Person 1.")
    assert answer("track", other, anna.pk, same=False).json()["sentence"] == "This is not Person 1."
    assert answer("characters", anna.pk, bea.pk, same=False).status_code == 201
    assert Difference.objects.filter(stands=True).count() == 1
    assert answer("characters", carl.pk, bea.pk, same=True).json()["character"] == bea.pk
    assert answer("characters", 987654, bea.pk, same=True).json() == {
        "first": ['Invalid pk "987654" - object does not exist.']
    }
    assert answer("film", anna.pk, bea.pk, same=True).status_code == 400
