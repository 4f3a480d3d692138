"""What a trailer takes from a film, and what people said of it: the newest word holds, whatever analyses find."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from ava.models import User, Video
from ava.selectors import access_videos
from curation.models import TrailerMatching, TrailerPart, TrailerVerdict

SAME_FRAMES = 24
"""Film frames by which two matches may differ at one trailer frame and be one: analyses find cuts anew."""


class MapPart(NamedTuple):
    """Frames of a trailer (half-open), where in the film they are from, and what people said.

    `film_start` is None for what is not of the film, which then has a `reason` and perhaps, in `first_frame`, the
    film frame that comes nearest. `confidence` is None where a person said it and the last analysis did not find it.
    """

    trailer_start: int
    trailer_end: int
    film_start: int | None = None
    film_end: int | None = None
    first_frame: int | None = None
    speed: float | None = None
    mirrored: bool = False
    window: tuple[float, ...] | None = None
    confidence: float | None = None
    motion_agreement: float | None = None
    reason: str = ""
    verdict: str = ""
    said_by: str = ""

    @property
    def is_used(self) -> bool:
        """Whether it counts as taken from the film: found and not called wrong."""
        return self.film_start is not None and self.verdict != TrailerVerdict.Verdict.WRONG

    def film_frame(self, trailer_frame: int) -> int | None:
        """The film frame that a trailer frame shows; None for what is not of the film."""
        if self.film_start is None or self.film_end is None or self.first_frame is None:
            return None
        share = (trailer_frame - self.trailer_start) / max(self.trailer_end - self.trailer_start, 1)
        step = round(share * (self.film_end - self.film_start))
        backwards = self.film_end - self.first_frame < self.first_frame - self.film_start
        return min(max(self.first_frame + (-step if backwards else step), self.film_start), self.film_end - 1)


class Use(NamedTuple):
    """Film frames (half-open) that a trailer shows; `confidence` 0.5–1, and 1 where a person confirmed it."""

    start_frame: int
    end_frame: int
    trailer_id: int
    confidence: float


def access_matchings(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[TrailerMatching]:
    """Matchings of films and trailers that the user may both see."""
    videos = access_videos(user, roles=roles)
    return TrailerMatching.objects.filter(film__in=videos, trailer__in=videos)


def access_trailer_parts(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[TrailerPart]:
    return TrailerPart.objects.filter(matching__in=access_matchings(user, roles=roles))


def access_trailer_verdicts(user: User, *, roles: Iterable[str] | None = None) -> QuerySet[TrailerVerdict]:
    videos = access_videos(user, roles=roles)
    return TrailerVerdict.objects.filter(film__in=videos, trailer__in=videos)


def read_parts(matching: TrailerMatching) -> list[MapPart]:
    """Everything that is known of a pair, in the trailer's order, in two queries."""
    verdicts = standing_verdicts(
        TrailerVerdict.objects.filter(film=matching.film_id, trailer=matching.trailer_id).select_related("user")
    )
    parts = [_with_verdict(_found(part), verdicts) for part in matching.parts.all()]
    kept = [
        _said(verdict)
        for verdict in verdicts
        if verdict.verdict == TrailerVerdict.Verdict.RIGHT and not any(is_about(verdict, part) for part in parts)
    ]
    covered = [(part.trailer_start, part.trailer_end) for part in kept]
    parts = [part for part in parts if part.film_start is not None or not _is_within(part, covered)]
    return sorted([*parts, *kept], key=lambda part: (part.trailer_start, part.trailer_end, part.film_start or 0))


def trailer_uses(film: Video) -> list[Use]:
    """Which frames of a film its trailers show, in the film's order; nothing of trailers that are not this film's."""
    uses = []
    for matching in film.trailer_matchings.prefetch_related("parts").order_by("trailer"):
        for part in read_parts(matching):
            confirmed = part.verdict == TrailerVerdict.Verdict.RIGHT
            if part.is_used and (matching.belongs or confirmed):
                assert part.film_start is not None and part.film_end is not None
                certain = 1.0 if confirmed else part.confidence or 0.0
                uses.append(Use(part.film_start, part.film_end, matching.trailer_id, certain))
    return sorted(uses)


def standing_verdicts(said: Iterable[TrailerVerdict]) -> list[TrailerVerdict]:
    """Of what was said of a pair, oldest first, what still holds: of one match the newest word."""
    standing: list[TrailerVerdict] = []
    for verdict in said:
        own = _said(verdict)
        standing = [other for other in standing if not is_about(other, own)]
        standing.append(verdict)
    return [verdict for verdict in standing if verdict.verdict]


def is_about(verdict: TrailerVerdict, part: MapPart) -> bool:
    """Whether a word is about a match: most of the shorter one's trailer frames, and about the same film frames."""
    own = _said(verdict)
    start, end = max(own.trailer_start, part.trailer_start), min(own.trailer_end, part.trailer_end)
    shorter = min(own.trailer_end - own.trailer_start, part.trailer_end - part.trailer_start)
    if 2 * (end - start) < shorter:
        return False
    one, other = own.film_frame((start + end) // 2), part.film_frame((start + end) // 2)
    return one is not None and other is not None and abs(one - other) <= SAME_FRAMES


def _found(part: TrailerPart) -> MapPart:
    return MapPart(
        part.trailer_start, part.trailer_end, part.film_start, part.film_end, part.first_frame, part.speed,
        part.mirrored, tuple(part.window) if part.window else None, part.confidence,
        part.motion_agreement, part.reason,
    )  # fmt: skip


def _said(verdict: TrailerVerdict) -> MapPart:
    return MapPart(
        verdict.trailer_start, verdict.trailer_end, verdict.film_start, verdict.film_end, verdict.first_frame,
        verdict=verdict.verdict, said_by=str(verdict.user),
    )  # fmt: skip


def _with_verdict(part: MapPart, verdicts: Sequence[TrailerVerdict]) -> MapPart:
    for verdict in reversed(verdicts):
        if is_about(verdict, part):
            return part._replace(verdict=verdict.verdict, said_by=str(verdict.user))
    return part


def _is_within(part: MapPart, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= part.trailer_start and part.trailer_end <= end for start, end in spans)
