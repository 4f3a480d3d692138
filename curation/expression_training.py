"""How a training of the classifier of expressions stands: asked for, running, over, and what came of it."""

import logging
import time
from dataclasses import asdict, dataclass

from django.core.cache import cache

from ava.exclusive import exclusive
from ava.messages import send_task
from ava.models import User
from curation.expression_models import train_model
from curation.people.expression_classifier import TooFewExamples

logger = logging.getLogger(__name__)

SILENT_AFTER_S = 60.0
"""After so long without a worker a training can be asked for again."""

_KEY = "expression-training"
_KEPT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class TrainingState:
    """`state` is "", "queued", "running", "done" or "failed"; `sentence` says what came of it, `at_s` is since when."""

    state: str = ""
    sentence: str = ""
    at_s: float = 0.0

    @property
    def is_forgotten(self) -> bool:
        """True when it was asked for and no worker has taken it for a minute."""
        return self.state == "queued" and time.time() - self.at_s > SILENT_AFTER_S

    @property
    def is_at_work(self) -> bool:
        return self.state == "running" or (self.state == "queued" and not self.is_forgotten)


def training_state() -> TrainingState:
    """How the last training stands; a worker that died while it trained is not waited for."""
    state = TrainingState(**cache.get(_KEY, {}))
    if state.state != "running":
        return state
    with exclusive(_KEY) as is_free:
        if not is_free:
            return state
    fresh = TrainingState(**cache.get(_KEY, {}))
    return TrainingState("failed", "The worker stopped before it was done; train again.") if fresh == state else fresh


def request_training(user: User) -> None:
    """Have a worker train the next version; asking twice trains once."""
    if not training_state().is_at_work:
        _note("queued")
        send_task("curation.expression_tasks.train_expression", user.pk)


def run_training(user: User | None) -> None:
    """Train now, unless another worker does; why it could not be done stands in the state, where the page finds it."""
    with exclusive(_KEY) as is_free:
        if not is_free:
            return
        _note("running")
        try:
            model = train_model(user)
        except TooFewExamples as error:
            _note("failed", str(error))
        except Exception:
            _note("failed", "Training failed; the workers' log says why.")
            raise
        else:
            _note("done", f"Version {model.version} is trained.")


def _note(state: str, sentence: str = "") -> None:
    cache.set(_KEY, asdict(TrainingState(state, sentence, time.time())), _KEPT_S)
