"""What an export says of its stills, read from the database in a constant number of queries a film."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ava.models import Title, Video
from ava.video_facts import video_info
from curation.board_cards import describe_frames
from curation.exports.record import StillRecord
from curation.notes import notes_by_frame
from curation.pick_list_frames import FrameKey, lists_with_frames
from curation.still_people import cast_of_board


class FilmRecords(NamedTuple):
    """The stills of one film in an export."""

    video: Video
    records: Sequence[StillRecord]


def describe_stills(title: Title, *, stills: Sequence[FrameKey]) -> list[FilmRecords]:
    """Records of the stills by film; films and frames that are no longer there are left out."""
    places = {FrameKey(*key): place for place, key in reversed(list(enumerate(stills, start=1)))}
    videos = Video.objects.filter(title=title, pk__in={key.video_id for key in places}).order_by("created_at", "id")
    in_lists = _lists_by_frame(title)
    return [FilmRecords(video, _describe(title, video, places=places, in_lists=in_lists)) for video in videos]


def in_order(films: Iterable[FilmRecords]) -> list[StillRecord]:
    """All records in the order in which the stills were asked for."""
    return sorted((record for film in films for record in film.records), key=lambda record: record.place)


def _describe(
    title: Title, video: Video, *, places: Mapping[FrameKey, int], in_lists: Mapping[FrameKey, list[str]]
) -> list[StillRecord]:
    info, notes = video_info(video), notes_by_frame(video)
    asked = {key.frame_index: place for key, place in places.items() if key.video_id == video.pk}
    frames = sorted(frame for frame in asked if 0 <= frame < video.frame_count)
    return [
        StillRecord(
            place=asked[card.frame_index],
            title=str(title),
            video=video.original_name,
            frame_index=card.frame_index,
            timecode=card.timecode,
            time_s=round(info.time_s(card.frame_index), 6),
            fps=str(info.fps),
            width=video.width,
            height=video.height,
            bits=video.bit_depth,
            rank=card.still.rank if card.still else None,
            score=round(card.still.score, 4) if card.still else None,
            shot=card.shot_number,
            verdict=card.verdict,
            stars=card.stars,
            alt=card.alt,
            notes=tuple(f"{note.user}: {note.text}" for note in notes.get(card.frame_index, ())),
            lists=tuple(in_lists.get(FrameKey(video.pk, card.frame_index), ())),
        )
        for card in describe_frames(video, frames, cast=cast_of_board(video))
    ]


def _lists_by_frame(title: Title) -> dict[FrameKey, list[str]]:
    names: dict[FrameKey, list[str]] = {}
    for pick_list, keys in lists_with_frames(title):
        for key in keys:
            names.setdefault(key, []).append(pick_list.name)
    return names
