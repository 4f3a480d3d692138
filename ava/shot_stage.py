"""The "shots" stage: boundaries over the stitched signals, saved in one transaction."""

from fractions import Fraction
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from ava.models import Shot, Transition, Video
from ava.shots.boundaries import ShotList, find_shots
from ava.shots.look import look_into
from ava.shots.transnet import TransNet
from ava.signals import load_signals, measured_columns
from ava.stages import StageRun
from ava.storage import local_path
from ava.video_facts import video_info
from ava.weights.store import WeightsStore

NETWORK = "transnetv2"


def refresh_shots(run: StageRun) -> None:
    """Find the shots of what has been measured, and replace those that were known.

    A provisional run goes by the signals alone and keeps its hands off the shots of a finished analysis; the
    final one looks at doubtful places again when the network's weights are installed.
    """
    video = run.video
    if not run.is_final and video.shots.filter(provisional=False).exists():
        return
    signals = load_signals(video, columns=measured_columns(), end_frame=run.end_frame)
    network = _network() if run.is_final else None
    look = look_into(local_path(video.file), info=video_info(video)) if network else None
    found = find_shots(signals, fps=Fraction(video.fps_num, video.fps_den), look=look, network=network)
    save_shots(video, found, provisional=not run.is_final)
    run.report(1, 1)


def _network() -> TransNet | None:
    """The network, or None while its weights are not installed; they may come while the worker runs."""
    store = WeightsStore(settings.AVA_WEIGHTS_DIR)
    return _load_network(store.path(NETWORK)) if store.is_installed(NETWORK) else None


@cache
def _load_network(weights: Path) -> TransNet:
    return TransNet(weights)


@transaction.atomic
def save_shots(video: Video, found: ShotList, *, provisional: bool) -> None:
    """Shots that stay as they were keep their row, and with it the stills that refer to them."""
    known = {(shot.start_frame, shot.end_frame): shot.pk for shot in video.shots.select_for_update()}
    wanted = {(shot.start_frame, shot.end_frame) for shot in found.shots}
    video.shots.exclude(pk__in=[pk for span, pk in known.items() if span in wanted]).delete()
    # Indices shift while rows are kept, so they first move out of each other's way.
    kept = [shot for shot in found.shots if (shot.start_frame, shot.end_frame) in known]
    offset = len(found.shots) + len(known)
    for step in (offset, 0):
        Shot.objects.bulk_update(
            [
                Shot(
                    pk=known[shot.start_frame, shot.end_frame],
                    index=shot.index + step,
                    transition=shot.transition,
                    provisional=provisional,
                )
                for shot in kept
            ],
            ["index", "transition", "provisional"],
            batch_size=500,
        )
    Shot.objects.bulk_create(
        [
            Shot(
                video=video, index=shot.index, start_frame=shot.start_frame, end_frame=shot.end_frame,
                transition=shot.transition, provisional=provisional,
            )
            for shot in found.shots
            if (shot.start_frame, shot.end_frame) not in known
        ],
        batch_size=1000,
    )  # fmt: skip
    video.transitions.all().delete()
    Transition.objects.bulk_create(
        Transition(video=video, kind=each.kind, start_frame=each.start_frame, end_frame=each.end_frame)
        for each in found.transitions
    )
