"""Training encoders on people's labels in the installation, and releasing what comes of it."""

from datetime import timedelta

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ava import model_trainings
from ava.model_trainings import CannotTrain
from ava.models import Title, User, Video, WorkState
from ava.train.loop import Diverged
from search import encoders
from search.contrastive_pairs import find_pairs, said_of_shots, shots_of_labels
from search.contrastive_runs import cancel_training, resend_lost_trainings, retry_training, start_training
from search.contrastive_work import work_off_training
from search.embed.encoder import UnusableEncoder
from search.encoder_bringing import bring_towers
from search.encoder_versions import NotReleasable, add_trained, count_missing, release, serve_ready, withdraw
from search.models import ContrastiveTraining, Encoder, ShotLabel, ShotVector
from search.train.towers import HeadTowers
from search.train.towers_file import read_towers, write_towers
from search.word_vectors import words_of
from tests.encoder_files import WORDS, sentence_files  # noqa: F401
from tests.search_world import make_description, make_dialogue_line
from tests.training_runs import before_noting, raising, shorten_runs
from tests.world import make_film

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sentence_files", "small")]
STEPS, SHOT_FRAMES = 24, 10
MEASURES = {"is_fit": True, "verdict": "It finds as many."}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Messages to workers, which are not sent."""
    messages: list[tuple[object, ...]] = []
    monkeypatch.setattr(model_trainings, "send_task", lambda task, *rest: messages.append((task, *rest)))
    return messages


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, sent: list[object]) -> None:
    shorten_runs(monkeypatch)


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss-of-encoders", password="a long word of passage")


@pytest.fixture
def film() -> Video:
    return make_film(Title.objects.create(name="labelled"), name="labelled.mp4", frame_count=1000)


def label(film: Video, text: str, *, start: int, end: int, user: User, stands: bool = True) -> ShotLabel:
    return ShotLabel.objects.create(
        video=film, start_frame=start, end_frame=end, text=text, user=user, stands=stands, words=words_of(text)
    )


@pytest.fixture
def labelled(film: Video, boss: User) -> Video:
    """Sixty shots; people call each by words that its description has not, but always the same one for the same."""
    rng = np.random.default_rng(8)
    subjects = ("man", "woman", "dog", "cat", "car", "train", "house", "street")
    colours = ("red", "green", "blue", "yellow", "orange", "purple", "pink", "brown")
    for shot, scene in enumerate(rng.permutation(64)[:60].tolist()):  # each once: a text that is learnt is not measured
        subject, colour = divmod(scene, 8)
        start = shot * SHOT_FRAMES
        measured = f"close up shot {subjects[subject]} {colours[colour]} camera still"
        make_description(film, measured, start=start, end=start + SHOT_FRAMES)
        said = f"{subjects[(subject + 1) % 8]} {colours[(colour + 1) % 8]}"
        label(film, said, start=start, end=start + SHOT_FRAMES, user=boss)
    for shot in range(60, 70):
        make_description(film, f"nobody wrote of {WORDS[shot]}", start=shot * SHOT_FRAMES, end=(shot + 1) * SHOT_FRAMES)
    return film


def start(boss: User, **fields: object) -> ContrastiveTraining:
    return start_training(boss, parent=encoders.default_encoder(), steps=STEPS, seed=5, **fields)  # type: ignore[arg-type]


def test_label_belongs_to_the_shot_that_it_shares_most_with_and_labels_are_no_part_of_what_is_said(
    film: Video, boss: User
) -> None:
    make_description(film, "first shot", start=0, end=20)
    make_description(film, "second shot", start=20, end=60)
    make_dialogue_line(film, "spoken words", start=15, end=25)
    across = label(film, "mostly in the second", start=10, end=45, user=boss)
    outside = label(film, "in no shot", start=500, end=510, user=boss)
    label(film, "taken back", start=0, end=20, user=boss, stands=False)
    found = find_pairs()
    assert shots_of_labels(ShotLabel.objects.all())[across.pk] == (film.pk, 20, 60)
    assert outside.pk not in shots_of_labels(ShotLabel.objects.all())
    assert [pair.text for pair in found.pairs] == ["mostly in the second"] and found.without_shot == 1
    assert said_of_shots([(film.pk, 20, 60)]) == {(film.pk, 20, 60): ["second shot", "spoken words"]}


def test_too_few_pairs_are_refused_with_how_many_are_needed(film: Video, boss: User) -> None:
    make_description(film, "one shot", start=0, end=20)
    label(film, "one label", start=0, end=20, user=boss)
    with pytest.raises(CannotTrain, match="20 pairs to learn from and 5 held out are needed; there are"):
        start(boss)
    with pytest.raises(CannotTrain, match="no variant “full”"):
        start(boss, variant="full")
    assert not ContrastiveTraining.objects.exists()


def test_run_ends_with_a_version_that_finds_more_than_its_parent_and_nothing_is_switched(
    labelled: Video, boss: User, sent: list[tuple[object, ...]]
) -> None:
    run = start_training(boss, parent=encoders.default_encoder(), steps=160, seed=5)
    assert sent == [("search.tasks.train_encoder", run.pk)] and start(boss) == run
    work_off_training(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error, run.steps_done, run.checkpoint) == (WorkState.DONE, "", 160, None)
    assert [point[2] is not None for point in run.curve[:4]] == [False, True, False, True]
    version = run.result
    assert version is not None and version.kind == Encoder.Kind.TRAINED and version.parent == run.parent
    assert (version.name, version.version, version.created_by) == (run.parent.name, run.parent.version + 1, boss)
    assert not version.is_wanted and not version.is_serving
    own, parent = (version.measures[side]["text_to_shot"] for side in ("own", "parent"))
    assert own["candidates"] == parent["candidates"] == run.settings["counts"]["held_out"] + 10
    print(f"held-out R@5 {parent['r5']:.2f} before, {own['r5']:.2f} after")
    assert own["r5"] > parent["r5"] + 0.2 and version.measures["is_fit"]
    text = encoders.text_encoder(version).encode_texts(["dog red"])
    assert text.shape == (1, run.parent.dimension) and np.linalg.norm(text) == pytest.approx(1.0, abs=1e-5)
    child = start_training(boss, parent=version, steps=4, seed=6, variant="temporal")
    work_off_training(child.pk)
    child.refresh_from_db()
    assert child.result is not None and child.result.recipe["base"] == version.recipe["base"]
    assert child.settings["split_by"] == run.settings["split_by"]


def test_run_whose_worker_was_killed_ends_with_the_same_version_whatever_people_say_meanwhile(
    labelled: Video, boss: User, monkeypatch: pytest.MonkeyPatch, sent: list[tuple[object, ...]]
) -> None:
    undisturbed = start(boss)
    work_off_training(undisturbed.pk)
    undisturbed.refresh_from_db()
    assert undisturbed.result is not None
    expected, curve = bytes(undisturbed.result.weights or b""), undisturbed.curve
    undisturbed.delete()
    Encoder.objects.filter(kind=Encoder.Kind.TRAINED).delete()

    run = start(boss)
    with monkeypatch.context() as patch:
        before_noting(patch, 14, happens=raising(SystemExit()))
        with pytest.raises(SystemExit):
            work_off_training(run.pk)
    label(labelled, "said meanwhile", start=0, end=SHOT_FRAMES, user=boss)
    labelled.shot_descriptions.filter(start_frame=SHOT_FRAMES).update(text="measured anew")
    run.refresh_from_db()
    assert run.state == WorkState.RUNNING and run.checkpoint is not None
    work_off_training(run.pk)  # while its heartbeat is fresh nobody takes it
    assert ContrastiveTraining.objects.get(pk=run.pk).attempts == 1
    long_ago = timezone.now() - timedelta(minutes=1)
    ContrastiveTraining.objects.filter(pk=run.pk).update(heartbeat_at=long_ago, sent_at=long_ago)
    sent.clear()
    resend_lost_trainings()
    assert sent == [("search.tasks.train_encoder", run.pk)]
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.result is not None and bytes(run.result.weights or b"") == expected
    assert run.curve == curve and run.attempts == 2


def test_run_is_cancelled_tried_again_and_one_that_diverged_learns_slower(
    labelled: Video, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(boss)
    cancel_training(run)
    with pytest.raises(CannotTrain, match="over"):
        cancel_training(run)
    retry_training(run)
    with pytest.raises(CannotTrain, match="failed or was cancelled"):
        retry_training(run)
    with monkeypatch.context() as patch:
        before_noting(patch, 3, happens=raising(Diverged("The loss is no number.")))
        work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.FAILED and "learns half as fast" in run.error
    assert run.settings["train"]["learning_rate"] == pytest.approx(5e-4)
    ContrastiveTraining.objects.filter(pk=run.pk).update(state=WorkState.QUEUED, attempts=5)
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.FAILED and "its worker died each time" in run.error


def trained(parent: Encoder, *, seed: int = 0, **measures: object) -> Encoder:
    towers = HeadTowers(dimension=parent.dimension, is_temporal=False)
    towers.log_scale.data += seed
    recipe = {"base": [parent.name, parent.version]}
    packed = write_towers(towers, recipe=recipe)
    return add_trained(packed, parent=parent, recipe=recipe, measures=MEASURES | measures, user=None)


def embed_all(encoder: Encoder) -> None:
    from search.models import ShotDescription

    rows = ShotDescription.objects.values_list("video_id", "start_frame", "end_frame")
    ShotVector.objects.bulk_create(
        ShotVector(encoder=encoder, video_id=video, start_frame=start, end_frame=end,
                   vector=np.eye(encoder.dimension)[0], made_from="0" * 64)
        for video, start, end in rows
    )  # fmt: skip


def serving() -> list[Encoder]:
    return list(Encoder.objects.filter(is_serving=True).order_by("version"))


def test_released_version_serves_when_every_shot_has_its_vector_and_not_before(labelled: Video, boss: User) -> None:
    base = encoders.default_encoder()
    version = trained(base)
    assert count_missing(version) == 70
    assert not release(version, user=boss).is_serving
    serve_ready()
    assert serving() == [base] and Encoder.objects.get(pk=version.pk).is_wanted
    embed_all(version)
    ShotVector.objects.filter(encoder=version).first().delete()  # type: ignore[union-attr]
    serve_ready()
    assert serving() == [base]
    ShotVector.objects.filter(encoder=version).delete()
    embed_all(version)
    serve_ready()
    assert serving() == [version] and not Encoder.objects.get(pk=base.pk).is_wanted
    embed_all(base)  # its vectors were kept
    assert release(base, user=boss).is_serving and serving() == [base]


def test_worse_and_unmeasured_versions_are_not_released_and_the_last_serving_one_is_not_withdrawn(boss: User) -> None:
    base = encoders.default_encoder()
    worse = trained(base, is_fit=False, verdict="It finds fewer shots than its parent.")
    with pytest.raises(NotReleasable, match="finds fewer shots"):
        release(worse, user=boss)
    with pytest.raises(NotReleasable, match="the only encoder that serves"):
        withdraw(base, user=boss)
    with pytest.raises(NotReleasable, match="is not in use"):
        withdraw(worse, user=boss)
    first, second = trained(base, seed=1), trained(base, seed=2)
    assert release(first, user=boss).is_serving  # there are no shots yet
    release(base, user=boss)
    assert serving() == [base]
    make_description(make_film(Title.objects.create(name="new")), "a shot", start=0, end=10)
    release(first, user=boss)
    release(second, user=boss)
    assert set(Encoder.objects.filter(is_wanted=True)) == {base, second}  # one is on its way at a time
    withdraw(second, user=boss)
    assert serving() == [base]


def test_an_encoder_whose_files_are_gone_does_not_count_as_one_that_serves(boss: User) -> None:
    base = encoders.default_encoder()
    gone = Encoder.objects.create(
        name="gone", version=1, kind=Encoder.Kind.VISION_LANGUAGE, dimension=8, is_serving=True, is_wanted=True
    )
    with pytest.raises(NotReleasable, match="the only encoder that serves"):
        withdraw(base, user=boss)
    withdraw(gone, user=boss)
    assert encoders.serving() == [base] and not Encoder.objects.get(pk=gone.pk).is_serving


def test_towers_file_is_brought_once_and_only_over_an_encoder_that_is_here(boss: User, client: Client) -> None:
    base = encoders.default_encoder()
    towers = HeadTowers(dimension=base.dimension, is_temporal=False)
    side = {key: {"r1": 0.1, "r5": 0.2, "r10": 0.3, "median_rank": 9.0} for key in ("text_to_shot", "shot_to_text")}
    packed = write_towers(towers, recipe={"encoder": base.name, "measures": {"before": side, "after": side}})
    brought = bring_towers(packed, name="brought.safetensors", user=boss)
    assert bring_towers(packed, name="brought.safetensors", user=boss) == brought
    assert brought.recipe["base"] == [base.name, base.version] and brought.measures["is_fit"]
    assert brought.measures["verdict"].startswith("Measured where it was trained: R@5 20%")
    strange = {"encoder": "not-here"}, {}, {"base": [1, 2]}, {"encoder": "\0"}
    for recipe in strange:
        file = write_towers(towers, recipe=recipe)
        with pytest.raises(UnusableEncoder, match=r"strange.safetensors"):
            bring_towers(file, name="strange.safetensors", user=boss)
    other = write_towers(HeadTowers(dimension=3, is_temporal=False), recipe={"encoder": base.name})
    with pytest.raises(UnusableEncoder, match="turns vectors of 3 numbers"):
        bring_towers(other, name="strange.safetensors", user=boss)
    unmeasured = bring_towers(write_towers(towers, recipe={"encoder": base.name}), name="x", user=boss)
    for odd in (10**400, -1.0, 2.0):
        told = {"before": side, "after": side | {"text_to_shot": side["text_to_shot"] | {"r5": odd}}}
        file = write_towers(towers, recipe={"encoder": base.name, "measures": told})
        assert bring_towers(file, name="odd", user=boss).measures == {}
    with pytest.raises(NotReleasable, match="not been measured"):
        release(unmeasured, user=boss)
    client.force_login(boss)
    add = reverse("encoder-add")
    said = client.post(add, {"file": SimpleUploadedFile("b.safetensors", b"none")}, follow=True).content.decode()
    assert "b.safetensors holds no trained towers" in said
    file = client.get(reverse("encoder-file", args=[brought.pk])).content
    assert read_towers(file).sha256 == brought.recipe["sha256"]
