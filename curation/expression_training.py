"""The training of the classifier of expressions, which workers do."""

from ava.models import User
from curation.expression_models import train_model
from curation.people.expression_classifier import TooFewExamples
from curation.trainings import Training, TrainingState

TRAINING = Training("expression-training")


def training_state() -> TrainingState:
    return TRAINING.state()


def request_training(user: User) -> None:
    """Have a worker train the next version; asking twice trains once."""
    TRAINING.request("curation.expression_tasks.train_expression", user.pk)


def run_training(user: User | None) -> None:
    """Train now, unless another worker does; why it could not be done stands in the state, where the page finds it."""
    TRAINING.run(lambda: f"Version {train_model(user).version} is trained.", refusal=TooFewExamples)
