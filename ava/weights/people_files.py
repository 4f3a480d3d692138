"""Models of faces and bodies."""

from ava.weights.entry import CatalogueEntry

ENTRIES: tuple[CatalogueEntry, ...] = ()
