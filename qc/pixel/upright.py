"""From pixels of a film's stored picture to pixels of the upright, square one that people see, and back."""

from typing import NamedTuple, Protocol


class StoredPicture(Protocol):
    """What has to be known of a film: a VideoInfo has it, and so has whatever keeps the same facts by these names."""

    @property
    def coded_width(self) -> int: ...
    @property
    def coded_height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def rotation_deg(self) -> int: ...
    @property
    def is_mirrored(self) -> bool: ...


class Place(NamedTuple):
    """A place in a picture, in pixels; 0.0 is the middle of the first one."""

    x: float
    y: float


def to_upright(x: float, y: float, *, film: StoredPicture) -> Place:
    """Where a place of the stored picture lies in the upright one, both in pixels with 0.0 the first one's middle.

    As the painter does: pixels are made square by stretching to the upright size, then the picture is flipped left
    to right where it is mirrored, then turned clockwise. The middle of a stretched pixel stays its middle.
    """
    across, down = (x + 0.5) / film.coded_width, (y + 0.5) / film.coded_height
    if film.is_mirrored:
        across = 1 - across
    turned = {0: (across, down), 90: (1 - down, across), 180: (1 - across, 1 - down), 270: (down, 1 - across)}
    across, down = turned[film.rotation_deg % 360]
    return Place(across * film.width - 0.5, down * film.height - 0.5)


def to_stored(x: float, y: float, *, film: StoredPicture) -> Place:
    """Where a place of the upright picture lies in the stored one: ``to_upright`` undone."""
    across, down = (x + 0.5) / film.width, (y + 0.5) / film.height
    turned = {0: (across, down), 90: (down, 1 - across), 180: (1 - across, 1 - down), 270: (1 - down, across)}
    across, down = turned[film.rotation_deg % 360]
    if film.is_mirrored:
        across = 1 - across
    return Place(across * film.coded_width - 0.5, down * film.coded_height - 0.5)
