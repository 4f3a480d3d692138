"""The sensor map of a title: all flags over the picture, and the places at which they come back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log1p
from typing import Any, NamedTuple

from django.db.models import Count
from django.urls import reverse

from ava.form_numbers import read_number
from ava.models import Title
from qc.flag_places import keep_places
from qc.models import PixelFlag
from qc.pixel.sensor_grid import Box, Cell, count_cells, zoom_box
from qc.sensor_places import PLACES_A_PAGE, FlagRow, FoundPlaces, PlaceRow, gather_places, tell_places
from qc.sensor_query import Sensor, SensorQuery, list_sensors, read_sensor_query

MOST_SPOTS = 4000
"""Drawn one by one; where a part of the picture has more flags, they are counted by cells."""
PICTURE_WIDTH_PX = 1280
_FAINTEST = 0.18
_STEP = 0.25
"""By how much of what is seen the map moves."""


class Spots(NamedTuple):
    """Flags of one kind and state as a path of dots."""

    kind: str
    state: str
    path: str


class DrawnCell(NamedTuple):
    cell: Cell
    opacity: float


class LegendRow(NamedTuple):
    kind: str
    state: str
    label: str
    count: int


class Move(NamedTuple):
    name: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class SensorPage:
    """Everything that the page shows; `query` is None for a title without films."""

    sensors: Sequence[Sensor]
    query: SensorQuery | None = None
    spots: Sequence[Spots] = ()
    cells: Sequence[DrawnCell] = ()
    points: Sequence[tuple[int, float, float, str]] = ()
    legend: Sequence[LegendRow] = ()
    total: int = 0
    seen: int = 0
    places: Sequence[PlaceRow] = ()
    place_count: int = 0
    single_count: int = 0
    page: int = 1
    page_count: int = 1
    picture: str = ""
    moves: Sequence[Move] = ()

    @property
    def is_zoomed(self) -> bool:
        return self.query is not None and self.query.box != self.query.sensor.whole

    @property
    def unit(self) -> float:
        """Pixels of the film to one of a map that is 900 wide, by which letters and rings keep their size."""
        return self.query.box.width / 900 if self.query else 1.0

    @property
    def previous_query(self) -> str:
        return self.query.words(page=self.page - 1) if self.query and self.page > 1 else ""

    @property
    def next_query(self) -> str:
        return self.query.words(page=self.page + 1) if self.query and self.page < self.page_count else ""


def sensor_page(title: Title, *, query: Mapping[str, Any]) -> SensorPage:
    """The map that an address asks for; the caller has checked that the user sees the title."""
    sensors = list_sensors(title)
    asked = read_sensor_query(query, title=title, sensors=sensors)
    if asked is None:
        return SensorPage(sensors)
    keep_places(title)
    flags = asked.flags().order_by("video_id", "frame_index", "pk")
    rows = [FlagRow(*row) for row in flags.values_list(*FlagRow._fields)]
    seen = [row for row in rows if _is_inside(row, asked.box)]
    found = gather_places(seen)
    page_count = max(ceil(len(found.members) / PLACES_A_PAGE), 1)
    page = _read_page(query.get("page", ""), most=page_count)
    is_crowded = len(seen) > MOST_SPOTS
    return SensorPage(
        sensors=sensors,
        query=asked,
        spots=_draw_spots(_at_places(found, seen) if is_crowded else seen),
        cells=_draw_cells(seen, asked.box) if is_crowded else (),
        points=() if is_crowded else [_point(row) for row in seen],
        legend=_legend(rows),
        total=len(rows),
        seen=len(seen),
        places=tell_places(found, rows=seen, query=asked, start=(page - 1) * PLACES_A_PAGE),
        place_count=len(found.members),
        single_count=found.single_count,
        page=page,
        page_count=page_count,
        picture=_picture(asked) if asked.has_picture else "",
        moves=_moves(asked),
    )


def _is_inside(row: FlagRow, box: Box) -> bool:
    return box.x0 <= row.x + 0.5 <= box.x1 and box.y0 <= row.y + 0.5 <= box.y1


def _at_places(found: FoundPlaces, rows: Sequence[FlagRow]) -> list[FlagRow]:
    """One flag for each of the fullest places, so that these stand out of the crowd."""
    return [rows[group[0]] for group in found.members[:MOST_SPOTS]]


def _draw_spots(rows: Sequence[FlagRow]) -> list[Spots]:
    paths: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        paths.setdefault((row.kind, row.state), []).append(f"M{row.x + 0.5:.2f} {row.y + 0.5:.2f}h0")
    # What is settled lies below what still asks for somebody.
    order = {state: place for place, state in enumerate(("rejected", "unsure", "confirmed", "open", "disputed"))}
    return [
        Spots(kind, state, "".join(dict.fromkeys(path)))
        for (kind, state), path in sorted(paths.items(), key=lambda item: (order.get(item[0][1], 9), item[0][0]))
    ]


def _draw_cells(rows: Sequence[FlagRow], box: Box) -> list[DrawnCell]:
    cells = count_cells([row.x for row in rows], y=[row.y for row in rows], box=box)
    most = log1p(max((cell.flag_count for cell in cells), default=1))
    return [DrawnCell(cell, _FAINTEST + (1 - _FAINTEST) * log1p(cell.flag_count) / most) for cell in cells]


def _legend(rows: Sequence[FlagRow]) -> list[LegendRow]:
    counts = Counter((row.kind, row.state) for row in rows)
    return [
        LegendRow(kind, state, f"{kind_label}, {state_label.lower()}", counts[kind, state])
        for kind, kind_label in PixelFlag.Kind.choices
        for state, state_label in PixelFlag.State.choices
        if counts[kind, state]
    ]


def _point(row: FlagRow) -> tuple[int, float, float, str]:
    """What a script needs to tell and to open the flag under the pointer."""
    return row.pk, round(row.x + 0.5, 2), round(row.y + 0.5, 2), _name(row)


def _name(row: FlagRow) -> str:
    return f"{PixelFlag.Kind(row.kind).label} at {row.x:.0f}, {row.y:.0f}, frame {row.frame_index}"


def _picture(query: SensorQuery) -> str:
    """A frame from the middle of the film that has the most of what is shown: the first are often black."""
    counted = query.flags().order_by().values_list("video").annotate(count=Count("pk")).order_by("-count", "video")
    fullest = counted.values_list("video", flat=True).first()
    videos = query.sensor.videos
    video = query.video or next((video for video in videos if video.pk == fullest), videos[0])
    return f"{reverse('video-frame', args=[video.pk, video.frame_count // 2])}?w={PICTURE_WIDTH_PX}"


def _moves(query: SensorQuery) -> list[Move]:
    box, sensor = query.box, query.sensor
    across, down = box.width * _STEP, box.height * _STEP

    def zoom(factor: float) -> str:
        return query.words(box=zoom_box(box, width=sensor.width, height=sensor.height, factor=factor))

    def shift(x: float, y: float) -> str:
        moved = Box(box.x0 + x, box.y0 + y, box.x1 + x, box.y1 + y)
        return query.words(box=zoom_box(moved, width=sensor.width, height=sensor.height, factor=1.0))

    return [
        Move("in", "+", zoom(0.5)),
        Move("out", "−", zoom(2.0)),
        Move("left", "←", shift(-across, 0)),
        Move("up", "↑", shift(0, -down)),
        Move("down", "↓", shift(0, down)),
        Move("right", "→", shift(across, 0)),
        Move("whole", "Whole", query.words(box=sensor.whole)),
    ]


def _read_page(text: Any, *, most: int) -> int:
    return min(max(read_number(str(text)) or 1, 1), most)
