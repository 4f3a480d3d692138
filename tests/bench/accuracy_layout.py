"""Accuracy of focal points, crops and placements on pictures whose faces, lettering and subjects are known.

The layout is given what detectors find, never the truth. Printed beside smartcrop and a crop of the middle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings

from ava.annotate.availability import available_detectors, load_detectors
from ava.weights.store import WeightsStore
from curation.layout.box import Box, enclose
from curation.layout.canvases import DEFAULT_CANVASES, Canvas, Overlay
from curation.layout.layouts import Layout
from curation.layout.picture import DETECTORS, lay_out_picture
from tests.bench.figures import Figure
from tests.bench.layout_peers import PEER, Crops, crop_middle, crop_smartly
from tests.bench.layout_truth import KnownPicture, known_pictures

SECTION = "layout"
FITS_UNIT = 0.95
"""Of the largest window that a canvas's shape leaves, a face that fits at all takes no more in either direction."""
RENDERED_SLACK_UNIT, LABEL_SLACK_UNIT, LABEL_SLACK_OF_PICTURE = 0.02, 0.15, 0.02
"""So much of its sides a box may be too large at either rim: faces were outlined once on the plates that pictures are
put together from. Labels by eye are good to that share of the picture's sides, which is never more than the other."""
OVERLAP_UNIT = 0.01
"""Less than this share of the smaller of two boxes is their rims."""
SQUARE = "square"


class Laid(NamedTuple):
    """A known picture, the part of it inside bars, its layout, and the crops that peers made of that part."""

    known: KnownPicture
    area: Box
    layout: Layout
    middle: Crops
    smart: Crops | None


@dataclass
class Count:
    """How many of something, of how many, and the names of those that are not."""

    hits: int = 0
    all: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, is_hit: bool, name: str) -> None:
        self.hits, self.all = self.hits + is_hit, self.all + 1
        if not is_hit:
            self.missed.append(name)

    def figure(self, what: str, truth: str) -> Figure:
        return Figure(SECTION, what, self.hits / self.all if self.all else float("nan"), "", f"{self.all} {truth}")


def measure(data: Path | None) -> list[Figure]:
    """All figures; without ``data`` on rendered pictures alone."""
    laid, smart_s = lay_out_known(list(known_pictures(data)))
    figures: list[Figure] = []
    for who in ("AVA", PEER, "middle"):
        crops = [_crops(each, who) for each in laid]
        if any(each is None for each in crops):
            continue
        named = [(each.known, each.area, found) for each, found in zip(laid, crops, strict=True) if found is not None]
        figures += crop_figures(who, named)
    figures += focal_figures(laid)
    figures += placement_figures(laid)
    if smart_s == smart_s:
        figures.append(Figure(SECTION, f"{PEER}: processor time of seven crops", 1000 * smart_s, "ms a picture", ""))
    return figures


def lay_out_known(pictures: Sequence[KnownPicture]) -> tuple[list[Laid], float]:
    """Look at every picture with the installed detectors, lay it out, and let the peers crop it; their time, too."""
    store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
    wanted = [detector for detector in available_detectors(store) if detector.name in DETECTORS]
    detectors = load_detectors(wanted, store=store)
    found = [lay_out_picture(each.rgb, detectors=detectors, canvases=DEFAULT_CANVASES) for each in pictures]
    areas = [each.contents.area for each in found]
    inner = [
        np.ascontiguousarray(known.rgb[int(area.y0) : int(area.y1), int(area.x0) : int(area.x1)])
        for known, area in zip(pictures, areas, strict=True)
    ]
    smart, seconds = crop_smartly(inner, canvases=DEFAULT_CANVASES)
    laid = []
    for place, (known, area) in enumerate(zip(pictures, areas, strict=True)):
        middle = crop_middle(inner[place].shape[1], inner[place].shape[0], canvases=DEFAULT_CANVASES)
        peers = [_moved(middle, area), _moved(smart[place], area) if smart else None]
        laid.append(Laid(known, area, found[place].layout, peers[0] or {}, peers[1]))
    return laid, seconds


def crop_figures(who: str, cropped: Sequence[tuple[KnownPicture, Box, Crops]]) -> Iterator[Figure]:
    """Crops with the main face whole, where it fits at all, and crops that cut any face, one that fits or at all."""
    for truth in ("rendered", "labelled by eye"):
        whole, spared, uncut = Count(), Count(), Count()
        for known, area, crops in cropped:
            if not known.faces or known.is_exact != (truth == "rendered"):
                continue
            for canvas in DEFAULT_CANVASES:
                box, name = crops[canvas.key], f"{known.name} {canvas.key}"
                cut = [face for face in known.faces if cuts(box, face, known)]
                if fits(known.faces[0], canvas, area):
                    whole.add(is_whole(known.faces[0], box, known), name)
                spared.add(not any(fits(face, canvas, area) for face in cut), name)
                uncut.add(not cut, name)
        yield whole.figure(f"{who}: main face whole, {truth}", "crops where it fits")
        for count, what in ((spared, "cut a face that fits"), (uncut, "cut a face, too large ones too")):
            share = 1 - count.hits / count.all if count.all else float("nan")
            yield Figure(SECTION, f"{who}: {what}, {truth}", share, "", f"{count.all} crops of pictures with faces")


def focal_figures(laid: Sequence[Laid]) -> Iterator[Figure]:
    """Focal points within a subject's box; the peers' is the middle of their square crop."""
    points: dict[str, dict[str, Count]] = {}
    for each in laid:
        if not each.known.subjects:
            continue
        point = each.layout.focal_point
        places = {"AVA": (point.x, point.y), "middle": each.area.centre}
        if each.smart is not None:
            places[PEER] = each.smart[SQUARE].centre
        for who, place in places.items():
            count = points.setdefault(who, {}).setdefault(each.known.source, Count())
            count.add(any(subject.holds(Box(*place, *place)) for subject in _subjects(each.known)), each.known.name)
    for who, counts in points.items():
        for source, count in counts.items():
            yield count.figure(f"{who}: focal point in the subject, {source}", "pictures")


def placement_figures(laid: Sequence[Laid]) -> Iterator[Figure]:
    """Placements that cover no known face and no known lettering, beside every overlay at its canvas's usual place."""
    counts = {(who, what): Count() for who in ("AVA", "usual places") for what in ("face", "lettering")}
    free = Count()
    for each in laid:
        for laid_out in each.layout.canvases:
            usual = {overlay.kind: usual_place(overlay, laid_out.canvas, laid_out.crop.box)
                     for overlay in laid_out.canvas.overlays}  # fmt: skip
            for placement in laid_out.placements:
                name = f"{each.known.name} {laid_out.canvas.key} {placement.kind}"
                free.add(placement.box is not None, name)
                if placement.box is None:
                    continue
                for what, truth in (("face", each.known.faces), ("lettering", each.known.text)):
                    if truth:
                        counts["AVA", what].add(not _covers(placement.box, truth), name)
                        counts["usual places", what].add(not _covers(usual[placement.kind], truth), name)
    for (who, what), count in counts.items():
        yield count.figure(f"{who}: cover no {what}", "placements on pictures with some")
    yield free.figure("AVA: a place was free", "overlays")


def fits(face: Box, canvas: Canvas, area: Box) -> bool:
    """Whether a face can be whole on a canvas at all."""
    window = min(area.width, area.height * canvas.aspect), min(area.height, area.width / canvas.aspect)
    inside = area.grown(1).holds(face)
    return inside and face.width <= FITS_UNIT * window[0] and face.height <= FITS_UNIT * window[1]


def is_whole(face: Box, crop: Box, known: KnownPicture) -> bool:
    """Whether a crop holds all of a face, as far as it is known."""
    return crop.grown(0.5).holds(_sure_part(face, known))


def cuts(crop: Box, face: Box, known: KnownPicture) -> bool:
    """Whether a crop holds some of a face, but not all."""
    sure = _sure_part(face, known)
    return crop.shared(sure).area > OVERLAP_UNIT * sure.area and not crop.grown(0.5).holds(sure)


def usual_place(overlay: Overlay, canvas: Canvas, crop: Box) -> Box:
    """Where a canvas has an overlay when nobody looks at the picture."""
    safe = Box(
        crop.x0 + canvas.safe.left * crop.width,
        crop.y0 + canvas.safe.top * crop.height,
        crop.x1 - canvas.safe.right * crop.width,
        crop.y1 - canvas.safe.bottom * crop.height,
    )
    width, height = overlay.width_unit * crop.width, overlay.height_unit * crop.height
    x_unit = 0.0 if "left" in overlay.anchor else 1.0 if "right" in overlay.anchor else 0.5
    y_unit = 0.0 if "top" in overlay.anchor else 1.0 if "bottom" in overlay.anchor else 0.5
    x, y = safe.x0 + x_unit * (safe.width - width), safe.y0 + y_unit * (safe.height - height)
    return Box(x, y, x + width, y + height)


def _crops(laid: Laid, who: str) -> Crops | None:
    own: Mapping[str, Box] = {each.canvas.key: each.crop.box for each in laid.layout.canvases}
    return {"AVA": own, PEER: laid.smart, "middle": laid.middle}[who]


def _moved(crops: Crops, area: Box) -> Crops:
    """From the pixels of the part inside bars to those of the picture."""
    return {
        key: Box(box.x0 + area.x0, box.y0 + area.y0, box.x1 + area.x0, box.y1 + area.y0) for key, box in crops.items()
    }


def _subjects(known: KnownPicture) -> list[Box]:
    """Of several people the point may lie between them, too."""
    boxes = list(known.subjects)
    if known.is_exact and len(boxes) > 1:
        boxes.append(enclose(boxes))
    return boxes


def _sure_part(box: Box, known: KnownPicture) -> Box:
    """A box without what may be too much of it."""
    x_px, y_px = RENDERED_SLACK_UNIT * box.width, RENDERED_SLACK_UNIT * box.height
    if not known.is_exact:
        height, width = known.rgb.shape[:2]
        x_px = min(LABEL_SLACK_UNIT * box.width, LABEL_SLACK_OF_PICTURE * width)
        y_px = min(LABEL_SLACK_UNIT * box.height, LABEL_SLACK_OF_PICTURE * height)
    return Box(box.x0 + x_px, box.y0 + y_px, box.x1 - x_px, box.y1 - y_px)


def _covers(placed: Box, boxes: Sequence[Box]) -> bool:
    return any(placed.shared(box).area > OVERLAP_UNIT * min(placed.area, box.area) for box in boxes)
