"""What films sound like: the "sound" stage measures it once, and who needs it reads it here."""

import base64
import logging
import math
from collections.abc import Callable

from django.db import transaction

from ava.decoder_process import DecoderDied, DecoderError, DecoderProcess
from ava.info_json import info_to_json
from ava.media.source import UnusableVideo
from ava.models import MeasuredSound, Video
from ava.sound.film_sound import NO_SOUND, SOUND_VERSION, FilmSound, film_hops, silent_film
from ava.sound.loudness import HOP_S
from ava.sound.packed import pack_sound, unpack_sound
from ava.stages import Stage, StageRun
from ava.storage import local_path
from ava.turns import take_turn
from ava.video_facts import video_info

logger = logging.getLogger(__name__)

NOT_MEASURED = 0
"""The version of a sound that brought the decoder down: silence stands in for it, until it is tried again."""


def known_sound(video: Video) -> FilmSound | None:
    """What a film sounds like, as the current version measures it; None when that has not been measured yet."""
    row = MeasuredSound.objects.filter(video=video, version__in=(SOUND_VERSION, NOT_MEASURED)).first()
    if row is None:
        return None
    return unpack_sound(bytes(row.values), is_heard=row.is_heard, notes=tuple(row.notes))


def measure_film(run: StageRun) -> None:
    """Measure a film's sound, unless this version has done so before; a sound that cannot be measured is silent."""
    video = run.video
    hops = film_hops(video_info(video))
    seconds = math.ceil(hops * HOP_S)
    if not MeasuredSound.objects.filter(video=video, version=SOUND_VERSION).exists():
        try:
            sound = _measure_apart(video, report=lambda share: run.report(math.floor(share * seconds), seconds))
            save_sound(video, sound, version=SOUND_VERSION)
        except (UnusableVideo, DecoderDied, DecoderError) as error:
            logger.exception("The sound of video %s cannot be measured", video.pk)
            note = f"The sound cannot be measured: {str(error).rstrip('.')}."
            save_sound(video, silent_film(hops, notes=(note,)), version=NOT_MEASURED)
    run.report(seconds, seconds)


@transaction.atomic
def save_sound(video: Video, sound: FilmSound, *, version: int) -> None:
    """Store a film's sound in place of what was known of it. Raises Gone when the film has been deleted meanwhile."""
    take_turn(video)
    told = {
        "version": version,
        "hops": len(sound.loudness_lufs),
        "is_heard": sound.is_heard,
        "notes": list(sound.notes),
        "values": pack_sound(sound),
    }
    MeasuredSound.objects.update_or_create(video=video, defaults=told)


def _measure_apart(video: Video, *, report: Callable[[float], None]) -> FilmSound:
    """In a process of its own, which a broken sound may bring down; for films without sound none is started."""
    if not video.audio_streams:
        return silent_film(film_hops(video_info(video)), notes=(NO_SOUND,))
    request = {"work": "sound", "path": str(local_path(video.file)), "info": info_to_json(video_info(video))}
    with DecoderProcess() as process:
        answer = process.ask(request, on_progress=report)
    values = base64.b64decode(answer["values"])
    return unpack_sound(values, is_heard=answer["is_heard"], notes=tuple(answer["notes"]))


SOUND_STAGE = Stage(
    name="sound", label="Listening to the film", run=measure_film, unit="seconds", has_provisional_run=False
)
