"""Every file that AVA uses but does not carry in its own source."""

from collections.abc import Mapping
from types import MappingProxyType

from ava.weights import demo_pictures, object_files, people_files, sentence_files, shot_files, text_files
from ava.weights.entry import CatalogueEntry

_ENTRIES = (
    *shot_files.ENTRIES,
    *people_files.ENTRIES,
    *text_files.ENTRIES,
    *sentence_files.ENTRIES,
    *object_files.ENTRIES,
    *demo_pictures.ENTRIES,
)

CATALOGUE: Mapping[str, CatalogueEntry] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
DEMO_PICTURES: tuple[str, ...] = tuple(entry.name for entry in demo_pictures.ENTRIES)
