"""What a whole film sounds like, measured in one reading of its sound."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.media.proxy_sound import SAMPLE_RATE_HZ
from ava.media.video_info import VideoInfo
from ava.sound.loudness import FLOOR_LUFS, HOP_S, HOP_SAMPLES, KWeighting, loudness_of
from ava.sound.onsets import find_onsets, onsets_per_hop
from ava.sound.samples import SoundReader, film_end_s
from ava.sound.silence import SILENT_LUFS
from ava.sound.spectrum import BAND_EDGES_HZ, FLOOR_DB, FRAMES_PER_HOP, Spectrum, SpectrumFrames
from ava.sound.speech import measure_cues, speech_likeness

SOUND_VERSION = 1
"""Goes up when the same film would be measured differently; what older versions measured is made again."""

LEAST_MISSING_S = 1.0

NO_SOUND = "The film has no sound."
UNREADABLE = "The film has a sound stream, but nothing of it can be decoded; it counts as silent."
SILENT = "The film's sound stream is silent throughout."
CUT_OFF = "The sound cannot be read to its end; what is missing counts as silent."

Floats = NDArray[np.float32]


class FilmSound(NamedTuple):
    """A film's sound in H hops of 0.1 s: hop k is the second k/10 to (k+1)/10 of playback, the last one ends the film.

    is_heard: False where there is no sound stream or none of it can be decoded; all hops are silent then.
    loudness_lufs: float32 (H,) K-weighted loudness of each hop alone, FLOOR_LUFS (−100) to about 10.
    onset_db: float32 (H,) the strongest rise of the spectrum in the hop, 0 and more.
    onsets: uint8 (H,) how many notes, blows or words begin in the hop.
    speech_unit: float32 (H,) 0–1, how much like speech the second around the hop sounds.
    brightness_hz: float32 (H,) the centroid of the spectrum; 0 in silence.
    bands_db: float32 (H, 4) power between 20, 250, 2000, 6000 and 20000 Hz, −80 to about 20; a sine at full scale
        has −3.
    notes: sentences for a person about what could not be heard.
    """

    is_heard: bool
    loudness_lufs: Floats
    onset_db: Floats
    onsets: NDArray[np.uint8]
    speech_unit: Floats
    brightness_hz: Floats
    bands_db: Floats
    notes: tuple[str, ...]


def measure_sound(path: Path, *, info: VideoInfo, on_progress: Callable[[float], None] | None = None) -> FilmSound:
    """Measure the first sound stream of a film, whose pictures are not decoded.

    What is measured does not depend on how the file cuts its packets. ``on_progress`` is called with the fraction
    done, 0–1. Missing, broken and empty sound is silence, and the notes say so. Raises UnusableVideo when the file
    cannot be opened.
    """
    hops = film_hops(info)
    if not info.audio_streams:
        return silent_film(hops, notes=(NO_SOUND,))
    reader, weighting, spectrum = SoundReader(path, info=info), KWeighting(), Spectrum()
    powers, frames, done = [], [], 0
    for block in reader.blocks():
        samples = block.samples[:, : hops * HOP_SAMPLES - done]
        powers.append(weighting.power(samples, channels=block.channels))
        frames.append(spectrum.add(samples, channels=block.channels))
        done += samples.shape[1]
        if on_progress is not None:
            on_progress(done / (hops * HOP_SAMPLES))
    if not reader.heard_samples:
        return silent_film(hops, notes=(UNREADABLE,))
    loudness = loudness_of(np.concatenate(powers)).astype(np.float32)
    joined = SpectrumFrames(*(np.concatenate(parts) for parts in zip(*frames, strict=True)))
    return _told(joined, loudness=loudness, notes=_notes(reader, loudness=loudness))


def film_hops(info: VideoInfo) -> int:
    """How many tenths of a second there are from the second 0 of playback to the film's end; at least one."""
    return max(math.ceil(round(film_end_s(info) * SAMPLE_RATE_HZ) / HOP_SAMPLES), 1)


def silent_film(hops: int, *, notes: tuple[str, ...]) -> FilmSound:
    """The sound of a film of so many hops in which nothing can be heard, for the reasons that the notes tell."""
    nothing = np.zeros(hops, dtype=np.float32)
    return FilmSound(
        is_heard=False,
        loudness_lufs=np.full(hops, FLOOR_LUFS, dtype=np.float32),
        onset_db=nothing,
        onsets=np.zeros(hops, dtype=np.uint8),
        speech_unit=nothing,
        brightness_hz=nothing,
        bands_db=np.full((hops, len(BAND_EDGES_HZ) - 1), FLOOR_DB, dtype=np.float32),
        notes=notes,
    )


def _told(frames: SpectrumFrames, *, loudness: Floats, notes: tuple[str, ...]) -> FilmSound:
    hops = len(loudness)
    bands = frames.bands.reshape(hops, FRAMES_PER_HOP, -1).mean(axis=1, dtype=np.float64)
    moment = frames.moment_hz.reshape(hops, FRAMES_PER_HOP).mean(axis=1, dtype=np.float64)
    is_audible = loudness >= SILENT_LUFS
    brightness = np.where(is_audible, moment / np.maximum(bands.sum(axis=1), 1e-12), 0.0)
    speech = speech_likeness(measure_cues(frames))
    return FilmSound(
        is_heard=True,
        loudness_lufs=loudness,
        onset_db=frames.rise_db.reshape(hops, FRAMES_PER_HOP).max(axis=1),
        onsets=onsets_per_hop(find_onsets(frames.rise_db), hops=hops),
        speech_unit=np.where(_is_near(is_audible), speech, np.float32(0)),
        brightness_hz=np.minimum(brightness, SAMPLE_RATE_HZ / 2).astype(np.float32),
        bands_db=(10 * np.log10(np.maximum(bands, 10 ** (FLOOR_DB / 10)))).astype(np.float32),
        notes=notes,
    )


def _is_near(is_audible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hops that are audible or less than half a second from one that is: pauses belong to what is said."""
    from scipy.ndimage import maximum_filter1d

    return np.asarray(maximum_filter1d(is_audible.astype(np.uint8), round(1.0 / HOP_S) - 1, mode="constant") > 0)


def _notes(reader: SoundReader, *, loudness: Floats) -> tuple[str, ...]:
    notes = []
    if (loudness <= FLOOR_LUFS).all():
        notes.append(SILENT)
    if reader.damaged_packets:
        notes.append(f"{reader.damaged_packets} damaged packets of the sound cannot be decoded; they count as silent.")
    if reader.is_cut_off:
        notes.append(CUT_OFF)
    missing_s = (reader.end_sample - reader.heard_samples) / SAMPLE_RATE_HZ
    if missing_s >= LEAST_MISSING_S:
        notes.append(f"For {missing_s:.1f} s of the film there is no sound; they count as silent.")
    return tuple(notes)
