"""Comparing a title's new pictures with all others: only likely pairs, each once, saved as they are done."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet

from ava.models import Title
from curation.models import Picture, SimilarPair
from curation.similarity.candidate_index import CandidateIndex
from curation.similarity.descriptor import (
    DESCRIPTOR_VERSION,
    PictureDescriptor,
    UnreadableDescriptor,
    unpack_descriptor,
)
from curation.similarity.index import INDEX_VERSION, PARTS, Similarity, compare_pictures
from curation.similarity.one_thread import one_thread

COMPARED_VERSION = 256 * INDEX_VERSION + DESCRIPTOR_VERSION
"""Pictures are compared anew when either the index or what it is made from is another."""
PICTURES_A_SAVE = 64
PICTURES_A_READ = 256
MOST_KEPT = 2_000
"""Descriptors at hand, about 25 KB each."""
LEAST_INDEX = 0.05
"""Pairs less alike are not worth telling."""

Pair = tuple[int, int]


class LazyDescriptors(Mapping[int, PictureDescriptor]):
    """Descriptors of pictures that are known to have one, each read only when it is looked at."""

    def __init__(self, pictures: Iterable[int], *, descriptors: "Descriptors") -> None:
        self._pictures = dict.fromkeys(pictures)
        self._descriptors = descriptors

    def __getitem__(self, picture: int) -> PictureDescriptor:
        return self._descriptors.load([picture])[picture]

    def __contains__(self, picture: object) -> bool:
        return picture in self._pictures

    def __iter__(self) -> Iterator[int]:
        return iter(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)


class Descriptors:
    """The descriptors of pictures by their numbers, read when they are asked for; the last ones stay at hand."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, PictureDescriptor] = OrderedDict()

    def load(self, pictures: Iterable[int]) -> dict[int, PictureDescriptor]:
        """Those of the pictures that are described, in the order asked for."""
        asked = list(pictures)
        found = {pk: self._kept[pk] for pk in asked if pk in self._kept}
        missing = [pk for pk in asked if pk not in found]
        for start in range(0, len(missing), PICTURES_A_READ):
            found |= dict(read_descriptors(Picture.objects.filter(pk__in=missing[start : start + PICTURES_A_READ])))
        for pk, descriptor in found.items():
            self._kept[pk] = descriptor
            self._kept.move_to_end(pk)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return {pk: found[pk] for pk in asked if pk in found}


def read_descriptors(pictures: QuerySet[Picture]) -> Iterator[tuple[int, PictureDescriptor]]:
    """Number and descriptor of those pictures that have one of today's version."""
    rows = pictures.filter(descriptor_version=DESCRIPTOR_VERSION, descriptor__isnull=False).order_by("pk")
    for pk, packed in rows.values_list("pk", "descriptor").iterator(chunk_size=PICTURES_A_READ):
        try:
            yield pk, unpack_descriptor(bytes(packed))
        except UnreadableDescriptor:
            continue


def described_pictures(title: Title) -> set[int]:
    """Numbers of those pictures of a title that have a descriptor of today's version."""
    rows = Picture.objects.filter(title=title, descriptor_version=DESCRIPTOR_VERSION, descriptor__isnull=False)
    return set(rows.values_list("pk", flat=True))


def uncompared(title: Title) -> QuerySet[Picture]:
    """Described pictures of a title that were not compared with the others yet."""
    rows = Picture.objects.filter(title=title, descriptor_version=DESCRIPTOR_VERSION)
    return rows.exclude(compared_version=COMPARED_VERSION).order_by("pk")


def compare_new_pictures(title: Title, *, is_late: Callable[[], bool] = lambda: False) -> int:
    """Compare what is due, as far as `is_late` lets it; how many pictures were.

    Every few pictures their pairs are saved together with the word that they were compared.
    """
    due = list(uncompared(title).values_list("pk", flat=True))
    if not due:
        return 0
    index = _fill_index(title)
    descriptors = Descriptors()
    done = 0
    for start in range(0, len(due), PICTURES_A_SAVE):
        batch = due[start : start + PICTURES_A_SAVE]
        _save(compare_with_candidates(batch, index=index, descriptors=descriptors), compared=batch)
        done += len(batch)
        if is_late():
            break
    return done


def compare_with_candidates(
    pictures: Sequence[int], *, index: CandidateIndex, descriptors: Descriptors
) -> dict[Pair, Similarity]:
    """How alike pictures are to those that the index finds likely; pairs of numbers, the lower first."""
    own = descriptors.load(pictures)
    likely = {pk: index.candidates(descriptor) for pk, descriptor in own.items()}
    pairs = {(min(pk, other), max(pk, other)) for pk, others in likely.items() for other in others if other != pk}
    known = own | descriptors.load(sorted({pk for pair in pairs for pk in pair} - own.keys()))
    there = [pair for pair in sorted(pairs) if pair[0] in known and pair[1] in known]
    with one_thread():
        return {(one, other): compare_pictures(known[one], known[other]) for one, other in there}


def save_pairs(pairs: dict[Pair, Similarity], *, least_index: float = LEAST_INDEX) -> None:
    """Store how alike pictures are, in place of what was known of these pairs; too unlike ones are left out."""
    rows = [
        SimilarPair(first_id=first, second_id=second, version=INDEX_VERSION, **parts_of(similarity))
        for (first, second), similarity in sorted(pairs.items())
        if similarity.index >= least_index
    ]
    SimilarPair.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["index", "histogram", "structure", "features", "emd", "version"],
    )


def parts_of(similarity: Similarity | SimilarPair) -> dict[str, float]:
    """The index and its four parts by name."""
    return {name: getattr(similarity, name) for name in ("index", *PARTS)}


def _fill_index(title: Title) -> CandidateIndex:
    index = CandidateIndex()
    ids: list[int] = []
    batch: list[PictureDescriptor] = []
    for pk, descriptor in read_descriptors(Picture.objects.filter(title=title)):
        ids.append(pk)
        batch.append(descriptor)
        if len(ids) == PICTURES_A_READ:
            index.add(ids, batch)
            ids, batch = [], []
    index.add(ids, batch)
    return index


@transaction.atomic
def _save(pairs: dict[Pair, Similarity], *, compared: Sequence[int]) -> None:
    """Rows may have been deleted while they were compared: their pairs go with them."""
    pictures = {pk for pair in pairs for pk in pair} | set(compared)
    rows = Picture.objects.select_for_update(no_key=True).filter(pk__in=pictures).order_by("pk")
    there = set(rows.values_list("pk", flat=True))
    save_pairs({pair: similarity for pair, similarity in pairs.items() if there.issuperset(pair)})
    Picture.objects.filter(pk__in=compared).update(compared_version=COMPARED_VERSION)
