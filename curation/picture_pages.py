"""What the page of like pictures shows: groups, each with its best copy and how like it the others are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet

from ava.models import Title, Video
from curation.ab_pages import PerformanceCard, performance_cards
from curation.decisions import current_decisions
from curation.models import Picture, PictureGroup, SimilarPair
from curation.picture_cards import PictureCard, describe_pictures
from curation.picture_comparing import Pair, parts_of, read_descriptors
from curation.picture_reasons import CopyFacts, explain_best
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.index import INDEX_VERSION, PARTS

GROUPS_A_PAGE = 24
MEMBERS_SHOWN = 60
"""Of one group on the page of all groups; its own page shows them all."""
KINDS = {"": "All", "stills": "Stills", "artwork": "Artwork", "mixed": "Stills and artwork"}
PART_NAMES = {
    "histogram": "Histogram", "structure": "Structure", "features": "Features", "emd": "Earth mover’s distance",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One of the four parts of an index, for people."""

    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two pictures are, as percent: the index and its four parts shown apart."""

    percent: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A copy in a group. `likeness` is to the best copy, None where the two were never compared."""

    card: PictureCard
    is_best: bool
    likeness: Likeness | None
    facts: CopyFacts | None
    verdict: str
    """What was decided on a still: pick, reject, or nothing."""


@dataclass(frozen=True, slots=True)
class GroupCard:
    group: PictureGroup
    members: tuple[Member, ...]
    """The best copy first, then by likeness."""
    count: int
    why: str
    performance: PerformanceCard | None

    @property
    def best(self) -> Member:
        return self.members[0]

    @property
    def others(self) -> tuple[Member, ...]:
        return self.members[1:]

    @property
    def more(self) -> int:
        return self.count - len(self.members)

    @property
    def has_stills(self) -> bool:
        return any(not member.card.is_artwork for member in self.members)


@dataclass(frozen=True, slots=True)
class GroupsPage:
    page: Page[PictureGroup]
    cards: list[GroupCard]
    kind: str
    counts: Mapping[str, int]
    """Groups by kind, as in `KINDS`."""
    picture_count: int
    waiting_count: int
    """Pictures that are not described and compared yet."""


def groups_page(title: Title, *, kind: str = "", number: str = "1", group: int | None = None) -> GroupsPage:
    """Groups of a title, the largest first; an unknown `kind` shows all of them, `group` one of them alone."""
    kind = kind if kind in KINDS else ""
    groups = title_groups(title)
    shown = groups.filter(pk=group) if group is not None else of_kind(groups, kind)
    page = Paginator(shown.order_by("-member_count", "pk"), GROUPS_A_PAGE).get_page(number)
    pictures = Picture.objects.filter(title=title)
    return GroupsPage(
        page=page,
        cards=group_cards(title, list(page), most=None if group is not None else MEMBERS_SHOWN),
        kind=kind,
        counts={name: of_kind(groups, name).count() for name in KINDS},
        picture_count=pictures.count(),
        waiting_count=pictures.filter(Q(descriptor_version=0) | Q(compared_version=0)).count(),
    )


def title_groups(title: Title) -> QuerySet[PictureGroup]:
    """A title's groups with the number of their members and of the artworks among them."""
    counted = PictureGroup.objects.filter(title=title).annotate(
        member_count=Count("members"), artwork_count=Count("members__artwork")
    )
    return counted.filter(member_count__gt=0)


def of_kind(groups: QuerySet[PictureGroup], kind: str) -> QuerySet[PictureGroup]:
    """Groups of stills alone, of artwork alone, or of both."""
    if kind == "stills":
        return groups.filter(artwork_count=0)
    if kind == "artwork":
        return groups.filter(artwork_count__gt=0, artwork_count=F("member_count"))
    if kind == "mixed":
        return groups.filter(artwork_count__gt=0, artwork_count__lt=F("member_count"))
    return groups


def group_cards(title: Title, groups: Sequence[PictureGroup], *, most: int | None = None) -> list[GroupCard]:
    """A card of each group; the queries are as many for any number of them."""
    rows = Picture.objects.filter(group__in=[group.pk for group in groups]).order_by("-quality", "pk")
    by_group: dict[int, list[int]] = {}
    for pk, group in rows.values_list("pk", "group"):
        by_group.setdefault(group, []).append(pk)
    # Where the best copy has just gone, the others are measured against the one of the highest quality meanwhile.
    bests = {group.pk: group.best_id or next(iter(by_group.get(group.pk, [])), 0) for group in groups}
    likenesses = _likenesses({bests[group.pk]: by_group.get(group.pk, []) for group in groups})
    shown = {
        group.pk: _order(by_group.get(group.pk, []), best=bests[group.pk], likenesses=likenesses)[:most]
        for group in groups
    }
    pictures = [pk for members in shown.values() for pk in members]
    cards = describe_pictures(Picture.objects.filter(pk__in=pictures).defer("descriptor"))
    facts = {pk: copy_facts(each) for pk, each in read_descriptors(Picture.objects.filter(pk__in=pictures))}
    verdicts = _verdicts(cards.values())
    tested = {card.group: card for card in performance_cards(title, pictures=pictures)}
    made = []
    for group in groups:
        members = tuple(
            Member(
                cards[pk], pk == bests[group.pk], likenesses.get((bests[group.pk], pk)), facts.get(pk),
                verdicts.get((cards[pk].video, cards[pk].frame_index), ""),
            )
            for pk in shown[group.pk]
        )  # fmt: skip
        others = [member.facts for member in members if member.facts and not member.is_best]
        why = explain_best(facts.get(bests[group.pk]), others=others, is_chosen=group.is_best_chosen)
        made.append(GroupCard(group, members, len(by_group.get(group.pk, [])), why, tested.get(group.pk)))
    return made


def copy_facts(descriptor: PictureDescriptor) -> CopyFacts:
    """What is told of a copy, from its descriptor."""
    width, height = descriptor.area_px
    return CopyFacts(descriptor.width_px, descriptor.height_px, width * height, *descriptor.quality)


def describe_likeness(pair: SimilarPair) -> Likeness:
    """An index and its parts for people."""
    values = parts_of(pair)
    return Likeness(
        round(100 * values["index"]),
        tuple(Part(PART_NAMES[name], round(100 * values[name])) for name in PARTS),
    )


def _likenesses(members_of: Mapping[int, Iterable[int]]) -> dict[Pair, Likeness]:
    """Of best copies to the members of their groups, keyed by these two."""
    pictures = {pk for members in members_of.values() for pk in members}
    bests = Q(first__in=list(members_of)) | Q(second__in=list(members_of))
    pairs = SimilarPair.objects.filter(bests, first__in=pictures, second__in=pictures, version=INDEX_VERSION)
    found: dict[Pair, Likeness] = {}
    for pair in pairs.order_by():
        likeness = describe_likeness(pair)
        found[pair.first_id, pair.second_id] = found[pair.second_id, pair.first_id] = likeness
    return found


def _order(members: Sequence[int], *, best: int, likenesses: Mapping[Pair, Likeness]) -> list[int]:
    """The best copy first, then those most like it."""

    def rank(pk: int) -> tuple[bool, int]:
        likeness = likenesses.get((best, pk))
        return pk != best, -(likeness.percent if likeness else 0)

    return sorted(members, key=rank)


def _verdicts(cards: Iterable[PictureCard]) -> dict[tuple[int | None, int | None], str]:
    videos = Video.objects.filter(pk__in={card.video for card in cards} - {None})
    return {
        (video.pk, frame): state.verdict
        for video in videos
        for frame, state in current_decisions(video).items()
        if state.verdict
    }
