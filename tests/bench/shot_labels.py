"""Shot scales and camera moves of real photographs and films, labelled by eye by one checker, with no second opinion.

Nothing is labelled where the checker could not settle on one name.
"""

from ava.shots.camera_move import CameraKind
from ava.shots.shot_scale import ScaleKind

NOBODY_IN_SIGHT: dict[ScaleKind, str] = {
    "extreme_long": (
        "542968 543550 543757 543836 544066 546583 546711 548208 548332 549173 549362 549714 550336 551064 551532 "
        "551606 552036 552259 552265 553679 554054 555645 555779 557231 557482 USF33-012656 USF33-012346 USF34-027307 "
        "USF34-037715 USF34-042156 USF34-058042 USW3-002174"
    ),
    "long": (
        "543410 544700 545215 545563 547497 548301 548671 548756 549832 549912 550127 550824 550852 551079 551329 "
        "551647 552379 552714 554423 554707 555541 555544 555699 557277 557812 557971 USF33-016137 USF331-006713 "
        "USF34-010471 USF34-011468 USF34-012781 USF34-018841 USF34-020778 USF34-025298 USF34-025768 USF34-051149 "
        "USF34-053555 USF34-064919 USF34-073387 USF34-082194 USW3-003303 USW3-005263 USW3-010851 USW3-019525 "
        "USW3-023208 USW3-023650 USW3-025023 USW3-031038 USW3-035456"
    ),
    "full": "550692 557642 USF34-018973 USF34-073395 USF33-006507 544489",
    "medium": (
        "543664 545810 547662 553573 556334 558114 USF33-011898 USF34-020530 USF34-031803 USF34-033277 USF33-011622"
    ),
    "close_up": "551312 USF33-012448",
    "extreme_close_up": "543602 551372",
}
"""Photographs, by the end of their names, without people or with people too small to matter. The fallback's weights
were fitted to these."""

PEOPLE: dict[ScaleKind, str] = {
    "long": "546190 548696 556860 557741",
    "full": (
        "543043 545607 547355 547372 547795 552821 552934 USF33-003470 USF33-011361 USF33-011879 USF34-050129 "
        "USF34-060671 USF34-110133"
    ),
    "cowboy": "543863 557061 USE6-D-009289 USF33-030939 USW3-001273 USW3-015163",
    "medium": (
        "552879 553279 553371 553494 557675 USF34-033735 USF34-042633 USF34-063421 USW3-033480 USW3-042236 USW38-000339"
    ),
    "close_up": "USF33-012762 USF34-029514",
}
"""Photographs of people, by how much of their main person is seen."""

FILM_SCALES: dict[str, dict[int, ScaleKind]] = {
    "sintel_trailer_480p.mp4": {
        160: "cowboy", 310: "close_up", 350: "close_up", 480: "long", 610: "extreme_long", 665: "close_up",
        900: "extreme_long",
    },
    "big_buck_bunny_0_30.webm": {100: "extreme_long", 180: "extreme_long"},
    "friday.mp4": {60: "medium", 120: "medium"},
    "flower.mp4": {60: "close_up"},
    "chaplin.mp4": {100: "full"},
    "googlework_short.mp4": {
        100: "long", 155: "extreme_long", 210: "long", 250: "long", 580: "full", 650: "medium", 730: "medium",
        790: "medium", 880: "medium", 980: "long",
    },
    "asl_five_people_montage.mp4": {40: "medium", 100: "medium", 260: "medium", 450: "medium", 700: "medium"},
    "car-detection.mp4": {170: "long"},
}  # fmt: skip
"""Scales of single frames of films."""

FILM_MOVES: dict[str, dict[tuple[int, int], CameraKind]] = {
    "big_buck_bunny_0_30.webm": {(27, 283): "tilt", (283, 376): "static", (376, 551): "static", (551, 720): "zoom"},
    "car-detection.mp4": {(0, 377): "static"},
    "chaplin.mp4": {(0, 241): "static"},
    "flower.mp4": {(0, 150): "static"},
    "friday.mp4": {(0, 185): "static"},
    "googlework_short.mp4": {
        (17, 36): "static", (54, 73): "static", (130, 149): "static", (204, 222): "static", (222, 291): "handheld",
        (432, 540): "handheld", (609, 710): "static", (710, 769): "static", (769, 819): "static", (819, 949): "static",
        (949, 1026): "static",
    },
    "nasa_13013.mp4": {(0, 138): "static", (138, 202): "static", (202, 325): "zoom"},
    "popeye_sinbad_p1.mkv": {(0, 297): "static", (297, 657): "static", (657, 962): "static", (962, 1440): "tracking"},
    "popeye_sinbad_p3.mkv": {
        (0, 74): "tracking", (530, 738): "zoom", (738, 1071): "tracking", (1071, 1336): "static",
        (1336, 1440): "static",
    },
    "sintel_trailer_480p.mp4": {
        (57, 126): "zoom", (334, 365): "static", (452, 505): "static", (571, 621): "pan", (621, 658): "tracking",
        (686, 764): "tracking", (850, 984): "pan", (1140, 1163): "static", (1163, 1220): "static",
    },
    "steamboat.mp4": {(0, 113): "tracking", (113, 449): "static", (625, 672): "static"},
    "testvideo.mp4": {(30, 180): "static", (222, 347): "static", (407, 542): "static", (542, 694): "static"},
    "asl_five_people_montage.mp4": {
        (0, 77): "static", (205, 314): "static", (604, 670): "static", (719, 787): "static", (1118, 1207): "static",
        (1258, 1323): "static",
    },
}  # fmt: skip
"""Camera moves of shots (half-open)."""


def label_photographs(labels: dict[ScaleKind, str]) -> dict[str, ScaleKind]:
    """Turn a table of names into name → scale."""
    return {name: scale for scale, names in labels.items() for name in names.split()}
