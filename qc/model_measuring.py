"""Measuring versions that came without figures: the shipped one, and files that people brought."""

from django.core.cache import cache

from ava.exclusive import exclusive
from ava.messages import send_task
from qc.model_versions import MEASURE_TASK, active_model, load_model
from qc.models import PixelModel
from qc.pixel.model_file import UnfitModel
from qc.training_examples import find_reviewed, load_examples

_RESENT_AFTER_S = 300


def measure_version(model_id: int) -> None:
    """Measure a version on the held-out set beside its parent, or beside the one in use; once, whoever calls."""
    with exclusive(f"pixel model {model_id}") as is_mine:
        model = PixelModel.objects.select_related("parent").filter(pk=model_id, measures={}).first()
        if not is_mine or model is None:
            return
        PixelModel.objects.filter(pk=model_id, measures={}).update(measures=_measure(model))


def resend_measuring() -> None:
    """Send again what was lost of it, every few minutes."""
    for pk in PixelModel.objects.filter(measures={}).values_list("pk", flat=True):
        if cache.add(f"pixel-model-measuring-{pk}", True, _RESENT_AFTER_S):
            send_task(MEASURE_TASK, pk)


def _measure(model: PixelModel) -> dict[str, object]:
    from qc.pixel.releasing import measure_beside, score_held_out

    try:
        fitting = load_model(model)
        other = model.parent or active_model()
        beside = load_model(other) if other.pk != model.pk else None
    except UnfitModel as error:
        return {"is_fit": False, "verdict": str(error)}
    held_back = [row for row in find_reviewed().judged if row[2]]
    examples = load_examples(held_back, parent=beside or fitting)
    scored = score_held_out(fitting.network, parent=beside, held_back=examples.held_back)
    return measure_beside(scored, threshold=fitting.threshold, parent=beside, parent_name=f"version {other.version}")
