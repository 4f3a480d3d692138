"""Ranking a film's stills anew without an analysis, when more is known of the people in them."""

from ava.exclusive import exclusive
from ava.models import ACTIVE_STATES, Annotation, Video
from ava.signals import current_versions, video_info
from curation.logo_looks import look_for_logos
from curation.people.frame_signals import PEOPLE_SIGNALS
from curation.people_signals import load_people_signals
from curation.previews import render_previews
from curation.services import (
    known_shots,
    measured_at,
    publish_stills,
    save_stills,
    still_signals,
)
from curation.still_tables import save_table
from curation.stills.propose import propose_stills


def rank_again(video: Video) -> None:
    """Rank a film's stills by who is known to be in them now and how they look, from what is stored.

    Nothing is done where nothing would change, so that of many requests in a row the first does the work; while an
    analysis is at work, which ranks them anyway; and where measurements are out of date, which an analysis renews.
    One process at a time ranks a film: it looks again when it is done, so that no request is lost.
    """
    while _is_due(video):
        with exclusive(f"rank stills of video {video.pk}") as is_mine:
            if not is_mine:
                return
            _rank(video)


def _rank(video: Video) -> None:
    signals = still_signals(video)
    shots, fps = known_shots(video), video_info(video).fps
    there = video.stills.values_list("frame_index", flat=True)  # ranking takes no still away
    proposal = propose_stills(signals, shots=shots, fps=fps, keep=list(there), rating=video.title.maturity_rating)
    save_stills(video, proposal, signals=signals, provisional=False)
    render_previews(video)
    look_for_logos(video)
    save_table(video, signals=signals)
    publish_stills(video)


def _is_due(video: Video) -> bool:
    if video.jobs.filter(state__in=ACTIVE_STATES).exists() or not _is_measured(video):
        return False
    people = load_people_signals(video)
    stills = video.stills.filter(provisional=False).values_list("frame_index", "signals")
    return any(_people_of(stored) != measured_at(people, frame_index=frame) for frame, stored in stills)


def _people_of(stored: dict[str, float]) -> dict[str, float]:
    return {name: stored[name] for name in PEOPLE_SIGNALS if name in stored}


def _is_measured(video: Video) -> bool:
    """Whether every frame is measured by the annotators of today."""
    known = current_versions()
    rows = Annotation.objects.filter(chunk__video=video, annotator__in=known)
    return set(rows.values_list("annotator", "version").distinct()) == set(known.items())
