"""Models of objects and of what not every audience should see, and general image encoders."""

from ava.weights.entry import CatalogueEntry

ENTRIES: tuple[CatalogueEntry, ...] = ()
