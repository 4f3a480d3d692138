"""Films cut from films: frames that carry their number, against what the hand-off files say; size, sound, cuts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from ava.handoff.cut_list import CutList, CutSpan
from ava.handoff.film_render import render_film
from ava.handoff.films import describe_film, describe_spans
from ava.handoff.kinds import HANDOFF_KINDS
from ava.handoff.render_plan import PREVIEW, RenderSource, RenderSpan, canvas_size, lay_out_render
from ava.media.decode import decode_frame, decode_frames
from ava.media.probe import probe
from ava.media.source import UnusableVideo
from ava.media.timecode import parse_timecode
from tests.footage import read_number, write_film
from tests.handoff_films import made_info
from tests.handoff_reading import read_kind

HZ = 48_000
NTSC, FILM_NTSC = Fraction(30000, 1001), Fraction(24000, 1001)
SPANS = [(0, 1), (7, 31), (59, 60), (30, 45)]


@pytest.mark.parametrize(
    ("fps", "start"), [(Fraction(25), "23:59:58:20"), (NTSC, "00:59:59;10"), (FILM_NTSC, "01:00:00:00")]
)
def test_files_name_the_frames_that_the_film_and_what_is_rendered_of_it_show(
    fps: Fraction, start: str, tmp_path: Path
) -> None:
    path = write_film(tmp_path / "film.mov", frames=60, width=160, height=90, fps=fps, metadata={"timecode": start})
    info = probe(path)
    assert info.start_timecode == start
    film = describe_film(info, name=path.name)
    cuts = CutList("Cut", "now", tuple(CutSpan("T", film, *describe_spans(info, spans=[span])) for span in SPANS))
    layout, target = cuts.lay_out(), tmp_path / "out.mp4"
    render_film(
        [RenderSource(path, info)], spans=[RenderSpan(0, *span) for span in SPANS], target=target, most_bytes=10**8
    )
    made = [read_number(frame.rgb) for frame in decode_frames(target, info=probe(target))]
    first = parse_timecode(start, fps=fps)
    for kind in ("otio", "edl", "fcpxml", "xml", "csv", "json"):
        text = HANDOFF_KINDS[kind].write(cuts)
        clips = read_kind(kind, text, rate=layout.rate, film_start=first, list_start=layout.first)
        told = [frame for clip in clips for frame in range(clip.source_in, clip.source_out)]
        assert told == made, kind
        for clip in clips:
            assert read_number(decode_frame(path, info=info, frame_index=clip.source_in)) == made[clip.record_in]


def test_previews_fit_into_720_lines_whichever_way_a_film_stands(tmp_path: Path) -> None:
    sizes = {(1920, 1080): (1280, 720), (1080, 1920): (720, 1280), (4096, 1716): (1280, 536), (640, 480): (640, 480),
             (1440, 1080): (960, 720), (101, 55): (100, 54), (1, 1): (2, 2)}  # fmt: skip
    for (width, height), wanted in sizes.items():
        info = made_info(Fraction(25), count=2)
        stated = type(info)(**{name: getattr(info, name) for name in info.__dataclass_fields__} | {
            "width": width, "height": height})  # fmt: skip
        assert canvas_size(stated, quality=PREVIEW) == wanted
    large = write_film(tmp_path / "a.mp4", frames=6, width=1920, height=1080, gop=6)
    small = write_film(tmp_path / "b.mp4", frames=6, width=240, height=320)
    sources = [RenderSource(path, probe(path)) for path in (large, small)]
    target = tmp_path / "out.mp4"
    spans = [RenderSpan(0, 2, 5), RenderSpan(1, 1, 4)]
    render_film(sources, spans=spans, target=target, most_bytes=10**8, quality=PREVIEW)
    frames = [frame.rgb for frame in decode_frames(target, info=probe(target))]
    assert {frame.shape for frame in frames} == {(720, 1280, 3)}
    assert [read_number(frame) for frame in frames[:3]] == [2, 3, 4]
    assert [read_number(frame[:, 370:910]) for frame in frames[3:]] == [1, 2, 3]
    assert max(frame[:, :360].max() for frame in frames[3:]) <= 12 >= max(frame[:, 920:].max() for frame in frames[3:])


def write_sounding(
    path: Path, heard: NDArray[np.float32], *, codec: str, hz: int, layout: str = "stereo", fps: Fraction | int = 25
) -> RenderSource:
    """A film whose every channel sounds like ``heard``, float32 (N,) of −1 … 1 at ``hz``."""
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        picture.width, picture.height, picture.pix_fmt = 64, 36, "yuv420p"
        sound = output.add_stream(codec, rate=hz)
        sound.layout = layout
        for number in range(int(len(heard) / hz * fps)):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), number % 200, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, 1 / Fraction(fps)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        packed = np.repeat(heard.astype(np.float32), len(av.AudioLayout(layout).channels))[None]
        whole = AudioFrame.from_ndarray(np.ascontiguousarray(packed), format="flt", layout=layout)
        whole.sample_rate, whole.pts, whole.time_base = hz, 0, Fraction(1, hz)
        context = sound.codec_context
        size = context.frame_size or 0
        fitted = av.AudioResampler(format=context.format.name, layout=layout, rate=hz, frame_size=size)
        for frame in fitted.resample(whole):
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    return RenderSource(path, probe(path))


def heard_in(path: Path) -> NDArray[np.float32]:
    """The left channel by the times of its frames, as a player plays it."""
    with av.open(str(path)) as film:
        frames = list(film.decode(audio=0))
        assert frames[0].sample_rate == HZ
    ends = [round(float(frame.pts * frame.time_base) * HZ) + frame.samples for frame in frames]
    heard = np.zeros(max(ends), np.float32)
    for frame, end in zip(frames, ends, strict=True):
        samples = frame.to_ndarray()[0]
        start = max(end - len(samples), 0)
        heard[start:end] = samples[len(samples) - (end - start) :]
    return heard


@pytest.fixture(scope="module")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> list[RenderSource]:
    """Films that click at 0.4 s of every second, in other codecs, sample rates, channels and containers."""
    folder = tmp_path_factory.mktemp("sounding")

    def clicks(hz: int) -> NDArray[np.float32]:
        times = np.arange(3 * hz) / hz
        within = (times - 0.4) % 1
        return np.where(within < 0.01, 0.3 * np.cos(2 * np.pi * 500 * within), 0).astype(np.float32)

    kinds: list[tuple[str, str, int, str, Fraction | int]] = [
        ("a.mp4", "aac", 48_000, "stereo", 25), ("b.mkv", "libopus", 48_000, "stereo", 24),
        ("c.mp4", "aac", 44_100, "mono", NTSC), ("d.mov", "pcm_s16le", 32_000, "5.1", 25),
        ("e.mkv", "flac", 96_000, "7.1", FILM_NTSC),
    ]  # fmt: skip
    return [
        write_sounding(folder / name, clicks(hz), codec=codec, hz=hz, layout=layout, fps=fps)
        for name, codec, hz, layout, fps in kinds
    ]


def test_sound_keeps_its_place_to_the_millisecond_from_mono_to_seven_channels(
    sounding: list[RenderSource], tmp_path: Path
) -> None:
    spans = [RenderSpan(source, 5 + source, 60) for source in range(len(sounding))]
    target = tmp_path / "out.mp4"
    render_film(sounding, spans=spans, target=target, most_bytes=10**8)
    heard = np.abs(heard_in(target))
    for event in lay_out_render(sounding, spans).events:
        begin = float(event.record_in / Fraction(25))
        end = float(event.record_out / Fraction(25))
        clicks = [begin + second + 0.4 - event.cut.span.start_s for second in range(3)]
        wanted = [click for click in clicks if begin + 0.01 < click < end - 0.02]
        assert len(wanted) >= 1
        own = heard[round(begin * HZ) : round(end * HZ)]
        loud = np.flatnonzero(own > 0.5 * own.max()) / HZ + begin
        starts = loud[np.concatenate(([True], np.diff(loud) > 0.1))].tolist()
        assert starts == pytest.approx(wanted, abs=0.001), event.cut.film.name


def test_sound_is_let_go_where_spans_meet_and_goes_on_where_they_follow_each_other(tmp_path: Path) -> None:
    times = np.arange(4 * HZ) / HZ
    tone = (0.6 * np.sin(2 * np.pi * 110 * times)).astype(np.float32)
    film = write_sounding(tmp_path / "tone.mov", tone, codec="pcm_s16le", hz=HZ)

    def roughness(spans: list[tuple[int, int]]) -> Callable[[float], float]:
        target = tmp_path / "out.mp4"
        render_film([film], spans=[RenderSpan(0, *span) for span in spans], target=target, most_bytes=10**8)
        steps = np.abs(np.diff(heard_in(target), 2))
        return lambda time_s: float(steps[round((time_s - 0.01) * HZ) : round((time_s + 0.01) * HZ)].max())

    cut_off = roughness([(3, 28), (41, 66), (66, 90)])
    assert cut_off(1.0) < 0.01, "a wave of 0.6 that is cut off steps by up to 1.2"
    assert cut_off(2.0) < 0.004 and cut_off(2.5) < 0.004
    heard = heard_in(tmp_path / "out.mp4")
    assert np.abs(heard[round(1.99 * HZ) : round(2.01 * HZ)]).max() > 0.55, "no gap where the film goes on"
    assert np.abs(heard[round(0.9999 * HZ) : round(1.0001 * HZ)]).max() < 0.1


def test_a_film_that_is_gone_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=6)
    source = RenderSource(path, probe(path))
    path.unlink()
    with pytest.raises(UnusableVideo, match=r"There is no file named a\.mp4; .*\.$"):
        render_film([source], spans=[RenderSpan(0, 0, 3)], target=tmp_path / "out.mp4", most_bytes=10**8)
    assert list(tmp_path.iterdir()) == []
