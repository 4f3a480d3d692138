"""What pages show of a picture: what it is called, where its image is, and where it leads."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from ava.media.timecode import film_timecode
from ava.models import Video
from ava.video_facts import video_info
from curation.models import Picture, Still

PREVIEW_WIDTH_PX = 640


@dataclass(frozen=True, slots=True)
class PictureCard:
    """A still by its timecode or an artwork by its file's name; `address` is the page that shows it large."""

    pk: int
    label: str
    film: str
    """Empty where the title has one film, and for artwork."""
    image: str
    address: str
    width: int
    height: int
    video: int | None
    frame_index: int | None
    artwork: int | None

    @property
    def is_artwork(self) -> bool:
        return self.artwork is not None

    @property
    def alt(self) -> str:
        return f"Artwork {self.label}" if self.is_artwork else f"Still at {self.label}"


def describe_pictures(pictures: QuerySet[Picture]) -> dict[int, PictureCard]:
    """A card of each picture, by its number, in the order given."""
    rows = list(pictures.select_related("artwork"))
    videos = Video.objects.select_related("title").in_bulk({row.video_id for row in rows} - {None})
    titles = {row.title_id for row in rows}
    is_alone = Video.objects.filter(title__in=titles).count() < 2
    infos = {pk: video_info(video) for pk, video in videos.items()}
    stills = _still_images(rows)
    cards = {}
    for row in rows:
        if row.artwork is not None:
            cards[row.pk] = _artwork_card(row)
            continue
        video, frame = videos[row.video_id], row.frame_index or 0
        cards[row.pk] = PictureCard(
            pk=row.pk,
            label=film_timecode(infos[video.pk], frame),
            film="" if is_alone else video.original_name,
            image=stills.get((video.pk, frame))
            or f"{reverse('video-frame', args=[video.pk, frame])}?w={PREVIEW_WIDTH_PX}",
            address=f"{reverse('stills', args=[row.title_id])}?video={video.pk}&still={frame}",
            width=video.width,
            height=video.height,
            video=video.pk,
            frame_index=frame,
            artwork=None,
        )
    return cards


def _artwork_card(row: Picture) -> PictureCard:
    artwork = row.artwork
    assert artwork is not None
    return PictureCard(
        pk=row.pk,
        label=artwork.original_name,
        film="",
        image=f"{reverse('artwork-picture', args=[artwork.pk])}?w={PREVIEW_WIDTH_PX}",
        address=reverse("artwork", args=[artwork.pk]),
        width=artwork.width,
        height=artwork.height,
        video=None,
        frame_index=None,
        artwork=artwork.pk,
    )


def _still_images(rows: Iterable[Picture]) -> dict[tuple[int, int], str]:
    """Addresses of the previews of those frames that are stills now."""
    frames = {(row.video_id, row.frame_index) for row in rows if row.video_id is not None}
    stills = Still.objects.filter(
        video__in={video for video, _ in frames}, frame_index__in={frame for _, frame in frames}
    ).exclude(image="")
    found = stills.order_by().values_list("pk", "video", "frame_index")
    return {(video, frame): reverse("still-image", args=[pk]) for pk, video, frame in found if (video, frame) in frames}
