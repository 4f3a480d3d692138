"""Lettering on real frames and photographs, labelled by eye: boxes around the ink, in parts of a side, and words."""

from typing import NamedTuple

Box = tuple[float, float, float, float]


class LabelledPicture(NamedTuple):
    """A frame (``film``, ``frame``) or a photograph (``film`` is its path, ``frame`` None) and all its lines.

    Lines found within ``ignored`` boxes count neither way: print too small to label.
    """

    film: str
    frame: int | None
    lines: tuple[tuple[Box, str], ...]
    ignored: tuple[Box, ...] = ()


LABELLED = (
    LabelledPicture("video/sintel_trailer_480p.mp4", 1140, (((0.405, 0.478, 0.578, 0.512), "COMING SOON"),)),
    LabelledPicture(
        "video/sintel_trailer_480p.mp4",
        1180,
        (
            ((0.368, 0.204, 0.631, 0.231), "BLENDER FOUNDATION PRESENTS"),
            ((0.310, 0.233, 0.689, 0.262), "THE DURIAN OPEN MOVIE PROJECT"),
            ((0.423, 0.305, 0.576, 0.360), "SINTEL"),
            ((0.343, 0.430, 0.656, 0.460), "HALINA REIJN - THOM HOFFMAN"),
            ((0.368, 0.498, 0.630, 0.520), "REALIZED WITH THE SUPPORT OF:"),
            ((0.114, 0.526, 0.886, 0.553), "BLENDER FOUNDATION - THE NETHERLANDS FILM FUND - CINEGRID"),
            ((0.413, 0.563, 0.586, 0.583), "DIVX - JAN MORGENSTERN"),
            ((0.304, 0.615, 0.695, 0.642), "PRODUCED BY BLENDER INSTITUTE, AMSTERDAM"),
            ((0.232, 0.674, 0.767, 0.700), "CREATED WITH THE FREE/OPEN SOURCE PROGRAM BLENDER"),
            ((0.338, 0.705, 0.661, 0.730), "(CC) CREATIVE COMMONS ATTRIBUTION 3.0"),
            ((0.393, 0.760, 0.606, 0.795), "http://durian.blender.org"),
        ),
    ),
    LabelledPicture(
        "video/big_buck_bunny_0_30.webm",
        540,
        (((0.243, 0.440, 0.743, 0.485), "THE PEACH OPEN MOVIE PROJECT"), ((0.417, 0.520, 0.570, 0.562), "PRESENTS")),
    ),
    LabelledPicture(
        "video/big_buck_bunny_0_30.webm",
        680,
        (((0.290, 0.210, 0.740, 0.410), "Big Buck"), ((0.290, 0.395, 0.735, 0.560), "BUNNY")),
    ),
    LabelledPicture("video/googlework_short.mp4", 300, (((0.400, 0.250, 0.660, 0.410), "Google"),)),
    LabelledPicture(
        "video/googlework_short.mp4",
        420,
        (((0.400, 0.280, 0.600, 0.455), "RUE"), ((0.180, 0.555, 0.825, 0.785), "DE LONDRES")),
    ),
    LabelledPicture(
        "video/googlework_short.mp4",
        700,
        (
            ((0.100, 0.710, 0.213, 0.760), "CARLO"),
            ((0.100, 0.775, 0.826, 0.820), "Vice President - Southern & Eastern Europe, Middle East & Africa"),
        ),
    ),
    LabelledPicture(
        "video/googlework_short.mp4",
        900,
        (((0.100, 0.710, 0.200, 0.760), "OMAR"), ((0.100, 0.775, 0.332, 0.825), "Software Engineer")),
    ),
    LabelledPicture(
        "video/testvideo.mp4",
        300,
        (
            ((0.060, 0.835, 0.578, 0.895), "Copyright © 2013 Brandon Castellano"),
            ((0.693, 0.835, 0.940, 0.890), "www.bcastell.com"),
        ),
    ),
    LabelledPicture(
        "images/documerica/547795.jpg",
        None,
        (((0.055, 0.105, 0.740, 0.310), "AKER HOTEL"),),
        ignored=((0.84, 0.1, 1.0, 0.3),),
    ),
    LabelledPicture(
        "images/documerica/551079.jpg",
        None,
        (
            ((0.205, 0.180, 0.340, 0.235), "JACK'S"),
            ((0.175, 0.250, 0.385, 0.305), "BAIT SHOP"),
            ((0.090, 0.370, 0.160, 0.405), "ENJOY"),
        ),
        ignored=((0.0, 0.38, 1.0, 1.0),),
    ),
    LabelledPicture(
        "images/documerica/557642.jpg",
        None,
        (((0.300, 0.040, 0.700, 0.180), "VICS"), ((0.000, 0.185, 1.000, 0.300), "VEL-VET-ONE TOPS")),
    ),
    LabelledPicture(
        "images/fsaowi/LC-USF34-020530.jpg",
        None,
        (
            ((0.460, 0.240, 0.795, 0.310), "OREGON STATE EMPLOYMENT SERVICE"),
            ((0.560, 0.285, 0.705, 0.320), "AFFILIATED WITH"),
            ((0.455, 0.295, 0.795, 0.360), "UNITED STATES EMPLOYMENT SERVICE"),
            ((0.460, 0.345, 0.780, 0.410), "FARM PLACEMENT DIVISION"),
            ((0.445, 0.550, 0.575, 0.573), "OREGONIAN"),
        ),
        ignored=((0.92, 0.0, 1.0, 1.0),),
    ),
    LabelledPicture(
        "images/fsaowi/LC-USF34-029467.jpg",
        None,
        (((0.318, 0.215, 0.460, 0.290), "LADIES"), ((0.730, 0.325, 0.775, 0.355), "MEN")),
        ignored=((0.0, 0.0, 1.0, 0.05),),
    ),
)

_NUMBERS = (
    "545810 546711 547795 550127 550692 551079 551779 552259 552714 552934 553573 554707 555544 556205 557642 "
    "557675 557812 LC-USF33-006507 LC-USF33-012971 LC-USF33-016137 LC-USF33-020616 LC-USF331-006713 "
    "LC-USF34-011468 LC-USF34-018841 LC-USF34-018973 LC-USF34-020530 LC-USF34-027307 LC-USF34-029467 "
    "LC-USF34-030490 LC-USF34-031803 LC-USF34-033277 LC-USF34-037715 LC-USF34-042633 LC-USF34-053254 "
    "LC-USF34-063827 LC-USW3-008462 LC-USW3-019525 LC-USW3-023208 LC-USW3-025023 LC-USW3-028671 LC-USW3-031038"
)
LETTERED_PHOTOGRAPHS = frozenset(_NUMBERS.split())
"""Photographs with lettering, or something that may be lettering, within the film's own edges."""
