"""Which place of the sensor each flag of a title lies at, kept with it so that a queue by place needs no search."""

import numpy as np
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Power

from ava.models import Title, Video
from ava.turns import take_turn
from qc.models import PixelFlag
from qc.pixel.places import SAME_PLACE_PX, cluster_places
from qc.reviewing import UNSETTLED


def at_place(flag: PixelFlag) -> QuerySet[PixelFlag]:
    """Current flags of the title within 1.5 px of a flag's place, itself among them, in videos of the same size."""
    return near_place(flag).filter(is_current=True)


def near_place(flag: PixelFlag) -> QuerySet[PixelFlag]:
    """`at_place`, with flags that are raised no more; `distance_sq` tells how far away each is, squared, in pixels."""
    video = flag.video
    near = PixelFlag.objects.filter(
        video__title=video.title_id, video__width=video.width, video__height=video.height,
        x__range=(flag.x - SAME_PLACE_PX, flag.x + SAME_PLACE_PX),
        y__range=(flag.y - SAME_PLACE_PX, flag.y + SAME_PLACE_PX),
    )  # fmt: skip
    distance = Power(F("x") - flag.x, 2) + Power(F("y") - flag.y, 2)
    return near.annotate(distance_sq=distance).filter(distance_sq__lte=SAME_PLACE_PX**2)


def in_shot(flag: PixelFlag) -> QuerySet[PixelFlag]:
    """Current flags of a flag's shot, itself among them; none while its shot is not known."""
    if flag.shot_id is None:
        return PixelFlag.objects.none()
    return PixelFlag.objects.filter(shot=flag.shot_id, is_current=True)


def keep_places(title: Title) -> None:
    """Number the places of a title's flags anew when some that nobody has judged have no number."""
    videos = list(Video.objects.filter(title=title).order_by().values_list("pk", flat=True))
    if PixelFlag.objects.filter(video__in=videos, place=None, state__in=UNSETTLED).exists():
        number_places(title)


@transaction.atomic
def number_places(title: Title) -> int:
    """Number the places at which a title's flags lie, 0 the one with the most; videos of one size share a sensor.

    Returns how many flags have another number since.
    """
    take_turn(title)
    flags = PixelFlag.objects.filter(video__title=title).order_by("pk")  # the turn keeps whoever else writes them away
    rows = list(flags.values_list("pk", "place", "x", "y", "video__width", "video__height"))
    if not rows:
        return 0
    points = np.array([row[2:4] for row in rows])
    sizes = np.unique(np.array([row[4:] for row in rows]), axis=0, return_inverse=True)[1].ravel()
    keys = np.zeros((len(rows), 3), dtype=np.int64)
    for size in np.unique(sizes).tolist():
        of_size = np.flatnonzero(sizes == size)
        numbers = cluster_places(points[of_size, 0], y=points[of_size, 1])
        counts = np.bincount(numbers[numbers >= 0], minlength=1)
        keys[of_size] = np.stack([np.where(numbers < 0, 0, -counts[numbers]), np.full_like(numbers, size), numbers], 1)
    places = np.unique(keys, axis=0, return_inverse=True)[1].ravel().tolist()
    moved = [(row[0], place) for row, place in zip(rows, places, strict=True) if row[1] != place]
    with connection.cursor() as cursor:
        # One statement for all: bulk_update writes a hundred thousand rows in a minute, this in seconds.
        cursor.execute(
            "UPDATE qc_pixelflag AS flag SET place = news.place"
            " FROM unnest(%s::bigint[], %s::int[]) AS news (id, place) WHERE flag.id = news.id",
            [[pk for pk, _ in moved], [place for _, place in moved]],
        )
    return len(moved)
