"""Chunks, claims, the janitor and the stages, with a stand-in for the broker and real films."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from ava import chunk_work, janitor, pipeline, services, stages, units
from ava.annotate.base import find_annotators
from ava.annotate.run import annotate_span, collect_signals
from ava.chunk_work import save_tables
from ava.leases import STALE_AFTER_S, WorkLost
from ava.models import Annotation, Chunk, Job, WorkState
from ava.picture_area import picture_area
from ava.signals import load_signals, measured_columns, summarise_signals, video_info
from ava.storage import local_path
from tests.films import store_video
from tests.footage import write_film
from tests.workers import work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_chunk_watches")]


@pytest.fixture
def stage_runs(monkeypatch) -> list[tuple[int, bool]]:
    """A stage in place of the registered ones that remembers how far it was called."""
    runs: list[tuple[int, bool]] = []

    def remember(run: stages.StageRun) -> None:
        runs.append((run.end_frame, run.is_final))
        run.report(1, 1)

    monkeypatch.setattr(stages, "_registered", [stages.Stage(name="remember", label="Remembering", run=remember)])
    return runs


@pytest.fixture
def video(tmp_path):
    return store_video(write_film(tmp_path / "film.mp4", frames=500, gop=25))


def claim_chunk():
    return units.claim(units.claimable(Chunk))


def test_a_film_is_measured_in_chunks_and_its_rows_equal_those_of_one_uncut_run(video, hints, stage_runs):
    job = services.start_analysis(video)
    assert video.chunks.count() >= 2
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.DONE
    annotators = find_annotators()
    with video.file.open("rb"):
        tables = annotate_span(
            local_path(video.file), info=video_info(video), annotators=annotators,
            start_frame=0, end_frame=video.frame_count, area=picture_area(video),
        )  # fmt: skip
    uncut = collect_signals(
        {name: [table] for name, table in tables.items()}, annotators=annotators, frame_count=video.frame_count
    )
    stored = load_signals(video, columns=measured_columns())
    assert stored.keys() == uncut.keys()
    for name, signal in uncut.items():
        np.testing.assert_array_equal(stored[name], signal, err_msg=name)


def test_stages_run_provisionally_while_chunks_are_missing_and_finally_once_all_are_there(video, hints, stage_runs):
    services.start_analysis(video)
    work_off(hints)
    reaches = [reach for reach, _ in stage_runs]
    assert reaches == sorted(reaches)
    assert [is_final for _, is_final in stage_runs] == [False] * (len(stage_runs) - 1) + [True]
    assert len(stage_runs) >= 2


def test_a_job_from_before_an_upgrade_runs_the_stage_that_the_upgrade_brought(video, hints, stage_runs):
    job = services.start_analysis(video)
    newest = job.stages.last()
    newest.delete()
    work_off(hints)
    job.refresh_from_db()
    assert (job.state, job.error) == (WorkState.DONE, "")
    brought = job.stages.get(name=newest.name)
    assert (brought.position, brought.state) == (newest.position, WorkState.DONE)


def test_a_second_analysis_of_a_running_video_is_refused(video, hints):
    services.start_analysis(video)
    with pytest.raises(services.AnalysisRunning, match=r"film\.mp4 is being analysed already"):
        services.start_analysis(video)
    assert Job.objects.count() == 1


def test_a_dead_workers_chunk_is_taken_over_and_its_late_result_is_thrown_away(video, hints, stage_runs, monkeypatch):
    services.start_analysis(video)
    first, token = claim_chunk()
    long_ago = timezone.now() - timedelta(seconds=STALE_AFTER_S + 5)
    Chunk.objects.filter(pk=first.pk).update(heartbeat_at=long_ago, sent_at=long_ago)
    hints.clear()
    assert janitor.resend_lost_work() == 1
    assert hints == [("ava.tasks.work_off_next_unit",)]
    second, other_token = claim_chunk()
    assert (second.pk, second.attempts) == (first.pk, 2)
    assert other_token != token
    with pytest.raises(WorkLost):
        save_tables(first, token, annotators=[], tables={})
    assert Chunk.objects.get(pk=first.pk).claim == other_token


def test_a_living_workers_chunk_is_left_alone(video, hints):
    services.start_analysis(video)
    first, _ = claim_chunk()
    hints.clear()
    assert janitor.resend_lost_work() == 0
    second, _ = claim_chunk()
    assert second.pk != first.pk


def test_waiting_chunks_whose_hints_the_broker_lost_are_sent_again(video, hints):
    services.start_analysis(video)
    hints.clear()
    assert janitor.resend_lost_work() == 0
    video.chunks.update(sent_at=timezone.now() - timedelta(seconds=janitor.UNHEARD_HINT_AFTER_S + 5))
    assert janitor.resend_lost_work() == video.chunks.count()


def test_a_job_whose_last_hint_was_lost_is_finished_all_the_same(video, hints, stage_runs):
    job = services.start_analysis(video)
    while pipeline.work_off_next_unit():
        hints.clear()
    assert janitor.resend_lost_work() == 1
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.DONE


def test_an_error_is_tried_three_times_and_then_told(video, hints, monkeypatch):
    job = services.start_analysis(video)

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(chunk_work, "annotate_span", break_down)
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.FAILED
    assert "could not be analysed: RuntimeError: the disk is full." in job.error
    assert Annotation.objects.count() == 0
    failed = Chunk.objects.filter(state=WorkState.FAILED).get()
    assert failed.failures == 2


def test_a_chunk_that_kills_every_worker_fails_its_job_instead_of_going_round_for_ever(video, hints):
    job = services.start_analysis(video)
    video.chunks.filter(index=0).update(attempts=units.MOST_ATTEMPTS)
    pipeline.work_off_next_unit()
    job.refresh_from_db()
    assert job.state == WorkState.FAILED
    assert "the worker died on it every time" in job.error


def test_a_failed_job_is_taken_up_where_it_stopped(video, hints, stage_runs, monkeypatch):
    job = services.start_analysis(video)
    pipeline.work_off_next_unit()
    kept = set(Annotation.objects.values_list("pk", flat=True))
    services.cancel_job(job)
    job.refresh_from_db()
    assert job.state == WorkState.CANCELLED
    hints.clear()
    again = services.retry_job(job)
    assert len(hints) == video.chunks.count() - 1
    work_off(hints)
    again.refresh_from_db()
    assert again.state == WorkState.DONE
    assert kept < set(Annotation.objects.values_list("pk", flat=True))


def test_a_cancelled_job_stops_its_workers_and_saves_nothing_more(video, hints, monkeypatch):
    job = services.start_analysis(video)
    chunk, token = claim_chunk()
    services.cancel_job(job)
    with pytest.raises(WorkLost):
        save_tables(chunk, token, annotators=[], tables={})
    assert pipeline.work_off_next_unit() is False
    with pytest.raises(services.JobNotActive):
        services.cancel_job(job)


def test_only_stale_annotators_are_measured_again(video, hints, stage_runs):
    services.start_analysis(video)
    work_off(hints)
    before = dict(Annotation.objects.values_list("pk", "annotator"))
    Annotation.objects.filter(annotator="exposure").update(version=0)
    services.start_analysis(video)
    work_off(hints)
    after = dict(Annotation.objects.values_list("pk", "annotator"))
    assert {before[pk] for pk in before.keys() - after.keys()} == {"exposure"}
    assert {after[pk] for pk in after.keys() - before.keys()} == {"exposure"}
    assert not np.isnan(load_signals(video)["exposure.brightness"]).any()


def test_stages_come_back_after_their_worker_died(video, hints, stage_runs):
    job = services.start_analysis(video)
    while pipeline.work_off_next_unit():
        pass
    long_ago = timezone.now() - timedelta(seconds=STALE_AFTER_S + 5)
    Job.objects.filter(pk=job.pk).update(claim="0" * 32, heartbeat_at=long_ago, sent_at=long_ago)
    hints.clear()
    assert janitor.resend_lost_work() == 1
    work_off(hints)
    job.refresh_from_db()
    assert job.state == WorkState.DONE


def test_two_processes_never_run_the_stages_of_one_job_at_the_same_time(video, hints, stage_runs):
    job = services.start_analysis(video)
    while pipeline.work_off_next_unit():
        pass
    Job.objects.filter(pk=job.pk).update(claim="0" * 32, heartbeat_at=timezone.now())
    pipeline.advance_job(job.pk)
    assert stage_runs == []


def test_summarised_signals_are_means_of_equal_spans(video, hints, stage_runs):
    services.start_analysis(video)
    work_off(hints)
    curve = summarise_signals(video, columns=["exposure.brightness", "no.such"], points=10)
    full = load_signals(video, columns=["exposure.brightness"])["exposure.brightness"]
    assert curve["frames"] == list(range(0, 500, 50))
    assert list(curve["columns"]) == ["exposure.brightness"]
    assert curve["columns"]["exposure.brightness"][3] == pytest.approx(float(full[150:200].mean()), abs=1e-4)


def test_filmstrip_tiles_show_the_frames_they_stand_for(video, hints, stage_runs):
    from django.core.files.storage import default_storage
    from PIL import Image

    from ava.filmstrip import TILE_WIDTH_PX, TILES_A_ROW, filmstrip_name, tile_height_px, tile_step
    from tests.footage import read_number

    services.start_analysis(video)
    work_off(hints)
    chunk = video.chunks.get(index=1)
    with default_storage.open(filmstrip_name(video.pk, 1)) as file:
        sheet = np.asarray(Image.open(file).convert("RGB"))
    height = tile_height_px(video)
    for position in range(2, 12, 3):
        row, column = divmod(position, TILES_A_ROW)
        tile = sheet[row * height : (row + 1) * height, column * TILE_WIDTH_PX : (column + 1) * TILE_WIDTH_PX]
        assert read_number(tile) == chunk.start_frame + position * tile_step(video)
