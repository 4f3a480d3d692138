"""Which pictures a picture is judged by: cuts, repeats, flashes, the film's ends, fields, and seams between spans."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from ava.media.planes import Planes
from ava.media.video_info import VideoInfo
from qc.pixel.continuity import CONTEXT_FRAMES
from qc.pixel.model_file import SHIPPED, PixelModelFile, read_model
from qc.pixel.scan import COUNTS, PixelScanner, SpanFindings, tell_counts

WIDTH, HEIGHT = 160, 96
LIT = (70, 41)


@pytest.fixture(scope="module")
def model() -> PixelModelFile:
    return read_model(SHIPPED)


def describe(frames: int, *, interlaced: bool = False) -> VideoInfo:
    return VideoInfo(
        container="mp4", codec="h264", pixel_format="yuv420p", bit_depth=8, coded_width=WIDTH, coded_height=HEIGHT,
        width=WIDTH, height=HEIGHT, rotation_deg=0, sample_aspect=Fraction(1), interlaced=interlaced,
        color_space="bt709", color_range="tv", color_transfer="bt709", color_primaries="bt709", fps=Fraction(24),
        is_vfr=False, time_base=Fraction(1, 24), frame_pts=np.arange(frames), keyframes=np.zeros(1, np.int64),
        duration_s=frames / 24, start_timecode=None, audio_streams=0, subtitle_streams=0, warnings=(),
    )  # fmt: skip


def draw(frames: int, *, seed: int = 0, speed_px: float = 1.5) -> list[Planes]:
    """A soft pattern that glides past, with a little grain."""
    rng = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(rng.uniform(0, 255, (HEIGHT, WIDTH + 400)).astype(np.float32), (0, 0), 12)
    ground = 30 + 50 * (ground - ground.min()) / np.ptp(ground)
    pictures = []
    for frame in range(frames):
        shift = np.float32([[1, 0, -speed_px * frame], [0, 1, 0]])
        luma = cv2.warpAffine(ground, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        luma = np.clip(luma + rng.normal(0, 1, luma.shape), 16, 235).astype(np.uint8)
        pictures.append(Planes(luma, *(np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8),) * 2))
    return pictures


def light(picture: Planes, *, levels: int = 110, at: tuple[int, int] = LIT) -> Planes:
    luma = picture.y.copy()
    luma[at[1] : at[1] + 2, at[0] : at[0] + 2] += np.uint8(levels)
    return picture._replace(y=luma)


def scan(
    pictures: Sequence[Planes], *, model: PixelModelFile, span: tuple[int, int] | None = None, interlaced: bool = False
) -> SpanFindings:
    start, end = span or (0, len(pictures))
    scanner = PixelScanner(
        model, info=describe(len(pictures), interlaced=interlaced), start_frame=start, end_frame=end
    )
    for index in range(max(start - CONTEXT_FRAMES, 0), min(end + CONTEXT_FRAMES, len(pictures))):
        scanner.add(index, pictures[index])
    return scanner.finish()


def frames_of(found: SpanFindings) -> list[int]:
    assert all(abs(flag.x - LIT[0] - 0.5) < 1.5 and abs(flag.y - LIT[1] - 0.5) < 2.5 for flag in found.hot)
    return [flag.frame_index for flag in found.hot]


def test_one_frame_s_lit_pixel_is_found_once_with_its_facts_and_patch(model: PixelModelFile) -> None:
    pictures = draw(24)
    pictures[11] = light(pictures[11])
    found = scan(pictures, model=model)
    assert frames_of(found) == [11]
    [flag], [patch] = found.hot, found.patches
    assert 80 < flag.amplitude < 125 and flag.repeats == 0 and 0 <= flag.confidence <= 1
    assert patch.pixels[2, round(flag.y) - patch.y0, round(flag.x) - patch.x0, 0] > 120
    assert found.report["judged"] == 24 and found.report["sentences"] == []


@pytest.mark.parametrize("frame", [0, 1, 2, 21, 22, 23])
def test_the_film_s_ends_are_judged_by_what_they_have(model: PixelModelFile, frame: int) -> None:
    pictures = draw(24)
    pictures[frame] = light(pictures[frame])
    assert frames_of(scan(pictures, model=model)) == [frame]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_fewer_than_five_frames_are_judged_by_what_they_have(model: PixelModelFile, length: int) -> None:
    pictures = draw(length)
    pictures[-1] = light(pictures[-1])
    found = scan(pictures, model=model)
    assert frames_of(found) == ([length - 1] if length > 1 else [])
    assert found.report["alone"] == (length == 1)
    assert len(found.report["sentences"]) == (length == 1)


def test_no_frame_at_all_gives_nothing(model: PixelModelFile) -> None:
    found = scan(draw(3), model=model, span=(0, 0))
    assert (found.hot, found.patches, found.report["judged"]) == ((), (), 0)


@pytest.mark.parametrize("frame", [10, 11, 12, 13])
def test_a_cut_neither_hides_nor_makes_a_flag(model: PixelModelFile, frame: int) -> None:
    before = draw(12, seed=1)
    after = [picture._replace(y=picture.y + np.uint8(90)) for picture in draw(12, seed=2)]
    assert frames_of(scan([*before, *after], model=model)) == []
    pictures = [*before, *after]
    pictures[frame] = light(pictures[frame], levels=75)
    found = scan(pictures, model=model)
    assert frames_of(found) == [frame] and found.report["cuts"] == 2


@pytest.mark.parametrize("is_coded", [False, True])
def test_pulldown_shows_an_error_twice_and_it_is_one_flag_that_says_so(model: PixelModelFile, is_coded: bool) -> None:
    source = draw(16, speed_px=4)
    source[8] = light(source[8])
    rng = np.random.default_rng(3)
    pictures: list[Planes] = []
    for number, picture in enumerate(source):
        pictures.append(picture)
        for _ in range(1 + number % 2):
            noise = rng.integers(-1, 2, picture.y.shape) if is_coded else 0
            again = np.clip(picture.y.astype(np.int16) + noise, 0, 255).astype(np.uint8)
            pictures.append(picture._replace(y=again))
    found = scan(pictures, model=model)
    first = next(index for index, picture in enumerate(pictures) if picture is source[8])
    assert frames_of(found) == [first]
    assert found.hot[0].repeats == 1 and found.report["repeat"] == len(pictures) - len(source)


def test_a_still_has_nothing_that_lasts_one_frame(model: PixelModelFile) -> None:
    still = light(draw(1)[0])
    found = scan([still] * 20, model=model)
    assert found.hot == () and found.report["repeat"] == 19


def test_an_error_in_an_otherwise_still_shot_is_found(model: PixelModelFile) -> None:
    pictures = [draw(1)[0]] * 20
    pictures[9] = light(pictures[9])
    assert frames_of(scan(pictures, model=model)) == [9]


@pytest.mark.parametrize("frame", [8, 10, 12])
def test_a_flash_is_not_judged_and_hides_nothing_beside_it(model: PixelModelFile, frame: int) -> None:
    pictures = draw(20)
    pictures[frame] = light(pictures[frame], levels=60)
    pictures[10] = pictures[10]._replace(y=np.clip(pictures[10].y.astype(int) * 2 + 60, 0, 235).astype(np.uint8))
    found = scan(pictures, model=model)
    assert frames_of(found) == ([] if frame == 10 else [frame])
    assert found.report["flash"] + found.report["alone"] == 1
    assert any("Not judged" in sentence for sentence in found.report["sentences"])


def test_fades_from_black_and_to_white_raise_nothing(model: PixelModelFile) -> None:
    pictures = draw(40)
    for frame in range(40):
        share = min(frame / 12, 1)
        white = max(frame - 28, 0) / 12
        luma = (16 + (pictures[frame].y - 16.0) * share) * (1 - white) + 235 * white
        pictures[frame] = pictures[frame]._replace(y=np.round(luma).astype(np.uint8))
    assert scan(pictures, model=model).hot == ()
    pictures[6] = light(pictures[6])
    assert frames_of(scan(pictures, model=model)) == [6]


def test_black_frames_and_letterbox_bars_raise_nothing(model: PixelModelFile) -> None:
    black = Planes(np.full((HEIGHT, WIDTH), 16, np.uint8), *(np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8),) * 2)
    assert scan([black] * 12, model=model).hot == ()
    pictures = draw(20)
    for picture in pictures:
        picture.y[:18] = picture.y[-18:] = 16
    assert scan(pictures, model=model).hot == ()


@pytest.mark.parametrize("interlaced", [False, True])
def test_spans_find_together_what_one_span_finds(model: PixelModelFile, interlaced: bool) -> None:
    pictures = [*draw(26, seed=4), *[one._replace(y=one.y + np.uint8(80)) for one in draw(22, seed=5)]]
    pictures[30:33] = [pictures[30]] * 3
    for frame in (5, 12, 13, 25, 26, 30, 38):
        pictures[frame] = light(pictures[frame], levels=70)
    whole = scan(pictures, model=model, interlaced=interlaced)
    assert set(frames_of(whole)) >= {5, 25, 26, 38}
    for seams in ((13, 26), (5, 6, 7, 31, 38, 39), (1, 24, 25, 30, 47)):
        bounds = [0, *seams, len(pictures)]
        parts = [
            scan(pictures, model=model, span=span, interlaced=interlaced)
            for span in pairwise(bounds)
        ]
        assert tuple(flag for part in parts for flag in part.hot) == whole.hot
        patches = [patch for part in parts for patch in part.patches]
        assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(patches, whole.patches, strict=True))
        for name in COUNTS:
            assert sum(part.report[name] for part in parts) == whole.report[name]


def test_fields_are_judged_apart_and_places_are_those_of_the_frame(model: PixelModelFile) -> None:
    woven = []
    lines = draw(48, speed_px=5)
    for frame in range(24):
        luma = lines[2 * frame].y.copy()
        luma[1::2] = lines[2 * frame + 1].y[1::2]
        woven.append(lines[2 * frame]._replace(y=luma))
    assert scan(woven, model=model, interlaced=True).hot == ()
    luma = woven[9].y.copy()
    luma[61, 80:82] += 110
    woven[9] = woven[9]._replace(y=luma)
    [flag] = scan(woven, model=model, interlaced=True).hot
    assert (flag.frame_index, abs(flag.x - 80.5) < 1, abs(flag.y - 61) < 1.5) == (9, True, True)
    luma[60, 80:82] += 110  # in the lines of the other field, too
    [flag] = scan(woven, model=model, interlaced=True).hot
    assert (flag.frame_index, abs(flag.y - 60.5) < 1.5) == (9, True)


def test_footage_that_differs_all_over_keeps_a_bounded_number_and_says_so(
    model: PixelModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qc.pixel.scan.MOST_FLAGS", 10)
    monkeypatch.setattr("qc.pixel.scan.CROWDED_FRAME", 3)
    pictures = draw(9)
    for frame in (2, 5):
        for number in range(12):
            pictures[frame] = light(pictures[frame], at=(10 + 12 * number, 20 + 15 * (number % 4)))
    found = scan(pictures, model=model)
    assert len(found.hot) == len(found.patches) == 10
    assert found.report["dropped"] >= 12 and found.report["crowded"] == 2 and found.report["crowded_frames"] == [2, 5]
    crowded, dropped = found.report["sentences"]
    assert "all over" in crowded and f": {found.report['dropped']}." in dropped
    assert scan(pictures, model=model).hot == found.hot


def test_counts_summed_over_spans_are_told_once() -> None:
    counts = {"alone": 3, "flash": 2, "crowded": 5, "dropped": 7}
    sentences = tell_counts(counts, fields=False, crowded_frames=[4, 9, 11, 12])
    assert [number in sentence for number, sentence in zip("3257", sentences, strict=True)] == [True] * 4
    assert "(in frames 4, 9, 11 …)" in sentences[2] and tell_counts({}, fields=True) == []


def test_a_size_that_changes_within_the_film_is_a_cut(model: PixelModelFile) -> None:
    pictures = draw(16)
    small = [Planes(one.y[:64].copy(), one.cb[:32].copy(), one.cr[:32].copy()) for one in draw(16, seed=8)]
    small[2] = light(small[2])
    found = scan([*pictures, *small], model=model)
    assert frames_of(found) == [18]


