"""Filters of stills by who is in them; the faces that count are neither pictures on walls nor said to be none."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery

from curation.models import Face, Still

ANY, ALL, ONLY, NONE = "any", "all", "only", "none"
MODES: Mapping[str, str] = MappingProxyType(
    {ANY: "Any of them", ALL: "All of them", ONLY: "All of them, nobody else", NONE: "None of them"}
)
"""How several characters are asked for; with "only" a face that nobody has recognised is somebody else."""
MODE_WORDS: Mapping[str, str] = MappingProxyType({ANY: "Any of", ALL: "All of", ONLY: "Only", NONE: "None of"})
"""How the mode reads before a name."""


def living_faces() -> QuerySet[Face]:
    """Faces of people who are there: no pictures of faces, and nothing that a person said is no face."""
    return Face.objects.filter(track__is_face=True, track__is_static=False)


def with_characters(stills: QuerySet[Still]) -> QuerySet[Still]:
    """The stills with the numbers of the characters in them, in order, as `characters`."""
    faces = living_faces().filter(track__video=OuterRef("video"), frame_index=OuterRef("frame_index"))
    known = faces.filter(track__character__isnull=False).order_by("track__character").distinct()
    return stills.annotate(characters=ArraySubquery(known.values("track__character")))


def narrow_to_people(stills: QuerySet[Still], characters: Collection[int], *, mode: str) -> QuerySet[Still]:
    """Those of the stills with these characters, as `mode` of `MODES` says; all of them where none is chosen."""
    if not characters:
        return stills
    faces = living_faces().filter(track__video=OuterRef("video"), frame_index=OuterRef("frame_index")).order_by()
    theirs = faces.filter(track__character__in=characters)
    if mode == NONE:
        return stills.filter(~Exists(theirs))
    if mode == ANY:
        return stills.filter(Exists(theirs))
    counts = theirs.values("frame_index").annotate(known=Count("track__character", distinct=True)).values("known")
    stills = stills.alias(known=Subquery(counts, output_field=IntegerField())).filter(known=len(set(characters)))
    if mode == ALL:
        return stills
    others = Q(track__character__isnull=True) | ~Q(track__character__in=characters)
    return stills.filter(~Exists(faces.filter(others)))
