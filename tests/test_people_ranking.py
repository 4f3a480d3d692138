"""Stills ranked again when more is known of the people in them: from what is stored, once, and never in the way."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from ava import services, stages
from ava.models import Annotation, Video
from ava.render.sample_film import render_test_film
from curation import previews, ranking, tasks
from curation.models import Face, FaceTrack, Still
from curation.people.frame_signals import EXPRESSION, PROMINENCE
from curation.services import keep_frame
from tests.films import store_video
from tests.people_world import make_character, make_track
from tests.test_stills_stage import analyse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_detectors", "no_chunk_watches")]


@pytest.fixture
def video(made_once, tmp_path: Path, hints) -> Video:
    """A film after its analysis."""

    def make() -> None:
        render_test_film(tmp_path / "film.mp4", seconds=14, cuts=range(36, 330, 36), width=320, height=180)
        analyse(store_video(tmp_path / "film.mp4"), hints)

    made_once(make)
    return Video.objects.get()


@pytest.fixture
def told(monkeypatch) -> list[dict]:
    """What open pages are told."""
    messages: list[dict] = []
    monkeypatch.setattr("curation.services.publish", lambda title_id, message: messages.append(message))
    return messages


def show(video, still: Still, *, expression: float = 0.9) -> FaceTrack:
    """The film's main character, seen in a still alone."""
    track = make_track(
        video, person=1, character=make_character(video.title), start_frame=still.shot.start_frame,
        end_frame=still.shot.end_frame, looks=[still.frame_index], shot_index=still.shot.index,
    )  # fmt: skip
    track.faces.update(expression=expression)
    return track


def order_of(video) -> list[int]:
    return list(video.stills.order_by("rank").values_list("frame_index", flat=True))


def test_a_still_rises_when_its_face_becomes_the_main_character_and_falls_when_that_is_taken_back(video) -> None:
    before = order_of(video)
    middle = video.stills.get(rank=len(before) // 2)
    track = show(video, middle)
    tasks.rank_again(video.pk)
    after = order_of(video)
    assert sorted(after) == sorted(before), "the same stills"
    assert after.index(middle.frame_index) < before.index(middle.frame_index)
    middle.refresh_from_db()
    assert middle.explanation["people"] > 0.9 and middle.explanation["expression"] == pytest.approx(0.9)
    assert middle.signals[EXPRESSION] == pytest.approx(0.9)
    track.delete()
    tasks.rank_again(video.pk)
    assert order_of(video) == before
    middle.refresh_from_db()
    assert PROMINENCE not in middle.signals


def test_a_new_judgement_of_expressions_ranks_the_stills_anew(video) -> None:
    best, second = video.stills.order_by("rank")[:2]
    for still in (best, second):
        show(video, still)
    tasks.rank_again(video.pk)
    top = video.stills.get(rank=1)
    Face.objects.filter(frame_index=top.frame_index).update(expression=0.02)
    tasks.rank_again(video.pk)
    top.refresh_from_db()
    assert top.rank > 1


def test_ranking_again_gives_what_a_new_analysis_gives_and_keeps_rows_previews_and_chosen_frames(
    video, hints, monkeypatch
) -> None:
    stray = next(n for n in range(40, video.frame_count) if not video.stills.filter(frame_index=n).exists())
    keep_frame(video, stray)
    rows = dict(video.stills.values_list("frame_index", "pk"))
    images = dict(video.stills.exclude(image="").values_list("pk", "image"))
    show(video, video.stills.get(rank=5))
    tasks.rank_again(video.pk)
    assert dict(video.stills.values_list("frame_index", "pk")) == rows
    assert images.items() <= dict(video.stills.values_list("pk", "image")).items()
    assert video.stills.get(frame_index=stray).image, "the preview that was missing is made"
    ranked = order_of(video)
    monkeypatch.setattr("ava.stages._registered", [stage for stage in stages.registered() if stage.name != "people"])
    analyse(video, hints)
    assert order_of(video) == [frame for frame in ranked if frame != stray]


def test_of_many_requests_in_a_row_the_first_does_the_work(video, told, monkeypatch) -> None:
    decoded = []
    monkeypatch.setattr(ranking, "render_previews", lambda video: decoded.append(previews.render_previews(video)))
    show(video, video.stills.get(rank=3))
    for _ in range(5):
        tasks.rank_again(video.pk)
    assert [message["type"] for message in told] == ["stills"]
    assert len(decoded) == 1
    FaceTrack.objects.update(character=make_character(video.title, name="Anna"))
    tasks.rank_again(video.pk)
    assert len(told) == 1, "another name for the same prominence changes no rank"


def test_what_is_said_while_stills_are_ranked_counts_as_well(video, told, monkeypatch) -> None:
    show(video, video.stills.get(rank=3))
    late = video.stills.get(rank=6)
    said = []

    def say_more(video) -> None:
        if not said:
            said.append(show(video, late))
            tasks.rank_again(video.pk)

    monkeypatch.setattr(ranking, "render_previews", say_more)
    monkeypatch.setattr(ranking, "exclusive", taken_once(ranking.exclusive))
    tasks.rank_again(video.pk)
    assert len(told) == 2, "the request in between was taken up by who was at work"
    late.refresh_from_db()
    assert late.explanation["people"] > 0.5


def taken_once(exclusive):
    """A lock that is another's for the one who asks for it while it is held: here both are one connection."""
    held = []

    @contextmanager
    def wrapped(name: str):
        if held:
            yield False
            return
        held.append(name)
        try:
            with exclusive(name) as is_mine:
                yield is_mine
        finally:
            held.clear()

    return wrapped


def test_it_keeps_out_of_the_way_of_an_analysis_and_of_measurements_that_are_out_of_date(video, told, hints) -> None:
    show(video, video.stills.get(rank=3))
    before = order_of(video)
    services.analyse_again(video)
    tasks.rank_again(video.pk)
    assert (order_of(video), told) == (before, [])
    video.jobs.update(state="done")
    Annotation.objects.filter(annotator="exposure").update(version=0)
    tasks.rank_again(video.pk)
    assert (order_of(video), told) == (before, []), "an analysis renews what is measured"
    tasks.rank_again(0)


def test_what_is_said_while_an_analysis_ranks_its_stills_counts_in_the_end(video, told, hints, monkeypatch) -> None:
    late = video.stills.get(rank=4)
    said = []

    def say_more(video, *, report) -> None:
        if not said:
            said.append(show(video, late))
            tasks.rank_again(video.pk)

    monkeypatch.setattr("ava.stages._registered", [stage for stage in stages.registered() if stage.name != "people"])
    monkeypatch.setattr("curation.services.render_previews", say_more)
    analyse(video, hints)
    late.refresh_from_db()
    assert late.explanation["people"] > 0.9, "the request itself was refused, since an analysis was at work"
