"""What films sound like: tones, clicks and silence of known loudness and time, and real footage."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from ava.media.probe import probe
from ava.sound.film_sound import NO_SOUND, SILENT, UNREADABLE, FilmSound, measure_sound
from ava.sound.loudness import (
    FLOOR_LUFS,
    MOMENTARY_HOPS,
    SHORT_TERM_HOPS,
    gated_loudness,
    sliding_loudness,
)
from ava.sound.packed import pack_sound, unpack_sound
from ava.sound.silence import silence_spans
from tests.sounding_films import PIECE_SAMPLES, RATE_HZ, clicks, sine, write_sounding_film

# Where people are heard to speak, told by subtitles (NASA), and by the glides of voices in the spectrogram.
SPEECH_S = {
    "googlework_short.mp4": [(21.2, 27.1), (27.9, 35.1)],
    "nasa_13013.mp4": [(0.65, 4.85), (5.0, 12.15)],
}


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def heard(path: Path) -> FilmSound:
    return measure_sound(path, info=probe(path))


def tone_film(path: Path, **options: object) -> Path:
    return write_sounding_film(path, sine(997, dbfs=-20, length_s=3), length_s=3, **options)  # type: ignore[arg-type]


def onset_hops(sound: FilmSound) -> list[int]:
    return np.repeat(np.arange(len(sound.onsets)), sound.onsets).tolist()


@pytest.mark.parametrize(
    ("layout", "only", "lufs"),
    [
        ("mono", None, -23.0),  # BS.1770-4: −3.01 for 997 Hz at full scale in one channel
        ("stereo", None, -20.0),
        ("stereo", 1, -23.0),
        ("5.1", 3, FLOOR_LUFS),  # effects of low frequency do not count
        ("5.1", 2, -23.0),
        ("5.1", 4, -21.5),  # surrounds count 1.5 dB more
        ("7.1", 4, -23.0),  # those behind do not
        ("7.1", 7, -21.5),
    ],
)
def test_a_tone_has_the_loudness_that_bs_1770_gives_it(
    layout: str, only: int | None, lufs: float, tmp_path: Path
) -> None:
    channels = av.AudioLayout(layout).nb_channels
    samples = np.zeros((channels, 3 * RATE_HZ))
    samples[slice(None) if only is None else only] = sine(997, dbfs=-20, length_s=3)
    path = write_sounding_film(tmp_path / "tone.mkv", samples, length_s=3, layout=layout)
    sound = heard(path)
    assert gated_loudness(sound.loudness_lufs) == pytest.approx(lufs, abs=0.05)
    middle = sliding_loudness(sound.loudness_lufs, hops=MOMENTARY_HOPS)[10:-10]
    assert np.ptp(middle) < 0.05 and middle.mean() == pytest.approx(lufs, abs=0.05)


@pytest.mark.parametrize(
    ("codec", "rate_hz", "name"),
    [
        ("pcm_s16le", 8_000, "a.mkv"),
        ("pcm_f32le", 44_100, "a.mkv"),
        ("pcm_s16le", 96_000, "a.mkv"),
        ("pcm_s16le", 192_000, "a.mkv"),
        ("aac", 44_100, "a.mp4"),
        ("ac3", 48_000, "a.mkv"),
        ("flac", 48_000, "a.mkv"),
    ],
)
def test_rates_and_codecs_planar_or_interleaved_measure_alike(
    codec: str, rate_hz: int, name: str, tmp_path: Path
) -> None:
    tone = sine(997, dbfs=-20, length_s=3, rate_hz=rate_hz)
    path = write_sounding_film(tmp_path / name, tone, length_s=3, codec=codec, rate_hz=rate_hz)
    sound = heard(path)
    assert sliding_loudness(sound.loudness_lufs, hops=MOMENTARY_HOPS)[15] == pytest.approx(-20, abs=0.1)
    assert sound.brightness_hz[15] == pytest.approx(997, abs=25)
    assert sound.bands_db[15].argmax() == 1 and sound.bands_db[15].max() == pytest.approx(-23, abs=0.3)


def test_gates_leave_silence_and_quiet_out_of_a_films_loudness(tmp_path: Path) -> None:
    parts = [sine(997, dbfs=dbfs, length_s=2.5) for dbfs in (-20, -56, -20)]
    samples = np.concatenate([*parts, np.zeros(RATE_HZ * 3)])
    path = write_sounding_film(tmp_path / "tone.mkv", samples, length_s=10)
    sound = heard(path)
    assert gated_loudness(sound.loudness_lufs) == pytest.approx(-20.4, abs=0.1)  # windows over an edge are in
    assert silence_spans(sound.loudness_lufs).ravel() == pytest.approx([7.5, 10.0], abs=0.11)


def ffmpeg_loudness(path: Path) -> np.ndarray:
    """Momentary and short-term loudness at the end of every tenth of a second, by FFmpeg's own meter: (N, 2)."""
    found = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source, meter = graph.add_abuffer(template=stream), graph.add("ebur128", "metadata=1")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        for frame in (*container.decode(stream), None):
            source.push(frame)
            while True:
                try:
                    told = sink.pull().metadata
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                if "lavfi.r128.M" in told:
                    found.append((float(told["lavfi.r128.M"]), float(told["lavfi.r128.S"])))
    return np.array(found)


def test_loudness_of_a_real_film_is_that_of_ffmpegs_meter(shared_data: Path) -> None:
    path = shared_data / "video" / "friday.mp4"
    sound = heard(path)
    meter = ffmpeg_loudness(path)
    for column, hops in enumerate((MOMENTARY_HOPS, SHORT_TERM_HOPS)):
        middle = hops // 2  # a meter shows a window's loudness at its end
        ours = sliding_loudness(sound.loudness_lufs, hops=hops)
        theirs = meter[hops - 1 : len(ours), column]
        there = theirs > -70
        difference = ours[hops - 1 - middle : hops - 1 - middle + len(theirs)][there] - theirs[there]
        assert there.sum() > 30 and np.abs(difference).max() < 0.02


def test_each_click_is_one_onset_in_its_own_tenth_of_a_second(tmp_path: Path) -> None:
    times = [0.35, 1.02, 1.55, 2.31, 2.98, 4.44, 5.05]
    path = write_sounding_film(tmp_path / "clicks.mkv", clicks(times, length_s=6), length_s=6)
    sound = heard(path)
    assert onset_hops(sound) == [int(time * 10) for time in times]
    assert sound.onset_db[onset_hops(sound)].min() > 10 * np.delete(sound.onset_db, onset_hops(sound)).mean()


def test_a_held_tone_has_one_onset_and_its_swelling_none(tmp_path: Path) -> None:
    tone = sine(440, dbfs=-10, length_s=5) * np.concatenate([np.zeros(RATE_HZ), np.linspace(0.5, 1, 4 * RATE_HZ)])
    sound = heard(write_sounding_film(tmp_path / "tone.mkv", tone, length_s=5))
    assert onset_hops(sound) in ([10], [9])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mkv", {"picture_starts_s": 0.8}),
        ("film.mov", {"picture_starts_s": 0.8}),
        ("film.mov", {"sound_starts_s": 0.5}),
        ("film.mkv", {"pause": (1.5, 2.5)}),
        ("film.mkv", {"sound_starts_s": 0.5, "picture_starts_s": 0.8, "pause": (1.5, 2.5)}),
    ],
)
def test_sound_stands_at_the_time_of_the_pictures_it_belongs_to(name: str, options: dict, tmp_path: Path) -> None:
    times = [0.25, 1.05, 3.05, 3.55]
    path = write_sounding_film(tmp_path / name, clicks(times, length_s=4), length_s=5, **options)
    info = probe(path)
    sound = measure_sound(path, info=info)
    wanted = [int((time + options.get("sound_starts_s", 0) - float(info.time_origin_s)) * 10 + 1e-6) for time in times]
    assert onset_hops(sound) == wanted
    end_s = info.time_s(info.frame_count - 1) + 1 / 25
    assert len(sound.onsets) == int(np.ceil(end_s * 10 - 1e-6))


def test_sound_behind_the_films_end_is_not_counted(tmp_path: Path) -> None:
    sound = heard(write_sounding_film(tmp_path / "film.mkv", sine(997, dbfs=-20, length_s=5), length_s=2))
    assert len(sound.loudness_lufs) == 20 and sound.notes == ()


def test_how_the_file_cuts_its_packets_changes_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = np.clip(rng.normal(0, 0.1, RATE_HZ * 11), -1, 1) * np.repeat(rng.uniform(0, 1, 44), RATE_HZ // 4)
    packed = {
        pack_sound(heard(write_sounding_film(tmp_path / f"{size}.mkv", noise, length_s=11, piece_samples=size)))
        for size in (PIECE_SAMPLES, 333)
    }
    assert len(packed) == 1


def test_a_sound_that_changes_its_channels_midway_is_measured_throughout(tmp_path: Path) -> None:
    """A transport stream joined of a stereo and a mono half, as captures of television are."""
    halves = [
        write_sounding_film(
            tmp_path / f"{layout}.ts", sine(997, dbfs=-20, length_s=3), length_s=3, layout=layout, codec="ac3",
            picture_starts_s=start, sound_starts_s=start,
        )
        for layout, start in (("stereo", 0), ("mono", 3))
    ]  # fmt: skip
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(half.read_bytes() for half in halves))
    sound = heard(path)
    loudness = sliding_loudness(sound.loudness_lufs, hops=MOMENTARY_HOPS)
    assert loudness[15] == pytest.approx(-20, abs=0.2) and loudness[-15] == pytest.approx(-23, abs=0.2)


def test_a_film_without_sound_is_silent_and_says_so(tmp_path: Path) -> None:
    sound = heard(write_sounding_film(tmp_path / "film.mkv", None, length_s=2))
    assert not sound.is_heard and sound.notes == (NO_SOUND,)
    assert (sound.loudness_lufs == FLOOR_LUFS).all() and len(sound.loudness_lufs) == 20
    assert gated_loudness(sound.loudness_lufs) == FLOOR_LUFS


def test_digital_silence_and_sound_that_ends_early_are_told(tmp_path: Path) -> None:
    silent = heard(write_sounding_film(tmp_path / "a.mkv", np.zeros(RATE_HZ * 2), length_s=2))
    assert silent.is_heard and silent.notes == (SILENT,) and not silent.speech_unit.any()
    short = heard(write_sounding_film(tmp_path / "b.mkv", sine(997, dbfs=-20, length_s=1), length_s=4))
    assert short.notes == ("For 3.0 s of the film there is no sound; they count as silent.",)
    assert silence_spans(short.loudness_lufs)[-1].tolist() == pytest.approx([1.1, 4.0], abs=0.11)


def test_a_broken_sound_costs_itself_alone(tmp_path: Path) -> None:
    path = tone_film(tmp_path / "film.mkv", codec="flac")
    info, content = probe(path), bytearray(path.read_bytes())
    rng = np.random.default_rng(3)
    places = np.flatnonzero(np.lib.stride_tricks.sliding_window_view(np.frombuffer(content, np.uint8), 2)[:, 0] == 0xFF)
    for place in places[places > 2000]:
        content[place : place + 3] = rng.bytes(3)
    path.write_bytes(content)
    sound = measure_sound(path, info=info)
    assert np.isfinite(sound.loudness_lufs).all() and len(sound.loudness_lufs) == 30
    assert sound.notes and all(note.endswith(".") for note in sound.notes)


def test_samples_that_are_no_numbers_are_silent(tmp_path: Path) -> None:
    tone = sine(997, dbfs=-20, length_s=3)
    tone[RATE_HZ : RATE_HZ + 500] = np.nan
    tone[RATE_HZ + 500 : RATE_HZ + 900] = np.inf
    tone[RATE_HZ + 900 : RATE_HZ + 910] = 1e30
    sound = heard(write_sounding_film(tmp_path / "film.mkv", tone, length_s=3, codec="pcm_f32le"))
    assert all(np.isfinite(np.asarray(values, float)).all() for values in sound[1:-1])
    assert sound.loudness_lufs[25] == pytest.approx(-20, abs=0.1)


def test_packing_keeps_what_can_be_heard(tmp_path: Path) -> None:
    sound = heard(write_sounding_film(tmp_path / "film.mkv", clicks([0.5, 1.2], length_s=2), length_s=2))
    packed = pack_sound(sound)
    back = unpack_sound(packed, is_heard=sound.is_heard, notes=sound.notes)
    for name, step in (("loudness_lufs", 0.01), ("onset_db", 0.01), ("speech_unit", 1e-4), ("bands_db", 0.01)):
        np.testing.assert_allclose(getattr(back, name), getattr(sound, name), atol=step)
    assert (back.onsets == sound.onsets).all() and pack_sound(back) == packed


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    above = scores[truth][:, None] - scores[~truth][None]
    return float((above > 0).mean() + (above == 0).mean() / 2)


@pytest.mark.parametrize("name", SPEECH_S)
def test_speech_sounds_more_like_speech_than_the_rest_of_its_film(name: str, shared_data: Path) -> None:
    sound = heard(shared_data / "video" / name)
    times = (np.arange(len(sound.speech_unit)) + 0.5) / 10
    truth = np.any([(times >= start) & (times < end) for start, end in SPEECH_S[name]], axis=0)
    assert auc(sound.speech_unit, truth) > 0.93


def test_music_tones_and_noise_do_not_sound_like_speech(shared_data: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    noise = heard(write_sounding_film(tmp_path / "n.mkv", rng.uniform(-0.1, 0.1, RATE_HZ * 4), length_s=4))
    tone = heard(tone_film(tmp_path / "t.mkv"))
    assert max(noise.speech_unit.max(), tone.speech_unit.max()) < 0.25
    talk = np.median(heard(shared_data / "video" / "friday.mp4").speech_unit)
    for name in ("big_buck_bunny_0_30.webm", "chaplin.mp4"):
        assert np.median(heard(shared_data / "video" / name).speech_unit) < 0.3 < 0.6 < talk


def test_an_undecodable_sound_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tone_film(tmp_path / "film.mkv")
    monkeypatch.setattr("ava.sound.samples.SoundReader._frames", lambda self, container: iter(()))
    sound = heard(path)
    assert sound.notes == (UNREADABLE,) and not sound.is_heard and len(sound.loudness_lufs) == 30
