"""The groups of a title's like pictures: made anew from what was measured and said, each keeping its number."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from django.db.models import Exists, F, OuterRef, Q

from ava.models import Title, User
from curation.models import Picture, PictureAction, PictureGroup, SimilarPair
from curation.picture_comparing import Descriptors, LazyDescriptors, Pair, described_pictures, save_pairs
from curation.picture_reasons import LEAST_LETTERING_UNIT
from curation.picture_verdicts import Settled, settled_words
from curation.similarity.best_copy import best_copy, copy_quality
from curation.similarity.descriptor import PictureDescriptor
from curation.similarity.grouping import group_pictures
from curation.similarity.index import INDEX_VERSION, SAME_PICTURE, compare_pictures

ROWS_A_SAVE = 1000
MOST_WEIGHED = 40
"""Copies of one picture that are weighed against one another for the best."""
CLEAN_ENOUGH = 0.95
"""Share of the highest quality from which a copy without lettering is kept rather than one with some."""
_CHOOSING = (PictureAction.Kind.BEST, PictureAction.Kind.KEEP)



def regroup(title: Title, *, about: Iterable[int] | None = None) -> None:
    """Bring the groups of a title in line with its pairs and with what people said; call it in the title's turn.

    `about` narrows the work to what hangs together with some pictures, with the same end. A group keeps its number as
    long as most of it stays together, and the best copy that a person chose.
    """
    before = dict(Picture.objects.filter(title=title, group__isnull=False).order_by("pk").values_list("pk", "group"))
    alike = SimilarPair.objects.filter(first__title=title, version=INDEX_VERSION).order_by("first", "second")
    indexes: dict[int, dict[int, float]] = {}
    for first, second, index in alike.values_list("first", "second", "index"):
        indexes.setdefault(first, {})[second] = index
    settled = settled_words(title.pk)
    islands = _find_islands(indexes, settled, before)
    if about is not None:
        wanted = set(about)
        islands = [island for island in islands if not wanted.isdisjoint(island)]
    touched = {picture for island in islands for picture in island}
    descriptors, described = Descriptors(), described_pictures(title)
    clusters = [
        cluster
        for island in islands
        if len(island) > 1
        for cluster in _split_island(
            island,
            known=LazyDescriptors((pk for pk in island if pk in described), descriptors=descriptors),
            indexes=indexes,
            settled=settled,
        )
    ]
    mine = {picture: group for picture, group in before.items() if picture in touched}
    groups = _save_groups(title, sorted(clusters), before=mine)
    _save_best(groups, title=title, before=mine, descriptors=descriptors)


def tell_pictures(title: Title, *, sentence: str = "", user: User | None = None) -> None:
    """Renew the pages that show a title's groups, after the transaction."""
    from ava.progress import publish  # brings the channel layer along, which scripts may not need

    who = user.get_username() if user else ""
    publish(title_id=title.pk, message={"type": "pictures", "title_id": title.pk, "sentence": sentence, "user": who})


def groups_uncompared(title: Title) -> list[PictureGroup]:
    """Groups with a member that was never compared with the best copy."""
    pairs = SimilarPair.objects.filter(
        Q(first=OuterRef("pk"), second=OuterRef("group__best"))
        | Q(second=OuterRef("pk"), first=OuterRef("group__best")),
        version=INDEX_VERSION,
    )
    described = Picture.objects.filter(title=title, descriptor__isnull=False).exclude(pk=F("group__best"))
    lacking = described.filter(~Exists(pairs), group__best__descriptor__isnull=False).values("group")
    return list(PictureGroup.objects.filter(pk__in=lacking).order_by("pk"))


def compare_with_best(group: PictureGroup) -> None:
    """Make up for pairs of a group's best copy and its members that were never compared, for people to see."""
    members = list(group.members.order_by("pk").values_list("pk", flat=True))
    if group.best_id is None:
        return
    wanted = {(min(pk, group.best_id), max(pk, group.best_id)) for pk in members if pk != group.best_id}
    rows = SimilarPair.objects.filter(first__in=members, second__in=members, version=INDEX_VERSION)
    missing = sorted(wanted - set(rows.order_by().values_list("first", "second")))
    known = Descriptors().load(sorted({pk for pair in missing for pk in pair}))
    pairs = {pair: compare_pictures(*(known[pk] for pk in pair)) for pair in missing if known.keys() >= set(pair)}
    save_pairs(pairs, least_index=0.0)


def _find_islands(
    indexes: Mapping[int, Mapping[int, float]], settled: Settled, before: Mapping[int, int]
) -> list[list[int]]:
    """Pictures that hang together by pairs that are the same, by words, or by the group that they were in."""
    from networkx import Graph, connected_components  # takes its time, and few need it

    graph = Graph()
    for first, others in indexes.items():
        graph.add_edges_from((first, second) for second, index in others.items() if index >= SAME_PICTURE)
    graph.add_edges_from(settled.same)
    graph.add_edges_from((picture, ("group", group)) for picture, group in before.items())
    islands = ([each for each in island if isinstance(each, int)] for island in connected_components(graph))
    return sorted(sorted(island) for island in islands)


def _split_island(
    island: Sequence[int],
    *,
    known: Mapping[int, PictureDescriptor],
    indexes: Mapping[int, Mapping[int, float]],
    settled: Settled,
) -> list[list[int]]:
    """The groups of pictures that hang together; what could not be described goes with whom people put it."""
    united = settled.unite(island)
    stand_in = {pk: pk for pk in known}
    same: list[Pair] = []
    for pictures in united:
        described = [pk for pk in pictures if pk in known]
        same += pairwise(described)
        stand_in |= {pk: described[0] for pk in pictures if described and pk not in known}
    different = [
        (stand_in[one], stand_in[other]) for one, other in settled.part(island) if one in stand_in and other in stand_in
    ]
    pairs = {(pk, other): index for pk in known for other, index in indexes.get(pk, {}).items() if other in known}
    found = group_pictures(known, known_pairs=pairs, compared=known, same=same, different=different)
    save_pairs(found.pairs, least_index=0.0)
    return _unite(found.groups, united)


def _unite(groups: Iterable[Sequence[int]], united: Iterable[Sequence[int]]) -> list[list[int]]:
    """Groups with all that people called the same as any of their members."""
    merged = [set(group) for group in groups]
    for pictures in united:
        touching = [group for group in merged if not group.isdisjoint(pictures)]
        merged = [group for group in merged if group.isdisjoint(pictures)]
        merged.append(set(pictures).union(*touching))
    return [sorted(group) for group in merged]


def _save_groups(
    title: Title, clusters: Sequence[Sequence[int]], *, before: Mapping[int, int]
) -> dict[int, Sequence[int]]:
    """Store who is in which group; groups that hold nobody any more go. The members of each group."""
    numbers = _keep_numbers(clusters, before=before)
    missing = [index for index in range(len(clusters)) if index not in numbers]
    made = PictureGroup.objects.bulk_create([PictureGroup(title=title) for _ in missing])
    numbers |= {index: group.pk for index, group in zip(missing, made, strict=True)}
    after = {picture: numbers[index] for index, members in enumerate(clusters) for picture in members}
    changed = [picture for picture in before.keys() | after.keys() if before.get(picture) != after.get(picture)]
    rows = [Picture(pk=picture, group_id=after.get(picture)) for picture in sorted(changed)]
    Picture.objects.bulk_update(rows, ["group"], batch_size=ROWS_A_SAVE)
    PictureGroup.objects.filter(pk__in=set(before.values()) - set(numbers.values())).delete()
    return {numbers[index]: members for index, members in enumerate(clusters)}


def _keep_numbers(clusters: Sequence[Sequence[int]], *, before: Mapping[int, int]) -> dict[int, int]:
    """Which cluster goes on as which group that was there: those that share the most members, one to one."""
    shared = Counter(
        (index, before[picture]) for index, members in enumerate(clusters) for picture in members if picture in before
    )
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for (index, group), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0][1], item[0][0])):
        if index not in kept and group not in taken:
            kept[index] = group
            taken.add(group)
    return kept


def _save_best(
    groups: Mapping[int, Sequence[int]], *, title: Title, before: Mapping[int, int], descriptors: Descriptors
) -> None:
    """Of each group the copy that a person chose last, or else the one that AVA would keep."""
    members = {picture: group for group, pictures in groups.items() for picture in pictures}
    chosen: dict[int, int] = {}
    said = PictureAction.objects.filter(title=title, kind__in=_CHOOSING, undone_by=None, picture__in=list(members))
    for picture in said.order_by("id").values_list("picture", flat=True):
        chosen[members[picture]] = picture
    were = Counter(before.values())
    quality = dict(Picture.objects.filter(title=title, group__in=list(groups)).values_list("pk", "quality"))
    changed = []
    for row in PictureGroup.objects.filter(pk__in=list(groups)).order_by("pk"):
        pictures = groups[row.pk]
        is_same = were[row.pk] == len(pictures) and all(before.get(pk) == row.pk for pk in pictures)
        is_fit = row.best_id in pictures and is_same and not row.is_best_chosen
        best = chosen.get(row.pk) or row.best_id
        if row.pk not in chosen and not is_fit:
            best = _propose_best(sorted(pictures, key=lambda pk: (-quality[pk], pk)), descriptors=descriptors)
        if (row.best_id, row.is_best_chosen) != (best, row.pk in chosen):
            row.best_id, row.is_best_chosen = best, row.pk in chosen
            changed.append(row)
    PictureGroup.objects.bulk_update(changed, ["best", "is_best_chosen"], batch_size=ROWS_A_SAVE)


def _propose_best(pictures: Sequence[int], *, descriptors: Descriptors) -> int:
    """The copy to keep among pictures, the highest quality first; what could not be described comes last.

    One without lettering goes before one with a little more detail: the detail may be the letters'.
    """
    known = descriptors.load(pictures[:MOST_WEIGHED])
    if not known:
        return min(pictures)
    quality = {pk: copy_quality(descriptor) for pk, descriptor in known.items()}
    least = CLEAN_ENOUGH * max(quality.values())
    clean = [
        pk for pk in sorted(known)
        if known[pk].quality.lettering_unit < LEAST_LETTERING_UNIT and quality[pk] >= least
    ]  # fmt: skip
    likely = clean or sorted(known)
    return likely[best_copy([known[pk] for pk in likely])]
