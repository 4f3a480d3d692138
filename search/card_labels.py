"""What people wrote about the shots of results, and who may write more: beside each hit, in few queries for all."""

from collections.abc import Sequence
from dataclasses import replace

from ava.models import User
from ava.selectors import ADMINISTERING_ROLES, EDITING_ROLES, access_titles
from search.models import ShotLabel
from search.result_cards import Card
from search.words_page import LabelShown


def with_labels(cards: Sequence[Card], *, user: User) -> list[Card]:
    """The cards with the labels that touch their spans; the person sees their films."""
    titles = {card.video.title_id for card in cards}
    edited, administered = (
        set(access_titles(user, roles=roles).filter(pk__in=titles).values_list("pk", flat=True))
        for roles in (EDITING_ROLES, ADMINISTERING_ROLES)
    )
    standing = ShotLabel.objects.filter(video__in={card.video.pk for card in cards}, stands=True)
    written: dict[int, list[ShotLabel]] = {}
    for label in standing.defer("words").select_related("user").order_by("pk"):
        written.setdefault(label.video_id, []).append(label)

    def shown(card: Card, label: ShotLabel) -> LabelShown:
        title = card.video.title_id
        return LabelShown(label, title in administered or (title in edited and label.user_id == user.pk))

    return [
        replace(
            card,
            may_label=card.video.title_id in edited,
            written=tuple(
                shown(card, label)
                for label in written.get(card.video.pk, ())
                if label.start_frame < card.end_frame and label.end_frame > card.start_frame
            ),
        )
        for card in cards
    ]
