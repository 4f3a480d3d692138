"""Which flags a sensor map shows, and which part of the picture, as its address says it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet

from ava.models import Title, Video
from qc.models import PixelFlag
from qc.pixel.sensor_grid import Box, zoom_box
from qc.report_request import reported


@dataclass(frozen=True, slots=True)
class Sensor:
    """Films of a title whose pictures have one size, and how many flags they have."""

    width: int
    height: int
    videos: tuple[Video, ...]
    flag_count: int

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def name(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def frame_count(self) -> int:
        return sum(video.frame_count for video in self.videos)


@dataclass(frozen=True, slots=True)
class SensorQuery:
    """`state`, `kind`: one, or empty for all. `video`: one film of the sensor's, or None for all of them."""

    title: Title
    sensor: Sensor
    video: Video | None
    state: str
    kind: str
    box: Box
    has_picture: bool

    def flags(self) -> QuerySet[PixelFlag]:
        """The flags that are shown, wherever in the picture."""
        videos = [self.video] if self.video else self.sensor.videos
        flags = reported(self.title).filter(video__in=[video.pk for video in videos])
        if self.state:
            flags = flags.filter(state=self.state)
        return flags.filter(kind=self.kind) if self.kind else flags

    def words(self, **changed: Any) -> str:
        """The query of an address that shows the same but for what is changed; None takes a word away."""
        box = changed.pop("box", self.box)
        words: dict[str, Any] = {
            "size": self.sensor.name,
            "video": self.video.pk if self.video else None,
            "state": self.state,
            "kind": self.kind,
            "picture": None if self.has_picture else "0",
            "box": None if box == self.sensor.whole else ",".join(f"{edge:.1f}" for edge in box),
        } | changed
        return urlencode({name: value for name, value in words.items() if value not in {"", None}})


def read_sensor_query(query: Mapping[str, Any], *, title: Title, sensors: tuple[Sensor, ...]) -> SensorQuery | None:
    """What an address asks for; anything unknown is ignored. None for a title without films."""
    if not sensors:
        return None
    asked = str(query.get("video", ""))
    videos = {str(video.pk): (sensor, video) for sensor in sensors for video in sensor.videos}
    sizes = {sensor.name: sensor for sensor in sensors}
    sensor, video = videos.get(asked, (sizes.get(str(query.get("size", "")), sensors[0]), None))
    state, kind = str(query.get("state", "")), str(query.get("kind", ""))
    return SensorQuery(
        title=title,
        sensor=sensor,
        video=video,
        state=state if state in PixelFlag.State.values else "",
        kind=kind if kind in PixelFlag.Kind.values else "",
        box=_read_box(str(query.get("box", "")), sensor=sensor),
        has_picture=query.get("picture") != "0",
    )


def list_sensors(title: Title) -> tuple[Sensor, ...]:
    """The sizes of a title's pictures, that with the most flags first; films of one size are taken for one camera."""
    counted = reported(title).order_by().values_list("video").annotate(Count("pk"))
    counts: dict[int, int] = dict(counted)
    by_size: dict[tuple[int, int], list[Video]] = {}
    columns = ("pk", "title_id", "original_name", "width", "height", "frame_count", "created_at")
    for video in (
        Video.objects.filter(title=title, width__gt=0, height__gt=0).only(*columns).order_by("created_at", "pk")
    ):
        by_size.setdefault((video.width, video.height), []).append(video)
    sensors = [
        Sensor(width, height, tuple(videos), sum(counts.get(video.pk, 0) for video in videos))
        for (width, height), videos in by_size.items()
    ]
    return tuple(sorted(sensors, key=lambda sensor: (-sensor.flag_count, -sensor.width, -sensor.height)))


def _read_box(text: str, *, sensor: Sensor) -> Box:
    """The part of the picture that is shown, of its shape and inside of it; all of it where the words are none."""
    try:
        x0, y0, x1, y1 = (float(word) for word in text.split(","))
    except ValueError:
        return sensor.whole
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or not (x0 < x1 and y0 < y1):
        return sensor.whole
    if max(map(abs, (x0, y0, x1, y1))) > 10 * max(sensor.width, sensor.height):
        return sensor.whole
    return zoom_box(Box(x0, y0, x1, y1), width=sensor.width, height=sensor.height, factor=1.0)
