"""What a film and its shots sound like, as `result.json` tells it. Imports no Django."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ava.media.video_info import VideoInfo
from ava.shots.shot_list import Shot
from ava.sound.film_sound import FilmSound
from ava.sound.loudness import gated_loudness
from ava.sound.shot_sound import shot_sounds
from curation.people.dialogue import frame_times

_DIGITS = 3


def describe_film_sound(sound: FilmSound | None) -> dict[str, Any]:
    """The film's gated loudness in LUFS, and what could not be heard; nothing where nobody listened."""
    if sound is None:
        return {}
    loudness = round(gated_loudness(sound.loudness_lufs), 2) if sound.is_heard else None
    return {"sound": {"loudness_lufs": loudness, "notes": list(sound.notes)}}


def describe_shot_sounds(
    sound: FilmSound | None, *, shots: Sequence[Shot], info: VideoInfo
) -> list[dict[str, float] | None]:
    """Each shot's `ShotSound`; None where nothing can be heard or nobody listened."""
    if sound is None or not sound.is_heard:
        return [None] * len(shots)
    times_s = frame_times(info)
    frames = np.array([(shot.start_frame, shot.end_frame) for shot in shots], dtype=np.int64).reshape(-1, 2)
    told = shot_sounds(sound, spans_s=times_s[frames])
    return [{name: round(value, _DIGITS) for name, value in each._asdict().items()} for each in told]
