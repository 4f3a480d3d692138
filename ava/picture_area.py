"""The part of a video that is picture, found once and left to every measurement."""

from ava.annotate.area import Area
from ava.media.bars import find_picture_area
from ava.models import Video
from ava.storage import local_path
from ava.video_facts import video_info


def picture_area(video: Video) -> Area:
    """The area without black bars, found on first need; whoever looks finds the same, so nobody has to wait."""
    if video.picture_area is None:
        area = find_picture_area(local_path(video.file), info=video_info(video))
        video.picture_area = [int(side) for side in area]
        Video.objects.filter(pk=video.pk, picture_area__isnull=True).update(picture_area=video.picture_area)
    return known_area(video)


def known_area(video: Video) -> Area:
    """The area without black bars if it has been looked for already, else the whole picture."""
    x0, y0, x1, y1 = video.picture_area or (0, 0, video.width, video.height)
    return x0, y0, x1, y1
