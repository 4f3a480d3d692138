"""Results of A/B tests of a title's pictures: brought in as a whole or not at all, and taken back as a whole."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet, Sum

from ava.file_names import clean_name
from ava.models import Title, User
from curation.ab_names import Named, PictureNames, UnknownPicture
from curation.models import Picture, TestBatch, TestResult
from curation.performance.rates import Counts
from curation.performance.results_csv import ResultRow, UnusableResults, read_results
from curation.performance.rollup import Observation
from curation.picture_rows import row_of_artwork, row_of_frame, send_grouping

ROWS_A_SAVE = 2000


class Result(NamedTuple):
    """A row of a file with the picture that it is about."""

    row: ResultRow
    named: Named


def import_results(title: Title, *, data: bytes, file_name: str, user: User) -> TestBatch:
    """Store all results of a CSV file, or none: raises UnusableResults with a sentence on everything wrong with it."""
    results = _resolve(title, read_results(data))
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        with transaction.atomic():
            batch = TestBatch.objects.create(
                title=title, file_name=clean_name(file_name), sha256=sha256, created_by=user
            )
            _store(batch, results)
            send_grouping(title.pk)
    except IntegrityError as error:
        known = TestBatch.objects.filter(title=title, sha256=sha256).first()
        if known is None:
            raise UnusableResults(["A picture of these results was deleted just now; import them again."]) from error
        raise UnusableResults([f"These results have been imported already, as “{known}”."]) from error
    return batch


@transaction.atomic
def delete_batch(batch: TestBatch) -> None:
    """Take an import back with all of its results."""
    title_id = batch.title_id
    batch.delete()
    send_grouping(title_id)


def observations(pictures: Iterable[int], *, title: Title) -> list[Observation]:
    """What was told of pictures of a title, added up by picture and region."""
    wanted = set(pictures)
    return [each for each in title_observations(title) if each.member in wanted]


def title_observations(title: Title) -> list[Observation]:
    """What was told of all pictures of a title, added up by picture and region."""
    rows = TestResult.objects.filter(batch__title=title).order_by("picture", "region").values_list("picture", "region")
    sums = rows.annotate(shown=Sum("impressions"), played=Sum("plays"))
    return [Observation(picture, region, Counts(int(shown), int(played))) for picture, region, shown, played in sums]


def batches_of(title: Title) -> QuerySet[TestBatch]:
    """The imports of a title with how many results each has brought, the newest first."""
    return title.test_batches.select_related("created_by").annotate(result_count=Count("results")).order_by("-id")


def _resolve(title: Title, rows: Sequence[ResultRow]) -> list[Result]:
    names = PictureNames(title)
    found: dict[str, Named | str] = {}
    for row in rows:
        if row.image not in found:
            try:
                found[row.image] = names.find(row.image)
            except UnknownPicture as error:
                found[row.image] = str(error)
    problems = [f"Line {row.line}: {said}" for row in rows if isinstance(said := found[row.image], str)]
    results = [Result(row, named) for row in rows if isinstance(named := found[row.image], Named)]
    problems += _repeated(results)
    if problems:
        raise UnusableResults(problems)
    return results


def _repeated(results: Sequence[Result]) -> list[str]:
    """One picture under two names, or one region written in two ways, must not count twice."""
    first: dict[tuple[object, ...], ResultRow] = {}
    problems = []
    for row, named in results:
        before = first.setdefault((_identity(named), row.region.casefold()), row)
        if before is not row:
            same = f"the picture of line {before.line}, in {row.region} too"
            problems.append(f"Line {row.line}: “{row.image}” is {same}.")
    return problems


def _identity(named: Named) -> tuple[object, ...]:
    if named.artwork is not None:
        return ("artwork", named.artwork.pk)
    return ("frame", named.video.pk if named.video else None, named.frame_index)


def _store(batch: TestBatch, results: Sequence[Result]) -> None:
    rows: Mapping[tuple[object, ...], Picture] = {_identity(named): _picture(named) for _, named in _once(results)}
    TestResult.objects.bulk_create(
        [
            TestResult(
                batch=batch, picture=rows[_identity(named)], region=row.region, impressions=row.impressions,
                plays=row.plays,
            )
            for row, named in results
        ],
        batch_size=ROWS_A_SAVE,
    )  # fmt: skip


def _once(results: Sequence[Result]) -> list[Result]:
    return list({_identity(result.named): result for result in results}.values())


def _picture(named: Named) -> Picture:
    if named.artwork is not None:
        return row_of_artwork(named.artwork)
    assert named.video is not None
    return row_of_frame(named.video, named.frame_index)
