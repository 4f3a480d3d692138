"""The "embed" stage: a finished film becomes searchable by words, dialogue and vectors."""

from ava.messages import send_task
from ava.stages import Stage, StageRun
from search.film_making import make_searchable
from search.renewal import INDEX_TASK
from search.shot_descriptions import described_shots


def embed_film(run: StageRun) -> None:
    """Describe the shots of a finished analysis, read what is said in the film, and make the vectors of its shots.

    Without an encoder only the words are made; its vectors follow when one is installed.
    """
    if not run.is_final:
        return
    shots = described_shots(run.video).count()
    make_searchable(run.video, report=lambda done: run.report(min(done, shots), shots))
    run.report(shots, shots)
    send_task(INDEX_TASK)  # one film more can be the one from which on an index is worth its while


EMBED_STAGE = Stage(
    name="embed", label="Describing shots in words", run=embed_film, unit="shots", has_provisional_run=False
)
