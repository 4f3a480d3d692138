"""Scans for pixel errors in the installation: with analyses and alone, after kills, anew with another model."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from ava import chunk_watches, chunk_work, janitor, pipeline, services, stages, units
from ava.leases import STALE_AFTER_S
from ava.models import Annotation, Chunk, Job, Shot, WorkState
from qc import pixel_stage
from qc.models import ChunkScan, FlagPatch, PixelDecision, PixelFlag, PixelModel
from qc.pixel import model_file
from qc.pixel.found import StuckPixel
from qc.pixel.model_file import UnfitModel
from qc.pixel.patches import unpack_patch
from qc.scan_services import scan_state, start_scan
from tests.films import make_user, store_video
from tests.pixel_scans import ERRORS, FRAMES, hand_made_model, write_flawed_film
from tests.workers import work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def flawed_film(tmp_path_factory):
    return write_flawed_film(tmp_path_factory.mktemp("film") / "flawed.mp4")


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "pixel.npz"
    path.write_bytes(hand_made_model())
    return path


@pytest.fixture
def video(flawed_film, model_path, monkeypatch):
    """The film, the model made by hand, and of the stages only the pixel errors' own."""
    monkeypatch.setattr(model_file, "SHIPPED", model_path)
    monkeypatch.setattr(stages, "_registered", [pixel_stage.PIXEL_STAGE])
    monkeypatch.setattr(chunk_work, "find_annotators", exposure_alone)
    monkeypatch.setattr("ava.services.current_versions", lambda: {each.name: each.version for each in exposure_alone()})
    return store_video(flawed_film)


def exposure_alone():
    from ava.annotate.exposure import Exposure

    return [Exposure()]


def places(video, **wanted) -> list[tuple[int, int, int]]:
    flags = video.pixel_flags.filter(**wanted).order_by("frame_index")
    return [(flag.frame_index, round(flag.x), round(flag.y)) for flag in flags]


def rows(video) -> list[tuple]:
    """Flags but for their keys, with their patches."""
    flags = video.pixel_flags.order_by("frame_index", "x")
    return [
        (flag.frame_index, flag.x, flag.y, flag.peak, flag.area_px, flag.spans, bytes(flag.patch.pixels))
        for flag in flags.select_related("patch")
    ]


def finished(job: Job) -> Job:
    job.refresh_from_db()
    assert (job.state, job.error) == (WorkState.DONE, "")
    return job


def use_another_model() -> PixelModel:
    PixelModel.objects.update(is_active=False)
    packed = hand_made_model(threshold=0.6)
    newest = PixelModel.objects.first()
    version = newest.version + 1 if newest else 1
    return PixelModel.objects.create(version=version, weights=packed, sha256=f"{version:064d}", is_active=True)


def test_planted_errors_are_flagged_once_each_at_seams_too_while_a_film_is_analysed(video, hints):
    finished_job = services.start_analysis(video)
    work_off(hints)
    finished(finished_job)
    assert [chunk.end_frame for chunk in video.chunks.all()] == [24, FRAMES]
    assert places(video) == [tuple(error) for error in ERRORS]
    flag = video.pixel_flags.get(frame_index=7)
    assert (flag.kind, flag.spans, flag.state, flag.is_current) == ("hot", [[7, 8]], "open", True)
    assert flag.raised_by == flag.last_raised_by == PixelModel.objects.get(is_shipped=True)
    patch = unpack_patch(bytes(flag.patch.pixels), x0=flag.patch.x0, y0=flag.patch.y0, side_px=flag.patch.side_px)
    luma = patch.pixels[:, 20 - patch.y0, 30 - patch.x0, 0]
    assert luma[2] > 150 > max(luma[[0, 1, 3, 4]])
    assert Annotation.objects.filter(chunk__video=video).count() == 2


def test_flags_of_a_chunk_show_as_soon_as_it_is_done_and_the_state_says_how_far_the_scan_is(video, hints):
    services.start_analysis(video)
    pipeline.work_off_next_unit()
    assert places(video) == [tuple(error) for error in ERRORS[:2]]
    state = scan_state(video)
    assert (state.scanned_frames, state.frame_count, state.is_complete) == (24, FRAMES, False)
    assert state.job is not None
    work_off(hints)
    state = scan_state(video)
    assert (state.scanned_frames, state.is_complete, state.models, state.job) == (FRAMES, True, (1,), None)


def test_a_scan_alone_measures_nothing_and_a_later_analysis_measures_without_scanning_again(video, hints):
    job = start_scan(video, None)
    work_off(hints)
    assert finished(job).kind == "scan"
    assert [stage.name for stage in job.stages.all()] == ["annotate", "pixel"]
    assert job.stages.all()[0].label == "Scanning frames"
    assert places(video) == [tuple(error) for error in ERRORS]
    assert Annotation.objects.count() == 0
    state = scan_state(video)
    assert not state.has_shots
    assert state.sentences[-1] == "The film was only scanned: its flags get their shots when it is analysed."
    scans = list(ChunkScan.objects.values_list("pk", "created_at"))
    again = services.start_analysis(video)
    assert set(video.chunks.values_list("state", flat=True)) == {WorkState.QUEUED}
    work_off(hints)
    finished(again)
    assert Annotation.objects.count() == 2
    assert list(ChunkScan.objects.values_list("pk", "created_at")) == scans


def test_a_film_that_is_analysed_is_not_decoded_again_by_a_scan(video, hints):
    services.start_analysis(video)
    work_off(hints)
    job = start_scan(video, None)
    assert set(video.chunks.values_list("state", flat=True)) == {WorkState.DONE}
    assert [name for name, *_ in hints] == ["ava.tasks.advance_job"]
    work_off(hints)
    finished(job)


def test_a_scan_and_an_analysis_of_one_film_are_never_at_work_together(video, hints):
    start_scan(video, None)
    with pytest.raises(services.AnalysisRunning, match=r"flawed\.mp4 is being scanned already"):
        services.start_analysis(video)
    assert Job.objects.count() == 1


def test_a_killed_worker_leaves_the_same_flags_as_an_undisturbed_one(video, hints, flawed_film):
    start_scan(video, None)
    work_off(hints)
    undisturbed = rows(video)
    other = store_video(flawed_film, title=video.title.__class__.objects.create(name="Another"))
    start_scan(other, None)
    first, _ = units.claim(units.claimable(Chunk))
    watchers = chunk_watches.begin_missing(first)
    assert len(watchers) == 1  # and dies
    long_ago = timezone.now() - timedelta(seconds=STALE_AFTER_S + 5)
    Chunk.objects.filter(pk=first.pk).update(heartbeat_at=long_ago, sent_at=long_ago)
    janitor.resend_lost_work()
    work_off(hints)
    assert rows(other) == undisturbed
    for save in [watcher.finish() for watcher in chunk_watches.begin_missing(first)]:
        save()
    assert rows(other) == undisturbed
    assert ChunkScan.objects.filter(chunk__video=other).count() == 2


def test_a_result_that_comes_after_the_claim_is_lost_leaves_no_flags(video, hints):
    job = start_scan(video, None)
    chunk, token = units.claim(units.claimable(Chunk))
    services.cancel_job(job)
    units.work_on(chunk, token, chunk_work.measure_chunk)
    assert not video.pixel_flags.exists()
    assert not ChunkScan.objects.exists()


def test_a_cancelled_scan_is_taken_up_as_a_scan_where_it_stopped(video, hints):
    job = start_scan(video, None)
    pipeline.work_off_next_unit()
    services.cancel_job(job)
    job.refresh_from_db()
    hints.clear()
    again = services.retry_job(job)
    assert again.kind == "scan"
    assert len(hints) == 1
    work_off(hints)
    finished(again)
    assert places(video) == [tuple(error) for error in ERRORS]


def test_another_model_scans_a_film_only_when_that_is_analysed_again_and_decisions_stay(video, hints):
    services.start_analysis(video)
    work_off(hints)
    before = {flag.pk: flag.frame_index for flag in video.pixel_flags.all()}
    rejected = video.pixel_flags.get(frame_index=24)
    decision = PixelDecision.objects.create(
        flag=rejected, user=make_user("rita"), verdict="rejected", action="0" * 32
    )
    PixelFlag.objects.filter(pk=rejected.pk).update(state="rejected", reviews=1)
    annotations = set(Annotation.objects.values_list("pk", flat=True))
    second = use_another_model()
    janitor.resend_lost_work()
    assert hints == []
    job = services.analyse_again(video)
    work_off(hints)
    finished(job)
    assert {flag.pk: flag.frame_index for flag in video.pixel_flags.all()} == before
    assert set(video.pixel_flags.values_list("last_raised_by", flat=True)) == {second.pk}
    assert set(video.pixel_flags.values_list("raised_by__version", flat=True)) == {1}
    rejected.refresh_from_db()
    assert (rejected.state, rejected.reviews, list(rejected.decisions.all())) == ("rejected", 1, [decision])
    assert set(ChunkScan.objects.values_list("model", flat=True)) == {second.pk}
    assert set(Annotation.objects.values_list("pk", flat=True)) == annotations


def test_newer_code_scans_again_what_older_code_has_scanned_and_nothing_else(video, hints):
    start_scan(video, None)
    work_off(hints)
    stale = ChunkScan.objects.get(chunk__index=1)
    ChunkScan.objects.filter(pk=stale.pk).update(version=0)
    start_scan(video, None)
    states = list(video.chunks.order_by("index").values_list("state", flat=True))
    assert states == [WorkState.DONE, WorkState.QUEUED]
    work_off(hints)
    stale.refresh_from_db()
    assert stale.version > 0
    assert FlagPatch.objects.count() == len(ERRORS)


def test_every_frame_anew_scans_every_frame_anew_and_keeps_the_rows(video, hints):
    services.start_analysis(video)
    work_off(hints)
    before = list(video.pixel_flags.values_list("pk", flat=True))
    services.analyse_again(video, everything=True)
    assert ChunkScan.objects.count() == 0
    work_off(hints)
    assert list(video.pixel_flags.values_list("pk", flat=True)) == before
    assert scan_state(video).is_complete


def test_flags_get_their_shots_when_these_are_known(video, hints):
    start_scan(video, None)
    work_off(hints)
    assert set(video.pixel_flags.values_list("shot", flat=True)) == {None}
    shots = [
        Shot.objects.create(video=video, index=index, start_frame=start, end_frame=end, transition="cut")
        for index, (start, end) in enumerate(pairwise([0, 24, FRAMES]))
    ]
    services.start_analysis(video)
    work_off(hints)
    by_frame = dict(video.pixel_flags.values_list("frame_index", "shot"))
    assert by_frame == {error.frame: shots[error.frame >= 24].pk for error in ERRORS}


def test_hot_flags_on_a_stuck_pixel_become_part_of_it_unless_somebody_judged_them(video, hints, monkeypatch):
    start_scan(video, None)
    work_off(hints)
    judged = video.pixel_flags.get(frame_index=7)
    PixelDecision.objects.create(flag=judged, user=make_user("rita"), verdict="confirmed", action="0" * 32)
    seen = ((30.4, 20.2, (0, 20)), (48.0, 32.0, (0, 30)), (20.2, 44.1, (0, 30)))
    stuck = [StuckPixel(x, y, 4, (span,), 80.0, 0.9, 12) for x, y, span in seen]
    still_hot = [tuple(ERRORS[number]) for number in (1, 3, 4)]
    monkeypatch.setattr("qc.pixel.stuck.find_stuck", lambda evidence, **_: stuck if len(evidence) == 2 else [])
    for _ in range(2):
        start_scan(video, None)
        work_off(hints)
        assert places(video, kind="stuck") == [(0, 30, 20), (0, 48, 32), (0, 20, 44)]
        assert places(video, kind="hot", is_current=True) == still_hot
    judged.refresh_from_db()
    assert (judged.is_current, judged.decisions.count()) == (False, 1)
    stuck.clear()
    start_scan(video, None)
    work_off(hints)
    assert places(video, kind="stuck") == []
    assert places(video, kind="hot", is_current=True) == [tuple(error) for error in ERRORS[1:]]
    assert not video.pixel_flags.filter(place=None).exists()


def test_a_missing_model_stops_a_scan_with_its_sentence_and_no_analysis(video, hints, monkeypatch, tmp_path):
    monkeypatch.setattr(model_file, "SHIPPED", tmp_path / "gone.npz")
    job = services.start_analysis(video)
    work_off(hints)
    finished(job)
    assert Annotation.objects.count() == 2
    assert scan_state(video).is_complete is False
    assert not video.pixel_flags.exists()
    with pytest.raises(UnfitModel, match="The pixel model that comes with AVA is not there"):
        start_scan(video, None)


def test_a_model_that_does_not_fit_this_program_fails_a_scan_by_its_name(video, hints):
    PixelModel.objects.create(version=7, weights=b"no network", sha256="7" * 64, is_active=True)
    job = start_scan(video, None)
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.FAILED
    assert "Pixel model 7 is no pixel model" in job.error


def test_a_film_of_three_frames_and_one_without_errors_are_scanned(video, hints, tmp_path):
    for name, frames in (("short.mp4", 3), ("clean.mp4", 12)):
        film = write_flawed_film(tmp_path / name, errors=(), frames=frames)
        other = store_video(film, title=video.title)
        finished_job = start_scan(other, None)
        work_off(hints)
        finished(finished_job)
        assert not other.pixel_flags.exists()
        assert scan_state(other).is_complete
