"""What people saw in real pictures: faces and their states, in pixels at a longer side of 640."""

from __future__ import annotations

from typing import NamedTuple

WITHOUT_PEOPLE = tuple(
    f"documerica/{number}.jpg"
    for number in (
        542968, 543410, 543550, 543602, 543664, 543757, 543836, 544066, 544435, 544489, 544700, 545215, 545563,
        545810, 546583, 546711, 547497, 547662, 548208, 548332, 548671, 548756, 549173, 549362, 549714, 549832,
        550336, 550692, 550852, 551064, 551312, 551329, 551372, 551532, 551606, 552259, 552265, 552379, 552714,
        553573, 553679, 554054, 554707, 555322, 555541, 555544, 555699, 555779, 556334, 557231, 557482,
    )
) + tuple(
    f"fsaowi/{name}.jpg"
    for name in (
        "LC-USF33-006507", "LC-USF33-011622", "LC-USF33-011898", "LC-USF33-012346", "LC-USF33-012448",
        "LC-USF33-012656", "LC-USF34-010471",
    )
)  # fmt: skip

CLEAR_FACES: dict[str, tuple[tuple[int, int], ...]] = {
    "documerica/543043": ((245, 76), (293, 249), (95, 33), (160, 95)),
    "documerica/543863": ((310, 320), (84, 156)),
    "documerica/545607": ((253, 71),),
    "documerica/546190": ((412, 317), (177, 182)),
    "documerica/547372": ((397, 124),),
    "documerica/547795": ((138, 182), (339, 188), (516, 174), (239, 179), (588, 200), (435, 203)),
    "documerica/551126": ((381, 117), (435, 121), (525, 119), (180, 147)),
    "documerica/552821": ((444, 80), (384, 62), (446, 152), (376, 185)),
    "documerica/552879": ((160, 126),),
    "documerica/552934": ((308, 86), (220, 75), (323, 54)),
    "documerica/553279": ((92, 246), (213, 297)),
    "documerica/553494": ((464, 255),),
    "documerica/557675": ((450, 73),),
    "fsaowi/LC-USF33-011598": ((273, 269), (396, 257), (331, 274), (100, 242), (285, 181), (422, 192), (145, 215)),
    "fsaowi/LC-USF33-011879": ((157, 199), (188, 187)),
    "fsaowi/LC-USF33-012762": ((234, 255),),
    "fsaowi/LC-USF33-013084": ((269, 183), (348, 184), (440, 205)),
    "fsaowi/LC-USF34-005141": ((161, 255), (416, 253), (290, 258), (497, 150)),
    "fsaowi/LC-USF34-012449": ((551, 411), (354, 240)),
    "fsaowi/LC-USF34-029467": ((278, 246),),
}
"""Faces of about 20 px and more that look more towards the viewer than aside."""

PROFILES: dict[str, tuple[tuple[int, int], ...]] = {
    "documerica/547355": ((145, 205),),
    "documerica/551779": ((204, 191),),
    "documerica/552934": ((185, 65), (620, 90)),
    "documerica/553371": ((185, 165),),
    "documerica/556205": ((215, 144),),
    "documerica/557061": ((95, 150), (385, 60)),
    "documerica/557675": ((115, 245), (355, 175)),
    "documerica/557741": ((185, 171),),
    "fsaowi/LC-USE6-D-009289": ((256, 175), (565, 395)),
    "fsaowi/LC-USF33-011361": ((225, 230),),
    "fsaowi/LC-USF33-013061": ((350, 185),),
    "fsaowi/LC-USF33-020593": ((249, 109),),
    "fsaowi/LC-USF34-029467": ((446, 245), (210, 240)),
}
"""Faces seen from the side, or that look down so far that hardly more than the brow shows."""


class SeenFace(NamedTuple):
    """A face at (``x``, ``y``) of a picture, or of frame ``frame`` of a film. ``eyes`` and ``mouth``: "o" open, "c"
    closed, "?" cannot be said (covered, too dark, between); ``smile`` "s", "n" or "?"; ``turned`` to the picture's
    "l" or "r", "f" to the front or "?"."""

    file: str
    frame: int
    x: int
    y: int
    eyes: str
    mouth: str
    smile: str
    turned: str


_ASL = "video/asl_five_people_montage.mp4"
_FRIDAY = "video/friday.mp4"
_SINTEL = "video/sintel_trailer_480p.mp4"
_GOOGLE = "video/googlework_short.mp4"
_ROWS = (
    (_ASL, 10, 319, 106, "ocnf"), (_ASL, 150, 287, 113, "ocnf"), (_ASL, 215, 299, 132, "ocn?"),
    (_ASL, 300, 296, 133, "oc??"), (_ASL, 330, 309, 93, "ocnf"), (_ASL, 400, 338, 116, "ocnf"),
    (_ASL, 424, 303, 139, "?osf"), (_ASL, 452, 301, 142, "c?nf"), (_ASL, 460, 315, 138, "c?nf"),
    (_ASL, 500, 303, 131, "ocn?"), (_ASL, 560, 312, 91, "ocnf"), (_ASL, 620, 315, 111, "ocn?"),
    (_ASL, 690, 312, 59, "o?nf"), (_ASL, 740, 300, 141, "?onf"), (_ASL, 800, 306, 127, "ocn?"),
    (_ASL, 880, 300, 89, "o?nf"), (_ASL, 950, 301, 108, "ocnf"), (_ASL, 1010, 272, 90, "o?nf"),
    (_ASL, 1090, 300, 137, "?onf"), (_ASL, 1150, 300, 137, "oc??"), (_ASL, 1230, 309, 89, "ocnf"),
    (_ASL, 1300, 294, 107, "ocnf"), (_FRIDAY, 14, 455, 99, "?osl"), (_FRIDAY, 48, 272, 258, "?cnr"),
    (_FRIDAY, 48, 428, 104, "oonl"), (_FRIDAY, 70, 429, 106, "?onl"), (_FRIDAY, 98, 282, 249, "?cnr"),
    (_FRIDAY, 98, 410, 112, "?onl"), (_SINTEL, 196, 286, 164, "o??f"), (_SINTEL, 322, 337, 163, "ccnl"),
    (_SINTEL, 546, 187, 117, "oonr"), (_SINTEL, 658, 338, 169, "oonf"), (_SINTEL, 756, 233, 139, "oonf"),
    (_GOOGLE, 660, 226, 57, "ocnl"), (_GOOGLE, 760, 159, 46, "ccnl"), (_GOOGLE, 820, 113, 56, "oosr"),
    (_GOOGLE, 900, 112, 57, "oosr"),
    ("images/documerica/543043.jpg", -1, 293, 249, "oosf"),
    ("images/documerica/543043.jpg", -1, 95, 33, "?cnf"),
    ("images/documerica/543863.jpg", -1, 310, 320, "ocnf"),
    ("images/documerica/543863.jpg", -1, 84, 156, "oosf"),
    ("images/documerica/547372.jpg", -1, 397, 124, "o?n?"),
    ("images/documerica/552879.jpg", -1, 160, 126, "ccnf"),
    ("images/documerica/553279.jpg", -1, 92, 246, "?cnr"),
    ("images/documerica/553279.jpg", -1, 213, 297, "oosr"),
    ("images/documerica/553494.jpg", -1, 464, 255, "ocnf"),
    ("images/fsaowi/LC-USE6-D-009289.jpg", -1, 256, 175, "ccnr"),
    ("images/fsaowi/LC-USF33-012762.jpg", -1, 234, 255, "ocnf"),
    ("images/fsaowi/LC-USF33-013084.jpg", -1, 269, 183, "ccnr"),
    ("images/fsaowi/LC-USF34-005141.jpg", -1, 416, 253, "?cn?"),
    ("images/fsaowi/LC-USF34-029467.jpg", -1, 446, 245, "?cnr"),
    ("images/fsaowi/LC-USF34-029514.jpg", -1, 232, 250, "?osf"),
    ("images/fsaowi/LC-USF34-030490.jpg", -1, 206, 234, "ocn?"),
    ("images/fsaowi/LC-USF34-033735.jpg", -1, 320, 225, "?cnl"),
    ("images/fsaowi/LC-USF34-042633.jpg", -1, 234, 169, "ocsf"),
    ("images/fsaowi/LC-USF34-063421.jpg", -1, 180, 156, "ccnf"),
    ("images/fsaowi/LC-USF34-080870.jpg", -1, 255, 157, "?cnr"),
    ("images/fsaowi/LC-USW3-015163.jpg", -1, 424, 187, "oo?f"),
    ("images/fsaowi/LC-USW3-015163.jpg", -1, 274, 161, "oc?f"),
    ("images/fsaowi/LC-USW3-017248.jpg", -1, 470, 206, "cosl"),
    ("images/fsaowi/LC-USW3-023749.jpg", -1, 237, 445, "ocnf"),
    ("images/fsaowi/LC-USW3-033480.jpg", -1, 215, 216, "c?nl"),
    ("images/fsaowi/LC-USW3-033480.jpg", -1, 329, 91, "c?n?"),
    ("images/fsaowi/LC-USW3-040499.jpg", -1, 489, 194, "ocnf"),
    ("images/fsaowi/LC-USW3-040499.jpg", -1, 75, 226, "oosr"),
    ("images/fsaowi/LC-USW3-042236.jpg", -1, 296, 226, "ocn?"),
    ("images/fsaowi/LC-USW38-000339.jpg", -1, 298, 273, "c?nl"),
)  # fmt: skip

SEEN_FACES = tuple(SeenFace(file, frame, x, y, *states) for file, frame, x, y, states in _ROWS)
"""Labelled from the pictures alone. The boundaries were set by looking at some of the same films and photographs and at
drawn faces, so these figures flatter a little."""

UNSEEN_IN_FIT = (
    ("images/documerica/543863.jpg", 310, 320), ("images/documerica/543863.jpg", 84, 156),
    ("images/documerica/553494.jpg", 464, 255), ("images/fsaowi/LC-USF33-012762.jpg", 234, 255),
    ("images/fsaowi/LC-USF34-029514.jpg", 232, 250), ("images/fsaowi/LC-USF34-042633.jpg", 234, 169),
    ("images/fsaowi/LC-USW3-015163.jpg", 424, 187), ("images/fsaowi/LC-USW3-015163.jpg", 274, 161),
    ("images/fsaowi/LC-USW3-042236.jpg", 296, 226),
)  # fmt: skip
"""Nearly frontal faces of people on whom the correction of poses was not fitted."""
