"""What the page of a film's words shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from ava.models import User, Video, WorkState
from ava.roles import may_edit
from ava.selectors import ADMINISTERING_ROLES, access_titles
from search.embed.describe import CANNOT_KNOW
from search.film_clocks import film_clock
from search.models import DialogueLine, FilmRenewal, ShotDescription, ShotLabel

SHOTS_A_PAGE = 24


@dataclass(frozen=True, slots=True)
class LabelShown:
    """A label and whether the person may take it back."""

    label: ShotLabel
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class ShotShown:
    """A shot with all that it is found by."""

    start_frame: int
    end_frame: int
    timecode: str
    text: str
    lines: tuple[DialogueLine, ...]
    labels: tuple[LabelShown, ...]

    @property
    def middle_frame(self) -> int:
        return (self.start_frame + self.end_frame) // 2


@dataclass(frozen=True, slots=True)
class WordsPage:
    """The words of one film for one person."""

    video: Video
    shots: Page[ShotShown]
    sources: list[dict[str, Any]]
    renewal: FilmRenewal | None
    may_edit: bool
    cannot_know: str = CANNOT_KNOW

    @property
    def is_renewing(self) -> bool:
        return self.renewal is not None and self.renewal.state in {WorkState.QUEUED, WorkState.RUNNING}


def words_page(video: Video, user: User, query: Mapping[str, str]) -> WordsPage:
    """Read it; `page` of the address chooses the shots."""
    rows = video.shot_descriptions.defer("words", "facts").order_by("start_frame")
    page = Paginator(rows, SHOTS_A_PAGE).get_page(query.get("page", 1))
    page.object_list = _show(video, list(page.object_list), user=user)
    return WordsPage(
        video=video,
        shots=page,
        sources=_sources(video),
        renewal=FilmRenewal.objects.filter(video=video).first(),
        may_edit=may_edit(user, title_id=video.title_id),
    )


def labels_shown(labels: Sequence[ShotLabel], *, user: User, title_id: int) -> list[LabelShown]:
    """Labels with whether the person may take each back; in two queries for any number."""
    if not labels:
        return []
    administers = access_titles(user, roles=ADMINISTERING_ROLES).filter(pk=title_id).exists()
    edits = administers or may_edit(user, title_id=title_id)
    return [LabelShown(label, administers or (edits and label.user_id == user.pk)) for label in labels]


def _show(video: Video, rows: Sequence[ShotDescription], *, user: User) -> list[ShotShown]:
    if not rows:
        return []
    reach = Q(start_frame__lt=rows[-1].end_frame, end_frame__gt=rows[0].start_frame)
    lines = list(video.dialogue_lines.filter(reach).defer("words").order_by("start_frame", "pk"))
    standing = video.shot_labels.filter(reach, stands=True).defer("words").select_related("user").order_by("pk")
    clock = film_clock(video)
    labels = labels_shown(list(standing), user=user, title_id=video.title_id)
    return [
        ShotShown(
            start_frame=row.start_frame,
            end_frame=row.end_frame,
            timecode=clock.timecode(row.start_frame),
            text=row.text,
            lines=tuple(line for line in lines if _touches(line, row)),
            labels=tuple(each for each in labels if _touches(each.label, row)),
        )
        for row in rows
    ]


def _touches(spoken: DialogueLine | ShotLabel, row: ShotDescription) -> bool:
    return spoken.start_frame < row.end_frame and spoken.end_frame > row.start_frame


def _sources(video: Video) -> list[dict[str, Any]]:
    """Lines by source and language, with what the source is called."""
    found = video.dialogue_lines.order_by("source", "language").values("source", "language")
    return [
        row | {"label": DialogueLine.Source(row["source"]).label, "is_uploaded": row["source"] == "uploaded"}
        for row in found.annotate(count=Count("pk"))
    ]
