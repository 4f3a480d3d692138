"""Films one after the other as strips over 0–1000: where somebody is seen, and what stands over it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from ava.models import Title, Video

THINNEST_SPAN = 1.5


@dataclass(frozen=True, slots=True)
class FilmSegment:
    """A film's part of the strips, 0–1000."""

    video: Video
    start: float
    width: float
    frame_url: str
    """The address of a frame of it, but for the frame's number."""

    @property
    def as_json(self) -> dict[str, Any]:
        """What a script needs to find the frame under a pointer."""
        return {
            "start": self.start, "width": self.width, "frames": self.video.frame_count, "url": self.frame_url,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AxisMark:
    percent: float
    label: str
    is_film: bool = False


def film_segments(videos: Sequence[Video]) -> list[FilmSegment]:
    """The films one after the other over 0–1000, as wide as they are long, with a little room between."""
    gap = 4.0 if len(videos) <= 50 else 0.0
    room, total = 1000 - gap * (len(videos) - 1), sum(video.duration_s for video in videos) or 1.0
    segments, start = [], 0.0
    for video in videos:
        width = room * video.duration_s / total
        url = f"{reverse('title', args=[video.title_id])}?video={video.pk}&frame="
        segments.append(FilmSegment(video, round(start, 3), round(width, 3), url))
        start += width + gap
    return segments


def strip_path(spans: Mapping[int, Iterable[tuple[int, int]]], *, films: Iterable[FilmSegment]) -> str:
    """Spans of frames by video as one SVG path over 0–1000 by 0–10; what nearly touches is drawn as one."""
    boxes: list[list[float]] = []
    for film in films:
        a_frame = film.width / max(film.video.frame_count, 1)
        edge = film.start + film.width
        for start_frame, end_frame in spans.get(film.video.pk, ()):
            left = min(film.start + start_frame * a_frame, edge - THINNEST_SPAN)
            right = min(max(film.start + end_frame * a_frame, left + THINNEST_SPAN), edge)
            if boxes and film.start <= left <= boxes[-1][1] + 0.3:
                boxes[-1][1] = max(boxes[-1][1], right)
            else:
                boxes.append([left, right])
    return "".join(f"M{left:.2f} 0H{right:.2f}V10H{left:.2f}z" for left, right in boxes)


def mark_axis(films: Sequence[FilmSegment], *, title: Title) -> list[AxisMark]:
    """What stands over the strips: the films where there are several, else times."""
    if len(films) != 1:
        return [AxisMark(film.start / 10, _film_label(film.video, title=title), True) for film in films]
    duration_s = films[0].video.duration_s
    quarters = [AxisMark(25 * part, clock(duration_s * part / 4)) for part in range(4)]
    return quarters if duration_s >= 4 else quarters[:1]


def clock(seconds: float) -> str:
    """3725 → "1:02:05"."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _film_label(video: Video, *, title: Title) -> str:
    film = video.title
    if film.kind == Title.Kind.EPISODE and film.season is not None and film.episode is not None:
        return f"S{film.season:02d}E{film.episode:02d}"
    return video.original_name if film.pk == title.pk else str(film)
