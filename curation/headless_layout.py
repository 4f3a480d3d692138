"""How the stills of a film that was analysed without a database are laid out. Imports no Django."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.annotate.describe import describe_findings
from curation.headless import Analysis
from curation.headless_people import describe_faces_of_frame
from curation.layout.contents import PictureContents, read_contents
from curation.layout.picture import shrink_for_layout
from curation.layout.still_fields import lay_out_still, still_fields


def describe_still_layout(analysis: Analysis, frame_index: int, *, rgb: NDArray[np.uint8]) -> dict[str, Any]:
    """Lay out a still, RGB ``uint8 (H, W, 3)``, from what was found in its frame: see ``still_fields``."""
    contents = _contents_of(analysis, frame_index)
    return still_fields(lay_out_still(shrink_for_layout(rgb), contents=contents))


def _contents_of(analysis: Analysis, frame_index: int) -> PictureContents:
    found = describe_findings(analysis.found, frame_index)
    found["faces"] = [
        face | {"prominence": prominence}
        for face, prominence in zip(found["faces"], _prominences(analysis, frame_index, found["faces"]), strict=True)
    ]
    return read_contents(
        found,
        size=(analysis.info.width, analysis.info.height),
        area=analysis.area,
        looked=frozenset(analysis.found) if frame_index in analysis.looks else frozenset(),
    )


def _prominences(analysis: Analysis, frame_index: int, faces: list[dict[str, Any]]) -> list[float | None]:
    """Of the character that each face is; None for nobody known."""
    if analysis.people is None:
        return [None] * len(faces)
    rated = analysis.people.prominences
    of_character = dict(zip(rated.character.tolist(), rated.prominence.tolist(), strict=True))
    told = describe_faces_of_frame(analysis.people, frame_index)
    return [of_character.get(told[row]["character"]) if row in told else None for row in range(len(faces))]
