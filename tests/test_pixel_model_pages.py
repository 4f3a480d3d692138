"""The pages and the API of pixel models and their trainings: what they show, and who may act."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ava import model_trainings
from ava.models import User, WorkState
from ava.training_curve import HEIGHT, WIDTH
from qc import model_versions
from qc.model_versions import active_model, add_version
from qc.models import PixelFlag, PixelModel, PixelTraining
from qc.pixel import model_file
from qc.training_curve import draw_curve
from tests.pixel_models import make_reviewed_flags, model_bytes
from tests.world import World, make_film, make_world

pytestmark = pytest.mark.django_db
RECALL = {"arc": [9, 10], "2x2": [10, 10]}
OWN = {"recall": RECALL, "found": [19, 20], "false_alarms": 8, "rejected": [1, 6]}
PARENT = {"recall": RECALL, "found": [19, 20], "false_alarms": 50, "rejected": [6, 6]}
MEASURES = {"own": OWN, "parent": PARENT, "is_fit": True, "verdict": "It finds as many errors.", "learnt": 12}
WORSE = {
    "own": OWN | {"recall": {"arc": [7, 10], "2x2": [10, 10]}}, "parent": PARENT, "is_fit": False,
    "verdict": "It finds fewer errors than version 1 and cannot be released (arc: 7 of 10 instead of 9).",
}  # fmt: skip


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pixel.npz"
    path.write_bytes(model_bytes(1))
    monkeypatch.setattr(model_file, "SHIPPED", path)
    for module in (model_trainings, model_versions):
        monkeypatch.setattr(module, "send_task", lambda *message: None)


@pytest.fixture
def world() -> World:
    return make_world("own")


@pytest.fixture
def boss(client: Client) -> User:
    user = User.objects.create_superuser("boss-of-pages", password="a long word of passage")
    client.force_login(user)
    return user


def page(client: Client, name: str = "pixel-models", **kwargs: object) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200
    return response.content.decode()


def test_models_page_shows_versions_beside_their_parents_and_what_the_field_says(client: Client, boss: User) -> None:
    first = active_model()
    better, _ = add_version(model_bytes(2), user=boss, parent=first, measures=MEASURES)
    add_version(model_bytes(3), user=boss, parent=first, measures=WORSE)
    film = make_film(make_world("film").title, name="seen.mp4")
    flags = make_reviewed_flags(film, ["confirmed", "confirmed", "confirmed", "rejected", "open"])
    PixelFlag.objects.filter(pk__in=[flag.pk for flag in flags]).update(raised_by=better)
    shown = " ".join(page(client).split())
    assert "Version 2" in shown and "parent 50" in shown and "75 %" in shown
    assert "<strong>1</strong> of 6" in shown and "with 12 reviewed places" in shown
    assert "arc: 7 of 10 instead of 9" in shown and "Not releasable" in shown
    assert "10 confirmed or rejected hot pixels to learn from are needed" in shown
    assert 'aria-label="Use version 2"' in shown and 'aria-label="Use version 3"' not in shown


def test_release_and_roll_back_from_the_page(client: Client, boss: User) -> None:
    first = active_model()
    better, _ = add_version(model_bytes(2), user=boss, parent=first, measures=MEASURES)
    worse, _ = add_version(model_bytes(3), user=boss, parent=first, measures=WORSE)
    use = reverse("pixel-models-use")
    assert "is in use" in client.post(use, {"version": better.version}, follow=True).content.decode()
    assert "fewer errors" in client.post(use, {"version": worse.version}, follow=True).content.decode()
    assert active_model() == better
    client.post(use, {"version": first.version})
    assert active_model() == first
    for wrong in ("", "x", "\0", "99999999999999999999", "-1", "77"):
        assert "no such version" in client.post(use, {"version": wrong}, follow=True).content.decode()


def test_file_brought_by_hand_becomes_a_version_or_is_refused_by_name(client: Client, boss: User) -> None:
    active_model()
    add = reverse("pixel-models-add")

    def bring(packed: bytes, name: str = "brought.npz") -> str:
        return client.post(add, {"file": SimpleUploadedFile(name, packed)}, follow=True).content.decode()

    assert "brought.npz is version 2" in bring(model_bytes(9))
    assert "is here already: it is version 2" in bring(model_bytes(9))
    assert "broken.npz is no pixel model" in bring(b"nothing", "broken.npz")
    assert "larger than" in bring(b"\0" * (model_file.LARGEST_BYTES + 2))
    assert "Choose a file" in client.post(add, follow=True).content.decode()
    model = PixelModel.objects.get(version=2)
    assert client.get(reverse("pixel-model-file", args=[model.pk])).content == model_bytes(9)


def test_training_is_started_cancelled_and_tried_again_from_the_pages(client: Client, boss: User) -> None:
    train = reverse("pixel-models-train")
    assert "are needed" in client.post(train, follow=True).content.decode()
    make_reviewed_flags(make_film(make_world("film").title, name="seen.mp4"), ["confirmed", "rejected"] * 10)
    shown = client.post(train, follow=True).content.decode()
    run = PixelTraining.objects.latest("pk")
    assert "Waiting for a worker" in shown and 'hx-trigger="every 2s"' in shown
    assert reverse("pixel-training", args=[run.pk]) in page(client, "jobs")
    PixelTraining.objects.filter(pk=run.pk).update(curve=[[10, 2.0, None], [50, 0.5, 0.6]], steps_done=50)
    shown = page(client, "pixel-training", pk=run.pk)
    assert "Loss from 2 to 0.5 after 50 steps; held-out loss from 0.6 to 0.6" in shown
    assert client.get(reverse("pixel-training-curve", args=[run.pk])).json()["curve"] == [[10, 2, None], [50, 0.5, 0.6]]
    assert "Try again" in client.post(reverse("pixel-training-cancel", args=[run.pk]), follow=True).content.decode()
    assert PixelTraining.objects.get(pk=run.pk).state == WorkState.CANCELLED
    assert "there is nothing to cancel" in client.post(
        reverse("pixel-training-cancel", args=[run.pk]), follow=True
    ).content.decode()
    client.post(reverse("pixel-training-retry", args=[run.pk]))
    assert PixelTraining.objects.get(pk=run.pk).state == WorkState.QUEUED


def test_team_administrators_see_and_only_superusers_act(client: Client, world: World) -> None:
    active_model()
    client.force_login(world.administrator)
    assert "People who run this installation train and release versions." in page(client)
    assert "Train the next version" not in page(client)
    run = world.pixel_training
    assert page(client, "pixel-training", pk=run.pk)
    for name in ("pixel-models-train", "pixel-models-use", "pixel-models-add"):
        assert client.post(reverse(name)).status_code == 403
    for name in ("pixel-training-cancel", "pixel-training-retry", "api-pixel-training-cancel"):
        assert client.post(reverse(name, args=[run.pk])).status_code == 403
    assert client.post(reverse("api-pixel-training-list")).status_code == 403
    assert client.post(reverse("api-pixel-model-use", args=[world.pixel_model.pk])).status_code == 403
    for person in (world.editor, world.reviewer):
        client.force_login(person)
        assert client.get(reverse("pixel-models")).status_code == 404
        assert client.post(reverse("pixel-models-train")).status_code == 404
        assert client.get(reverse("pixel-training", args=[run.pk])).status_code == 404
        assert client.get(reverse("api-pixel-model-list")).json()["results"] == []


def test_api_tells_versions_and_starts_trainings(client: Client, boss: User) -> None:
    first = active_model()
    better, _ = add_version(model_bytes(2), user=boss, parent=first, measures=MEASURES)
    worse, _ = add_version(model_bytes(3), user=boss, parent=first, measures=WORSE)
    listed = client.get(reverse("api-pixel-model-list")).json()["results"]
    assert [row["version"] for row in listed] == [3, 2, 1]
    assert listed[1]["measures"]["own"]["found"] == [19, 20] and "weights" not in listed[1]
    refused = client.post(reverse("api-pixel-model-use", args=[worse.pk]))
    assert refused.status_code == 409 and "fewer errors" in refused.json()["detail"]
    assert client.post(reverse("api-pixel-model-use", args=[better.pk])).json()["is_active"] is True
    trainings = reverse("api-pixel-training-list")
    refused = client.post(trainings, {}, content_type="application/json")
    assert refused.status_code == 409 and "are needed" in refused.json()["detail"]
    make_reviewed_flags(make_film(make_world("film").title, name="seen.mp4"), ["confirmed", "rejected"] * 10)
    for wrong in ({"steps": 0}, {"steps": 10**12}, {"seed": "x\0"}, {"seed": -1}):
        assert client.post(trainings, wrong, content_type="application/json").status_code == 400
    made = client.post(trainings, {"steps": 30, "seed": 4}, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["settings"]["steps"] == 30 and "judged" not in made.json()["settings"]
    cancelled = client.post(reverse("api-pixel-training-cancel", args=[made.json()["id"]]))
    assert cancelled.json()["state"] == WorkState.CANCELLED
    assert client.get(trainings, {"state": "cancelled"}).json()["count"] == 1


def test_curves_are_drawn_inside_their_frame_whatever_the_losses_are() -> None:
    assert draw_curve([], steps_total=10) is None
    assert draw_curve([[1, 0.0, None]], steps_total=10) is None
    for curve in ([[5, 1.0, 1.0]], [[10, 1e-9, None], [20, 1e9, 3.0]], [[10, 2.0, None]] * 3):
        drawing = draw_curve(curve, steps_total=0)
        assert drawing is not None
        pairs = [pair.split(",") for pair in (drawing.loss + " " + drawing.held_out).split()]
        assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in pairs)
