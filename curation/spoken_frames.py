"""Frames of a film that somebody said something of; they stay stills whatever an analysis proposes."""

from ava.models import Video
from curation.decisions import current_decisions
from curation.models import StillNote
from curation.pick_list_frames import lists_with_frames


def frames_spoken_of(video: Video) -> set[int]:
    """Frames that an editor has picked, rejected or starred and not taken back, that are in a list, or have a note."""
    decided = {frame for frame, state in current_decisions(video).items() if state.verdict or state.stars}
    listed = {
        key.frame_index for _, frames in lists_with_frames(video.title) for key in frames if key.video_id == video.pk
    }
    notes = StillNote.objects.filter(video=video, is_withdrawn=False)
    return decided | listed | set(notes.values_list("frame_index", flat=True))
