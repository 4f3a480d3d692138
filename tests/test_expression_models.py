"""Learning expressions from what editors picked: examples, versions, switching, and the page for superusers."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from numpy.typing import NDArray
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from ava import detectors
from ava.annotate.base import find_detectors
from ava.annotate.face_encoders import FACENET, RESNET
from ava.annotate.face_mesh import CONTOUR_COLUMNS, FaceMesh
from ava.annotate.faces import Faces
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.models import Detection, Inspection, Shot, Title, User, Video, WorkState
from ava.packing import pack_integers, pack_values
from curation import expression_models, expression_training, trainings
from curation.decisions import decide, undo
from curation.expression_examples import decided_faces, find_faces, group_faces, load_examples
from curation.expression_models import active_model, rate_film_faces, renew_expressions, train_model, use_model
from curation.expression_tasks import renew_expressions as renew_expressions_task
from curation.expression_tasks import train_expression
from curation.expression_training import request_training, training_state
from curation.models import Decision, ExpressionModel, Face
from curation.people.expression import rate_expressions
from curation.people.expression_classifier import TooFewExamples
from curation.people.film_faces import FaceLooks, FilmFaces
from tests.people_world import make_character, make_track
from tests.world import make_film, make_person

pytestmark = pytest.mark.django_db
SHOT_FRAMES = 10


@pytest.fixture(autouse=True)
def every_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings count whether or not this machine has the model files."""
    monkeypatch.setattr(detectors, "available_detectors", lambda store: find_detectors())
    cache.clear()


@pytest.fixture
def root() -> User:
    return make_person("root", is_superuser=True)


@pytest.fixture
def root_client(root: User) -> Client:
    client = Client()
    client.force_login(root)
    return client


def make_findings(video: Video, tables: dict[str, NDArray[np.float32]], frames: NDArray[np.int64]) -> None:
    versions = detectors.detector_versions()
    known = {detector.name: detector for detector in find_detectors()}
    inspection = Inspection.objects.create(
        video=video, index=0, start_frame=0, end_frame=video.frame_count, state=WorkState.DONE,
        frames_done=video.frame_count, looks=pack_integers(np.unique(frames)),
    )  # fmt: skip
    for name, values in tables.items():
        Detection.objects.create(
            inspection=inspection, detector=name, version=versions[name], columns=list(known[name].columns),
            frames=pack_integers(frames), values=pack_values(values.astype(np.float32)),
        )  # fmt: skip


def make_faces(count: int, *, seed: int, likes: NDArray[np.bool_] | None = None) -> dict[str, NDArray[np.float32]]:
    """Rows of one face a frame whose eyes are open, or closed where `likes` is False; all else is at random."""
    rng = np.random.default_rng(seed)
    faces = rng.uniform(0.3, 0.7, (count, len(Faces.columns)))
    faces[:, :4] = (100, 60, 172, 150)
    mesh = rng.uniform(0.0, 0.2, (count, len(FaceMesh.columns)))
    mesh[:, FaceMesh.columns.index("mesh_score")] = 0.99
    eyes = FaceMesh.columns.index("eyes_open")
    mesh[:, eyes] = np.where(rng.random(count) < 0.5 if likes is None else likes, 0.95, 0.05)
    first = FaceMesh.columns.index(CONTOUR_COLUMNS[0])
    mesh[:, first : first + len(CONTOUR_COLUMNS)] = rng.uniform(100, 150, (count, len(CONTOUR_COLUMNS)))
    return {"faces": faces.astype(np.float32), "face_mesh": mesh.astype(np.float32)}


def make_decided_film(user: User, *, seed: int, count: int = 40, opposite: bool = False) -> Video:
    """A film of `count` looked-at faces; its editor picks those with open eyes, or the `opposite`."""
    title = Title.objects.create(name=f"film {seed}", created_by=user)
    video = make_film(title, name=f"{seed}.mp4", frame_count=count)
    likes = np.random.default_rng(seed).random(count) < 0.5
    make_findings(video, make_faces(count, seed=seed, likes=likes), np.arange(count))
    character = make_character(title)
    for start in range(0, count, SHOT_FRAMES):
        Shot.objects.create(
            video=video, index=start // SHOT_FRAMES, start_frame=start, end_frame=start + SHOT_FRAMES, transition="cut"
        )
        looks = list(range(start, start + SHOT_FRAMES))
        make_track(
            video, person=1, character=character, start_frame=start, end_frame=start + SHOT_FRAMES,
            shot_index=start // SHOT_FRAMES, looks=looks,
        )  # fmt: skip
    Decision.objects.bulk_create(
        Decision(video=video, frame_index=frame, user=user, verdict="pick" if liked != opposite else "reject")
        for frame, liked in enumerate(likes.tolist())
    )
    return video


def film_faces(video: Video, *, dimensions: int = RESNET.dimensions) -> FilmFaces:
    """What recognition hands over of a film made here."""
    found = find_faces(video, [(frame, 0) for frame in range(video.frame_count)], encoder="")
    count = len(found.boxes)
    return FilmFaces(
        np.arange(count), np.zeros(count, np.int64), found.boxes, np.zeros(count, np.int64),
        np.full((count, dimensions), np.nan, np.float32), np.ones(count, np.float32), found.looks,
    )  # fmt: skip


def test_only_what_stands_decided_is_an_example(root: User) -> None:
    video = make_film(Title.objects.create(name="one", created_by=root))
    make_track(video, person=1, character=None, start_frame=0, end_frame=50, looks=[1, 2, 3, 4, 5])
    decide(video, frame_index=1, user=root, verdict="pick")
    decide(video, frame_index=2, user=root, verdict="pick")
    decide(video, frame_index=2, user=root, verdict="reject")
    decide(video, frame_index=3, user=root, stars=4)
    decide(video, frame_index=4, user=root, stars=3)
    decide(video, frame_index=5, user=root, verdict="pick")
    undo(video, user=root)
    found = {face.frame_index: face.is_picked for face in decided_faces()}
    assert found == {1: True, 2: False, 3: True}


def test_of_a_still_only_its_main_faces_are_examples(root: User) -> None:
    video = make_film(Title.objects.create(name="one", created_by=root))
    for row, height in enumerate((90, 80, 40)):
        track = make_track(video, person=row, character=None, start_frame=0, end_frame=50, looks=[7])
        Face.objects.filter(track=track).update(row=row, y0=60, y1=60 + height)
    poster = make_track(video, person=9, character=None, start_frame=0, end_frame=50, looks=[7], is_static=True)
    Face.objects.filter(track=poster).update(row=3, y0=0, y1=300)
    decide(video, frame_index=7, user=root, verdict="pick")
    assert [(face.row, face.is_picked) for face in decided_faces()] == [(0, True), (1, True)]


def test_films_are_the_groups_where_there_are_several_and_else_scenes_or_shots(root: User) -> None:
    video = make_decided_film(root, seed=1)
    assert len(np.unique(group_faces(decided_faces()))) == 4  # shots
    for shot in video.shots.all():
        shot.scene = min(shot.index, 2)
        shot.save()
    assert len(np.unique(group_faces(decided_faces()))) == 3  # scenes
    for seed in (2, 3, 4):
        make_decided_film(root, seed=seed)
    assert len(np.unique(group_faces(decided_faces()))) == 4  # films


def test_with_too_few_examples_nothing_is_trained_and_the_sentence_says_how_many_there_are(root: User) -> None:
    with pytest.raises(TooFewExamples, match="0 picked and 0 rejected faces so far; 40 of each are needed"):
        train_model(root)
    make_decided_film(root, seed=1)
    picked = sum(face.is_picked for face in decided_faces())
    with pytest.raises(TooFewExamples, match=f"{picked} picked and {40 - picked} rejected faces so far"):
        train_model(root)
    assert not ExpressionModel.objects.exists()


def test_a_version_learns_the_taste_of_the_house_and_is_not_put_to_use_by_itself(root: User) -> None:
    for seed in range(4):
        make_decided_film(root, seed=seed, opposite=True)
    model = train_model(root)
    assert (model.version, model.is_active, model.created_by, model.encoder) == (1, False, root, "")
    assert model.picked + model.rejected == 160
    assert model.auc > 0.9 and model.geometry_auc is not None and model.geometry_auc < 0.2  # they like closed eyes
    assert np.mean(model.folds) == pytest.approx(model.auc)
    again = train_model(None)
    assert again.version == 2 and again.weights == model.weights


def test_faces_are_rated_with_the_version_in_use_and_again_by_geometry_after_switching_back(root: User) -> None:
    videos = [make_decided_film(root, seed=seed, opposite=True) for seed in range(3)]
    faces = film_faces(videos[0])
    plain = rate_film_faces(faces, encoder=RESNET.detector)
    np.testing.assert_array_equal(plain, rate_expressions(faces.looks, boxes=faces.boxes))
    closed = faces.looks.eyes_open < 0.5
    assert plain[closed].max() < plain[~closed].min()
    model = train_model(root)
    use_model(model, root)
    assert active_model() == model
    learnt = rate_film_faces(faces, encoder=RESNET.detector)
    assert learnt[closed].mean() > 0.5 > learnt[~closed].mean()
    use_model(None, root)
    np.testing.assert_array_equal(rate_film_faces(faces, encoder=RESNET.detector), plain)
    assert [entry.object_repr for entry in expression_models.switches()] == [
        "The untrained score",
        "Expression model 1",
    ]
    assert {entry.user for entry in expression_models.switches()} == {root}


def test_a_version_for_other_vectors_is_not_used_on_these(root: User) -> None:
    faces = film_faces(make_decided_film(root, seed=1))
    for encoder, weights in (
        (FACENET.detector, {}),
        (RESNET.detector, {"means": [], "deviations": [], "slopes": [], "intercept": 0}),
    ):
        model = ExpressionModel.objects.create(
            version=ExpressionModel.objects.count() + 1,
            encoder=encoder,
            picked=40,
            rejected=40,
            auc=0.9,
            weights=weights,
        )
        use_model(model, root)
        rated = rate_film_faces(faces, encoder=RESNET.detector)
        np.testing.assert_array_equal(rated, rate_expressions(faces.looks, boxes=faces.boxes))


def test_vectors_are_learnt_from_where_most_faces_have_them(root: User) -> None:
    rng = np.random.default_rng(5)
    for seed in range(3):
        video = make_decided_film(root, seed=seed)
        inspection = video.inspections.get()
        version = detectors.detector_versions()[RESNET.detector]
        Detection.objects.create(
            inspection=inspection, detector=RESNET.detector, version=version,
            columns=[f"v{place:03}" for place in range(RESNET.dimensions)], frames=pack_integers(np.arange(40)),
            values=pack_values(rng.normal(size=(40, RESNET.dimensions)).astype(np.float32)),
        )  # fmt: skip
    examples = load_examples()
    assert examples.encoder == RESNET.detector and examples.vectors.shape == (120, RESNET.dimensions)
    model = train_model(root)
    assert model.encoder == RESNET.detector and model.auc > 0.9
    use_model(model, root)
    renew_expressions(video)
    rated = {face.frame_index: face.expression for face in Face.objects.filter(track__video=video)}
    picked = [rated[frame] for frame, state in _verdicts(video).items() if state == "pick"]
    rejected = [rated[frame] for frame, state in _verdicts(video).items() if state == "reject"]
    assert min(picked) > max(rejected)


def _verdicts(video: Video) -> dict[int, str]:
    return dict(video.decisions.values_list("frame_index", "verdict"))


def test_a_switch_renews_every_face_and_has_stills_ranked_again(
    root: User, hints: list[tuple], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    videos = [make_decided_film(root, seed=seed, opposite=True) for seed in range(3)]
    model = train_model(root)
    with django_capture_on_commit_callbacks(execute=True):
        use_model(model, root)
    assert sorted(hints) == [("curation.expression_tasks.renew_expressions", video.pk) for video in videos]
    hints.clear()
    with django_capture_on_commit_callbacks(execute=True):
        renew_expressions_task(videos[0].pk)
    assert hints == [("curation.tasks.rank_again", videos[0].pk)]
    faces = film_faces(videos[0])
    expected = rate_film_faces(faces, encoder="")
    stored = list(
        Face.objects.filter(track__video=videos[0]).order_by("frame_index").values_list("expression", flat=True)
    )
    np.testing.assert_allclose(stored, expected, rtol=1e-6)
    assert set(Face.objects.filter(track__video=videos[1]).values_list("expression", flat=True)) == {0.7}
    renew_expressions_task(10**9)  # a film that is gone


def test_who_switches_while_a_film_is_being_rated_has_it_rated_with_what_is_in_use_then(
    root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = [make_decided_film(root, seed=seed, opposite=True) for seed in range(3)]
    model = train_model(root)
    real, looks = expression_models.find_faces, []

    def find_and_switch(*args, **kwargs):
        if not looks:
            use_model(model, root)
        looks.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(expression_models, "find_faces", find_and_switch)
    renew_expressions(videos[0])
    assert len(looks) == 2
    stored = Face.objects.filter(track__video=videos[0]).order_by("frame_index").values_list("expression", flat=True)
    np.testing.assert_allclose(list(stored), rate_film_faces(film_faces(videos[0]), encoder=""), rtol=1e-6)


def test_a_film_of_another_encoder_is_renewed_as_its_analysis_would_rate_it(root: User) -> None:
    video = make_decided_film(root, seed=1)
    model = ExpressionModel.objects.create(
        version=1, encoder=FACENET.detector, picked=40, rejected=40, auc=0.9, weights={}, is_active=True
    )
    assert active_model() == model
    renew_expressions(video)
    stored = Face.objects.filter(track__video=video).order_by("frame_index").values_list("expression", flat=True)
    np.testing.assert_allclose(list(stored), rate_film_faces(film_faces(video), encoder=RESNET.detector), rtol=1e-6)


def test_in_real_footage_open_eyes_and_closed_mouths_are_rated_above_blinks_words_and_hands(
    root: User, shared_data: Path, model_files: Callable[[Iterable[str]], dict[str, Path]]
) -> None:
    good, bad = [36, 264, 600, 900, 1212], [96, 462, 684, 750, 1200]
    path = shared_data / "video" / "asl_five_people_montage.mp4"
    video = make_film(Title.objects.create(name="signs", created_by=root), frame_count=1323)
    tables = look_at(path, sorted(good + bad), files=model_files(FaceMesh.weights))
    make_findings(video, tables, np.array(sorted(good + bad)))
    make_track(video, person=1, character=None, start_frame=0, end_frame=1323, looks=good + bad)
    renew_expressions(video)
    rated = dict(Face.objects.values_list("frame_index", "expression"))
    assert min(rated[frame] for frame in good) > 0.6 > max(rated[frame] for frame in bad)


def look_at(path: Path, frames: list[int], *, files: dict[str, Path]) -> dict[str, NDArray[np.float32]]:
    """The rows of both detectors for frames that each show one face."""
    faces, mesh = Faces(), FaceMesh()
    faces.load({})
    mesh.load(files)
    rows = []
    for frame in decode_frame_set(path, info=probe(path), frame_indices=frames, max_side_px=640):
        number = np.array([frame.index])
        found = faces.detect(frame.rgb[None], frame_index=number, found={})
        assert len(found.values) == 1
        rows.append((found.values, mesh.detect(frame.rgb[None], frame_index=number, found={"faces": found}).values))
    return {
        name: np.concatenate(parts) for name, parts in zip(("faces", "face_mesh"), zip(*rows, strict=True), strict=True)
    }


def test_a_face_that_detectors_no_longer_know_is_not_rated(root: User) -> None:
    video = make_film(Title.objects.create(name="one", created_by=root))
    make_track(video, person=1, character=None, start_frame=0, end_frame=50, looks=[1, 2])
    renew_expressions(video)
    assert set(Face.objects.values_list("expression", flat=True)) == {None}


def test_no_faces_at_all_are_rated_without_a_word(root: User) -> None:
    faces = film_faces(make_film(Title.objects.create(name="none", created_by=root), frame_count=1))
    nothing = FilmFaces(
        faces.frame_index[:0], faces.row[:0], faces.boxes[:0], faces.track[:0], faces.vectors[:0], faces.quality[:0],
        FaceLooks(*(column[:0] for column in faces.looks)),
    )  # fmt: skip
    assert rate_film_faces(nothing, encoder="").shape == (0,)


def test_a_training_is_asked_for_once_and_its_end_stands_on_the_page(
    root: User, root_client: Client, hints: list[tuple],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert root_client.post(reverse("expression-train")).status_code == 302
    assert hints == [("curation.expression_tasks.train_expression", root.pk)]
    page = root_client.get(reverse("expression-models")).content.decode()
    assert "Waiting for a worker" in page and 'hx-trigger="every 2s"' in page
    train_expression(root.pk)
    page = root_client.get(reverse("expression-models")).content.decode()
    assert training_state().state == "failed"
    assert "0 picked and 0 rejected faces so far; 40 of each are needed" in page and "every 2s" not in page
    for seed in range(3):
        make_decided_film(root, seed=seed)
    train_expression(root.pk)
    assert (training_state().state, training_state().sentence) == ("done", "Version 1 is trained.")
    page = root_client.get(reverse("expression-models")).content.decode()
    assert "Version 1" in page and f"{ExpressionModel.objects.get().auc:.3f}" in page


def test_a_worker_that_died_in_training_is_not_waited_for(root: User) -> None:
    expression_training.TRAINING.note("running")
    assert training_state().state == "failed" and "train again" in training_state().sentence


def test_a_training_that_breaks_says_so(root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(user: User | None) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(expression_training, "train_model", breaks)
    with pytest.raises(RuntimeError):
        train_expression(root.pk)
    assert training_state().state == "failed" and "log" in training_state().sentence


def test_a_queue_that_stays_silent_is_named_and_can_be_asked_again(
    root: User, hints: list[tuple], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        request_training(root)
        monkeypatch.setattr(trainings, "SILENT_AFTER_S", -1.0)
        assert training_state().is_forgotten
        request_training(root)
    assert len(hints) == 2


def test_the_empty_page_says_how_many_examples_are_needed(root_client: Client) -> None:
    page = root_client.get(reverse("expression-models")).content.decode()
    assert "0 picked and 0 rejected faces so far; 40 of each are needed" in page
    assert "No faces are rated yet" in page and "The untrained score" in page


def test_switching_from_the_page_and_back(root: User, root_client: Client) -> None:
    for seed in range(3):
        make_decided_film(root, seed=seed)
    model = train_model(root)
    response = root_client.post(reverse("expression-use"), {"version": "1"}, follow=True)
    assert "Version 1 is in use" in response.content.decode() and active_model() == model
    response = root_client.post(reverse("expression-use"), {"version": "geometry"}, follow=True)
    assert "The untrained score is in use" in response.content.decode() and active_model() is None
    for wrong in ("", "7", "-1", "²", "9" * 40, "1; DROP"):
        response = root_client.post(reverse("expression-use"), {"version": wrong}, follow=True)
        assert "There is no such version" in response.content.decode()
    assert active_model() is None


def test_best_and_lowest_faces_are_shown_one_a_track_with_pictures(root: User, root_client: Client) -> None:
    video = make_decided_film(root, seed=1)
    renew_expressions(video)
    page = root_client.get(reverse("expression-models")).content.decode()
    tracks = {face.pk: face.track_id for face in Face.objects.all()}
    shown = [pk for pk in tracks if reverse("face-picture", args=[pk]) in page]
    assert 4 <= len(shown) <= 8  # four tracks, best and lowest
    assert {tracks[pk] for pk in shown} == set(tracks.values())


@pytest.mark.parametrize("name", ["expression-models", "expression-train", "expression-use"])
def test_to_everybody_else_the_page_does_not_exist(name: str, hints: list[tuple]) -> None:
    client = Client()
    client.force_login(make_person("ada"))
    send: Callable = client.get if name == "expression-models" else client.post
    assert send(reverse(name), {"version": "geometry"}).status_code == 404
    assert hints == [] and training_state().state == ""
