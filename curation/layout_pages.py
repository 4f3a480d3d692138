"""What the page shows on which a picture is laid out on all canvases side by side."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from ava.models import User
from curation.canvas_picture_links import lasting_ref
from curation.frame_keys import write_frame_keys
from curation.layout.box import Box
from curation.layout.contents import PictureContents
from curation.layout.described import describe_focal_point
from curation.layout.layouts import FocalPoint
from curation.layout_cards import CanvasCard, Choosers, make_cards, style_of, tell_state
from curation.layout_choices import may_undo_and_redo, standing_choices
from curation.layout_groups import GroupChoice, offered_groups
from curation.layout_look import LayoutLook, read_look
from curation.layout_sources import ArtworkSource, FrameSource, LayoutSource
from curation.models import Picture
from curation.pick_list_frames import FrameKey
from curation.picture_layouts import layout_of

LARGE_PX = 1920
"""Width of the one picture that all canvases show."""


@dataclass(frozen=True, slots=True)
class LayoutPage:
    """A picture on all canvases. `picture` is its row's number, None while nobody needed one."""

    source: LayoutSource
    picture: int | None
    image: str
    stand_in: str
    """A still's small preview, for films that can no longer be read; empty where there is none."""
    alt: str
    back: tuple[str, str]
    """The page that shows the picture by itself: address and label."""
    addresses: dict[str, str]
    focal_point: FocalPoint
    focal_chosen_by: str
    cards: list[CanvasCard]
    unknown: tuple[str, ...]
    look: LayoutLook
    groups: list[GroupChoice]
    may_undo: bool
    may_redo: bool

    @property
    def width(self) -> int:
        return self.source.size[0]

    @property
    def height(self) -> int:
        return self.source.size[1]

    @property
    def focal_style(self) -> str:
        """CSS that puts the focal point on the original."""
        x, y = self.focal_point.x / self.width * 100, self.focal_point.y / self.height * 100
        return f"left: {x:.3f}%; top: {y:.3f}%"

    @property
    def extent_style(self) -> str:
        """Of what must stay visible."""
        return style_of(self.focal_point.extent, window=Box(0, 0, self.width, self.height))

    @property
    def window_style(self) -> str:
        """Of the canvas that is looked at closely; empty without one."""
        crops = [card.crop.box for card in self.cards if card.canvas.key == self.selected]
        return style_of(crops[0], window=Box(0, 0, self.width, self.height)) if crops else ""

    @property
    def export(self) -> str:
        """The page on which this still or artwork is exported."""
        page = reverse("exports", args=[self.source.title.pk])
        if isinstance(self.source, FrameSource):
            return f"{page}?frames={write_frame_keys([FrameKey(self.source.video.pk, self.source.frame_index)])}"
        return f"{page}?artworks={self.source.artwork.pk}"

    @property
    def remarks(self) -> list[str]:
        """What was done to read an artwork, such as that its transparent parts were laid on grey."""
        return self.source.artwork.remarks if isinstance(self.source, ArtworkSource) else []

    @property
    def selected(self) -> str:
        """Key of the canvas that is looked at closely: the one asked for, else the first."""
        keys = [card.canvas.key for card in self.cards]
        return self.look.canvas if self.look.canvas in keys else next(iter(keys), "")

    @property
    def has_choices(self) -> bool:
        return bool(self.focal_chosen_by) or any(card.has_choices for card in self.cards)

    @property
    def confidence_percent(self) -> int:
        return round(self.focal_point.confidence * 100)

    @property
    def focal_numbers(self) -> dict[str, float]:
        point = describe_focal_point(self.focal_point)
        return {"x": point["x"], "y": point["y"]}


def read_layout_page(source: LayoutSource, *, query: QueryDict, user: User) -> LayoutPage:
    """The page of a picture; raises UnreadableSource where its pixels cannot be had."""
    layout = layout_of(source)
    row = source.known_picture()
    choosers = read_choosers(row)
    may_undo, may_redo = may_undo_and_redo(row, user=user)
    return LayoutPage(
        source=source,
        picture=row.pk if row else None,
        image=_image(source),
        stand_in=_stand_in(source),
        alt=_alt(source),
        back=_back(source),
        addresses=_addresses(source),
        focal_point=layout.focal_point,
        focal_chosen_by=choosers.get(("", "focal"), ""),
        cards=make_cards(layout, size=source.size, choosers=choosers),
        unknown=layout.unknown,
        look=read_look(query, title=source.title, user=user),
        groups=offered_groups(source, picture=row, query=query),
        may_undo=may_undo,
        may_redo=may_redo,
    )


def read_choosers(row: Picture | None) -> Choosers:
    """Who chose what stands for a picture, in one query."""
    steps = standing_choices(row) if row is not None else {}
    return {place: step.user.get_username() for place, step in steps.items() if step.value is not None}


def page_state(page: LayoutPage, *, may_edit: bool) -> dict[str, Any]:
    """What the page's script knows; boxes and points in pixels of the picture."""
    return {
        "width": page.width,
        "height": page.height,
        "may_edit": may_edit,
        "focal_point": describe_focal_point(page.focal_point),
        "canvases": tell_state(page.cards),
    }


def found_boxes(contents: PictureContents) -> list[tuple[str, dict[str, float]]]:
    """Boxes of faces and lettering as attributes of SVG rectangles, each with what it is."""
    boxes = [("face", face.box) for face in contents.faces] + [("text", text.box) for text in contents.text]
    return [(kind, {"x": box.x0, "y": box.y0, "width": box.width, "height": box.height}) for kind, box in boxes]


def _image(source: LayoutSource) -> str:
    if isinstance(source, ArtworkSource):
        return f"{reverse('artwork-picture', args=[source.artwork.pk])}?w={LARGE_PX}"
    assert isinstance(source, FrameSource)
    return f"{reverse('video-frame', args=[source.video.pk, source.frame_index])}?w={LARGE_PX}"


def _stand_in(source: LayoutSource) -> str:
    if not isinstance(source, FrameSource):
        return ""
    stills = source.video.stills.filter(frame_index=source.frame_index).exclude(image="")
    still = stills.values_list("pk", flat=True).first()
    return reverse("still-image", args=[still]) if still is not None else ""


def _back(source: LayoutSource) -> tuple[str, str]:
    if isinstance(source, ArtworkSource):
        return reverse("artwork", args=[source.artwork.pk]), "The artwork"
    assert isinstance(source, FrameSource)
    board = reverse("stills", args=[source.title.pk])
    return f"{board}?video={source.video.pk}&still={source.frame_index}", "The still"


def _addresses(source: LayoutSource) -> dict[str, str]:
    """Where choices are sent, and the picture's name in addresses of finished canvases."""
    if isinstance(source, ArtworkSource):
        return {
            "do": reverse("artwork-layout-do", args=[source.artwork.pk]),
            "undo": reverse("artwork-layout-undo", args=[source.artwork.pk]),
            "ref": lasting_ref(source),
        }
    assert isinstance(source, FrameSource)
    at = [source.video.pk, source.frame_index]
    return {
        "do": reverse("frame-layout-do", args=at),
        "undo": reverse("frame-layout-undo", args=at),
        "ref": lasting_ref(source),
    }


def _alt(source: LayoutSource) -> str:
    """What is seen, as far as it was found."""
    contents = source.contents
    counts = [(len(contents.faces), "face"), (len(contents.text), "line of text"), (len(contents.people), "person")]
    words = [f"{count} {_plural(word) if count > 1 else word}" for count, word in counts if count]
    return f"{source.name}: {', '.join(words)}" if words else source.name


def _plural(word: str) -> str:
    return {"line of text": "lines of text", "person": "people"}.get(word, f"{word}s")
