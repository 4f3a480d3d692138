"""Who looks at the stored pictures of chunks while these are decoded. Apps register theirs; `ava` knows none by name.

Where nobody lacks anything of a chunk it is not decoded for them; a scan decodes chunks for them alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from ava.annotate.watch import PictureWatcher
from ava.models import Chunk, Video

Save = Callable[[], None]


class ChunkWatcher(PictureWatcher, Protocol):
    """Watches the pictures of one chunk, and what it found is saved with the chunk."""

    def finish(self) -> Save:
        """Come to a result; what is returned writes it, inside the transaction in which the chunk becomes done.

        It may be called for a chunk that was saved before, and then leaves the same as if it had not been.
        """


@dataclass(frozen=True, slots=True)
class ChunkWatch:
    """`seen(video)`: keys of the chunks that hold what watching them would give now.

    `begin(chunk)`: a new watcher; None where watching cannot be had here, which must not keep anybody from measuring.
    """

    name: str
    seen: Callable[[Video], set[int]]
    begin: Callable[[Chunk], ChunkWatcher | None]


_registered: list[ChunkWatch] = []


def register(watch: ChunkWatch) -> None:
    """Have chunks watched; called from `AppConfig.ready`."""
    if any(known.name == watch.name for known in _registered):
        raise ValueError(f"A watch named {watch.name!r} is registered already; give this one another name.")
    _registered.append(watch)


def begin_missing(chunk: Chunk) -> list[ChunkWatcher]:
    """Watchers for whatever a chunk lacks."""
    begun = (watch.begin(chunk) for watch in _registered if chunk.pk not in watch.seen(chunk.video))
    return [watcher for watcher in begun if watcher is not None]


def seen_by_all(video: Video, chunks: Iterable[int]) -> set[int]:
    """Those of a video's chunks, given by their keys, that no watch lacks anything of."""
    return set(chunks).intersection(*(watch.seen(video) for watch in _registered))
