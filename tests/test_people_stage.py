"""The people stage on real rows: who is who, and that what people said holds through every new analysis."""

from pathlib import Path

import pytest

from ava import detectors
from ava.models import Job, Title, Video, WorkState
from ava.render.sample_film import render_test_film
from ava.stages import StageRun
from curation import people_actions, people_completion, people_undo, tasks
from curation.models import Character, Face, FaceTrack
from curation.people_stage import recognise_people
from tests.films import make_user, store_video
from tests.found_people import Sighting, available, lay_down

pytestmark = pytest.mark.django_db(transaction=True)

ANNA, BERT, CARL = 1, 2, 3
FILM = (
    Sighting(ANNA, 0), Sighting(BERT, 0, x0=350), Sighting(ANNA, 1), Sighting(BERT, 2), Sighting(ANNA, 3),
    Sighting(CARL, 4), Sighting(ANNA, 5, x0=350),
)  # fmt: skip


@pytest.fixture(autouse=True)
def found_detectors(monkeypatch, hints) -> None:
    monkeypatch.setattr(detectors, "available_detectors", available)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    render_test_film(path, seconds=6, cuts=[], width=640, height=360)
    return path


@pytest.fixture
def video(film) -> Video:
    return store_video(film)


@pytest.fixture
def editor():
    return make_user("editor")


def recognise(video: Video) -> None:
    recognise_people(StageRun(video, video.frame_count, True, lambda done, total: None))


def people_by_shot(video: Video) -> dict[int, list[int]]:
    """Shot → ids of the characters in it, from left to right."""
    found: dict[int, list[int]] = {}
    for track in sorted(video.face_tracks.all(), key=lambda each: (each.shot_index, each.faces.first().x0)):
        found.setdefault(track.shot_index, []).append(track.character_id)
    return found


def test_each_person_of_a_film_becomes_one_character_with_tracks_faces_and_portraits(video) -> None:
    lay_down(video, FILM)
    recognise(video)
    shots = people_by_shot(video)
    anna, bert, carl = shots[1][0], shots[2][0], shots[4][0]
    assert len({anna, bert, carl}) == 3 and None not in {anna, bert, carl}
    assert shots == {0: [anna, bert], 1: [anna], 2: [bert], 3: [anna], 4: [carl], 5: [anna]}
    assert Face.objects.filter(track__video=video).count() == 3 * len(FILM)
    assert all(track.portrait for track in video.face_tracks.all())
    assert sorted(Character.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_another_analysis_of_the_same_findings_changes_no_row(video) -> None:
    lay_down(video, FILM)
    recognise(video)
    before = list(FaceTrack.objects.order_by("pk").values_list("pk", "character", "portrait", "given_by"))
    faces = list(Face.objects.order_by("pk").values_list("pk", "track", "frame_index"))
    lay_down(video, FILM)
    recognise(video)
    assert list(FaceTrack.objects.order_by("pk").values_list("pk", "character", "portrait", "given_by")) == before
    assert list(Face.objects.order_by("pk").values_list("pk", "track", "frame_index")) == faces


def test_a_name_and_a_merge_survive_an_analysis_that_finds_the_faces_elsewhere_in_time(video, editor) -> None:
    lay_down(video, FILM)
    recognise(video)
    shots = people_by_shot(video)
    anna, carl = (Character.objects.get(pk=shots[shot][0]) for shot in (1, 4))
    people_actions.name_character(anna, name="Anna", user=editor)
    people_actions.merge_characters(anna, others=[carl], user=editor)
    assert people_by_shot(video)[4] == [anna.pk]
    lay_down(video, [Sighting(each.person, each.shot, each.x0 + 6, each.y0 + 4) for each in FILM], looks_a_shot=4)
    recognise(video)
    shots = people_by_shot(video)
    assert shots[4] == [anna.pk] and shots[1] == [anna.pk]
    assert Character.objects.get(pk=anna.pk).name == "Anna"
    people_undo.undo(anna.scope, user=editor)
    recognise(video)
    assert people_by_shot(video)[4] != [anna.pk]


def test_a_face_moved_by_a_person_stays_moved_although_its_vector_says_otherwise(video, editor) -> None:
    lay_down(video, FILM)
    recognise(video)
    shots = people_by_shot(video)
    track = video.face_tracks.get(shot_index=3)
    carl = Character.objects.get(pk=shots[4][0])
    people_actions.move_tracks([track], to=carl, user=editor, spread=False)
    lay_down(video, FILM, looks_a_shot=5)
    recognise(video)
    moved = video.face_tracks.get(shot_index=3)
    assert moved.character == carl and moved.given_by == FaceTrack.GivenBy.PERSON


def test_what_a_person_called_no_face_stays_none(video, editor) -> None:
    lay_down(video, FILM)
    recognise(video)
    people_actions.mark_not_faces([video.face_tracks.get(shot_index=4)], user=editor)
    lay_down(video, FILM, looks_a_shot=5)
    recognise(video)
    track = video.face_tracks.get(shot_index=4)
    assert not track.is_face and track.character is None


def test_a_track_cut_by_a_person_gets_portraits_and_vectors_and_is_cut_again_by_every_analysis(video, editor) -> None:
    lay_down(video, FILM)
    recognise(video)
    carl = Character.objects.get(pk=people_by_shot(video)[4][0])
    track = video.face_tracks.get(shot_index=3)
    people_actions.move_faces([track.faces.last()], to=carl, user=editor)
    tasks.complete_cast(carl.scope_id)
    pieces = list(video.face_tracks.filter(shot_index=3).order_by("start_frame"))
    assert [piece.character == carl for piece in pieces] == [False, True]
    assert all(piece.portrait and piece.vector is not None for piece in pieces)
    lay_down(video, FILM, looks_a_shot=5)
    recognise(video)
    pieces = list(video.face_tracks.filter(shot_index=3).order_by("start_frame"))
    assert [piece.character == carl for piece in pieces] == [False, True]


def test_a_frame_looked_at_later_has_its_people_too_and_an_analysis_at_work_is_left_alone(video, editor) -> None:
    lay_down(video, FILM)
    recognise(video)
    anna = Character.objects.get(pk=people_by_shot(video)[1][0])
    people_actions.name_character(anna, name="Anna", user=editor)
    faces = Face.objects.filter(track__character=anna).count()
    lay_down(video, FILM, looks_a_shot=5)
    job = Job.objects.create(video=video, state=WorkState.RUNNING)
    people_completion.recognise_new_look(video)
    assert Face.objects.filter(track__character=anna).count() == faces
    job.delete()
    people_completion.recognise_new_look(video)
    assert Face.objects.filter(track__character=anna).count() == faces * 5 // 3


def test_recurring_people_of_a_series_are_one_character_in_every_episode(film, editor) -> None:
    series = Title.objects.create(name="Series", kind="series")
    episodes = [
        Title.objects.create(name=f"Part {number}", kind="episode", parent=series, season=1, episode=number)
        for number in (1, 2)
    ]
    first, second = (store_video(film, title=episode) for episode in episodes)
    lay_down(first, FILM)
    recognise(first)
    anna = Character.objects.get(pk=people_by_shot(first)[1][0])
    people_actions.name_character(anna, name="Anna", user=editor)
    before = people_by_shot(first)
    lay_down(second, [Sighting(ANNA, 0), Sighting(9, 1), Sighting(ANNA, 2)])
    recognise(second)
    shots = people_by_shot(second)
    assert shots[0] == shots[2] == [anna.pk]
    assert shots[1][0] not in set(before[0] + before[4])
    assert people_by_shot(first) == before


def test_a_film_without_faces_has_no_people(video) -> None:
    lay_down(video, [])
    recognise(video)
    assert not video.face_tracks.exists() and not Character.objects.exists()


def test_without_an_encoder_faces_are_kept_and_nobody_is_recognised(video, monkeypatch) -> None:
    lay_down(video, FILM)
    monkeypatch.setattr(
        detectors, "available_detectors", lambda store: [each for each in available(store) if each.name == "faces"]
    )
    recognise(video)
    assert video.face_tracks.count() == len(FILM)
    assert not video.face_tracks.exclude(character=None).exists()
