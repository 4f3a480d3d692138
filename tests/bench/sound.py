"""Listening to films: its cost beside bare decoding of the same sound, and how well speech is told from the rest.

`manage.py bench sound [FILM …]`; without films, those of ../shared/data/video.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ava.media.probe import probe
from ava.sound.film_sound import measure_sound
from ava.sound.loudness import sliding_loudness
from tests.conftest import SHARED_DATA
from tests.sounding_films import RATE_HZ, write_sounding_film

ROUNDS = 3
TWO_HOURS_S = 7200.0
LOOPED_FILM = "sintel_trailer_480p.mp4"

# When somebody is heard to speak, in seconds. NASA and Friday by their subtitles, narrowed to the voices in the
# spectrogram; Sintel and Googlework by the spectrogram: glides of overtones, against the level lines of the music.
SPEECH_S: dict[str, list[tuple[float, float]]] = {
    "sintel_trailer_480p.mp4": [(12.15, 14.3), (18.6, 19.8), (36.9, 38.9), (41.7, 43.7)],
    "googlework_short.mp4": [(21.2, 27.1), (27.9, 35.1)],
    "nasa_13013.mp4": [(0.65, 4.85), (5.0, 12.15)],
    "friday.mp4": [(0.0, 6.2)],
    "big_buck_bunny_0_30.webm": [],
    "steamboat.mp4": [],
    "chaplin.mp4": [],
}
VOICES = {"googlework_short.mp4": (20.8, 35.0), "nasa_13013.mp4": (0.0, 13.0), "friday.mp4": (0.0, 6.1)}
BACKGROUNDS = {"big_buck_bunny_0_30.webm": (0, 30), "steamboat.mp4": (0, 28), "chaplin.mp4": (0, 9.6)}
ABOVE_DB = (0, 6, 12)


class Judged(NamedTuple):
    """Scores of each tenth of a second, by the measure's name, and where there is speech."""

    scores: dict[str, NDArray[np.float64]]
    truth: NDArray[np.bool_]


def auc(scores: NDArray[np.floating], truth: NDArray[np.bool_]) -> float:
    """The chance that speech scores above something else, ties counted half; NaN where there is no such pair."""
    if truth.all() or not truth.any():
        return float("nan")
    above = scores[truth][:, None] - scores[~truth][None]
    return float((above > 0).mean() + (above == 0).mean() / 2)


def seconds_of(work: Callable[[], object]) -> float:
    """Processor seconds, the least of some rounds, so that a busy machine counts little."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def decode_bare(path: Path) -> int:
    """The samples that plain PyAV decodes."""
    with av.open(str(path)) as container:
        return sum(frame.samples for frame in container.decode(container.streams.audio[0]))


def loop_sound(source: Path, target: Path, *, length_s: float) -> Path:
    """A film of two pictures whose sound is another film's again and again, its packets copied, until so long."""
    with av.open(str(source)) as container, av.open(str(target), "w") as output:
        stream = container.streams.audio[0]
        picture = output.add_stream("mpeg4", rate=Fraction(1))
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        copied = output.add_stream_from_template(stream)
        assert isinstance(copied, AudioStream) and stream.time_base is not None
        packets = [(bytes(packet), packet.pts or 0) for packet in container.demux(stream) if packet.size]
        step = packets[1][1] - packets[0][1]
        for second in (0, length_s):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = int(second), Fraction(1)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        for number in range(int(length_s / float(step * stream.time_base))):
            packet = av.Packet(packets[number % len(packets)][0])
            packet.stream, packet.time_base = copied, stream.time_base
            packet.pts = packet.dts = number * step
            output.mux(packet)
    return target


def tell_speed(films: Sequence[Path]) -> None:
    """Print the cost of listening to each film that has sound, beside bare decoding of its sound."""
    for path in films:
        info = probe(path)
        if not info.audio_streams:
            continue
        bare, ours = seconds_of(partial(decode_bare, path)), seconds_of(partial(measure_sound, path, info=info))
        print(
            f"{path.name}: {info.duration_s:.0f} s of {info.audio_codecs[0]}; bare {bare:.2f} s, "
            f"listening {ours:.2f} s: {ours / bare:.1f} × bare, {info.duration_s / ours:.0f} × real time"
        )


def tell_two_hours(folder: Path, source: Path) -> None:
    """Print how long two hours of a film's sound take."""
    path = loop_sound(source, folder / "two_hours.mkv", length_s=TWO_HOURS_S)
    info = probe(path)
    start, began = time.process_time(), time.monotonic()
    measure_sound(path, info=info)
    taken, passed = time.process_time() - start, time.monotonic() - began
    start = time.process_time()
    decode_bare(path)
    bare = time.process_time() - start
    print(f"two hours of {source.name}: {taken:.1f} s of one core ({passed:.1f} s passed), bare decoding {bare:.1f} s")


def judge(path: Path, spans: Sequence[tuple[float, float]]) -> Judged:
    """Measure a film and lay out where its speech is; beside likeness to speech, what simpler measures say."""
    sound = measure_sound(path, info=probe(path))
    times = (np.arange(len(sound.speech_unit)) + 0.5) / 10
    truth = np.zeros(len(times), dtype=bool)
    for start, end in spans:
        truth |= (times >= start) & (times < end)
    loudness = sliding_loudness(sound.loudness_lufs, hops=10).astype(np.float64)
    voice = sound.bands_db[:, 1].astype(np.float64) - np.delete(sound.bands_db, 1, axis=1).max(axis=1)
    onsets = np.convolve(sound.onsets, np.ones(10), mode="same")
    swing = np.array([np.std(sound.loudness_lufs[max(k - 5, 0) : k + 5]) for k in range(len(times))])
    simpler = {"loudness": loudness, "voice band": voice, "onsets": onsets, "swing": swing}
    return Judged({"likeness": sound.speech_unit.astype(np.float64), **simpler}, truth)


def tell_speech(data: Path) -> None:
    """Print the area under the curve of each film that has both, and of all films together."""
    judged = {name: judge(data / name, spans) for name, spans in SPEECH_S.items() if (data / name).exists()}
    if not judged:
        return
    for name, each in judged.items():
        mean = {kind: each.scores["likeness"][chosen].mean() for kind, chosen in
                (("speech", each.truth), ("rest", ~each.truth)) if chosen.any()}  # fmt: skip
        areas = ", ".join(f"{measure} {auc(scores, each.truth):.3f}" for measure, scores in each.scores.items())
        means = ", ".join(f"{kind} {value:.2f}" for kind, value in mean.items())
        has_both = each.truth.any() and not each.truth.all()
        print(f"{name}: mean likeness {means}" + (f"; AUC {areas}" if has_both else ""))
    truth = np.concatenate([each.truth for each in judged.values()])
    for measure in next(iter(judged.values())).scores:
        together = auc(np.concatenate([each.scores[measure] for each in judged.values()]), truth)
        lengths = f"{truth.sum() / 10:.0f} s of speech in {len(truth) / 10:.0f} s"
        print(f"all films, {lengths}, by {measure}: AUC {together:.3f}")


def mono_of(path: Path, span: tuple[float, float]) -> NDArray[np.float64]:
    """A film's sound in one channel at 48 kHz."""
    from ava.sound.samples import SoundReader

    reader = SoundReader(path, info=probe(path))
    samples = np.concatenate([block.samples.mean(axis=0, dtype=np.float64) for block in reader.blocks()])
    return samples[round(span[0] * RATE_HZ) : round(span[1] * RATE_HZ)]


def tell_mixtures(data: Path, folder: Path) -> None:
    """Print the mean AUC of real voices laid over real music and noise, which goes on alone for as long before."""
    for above_db in ABOVE_DB:
        areas: dict[str, list[float]] = {}
        for voice_name, span in VOICES.items():
            voice = mono_of(data / voice_name, span)
            for name, part in BACKGROUNDS.items():
                ground = np.resize(mono_of(data / name, part), 2 * len(voice))
                ground *= np.sqrt(np.mean(voice**2) / np.mean(ground**2)) / 10 ** (above_db / 20)
                ground[len(voice) :] += voice
                lead_s, length_s = len(voice) / RATE_HZ - span[0], len(ground) / RATE_HZ
                film = write_sounding_film(
                    folder / "mixture.mkv", ground, length_s=length_s, layout="mono", codec="pcm_f32le"
                )
                each = judge(film, [(start + lead_s, end + lead_s) for start, end in SPEECH_S[voice_name]])
                for measure, scores in each.scores.items():
                    areas.setdefault(measure, []).append(auc(scores, each.truth))
        told = ", ".join(f"{measure} {np.mean(values):.3f}" for measure, values in areas.items())
        print(f"voices {above_db} dB above music and noise, {len(areas['likeness'])} mixtures: mean AUC {told}")


def main(arguments: Sequence[str]) -> None:
    """Print speed and speech; of speech only where the labelled films are."""
    data = SHARED_DATA / "video"
    films = [Path(each) for each in arguments] or sorted(data / name for name in SPEECH_S if (data / name).exists())
    # Workers listen in a process with one thread; more would only wait for each other.
    with tempfile.TemporaryDirectory() as scratch, threadpool_limits(1):
        tell_speed(films)
        if (data / LOOPED_FILM).exists():
            tell_two_hours(Path(scratch), data / LOOPED_FILM)
            tell_speech(data)
            tell_mixtures(data, Path(scratch))
