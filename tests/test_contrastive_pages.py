"""The pages and the API of encoders, trainings and pairs: what they show, who may act, and what they refuse."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ava import model_trainings
from ava.models import User, WorkState
from ava.training_curve import HEIGHT, WIDTH, draw_shares
from search import encoders
from search.models import ContrastiveTraining, Encoder, ShotLabel
from search.templatetags.command_text import commands
from tests.encoder_files import sentence_files  # noqa: F401
from tests.search_world import make_description, make_encoder, make_shot_vector
from tests.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sentence_files")]
RECALL = {"r1": 0.1, "r5": 0.4, "r10": 0.6, "median_rank": 7.0}
BETTER = RECALL | {"r5": 0.8}
MEASURES = {
    "own": {"text_to_shot": BETTER, "shot_to_text": BETTER},
    "parent": {"text_to_shot": RECALL, "shot_to_text": RECALL},
    "is_fit": True,
    "verdict": "It finds as many shots as its parent, or more.",
}


@pytest.fixture(autouse=True)
def unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_trainings, "send_task", lambda *message: None)


@pytest.fixture
def world() -> World:
    return make_world("own")


@pytest.fixture
def boss(client: Client) -> User:
    user = User.objects.create_superuser("boss-of-pages", password="a long word of passage")
    client.force_login(user)
    return user


def page(client: Client, name: str = "encoders", **kwargs: object) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def bring(client: Client, text: str) -> tuple[int, str]:
    response = client.post(reverse("pairs"), {"file": SimpleUploadedFile("p.csv", text.encode())}, follow=True)
    return response.status_code, " ".join(response.content.decode().split())


def test_encoders_page_shows_what_serves_what_is_embedded_and_what_is_missing(
    client: Client, boss: User, world: World
) -> None:
    base = encoders.default_encoder()
    make_description(world.video, "second shot", start=world.video.frame_count, end=world.video.frame_count + 5)
    make_shot_vector(base, world.video, start=0, end=world.video.frame_count)
    version = make_encoder(
        base.name, dimension=base.dimension, parent=base, measures=MEASURES, recipe={"base": [base.name, base.version]}
    )
    shown = page(client)
    assert "<strong>1</strong> of 2 shots embedded" in shown and "Serves" in shown
    assert f'aria-label="Release {version}"' in shown and f'aria-label="Withdraw {base}"' not in shown
    assert "<td>80%</td><td>40%</td>" in shown and "Not installed" in shown and "openclip" in shown
    assert "<code>manage.py models fetch openclip-vit-b-32</code>" in shown and "`" not in shown
    assert "20 pairs to learn from and 5 held out are needed" in shown
    client.post(reverse("encoder-release", args=[version.pk]))
    shown = page(client)
    assert "Being embedded" in shown and "Give up" in shown and 'hx-trigger="every 5s"' in shown
    client.post(reverse("encoder-withdraw", args=[version.pk]))
    assert not Encoder.objects.get(pk=version.pk).is_wanted
    assert "Withdrawn." in page(client) and "Released." in page(client)
    refused = client.post(reverse("encoder-withdraw", args=[base.pk]), follow=True).content.decode()
    assert "the only encoder that serves" in refused


def test_commands_in_sentences_are_set_as_code_and_nothing_else_is_markup() -> None:
    assert commands("Run `a & b <c>` <now>, or `d`.") == (
        "Run <code>a &amp; b &lt;c&gt;</code> &lt;now&gt;, or <code>d</code>."
    )
    assert commands("It is 5` long") == "It is 5` long" and commands("") == ""


def test_training_is_refused_shown_cancelled_and_tried_again(client: Client, boss: User, world: World) -> None:
    base, train = encoders.default_encoder(), reverse("encoders-train")
    assert "are needed" in client.post(train, {"parent": base.pk}, follow=True).content.decode()
    for wrong in ("", "x", "\0", "99999999999999999999", "-1", "77777"):
        assert "no such encoder" in client.post(train, {"parent": wrong}, follow=True).content.decode()
    run = ContrastiveTraining.objects.create(
        parent=base, steps_total=100, steps_done=50, curve=[[10, 2.0, None], [50, 0.5, 0.75]],
        settings={"train": {"seed": 7}, "variant": "frozen", "counts": {"learnt": 40, "held_out": 10, "films": 2}},
    )  # fmt: skip
    shown = page(client, "encoder-training", pk=run.pk)
    assert "Waiting for a worker" in shown and 'hx-trigger="every 2s"' in shown and "with seed 7" in shown
    assert "Loss from 2 to 0.5 after 50 steps; held-out R@5 from 75% to 75%" in shown
    curve = client.get(reverse("encoder-training-curve", args=[run.pk])).json()
    assert curve["curve"] == [[10, 2, None], [50, 0.5, 0.75]]
    cancel, retry = (reverse(f"encoder-training-{what}", args=[run.pk]) for what in ("cancel", "retry"))
    assert "Try again" in client.post(cancel, follow=True).content.decode()
    assert "nothing to cancel" in client.post(cancel, follow=True).content.decode()
    link = f'href="{reverse("encoder-training", args=[run.pk])}">Training of an encoder</a>'
    assert link not in page(client, "jobs")
    client.post(retry)
    assert ContrastiveTraining.objects.get(pk=run.pk).state == WorkState.QUEUED
    assert "A training waits for a worker" in page(client)
    assert link in page(client, "jobs")
    client.force_login(world.editor)
    assert link not in page(client, "jobs")


def test_administrators_see_and_others_do_not_and_only_superusers_act(client: Client, world: World) -> None:
    encoder, run = world.encoder, world.contrastive_training
    client.force_login(world.administrator)
    assert "People who run this installation train" in page(client)
    acts = [reverse("encoders-train"), reverse("encoder-add"), reverse("encoder-release", args=[encoder.pk]),
            reverse("encoder-withdraw", args=[encoder.pk]), reverse("encoder-training-cancel", args=[run.pk]),
            reverse("encoder-training-retry", args=[run.pk])]  # fmt: skip
    assert {client.post(act).status_code for act in acts} == {403}
    client.force_login(world.editor)
    assert {client.post(act).status_code for act in acts} == {404}
    assert client.get(reverse("encoders")).status_code == 404
    assert client.get(reverse("encoder-training", args=[run.pk])).status_code == 404


def test_pairs_of_a_file_become_labels_whole_and_once(client: Client, world: World) -> None:
    client.force_login(world.editor)
    film, before = world.video, ShotLabel.objects.count()
    name = film.original_name
    good = f"video,start,end,text\n{film.pk},0,10,a red car\n{name},00:00:01:00,00:00:02:00,<b>rain</b>\n"
    assert "2 pairs are labels now" in bring(client, good)[1]
    label = ShotLabel.objects.filter(video=film, start_frame=25, end_frame=50).get()
    assert (label.text, label.user) == ("<b>rain</b>", world.editor)
    assert "nothing new in the file" in bring(client, good)[1]
    assert "&lt;b&gt;rain" in page(client, "pairs")
    status, said = bring(client, f"video,start,end,text\n{film.pk},0,10,new words\n{film.pk},9,3,bad\nghost,1,2,bad\n")
    assert status == 400 and "Line 3: 9 to 3 is no span" in said and "Line 4: you may label no film" in said
    assert ShotLabel.objects.count() == before + 2
    assert bring(client, "video,start\0,end,text\n")[0] == 400
    assert client.post(reverse("pairs")).status_code == 400


def test_pairs_of_other_teams_are_neither_labelled_nor_exported(client: Client, world: World) -> None:
    other = make_world("other")
    client.force_login(world.editor)
    status, said = bring(client, f"video,start,end,text\n{other.video.pk},0,10,words\n")
    assert status == 400 and "you may label no film called" in said and other.title.name not in said
    exported = client.get(reverse("pairs-export")).content.decode()
    assert exported.splitlines()[0] == "video,start,end,text,description"
    assert "label-own" in exported and "description-own" in exported and "other" not in exported
    client.force_login(world.reviewer)
    assert bring(client, "video,start,end,text\n")[0] == 403


def test_api_releases_trains_and_answers_wrong_requests_with_sentences(client: Client, boss: User) -> None:
    base = encoders.default_encoder()
    version = make_encoder(
        base.name, dimension=base.dimension, parent=base, measures=MEASURES, recipe={"base": [base.name, base.version]}
    )
    assert client.get("/api/encoders/").json()["results"][0].keys() >= {"name", "is_serving", "measures"}
    released = client.post(f"/api/encoders/{version.pk}/release/")
    assert released.status_code == 200 and released.json()["is_serving"]  # there are no shots yet
    assert client.post(f"/api/encoders/{version.pk}/withdraw/").status_code == 409
    for wrong in ({}, {"parent": "\0"}, {"parent": 10**30}, {"parent": base.pk, "steps": 0}, {"parent": [1]}):
        answer = client.post("/api/encoder-trainings/", wrong, content_type="application/json")
        assert answer.status_code == 400, wrong
    refused = client.post("/api/encoder-trainings/", {"parent": base.pk}, content_type="application/json")
    assert refused.status_code == 409 and "are needed" in refused.json()["detail"]


def test_curve_is_drawn_within_its_frame_and_nothing_is_drawn_of_nothing() -> None:
    assert draw_shares([], steps_total=10, held_out="recall") is None
    drawing = draw_shares([[1, 0.0, 0.0], [5, 3.0, None], [10, 1.0, 1.0]], steps_total=10, held_out="held-out R@5")
    assert drawing is not None
    places = [tuple(map(float, point.split(","))) for point in f"{drawing.loss} {drawing.held_out}".split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places) and len(drawing.held_out_points) == 2
