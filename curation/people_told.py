"""Telling what was done to a cast: open pages at once, and workers that rank its stills again."""

from collections.abc import Iterable

from ava.messages import send_task
from ava.models import Team, Title
from curation.models import PeopleAction
from curation.people_selectors import titles_in_scope

MOST_LABELS = 3


def tell(action: PeopleAction, *, videos: Iterable[int] = ()) -> None:
    """After the transaction: renew the pages of everybody who sees the cast, and rank the stills of `videos` again.

    `videos` are those in which somebody is somebody else now.
    """
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    message = {
        "type": "people",
        "scope_id": action.scope_id,
        "kind": action.kind,
        "sentence": action.sentence,
        "user": action.user.get_username(),
    }
    for title in _titles_to_tell(action.scope):
        publish(title_id=title, message=message | {"title_id": title})
    told = sorted(set(videos))
    if told:
        send_task("curation.tasks.complete_cast", action.scope_id)
    for video in told:
        send_task("curation.tasks.rank_again", video)


def _titles_to_tell(scope: Title) -> list[int]:
    """As few titles of the scope as reach every team that sees any of them, the scope itself first."""
    shown = Team.titles.through.objects.filter(title__in=titles_in_scope(scope)).order_by("title_id")
    teams: dict[int, set[int]] = {scope.pk: set()}
    for title, team in shown.values_list("title_id", "team_id"):
        teams.setdefault(title, set()).add(team)
    told: list[int] = []
    reached: set[int] = set()
    for title, its in teams.items():
        if title == scope.pk or its - reached:
            told.append(title)
            reached |= its
    return told


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def enumerate_labels(labels: Iterable[str]) -> str:
    """Such as "Anna, Bea and 3 others"."""
    labels = list(labels)
    if len(labels) > MOST_LABELS:
        labels = [*labels[: MOST_LABELS - 1], f"{len(labels) - MOST_LABELS + 1} others"]
    return " and ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)
