"""Looking closely at shots: planned, done by any worker, kept through kills, and read back frame by frame."""

import io
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from skimage import data

from ava import janitor, pipeline, services, units
from ava.annotate.looks import Span, choose_looks, plan_inspections
from ava.findings import load_detections, looked_at_frames
from ava.frame_findings import describe_frame
from ava.inspection import inspect_frame
from ava.leases import STALE_AFTER_S
from ava.models import Detection, Inspection, Job, JobStage, Team, Video, WorkState
from ava.packing import unpack_integers
from ava.signals import load_signals
from curation import tasks
from curation.models import Decision
from curation.services import keep_frame
from tests.films import make_title, make_user, store_video
from tests.footage import write_film
from tests.workers import work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_chunk_watches")]

FACE_BOX = (170, 70, 275, 205)  # Eileen Collins' face in scikit-image's picture, by eye
BAR_PX, LEFT_PX, PICTURE_PX = 30, 64, 300


def portrait(number: int) -> np.ndarray:
    """A pan over a portrait for 50 frames, then a cup of coffee; black bars above and below."""
    source = data.astronaut() if number < 50 else data.coffee()
    aside = number if number < 50 else 0
    picture = np.zeros((PICTURE_PX + 2 * BAR_PX, 448, 3), dtype=np.uint8)
    picture[BAR_PX:-BAR_PX] = source[:PICTURE_PX, aside : aside + 448]
    return picture


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "portrait.mp4"
    return write_film(path, frames=90, width=448, height=360, gop=30, picture=portrait)


@pytest.fixture
def video(film) -> Video:
    return store_video(film, title=make_title("Portrait", team=Team.objects.create(name="Artwork")))


@pytest.fixture
def analysed(made_once, request, hints) -> Video:
    """The film after its first analysis."""
    made_once(lambda: analyse(request.getfixturevalue("video"), hints))
    return Video.objects.get()


@pytest.fixture(autouse=True)
def few_detectors(monkeypatch):
    """Those without model files: what a fresh machine without a network has."""
    from ava import detectors
    from ava.annotate.base import find_detectors

    chosen = {"faces", "framing", "saliency", "composition"}
    monkeypatch.setattr(
        detectors, "available_detectors", lambda store: [each for each in find_detectors() if each.name in chosen]
    )


def analyse(video, hints) -> Job:
    job = services.start_analysis(video)
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.DONE, job.error
    return job


def test_a_face_is_found_where_it_is_followed_through_its_shot_and_not_beyond_the_cut(analysed):
    assert list(analysed.shots.values_list("start_frame", "end_frame")) == [(0, 50), (50, 90)]
    analysed.refresh_from_db()
    assert abs(analysed.picture_area[1] - BAR_PX) <= 1 and abs(analysed.picture_area[3] - BAR_PX - PICTURE_PX) <= 1
    tracks = load_detections(analysed, "face_tracks")
    assert set(tracks.frame_index) == set(range(50))
    assert len(set(tracks.values[:, 5])) == 1
    for frame, box in zip(tracks.frame_index, tracks.values[:, :4], strict=True):
        centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        assert FACE_BOX[0] - frame < centre[0] < FACE_BOX[2] - frame, frame
        assert FACE_BOX[1] + BAR_PX < centre[1] < FACE_BOX[3] + BAR_PX, frame


def test_every_shot_and_every_still_is_looked_at_and_its_signals_reach_the_stills(analysed):
    looks = set(looked_at_frames(analysed, "faces").tolist())
    stills = list(analysed.stills.all())
    assert {still.frame_index for still in stills} <= looks
    for shot in analysed.shots.all():
        assert sum(shot.start_frame <= look < shot.end_frame for look in looks) >= 3
        assert shot.scale and shot.camera
    counts = {still.frame_index: still.signals["faces.count"] for still in stills}
    assert {count for frame, count in counts.items() if frame < 50} == {1}
    assert {count for frame, count in counts.items() if frame >= 50} <= {0}
    signal = load_signals(analysed, columns=["faces.count"])["faces.count"]
    assert set(np.flatnonzero(~np.isnan(signal))) == looks


def test_a_frame_is_described_with_its_shot_faces_and_what_is_unavailable(analysed):
    look = int(looked_at_frames(analysed, "faces")[0])
    seen, between = describe_frame(analysed, look), describe_frame(analysed, look + 1)
    assert (seen["looked_at"], between["looked_at"], between["nearest_look"]) == (True, False, look)
    assert seen["shot"]["number"] == 1
    assert [face["is_detected"] for face in (*seen["faces"], *between["faces"])] == [True, False]
    assert seen["faces"][0]["track"] == between["faces"][0]["track"]
    assert set(seen["faces"][0]["points"]) >= {"left_eye", "right_eye", "nose"}
    assert seen["composition"] and not between["composition"]
    assert all(each["why"] for each in seen["unavailable"])


def test_an_inspection_whose_worker_died_is_taken_over_and_ends_equal_to_an_undisturbed_one(analysed, hints):
    undisturbed = dict(Detection.objects.values_list("detector", "values"))
    services.analyse_again(analysed, everything=True)
    while not Inspection.objects.filter(state=WorkState.QUEUED).exists():
        name, *arguments = hints.pop(0)
        pipeline.work_off_next_unit() if "unit" in name else pipeline.advance_job(*arguments)
    lost, _ = units.claim(units.claimable(Inspection))
    long_ago = timezone.now() - timedelta(seconds=STALE_AFTER_S + 5)
    Inspection.objects.filter(pk=lost.pk).update(heartbeat_at=long_ago, sent_at=long_ago)
    hints.clear()
    assert janitor.resend_lost_work() == 1
    work_off(hints)
    assert not Job.objects.exclude(state=WorkState.DONE).exists()
    again = dict(Detection.objects.values_list("detector", "values"))
    assert {name: bytes(values) for name, values in again.items()} == {
        name: bytes(values) for name, values in undisturbed.items()
    }


def test_only_what_is_stale_is_looked_at_again(analysed, hints):
    before = dict(Detection.objects.values_list("detector", "pk"))
    Detection.objects.filter(detector="composition").update(version=0)
    analyse(analysed, hints)
    after = dict(Detection.objects.values_list("detector", "pk"))
    assert {name for name in before if before[name] != after[name]} == {"composition"}
    analyse(analysed, hints)
    assert dict(Detection.objects.values_list("detector", "pk")) == after


def test_what_builds_on_something_that_is_looked_for_anew_is_looked_for_anew(analysed, hints):
    before = dict(Detection.objects.values_list("detector", "pk"))
    Detection.objects.filter(detector="saliency").update(version=0)
    analyse(analysed, hints)
    after = dict(Detection.objects.values_list("detector", "pk"))
    assert {name for name in before if before[name] != after[name]} == {"saliency", "composition"}


def test_a_cancelled_job_leaves_no_open_inspection_to_the_next_one(video, hints):
    job = services.start_analysis(video)
    while not Inspection.objects.exists():
        name, *arguments = hints.pop(0)
        pipeline.work_off_next_unit() if "unit" in name else pipeline.advance_job(*arguments)
    assert JobStage.objects.get(job=job, name="inspect").state == WorkState.RUNNING
    assert video.stills.filter(provisional=True).exists()
    services.cancel_job(job)
    hints.clear()
    services.retry_job(Job.objects.get(pk=job.pk))
    assert not Inspection.objects.exists()
    work_off(hints)
    assert Job.objects.first().state == WorkState.DONE
    assert not video.stills.filter(provisional=True).exists()


def test_looks_are_spread_over_a_shot_and_never_more_than_it_has_frames():
    assert choose_looks(Span(10, 11), fps=25) == [10]
    assert choose_looks(Span(0, 2), fps=25) == [0, 1]
    looks = choose_looks(Span(100, 200), fps=25)
    assert len(looks) == 4 and looks[0] > 100 and looks[-1] < 199
    assert np.ptp(np.diff(looks)) <= 1
    assert choose_looks(Span(0, 5), fps=25, every_frame=True) == [0, 1, 2, 3, 4]


def test_inspections_are_runs_of_whole_shots_that_cover_the_film_once():
    shots = [Span(start, start + 130) for start in range(0, 130 * 30, 130)]
    plans = plan_inspections(shots, fps=25, asked=[7, 131, 99_999])
    assert plans[0].span.start_frame == 0 and plans[-1].span.end_frame == 130 * 30
    assert all(one.span.end_frame == two.span.start_frame for one, two in pairwise(plans))
    assert {7, 131} <= set(plans[0].looks)
    assert all(plan.span.start_frame <= look < plan.span.end_frame for plan in plans for look in plan.looks)


def test_overlays_and_findings_are_served_to_the_team_only(analysed, client):
    names = ("frame-findings", "frame-saliency", "frame-motion")
    make_user("outsider")
    client.login(username="outsider", password="a long password")
    for name in names:
        assert client.get(reverse(name, args=[analysed.pk, 20])).status_code == 404
    make_user("editor", team=Team.objects.get())
    client.login(username="editor", password="a long password")
    assert client.get(reverse("frame-findings", args=[analysed.pk, 20])).json()["frame_index"] == 20
    for name in names:
        assert client.get(reverse(name, args=[analysed.pk, 5000])).status_code == 404
    for name in names[1:]:
        overlay = Image.open(io.BytesIO(client.get(reverse(name, args=[analysed.pk, 20])).content))
        assert overlay.mode == "RGBA" and overlay.size == (448, 360)
        alpha = np.asarray(overlay)[..., 3]
        assert alpha[: BAR_PX - 4].max() == 0 and (name == "frame-motion" or alpha.max() > 60)


def test_one_more_frame_is_looked_at_when_an_editor_makes_it_a_still(analysed, hints):
    frame = next(each for each in range(20, 40) if each not in looked_at_frames(analysed, "faces"))
    assert [face["is_detected"] for face in describe_frame(analysed, frame)["faces"]] == [False]
    track = describe_frame(analysed, frame)["faces"][0]["track"]
    rows = load_detections(analysed, "faces")
    still = keep_frame(analysed, frame)
    tasks.complete_still(still.pk)
    still.refresh_from_db()
    assert "faces.count" not in still.signals
    tasks.look_at_still(still.pk)
    still.refresh_from_db()
    assert still.signals["faces.count"] == 1
    seen = describe_frame(analysed, frame)
    assert seen["looked_at"] and seen["composition"]
    assert [(face["is_detected"], face["track"]) for face in seen["faces"]] == [(True, track)]
    assert len(load_detections(analysed, "faces").frame_index) == len(rows.frame_index) + 1
    assert (np.diff(load_detections(analysed, "faces").frame_index) >= 0).all()
    assert not inspect_frame(analysed, frame)
    Decision.objects.create(video=analysed, frame_index=frame, user=make_user("editor"), verdict="pick")
    before = set(Detection.objects.values_list("pk", flat=True))
    analyse(analysed, hints)
    assert set(Detection.objects.values_list("pk", flat=True)) == before


def test_looks_are_stored_as_they_were_planned(analysed):
    stored = [look for row in analysed.inspections.all() for look in unpack_integers(bytes(row.looks)).tolist()]
    assert stored == sorted(set(stored))
