"""Stuck and dead pixels: found where they were planted, when they show, and nowhere else."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ava.media.planes import Planes, read_planes
from ava.media.probe import probe
from ava.media.reader import read_pictures
from qc.defects.stuck import StuckSite, show_site
from qc.pixel.found import StuckPixel
from qc.pixel.stuck import find_stuck
from qc.pixel.stuck_evidence import LOOK_EVERY, StuckEvidence, join_evidence
from tests.scenes import draw_scene

WIDTH, HEIGHT, FRAMES = 192, 128, 200
SITES = (
    StuckSite(40, 30, 1, "white", 0, FRAMES),
    StuckSite(150, 40, 1, "dead", 0, FRAMES),
    StuckSite(100, 100, 2, "white", 0, FRAMES),
    StuckSite(60, 90, 1, "red", 0, FRAMES),
    StuckSite(120, 60, 2, "blue", 0, FRAMES),
    StuckSite(30, 60, 1, "green", 0, FRAMES),
    StuckSite(184, 110, 1, "white", 90, FRAMES),
    StuckSite(90, 20, 1, "hot", 0, FRAMES, 150.0),
)


@pytest.fixture(scope="module")
def moving() -> NDArray[np.uint8]:
    """A pan over a painted backdrop, with grain."""
    grain = np.random.default_rng(1).normal(0, 2, (FRAMES, HEIGHT, WIDTH, 1))
    scene = draw_scene(4, frames=FRAMES, pan_px=1.7, width=WIDTH, height=HEIGHT)
    return np.clip(scene + grain, 0, 255).astype(np.uint8)


def show(frames: NDArray[np.uint8], sites: Iterable[StuckSite]) -> NDArray[np.uint8]:
    shown = frames.copy()
    for site in sites:
        for index in range(site.start_frame, min(site.end_frame, len(frames))):
            show_site(shown[index], site)
    return shown


def store(frames: Sequence[NDArray[np.uint8]], *, pixel_format: str = "yuv420p") -> dict[int, Planes]:
    """The pictures that are looked at, by their number."""
    pictures = {i: VideoFrame.from_ndarray(frames[i], format="rgb24") for i in range(0, len(frames), LOOK_EVERY)}
    return {i: read_planes(picture.reformat(format=pixel_format)) for i, picture in pictures.items()}


def gather(
    planes: dict[int, Planes], *, frames: int, cuts: Sequence[int] = (), interlaced: bool = False
) -> list[bytes]:
    """Packed evidence of the spans between cuts."""
    return [pack(planes, start=start, end=end, interlaced=interlaced) for start, end in pairwise([0, *cuts, frames])]


def pack(planes: dict[int, Planes], *, start: int, end: int, interlaced: bool = False) -> bytes:
    evidence = StuckEvidence(SimpleNamespace(interlaced=interlaced), start_frame=start, end_frame=end)
    for index, picture in planes.items():
        evidence.add(index, picture)
    return evidence.pack()


def find(frames: NDArray[np.uint8], **options) -> list[StuckPixel]:
    return find_stuck(gather(store(frames), frames=len(frames), **options), frame_count=len(frames))


def at(found: Iterable[StuckPixel], site: StuckSite) -> StuckPixel:
    """The one stuck pixel within a pixel of a site's middle."""
    middle = (site.side_px - 1) / 2
    near = [p for p in found if max(abs(p.x - site.x - middle), abs(p.y - site.y - middle)) <= 1]
    assert len(near) == 1, f"{site} has {len(near)}"
    return near[0]


def test_every_kind_is_found_within_a_pixel_once_and_over_its_whole_span(moving):
    found = find(show(moving, SITES))
    for site in SITES:
        pixel = at(found, site)
        shown = sum(end - start for start, end in pixel.spans)
        assert shown >= 0.7 * (site.end_frame - site.start_frame), site  # colours do not show before their like
        if site.kind == "white":
            assert abs(pixel.spans[0][0] - site.start_frame) <= LOOK_EVERY, site
            assert abs(pixel.spans[-1][1] - FRAMES) <= LOOK_EVERY, site
        assert (pixel.amplitude < 0) == (site.kind in ("dead", "blue", "red")), site
        assert 0.5 < pixel.confidence <= 1
    assert len(found) == len(SITES)


def test_a_clean_scene_has_none(moving):
    assert find(moving) == []


def test_seams_and_the_order_of_spans_change_nothing(moving):
    planes = store(show(moving, SITES))
    whole = gather(planes, frames=FRAMES)
    for cuts in ((100,), (1, 37, 38, 96, 190, 191, 199)):
        parts = gather(planes, frames=FRAMES, cuts=cuts)
        joined, expected = join_evidence(parts[::-1]), join_evidence(whole)
        assert np.array_equal(joined.hits, expected.hits)
        assert np.array_equal(joined.looks, expected.looks)
        assert find_stuck(parts[::-1], frame_count=FRAMES) == find_stuck(whole, frame_count=FRAMES)


def test_context_that_is_fed_beyond_a_span_does_not_count(moving):
    planes = store(show(moving[:120], SITES))
    within = {index: picture for index, picture in planes.items() if 40 <= index < 80}
    assert pack(planes, start=40, end=80) == pack(within, start=40, end=80)


def test_shots_of_another_camera_in_between_part_the_spans(moving):
    other = draw_scene(9, frames=100, pan_px=-1.3, width=WIDTH, height=HEIGHT)
    film = np.concatenate([show(moving[:100], SITES[:1]), other, show(moving[100:], SITES[:1])])
    shots = [(0, 100), (100, 200), (200, 300)]
    found = find_stuck(gather(store(film), frames=300), frame_count=300, shots=shots)
    assert [pixel.spans for pixel in found] == [((0, 100), (200, 300))]
    assert at(found, SITES[0])


def test_a_light_that_rests_in_a_still_scene_is_none():
    still = draw_scene(4, frames=1, width=WIDTH, height=HEIGHT)[0].astype(np.float64)
    spot = np.zeros((HEIGHT, WIDTH))
    spot[64, 96] = 1
    still += 900 * cv2.GaussianBlur(spot, (0, 0), 0.9)[..., None]
    grain = np.random.default_rng(2).normal(0, 2, (FRAMES, HEIGHT, WIDTH, 1))
    assert find(np.clip(still + grain, 0, 255).astype(np.uint8)) == []


def test_a_picture_that_fades_in_and_out_has_none():
    """Sharp specks of a photograph change with its brightness."""
    photograph = draw_scene(4, frames=1, width=WIDTH, height=HEIGHT)[0]
    rng = np.random.default_rng(5)
    for _ in range(30):
        photograph[rng.integers(5, HEIGHT - 5), rng.integers(5, WIDTH - 5)] = rng.integers(60, 256)
    strength = np.sin(np.linspace(0, np.pi, FRAMES))[:, None, None, None]
    assert find(np.round(photograph * strength).astype(np.uint8)) == []


def test_lettering_over_a_moving_scene_is_none(moving):
    titled = moving.copy()
    for rgb in titled:
        cv2.putText(rgb, "i. j: 10:42:07:11 ... Dr. No!", (4, 120), cv2.FONT_HERSHEY_PLAIN, 0.8, (255, 255, 255), 1)
    assert find(titled) == []


def test_frozen_pictures_prove_nothing_by_their_shape(moving):
    card = np.repeat(moving[:1], 200, axis=0)
    card[:, 50, 50] = 255
    assert find(card) == []


def test_a_stuck_pixel_before_a_still_scene_is_found_by_its_shape_but_never_surely():
    still = draw_scene(4, frames=1, width=WIDTH, height=HEIGHT)[0]
    grain = np.random.default_rng(2).normal(0, 3, (FRAMES, HEIGHT, WIDTH, 1))
    film = np.clip(still + grain, 0, 255).astype(np.uint8)
    found = find(show(film, SITES[:2]))
    assert {(round(pixel.x), round(pixel.y)) for pixel in found} == {(site.x, site.y) for site in SITES[:2]}
    assert all(pixel.confidence <= 0.6 for pixel in found)


def test_fields_of_an_interlaced_film_are_looked_at_apart(moving):
    found = find(show(moving, SITES[:3]), interlaced=True)
    for site in SITES[:3]:
        at(found, site)
    assert find(moving, interlaced=True) == []


@pytest.mark.parametrize("pixel_format", ["yuv422p", "yuv444p", "yuvj420p", "yuv420p10le", "gray"])
def test_any_way_of_storing_will_do(moving, pixel_format):
    found = find_stuck(
        gather(store(show(moving, SITES[:2]), pixel_format=pixel_format), frames=FRAMES), frame_count=FRAMES
    )
    assert {(round(pixel.x), round(pixel.y)) for pixel in found} == {(site.x, site.y) for site in SITES[:2]}


@pytest.mark.parametrize("frames", [0, 1, 9, 40])
def test_short_films_have_none(moving, frames):
    assert find(show(moving[:frames], SITES)) == []


def test_black_white_and_tiny_films_have_none():
    for frames in (
        np.zeros((120, 64, 64, 3), np.uint8),
        np.full((120, 64, 64, 3), 255, np.uint8),
        np.zeros((120, 2, 6, 3), np.uint8),
    ):
        assert find(frames) == []


def test_noise_alone_has_none_and_its_evidence_stays_small():
    noise = np.random.default_rng(0).integers(0, 255, (200, 128, 192, 3), dtype=np.uint8)
    packed = gather(store(noise), frames=200)
    assert find_stuck(packed, frame_count=200) == []
    assert len(packed[0]) < 1 << 20


def test_nothing_and_rubbish_are_told_apart():
    assert find_stuck([], frame_count=0) == []
    for rubbish in (b"", b"PK\x03\x04", b"\x00" * 100):
        with pytest.raises(ValueError, match="scan the film again"):
            find_stuck([rubbish], frame_count=10)


def evidence_of(path: Path) -> list[StuckPixel]:
    info = probe(path)
    looks = ((i, read_planes(p)) for i, p in read_pictures(path, info=info) if i % LOOK_EVERY == 0)
    evidence = StuckEvidence(info, start_frame=0, end_frame=info.frame_count)
    for index, planes in looks:
        evidence.add(index, planes)
    return find_stuck([evidence.pack()], frame_count=info.frame_count)


def known_sites(path: Path) -> Iterator[tuple[StuckSite, str]]:
    for pixel in json.loads(path.with_suffix(".gt.json").read_text())["pixels"]:
        if pixel["first_frame"] != pixel["last_frame"]:
            kind, start, end = pixel["kind"], pixel["first_frame"], pixel["last_frame"] + 1
            yield StuckSite(pixel["x"], pixel["y"], pixel["size"], kind, start, end), kind


@pytest.mark.parametrize("name", ["car_hotpixels.mp4", "flower_hotpixels.mp4"])
def test_every_known_one_of_real_footage_is_found_and_nothing_else(shared_data, name):
    found = evidence_of(shared_data / "hotpixel" / name)
    sites = list(known_sites(shared_data / "hotpixel" / name))
    for site, kind in sites:
        pixel = at(found, site)
        assert abs(pixel.spans[0][0] - site.start_frame) <= LOOK_EVERY
        # What is dead does not show before a ground that has turned as dark.
        if (name, kind) != ("flower_hotpixels.mp4", "dead_black"):
            assert abs(pixel.spans[-1][1] - site.end_frame) <= LOOK_EVERY
    assert len(found) == len(sites)


@pytest.mark.parametrize("name", ["chaplin.mp4", "nasa_13013.mp4"])
def test_clean_footage_has_none(shared_data, name):
    assert evidence_of(shared_data / "video" / name) == []
