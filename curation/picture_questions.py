"""Pairs of pictures that AVA is least sure of: "Same picture?", to be answered by yes or no."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from ava.models import Title
from curation.models import Picture, SimilarPair
from curation.picture_cards import PictureCard, describe_pictures
from curation.picture_comparing import Pair
from curation.picture_pages import Likeness, describe_likeness
from curation.picture_verdicts import settled_words
from curation.similarity.index import INDEX_VERSION, SAME_PICTURE

DOUBT = 0.4
"""An index that is as far as this from the threshold is not worth a question."""
AHEAD = 3
"""Questions that a page holds, so that the next one is there at once."""
MOST_SKIPPED = 200
_KEY = re.compile(r"\d{1,18}-\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PictureQuestion:
    """Whether two pictures are the same; `key` stands for it in addresses."""

    first: PictureCard
    second: PictureCard
    likeness: Likeness
    is_grouped: bool
    """Whether the two are in one group now, so that a no parts them."""

    @property
    def key(self) -> str:
        return f"{self.first.pk}-{self.second.pk}"


@dataclass(frozen=True, slots=True)
class Questions:
    """The question that comes now, the next few, and how many are open."""

    asked: list[PictureQuestion]
    total: int
    skipped: tuple[str, ...]

    @property
    def skip_query(self) -> str:
        """For the address without the first question."""
        keys = [*self.skipped, *(each.key for each in self.asked[:1])]
        return urlencode({"skip": ",".join(keys)}, safe=",")


def read_skipped(query: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of questions that somebody passed over; anything else in the address is ignored."""
    keys = [key for key in query.get("skip", "").split(",") if _KEY.fullmatch(key)]
    return tuple(dict.fromkeys(keys))[-MOST_SKIPPED:]


def open_questions(title: Title, *, skipped: Collection[str] = (), limit: int = AHEAD) -> Questions:
    """What is to be asked about a title's pictures: of every two groups, or within one, the most doubtful pair."""
    doubts = [pair for pair in doubtful_pairs(title) if f"{pair.first_id}-{pair.second_id}" not in skipped]
    shown = doubts[:limit]
    pictures = {pk for pair in shown for pk in (pair.first_id, pair.second_id)}
    rows = Picture.objects.filter(pk__in=pictures).defer("descriptor")
    cards = describe_pictures(rows)
    groups = dict(rows.values_list("pk", "group"))
    asked = [
        PictureQuestion(
            cards[pair.first_id],
            cards[pair.second_id],
            describe_likeness(pair),
            groups[pair.first_id] is not None and groups[pair.first_id] == groups[pair.second_id],
        )
        for pair in shown
    ]
    return Questions(asked, total=len(doubts), skipped=tuple(skipped))


def doubtful_pairs(title: Title) -> list[SimilarPair]:
    """Pairs near the threshold on which nobody's word bears yet, the most doubtful first."""
    near = SimilarPair.objects.filter(
        first__title=title, version=INDEX_VERSION, index__gt=SAME_PICTURE - DOUBT, index__lt=SAME_PICTURE + DOUBT
    )
    groups = dict(Picture.objects.filter(title=title, group__isnull=False).values_list("pk", "group"))
    settled = settled_words(title.pk)
    found: dict[Pair, SimilarPair] = {}
    for pair in sorted(near, key=lambda pair: (abs(pair.index - SAME_PICTURE), pair.pk)):
        # Pictures without a group stand for themselves; the numbers of pictures and groups are kept apart by sign.
        one, other = (groups.get(pk, -pk) for pk in (pair.first_id, pair.second_id))
        if not settled.are_settled(pair.first_id, pair.second_id):
            found.setdefault((min(one, other), max(one, other)), pair)
    return list(found.values())
