"""The canvases of an export: which they are, and how each picture is laid out on them."""

from collections.abc import Sequence

from ava.frame_findings import describe_frame
from ava.models import Title, Video
from curation.exports.picture_regions import LaidOutPicture, NamedFace
from curation.layout.box import Box
from curation.layout.canvases import Canvas
from curation.layout.layouts import Layout
from curation.layout_sources import UnreadableSource, source_of_artwork, source_of_frame
from curation.models import Artwork, Character
from curation.picture_layouts import layout_of
from curation.team_canvases import canvases_of


class UnusableCanvas(Exception):
    """A canvas that was asked for cannot be filled; the sentence says which, and what to do."""


def find_canvases(title: Title, keys: Sequence[str]) -> list[Canvas]:
    """The canvases of a title's teams that have these keys, in their order; raises UnusableCanvas for one that is no
    more."""
    known = {canvas.key: canvas for canvas in canvases_of(title)}
    if gone := [key for key in keys if key not in known]:
        raise UnusableCanvas(f"There is no canvas “{gone[0]}”, or not any more; choose the canvases again.")
    return [known[key] for key in keys]


def lay_out_still(video: Video, frame: int, *, canvases: Sequence[Canvas]) -> LaidOutPicture:
    """Where the faces and the focal point of a frame are, and how it is laid out on these canvases, if any.

    Raises UnusableCanvas for a crop without area, and, with canvases, UnreadableSource where the frame cannot be
    decoded; without any only the layout lacks then.
    """
    try:
        layout = layout_of(source_of_frame(video, frame), canvases=list(canvases))
        _check_crops(layout, called=f"frame {frame} of {video}")
    except UnreadableSource:
        if canvases:
            raise
        layout = None
    return LaidOutPicture(video.width, video.height, faces=_named_faces(video, frame), layout=layout)


def lay_out_artwork(artwork: Artwork, *, canvases: Sequence[Canvas]) -> LaidOutPicture:
    """As `lay_out_still`, for an artwork, whose faces nobody has named."""
    layout = layout_of(source_of_artwork(artwork), canvases=list(canvases))
    _check_crops(layout, called=f"“{artwork}”")
    faces = tuple(NamedFace(Box(*face["box"])) for face in artwork.findings.get("faces", []) if face.get("box"))
    return LaidOutPicture(artwork.width, artwork.height, faces=faces, layout=layout)


def _check_crops(layout: Layout, *, called: str) -> None:
    for each in layout.canvases:
        if each.crop.box.width < 1 or each.crop.box.height < 1:
            raise UnusableCanvas(f"The crop of {called} for “{each.canvas.name}” has no area; choose it again.")


def _named_faces(video: Video, frame: int) -> tuple[NamedFace, ...]:
    """Faces that are none, as somebody said, are left out; names that nobody gave are, too."""
    faces = [face for face in describe_frame(video, frame)["faces"] if face.get("is_face", True) and face["box"]]
    who = [face.get("character") or {} for face in faces]
    names = dict(Character.objects.filter(pk__in={each.get("id") for each in who} - {None}).values_list("pk", "name"))
    return tuple(
        NamedFace(Box(*face["box"]), names.get(each.get("id"), "")) for face, each in zip(faces, who, strict=True)
    )
