"""Searching a video's stills for logos: what is due, and saving what was found so that nothing is searched twice."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.core.files.storage import default_storage
from django.db import transaction
from numpy.typing import NDArray

from ava.annotate.shot_inspection import columns_of
from ava.detectors import detector_versions
from ava.findings import load_detections, looked_at_frames
from ava.models import Video
from ava.picture_area import picture_area
from ava.storage import local_path
from ava.video_facts import video_info
from curation.logo_signals import note_logo_signals
from curation.logos import strongest
from curation.models import Logo, LogoLook
from curation.stills.logo_finds import Find, Line, find_pictures, find_words
from curation.stills.logo_pictures import open_logo

logger = logging.getLogger(__name__)

MATCHER_VERSION = 1
"""Raise it when matching finds other things: every still is then searched anew."""

TEXT = "text"
FRAMES_A_SAVE = 8

Found = list[dict[str, Any]]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ReadText:
    """What the text detector read in a video: its version, the frames it looked at, and their lines."""

    version: int | None
    looked_at: frozenset[int]
    lines: Mapping[int, list[Line]]

    def version_at(self, frame_index: int) -> int | None:
        """The version that read a frame, None when none did."""
        return self.version if frame_index in self.looked_at else None


class Due(NamedTuple):
    """Logos that one frame is to be searched for, by picture or only by their words."""

    by_picture: list[Logo]
    by_words: list[Logo]


def look_for_logos(
    video: Video, *, report: OnProgress | None = None, is_late: Callable[[], bool] = lambda: False
) -> int:
    """Search a video's finished stills for the logos of its title's teams, as far as that is due.

    Can be stopped and called again at any time: every few frames what was found is saved. Returns the number of
    frames searched. `is_late` ends the search early. Raises what decoding raises.
    """
    logos = list(Logo.objects.filter(team__titles=video.title_id).order_by("pk"))
    known = {(look.frame_index, look.logo_id): look for look in LogoLook.objects.filter(video=video, logo__in=logos)}
    text = read_text(video) if any(logo.brand_words for logo in logos) else ReadText(None, frozenset(), {})
    due = plan_search(video, logos=logos, known=known, text=text)
    batch: list[LogoLook] = []
    searched = 0
    for frame_index, by_picture in _search_frames(video, due):
        for logo in due[frame_index].by_words:
            before = known.get((frame_index, logo.pk))
            by_picture[logo] = _found_by_picture(before) if before and logo.picture else None
        batch += [_look(video, frame_index, logo, text=text, by_picture=found) for logo, found in by_picture.items()]
        searched += 1
        if report is not None:
            report(searched, len(due))
        if searched % FRAMES_A_SAVE == 0:
            _save(video, batch)
            batch = []
            if is_late():
                break
    _save(video, batch)
    note_logo_signals(Video.objects.filter(pk=video.pk))
    return searched


def plan_search(
    video: Video, *, logos: list[Logo], known: Mapping[tuple[int, int], LogoLook], text: ReadText
) -> dict[int, Due]:
    """Which finished stills are to be searched for which logos, by frame."""
    due = {}
    stills = video.stills.filter(provisional=False).order_by("frame_index")
    for frame_index in stills.values_list("frame_index", flat=True):
        looks = [(logo, known.get((frame_index, logo.pk))) for logo in logos]
        by_picture = [logo for logo, look in looks if logo.picture and not _has_picture(look, logo)]
        by_words = [
            logo
            for logo, look in looks
            if logo not in by_picture and not _has_words(look, logo, text.version_at(frame_index))
        ]
        if by_picture or by_words:
            due[frame_index] = Due(by_picture, by_words)
    return due


def _has_picture(look: LogoLook | None, logo: Logo) -> bool:
    return look is not None and look.version == MATCHER_VERSION and look.picture == logo.picture.name


def _has_words(look: LogoLook | None, logo: Logo, text_version: int | None) -> bool:
    if look is None or look.version != MATCHER_VERSION or look.words != logo.brand_words:
        return False
    return not logo.brand_words or look.text_version == text_version


def _found_by_picture(look: LogoLook) -> Found | None:
    """What the picture gave in an earlier look; None where the frame could not be decoded."""
    return None if look.probability is None else [each for each in look.found if each["by"] == "picture"]


def read_text(video: Video) -> ReadText:
    """Everything that was read in a video."""
    table = load_detections(video, TEXT)
    places = [columns_of(TEXT).index(column) for column in ("score", "x0", "y0", "x1", "y1")]
    lines: dict[int, list[Line]] = {}
    for frame_index, values, words in zip(table.frame_index, table.values[:, places], table.words, strict=True):
        score, *box = (float(value) for value in values)
        lines.setdefault(int(frame_index), []).append(Line(words, score, (box[0], box[1], box[2], box[3])))
    looked_at = frozenset(looked_at_frames(video, TEXT).tolist())
    return ReadText(detector_versions().get(TEXT), looked_at, lines)


def _search_frames(video: Video, due: Mapping[int, Due]) -> Iterator[tuple[int, dict[Logo, Found | None]]]:
    """Every due frame with what its due pictures gave, by logo; None where the frame or the picture cannot be read."""
    logos = {logo.pk: logo for each in due.values() for logo in each.by_picture}
    unseen = set(due)
    for frame_index, found in _match_frames(video, due, logos) if logos else ():
        unseen.discard(frame_index)
        yield frame_index, {logo: _all_stored(found.get(logo.pk), video) for logo in due[frame_index].by_picture}
    for frame_index in sorted(unseen):
        yield frame_index, dict.fromkeys(due[frame_index].by_picture)


def _match_frames(
    video: Video, due: Mapping[int, Due], logos: Mapping[int, Logo]
) -> Iterator[tuple[int, dict[int, list[Find]]]]:
    pictures = {number: _picture(logo) for number, logo in logos.items()}
    return find_pictures(
        local_path(video.file),
        info=video_info(video),
        area=picture_area(video),
        frame_indices=[frame_index for frame_index, each in due.items() if each.by_picture],
        pictures={number: picture for number, picture in pictures.items() if picture is not None},
    )


def _picture(logo: Logo) -> NDArray[np.uint8] | None:
    """The stored picture; None when its file is gone, which is no reason for an analysis to fail."""
    try:
        with default_storage.open(logo.picture.name, "rb") as file:
            return open_logo(file.read())
    except OSError as error:
        logger.warning("The picture of the logo %s cannot be read: %s", logo, error)
        return None


def _all_stored(finds: list[Find] | None, video: Video) -> Found | None:
    return None if finds is None else [_as_stored(find, video) for find in finds]


def _as_stored(find: Find, video: Video) -> dict[str, Any]:
    """A find in JSON: film pixels to a tenth, the box within the picture."""
    xs, ys = ([corner[axis] for corner in find.corners] for axis in (0, 1))
    x0, x1 = (min(max(side, 0.0), float(video.width)) for side in (min(xs), max(xs)))
    y0, y1 = (min(max(side, 0.0), float(video.height)) for side in (min(ys), max(ys)))
    return {
        "box": [round(side, 1) for side in (x0, y0, x1, y1)],
        "quadrilateral": [[round(x, 1), round(y, 1)] for x, y in find.corners],
        "probability": round(find.probability, 5),
        "by": "words" if find.words else "picture",
        **({"words": find.words} if find.words else {}),
    }


def _look(video: Video, frame_index: int, logo: Logo, *, text: ReadText, by_picture: Found | None) -> LogoLook:
    """One look, joined from what pictures found (None: the frame was not seen, or the logo has none) and words."""
    version = text.version_at(frame_index) if logo.brand_words else None
    lines = text.lines.get(frame_index, []) if version is not None else []
    words = [_as_stored(find, video) for find in find_words(lines, names=logo.brand_words)]
    was_searched = by_picture is not None or version is not None
    found = sorted((by_picture or []) + words, key=lambda each: -each["probability"])
    return LogoLook(
        video=video,
        frame_index=frame_index,
        logo=logo,
        version=MATCHER_VERSION,
        picture=logo.picture.name,
        words=logo.brand_words,
        text_version=version,
        found=found,
        probability=strongest(found) if was_searched else None,
    )


@transaction.atomic
def _save(video: Video, looks: list[LogoLook]) -> None:
    """Store looks, but those for a logo that was changed or deleted meanwhile, or of a deleted video."""
    ids = {look.logo_id for look in looks}
    logos = {logo.pk: logo for logo in Logo.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    if not Video.objects.select_for_update(no_key=True).filter(pk=video.pk).values_list("pk").first():
        return
    LogoLook.objects.bulk_create(
        [look for look in looks if look.logo_id in logos and _is_for(look, logos[look.logo_id])],
        update_conflicts=True,
        unique_fields=["video", "frame_index", "logo"],
        update_fields=["version", "picture", "words", "text_version", "found", "probability"],
    )


def _is_for(look: LogoLook, logo: Logo) -> bool:
    return look.picture == logo.picture.name and look.words == logo.brand_words
