"""Training runs in the installation: what they learn from, how they survive, and what comes of them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ava import model_trainings
from ava.leases import WorkLost
from ava.model_trainings import CannotTrain
from ava.models import Title, User, Video, WorkState
from ava.train.loop import Diverged
from qc import model_versions
from qc.model_versions import active_model, use_model
from qc.models import PixelModel, PixelTraining
from qc.pixel import clean_clips, dataset, fine_tuning, footage, held_out, model_file, releasing, training
from qc.pixel.model_file import read_model
from qc.training_examples import find_reviewed, is_held_back, load_examples
from qc.training_runs import cancel_training, resend_lost_trainings, retry_training, start_training
from qc.training_work import work_off_training
from tests.pixel_models import dark_clips, make_reviewed_flag, make_reviewed_flags, model_bytes
from tests.training_runs import before_noting, raising, shorten_runs
from tests.world import make_film, make_pixel_flag

pytestmark = pytest.mark.django_db
STEPS = 24


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Messages to workers, which are not sent."""
    messages: list[tuple[object, ...]] = []
    for module in (model_trainings, model_versions):
        monkeypatch.setattr(module, "send_task", lambda *message: messages.append(message))
    return messages


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[object]) -> None:
    """A tiny shipped network, and little to draw from, so that a run takes a second."""
    shipped = tmp_path / "pixel.npz"
    shipped.write_bytes(model_bytes(1))
    monkeypatch.setattr(model_file, "SHIPPED", shipped)
    for module in (footage, held_out, clean_clips):
        monkeypatch.setattr(module, "rendered_clips", dark_clips)
    monkeypatch.setattr(held_out.held_out_windows, "__kwdefaults__", {"count": 10})
    monkeypatch.setattr(releasing, "VALIDATION_WINDOWS", 10)
    monkeypatch.setattr(dataset.Mix.__init__, "__defaults__", (2, 32, 3, None, 0.2, 0.4, 0.5, 0.0, 0.5, 1.0))
    monkeypatch.setattr(fine_tuning, "MIX", dataset.Mix())
    uncompressed = replace(training.MIX_FROM_NOTHING, compressed_share=0.0)  # encoders may differ by a few levels
    monkeypatch.setattr(training, "MIX_FROM_NOTHING", uncompressed)
    shorten_runs(monkeypatch)


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss-of-training", password="a long word of passage")


@pytest.fixture
def film() -> Video:
    return make_film(Title.objects.create(name="reviewed"), name="reviewed.mp4")


@pytest.fixture
def reviewed(film: Video) -> Video:
    make_reviewed_flags(film, ["rejected", "confirmed"] * 10)
    return film


start = partial(start_training, steps=STEPS, seed=5)


def test_only_what_reviewers_agree_on_is_learnt_and_the_rest_is_counted(film: Video) -> None:
    make_reviewed_flags(film, ["confirmed", "rejected", "rejected", "unsure", "disputed", "open"])
    make_reviewed_flag(film, frame=50, state="confirmed", kind="stuck")
    make_pixel_flag(film, frame=60, state="rejected")
    counts = find_reviewed().counts
    assert {name: counts[name] for name in ("confirmed", "rejected", "unsure", "disputed", "stuck")} == {
        "confirmed": 1, "rejected": 2, "unsure": 1, "disputed": 1, "stuck": 1,
    }  # fmt: skip
    assert counts["without_pixels"] == 1
    assert counts["learnt"] + counts["held_back"] == 3


def test_every_fifth_place_is_held_back_for_good_whatever_is_flagged_there() -> None:
    places = [(video, 16.0 * x, 16.0 * y) for video in range(3) for x in range(20) for y in range(20)]
    held_back = [is_held_back(video, x=x, y=y) for video, x, y in places]
    assert 0.15 < np.mean(held_back) < 0.25
    assert held_back == [is_held_back(video, x=x + 15.9, y=y + 3.5) for video, x, y in places]


@pytest.mark.usefixtures("small")
def test_rejected_flags_become_dark_labels_and_confirmed_ones_lit_labels(reviewed: Video) -> None:
    loaded = load_examples(find_reviewed().judged, parent=read_model(model_bytes(1)))
    examples = [*loaded.learnt, *loaded.held_back]
    assert len(examples) == 20
    assert {bool(example.target.any()) == example.is_error for example in examples} == {True}
    assert all(example.target[24, 24] for example in examples if example.is_error)
    assert all(example.known[24, 24] for example in examples)


@pytest.mark.usefixtures("small")
def test_too_few_reviewed_flags_are_refused_with_how_many_are_needed_and_why(film: Video, boss: User) -> None:
    make_reviewed_flags(film, ["confirmed"] * 3)
    with pytest.raises(CannotTrain, match=r"10 confirmed or rejected .* there are \d: with fewer"):
        start(boss)
    assert not PixelTraining.objects.exists()


@pytest.mark.usefixtures("small")
def test_run_ends_with_a_version_that_has_figures_beside_its_parents(
    reviewed: Video, boss: User, sent: list[tuple[object, ...]]
) -> None:
    run = start(boss)
    assert sent == [("qc.training_tasks.train_pixel_model", run.pk)]
    assert start(boss) == run  # while one waits, no other
    work_off_training(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error, run.steps_done, run.checkpoint) == (WorkState.DONE, "", STEPS, None)
    assert [point[0] for point in run.curve] == [4, 8, 12, 16, 20, 24]
    assert [point[2] is not None for point in run.curve] == [False, True] * 3
    model = run.result
    assert model is not None and model.parent == run.parent and not model.is_active and model.created_by == boss
    assert model.measures["own"]["recall"].keys() == model.measures["parent"]["recall"].keys()
    assert model.measures["learnt"] == run.examples["learnt"]
    assert read_model(bytes(model.weights)).recipe["parent_sha256"] == run.parent.sha256
    assert active_model() == run.parent
    if model.measures["is_fit"]:
        use_model(model, user=boss)
    else:
        with pytest.raises(model_versions.NotReleasable):
            use_model(model, user=boss)


@pytest.mark.usefixtures("small")
def test_run_whose_worker_was_killed_ends_with_the_same_version_to_the_last_bit(
    reviewed: Video, boss: User, monkeypatch: pytest.MonkeyPatch, sent: list[tuple[object, ...]]
) -> None:
    undisturbed = start(boss)
    work_off_training(undisturbed.pk)
    undisturbed.refresh_from_db()
    assert undisturbed.result is not None
    expected, curve = bytes(undisturbed.result.weights), undisturbed.curve
    undisturbed.delete()
    PixelModel.objects.filter(is_active=False).delete()

    run = start(boss)
    with monkeypatch.context() as patch:
        before_noting(patch, 14, happens=raising(SystemExit()))
        with pytest.raises(SystemExit):
            work_off_training(run.pk)
    make_reviewed_flag(reviewed, frame=90, state="rejected", x=5.0, y=90.0)  # said meanwhile: for the next run
    run.refresh_from_db()
    assert run.state == WorkState.RUNNING and run.checkpoint is not None
    PixelTraining.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    work_off_training(run.pk)  # while its heartbeat is fresh nobody takes it
    assert PixelTraining.objects.get(pk=run.pk).attempts == 1
    long_ago = timezone.now() - timedelta(minutes=1)
    PixelTraining.objects.filter(pk=run.pk).update(heartbeat_at=long_ago, sent_at=long_ago)
    sent.clear()
    resend_lost_trainings()
    assert sent == [("qc.training_tasks.train_pixel_model", run.pk)]
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.result is not None and bytes(run.result.weights) == expected
    assert run.curve == curve and run.attempts == 2


@pytest.mark.usefixtures("small")
def test_cancelled_run_stops_and_goes_on_when_it_is_tried_again(
    reviewed: Video, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(boss)
    with monkeypatch.context() as patch:
        before_noting(patch, 10, happens=raising(WorkLost()))
        work_off_training(run.pk)
    cancel_training(run)
    run.refresh_from_db()
    assert run.state == WorkState.CANCELLED and run.checkpoint is not None
    with pytest.raises(CannotTrain, match="over"):
        cancel_training(run)
    work_off_training(run.pk)  # a late message
    assert PixelTraining.objects.get(pk=run.pk).state == WorkState.CANCELLED
    retry_training(run)
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.DONE and run.curve[0][0] == 4
    with pytest.raises(CannotTrain, match="failed or was cancelled"):
        retry_training(run)


@pytest.mark.usefixtures("small")
def test_cancelling_stops_the_worker(reviewed: Video, boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(boss)
    before_noting(monkeypatch, 6, happens=lambda: cancel_training(run))
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.CANCELLED and run.steps_done == 4 and run.result is None


@pytest.mark.usefixtures("small")
def test_divergence_is_told_and_another_try_learns_half_as_fast(
    reviewed: Video, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(boss)
    rate = run.settings["train"]["learning_rate"]
    diverged = Diverged("The training diverged at step 10: the loss is nan.")
    before_noting(monkeypatch, 10, happens=raising(diverged))
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.FAILED and "diverged at step 10" in run.error and "half as fast" in run.error
    assert run.settings["train"]["learning_rate"] == rate / 2 and run.checkpoint is None


@pytest.mark.usefixtures("small")
def test_run_that_kills_every_worker_is_given_up_with_a_sentence(reviewed: Video, boss: User) -> None:
    run = start(boss)
    PixelTraining.objects.filter(pk=run.pk).update(attempts=model_trainings.MOST_ATTEMPTS)
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.FAILED and "begun 5 times" in run.error


@pytest.mark.usefixtures("small")
def test_damaged_checkpoint_begins_anew(reviewed: Video, boss: User) -> None:
    run = start(boss)
    PixelTraining.objects.filter(pk=run.pk).update(checkpoint=b"no checkpoint", curve=[[4, 1.0, None]])
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.DONE and run.curve[0][0] == 4 and len(run.curve) == 6


@pytest.mark.usefixtures("small")
def test_shell_trains_into_a_file_and_goes_on_from_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "trained.npz"
    train = partial(call_command, "train", "pixel", steps=6, out=out, channels=4, side_px=32, windows=2)
    train()
    read = capsys.readouterr()
    assert '"verdict"' in read.out and "Step 6 of 6" in read.err
    assert read_model(out).recipe["settings"]["steps"] == 6
    whole = out.read_bytes()
    assert not out.with_name("trained.npz.checkpoint").exists()
    train(parent=out, out=tmp_path / "tuned.npz")
    assert read_model(tmp_path / "tuned.npz").recipe["parent_sha256"] == read_model(out).sha256
    assert [stage["settings"]["steps"] for stage in read_model(out).recipe["stages"]] == [6, 4, 4]
    train(parent=out, rounds=1, out=tmp_path / "again.npz")
    [stage] = read_model(tmp_path / "again.npz").recipe["stages"]
    assert stage["settings"]["seed"] == 1 and "--rounds 1" in read_model(tmp_path / "again.npz").recipe["command"]
    train()
    assert out.read_bytes() == whole  # the same command makes the same file
    with pytest.raises(CommandError, match="holds no frame"):
        train(footage=["film.mp4:9-9"])
    with pytest.raises(CommandError, match="0 to 9 rounds"):
        train(rounds=10)
    with pytest.raises(CommandError, match="no folder"):
        train(footage=[tmp_path / "none"])
    with pytest.raises(CommandError, match=r"trained\.npz\.gone"):
        train(parent=tmp_path / "trained.npz.gone")
    with pytest.raises(CommandError, match="checkpoint"):
        train(resume=out)
