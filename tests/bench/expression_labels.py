"""Faces of real pictures that an editor would pick or reject for their expression, labelled by eye."""

from __future__ import annotations

from typing import NamedTuple


class LabelledFace(NamedTuple):
    """A face at (``x``, ``y``), its middle at a longer side of 640 px, of a photograph or of frame ``frame`` of a film.

    ``group`` is the person, or the photograph. ``is_good``: open eyes, no word half spoken, nothing before the face,
    not turned away, not moving; a laugh is good.
    """

    file: str
    frame: int
    x: int
    y: int
    group: str
    is_good: bool


_ASL = "video/asl_five_people_montage.mp4"
_GOOGLE = "video/googlework_short.mp4"
_ASL_ROWS = (
    (36, 319, 112, "A", "+"), (48, 315, 112, "A", "+"), (84, 310, 91, "B", "+"), (96, 305, 94, "B", "-"),
    (108, 306, 96, "B", "-"), (132, 312, 95, "B", "+"), (156, 280, 120, "A", "-"), (168, 290, 121, "A", "-"),
    (186, 293, 118, "A", "-"), (204, 294, 112, "A", "+"), (216, 299, 132, "C", "+"), (240, 301, 135, "C", "+"),
    (252, 301, 134, "C", "+"), (264, 299, 134, "C", "+"), (288, 294, 136, "C", "+"), (300, 296, 133, "C", "+"),
    (312, 303, 131, "C", "+"), (324, 307, 95, "B", "+"), (360, 311, 94, "B", "+"), (372, 333, 120, "A", "+"),
    (396, 338, 117, "A", "-"), (426, 304, 139, "D", "+"), (432, 303, 140, "D", "+"), (444, 294, 143, "D", "-"),
    (456, 310, 140, "D", "-"), (462, 317, 138, "D", "-"), (468, 312, 137, "D", "-"), (492, 306, 133, "C", "-"),
    (504, 304, 130, "C", "-"), (540, 310, 92, "B", "+"), (564, 312, 92, "B", "+"), (576, 313, 91, "B", "+"),
    (588, 312, 94, "B", "+"), (600, 315, 93, "B", "+"), (612, 314, 114, "A", "+"), (636, 306, 104, "A", "-"),
    (648, 290, 111, "A", "-"), (660, 271, 121, "A", "-"), (666, 264, 125, "A", "-"), (684, 308, 61, "E", "-"),
    (696, 316, 60, "E", "-"), (708, 307, 59, "E", "-"), (720, 298, 141, "D", "-"), (732, 298, 140, "D", "-"),
    (744, 303, 143, "D", "-"), (756, 304, 143, "D", "-"), (768, 301, 142, "D", "-"), (780, 302, 139, "D", "-"),
    (792, 305, 130, "C", "+"), (804, 306, 128, "C", "+"), (816, 304, 129, "C", "+"), (828, 303, 130, "C", "+"),
    (840, 302, 132, "C", "+"), (852, 299, 134, "C", "+"), (864, 307, 90, "B", "+"), (876, 298, 89, "B", "-"),
    (888, 299, 90, "B", "+"), (900, 300, 92, "B", "+"), (912, 299, 94, "B", "+"), (924, 302, 96, "B", "+"),
    (936, 304, 128, "A", "+"), (990, 275, 99, "E", "+"), (996, 272, 93, "E", "-"), (1008, 273, 90, "E", "-"),
    (1020, 275, 93, "E", "-"), (1032, 297, 141, "D", "-"), (1044, 299, 137, "D", "-"), (1056, 295, 136, "D", "-"),
    (1068, 301, 137, "D", "-"), (1092, 301, 140, "D", "-"), (1104, 299, 140, "D", "-"), (1116, 300, 140, "D", "-"),
    (1128, 306, 137, "C", "+"), (1152, 302, 137, "C", "+"), (1164, 299, 137, "C", "+"), (1176, 294, 139, "C", "+"),
    (1200, 287, 130, "C", "-"), (1212, 312, 90, "B", "+"), (1224, 306, 90, "B", "-"), (1236, 312, 90, "B", "-"),
    (1248, 314, 92, "B", "+"),
)  # fmt: skip
_GOOGLE_ROWS = (
    (632, 227, 60, "Carlo", "+"), (648, 228, 60, "Carlo", "-"), (664, 227, 58, "Carlo", "+"),
    (680, 235, 59, "Carlo", "-"), (696, 233, 61, "Carlo", "-"), (712, 155, 45, "Carlo", "-"),
    (728, 155, 46, "Carlo", "-"), (744, 156, 47, "Carlo", "-"), (760, 160, 46, "Carlo", "-"),
    (824, 113, 57, "Omar", "+"), (840, 112, 57, "Omar", "+"), (856, 113, 57, "Omar", "+"),
    (872, 112, 59, "Omar", "-"), (888, 113, 58, "Omar", "+"), (904, 114, 58, "Omar", "+"),
    (936, 113, 58, "Omar", "+"),
)  # fmt: skip
_PHOTOGRAPHS = (
    ("documerica/543043.jpg", 245, 76, "-"), ("documerica/543043.jpg", 293, 249, "+"),
    ("documerica/543043.jpg", 150, 106, "+"), ("documerica/543863.jpg", 310, 321, "+"),
    ("documerica/543863.jpg", 85, 156, "+"), ("documerica/545607.jpg", 253, 71, "-"),
    ("documerica/552821.jpg", 445, 81, "+"), ("documerica/552879.jpg", 160, 127, "-"),
    ("documerica/552934.jpg", 220, 75, "-"), ("documerica/553279.jpg", 215, 296, "+"),
    ("documerica/556205.jpg", 215, 144, "-"), ("fsaowi/LC-USE6-D-009289.jpg", 257, 175, "-"),
    ("fsaowi/LC-USF33-011555.jpg", 456, 334, "-"), ("fsaowi/LC-USF33-011598.jpg", 100, 243, "-"),
    ("fsaowi/LC-USF33-011879.jpg", 189, 187, "-"), ("fsaowi/LC-USF33-012762.jpg", 235, 256, "+"),
    ("fsaowi/LC-USF33-013084.jpg", 269, 184, "-"), ("fsaowi/LC-USF33-020593.jpg", 249, 109, "-"),
    ("fsaowi/LC-USF34-012449.jpg", 354, 240, "-"), ("fsaowi/LC-USF34-029467.jpg", 447, 245, "-"),
    ("fsaowi/LC-USF34-029514.jpg", 233, 250, "+"), ("fsaowi/LC-USF34-030490.jpg", 206, 234, "+"),
    ("fsaowi/LC-USF34-033735.jpg", 320, 225, "-"), ("fsaowi/LC-USF34-042633.jpg", 234, 169, "+"),
    ("fsaowi/LC-USF34-063421.jpg", 181, 157, "-"), ("fsaowi/LC-USF34-080870.jpg", 255, 157, "-"),
    ("fsaowi/LC-USF34-110133.jpg", 128, 153, "-"), ("fsaowi/LC-USW3-015163.jpg", 424, 188, "-"),
    ("fsaowi/LC-USW3-015163.jpg", 277, 161, "+"), ("fsaowi/LC-USW3-015163.jpg", 164, 193, "+"),
    ("fsaowi/LC-USW3-017248.jpg", 469, 208, "-"), ("fsaowi/LC-USW3-033480.jpg", 215, 216, "-"),
    ("fsaowi/LC-USW3-033480.jpg", 329, 92, "-"), ("fsaowi/LC-USW3-033480.jpg", 150, 84, "-"),
    ("fsaowi/LC-USW3-037561.jpg", 225, 314, "-"), ("fsaowi/LC-USW3-040499.jpg", 490, 195, "+"),
    ("fsaowi/LC-USW3-040499.jpg", 218, 171, "-"), ("fsaowi/LC-USW38-000339.jpg", 299, 273, "-"),
)  # fmt: skip

LABELLED_FACES = (
    *(LabelledFace(_ASL, frame, x, y, who, mark == "+") for frame, x, y, who, mark in _ASL_ROWS),
    *(LabelledFace(_GOOGLE, frame, x, y, who, mark == "+") for frame, x, y, who, mark in _GOOGLE_ROWS),
    *(LabelledFace(f"images/{name}", -1, x, y, name, mark == "+") for name, x, y, mark in _PHOTOGRAPHS),
)
"""Labelled from the pictures; faces that could be either are left out. The curves of the untrained score and the
classifier's penalty were chosen on these very faces and on drawn ones, so their figures flatter."""
