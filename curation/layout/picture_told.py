"""A picture that was laid out, told as JSON knows it and as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curation.layout.picture import LaidOutPicture
from curation.layout.still_fields import WHOLE, still_fields

FACE_FIELDS = ("box", "score", "eyes_open", "mouth_open", "yaw_deg", "pitch_deg", "roll_deg", "expression")
TEXT_FIELDS = ("box", "score", "text")


def tell_picture(
    laid_out: LaidOutPicture,
    *,
    name: str,
    remarks: Sequence[str] = (),
    unavailable: Iterable[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Tell a picture called ``name`` in the fields of a still in result.json: see ``still_fields``, and "faces" and
    "text_regions"; with "image", "width" and "height", "remarks" on how it was read, and what was "unavailable"."""
    found, contents = laid_out.found, laid_out.contents
    return {
        "image": name,
        "width": contents.width,
        "height": contents.height,
        **still_fields(laid_out.layout),
        "faces": tell_faces(found["faces"]),
        "text_regions": tell_text(found["text"]),
        "remarks": list(remarks),
        "unavailable": [dict(each) for each in unavailable],
    }


def tell_faces(faces: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Faces that were found, not only followed, with the fields that result.json has of them."""
    return [{field: face.get(field) for field in FACE_FIELDS} for face in faces if face["is_detected"]]


def tell_text(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines of lettering with the fields that result.json has of them."""
    return [{field: line[field] for field in TEXT_FIELDS} for line in lines]


def tell_as_text(told: Mapping[str, Any]) -> str:
    """What ``tell_picture`` tells, as lines for people."""
    faces, lines, point = len(told["faces"]), len(told["text_regions"]), told["layout"]["focal_point"]
    text = [
        f"{told['image']}: {told['width']} × {told['height']}, {faces} face{'' if faces == 1 else 's'}, "
        f"{lines} line{'' if lines == 1 else 's'} of lettering",
        f"  Focal point {point['x']:.0f} {point['y']:.0f} ({point['by']}, confidence {point['confidence']:.2f}). "
        f"{point['why']}".rstrip(),
    ]
    for key, canvas in told["layout"]["canvases"].items():
        text += list(_canvas_lines(key, canvas))
    notes = [*told["remarks"], *told["layout"]["unknown"]]
    notes += [f"Unavailable: {each['what']}: {each['why']}" for each in told["unavailable"]]
    notes += [f"Written: {file}" for file in told.get("files", {}).values()]
    return "\n".join([*text, *(f"  {note}" for note in notes)])


def _canvas_lines(key: str, canvas: Mapping[str, Any]) -> Iterable[str]:
    suits = "" if key == WHOLE else f", suits {canvas['suits']:.2f}"
    yield " ".join([f"  {canvas['name']} ({key}): {_box(canvas['crop'])}{suits}.", *canvas["reasons"]])
    for kind, placement in canvas["placements"].items():
        if placement["box"] is None:
            yield f"    {kind}: {placement['why']}"
        else:
            ink = f"{placement['ink']} lettering, contrast {placement['contrast']:.1f}"
            yield f"    {kind}: {_box(placement['box'])}, {ink}. {placement['why']}".rstrip()


def _box(box: Iterable[float]) -> str:
    return " ".join(f"{side:.0f}" for side in box)
