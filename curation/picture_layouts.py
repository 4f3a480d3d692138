"""The layout of a picture as it is now: from what is known of it, its title's canvases, and what people chose."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from django.core.cache import cache

from curation.layout.canvases import Canvas
from curation.layout.lay_out import lay_out
from curation.layout.layouts import LAYOUT_VERSION, Chosen, Layout
from curation.layout_checks import fit_ratio, has_ratio
from curation.layout_choices import chosen_for
from curation.layout_sources import LayoutSource
from curation.team_canvases import canvases_of

_KEPT_S = 24 * 3600


def layout_of(
    source: LayoutSource, *, canvases: Sequence[Canvas] | None = None, among: Sequence[Canvas] = ()
) -> Layout:
    """The layout of a picture for canvases, by default all of its title's, with what people chose for it.

    Kept in the cache under everything that it depends on: what was found, pixels, canvases and choices. A layout for
    all those ``among`` which they are is given instead if it is kept; for it alone nothing is made. Raises
    UnreadableSource where the pixels cannot be had.
    """
    wanted = canvases_of(source.title) if canvases is None else list(canvases)
    said = chosen_for(source.known_picture())
    for each in (list(among), wanted) if among else (wanted,):
        chosen = fit_chosen(said, canvases=each, size=source.size)
        key = f"layout-{_digest(source, canvases=each, chosen=chosen)}"
        found: Layout | None = cache.get(key)
        if found is not None:
            break
    else:
        found = lay_out(source.pixels(), contents=source.contents, canvases=wanted, chosen=chosen)
        cache.set(key, found, _KEPT_S)
    return replace(found, unknown=source.unknown)


def fit_chosen(chosen: Chosen, *, canvases: Sequence[Canvas], size: tuple[int, int]) -> Chosen:
    """What was chosen, crops of canvases that have changed since as near to it as the new ratio lets them."""
    crops = dict(chosen.crops)
    for canvas in canvases:
        box = crops.get(canvas.key)
        if box is not None and not has_ratio(box, aspect=canvas.aspect):
            crops[canvas.key] = fit_ratio(box, aspect=canvas.aspect, size=size)
    return replace(chosen, crops=crops)


def _digest(source: LayoutSource, *, canvases: Sequence[Canvas], chosen: Chosen) -> str:
    contents = source.contents
    seen = (replace(contents, looked=frozenset()), sorted(contents.looked))  # a set has no order of its own
    said = (chosen.focal_point, sorted(chosen.crops.items()), sorted(chosen.placements.items()))
    return sha256(repr((LAYOUT_VERSION, source.pixels_key, seen, canvases, said)).encode()).hexdigest()
