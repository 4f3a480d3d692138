"""What scans find, as rows that outlive scans: the same error found again is the same row, with what was said of it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from ava.models import Video
from qc.models import FlagPatch, PixelDecision, PixelFlag, PixelModel
from qc.pixel.found import HotPixel, StuckPixel
from qc.pixel.patches import Patch, pack_patch
from qc.pixel.upright import to_upright

SAME_PLACE_PX = 2.0
"""What two scans find at most so far apart is one error."""

_Thing = TypeVar("_Thing")
_MEASURES = ("frame_index", "x", "y", "area_px", "peak", "confidence", "amplitude", "spans", "last_raised_by_id")


class _Found(NamedTuple):
    """One error as a row would hold it, and the pixels around it where they were kept."""

    fields: dict[str, object]
    patch: Patch | None

    @property
    def place(self) -> tuple[float, float]:
        return float(self.fields["x"]), float(self.fields["y"])  # type: ignore[arg-type]

    @property
    def spans(self) -> Sequence[Sequence[int]]:
        return self.fields["spans"]  # type: ignore[return-value]


def save_hot_flags(
    video: Video,
    *,
    start_frame: int,
    end_frame: int,
    hot: Sequence[HotPixel],
    patches: Sequence[Patch],
    model: PixelModel,
) -> None:
    """Renew the hot flags of a half-open span of frames, in the caller's transaction.

    What was flagged before in the same frame (or in a repeat of it) within `SAME_PLACE_PX` keeps its row with all
    that people said of it. What is raised no more is deleted, unless somebody has spoken of it or marked it.
    `patches` go with `hot` one by one.
    """
    known = list(
        _locked(video.pixel_flags.filter(
            kind=PixelFlag.Kind.HOT, frame_index__gte=start_frame, frame_index__lt=end_frame
        ))
    )  # fmt: skip
    found = [_hot_fields(video, spot, patch, model=model) for spot, patch in zip(hot, patches, strict=True)]
    _renew(video, known, found, kind=PixelFlag.Kind.HOT, model=model)


def save_stuck_flags(video: Video, *, stuck: Sequence[StuckPixel], model: PixelModel | None = None) -> None:
    """Renew the stuck flags of a whole film, in the caller's transaction, as `save_hot_flags` does for a span."""
    known = list(_locked(video.pixel_flags.filter(kind=PixelFlag.Kind.STUCK)))
    found = [_stuck_fields(video, pixel) for pixel in stuck]
    _renew(video, known, found, kind=PixelFlag.Kind.STUCK, model=model)


def fold_into_stuck(video: Video) -> None:
    """Hide hot flags that only show a stuck pixel of the film, and show those again that no longer do.

    They stay, as not current, and are back without another scan where the stuck pixel is found no more. What people
    spoke of is not shown again, for a scan that did not raise it may have hidden it.
    """
    stuck: dict[tuple[int, int], list[PixelFlag]] = defaultdict(list)
    for pixel in video.pixel_flags.filter(kind=PixelFlag.Kind.STUCK, is_current=True):
        stuck[_cell((pixel.x, pixel.y))].append(pixel)
    hidden, shown = [], []
    hot = _locked(video.pixel_flags.filter(kind=PixelFlag.Kind.HOT, added_by=None))
    hot = hot.only("x", "y", "spans", "is_current")
    for flag in hot if stuck else hot.filter(is_current=False):
        is_stuck = any(
            _distance_px((flag.x, flag.y), (each.x, each.y)) <= SAME_PLACE_PX and _overlap(flag.spans, each.spans)
            for each in _around((flag.x, flag.y), stuck)
        )
        if is_stuck == flag.is_current:
            (hidden if is_stuck else shown).append(flag.pk)
    spoken_of = Exists(PixelDecision.objects.filter(flag=OuterRef("pk")))
    PixelFlag.objects.filter(pk__in=hidden).update(is_current=False)
    PixelFlag.objects.filter(~spoken_of, pk__in=shown).update(is_current=True)


def _locked(flags: QuerySet[PixelFlag]) -> QuerySet[PixelFlag]:
    """Rows that nobody else changes until the transaction ends, always taken in the same order."""
    return flags.select_for_update(of=("self",)).order_by("pk")


def _hot_fields(video: Video, spot: HotPixel, patch: Patch, *, model: PixelModel) -> _Found:
    place = to_upright(spot.x, spot.y, film=video)
    end = min(spot.frame_index + spot.repeats + 1, video.frame_count)
    return _Found(
        {
            "frame_index": spot.frame_index, "x": place.x, "y": place.y, "area_px": spot.area_px, "peak": spot.peak,
            "confidence": spot.confidence, "amplitude": spot.amplitude, "spans": [[spot.frame_index, end]],
            "last_raised_by_id": model.pk,
        },
        patch,
    )  # fmt: skip


def _stuck_fields(video: Video, pixel: StuckPixel) -> _Found:
    place = to_upright(pixel.x, pixel.y, film=video)
    spans = sorted([int(start), int(end)] for start, end in pixel.spans)
    return _Found(
        {
            "frame_index": spans[0][0], "x": place.x, "y": place.y, "area_px": pixel.area_px,
            "peak": pixel.confidence, "confidence": pixel.confidence, "amplitude": pixel.amplitude, "spans": spans,
            "last_raised_by_id": None,
        },
        None,
    )  # fmt: skip


def _renew(
    video: Video, known: list[PixelFlag], found: list[_Found], *, kind: str, model: PixelModel | None
) -> None:
    pairs = _pair(known, found)
    renewed = []
    for row, each in pairs:
        for name, value in each.fields.items():
            setattr(row, name, value)
        row.is_current = True
        renewed.append(row)
    PixelFlag.objects.bulk_update(renewed, [*_MEASURES, "is_current"], batch_size=500)
    paired = {id(each) for _, each in pairs}
    fresh = [each for each in found if id(each) not in paired]
    added = PixelFlag.objects.bulk_create(
        (PixelFlag(video=video, kind=kind, raised_by=model, **each.fields) for each in fresh), batch_size=500
    )
    _save_patches([*pairs, *zip(added, fresh, strict=True)])
    kept = {row.pk for row in renewed}
    _take_back([row for row in known if row.pk not in kept])


def _pair(known: Iterable[PixelFlag], found: Iterable[_Found]) -> list[tuple[PixelFlag, _Found]]:
    """Each row with what was found again of it: nearest first, each once, whatever the order of either."""
    cells: dict[tuple[int, int], list[_Found]] = defaultdict(list)
    for each in found:
        cells[_cell(each.place)].append(each)
    near = []
    for row in known:
        for each in _around((row.x, row.y), cells):
            away = _distance_px((row.x, row.y), each.place)
            if away <= SAME_PLACE_PX and (row.kind == PixelFlag.Kind.STUCK or _overlap(row.spans, each.spans)):
                near.append((away, row.pk, each.spans[0][0], each.place, row, each))
    near.sort(key=lambda candidate: candidate[:4])
    pairs: list[tuple[PixelFlag, _Found]] = []
    rows_taken: set[int] = set()
    found_taken: set[int] = set()
    for *_, row, each in near:
        if row.pk not in rows_taken and id(each) not in found_taken:
            rows_taken.add(row.pk)
            found_taken.add(id(each))
            pairs.append((row, each))
    return pairs


def _cell(place: tuple[float, float]) -> tuple[int, int]:
    return math.floor(place[0] / SAME_PLACE_PX), math.floor(place[1] / SAME_PLACE_PX)


def _around(place: tuple[float, float], cells: Mapping[tuple[int, int], Sequence[_Thing]]) -> Iterator[_Thing]:
    """What lies in the cell of a place and in those around it: all within `SAME_PLACE_PX`, and some beyond."""
    column, line = _cell(place)
    for cell in ((column + dx, line + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
        yield from cells.get(cell, ())


def _distance_px(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])


def _overlap(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> bool:
    return any(start < other_end and other_start < end for start, end in one for other_start, other_end in other)


def _save_patches(pairs: Iterable[tuple[PixelFlag, _Found]]) -> None:
    kept = ((flag, found.patch) for flag, found in pairs if found.patch is not None)
    FlagPatch.objects.bulk_create(
        (
            FlagPatch(flag=flag, x0=patch.x0, y0=patch.y0, side_px=patch.pixels.shape[1], pixels=pack_patch(patch))
            for flag, patch in kept
        ),
        batch_size=200,
        update_conflicts=True,
        unique_fields=["flag"],
        update_fields=["x0", "y0", "side_px", "pixels"],
    )


def _take_back(flags: Iterable[PixelFlag]) -> None:
    """Delete what nobody has spoken of or marked; mark the rest as raised no more. Marks of people stay current."""
    raised = [flag.pk for flag in flags if flag.added_by_id is None]
    spoken_of = Exists(PixelDecision.objects.filter(flag=OuterRef("pk")))
    chosen = PixelFlag.objects.filter(pk__in=raised)
    chosen.filter(spoken_of).update(is_current=False)
    chosen.filter(~spoken_of).delete()
