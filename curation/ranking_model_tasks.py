"""What workers are called for about ranking models, and how their trainings stand."""

from celery import shared_task

from ava.messages import send_task
from ava.models import Team, User
from curation import ranking_models
from curation.learning.validation import TooFewPreferences
from curation.models import RankingProfile
from curation.trainings import Training


def training_of(team: Team) -> Training:
    return Training(f"ranking-training-{team.pk}")


def request_training(team: Team, *, user: User) -> None:
    """Have a worker train the team's next version; asking twice trains once."""
    training_of(team).request("curation.ranking_model_tasks.train_ranking", team.pk, user.pk)


@shared_task
def train_ranking(team_id: int, user_id: int | None) -> None:
    """Train a team's next version; what came of it stands where the page finds it."""
    team = Team.objects.filter(pk=team_id).first()
    user = User.objects.filter(pk=user_id).first()
    if team is not None:
        training_of(team).run(lambda: _train(team, user), refusal=TooFewPreferences)


@shared_task
def look_again_at_ranking(team_id: int) -> None:
    """Give a team's version in use up when it is no better than the weights have become."""
    team = Team.objects.filter(pk=team_id).first()
    if team is not None:
        ranking_models.fall_back_unless_better(team)


def weights_changed(instance: RankingProfile, **kwargs: object) -> None:
    """A receiver of signals: a version in use was compared with other weights than the team has now."""
    if ranking_models.active_model(instance.team_id) is not None:
        send_task("curation.ranking_model_tasks.look_again_at_ranking", instance.team_id)


def _train(team: Team, user: User | None) -> str:
    model = ranking_models.train_model(team, user=user)
    return f"Version {model.version} is trained. {model.measures['verdict']}"
