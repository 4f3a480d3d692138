"""The most interesting point of a picture: people first, else where edges and saliency gather."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from curation.layout.box import Box, enclose
from curation.layout.contents import PictureContents
from curation.layout.interest import InterestMap
from curation.layout.layouts import FocalPoint
from curation.layout.people_interest import CLOSE_UP, FULL_BODY, RatedPerson, rate_people

PEER_INTEREST, PEER_HEIGHT = 0.6, 0.45
"""Interest and height of the face, as shares of the best person's, from which somebody is as important."""

RIVALRY = 0.5
"""How much of the confidence a left-out person who is as interesting takes away."""

SMALL = 0.55
"""Size, as a part of somebody's interest, below which a face may be anywhere in a picture that is not about it."""

CALM = 0.9
"""Interest of a place, as a share of that of the whole picture, below which it is calm."""

SMALL_DOUBT = 0.5
"""How much of the confidence goes with the size of a face."""

SHOWN: Mapping[str, str] = {CLOSE_UP: "The face", FULL_BODY: "The whole body"}
GOOD_PARTS: Mapping[str, str] = {
    "prominence": "a main character", "size": "large", "sharpness": "sharp", "pose": "facing the viewer",
    "eyes": "eyes open",
}  # fmt: skip
GOOD = 0.7
"""From which value on a part of somebody's interest is worth telling."""

LEAST_WEIGHT = 0.03
"""Interest below which there is nothing to see."""

REGION_LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8)
MOST_REGION_UNIT = 0.4
"""The region reaches down to the first of these shares of the peak at which its box covers no more than this part of
the map: what is all of a picture is no place in it."""

TRIM_UNIT = 0.02
"""Share of the region's interest that may stick out of its extent at each side: thin arms are not worth a crop."""

POINT_SIGMA_UNIT = 0.04
"""The point is where most interest is within about this share of the longer side: a speck is none, and the centroid of
what is long or bent need not be on it."""

FULL_LEAD = 0.5
"""Mean interest of the extent over that of the rest at which it stands out as clearly as can be."""

LEAST_AREA_UNIT = 0.02
"""Part of a picture's area below which a place may as well be a speck."""

SUREST_EDGES = 0.9
"""Edges are never as sure as a face: what stands out most need not be what a picture is about."""

CLEAR = 0.3
"""Confidence from which a place is said to stand out; patterns that are alike all over stay below it."""

MIDDLE_UNIT = 0.25
"""Side of the extent of a mere middle, as a share of the shorter side: every default canvas can hold it."""


def find_focal_point(contents: PictureContents, *, interest: InterestMap) -> FocalPoint:
    """Find the one point to look at, what must stay visible about it, and how sure that is.

    People come first: the most interesting one (``rate_people``), or, where others are nearly as interesting, the
    group of them all, with the point on the best, while the box of them, or at least of their heads, fits the largest
    square window of the picture's area (1:1 is the middle one of the default canvases, so that half of them can hold
    it); else the best one alone. Without people it is the place where ``interest`` gathers (Kansara 2015, "Extracting
    image metadata at scale"). Confidence is 0 where there is nothing to see, and low where all places or people are
    alike. Black bars are never in the extent.
    """
    people = [
        person for person in rate_people(contents) if _is_believable(person, area=contents.area, interest=interest)
    ]
    if not people:
        return _on_edges(contents, interest=interest)
    best = people[0]
    peers = [
        each for each in people
        if each.interest >= PEER_INTEREST * best.interest and each.head.height >= PEER_HEIGHT * best.head.height
    ]  # fmt: skip
    group = _fit(peers, area=contents.area) if len(peers) > 1 else None
    return _on_person(best, people=people) if group is None else _on_group(peers, extent=group)


def _is_believable(person: RatedPerson, *, area: Box, interest: InterestMap) -> bool:
    """Whether the picture may be about somebody: small faces must not be where it is calm, and outlines without a face
    must draw the eye more than the rest does."""
    if person.has_face and person.parts["size"] >= SMALL:
        return True
    here, all_of_it = (
        float(part.mean(dtype=np.float64)) if part.size else 0.0
        for part in (interest.weights[_cells(box, interest=interest)] for box in (person.extent, area))
    )
    return here >= CALM * all_of_it if person.has_face else here > all_of_it


def _fit(people: Sequence[RatedPerson], *, area: Box) -> Box | None:
    """The box of a group with all that should be seen of each, or else of their heads; None where neither fits."""
    side = min(area.width, area.height)
    for box in (enclose(each.extent for each in people), enclose(each.head for each in people)):
        if max(box.width, box.height) <= side:
            return box
    return None


def _on_group(people: Sequence[RatedPerson], *, extent: Box) -> FocalPoint:
    best = people[0]
    weights = np.array([max(each.interest, 1e-9) for each in people])
    confidence = float(np.average([_sureness(each) for each in people], weights=weights))
    why = f"A group of {len(people)} who are about equally interesting and fit together; the point is on the best."
    # Between two heads there is nothing to see: a window too narrow for the group had better hold one of them.
    return FocalPoint(best.x, best.y, extent, confidence, "group", best.person, why)


def _on_person(best: RatedPerson, *, people: Sequence[RatedPerson]) -> FocalPoint:
    rivals = [each.interest for each in people[1:] if not best.extent.holds(each.head)]
    rivalry = max(rivals, default=0.0) / best.interest if best.interest > 0 else 1.0
    confidence = _sureness(best) * (1 - RIVALRY * rivalry)
    return FocalPoint(best.x, best.y, best.extent, confidence, "person", best.person, _tell_why(best, len(people)))


def _sureness(person: RatedPerson) -> float:
    """That the picture is about somebody: small faces may as well be passers-by, or pictures on a wall."""
    return person.sureness * (1 - SMALL_DOUBT * (1 - person.parts["size"]))


def _tell_why(best: RatedPerson, count: int) -> str:
    who = "the only person" if count == 1 else f"the most interesting of {count} people"
    told = [word for name, word in GOOD_PARTS.items() if best.parts[name] >= GOOD]
    if not best.has_face:
        told = ["found by the outline, without a face"]
    return f"{SHOWN.get(best.framing, 'Head and shoulders')} of {who}{': ' + ', '.join(told) if told else ''}."


def _on_edges(contents: PictureContents, *, interest: InterestMap) -> FocalPoint:
    weights = interest.weights
    peak = float(weights.max(initial=0.0))
    nobody = "No people were found" if "faces" in contents.looked else "Nobody has looked for people"
    if peak < LEAST_WEIGHT:
        x, y = contents.area.centre
        extent = Box(x, y, x, y).grown(MIDDLE_UNIT / 2 * min(contents.area.width, contents.area.height))
        return FocalPoint(x, y, extent, 0.0, "middle", why=f"{nobody} and nothing stands out: this is the middle.")
    region = _region_about(weights, peak=peak)
    of_region = np.where(region, weights, np.float32(0))
    extent = _bound(of_region, scale=interest.scale).shared(contents.area)
    x, y = _peak(of_region, scale=interest.scale)
    confidence = _stand_out(weights, extent=extent, interest=interest, area=contents.area)
    found = (
        "this stands out by its edges and contrast" if confidence >= CLEAR else "nothing stands out clearly, this most"
    )
    return FocalPoint(
        min(max(x, extent.x0), extent.x1), min(max(y, extent.y0), extent.y1), extent, confidence, "edges",
        why=f"{nobody}; {found}.",
    )  # fmt: skip


def _region_about(weights: NDArray[np.float32], *, peak: float) -> NDArray[np.bool_]:
    """The connected place of most interest."""
    region = np.zeros(weights.shape, dtype=bool)
    for level in REGION_LEVELS:
        _, labels = cv2.connectedComponents((weights >= level * peak).astype(np.uint8), connectivity=8)
        mass = np.bincount(labels.ravel(), weights=weights.ravel())
        mass[0] = 0
        region = labels == int(mass.argmax())
        if int(region.any(axis=0).sum()) * int(region.any(axis=1).sum()) <= MOST_REGION_UNIT * region.size:
            break
    return region


def _bound(weights: NDArray[np.float32], *, scale: float) -> Box:
    """The box that holds nearly all of the weights, in pixels of the picture."""
    sides = []
    for axis in (0, 1):
        profile = weights.sum(axis=axis, dtype=np.float64)
        reached = profile.cumsum() / profile.sum()
        low, high = int(np.searchsorted(reached, TRIM_UNIT)), int(np.searchsorted(reached, 1 - TRIM_UNIT)) + 1
        sides.append((low, min(high, len(profile))))
    (x0, x1), (y0, y1) = sides
    return Box(x0, y0, x1, y1).scaled(scale)


def _peak(weights: NDArray[np.float32], *, scale: float) -> tuple[float, float]:
    """Where the weights gather most, in pixels of the picture."""
    sigma_px = max(POINT_SIGMA_UNIT * max(weights.shape), 0.5)
    # Beyond the rim there is nothing; mirrored there, a narrow picture would have its peak at the rim.
    smooth = cv2.GaussianBlur(weights, (0, 0), sigma_px, borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(np.where(weights > 0, smooth, 0).argmax()), weights.shape)
    return (float(column) + 0.5) * scale, (float(row) + 0.5) * scale


def _stand_out(weights: NDArray[np.float32], *, extent: Box, interest: InterestMap, area: Box) -> float:
    """How clearly an extent stands out of the rest of the area, 0–``SUREST_EDGES``; less for most of the picture, which
    leaves open where to look, and for a speck; 0 for all of it."""
    rows, columns = _cells(area, interest=interest)
    inside = np.zeros(weights.shape, dtype=bool)
    inside[_cells(extent, interest=interest)] = True
    here, mine = weights[rows, columns], inside[rows, columns]
    if mine.all() or not mine.any():
        return 0.0
    lead = float(here[mine].mean(dtype=np.float64) - here[~mine].mean(dtype=np.float64))
    share = extent.area / area.area
    size = (1 - share) * math.sqrt(min(share / LEAST_AREA_UNIT, 1.0))
    return SUREST_EDGES * min(max(lead / FULL_LEAD, 0.0), 1.0) * max(size, 0.0)


def _cells(box: Box, *, interest: InterestMap) -> tuple[slice, slice]:
    """Rows and columns of the map that a box touches."""
    height, width = interest.weights.shape
    x0, y0, x1, y1 = box.scaled(1 / interest.scale)
    rows = slice(max(int(y0), 0), min(int(np.ceil(y1)), height))
    return rows, slice(max(int(x0), 0), min(int(np.ceil(x1)), width))
