"""What XMP says of the places in a picture file: faces and focal point, the crop it shows, crops it is good for.

Sources: Metadata Working Group, Guidelines for handling image metadata 2.0 (2010), image regions, whose
areas are told by their centres as shares of the file's own width and height; IPTC Photo Metadata 2019.1, image
regions, whose rectangles are told by their top left corners. What neither knows has names of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from ava.media.canvas_picture import fit_window
from curation.layout.box import Box
from curation.layout.layouts import CanvasLayout, Layout

SEEN_SHARE = 0.5
"""Of a face this much lies in a crop at least that is said to show it."""

RECOMMENDED_CROP = "http://cv.iptc.org/newscodes/imageregionrole/recomCropping"
_NAMESPACES = {
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "still": "urn:ava:still",
}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class NamedFace(NamedTuple):
    """A face in pixels of the picture, and who it is; "" where nobody named them."""

    box: Box
    name: str = ""


@dataclass(frozen=True, slots=True)
class LaidOutPicture:
    """What is known of the places in a picture of ``width`` × ``height`` pixels; no layout where none was made."""

    width: int
    height: int
    faces: tuple[NamedFace, ...] = ()
    layout: Layout | None = None

    def shown_on(self, canvas: CanvasLayout | None) -> Box:
        """The part of the picture that a file shows: all of it, or what fills a canvas."""
        if canvas is None:
            return Box(0, 0, self.width, self.height)
        return Box(*fit_window(canvas.crop.box, size=(canvas.canvas.width_px, canvas.canvas.height_px)))


def describe_places(picture: LaidOutPicture, *, canvas: CanvasLayout | None = None) -> str:
    """XMP of a picture's file, of all of it or of what is shown on a canvas: one rdf:Description with its namespaces.

    Empty where there is nothing to say. Raises ValueError for a crop without area.
    """
    window = picture.shown_on(canvas)
    size = (picture.width, picture.height) if canvas is None else (canvas.canvas.width_px, canvas.canvas.height_px)
    regions = [*_face_regions(picture.faces, window=window), *_focus_regions(picture.layout, window=window)]
    lines = [
        _regions(regions, size=size) if regions else "",
        _crop(canvas, picture=picture) if canvas else _good_crops(picture),
        _focal_point(picture),
    ]
    body = "\n".join(line for line in lines if line)
    names = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in _NAMESPACES.items())
    return f'\n<rdf:Description rdf:about="" {names}>\n{body}\n</rdf:Description>' if body else ""


def _face_regions(faces: Iterable[NamedFace], *, window: Box) -> list[str]:
    regions = []
    for face in faces:
        seen = face.box.shared(window)
        if seen.area <= 0 or seen.area < SEEN_SHARE * face.box.area:
            continue
        x, y = _place(seen.centre, window=window)
        area = (
            f'<mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{_number(seen.width / window.width)}" '
            f'stArea:h="{_number(seen.height / window.height)}" stArea:unit="normalized"/>'
        )
        name = f" mwg-rs:Name={quoteattr(_NOT_XML.sub('', face.name))}" if face.name else ""
        regions.append(f'<rdf:Description mwg-rs:Type="Face"{name}>{area}</rdf:Description>')
    return regions


def _focus_regions(layout: Layout | None, *, window: Box) -> list[str]:
    """The focal point, where the file shows it: a point has no width and height."""
    if layout is None:
        return []
    point = layout.focal_point
    if not (window.x0 <= point.x <= window.x1 and window.y0 <= point.y <= window.y1):
        return []
    x, y = _place((point.x, point.y), window=window)
    area = f'<mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:unit="normalized"/>'
    return [f'<rdf:Description mwg-rs:Type="Focus" mwg-rs:FocusUsage="EvaluatedUsed">{area}</rdf:Description>']


def _regions(regions: Iterable[str], *, size: tuple[int, int]) -> str:
    members = "\n".join(f"<rdf:li>{region}</rdf:li>" for region in regions)
    return (
        '<mwg-rs:Regions rdf:parseType="Resource">'
        f'<mwg-rs:AppliedToDimensions stDim:w="{size[0]}" stDim:h="{size[1]}" stDim:unit="pixel"/>'
        f"<mwg-rs:RegionList><rdf:Bag>\n{members}\n</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


def _crop(canvas: CanvasLayout, *, picture: LaidOutPicture) -> str:
    sides = zip(("left", "top", "right", "bottom"), picture.shown_on(canvas), strict=True)
    box = "".join(f"<still:{side}>{_number(value)}</still:{side}>" for side, value in sides)
    return (
        f"<still:canvas>{escape(canvas.canvas.key)}</still:canvas>"
        f'<still:crop rdf:parseType="Resource">{box}</still:crop>'
        f"<still:sourceWidth>{picture.width}</still:sourceWidth>"
        f"<still:sourceHeight>{picture.height}</still:sourceHeight>"
    )


def _focal_point(picture: LaidOutPicture) -> str:
    """In pixels of the whole picture, whatever part of it a file shows."""
    if picture.layout is None:
        return ""
    point = picture.layout.focal_point
    return (
        f'<still:focalPoint rdf:parseType="Resource"><still:x>{_number(point.x)}</still:x>'
        f"<still:y>{_number(point.y)}</still:y></still:focalPoint>"
    )


def _good_crops(picture: LaidOutPicture) -> str:
    """The crops for the canvases that were asked for, as regions by which editors and sites can cut the whole still."""
    if picture.layout is None or not picture.layout.canvases:
        return ""
    members = "\n".join(_good_crop(canvas, picture=picture) for canvas in picture.layout.canvases)
    return f"<Iptc4xmpExt:ImageRegion><rdf:Bag>\n{members}\n</rdf:Bag></Iptc4xmpExt:ImageRegion>"


def _good_crop(canvas: CanvasLayout, *, picture: LaidOutPicture) -> str:
    window, key = picture.shown_on(canvas), canvas.canvas.key
    parts = {
        "rbX": window.x0 / picture.width,
        "rbY": window.y0 / picture.height,
        "rbW": window.width / picture.width,
        "rbH": window.height / picture.height,
    }
    numbers = "".join(f"<Iptc4xmpExt:{name}>{_number(value)}</Iptc4xmpExt:{name}>" for name, value in parts.items())
    called = escape(_NOT_XML.sub("", canvas.canvas.name))
    return (
        '<rdf:li rdf:parseType="Resource"><Iptc4xmpExt:RegionBoundary rdf:parseType="Resource">'
        "<Iptc4xmpExt:rbShape>rectangle</Iptc4xmpExt:rbShape><Iptc4xmpExt:rbUnit>relative</Iptc4xmpExt:rbUnit>"
        f"{numbers}</Iptc4xmpExt:RegionBoundary><Iptc4xmpExt:rId>{escape(key)}</Iptc4xmpExt:rId>"
        f'<Iptc4xmpExt:Name><rdf:Alt><rdf:li xml:lang="x-default">{called}</rdf:li></rdf:Alt></Iptc4xmpExt:Name>'
        '<Iptc4xmpExt:rRole><rdf:Bag><rdf:li rdf:parseType="Resource"><xmp:Identifier><rdf:Bag>'
        f"<rdf:li>{RECOMMENDED_CROP}</rdf:li></rdf:Bag></xmp:Identifier></rdf:li></rdf:Bag></Iptc4xmpExt:rRole></rdf:li>"
    )


def _place(point: tuple[float, float], *, window: Box) -> tuple[str, str]:
    """A point of the picture as shares of a window's width and height."""
    return _number((point[0] - window.x0) / window.width), _number((point[1] - window.y0) / window.height)


def _number(value: float) -> str:
    """With six places at most, and never as 1e-05, which not every reader takes."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
