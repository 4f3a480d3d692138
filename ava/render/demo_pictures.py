"""The pictures of the demo film: where faces are in them, and how people are cut out of them."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ava.render.matte import Outline, cut_out, fill_hole
from ava.render.plate import Face, Plate, crop_plate, defocus_plate, load_plate, scale_plate
from ava.render.truth import Box
from ava.weights.catalogue import CATALOGUE, DEMO_PICTURES

COLLINS = "Eileen Collins"
OBAMA = "Barack Obama"
BIDEN = "Joe Biden"

# Boxes from forehead to chin and ear to ear, in pixels of the pictures.
_FACES: dict[str, tuple[str, Box]] = {
    "astronaut.png": (COLLINS, (181, 62, 268, 172)),
    "obama.jpg": (OBAMA, (367, 79, 616, 428)),
    "obama2.jpg": (OBAMA, (190, 213, 472, 639)),
    "obama3.jpg": (OBAMA, (634, 249, 914, 612)),
    "biden.jpg": (BIDEN, (427, 167, 714, 560)),
}

_COLLINS_SURELY: Outline = (
    (163, 82), (191, 37), (252, 30), (286, 68), (283, 116), (256, 150), (262, 192), (293, 226), (293, 259), (327, 313),
    (351, 368), (354, 395), (408, 374), (463, 381), (497, 449), (497, 504), (41, 504), (48, 368), (68, 272),
    (136, 231), (129, 191), (163, 170), (190, 163), (204, 150), (174, 116),
)  # fmt: skip
_COLLINS_AT_MOST: Outline = (
    (136, 82), (157, 27), (204, 8), (266, 8), (302, 48), (305, 116), (272, 150), (270, 184), (292, 196),
    (312, 222), (312, 266), (357, 300), (368, 350), (408, 347), (470, 354), (511, 449), (511, 511), (14, 511),
    (20, 368), (48, 259), (116, 218), (98, 191), (130, 150), (163, 160), (145, 120),
)  # fmt: skip
_BIDEN_SURELY: Outline = (
    (425, 228), (539, 155), (663, 166), (715, 269), (694, 477), (622, 580), (684, 684), (870, 767), (912, 912),
    (943, 1036), (943, 1300), (62, 1300), (124, 1284), (83, 1160), (73, 704), (249, 622), (414, 559),
    (435, 414),
)  # fmt: skip
_BIDEN_AT_MOST: Outline = (
    (352, 249), (414, 124), (559, 73), (704, 114), (777, 228), (767, 414), (715, 559), (787, 622), (912, 704),
    (969, 767), (969, 1300), (0, 1300), (21, 684), (62, 601), (269, 549), (394, 487), (363, 394),
)  # fmt: skip
_OBAMA_SURELY: Outline = (
    (651, 395), (695, 274), (772, 252), (871, 285), (893, 439), (860, 592), (827, 669), (920, 760), (1079, 812),
    (1134, 965), (1189, 1184), (1090, 1299), (421, 1299), (279, 1316), (279, 1108), (344, 812), (597, 746),
    (673, 636), (629, 493),
)  # fmt: skip
_OBAMA_AT_MOST: Outline = (
    (586, 373), (640, 241), (772, 197), (904, 252), (948, 439), (926, 570), (870, 650), (900, 715), (1123, 746),
    (1189, 877), (1255, 1184), (1189, 1299), (235, 1299), (224, 1096), (289, 768), (553, 713), (629, 636),
    (564, 483),
)  # fmt: skip
_SPEAKER_SURELY: Outline = (
    (260, 240), (330, 185), (430, 190), (520, 260), (515, 380), (495, 480), (450, 560), (400, 610), (470, 640),
    (590, 745), (620, 800), (620, 900), (10, 900), (10, 730), (180, 650), (240, 640), (300, 640), (235, 560),
    (215, 400),
)  # fmt: skip
_SPEAKER_AT_MOST: Outline = (
    (190, 300), (240, 200), (330, 145), (440, 150), (540, 230), (560, 420), (530, 520), (475, 560), (490, 600),
    (626, 690), (626, 900), (0, 900), (0, 665), (170, 610), (225, 590), (240, 560), (190, 480), (180, 380),
)  # fmt: skip
_ROCKET: Outline = (
    (310, 150), (315, 132), (321.5, 125), (328, 132), (335, 150), (335, 179), (331, 184), (331, 405), (314, 405),
    (313, 184), (310, 179),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Portraits:
    """The pictures of two people that come from the weights store, whole and cut out."""

    obama: Plate
    biden: Plate
    obama_standing: Plate
    biden_standing: Plate
    obama_speaking: Plate
    blue_room: Plate


@dataclass(frozen=True, slots=True)
class DemoPictures:
    """All plates of the demo film; ``portraits`` is None when their pictures are not installed."""

    stars: Plate
    moon: Plate
    pad: Plate
    empty_pad: Plate
    rocket: Plate
    coffee: Plate
    motorcycle: Plate
    cat: Plate
    world: Plate
    cameraman: Plate
    collins: Plate
    collins_standing: Plate
    portraits: Portraits | None


def load_demo_pictures(*, pictures_dir: Path | None) -> DemoPictures:
    """Load what scikit-image ships, and the portraits from ``pictures_dir`` when all of them are there."""
    shipped = _shipped_dir()
    collins = _load(shipped / "astronaut.png")
    pad = load_plate(shipped / "rocket.jpg")
    rocket, empty_pad = _lift_rocket(pad)
    return DemoPictures(
        stars=load_plate(shipped / "hubble_deep_field.jpg"),
        moon=load_plate(shipped / "moon.png"),
        pad=pad,
        empty_pad=empty_pad,
        rocket=rocket,
        coffee=load_plate(shipped / "coffee.png"),
        motorcycle=load_plate(shipped / "motorcycle_left.png"),
        cat=load_plate(shipped / "chelsea.png"),
        world=load_plate(shipped / "retina.jpg"),
        cameraman=load_plate(shipped / "camera.png"),
        collins=collins,
        collins_standing=cut_out(collins, surely=_COLLINS_SURELY, at_most=_COLLINS_AT_MOST, draw_in_unit=0.62),
        portraits=_load_portraits(pictures_dir),
    )


def _shipped_dir() -> Path:
    import skimage

    return Path(skimage.__file__).parent / "data"


def _load(path: Path) -> Plate:
    person, box = _FACES[path.name]
    return load_plate(path, faces=(Face(person, box),))


def _load_portraits(pictures_dir: Path | None) -> Portraits | None:
    if pictures_dir is None:
        return None
    paths = {name: pictures_dir / CATALOGUE[name].file for name in DEMO_PICTURES}
    if not all(path.is_file() for path in paths.values()):
        return None
    standing = _load(paths["picture-obama3"])
    standing = crop_plate(standing, x0=0, y0=0, x1=standing.width, y1=1300)
    obama_standing = cut_out(standing, surely=_OBAMA_SURELY, at_most=_OBAMA_AT_MOST)
    biden = _load(paths["picture-biden"])
    biden = crop_plate(biden, x0=0, y0=0, x1=biden.width, y1=1300)
    speaking = _load(paths["picture-obama2"])
    speaking = crop_plate(speaking, x0=0, y0=0, x1=speaking.width, y1=900)
    return Portraits(
        obama=_load(paths["picture-obama"]),
        biden=biden,
        obama_standing=obama_standing,
        biden_standing=cut_out(biden, surely=_BIDEN_SURELY, at_most=_BIDEN_AT_MOST),
        obama_speaking=cut_out(speaking, surely=_SPEAKER_SURELY, at_most=_SPEAKER_AT_MOST),
        blue_room=_empty_room(obama_standing),
    )


def _empty_room(standing: Plate) -> Plate:
    """The room behind a person who has been cut out, emptied and out of focus as behind a long lens."""
    assert standing.matte is not None
    hole = np.asarray(cv2.dilate(standing.matte, np.ones((41, 41), np.uint8)), dtype=np.uint8)
    hole[950:, 1290:] = 255  # the sleeve of somebody who stands beside him
    room = scale_plate(Plate(standing.rgb, matte=hole), factor=0.5)
    assert room.matte is not None
    filled = Plate(fill_hole(room.rgb, hole=room.matte))
    return defocus_plate(scale_plate(filled, factor=2.0), sigma_px=9.0)


def _lift_rocket(pad: Plate) -> tuple[Plate, Plate]:
    """Part the pad's picture into the rocket and the sky and tower behind it."""
    matte = np.zeros((pad.height, pad.width), dtype=np.uint8)
    corners = np.round(np.asarray(_ROCKET) * 16).astype(np.int32)
    cv2.fillPoly(matte, [corners], 255, cv2.LINE_AA, 4)
    hole = np.asarray(cv2.dilate(matte, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    return Plate(pad.rgb, matte=matte), Plate(fill_hole(pad.rgb, hole=hole))
