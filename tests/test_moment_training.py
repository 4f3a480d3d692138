"""Training rankers of moments on films and their trailers, releasing what comes of it, and going back."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ava import model_trainings
from ava.model_trainings import CannotTrain
from ava.models import Job, Role, Team, Title, User, Video, WorkState
from ava.train.loop import Diverged
from curation.models import MomentRanker, MomentTraining, TrailerMatching, TrailerVerdict
from curation.moment_bringing import bring_ranker
from curation.moment_pairs import find_films, load_films
from curation.moment_runs import cancel_training, resend_lost_trainings, retry_training, start_training
from curation.moment_scores import film_moments
from curation.moment_versions import NotReleasable, add_version, switches, use_ranker
from curation.moment_work import work_off_training
from curation.moments.films_file import UnfitFilms, unpack_films
from curation.moments.network import RankingNetwork
from curation.moments.ranker_file import Ranker, UnfitRanker, read_ranker, write_ranker
from curation.moments.version_training import (
    METHODS,
    MOST_STRETCHES,
    LeftOut,
    UnfitFigures,
    read_left_out,
    stretches_of,
    tell_measures,
)
from tests.moment_films import make_analysed_film, make_pair, make_trailer
from tests.training_runs import before_noting, raising, shorten_runs
from tests.world import make_moment_ranker, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
STEPS = 12
FIT = {"is_fit": True, "verdict": "It ranks as well or better.", "titles": 4}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Messages to workers, which are not sent."""
    shorten_runs(monkeypatch)
    messages: list[tuple[object, ...]] = []
    monkeypatch.setattr(model_trainings, "send_task", lambda task, *rest: messages.append((task, *rest)))
    return messages


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss-of-moments", password="a long word of passage")


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Team")


@pytest.fixture
def films(team: Team) -> list[Video]:
    return [make_pair(f"Film {number}", team=team, seed=number, shots=24) for number in range(4)]


def trained(seed: int = 0, **measures: object) -> MomentRanker:
    """A version that was measured so."""
    return add_version(packed_ranker(seed), user=None, measures=FIT | measures)[0]


def packed_ranker(seed: int = 0, **recipe: object) -> bytes:
    network = RankingNetwork(dimension=0, width=4)
    return write_ranker(Ranker(network), recipe={"seed": seed, "space": "", **recipe})


def left_out(name: str, *, own: float, prior: float) -> LeftOut:
    shares = dict.fromkeys(METHODS, 0.1) | {"ranker": own, "prior": prior}
    return LeftOut(name, 40, 10, shares, shares)


def test_films_count_whose_trailers_belong_and_choose(team: Team, films: list[Video], boss: User) -> None:
    make_trailer(make_analysed_film("Of another film", team=team, shots=24), uses=[1, 2, 3], belongs=False)
    make_trailer(make_analysed_film("All of it", team=team, shots=24), uses=list(range(24)))
    make_trailer(make_analysed_film("Too short", team=team, shots=8), uses=[1, 2, 3])
    make_analysed_film("No trailer", team=team, shots=24)
    found = find_films()
    assert [film.video_id for film in found.films] == [film.pk for film in films]
    assert found.counts == {"titles": 4, "films": 4, "shots": 96, "used": 40, "unfit": 2}
    part = TrailerMatching.objects.get(film=films[0]).parts.first()
    assert part is not None
    TrailerVerdict.objects.create(
        film=films[0], trailer=part.matching.trailer, verdict="wrong", user=boss, trailer_start=part.trailer_start,
        trailer_end=part.trailer_end, film_start=part.film_start, film_end=part.film_end, first_frame=part.first_frame,
    )  # fmt: skip
    assert find_films().counts["used"] == 39


def test_what_must_not_be_on_both_sides_goes_by_one_name(team: Team, films: list[Video]) -> None:
    series = Title.objects.create(name="Series", kind=Title.Kind.SERIES)
    for number in range(2):
        episode = make_analysed_film(
            f"Episode {number}", team=team, shots=24, seed=9 + number, parent=series, kind=Title.Kind.EPISODE
        )
        make_trailer(episode, uses=[3, 4, 5])
    Video.objects.filter(pk=films[3].pk).update(sha256=films[0].sha256)
    found = find_films()
    names = {film.video_id: film.name for film in found.films}
    assert names[films[3].pk] == names[films[0].pk] == f"title {films[0].title_id}"
    assert sorted(names.values()).count(f"title {series.pk}") == 2
    assert found.titles == 4 and len(found.films) == 6


def test_too_few_titles_are_refused_with_how_many_are_missing(team: Team, boss: User) -> None:
    make_pair("Only", team=team, seed=1, shots=24)
    with pytest.raises(CannotTrain, match=r"4 titles .* are needed; there is 1\. Add the trailers of 3 more films"):
        start_training(boss)
    assert not MomentTraining.objects.exists()


def test_run_leaves_every_title_out_once_and_ends_with_a_version_that_nobody_has_put_to_use(
    films: list[Video], boss: User, sent: list[tuple[object, ...]]
) -> None:
    run = start_training(boss, steps=24, seed=5)
    assert sent == [("curation.moment_tasks.train_moment_ranker", run.pk)]
    assert start_training(boss) == run
    work_off_training(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error, run.steps_done, run.checkpoint) == (WorkState.DONE, "", 120, None)
    version = run.result
    assert version is not None and version.created_by == boss and not version.is_active
    told = version.measures
    assert [each["name"] for each in told["left_out"]] == sorted(f"title {film.title_id}" for film in films)
    print(told["verdict"])
    assert told["titles"] == 4 and told["is_fit"] and told["top_ten"]["ranker"] > told["top_ten"]["prior"] + 0.1
    assert told["top_ten"]["random"] == pytest.approx(10 / 24, abs=1e-3)
    assert read_ranker(bytes(version.weights)).recipe["left_out"] == told["left_out"]
    use_ranker(version, user=boss)
    moments = film_moments(films[0])
    assert moments is not None and moments.model == version and "learnt from 4 titles" in moments.how
    again = start_training(boss, steps=1, seed=1)
    assert again.parent == version


def test_run_whose_worker_was_killed_ends_with_the_same_version_whatever_people_say_meanwhile(
    films: list[Video], boss: User, monkeypatch: pytest.MonkeyPatch, sent: list[tuple[object, ...]]
) -> None:
    undisturbed = start_training(boss, steps=STEPS, seed=5)
    work_off_training(undisturbed.pk)
    undisturbed.refresh_from_db()
    assert undisturbed.result is not None
    expected, curve = bytes(undisturbed.result.weights), undisturbed.curve
    undisturbed.delete()
    MomentRanker.objects.all().delete()

    run = start_training(boss, steps=STEPS, seed=5)
    with monkeypatch.context() as patch:
        before_noting(patch, 2 * STEPS + 10, happens=raising(SystemExit()))
        with pytest.raises(SystemExit):
            work_off_training(run.pk)
    TrailerMatching.objects.filter(film=films[1]).update(belongs=False)
    run.refresh_from_db()
    assert run.state == WorkState.RUNNING and len(run.left_out) == 2
    long_ago = timezone.now() - timedelta(minutes=1)
    MomentTraining.objects.filter(pk=run.pk).update(heartbeat_at=long_ago, sent_at=long_ago)
    sent.clear()
    resend_lost_trainings()
    assert sent == [("curation.moment_tasks.train_moment_ranker", run.pk)]
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.result is not None and bytes(run.result.weights) == expected
    assert run.curve == curve and run.attempts == 2


def test_run_begins_anew_when_a_film_was_analysed_anew_since(
    films: list[Video], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_training(boss, steps=2, seed=5)
    with monkeypatch.context() as patch:
        before_noting(patch, 5, happens=raising(SystemExit()))
        with pytest.raises(SystemExit):
            work_off_training(run.pk)
    Job.objects.create(video=films[0], state=WorkState.DONE)
    MomentTraining.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1), steps_done=4)
    steps: list[int] = []
    before_noting(monkeypatch, 1, happens=lambda: steps.append(1))
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.DONE and steps == [1]


def test_run_is_cancelled_tried_again_and_one_that_diverged_learns_slower(
    films: list[Video], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_training(boss, steps=4)
    cancel_training(run)
    with pytest.raises(CannotTrain, match="over"):
        cancel_training(run)
    retry_training(run)
    with pytest.raises(CannotTrain, match="failed or was cancelled"):
        retry_training(run)
    rate = run.settings["train"]["learning_rate"]
    with monkeypatch.context() as patch:
        before_noting(patch, 7, happens=raising(Diverged("The loss is no number.")))
        work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.FAILED and "learns half as fast" in run.error
    retry_training(run)
    work_off_training(run.pk)
    run.refresh_from_db()
    assert run.state == WorkState.DONE and len(run.left_out) == 4
    assert run.settings["train"]["learning_rate"] == pytest.approx(rate / 2)


def test_versions_are_put_to_use_and_gone_back_from_and_every_switch_is_noted(films: list[Video], boss: User) -> None:
    first, second = trained(1), trained(2)
    worse = trained(3, is_fit=False, verdict="It ranks worse than the prior.")
    with pytest.raises(NotReleasable, match="worse than the prior"):
        use_ranker(worse, user=boss)
    for wanted in (first, second, first, None):
        use_ranker(wanted, user=boss)
        moments = film_moments(films[0])
        assert moments is not None and moments.model == wanted
        assert moments.scores.by == (wanted.name if wanted else "prior")
    assert [entry.object_repr for entry in switches()] == [
        "The prior", "Moment ranker 1", "Moment ranker 2", "Moment ranker 1",
    ]  # fmt: skip


def test_a_version_that_this_program_cannot_read_leaves_the_prior_to_rank_and_says_so(films: list[Video]) -> None:
    unreadable = make_moment_ranker(is_active=True)
    moments = film_moments(films[0])
    assert moments is not None and moments.model is None and moments.scores.by == "prior"
    assert f"because version {unreadable.version} cannot be used" in moments.how


def test_a_version_is_held_against_the_prior_and_against_its_parent_on_the_titles_of_both() -> None:
    own = [left_out("a", own=0.5, prior=0.3), left_out("b", own=0.5, prior=0.3), left_out("b", own=0.9, prior=0.3)]
    alone = tell_measures(own)
    assert alone["top_ten"]["ranker"] == 0.6 and alone["is_fit"] and alone["parent"] is None
    better = [left_out("a", own=0.6, prior=0.3), left_out("c", own=0.0, prior=0.3)]
    beside = tell_measures(own, parent=better, parent_name="version 3")
    assert not beside["is_fit"] and "worse than version 3" in beside["verdict"]
    assert tell_measures([left_out("a", own=0.2, prior=0.3)])["verdict"].startswith("It ranks worse than the prior")


def test_no_run_has_more_than_eleven_trainings_and_each_title_is_left_out_once(films: list[Video]) -> None:
    learnt = load_films(find_films().films, space="")
    many = [learnt[0]._replace(name=f"title {number}") for number in range(25)]
    stretches = stretches_of(many)
    assert len(stretches) == MOST_STRETCHES + 1 and stretches[-1] == ()
    assert sorted(name for stretch in stretches for name in stretch) == sorted(film.name for film in many)


def test_brought_file_becomes_a_version_once_with_the_figures_that_it_tells(boss: User, client: Client) -> None:
    told = [left_out("title 1", own=0.5, prior=0.2)._asdict()]
    packed = packed_ranker(left_out=told)
    brought, is_new = bring_ranker(packed, name="brought", user=boss)
    assert is_new and brought.measures["is_fit"] and brought.measures["top_ten"]["ranker"] == 0.5
    assert bring_ranker(packed, name="brought", user=boss) == (brought, False)
    for odd in (None, [], [{}], [told[0] | {"shots": -1}], [told[0] | {"top_ten": {"ranker": 2.0}}], "nothing"):
        with pytest.raises(UnfitFigures):
            read_left_out(odd)
    unmeasured, _ = bring_ranker(packed_ranker(), name="x", user=boss)
    with pytest.raises(NotReleasable, match="not been measured"):
        use_ranker(unmeasured, user=boss)
    with pytest.raises(UnfitRanker, match="torn holds no ranker"):
        bring_ranker(b"torn", name="torn", user=boss)
    client.force_login(boss)
    add = reverse("moment-models-add")
    said = client.post(add, {"file": SimpleUploadedFile("b.safetensors", b"none")}, follow=True).content.decode()
    assert "b.safetensors holds no ranker of moments" in said
    assert client.get(reverse("moment-model-file", args=[brought.pk])).content == packed


def test_page_is_for_administrators_and_names_no_title_of_other_teams(
    films: list[Video], boss: User, client: Client
) -> None:
    own, other = films[0].title, films[1].title
    other.teams.set([Team.objects.create(name="Others")])
    told = [left_out(f"title {title.pk}", own=0.5, prior=0.2)._asdict() for title in (own, other)]
    version = trained(left_out=told, top_ten=told[0]["top_ten"], top_used=told[0]["top_used"])
    run = MomentTraining.objects.create(state=WorkState.FAILED, settings={"counts": {}}, curve=[[4, 1.0, None]])
    pages = [reverse("moment-models"), reverse("moment-training", args=[run.pk])]
    team = own.teams.get()
    for person, status in (
        (make_person("e", team=team), 404),
        (make_person("a", team=team, role="administrator"), 200),
    ):
        client.force_login(person)
        assert {client.get(page).status_code for page in pages} == {status}
    page = client.get(pages[0]).content.decode()
    assert str(own) in page and str(other) not in page and "And 1 film of teams" in page
    assert "The prior" in page and "In use" in page and "Train the next version" not in page
    assert client.get(reverse("moment-model-file", args=[version.pk])).status_code == 403
    assert client.post(reverse("moment-models-train")).status_code == 403
    assert client.post(reverse("moment-models-use"), {"version": version.version}).status_code == 403
    client.force_login(boss)
    assert str(other) in client.get(pages[0]).content.decode()
    for wanted in ("99", "\0", "9" * 30, ""):
        said = client.post(reverse("moment-models-use"), {"version": wanted}, follow=True).content.decode()
        assert "There is no such version" in said
    said = client.post(reverse("moment-models-use"), {"version": version.version}, follow=True).content.decode()
    assert f"Version {version.version} ranks the moments of every film" in said
    client.post(reverse("moment-models-use"), {"version": "prior"})
    assert not MomentRanker.objects.filter(is_active=True).exists()


def test_training_is_started_followed_cancelled_and_tried_again_from_the_pages(
    films: list[Video], boss: User, client: Client
) -> None:
    client.force_login(boss)
    shown = client.post(reverse("moment-models-train"), follow=True).content.decode()
    run = MomentTraining.objects.get()
    assert "Waiting for a worker" in shown and 'hx-trigger="every 2s"' in shown
    page, cancel, retry, curve = (
        reverse(f"moment-training{step}", args=[run.pk]) for step in ("", "-cancel", "-retry", "-curve")
    )
    assert page in client.get(reverse("jobs")).content.decode()
    MomentTraining.objects.filter(pk=run.pk).update(curve=[[10, 2.0, None], [50, 0.5, 0.6]], steps_done=50)
    shown = client.get(page).content.decode()
    assert "Loss from 2 to 0.5 after 50 steps; share of the best ten in trailers from 60% to 60%" in shown
    assert "60 %" in shown and client.get(curve).json()["curve"] == [[10, 2, None], [50, 0.5, 0.6]]
    assert "Try again" in client.post(cancel, follow=True).content.decode()
    assert "nothing to cancel" in client.post(cancel, follow=True).content.decode()
    client.post(retry)
    run.refresh_from_db()
    assert run.state == WorkState.QUEUED
    MomentTraining.objects.all().delete()
    TrailerMatching.objects.all().delete()
    assert "4 titles" in client.post(reverse("moment-models-train"), follow=True).content.decode()


def test_api_trains_and_switches_for_people_who_run_the_installation(films: list[Video], boss: User) -> None:
    client = Client()
    client.force_login(make_person("a", team=films[0].title.teams.get(), role=Role.ADMINISTRATOR))
    runs, rankers = reverse("api-moment-training-list"), reverse("api-moment-ranker-list")
    version = trained(left_out=[left_out("title 1", own=0.5, prior=0.2)._asdict()])
    assert client.post(runs, {"steps": 1}, "application/json").status_code == 403
    told: dict[str, Any] = client.get(rankers).json()["results"][0]
    assert told["measures"] == FIT and told["version"] == version.version
    use, withdraw = (reverse(f"api-moment-ranker-{action}", args=[version.pk]) for action in ("use", "withdraw"))
    assert client.post(use).status_code == 403
    client.force_login(boss)
    assert client.post(runs, {"steps": 0}, "application/json").status_code == 400
    made = client.post(runs, {"steps": 3, "seed": 1}, "application/json")
    assert made.status_code == 201 and made.json()["steps_total"] == 15
    assert client.post(withdraw).status_code == 409
    assert client.post(use).json()["is_active"] and not client.post(withdraw).json()["is_active"]
    cancel = reverse("api-moment-training-cancel", args=[made.json()["id"]])
    assert client.post(cancel).json()["state"] == "cancelled" and client.post(cancel).status_code == 409


def test_shell_saves_films_trains_on_the_file_and_goes_on_from_a_checkpoint(
    films: list[Video], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, out = tmp_path / "films.npz", tmp_path / "ranker.safetensors"
    assert shell("--save-films", str(kept))["titles"] == 4
    read = unpack_films(kept.read_bytes()).films
    here = load_films(find_films().films, space="")
    assert all(np.array_equal(one.used_unit, other.used_unit) for one, other in zip(read, here, strict=True))
    options = ["--films", str(kept), "--steps", "4", "--out", str(out), "--checkpoint-every", "2"]
    summary = shell(*options)
    expected = out.read_bytes()
    assert summary["titles"] == 4 and len(read_left_out(read_ranker(expected).recipe["left_out"])) == 4
    with monkeypatch.context() as patch:
        patch.setattr("curation.moment_command._Teller.step", stopping_at(7))
        with pytest.raises(CommandError, match="go on with --resume"):
            shell(*options)
    assert shell(*options, "--resume", f"{out}.checkpoint")["file"] == str(out)
    assert out.read_bytes() == expected
    with pytest.raises(CommandError, match="of a training on other films"):
        torn = tmp_path / "other.checkpoint"
        torn.write_bytes(json.dumps([[left_out("title 0", own=0.5, prior=0.5)._asdict()]]).encode() + b"\n")
        shell(*options, "--resume", str(torn))
    for wrong, said in ((b"torn", "holds no films"), (b"", "holds no films")):
        kept.write_bytes(wrong)
        with pytest.raises(CommandError, match=said):
            shell(*options)
        with pytest.raises(UnfitFilms):
            unpack_films(wrong)
    with pytest.raises(CommandError, match="A seed is"):
        shell("--seed", "-1")


def stopping_at(number: int) -> Any:
    def step(self: object, step: Any) -> bool:
        if step.number == number:
            raise KeyboardInterrupt
        return True

    return step


def shell(*options: str) -> dict[str, Any]:
    printed = io.StringIO()
    call_command("train", "moments", *options, stdout=printed)
    summary: dict[str, Any] = json.loads(printed.getvalue())
    return summary
