"""The pictures of a title that are compared: every still and artwork, and frames of which somebody said something."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ava.messages import send_task
from ava.models import Title, Video
from ava.turns import take_turn
from curation.models import Artwork, LayoutStep, Picture, PictureAction, Sameness, Still, TestResult

ROWS_A_SAVE = 1000


def send_grouping(title_id: int) -> None:
    """Have a worker compare a title's new pictures and group them; asking too often does no harm."""
    send_task("curation.tasks.group_pictures", title_id)


def artwork_deleted(sender: type[Artwork], instance: Artwork, **_: object) -> None:
    """After an artwork's row, by whatever way it went, its group may hold too few."""
    send_grouping(instance.title_id)


def refresh_rows(title: Title) -> None:
    """Give every finished still and every read artwork of a title a row, and take away those that nothing needs."""
    missing_stills = _missing_stills().filter(video__title=title).order_by("video_id", "frame_index")
    frames = missing_stills.values_list("video_id", "frame_index")
    artworks = _missing_artworks().filter(title=title).order_by("pk").values_list("pk", flat=True)
    rows = [Picture(title=title, video_id=video, frame_index=frame) for video, frame in frames]
    rows += [Picture(title=title, artwork_id=pk) for pk in artworks]
    Picture.objects.bulk_create(rows, batch_size=ROWS_A_SAVE, ignore_conflicts=True)
    with transaction.atomic():
        take_turn(title)  # or a row goes with what somebody just said of it
        _needless().filter(title=title).delete()


def row_of_frame(video: Video, frame_index: int) -> Picture:
    """The row of any frame of a film, made now if there is none."""
    return Picture.objects.get_or_create(
        video=video, frame_index=frame_index, defaults={"title_id": video.title_id}
    )[0]  # fmt: skip


def row_of_artwork(artwork: Artwork) -> Picture:
    """The row of an artwork, made now if there is none."""
    return Picture.objects.get_or_create(artwork=artwork, defaults={"title_id": artwork.title_id})[0]


def titles_with_other_pictures() -> QuerySet[Title]:
    """Titles whose stills and artworks are no longer those that have rows."""
    stills = _missing_stills().filter(video__title=OuterRef("pk"))
    artworks = _missing_artworks().filter(title=OuterRef("pk"))
    needless = _needless().filter(title=OuterRef("pk"))
    return Title.objects.filter(Exists(stills) | Exists(artworks) | Exists(needless))


def is_still() -> Exists:
    """Of a picture: whether its frame is a finished still that has its preview."""
    here = Q(video=OuterRef("video"), frame_index=OuterRef("frame_index"))
    return Exists(_finished().filter(here))


def _finished() -> QuerySet[Still]:
    return Still.objects.filter(provisional=False).exclude(image="").order_by()


def _missing_stills() -> QuerySet[Still]:
    rows = Picture.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index"))
    return _finished().filter(~Exists(rows))


def _missing_artworks() -> QuerySet[Artwork]:
    rows = Picture.objects.filter(artwork=OuterRef("pk"))
    return Artwork.objects.filter(~Exists(rows), state=Artwork.State.READY)


def _needless() -> QuerySet[Picture]:
    """Rows of frames that are stills no more and of which nobody said anything that stands."""
    stills = Still.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index"))
    said = Sameness.objects.filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")))
    chosen = PictureAction.objects.filter(picture=OuterRef("pk"))
    tested = TestResult.objects.filter(picture=OuterRef("pk"))
    laid_out = LayoutStep.objects.filter(picture=OuterRef("pk"))
    return (
        Picture.objects.filter(artwork=None)
        .filter(~Exists(stills), ~Exists(said), ~Exists(chosen), ~Exists(tested), ~Exists(laid_out))
        .order_by()
    )
