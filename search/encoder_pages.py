"""What the pages of encoders and of training runs show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from ava.models import ACTIVE_STATES, User
from ava.training_curve import draw_shares
from ava.training_pages import RunPage
from search import encoders
from search.contrastive_pairs import LEAST_HELD_OUT, LEAST_LEARNT, FoundPairs, find_pairs
from search.contrastive_runs import VARIANTS
from search.encoder_versions import serves_alone, switches, why_not_releasable
from search.models import ContrastiveTraining, Encoder, FilmRenewal, ShotDescription, ShotVector
from search.selectors import access_contrastive_trainings, access_encoders

SHOWN_RUNS = 10
SHOWN_SWITCHES = 10
_HEAVY = ("parent__weights", "result__weights")
_VARIANT_NAMES = {"frozen": "Frames by their mean", "temporal": "Frames in their order"}


@dataclass(frozen=True)
class Figure:
    """One measure beside its parent's."""

    name: str
    own: str
    parent: str


@dataclass(frozen=True)
class EncoderRow:
    """One version of an encoder. ``embedded``: shots with a vector; ``refusal``: why it cannot be put to use;
    ``may_withdraw``: it is in use or on its way, and not the last that serves."""

    encoder: Encoder
    embedded: int
    figures: tuple[Figure, ...]
    verdict: str
    refusal: str
    unusable: str
    may_withdraw: bool

    @property
    def is_on_its_way(self) -> bool:
        return self.encoder.is_wanted and not self.encoder.is_serving

    @property
    def is_trained(self) -> bool:
        return self.encoder.kind == Encoder.Kind.TRAINED


@dataclass(frozen=True)
class EncodersPage:
    """The whole page. ``shots``: described ones of all films; ``films_waiting``: whose vectors are to be renewed."""

    rows: list[EncoderRow]
    unavailable: list[encoders.Unavailable]
    shots: int
    films_waiting: int
    found: FoundPairs
    least: tuple[int, int]
    variants: list[tuple[str, str]]
    runs: list[ContrastiveTraining]
    active_run: ContrastiveTraining | None
    switches: list[Any]
    may_change: bool

    @property
    def is_moving(self) -> bool:
        return self.active_run is not None or any(row.is_on_its_way for row in self.rows)

    @property
    def parents(self) -> list[Encoder]:
        """Encoders that the next version can be trained from, the one that serves first."""
        usable = [row.encoder for row in self.rows if not row.unusable]
        return sorted(usable, key=lambda encoder: not encoder.is_serving)


def read_encoders_page(user: User) -> EncodersPage:
    encoders.register_all()
    runs = access_contrastive_trainings(user).defer("settings", "checkpoint", "curve", *_HEAVY)
    shown = list(runs.select_related("parent", "result")[:SHOWN_RUNS])
    return EncodersPage(
        rows=list_encoders(access_encoders(user)),
        unavailable=encoders.unavailable(),
        shots=ShotDescription.objects.count(),
        films_waiting=FilmRenewal.objects.filter(state__in=ACTIVE_STATES).count(),
        found=find_pairs(),
        least=(LEAST_LEARNT, LEAST_HELD_OUT),
        variants=[(name, _VARIANT_NAMES[name]) for name in VARIANTS],
        runs=shown,
        active_run=next((run for run in shown if run.state in ACTIVE_STATES), None),
        switches=list(switches()[:SHOWN_SWITCHES]),
        may_change=user.is_superuser,
    )


def list_encoders(rows: QuerySet[Encoder]) -> list[EncoderRow]:
    """Versions with what is embedded and measured of each: serving ones first, then by name, the newest first."""
    counts = dict(ShotVector.objects.values_list("encoder").annotate(count=Count("pk")).order_by())
    found = list(rows.defer("weights", "parent__weights").select_related("parent", "created_by"))
    found.sort(key=lambda each: (not each.is_serving, not each.is_wanted, each.name, -each.version))
    return [
        EncoderRow(
            encoder=encoder,
            embedded=counts.get(encoder.pk, 0),
            figures=tell_figures(encoder.measures),
            verdict=str(encoder.measures.get("verdict", "")),
            refusal=why_not_releasable(encoder),
            unusable=encoders.why_unusable(encoder),
            may_withdraw=not serves_alone(encoder) if encoder.is_serving else encoder.is_wanted,
        )
        for encoder in found
    ]


def tell_figures(measures: dict[str, Any]) -> tuple[Figure, ...]:
    """Recall of both directions beside the parent's; none where nothing was measured."""
    own, parent = (measures.get(side) or {} for side in ("own", "parent"))
    figures = []
    for direction, words in (("text_to_shot", "Shots by texts"), ("shot_to_text", "Texts by shots")):
        mine, theirs = own.get(direction), parent.get(direction)
        if mine and theirs:
            figures += [
                Figure(f"{words}, R@{rank}", f"{mine[f'r{rank}']:.0%}", f"{theirs[f'r{rank}']:.0%}")
                for rank in (1, 5, 10)
            ]
            figures.append(
                Figure(f"{words}, median rank", f"{mine['median_rank']:g}", f"{theirs['median_rank']:g}")
            )
    return tuple(figures)


@dataclass(frozen=True)
class EncoderRunPage(RunPage):
    """A training run of an encoder and its curve of the loss and of recall."""

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.run.settings.get("counts", {}))

    @property
    def variant(self) -> str:
        return _VARIANT_NAMES.get(self.run.settings.get("variant", ""), "")

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tell_figures(self.run.result.measures) if self.run.result else ()

    @property
    def recall_percent(self) -> float | None:
        return None if self.held_out is None else 100 * self.held_out


def read_run_page(run: ContrastiveTraining, *, now: datetime) -> EncoderRunPage:
    drawing = draw_shares(run.curve, steps_total=run.steps_total, held_out="held-out R@5")
    return EncoderRunPage(run, name="encoder-training", now=now, drawing=drawing)
