"""What the API does: titles, films, analyses, signals, decisions."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from ava.models import Chunk, Job, Title, Video, WorkState
from curation.models import Decision, Still
from tests.footage import write_film
from tests.world import World, make_film, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("ours")


@pytest.fixture
def client(world: World) -> APIClient:
    client = APIClient()
    client.force_authenticate(world.editor)
    return client


def test_a_title_is_made_changed_and_read(world: World, client: APIClient) -> None:
    body = {"name": "Red River", "genre": "Western", "language": "en", "teams": [world.team.pk]}
    made = client.post("/api/titles/", body)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["created_by"] == world.editor.username
    changed = client.patch(f"/api/titles/{pk}/", {"maturity_rating": "13+"})
    assert changed.json()["maturity_rating"] == "13+"
    read = client.get(f"/api/titles/{pk}/").json()
    assert (read["name"], read["teams"], read["video_count"]) == ("Red River", [world.team.pk], 0)
    assert read["url"] == f"http://testserver/titles/{pk}/"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"kind": "episode"}, "parent"),
        ({"kind": "trailer"}, "parent"),
        ({"season": 1}, "non_field_errors"),
        ({"season": -1}, "season"),
        ({"teams": []}, "teams"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_title_that_makes_no_sense_is_refused_with_the_field_named(
    world: World, client: APIClient, fields: dict[str, object], wrong: str
) -> None:
    body = {"name": "New", "teams": [world.team.pk]} | fields
    response = client.post("/api/titles/", body, format="json")
    assert response.status_code == 400
    assert wrong in response.json()


def test_an_episode_comes_once_in_a_series(world: World, client: APIClient) -> None:
    series = client.post("/api/titles/", {"name": "S", "kind": "series", "teams": [world.team.pk]}).json()["id"]
    body = {
        "name": "E", "kind": "episode", "season": 1, "episode": 1, "parent": series, "teams": [world.team.pk]
    }  # fmt: skip
    assert client.post("/api/titles/", body).status_code == 201
    again = client.post("/api/titles/", body)
    assert again.status_code == 400
    assert "already has that episode" in str(again.json())


def test_a_title_others_depend_on_is_not_deleted(world: World) -> None:
    trailer = Title.objects.create(name="Trailer", kind="trailer", parent=world.title)
    trailer.teams.add(world.team)
    client = APIClient()
    client.force_authenticate(world.administrator)
    response = client.delete(f"/api/titles/{world.title.pk}/")
    assert response.status_code == 409
    assert "titles depend on this" in response.json()["detail"]
    assert Video.objects.filter(pk=world.video.pk).exists(), "all or nothing"


def test_a_deleted_film_takes_its_files_along(world: World, django_capture_on_commit_callbacks) -> None:
    client = APIClient()
    client.force_authenticate(world.administrator)
    names = ["videos/film.bin", "proxies/film.mp4", "stills/still.jpg"]
    for name in names:
        default_storage.save(name, SimpleUploadedFile(name, b"content"))
    Video.objects.filter(pk=world.video.pk).update(file=names[0], proxy=names[1])
    Still.objects.filter(pk=world.still.pk).update(image=names[2])
    Job.objects.filter(pk=world.job.pk).update(state=WorkState.RUNNING)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"/api/videos/{world.video.pk}/").status_code == 204
        assert all(default_storage.exists(name) for name in names), "the files outlive the rows, never the reverse"
    assert not any(default_storage.exists(name) for name in names)
    assert not Decision.objects.exists()


def test_a_video_is_told_with_exact_facts_and_its_latest_analysis(world: World, client: APIClient) -> None:
    newest = Job.objects.create(video=world.video, state=WorkState.QUEUED)
    answer = client.get(f"/api/videos/{world.video.pk}/").json()
    assert (answer["fps"], answer["frame_count"], answer["job"], answer["job_state"]) == (
        "25/1", 100, newest.pk, "queued",
    )  # fmt: skip
    assert answer["play"] == f"http://testserver/videos/{world.video.pk}/play"


def test_analysing_again_makes_one_job_and_refuses_a_second(world: World, client: APIClient) -> None:
    answer = client.post(f"/api/videos/{world.video.pk}/analyse/", {"everything": True})
    assert answer.status_code == 201
    assert answer.json()["state"] in {"queued", "running"}
    assert [stage["name"] for stage in answer.json()["stages"]][:1] == ["annotate"]
    again = client.post(f"/api/videos/{world.video.pk}/analyse/")
    assert again.status_code == 409
    assert "being analysed already" in again.json()["detail"]


def test_jobs_are_retried_and_cancelled_only_when_that_makes_sense(world: World) -> None:
    client = APIClient()
    client.force_authenticate(world.administrator)
    again = client.post(f"/api/jobs/{world.job.pk}/retry/")
    assert again.status_code == 201
    assert again.json()["id"] != world.job.pk
    assert client.post(f"/api/jobs/{world.job.pk}/cancel/").status_code == 409
    assert client.post(f"/api/jobs/{again.json()['id']}/retry/").status_code == 409
    assert client.post(f"/api/jobs/{again.json()['id']}/cancel/").json()["state"] == "cancelled"


def test_signals_of_a_short_span_come_frame_by_frame(world: World, client: APIClient) -> None:
    query = {"columns": "exposure.brightness", "start": 10, "end": 15}
    answer = client.get(f"/api/videos/{world.video.pk}/annotations/", query).json()
    assert answer == {
        "video": world.video.pk, "start_frame": 10, "end_frame": 15, "frames": [10, 11, 12, 13, 14],
        "columns": {"exposure.brightness": [10.0, 11.0, 12.0, 13.0, 14.0]},
    }  # fmt: skip


def test_signals_of_a_long_span_come_as_means(world: World, client: APIClient) -> None:
    query = {"columns": "exposure.brightness", "start": 20, "end": 40, "points": 2}
    answer = client.get(f"/api/videos/{world.video.pk}/annotations/", query).json()
    assert answer["frames"] == [20, 30]
    assert answer["columns"] == {"exposure.brightness": [24.5, 34.5]}


def test_frames_that_were_not_measured_are_null_and_not_made_up(world: World, client: APIClient) -> None:
    Chunk.objects.filter(pk=world.chunk.pk).update(start_frame=2, end_frame=102)
    answer = client.get(f"/api/videos/{world.video.pk}/annotations/", {"start": 0, "end": 4}).json()
    assert answer["columns"]["exposure.brightness"] == [None, None, 0.0, 1.0]
    assert set(answer["columns"]["motion.frame_difference"]) == {None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"columns": "exposure.loudness"}, "columns"),
        ({"start": 100}, "start"),
        ({"start": 9, "end": 9}, "start"),
        ({"start": -1}, "start"),
        ({"points": 0}, "points"),
        ({"points": 10**9}, "points"),
    ],
)
def test_a_span_or_column_that_is_none_is_refused(
    world: World, client: APIClient, query: dict[str, object], field: str
) -> None:
    response = client.get(f"/api/videos/{world.video.pk}/annotations/", query)
    assert response.status_code == 400
    assert field in response.json()


def test_a_still_is_told_with_its_explanation_and_addresses(world: World, client: APIClient) -> None:
    answer = client.get(f"/api/stills/{world.still.pk}/").json()
    assert answer["explanation"] == {"sharpness": 0.5}
    assert (answer["verdict"], answer["stars"], answer["image"]) == ("pick", 3, None)
    frame = f"http://testserver/videos/{world.video.pk}/frames/10/download"
    assert answer["download_png"] == f"{frame}?format=png"
    assert answer["download_jpeg"] == f"{frame}?format=jpeg"


def test_decisions_are_taken_one_by_one_many_at_once_and_back(world: World, client: APIClient) -> None:
    make_still(world.video, 20, rank=2)
    one = client.post("/api/decisions/", {"video": world.video.pk, "frame_index": 10, "stars": 5})
    assert one.status_code == 201
    assert (one.json()["verdict"], one.json()["stars"]) == ("pick", 5), "what is left out stays"
    second = make_film(world.title, name="second.mp4")
    body = [
        {"video": video.pk, "frame_index": frame, "verdict": "reject"}
        for video, frame in [(second, 30), (world.video, 10), (second, 20)]
    ]
    many = client.post("/api/decisions/", body, format="json")
    assert [(row["video"], row["frame_index"]) for row in many.json()] == [
        (second.pk, 30), (world.video.pk, 10), (second.pk, 20),
    ]  # fmt: skip
    undone = client.post("/api/decisions/undo/", {"video": world.video.pk})
    assert undone.status_code == 201
    assert (undone.json()["verdict"], undone.json()["stars"]) == ("pick", 5)
    record = client.get(f"/api/decisions/?video={world.video.pk}&frame_index=10").json()["results"]
    assert [row["verdict"] for row in record] == ["pick", "reject", "pick", "pick"], "nothing is overwritten"
    assert record[0]["undoes"] == record[1]["id"]


def test_there_can_be_nothing_to_undo(world: World, client: APIClient) -> None:
    second = make_film(world.title, name="second.mp4")
    response = client.post("/api/decisions/undo/", {"video": second.pk})
    assert response.status_code == 409
    assert response.json() == {"detail": "There is nothing of yours to undo in this film."}


@pytest.mark.parametrize(
    "fields",
    [{}, {"verdict": "perhaps"}, {"stars": 6}, {"stars": 1, "frame_index": 100}, {"stars": 1, "frame_index": -1}],
)
def test_what_is_no_decision_is_refused_and_one_refusal_stops_all(
    world: World, client: APIClient, fields: dict[str, object]
) -> None:
    before = Decision.objects.count()
    good = {"video": world.video.pk, "frame_index": 10, "stars": 1}
    bad = {"video": world.video.pk, "frame_index": 10} | fields
    assert client.post("/api/decisions/", [good, bad], format="json").status_code == 400
    assert client.post("/api/decisions/", bad, format="json").status_code == 400
    assert Decision.objects.count() == before


def test_a_film_comes_in_by_one_request_once(world: World, client: APIClient, tmp_path: Path) -> None:
    content = write_film(tmp_path / "film.mp4", frames=24).read_bytes()
    address = f"/api/titles/{world.title.pk}/videos/"
    answer = client.post(address, {"file": SimpleUploadedFile("my film.mp4", content)}, format="multipart")
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["name"], answer.json()["frame_count"]) == ("my film.mp4", 24)
    assert answer.json()["job_state"] in {"queued", "running"}
    again = client.post(address, {"file": SimpleUploadedFile("again.mp4", content)}, format="multipart")
    assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])


def test_what_is_no_film_is_refused_with_a_sentence_and_leaves_nothing(
    world: World, client: APIClient, settings
) -> None:
    before = Video.objects.count()
    for name, content in [("text.mp4", b"words " * 200), ("empty.mp4", b"")]:
        upload = SimpleUploadedFile(name, content)
        response = client.post(f"/api/titles/{world.title.pk}/videos/", {"file": upload}, format="multipart")
        assert response.status_code == 400
        assert response.json()["file"][0].endswith(".")
    assert client.post(f"/api/titles/{world.title.pk}/videos/", {}, format="multipart").status_code == 400
    assert Video.objects.count() == before
    assert [path for path in Path(settings.AVA_UPLOAD_DIR).rglob("*") if path.is_file()] == []


def test_model_files_are_listed_with_what_they_are_for(client: APIClient, settings, tmp_path: Path) -> None:
    settings.AVA_WEIGHTS_DIR = tmp_path
    listed = client.get("/api/models/").json()
    assert all(not row["installed"] and row["enables"] for row in listed)
    assert client.get(f"/api/models/{listed[0]['name']}/").json() == listed[0]
    assert client.get("/api/models/unheard-of/").status_code == 404


def test_shots_and_teams_are_told(world: World, client: APIClient) -> None:
    world.shot.scale, world.shot.scale_by, world.shot.scale_confidence = "medium", "face", 0.8
    world.shot.save()
    assert client.get(f"/api/shots/{world.shot.pk}/").json() == {
        "id": world.shot.pk, "video": world.video.pk, "index": 0, "start_frame": 0, "end_frame": 100,
        "transition": "start", "scale": "medium", "scale_by": "face", "scale_confidence": 0.8,
        "camera": "", "camera_confidence": None, "provisional": False,
    }  # fmt: skip
    assert [row["id"] for row in client.get("/api/shots/?scale=medium").json()["results"]] == [world.shot.pk]
    assert client.get("/api/shots/?scale=long").json()["results"] == []


def test_what_was_found_in_a_frame_is_told_and_a_frame_that_is_not_there_is_refused(
    world: World, client: APIClient
) -> None:
    address = f"/api/videos/{world.video.pk}/findings/"
    found = client.get(address, {"frame": 10}).json()
    assert (found["frame_index"], found["looked_at"], found["nearest_look"]) == (10, True, 10)
    assert found["faces"] == [] and found["shot"]["number"] == 1
    assert not client.get(address, {"frame": 11}).json()["looked_at"]
    assert client.get(address, {"frame": 100}).status_code == 400
    assert client.get(address, {"frame": "first"}).status_code == 400
    assert client.get(address).status_code == 400
    members = client.get(f"/api/teams/{world.team.pk}/").json()["members"]
    assert {"user": "editor-ours", "role": "editor"} in members
