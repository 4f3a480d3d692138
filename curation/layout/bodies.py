"""Joints of bodies as the rows that contents are read from."""

from __future__ import annotations

from typing import Any

import numpy as np

from ava.annotate.base import Detections
from ava.annotate.body_pose import JOINTS, BodyPose
from ava.annotate.shot_inspection import columns_of

BODY_POSE = BodyPose.name


def tell_bodies(table: Detections | None, frame_index: int) -> list[dict[str, Any]]:
    """Tell the known joints of each detected face's body in a frame, in the order of the faces.

    A row is ``{"points": {joint: [x, y]}}``, in the table's pixels, as ``read_contents`` takes them for "body_pose".
    """
    if table is None:
        return []
    columns = columns_of(BODY_POSE)
    place = {joint: columns.index(f"{joint}_x") for joint in JOINTS}
    return [
        {"points": {joint: row[x : x + 2].tolist() for joint, x in place.items() if not np.isnan(row[x : x + 2]).any()}}
        for row in table.values[table.frame_index == frame_index]
    ]
