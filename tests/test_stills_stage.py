"""The stills stage on real rows: provisional and final proposals, previews, and decisions that nothing undoes."""

from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from ava import pipeline, services
from ava.media.decode import decode_frame
from ava.models import Video, WorkState
from ava.render.sample_film import render_test_film
from ava.signals import video_info
from ava.storage import local_path
from curation import tasks
from curation.decisions import decide, undo
from curation.models import Decision, Still
from curation.services import complete_still, keep_frame
from tests.films import make_user, store_video
from tests.workers import work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_detectors", "no_chunk_watches")]


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    render_test_film(path, seconds=14, cuts=range(36, 330, 36), width=320, height=180)
    return path


@pytest.fixture
def video(film) -> Video:
    return store_video(film)


@pytest.fixture
def analysed(made_once, film, hints) -> Video:
    """The film after its first analysis."""
    made_once(lambda: analyse(store_video(film), hints))
    return Video.objects.get()


def analyse(video, hints, **options) -> None:
    job = services.analyse_again(video, **options)
    work_off(hints, {"curation.tasks.complete_still": tasks.complete_still})
    job.refresh_from_db()
    assert job.state == WorkState.DONE, job.error


def test_an_analysis_ends_with_ranked_explained_stills_with_previews_of_their_own_frames(analysed):
    stills = list(analysed.stills.all())
    assert [still.rank for still in stills] == list(range(1, len(stills) + 1))
    assert len(stills) >= 8
    assert analysed.shots.count() == 10
    for still in stills:
        assert still.shot.start_frame <= still.frame_index < still.shot.end_frame
        assert still.explanation and all(0 <= value <= 1 for value in still.explanation.values())
        assert not still.provisional
    best = stills[0]
    with default_storage.open(best.image.name) as file:
        preview = np.asarray(Image.open(file).convert("RGB"), dtype=np.float64)
    with best.video.file.open("rb"):
        exact = decode_frame(local_path(analysed.file), info=video_info(analysed), frame_index=best.frame_index)
    assert np.abs(preview - exact).mean() < 4


def test_provisional_stills_appear_before_the_last_chunk_and_are_marked(video, hints):
    services.start_analysis(video)
    pipeline.work_off_next_unit()
    job = video.jobs.get()
    pipeline.advance_job(job.pk)
    assert video.chunks.exclude(state=WorkState.DONE).exists()
    provisional = list(video.stills.all())
    assert provisional and all(still.provisional for still in provisional)
    reach = pipeline.measured_reach(job)
    assert all(still.frame_index < reach for still in provisional)


def test_decisions_and_chosen_frames_survive_a_complete_new_analysis(analysed, hints):
    editor = make_user("editor")
    picked = analysed.stills.first().frame_index
    unproposed = next(n for n in range(analysed.frame_count) if not analysed.stills.filter(frame_index=n).exists())
    decide(analysed, frame_index=picked, user=editor, verdict="pick", stars=4)
    decide(analysed, frame_index=unproposed, user=editor, verdict="reject")
    before = list(Decision.objects.order_by("pk").values())
    analyse(analysed, hints, everything=True)
    assert list(Decision.objects.order_by("pk").values()) == before
    assert analysed.stills.filter(frame_index=picked).exists()
    assert analysed.stills.filter(frame_index=unproposed).exists()


def test_a_frame_whose_decision_was_taken_back_is_proposed_only_on_its_merits_again(analysed, hints):
    editor = make_user("editor")
    unproposed = next(n for n in range(analysed.frame_count) if not analysed.stills.filter(frame_index=n).exists())
    decide(analysed, frame_index=unproposed, user=editor, verdict="pick")
    undo(analysed, user=editor)
    analyse(analysed, hints)
    assert not analysed.stills.filter(frame_index=unproposed).exists()


def test_stills_that_stay_keep_their_id_and_those_that_go_take_their_preview_with_them(analysed, hints):
    ids = dict(analysed.stills.values_list("frame_index", "pk"))
    stray = next(n for n in range(analysed.frame_count) if n not in ids)
    keep_frame(analysed, stray)
    complete_still(Still.objects.get(frame_index=stray))
    image = Still.objects.get(frame_index=stray).image.name
    assert default_storage.exists(image)
    analyse(analysed, hints)
    assert dict(analysed.stills.values_list("frame_index", "pk")) == ids
    assert not default_storage.exists(image)


def test_a_new_run_leaves_finished_stills_alone_until_it_is_finished_itself(analysed, hints):
    before = set(analysed.stills.values_list("pk", "rank"))
    hints.clear()
    services.analyse_again(analysed, everything=True)
    pipeline.work_off_next_unit()
    pipeline.advance_job(analysed.jobs.first().pk)
    assert set(analysed.stills.values_list("pk", "rank")) == before
    assert not analysed.stills.filter(provisional=True).exists()


def test_a_chosen_frame_is_judged_like_the_proposed_ones(analysed, hints):
    stray = next(n for n in range(100, analysed.frame_count) if not analysed.stills.filter(frame_index=n).exists())
    still = keep_frame(analysed, stray)
    assert hints[-2:] == [("curation.tasks.complete_still", still.pk), ("curation.tasks.look_at_still", still.pk)]
    complete_still(still)
    still.refresh_from_db()
    assert still.score > 0
    assert still.explanation.keys() == analysed.stills.first().explanation.keys()
    assert still.image
    assert keep_frame(analysed, stray).pk == still.pk
