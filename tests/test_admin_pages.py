"""The console is worth using: searches, filters, actions with outcomes, honest consequences, steady queries."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ava.models import Job, JobStage, Shot, Team, Title, Upload, Video, WorkState
from curation.models import Decision, LayoutStep, Picture, StillNote
from tests.world import World, make_film, make_measurements, make_person, make_still, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("ours")


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(make_person("root", is_superuser=True))
    return client


def add_rows(world: World, numbers: range) -> None:
    for number in numbers:
        title = Title.objects.create(name=f"Title {number}", kind="trailer", parent=world.title)
        title.teams.set([world.team, Team.objects.create(name=f"team {number}")])
        video = make_film(title, name=f"{number}.mp4")
        make_measurements(video)
        job = Job.objects.create(video=video, state="running", created_by=world.editor)
        JobStage.objects.create(job=job, position=0, name="annotate", label="Measuring", state="running", total_units=9)
        shot = Shot.objects.create(video=video, index=0, start_frame=0, end_frame=50, transition="start")
        make_still(video, 5, rank=1, shot=shot)
        Decision.objects.create(video=video, frame_index=5, user=make_person(f"p{number}", team=world.team))
        Upload.objects.create(
            id=f"00000000-0000-4000-8000-{number:012d}", title=title, user=world.editor, original_name="x", size_bytes=9
        )


@pytest.mark.parametrize(
    "path",
    ["ava/title", "ava/video", "ava/job", "ava/chunk", "ava/annotation", "ava/shot", "ava/upload", "ava/user",
     "ava/team", "curation/still", "curation/decision"],
)  # fmt: skip
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(world: World, client: Client, path: str) -> None:
    counts = []
    for numbers in (range(2), range(2, 10)):
        add_rows(world, numbers)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{path}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 15


def test_the_first_page_tells_how_the_work_stands(world: World, client: Client) -> None:
    Job.objects.filter(pk=world.job.pk).update(finished_at=timezone.now())
    old = make_film(world.title, name="old.mp4")
    Job.objects.create(
        video=old, state="failed", error="long ago", finished_at=timezone.now() - timedelta(days=2)
    )  # fmt: skip
    response = client.get("/admin/")
    counts = {state["label"]: state["count"] for state in response.context_data["job_states"]}
    assert counts == {"Waiting": 0, "Running": 0, "Done": 0, "Failed": 2, "Cancelled": 0}
    page = response.content.decode()
    assert "error-ours" in page
    assert "long ago" not in page
    assert response.context_data["disk"][0]["total"] > response.context_data["disk"][0]["free"] > 0


def test_disk_use_is_for_those_who_run_the_installation(world: World) -> None:
    client = Client()
    client.force_login(world.administrator)
    assert client.get("/admin/").context_data["disk"] is None


def test_titles_are_found_and_their_films_stand_in_the_form(world: World, client: Client) -> None:
    Title.objects.create(name="Red River")
    page = client.get("/admin/ava/title/?q=red").content.decode()
    assert "Red River" in page
    assert "title-ours" not in page
    form = client.get(f"/admin/ava/title/{world.title.pk}/change/").content.decode()
    assert "film-ours.mp4" in form
    assert f"/admin/ava/video/{world.video.pk}/change/" in form


def test_analysing_again_says_how_many_began_and_which_did_not(world: World, client: Client) -> None:
    chosen = {"_selected_action": [world.title.pk], "action": "analyse_titles"}
    page = client.post("/admin/ava/title/", chosen, follow=True).content.decode()
    assert "1 analysis was started." in page
    page = client.post("/admin/ava/title/", chosen, follow=True).content.decode()
    assert "is being analysed already" in page
    assert Job.objects.filter(video=world.video).count() == 2


def test_jobs_are_cancelled_and_tried_again_from_their_list(world: World, client: Client) -> None:
    def run(action: str, job: Job) -> str:
        chosen = {"_selected_action": [job.pk], "action": action}
        return client.post("/admin/ava/job/", chosen, follow=True).content.decode()

    assert "1 job was taken up again." in run("retry_jobs", world.job)
    newest = Job.objects.filter(video=world.video).latest("pk")
    assert "Only a failed or cancelled job can be tried again." in run("retry_jobs", newest)
    assert "1 job was cancelled." in run("cancel_jobs", newest)
    assert "there is nothing to cancel" in run("cancel_jobs", newest)


def test_a_job_offers_only_what_makes_sense_in_its_state(world: World, client: Client) -> None:
    address = f"/admin/ava/job/{world.job.pk}/"
    page = client.get(f"{address}change/").content.decode()
    assert f"{address}retry_job/" in page
    assert f"{address}cancel_job/" not in page
    Job.objects.filter(pk=world.job.pk).update(state=WorkState.RUNNING)
    page = client.get(f"{address}change/").content.decode()
    assert f"{address}retry_job/" not in page
    assert f"{address}cancel_job/" in page


def test_deleting_a_film_says_what_goes_and_takes_the_file(
    world: World, client: Client, django_capture_on_commit_callbacks
) -> None:
    default_storage.save("videos/film-ours.mp4", SimpleUploadedFile("x", b"content"))
    address = f"/admin/ava/video/{world.video.pk}/delete/"
    page = client.get(address).content.decode()
    for line in ("Film files: 1", "Stills: 1", "Decisions: 1", "Chunks with their measurements: 1"):
        assert line in page
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {"post": "yes"}).status_code == 302
    assert not Video.objects.filter(pk=world.video.pk).exists()
    assert not default_storage.exists("videos/film-ours.mp4")


def test_what_must_not_be_deleted_says_why(world: World, client: Client) -> None:
    trailer = Title.objects.create(name="Trailer", kind="trailer", parent=world.title)
    trailer.teams.add(world.team)
    for address, reason in [
        (f"/admin/ava/title/{world.title.pk}/delete/", "Episodes or trailers that belong to it: 1"),
        (f"/admin/ava/team/{world.team.pk}/delete/", "would be seen by no team"),
        (f"/admin/ava/user/{world.editor.pk}/delete/", "has said what stays on record: "),
    ]:
        assert reason in client.get(address).content.decode()
        assert client.post(address, {"post": "yes"}).status_code < 500
    assert Title.objects.filter(pk=world.title.pk).exists()
    assert Team.objects.filter(pk=world.team.pk).exists()
    world.editor.refresh_from_db()


def test_nobody_goes_who_has_laid_out_a_picture_or_written_a_note(world: World, client: Client) -> None:
    painter, writer = make_person("painter", team=world.team), make_person("writer", team=world.team)
    picture = Picture.objects.filter(video=world.video).get()
    LayoutStep.objects.create(picture=picture, subject="focal", value=[1, 2], user=painter, action=uuid.uuid4())
    StillNote.objects.create(video=world.video, frame_index=10, user=writer, text="Ours.")
    for person, reason in (
        (painter, "painter has said what stays on record: layout step (1);"),
        (writer, "still note"),
    ):
        address = f"/admin/ava/user/{person.pk}/delete/"
        assert reason in client.get(address).content.decode()
        assert client.post(address, {"post": "yes"}).status_code < 500
        person.refresh_from_db()


def test_a_films_page_leads_to_its_results(world: World, client: Client) -> None:
    page = client.get(f"/admin/ava/video/{world.video.pk}/change/").content.decode()
    query = f"?video__id__exact={world.video.pk}"
    other = make_film(world.title, name="other.mp4")
    make_still(other, 5, rank=7)
    for name in ("ava/shot", "curation/still", "curation/decision", "ava/job", "ava/chunk"):
        assert f"/admin/{name}/{query}" in page
        listed = client.get(f"/admin/{name}/{query}")
        assert listed.status_code == 200
        assert "other.mp4" not in listed.content.decode()
