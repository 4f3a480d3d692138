"""How a training that workers do stands: asked for, running, over, and what came of it."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.core.cache import cache

from ava.exclusive import exclusive
from ava.messages import send_task

SILENT_AFTER_S = 60.0
"""After so long without a worker a training can be asked for again."""

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


class Training:
    """The training that goes by a name; at most one runs at a time."""

    def __init__(self, name: str) -> None:
        self._name = name

    def state(self) -> TrainingState:
        """How the last training stands; a worker that died while it trained is not waited for."""
        state = TrainingState(**cache.get(self._name, {}))
        if state.state != "running":
            return state
        with exclusive(self._name) as is_free:
            if not is_free:
                return state
        fresh = TrainingState(**cache.get(self._name, {}))
        if fresh != state:
            return fresh
        return TrainingState("failed", "The worker stopped before it was done; train again.")

    def request(self, task: str, *arguments: object) -> None:
        """Have a worker run the task that trains; asking twice trains once."""
        if not self.state().is_at_work:
            self.note("queued")
            send_task(task, *arguments)

    def run(self, train: Callable[[], str], *, refusal: type[Exception]) -> None:
        """Train now, unless another worker does; the sentence that `train` returns, or why it refused, is the state."""
        with exclusive(self._name) as is_free:
            if not is_free:
                return
            self.note("running")
            try:
                sentence = train()
            except refusal as error:
                self.note("failed", str(error))
            except Exception:
                self.note("failed", "Training failed; the workers' log says why.")
                raise
            else:
                self.note("done", sentence)

    def note(self, state: str, sentence: str = "") -> None:
        cache.set(self._name, asdict(TrainingState(state, sentence, time.time())), _KEPT_S)
