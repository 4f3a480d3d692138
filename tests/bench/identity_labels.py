"""Who is who in real pictures, by eye: films in which one person can be told by where they are, and portraits."""

from __future__ import annotations

from typing import NamedTuple


class SeenPerson(NamedTuple):
    """A person in every ``step``-th frame of ``frames`` of a film: the face whose middle is in ``within``, x0, y0, x1,
    y1 as shares of the picture. ``scene`` tells apart what was taken in one go."""

    file: str
    person: str
    scene: str
    frames: tuple[int, int]
    step: int
    within: tuple[float, float, float, float]


_GOOGLE = "video/googlework_short.mp4"
_SINTEL = "video/sintel_trailer_480p.mp4"

SEEN_PEOPLE = (
    SeenPerson("video/chaplin.mp4", "tramp", "street", (81, 202), 12, (0.5, 0.15, 0.65, 0.26)),
    SeenPerson("video/chaplin.mp4", "policeman", "street", (165, 178), 12, (0.24, 0.18, 0.29, 0.23)),
    SeenPerson("video/friday.mp4", "woman in a hat", "office", (15, 184), 12, (0.6, 0.18, 0.73, 0.28)),
    SeenPerson("video/friday.mp4", "woman at the desk", "office", (39, 184), 12, (0.4, 0.5, 0.46, 0.55)),
    SeenPerson(_GOOGLE, "fair man", "bench", (543, 604), 12, (0.35, 0.54, 0.4, 0.62)),
    SeenPerson(_GOOGLE, "Carlo", "interview", (609, 706), 16, (0.68, 0.3, 0.77, 0.36)),
    SeenPerson(_GOOGLE, "Carlo", "at work", (711, 766), 12, (0.46, 0.22, 0.52, 0.28)),
    SeenPerson(_GOOGLE, "Carlo", "interview again", (771, 814), 12, (0.68, 0.27, 0.75, 0.34)),
    SeenPerson(_GOOGLE, "Omar", "street", (819, 946), 20, (0.33, 0.29, 0.37, 0.34)),
    SeenPerson(_SINTEL, "shaman", "hut", (297, 334), 12, (0.5, 0.3, 0.55, 0.5)),
    SeenPerson(_SINTEL, "Sintel", "hut", (339, 364), 8, (0.42, 0.4, 0.46, 0.48)),
    SeenPerson(_SINTEL, "Sintel", "street", (537, 562), 6, (0.29, 0.33, 0.37, 0.54)),
    SeenPerson(_SINTEL, "Sintel", "close", (663, 670), 6, (0.5, 0.44, 0.55, 0.48)),
    SeenPerson(_SINTEL, "Sintel", "cliff", (747, 766), 6, (0.1, 0.37, 0.4, 0.5)),
)
"""Sintel and the shaman are drawn by computer, after real people."""

PORTRAITS = (
    ("picture-obama", "Obama"),
    ("picture-obama2", "Obama"),
    ("picture-obama3", "Obama"),
    ("picture-biden", "Biden"),
)
"""Names in the catalogue of model files."""

SIGNERS = "video/asl_five_people_montage"
SIGNERS_WITHIN = (0.35, 0.08, 0.6, 0.36)
"""Where the signing person's face is, in every clip of the montage."""
