"""What people say of matches between trailer and film: kept apart from what is found, and never overwritten."""

from django.db import transaction

from ava.models import User
from ava.turns import take_turn
from curation.models import TrailerMatching, TrailerVerdict
from curation.trailer_news import publish_map
from curation.trailer_reading import MapPart, read_parts


class UnknownPart(Exception):
    """Nothing is known of that span of the trailer any more; the text says what to do."""


@transaction.atomic
def say_verdict(matching: TrailerMatching, *, trailer_start: int, film_start: int, verdict: str, user: User) -> MapPart:
    """Say that the match which begins at these frames is right or wrong, or take back what was said ("").

    Returns the match. Raises UnknownPart where an analysis has changed the map meanwhile.
    """
    take_turn(matching)
    for part in read_parts(matching):
        if (part.trailer_start, part.film_start) == (trailer_start, film_start):
            _write(matching, part, verdict=verdict, user=user)
            return part._replace(verdict=verdict)
    raise UnknownPart("The map was made anew meanwhile; look at it again.")


def _write(matching: TrailerMatching, part: MapPart, *, verdict: str, user: User) -> None:
    if part.verdict == verdict:
        return
    TrailerVerdict.objects.create(
        film_id=matching.film_id,
        trailer_id=matching.trailer_id,
        trailer_start=part.trailer_start,
        trailer_end=part.trailer_end,
        film_start=part.film_start,
        film_end=part.film_end,
        first_frame=part.first_frame,
        verdict=verdict,
        user=user,
    )
    publish_map(matching.film, matching.trailer)
