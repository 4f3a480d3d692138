"""What the page of expression models shows: versions with their figures, and faces as they are rated now."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.expression_examples import decided_faces
from curation.models import ExpressionModel, Face
from curation.people.expression_classifier import LEAST_EXAMPLES

SHOWN_FACES = 12
_LEFT_END, _RIGHT_END = 0.4, 1.0
"""Areas under the ROC curve between which the folds are drawn; 0.5 is chance."""

_LOOKED_THROUGH = 400
_LEAST_SCORE = 0.9


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure and where on its scale it is drawn, 0–100."""

    value: float
    x: float


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version with its figures placed for drawing."""

    model: ExpressionModel
    mean: Mark
    folds: Sequence[Mark]
    geometry: Mark | None

    @property
    def name(self) -> str:
        return f"version {self.model.version}"

    @property
    def is_better(self) -> bool:
        """True when it tells picked from rejected faces better than the untrained score does."""
        return self.geometry is not None and self.mean.value > self.geometry.value


@dataclass(frozen=True, slots=True)
class ExampleCounts:
    """How many faces there are to learn from."""

    picked: int
    rejected: int
    least: int = LEAST_EXAMPLES

    @property
    def are_enough(self) -> bool:
        return min(self.picked, self.rejected) >= self.least


def list_versions() -> list[VersionRow]:
    """Every version, newest first."""
    models = ExpressionModel.objects.select_related("created_by").defer("weights")
    return [
        VersionRow(
            model,
            _place(model.auc),
            [_place(value) for value in model.folds],
            None if model.geometry_auc is None else _place(model.geometry_auc),
        )
        for model in models
    ]


def count_examples() -> ExampleCounts:
    """Main faces of frames that stand picked or rejected, of all teams."""
    decided = decided_faces()
    picked = sum(face.is_picked for face in decided)
    return ExampleCounts(picked, len(decided) - picked)


def extreme_faces() -> tuple[list[Face], list[Face]]:
    """Faces that are rated best and lowest now, at most one a track; surely detected ones."""
    rated = Face.objects.filter(
        expression__isnull=False, score__gte=_LEAST_SCORE, track__is_face=True, track__is_static=False
    )
    return _one_a_track(rated.order_by("-expression", "pk")), _one_a_track(rated.order_by("expression", "pk"))


def _one_a_track(faces: Sequence[Face]) -> list[Face]:
    by_track: dict[int, Face] = {}
    for face in faces[:_LOOKED_THROUGH]:
        by_track.setdefault(face.track_id, face)
    return list(by_track.values())[:SHOWN_FACES]


def _place(value: float) -> Mark:
    share = (value - _LEFT_END) / (_RIGHT_END - _LEFT_END)
    return Mark(value, round(100 * min(max(share, 0.0), 1.0), 1))
