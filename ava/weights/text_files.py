"""Models that find and read lettering."""

from ava.weights.entry import CatalogueEntry

ENTRIES: tuple[CatalogueEntry, ...] = ()
