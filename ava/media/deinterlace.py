"""Interlaced pictures to progressive ones, one picture for each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av.error
from av.filter import Graph

from ava.media.reader import NumberedPicture

FEWEST_LINES = 4  # a smaller picture has no fields to speak of, and the filter refuses it
CONTEXT_FRAMES = 1  # the filter looks one picture back and one ahead


def deinterlace(pictures: Iterable[NumberedPicture]) -> Iterator[NumberedPicture]:
    """Yield each picture with its two fields woven into one moment; progressive pictures pass unchanged.

    Uses bwdif (Bob Weaver deinterlacing, after Weston's three-field filter), which looks CONTEXT_FRAMES back and
    ahead: give it as many pictures more at both ends for the same result from any start.
    """
    graph: Graph | None = None
    waiting: deque[int] = deque()
    shape: tuple[int, int, str] | None = None
    for index, picture in pictures:
        if picture.height < FEWEST_LINES or picture.width < FEWEST_LINES:
            yield NumberedPicture(index, picture)
            continue
        if shape != (picture.width, picture.height, picture.format.name):
            yield from _drain(graph, waiting)
            shape = (picture.width, picture.height, picture.format.name)
            graph = _bwdif(*shape)
        assert graph is not None
        waiting.append(index)
        graph.vpush(picture)
        yield from _pull(graph, waiting)
    yield from _drain(graph, waiting)


def _bwdif(width: int, height: int, pixel_format: str) -> Graph:

    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(width=width, height=height, format=pixel_format, time_base=Fraction(1, 90_000))  # type: ignore[arg-type]
    graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink"))
    graph.configure()
    return graph


def _pull(graph: Graph, waiting: deque[int]) -> Iterator[NumberedPicture]:
    while waiting:
        try:
            picture = graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield NumberedPicture(waiting.popleft(), picture)


def _drain(graph: Graph | None, waiting: deque[int]) -> Iterator[NumberedPicture]:
    if graph is not None:
        graph.vpush(None)
        yield from _pull(graph, waiting)
