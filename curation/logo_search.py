"""Looking for a team's logos in the stills of its titles; what was looked at once is not looked at again."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from numpy.typing import NDArray

from ava.annotate.area import crop, scale_area
from ava.annotate.brand_words import find_brand_words
from ava.annotate.logos import MOST_FRAME_SIDE_PX, LogoMatcher
from ava.annotate.shot_inspection import columns_of
from ava.detectors import detector_versions
from ava.exclusive import exclusive
from ava.findings import load_detections, looked_at_frames
from ava.media.decode import decode_frame_set
from ava.media.source import UnusableVideo
from ava.models import Team, Title, Video
from ava.picture_area import picture_area
from ava.storage import local_path
from ava.video_facts import video_info
from curation.logo_pictures import open_logo
from curation.logo_signals import note_logo_signals
from curation.logos import send_search, strongest
from curation.models import Logo, LogoLook, Still

logger = logging.getLogger(__name__)

MATCHER_VERSION = 1
"""Raise it when matching finds other things: every still is then searched anew."""

TEXT = "text"
FRAMES_A_SAVE = 8
SEARCH_FOR_S = 20.0
"""After so long a search of a team's titles lets other work pass and goes on in a message of its own."""

CURRENT = Q(version=MATCHER_VERSION, picture=F("logo__picture"), words=F("logo__brand_words"))
"""Looks that were made with the matcher and the logo as they are now."""

Found = list[dict[str, Any]]
OnProgress = Callable[[int, int], None]


class Line(NamedTuple):
    """A line that was read: what it says, the probability that it is lettering at all, its box in film pixels."""

    words: str
    probability: float
    box: tuple[float, float, float, float]


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
    """Every due frame with what its due pictures gave, by logo; None for a frame that cannot be decoded."""
    to_see = [frame_index for frame_index, each in due.items() if each.by_picture]
    unseen = set(due)
    for frame_index, found in _match_frames(video, to_see, {logo for each in due.values() for logo in each.by_picture}):
        unseen.discard(frame_index)
        yield frame_index, {logo: found[logo.pk] for logo in due[frame_index].by_picture}
    for frame_index in sorted(unseen):
        yield frame_index, dict.fromkeys(due[frame_index].by_picture)


def _match_frames(video: Video, frames: list[int], logos: set[Logo]) -> Iterator[tuple[int, dict[int, Found]]]:
    """Decode frames, cut the black bars off and match all logos; finds by the logos' numbers."""
    if not frames:
        return
    cv2.setNumThreads(1)
    matcher = LogoMatcher({str(logo.pk): _picture(logo) for logo in sorted(logos, key=lambda logo: logo.pk)})
    info, area, path = video_info(video), picture_area(video), local_path(video.file)
    for frame in decode_frame_set(path, info=info, frame_indices=frames, max_side_px=MOST_FRAME_SIDE_PX):
        size = (frame.rgb.shape[1], frame.rgb.shape[0])
        within = scale_area(area, film_size=(info.width, info.height), size=size)
        found: dict[int, Found] = {logo.pk: [] for logo in logos}
        for match in matcher.match(np.ascontiguousarray(crop(frame.rgb, within))):
            corners = (match.quadrilateral + within[:2]) * (info.width / size[0], info.height / size[1])
            find = _describe_find(corners, probability=match.probability, by="picture", film=video)
            found[int(match.name)].append(find)
        yield frame.index, found


def _picture(logo: Logo) -> NDArray[np.uint8]:
    with default_storage.open(logo.picture.name, "rb") as file:
        return open_logo(file.read())


def _describe_find(
    corners: NDArray[np.floating], *, probability: float, by: str, film: Video, **more: Any
) -> dict[str, Any]:
    """A find as it is stored: film pixels to a tenth, the box within the picture."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    sides = (*np.clip(low, 0, (film.width, film.height)), *np.clip(high, 0, (film.width, film.height)))
    return {
        "box": [round(float(side), 1) for side in sides],
        "quadrilateral": [[round(float(x), 1), round(float(y), 1)] for x, y in corners],
        "probability": round(probability, 5),
        "by": by,
        **more,
    }


def _look(video: Video, frame_index: int, logo: Logo, *, text: ReadText, by_picture: Found | None) -> LogoLook:
    """One look, joined from what pictures found (None: the frame was not seen, or the logo has none) and words."""
    version = text.version_at(frame_index) if logo.brand_words else None
    words = _find_words(video, logo, lines=text.lines.get(frame_index, [])) if version is not None else None
    was_searched = by_picture is not None or words is not None
    found = sorted((by_picture or []) + (words or []), key=lambda each: -each["probability"])
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


def _find_words(video: Video, logo: Logo, *, lines: list[Line]) -> Found:
    """Brand words among lines that were read.

    Probability: that the line is lettering, times the share of the name's letters that were read alike.
    """
    found = []
    for word in find_brand_words([line.words for line in lines], names=logo.brand_words):
        line = lines[word.line]
        x0, y0, x1, y1 = line.box
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        sure = min(max(line.probability, 0.0), 1.0) * word.likeness
        found.append(_describe_find(corners, probability=sure, by="words", film=video, words=word.words))
    return found


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


def search_team(team_id: int) -> None:
    """Look for a team's logos in its titles for a while; what is left then is asked for again.

    One process at a time searches for a team, others return at once.
    """
    ends = time.monotonic() + SEARCH_FOR_S
    with exclusive(f"logos of team {team_id}") as is_mine:
        if not is_mine:
            return
        searched = 0
        for video_id in pending_frames(team_id):
            video = Video.objects.filter(pk=video_id).first()
            if video is None:
                continue
            if searched and time.monotonic() > ends:
                break
            try:
                searched += look_for_logos(video, is_late=lambda: time.monotonic() > ends)
            except (UnusableVideo, OSError) as error:
                logger.warning("%s could not be searched for logos: %s", video, error)
    if searched and pending_frames(team_id):
        send_search(team_id)


def title_teams_changed(instance: object, action: str, pk_set: set[int] | None, **_: object) -> None:
    """When a title changes hands, what was found of a team's logos is told, or no longer told, accordingly."""
    if action in {"post_add", "post_remove", "post_clear"}:
        titles = {instance.pk} if isinstance(instance, Title) else pk_set or set()
        note_logo_signals(Video.objects.filter(title__in=titles))
        search_again_where_due(Team.objects.filter(titles__in=titles).values_list("pk", flat=True).distinct())


def search_again_where_due(team_ids: Iterable[int]) -> None:
    """Send a search for the teams that have one due: a message may have been lost, or its worker killed."""
    for team_id in team_ids:
        if pending_frames(team_id):
            send_search(team_id)


def pending_frames(team_id: int) -> dict[int, int]:
    """How many searches of one still for one logo are due, by the video's number; videos without any are left out."""
    logos = Logo.objects.filter(team=team_id).count()
    if not logos:
        return {}
    stills = Still.objects.filter(video__title__teams=team_id, provisional=False).order_by()
    wanted = dict(stills.values_list("video").annotate(count=Count("pk")))
    looks = current_looks().filter(logo__team=team_id)
    searched = dict(looks.values_list("video").annotate(count=Count("pk")))
    return {
        video_id: count * logos - searched.get(video_id, 0)
        for video_id, count in sorted(wanted.items())
        if count * logos > searched.get(video_id, 0)
    }


def current_looks() -> QuerySet[LogoLook]:
    """Looks at the finished stills of the titles of a logo's team that were made with the logo as it is now."""
    stills = Still.objects.filter(video=OuterRef("video"), frame_index=OuterRef("frame_index"), provisional=False)
    looks = LogoLook.objects.filter(CURRENT, video__title__teams=F("logo__team"))
    return looks.filter(Exists(stills)).order_by()
