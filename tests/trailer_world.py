"""A world's trailer, matched with its film: made when it is asked for, as most tests count titles and films."""

from typing import TYPE_CHECKING, Any

from ava.models import Title
from curation.models import TrailerMatching, TrailerPart, TrailerVerdict

if TYPE_CHECKING:
    from tests.world import World

TRAILER_ROWS = ("trailermatching", "trailerpart", "trailerverdict")


def trailer_row(world: "World", model_name: str) -> Any:
    """The matching, a part of it, or what somebody said of that, by the model's lower-case name."""
    matching = TrailerMatching.objects.filter(film=world.video).first() or _make_matching(world)
    rows = (matching, matching.parts.get(), TrailerVerdict.objects.get(film=matching.film))
    return dict(zip(TRAILER_ROWS, rows, strict=True))[model_name]


def _make_matching(world: "World") -> TrailerMatching:
    from tests.world import make_film

    title = Title.objects.create(name=f"trailer-{world.mark}", kind=Title.Kind.TRAILER, parent=world.title)
    title.teams.set(world.title.teams.all())
    trailer = make_film(title, name=f"trailer-{world.mark}.mp4")
    matching = TrailerMatching.objects.create(film=world.video, trailer=trailer, error=f"error-{world.mark}")
    place = {"trailer_start": 0, "trailer_end": 10, "film_start": 40, "film_end": 50, "first_frame": 40}
    TrailerPart.objects.create(matching=matching, **place, speed=1.0, confidence=0.9)
    TrailerVerdict.objects.create(
        film=world.video, trailer=trailer, **place, verdict=TrailerVerdict.Verdict.RIGHT, user=world.editor
    )
    return matching
