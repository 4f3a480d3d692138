"""A team's ranking models: what they learn from, who may use one, when one is given up, and their page and API."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from ava.models import Role, Shot, Team, Title, User, Video
from curation import ranking_examples, ranking_models
from curation.decisions import decide, undo
from curation.learning.features import describe_stills
from curation.learning.validation import TooFewPreferences
from curation.models import Comparison, Decision, RankingModel, RankingProfile
from curation.ranking_examples import count_opinions, current_weights, load_examples
from curation.ranking_model_scores import learned_scores
from curation.ranking_model_tasks import look_again_at_ranking, train_ranking, training_of
from curation.ranking_models import (
    NotBetter,
    active_model,
    fall_back_unless_better,
    stop_using,
    switches,
    train_model,
    use_model,
)
from curation.stills.table import StillTable
from tests.still_tables import make_table
from tests.tastes import Taste, at_random, likes, worths
from tests.world import make_film, make_person

pytestmark = pytest.mark.django_db
STILLS, SHOTS = 90, 30
TASTE = likes(closeness=1.5, sharpness=1.0, brightness=-1.5)


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="artwork")


@pytest.fixture
def editor(team: Team) -> User:
    return make_person("ed", team=team)


@pytest.fixture
def boss(team: Team) -> User:
    return make_person("boss", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, StillTable]]:
    """Films' tables without films: by the video's number."""
    known: dict[int, StillTable] = {}
    monkeypatch.setattr(ranking_examples, "load_table", lambda video: known[video.pk])
    cache.clear()
    yield known
    cache.clear()


def make_judged_film(
    team: Team, user: User, tables: dict[int, StillTable], *, seed: int, taste: Taste = TASTE, judged: int = STILLS
) -> Video:
    """A film whose stills the user picks and rejects by a taste."""
    title = Title.objects.create(name=f"film {seed}", created_by=user)
    title.teams.add(team)
    table = make_table(STILLS, scenes=SHOTS, seed=seed)
    video = make_film(title, name=f"{seed}.mp4", frame_count=table.frame_count)
    Video.objects.filter(pk=video.pk).update(sha256=f"{seed:064}")  # what is held back follows from it
    video.refresh_from_db()
    tables[video.pk] = table
    firsts = [0, *(int(table.frames[table.shots == shot][0]) for shot in np.unique(table.shots)[1:])]
    Shot.objects.bulk_create(
        Shot(video=video, index=index, start_frame=start, end_frame=end, transition="cut")
        for index, (start, end) in enumerate(zip(firsts, [*firsts[1:], table.frame_count], strict=True))
    )
    rng = np.random.default_rng(seed)
    felt = worths(table, taste) + 0.5 * rng.logistic(size=STILLS)
    Decision.objects.bulk_create(
        Decision(
            video=video, frame_index=int(table.frames[row]), user=user,
            verdict="pick" if felt[row] > np.median(felt) else "reject",
        )
        for row in rng.permutation(STILLS)[:judged]
    )  # fmt: skip
    return video


@pytest.fixture
def trained(team: Team, editor: User, tables: dict[int, StillTable]) -> RankingModel:
    for seed in range(3):
        make_judged_film(team, editor, tables, seed=seed)
    return train_model(team, user=editor)


def test_a_version_learns_its_teams_taste_and_is_not_put_to_use_by_itself(team: Team, trained: RankingModel) -> None:
    assert (trained.version, trained.is_active, trained.films) == (1, False, 3)
    assert trained.measures["is_better"] and trained.measures["verdict"].startswith("Better")
    assert active_model(team) is None
    assert {each["words"] for each in trained.effects[:4]} & {"likes dark pictures", "likes close-ups"}
    again = train_model(team, user=None)
    assert again.version == 2 and again.weights == trained.weights


def test_only_current_words_of_the_teams_own_people_count(
    team: Team, editor: User, tables: dict[int, StillTable]
) -> None:
    video = make_judged_film(team, editor, tables, seed=1, judged=0)
    first, second, third = (int(frame) for frame in tables[video.pk].frames[:3])
    decide(video, frame_index=first, user=editor, verdict="pick")
    decide(video, frame_index=first, user=editor, verdict="reject")
    decide(video, frame_index=second, user=editor, stars=3)
    decide(video, frame_index=third, user=editor, verdict="pick")
    undo(video, user=editor)
    for better, worse, stands in ((first, second, True), (second, first, True), (first, third, False)):
        Comparison.objects.create(video=video, better_frame=better, worse_frame=worse, user=editor, stands=stands)
    counts = count_opinions(team)
    assert (counts.picked, counts.rejected, counts.starred, counts.compared, counts.films) == (0, 1, 1, 1, 1)
    examples = load_examples(team)
    assert len(examples.features) == 2
    np.testing.assert_array_equal(examples.gains, [0, 3])
    assert set(zip(examples.preferences.better.tolist(), examples.preferences.worse.tolist(), strict=True)) == {(1, 0)}
    others = Team.objects.create(name="others")
    video.title.teams.add(others)
    assert count_opinions(others).compared == 0 and len(load_examples(others).features) == 0
    assert count_opinions(team) == counts


def test_words_about_frames_that_are_no_stills_are_passed_over(
    team: Team, editor: User, tables: dict[int, StillTable]
) -> None:
    video = make_judged_film(team, editor, tables, seed=1, judged=0)
    no_still = next(frame for frame in range(100) if frame not in tables[video.pk].frames)
    Comparison.objects.create(
        video=video, better_frame=no_still, worse_frame=int(tables[video.pk].frames[0]), user=editor
    )
    assert len(load_examples(team).preferences) == 0


def test_too_little_is_refused_and_nothing_is_made(team: Team) -> None:
    with pytest.raises(TooFewPreferences, match="0 stills so far"):
        train_model(team, user=None)
    assert not team.ranking_models.exists()


def test_a_better_version_scores_boards_while_in_use_and_is_logged(
    team: Team, boss: User, trained: RankingModel, tables: dict[int, StillTable]
) -> None:
    video = Video.objects.order_by("pk").first()
    table = tables[video.pk]
    assert learned_scores(video, table, team=team) is None
    use_model(trained, user=boss)
    scores = learned_scores(video, table, team=team)
    assert scores is not None and np.corrcoef(scores, worths(table, TASTE))[0, 1] > 0.8
    other = Team.objects.create(name="other")
    assert learned_scores(video, table, team=other) is None
    assert stop_using(team, user=boss) and not stop_using(team, user=boss)
    assert learned_scores(video, table, team=team) is None
    assert [(entry.user, entry.object_repr, entry.change_message) for entry in switches(team)] == [
        (boss, "The current weights of artwork", "Taken back."),
        (boss, "Ranking model 1 of artwork", "Put to use."),
    ]
    assert not switches(other)


def test_what_is_not_better_cannot_be_used(team: Team, editor: User, boss: User, tables: dict[int, StillTable]) -> None:
    for seed in range(2):
        make_judged_film(team, editor, tables, seed=seed, taste=at_random)
    model = train_model(team, user=editor)
    with pytest.raises(NotBetter, match="Not better"):
        use_model(model, user=boss)
    assert active_model(team) is None and not switches(team)


def test_a_version_in_use_is_given_up_when_editors_now_say_otherwise(
    team: Team, boss: User, trained: RankingModel
) -> None:
    use_model(trained, user=boss)
    assert fall_back_unless_better(team) == ""
    Decision.objects.filter(verdict="pick").update(verdict="")
    Decision.objects.filter(verdict="reject").update(verdict="pick")
    Decision.objects.filter(verdict="").update(verdict="reject")
    train_model(team, user=None)
    assert active_model(team) is None
    last = switches(team).first()
    assert last is not None and last.user == boss and last.change_message.startswith("Fell back by itself")


def test_a_version_in_use_is_given_up_when_the_weights_catch_up(
    team: Team, boss: User, trained: RankingModel, hints: list[tuple],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    use_model(trained, user=boss)
    with django_capture_on_commit_callbacks(execute=True):
        profile = RankingProfile.objects.create(
            team=team, name="own", weights={"sharpness": 1.0}, variety=0.3, is_default=True
        )
    assert hints == [("curation.ranking_model_tasks.look_again_at_ranking", team.pk)]
    assert current_weights(team)["sharpness"] == 1.0 and current_weights(team)["colour"] == 0.0
    look_again_at_ranking(team.pk)
    assert active_model(team) is not None  # still better than these
    monkeypatch.setattr(ranking_models, "LEAST_HELD_BACK_PAIRS", 10**9)
    look_again_at_ranking(team.pk)
    assert active_model(team) is None
    with pytest.raises(NotBetter, match="weights have changed"):
        use_model(trained, user=boss)
    profile.weights = {"sharpness": "much"}
    profile.save()
    assert current_weights(team)["sharpness"] == 0.0


def test_a_version_for_other_features_is_not_applied_and_given_up(
    team: Team, boss: User, trained: RankingModel, tables: dict[int, StillTable]
) -> None:
    use_model(trained, user=boss)
    RankingModel.objects.update(weights=trained.weights | {"features_version": 0})
    video = Video.objects.order_by("pk").first()
    assert learned_scores(video, tables[video.pk], team=team) is None
    assert "other features" in fall_back_unless_better(team)
    assert active_model(team) is None
    trained.refresh_from_db()
    with pytest.raises(NotBetter, match="train it again"):
        use_model(trained, user=boss)


def test_a_training_is_asked_for_once_and_what_came_of_it_stands_on_the_page(
    team: Team, editor: User, tables: dict[int, StillTable], hints: list[tuple],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    client = Client()
    client.force_login(editor)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            client.post(reverse("ranking-models-train"), {"team": team.pk})
    assert hints == [("curation.ranking_model_tasks.train_ranking", team.pk, editor.pk)]
    page = client.get(reverse("ranking-models")).content.decode()
    assert "Waiting for a worker" in page and 'hx-trigger="every 2s"' in page
    train_ranking(team.pk, editor.pk)
    assert "40 are needed" in client.get(reverse("ranking-models")).content.decode()
    for seed in range(2):
        make_judged_film(team, editor, tables, seed=seed)
    train_ranking(team.pk, editor.pk)
    assert training_of(team).state().state == "done"
    page = client.get(reverse("ranking-models")).content.decode()
    assert "Version 1 is trained." in page and "What it learnt" in page and "Held back for good" in page
    assert 'aria-label="Use version 1"' not in page  # an editor does not switch
    train_ranking(10**9, None)


def test_administrators_of_the_team_switch_on_the_page_and_others_may_not(
    team: Team, editor: User, boss: User, trained: RankingModel
) -> None:
    clients = {
        user: Client() for user in (editor, boss, make_person("out"), make_person("qc", team=team, role=Role.REVIEWER))
    }
    for user, client in clients.items():
        client.force_login(user)
    wanted = {"team": team.pk, "version": "1"}
    statuses = {
        user.username: client.post(reverse("ranking-models-use"), wanted).status_code
        for user, client in clients.items()
        if user != boss
    }
    assert statuses == {"ed": 403, "out": 404, "qc": 403}
    trainings = {
        user.username: client.post(reverse("ranking-models-train"), {"team": team.pk}).status_code
        for user, client in clients.items()
    }
    assert trainings == {"ed": 302, "boss": 302, "out": 404, "qc": 403}
    assert active_model(team) is None
    page = clients[boss].post(reverse("ranking-models-use"), wanted, follow=True).content.decode()
    assert "Version 1 is in use on the boards of artwork" in page and active_model(team) == trained
    for wrong in ("", "7", "-1", "²", "9" * 40, "1; DROP", "\0"):
        answer = clients[boss].post(reverse("ranking-models-use"), {"team": team.pk, "version": wrong}, follow=True)
        assert "There is no such version" in answer.content.decode()
    for team_id in ("", "x", "9" * 30, "\0"):
        assert clients[boss].post(reverse("ranking-models-use"), {"team": team_id}).status_code == 404
        assert clients[boss].get(reverse("ranking-models"), {"team": team_id}).status_code == 200
    page = clients[boss].post(reverse("ranking-models-use"), {**wanted, "version": "weights"}, follow=True)
    assert "alone order the boards again" in page.content.decode() and active_model(team) is None


def test_the_page_says_why_a_version_is_not_used_and_what_an_empty_one_lacks(team: Team, boss: User) -> None:
    client = Client()
    client.force_login(boss)
    page = client.get(reverse("ranking-models")).content.decode()
    assert "At least 40 stills" in page and "In use alone" in page
    RankingModel.objects.create(team=team, version=1, pairs=10, stills=8, films=1, measures={}, weights={})
    page = client.get(reverse("ranking-models")).content.decode()
    assert "It was never shown to be better" in page and "Not better" in page
    loner = Client()
    loner.force_login(make_person("loner"))
    assert "You are in no team yet" in loner.get(reverse("ranking-models")).content.decode()


def test_the_api_lists_the_versions_of_ones_own_teams(team: Team, editor: User, trained: RankingModel) -> None:
    client = Client()
    client.force_login(editor)
    (row,) = client.get(reverse("api-ranking-model-list"), {"team": team.pk}).json()["results"]
    assert row["version"] == 1 and row["measures"]["is_better"] and len(row["measures"]["model"]) == 21
    assert row["effects"][0]["words"] and "weights" not in row
    client.force_login(make_person("out"))
    assert client.get(reverse("api-ranking-model-list")).json()["results"] == []


def test_what_describes_a_still_for_a_model_is_what_the_table_says(tables: dict[int, StillTable]) -> None:
    table = make_table(30, seed=3)
    np.testing.assert_array_equal(describe_stills(table.take([4, 9])), describe_stills(table)[[4, 9]])
