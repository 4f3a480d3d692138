"""Writing stills: what an analysis proposes, and what editors' decisions keep."""

from collections.abc import Mapping

import numpy as np
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray

from ava.media.timecode import film_timecode
from ava.media.video_info import VideoInfo
from ava.messages import send_task
from ava.models import Video
from ava.progress import publish
from ava.shots.shot_list import Shot as FoundShot
from ava.shots.shot_list import ShotList
from ava.shots.shot_list import Transition as FoundTransition
from ava.signals import load_signals, measured_columns, video_info
from ava.stages import StageRun
from curation.logo_looks import look_for_logos
from curation.logo_search import search_again_where_due
from curation.models import Still
from curation.people.frame_signals import PEOPLE_SIGNALS
from curation.people_signals import load_people_signals
from curation.picture_rows import send_grouping
from curation.previews import delete_previews, render_previews
from curation.spoken_frames import frames_spoken_of
from curation.still_tables import save_table
from curation.stills.propose import choose_frames, propose_stills
from curation.stills.rank import RankedStill

Signals = Mapping[str, NDArray[np.float32]]


def refresh_stills(run: StageRun) -> None:
    """Propose and rank the stills of what has been measured; frames that anybody said something of always stay.

    A provisional run keeps its hands off the stills of a finished analysis.
    """
    video = run.video
    if not run.is_final and video.stills.filter(provisional=False).exists():
        return
    signals = still_signals(video, end_frame=run.end_frame)
    shots = known_shots(video)
    kept = [frame for frame in frames_spoken_of(video) if frame < run.end_frame]
    rating = video.title.maturity_rating
    proposal = propose_stills(signals, shots=shots, fps=video_info(video).fps, keep=kept, rating=rating)
    save_stills(video, proposal, signals=signals, provisional=not run.is_final)
    render_previews(video, report=run.report)
    if run.is_final:
        look_for_logos(video, report=run.report)
        search_again_where_due(video.title.teams.values_list("pk", flat=True))
        if _have_people_changed(video, since=signals):  # a request to rank again is refused while this runs
            refresh_stills(run)
            return
        save_table(video, signals=signals)
    publish_stills(video)


def _have_people_changed(video: Video, *, since: Signals) -> bool:
    """Whether somebody has said who is in the film since these signals were read."""
    before, now = {name: since[name] for name in PEOPLE_SIGNALS if name in since}, load_people_signals(video)
    if before.keys() != now.keys():
        return True
    return not all(np.array_equal(before[name], now[name], equal_nan=True) for name in now)


def still_signals(video: Video, *, end_frame: int | None = None) -> dict[str, NDArray[np.float32]]:
    """Everything that stills are judged and filtered by: what was measured, and who is seen."""
    return load_signals(video, end_frame=end_frame) | load_people_signals(video, end_frame=end_frame)


def frames_to_inspect(video: Video) -> list[int]:
    """Still candidates, and the frames that people said something of."""
    signals = load_signals(video, columns=measured_columns())
    fps = video_info(video).fps
    candidates = choose_frames(signals, shots=known_shots(video), fps=fps, keep=frames_spoken_of(video))
    return [candidate.frame_index for candidate in candidates]


def known_shots(video: Video) -> ShotList:
    """The saved shots and transitions, as the pure code reads them."""
    return ShotList(
        tuple(
            FoundShot(shot.index, shot.start_frame, shot.end_frame, shot.transition) for shot in video.shots.all()
        ),
        tuple(FoundTransition(each.kind, each.start_frame, each.end_frame) for each in video.transitions.all()),
    )


@transaction.atomic
def save_stills(video: Video, ranked: list[RankedStill], *, signals: Signals, provisional: bool) -> None:
    """Replace the proposal: rows of frames that stay keep their id, and with it every link to them."""
    Video.objects.select_for_update().get(pk=video.pk)  # one proposal at a time, and none beside keep_frame
    info = video_info(video)
    shot_ids = dict(video.shots.values_list("index", "pk"))
    known = {still.frame_index: still for still in video.stills.all()}
    kept_frames = {still.frame_index for still in ranked} | frames_spoken_of(video)
    gone = [still for frame, still in known.items() if frame not in kept_frames]
    video.stills.filter(pk__in=[still.pk for still in gone]).delete()
    delete_previews(gone)
    rows = [
        _describe(
            known.get(still.frame_index) or Still(video=video, frame_index=still.frame_index),
            still, info=info, signals=signals, shot_id=shot_ids.get(still.shot_index), provisional=provisional,
        )
        for still in ranked
    ]  # fmt: skip
    Still.objects.bulk_create([row for row in rows if row.pk is None], batch_size=1000)
    Still.objects.bulk_update(
        [row for row in rows if row.pk is not None],
        ["shot", "timecode", "rank", "score", "explanation", "signals", "provisional"],
        batch_size=500,
    )


def _describe(
    row: Still, still: RankedStill, *, info: VideoInfo, signals: Signals, shot_id: int | None, provisional: bool
) -> Still:
    row.shot_id = shot_id
    row.timecode = film_timecode(info, still.frame_index)
    row.rank, row.score, row.explanation = still.rank, still.score, _rounded(still.explanation)
    row.signals = measured_at(signals, frame_index=still.frame_index)
    row.provisional = provisional
    return row


def _rounded(explanation: Mapping[str, float]) -> dict[str, float]:
    return {part: round(value, 4) for part, value in explanation.items()}


def measured_at(signals: Signals, *, frame_index: int) -> dict[str, float]:
    """What was measured at one frame, for filters; signatures are for comparing and not for people."""
    values = {name: float(signal[frame_index]) for name, signal in signals.items() if not name.startswith("signature.")}
    return {name: round(value, 5) for name, value in values.items() if not np.isnan(value)}


def keep_frame(video: Video, frame_index: int) -> Still:
    """Make a still of a frame that an editor chose, behind the proposed ones; what is one already stays as it is.

    It is there at once; after the transaction one worker judges it and makes its preview, and another, when it has
    the time, looks at it as closely as at the others.
    """
    with transaction.atomic():
        Video.objects.select_for_update(no_key=True).get(pk=video.pk)
        known = video.stills.filter(frame_index=frame_index).first()
        if known is not None:
            return known
        last = video.stills.aggregate(last=Max("rank"))["last"] or 0
        still = Still.objects.create(
            video=video,
            frame_index=frame_index,
            shot=video.shot_at(frame_index),
            timecode=film_timecode(video_info(video), frame_index),
            rank=last + 1,
            score=0.0,
            explanation={},
            provisional=True,
        )
        send_task("curation.tasks.complete_still", still.pk)
        send_task("curation.tasks.look_at_still", still.pk)
    return still


def complete_still(still: Still) -> None:
    """Judge a still that an editor made, as it would be judged among the proposed ones, and make its preview."""
    video = still.video
    signals = still_signals(video)
    shots, fps, rating = known_shots(video), video_info(video).fps, video.title.maturity_rating
    proposal = propose_stills(signals, shots=shots, fps=fps, keep=[still.frame_index], rating=rating)
    found = next((each for each in proposal if each.frame_index == still.frame_index), None)
    if found is not None:
        still.score, still.explanation = found.score, _rounded(found.explanation)
    still.signals = measured_at(signals, frame_index=still.frame_index)
    still.provisional = still.shot is None or still.shot.provisional
    still.save(update_fields=["score", "explanation", "signals", "provisional"])
    render_previews(video)
    publish_stills(video)
    look_for_logos(video)
    save_table(video, signals=signals)


def publish_stills(video: Video) -> None:
    """Tell the pages that the stills of a video are new, and have them compared."""
    send_grouping(video.title_id)
    publish(
        title_id=video.title_id,
        message={
            "type": "stills",
            "title_id": video.title_id,
            "video_id": video.pk,
            "count": video.stills.count(),
        },
    )
