"""What the page of expression models shows: versions with their figures, and faces as they are rated now."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.expression_examples import decided_faces
from curation.fold_marks import Mark, place_mark
from curation.models import ExpressionModel, Face
from curation.people.expression_classifier import LEAST_EXAMPLES

SHOWN_FACES = 12
_LOOKED_THROUGH = 400
_LEAST_SCORE = 0.9


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
            place_mark(model.auc),
            [place_mark(value) for value in model.folds],
            None if model.geometry_auc is None else place_mark(model.geometry_auc),
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
