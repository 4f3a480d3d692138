"""Where the interaction graph draws everybody, kept so that it looks the same at the next visit."""

from ava.models import Title, Video
from curation.cast import read_cast
from curation.models import Character
from curation.people_selectors import titles_in_scope


def settle_places(scope: Title) -> int:
    """Give everybody in a scope's films who has no place in the graph one, and keep it; returns how many were new.

    Those who have a place keep it. To be called after analyses and after people's actions.
    """
    cast = read_cast(scope, Video.objects.filter(title__in=titles_in_scope(scope)))
    unplaced = [member for member in cast.members if member.character.graph_x is None]
    for member in unplaced:
        member.character.graph_x, member.character.graph_y = member.place
    Character.objects.bulk_update([member.character for member in unplaced], ["graph_x", "graph_y"], batch_size=500)
    return len(unplaced)
