"""The contract of all synthetic pixel errors and lookalikes, and what planting promises."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qc.defects.bayer import BayerDot
from qc.defects.compress import CODECS, compress
from qc.defects.defect import Defect
from qc.defects.find import find_defects, find_lookalikes
from qc.defects.gaussian import GaussianDot
from qc.defects.heat_map import ELSEWHERE, visibility
from qc.defects.light import add_light, to_levels
from qc.defects.lookalikes.lookalike import Lookalike
from qc.defects.plant import SPACING_PX, plant
from qc.defects.plus import Plus
from qc.defects.single_pixel import SinglePixel
from qc.defects.stuck import KINDS, plant_stuck

KINDS_OF_ONE_FRAME = {"pixel", "2x2", "plus", "cross", "gaussian", "bayer", "streak", "arc", "l_shape", "worm"}
EVERY_DEFECT = pytest.mark.parametrize("defect", find_defects(), ids=lambda defect: defect.name)
EVERY_LOOKALIKE = pytest.mark.parametrize("lookalike", find_lookalikes(), ids=lambda each: each.name)


def dark(frames: int = 5, height: int = 64, width: int = 64, level: int = 16) -> NDArray[np.uint8]:
    return np.full((frames, height, width, 3), level, np.uint8)


def test_every_kind_of_the_brief_is_found_once() -> None:
    assert {defect.name for defect in find_defects()} == KINDS_OF_ONE_FRAME
    assert len({each.name for each in find_lookalikes()}) == len(find_lookalikes()) == 15


@EVERY_DEFECT
def test_shape_is_weights_with_a_full_peak_that_reaches_no_further_than_a_pixel_error(defect: Defect) -> None:
    for seed in range(20):
        shape = defect.draw(np.random.default_rng(seed))
        assert shape.dtype == np.float32 and shape.ndim == 3 and shape.shape[2] == 3
        assert shape.min() >= 0 and shape.max() == 1
        assert max(shape.shape) <= 21
        assert np.array_equal(shape, defect.draw(np.random.default_rng(seed)))


@EVERY_DEFECT
def test_planted_error_is_where_and_as_strong_as_its_truth_says_and_nowhere_else(defect: Defect) -> None:
    for seed in range(10):
        planted = plant(dark(), rng=np.random.default_rng(seed), defects=(defect,), amplitudes=(40, 90), frame=2)
        (spot,) = planted.spots
        raised = (planted.frames.astype(float) - 16) @ (0.2126, 0.7152, 0.0722)
        assert spot.frame == 2 and spot.kind == defect.name
        assert raised[[0, 1, 3, 4]].max() == 0 and not planted.mask[[0, 1, 3, 4]].any()
        assert raised[2].max() == pytest.approx(spot.amplitude, abs=1.5)
        rows, columns = np.indices(raised[2].shape)
        centroid = (columns * raised[2]).sum() / raised[2].sum(), (rows * raised[2]).sum() / raised[2].sum()
        assert (spot.x, spot.y) == pytest.approx(centroid)
        assert 1 <= planted.mask.sum() <= 60 and raised[planted.mask].min() > 0


@EVERY_DEFECT
def test_error_at_any_edge_is_cut_not_wrapped(defect: Defect) -> None:
    for seed in range(30):
        planted = plant(dark(1, 16, 16), rng=np.random.default_rng(seed), defects=(defect,), amplitudes=(60, 60))
        assert planted.frames.shape == (1, 16, 16, 3)
        for spot in planted.spots:
            assert 0 <= spot.x <= 15 and 0 <= spot.y <= 15 and spot.amplitude > 0


def test_light_is_added_as_light_so_bright_ground_is_raised_by_fewer_levels() -> None:
    shape = np.ones((1, 1, 3), np.float32)
    on_black = add_light(np.zeros((1, 1, 3), np.uint8), shape, amplitude=80)
    assert on_black.amplitude == pytest.approx(80, abs=1)
    light = np.interp(80, to_levels(np.linspace(0, 1, 4096)), np.linspace(0, 1, 4096))
    both = np.zeros((1, 2, 3), np.uint8)
    both[0, 1] = 120
    lit = add_light(both, np.stack([shape[0], shape[0]], axis=1), amplitude=80)
    assert lit.levels[0, 0, 0] == pytest.approx(to_levels(np.array(light)), abs=1)
    assert 0 < int(lit.levels[0, 1, 0]) - 120 < 30, "the same light on a grey ground"
    as_levels = add_light(both, np.stack([shape[0], shape[0]], axis=1), amplitude=80, linear_light=False)
    assert as_levels.levels[0, :, 0].tolist() == pytest.approx([80, 200], abs=1)


def test_white_ground_cannot_be_lit_and_gives_no_spot() -> None:
    planted = plant(dark(level=255), rng=np.random.default_rng(0), count=5)
    assert planted.spots == () and not planted.mask.any() and planted.frames.min() == 255


def test_strength_that_white_forbids_is_told_as_what_was_reached() -> None:
    planted = plant(
        dark(level=235), rng=np.random.default_rng(0), defects=(SinglePixel(),), amplitudes=(200, 200)
    )
    assert 10 < planted.spots[0].amplitude <= 20


def test_without_amplitudes_the_weakest_are_just_visible_where_they_lie() -> None:
    flat, noisy = dark(1, level=40), np.random.default_rng(0).integers(20, 60, (1, 64, 64, 3)).astype(np.uint8)
    rng, kinds = np.random.default_rng(5), (SinglePixel(),)
    weakest = [
        min(plant(each, rng=rng, defects=kinds).spots[0].amplitude for _ in range(200)) for each in (flat, noisy)
    ]
    assert 4 < weakest[0] < 20 and weakest[1] > 2 * weakest[0]


def test_dark_and_still_places_are_preferred_and_others_happen() -> None:
    frames = np.full((3, 64, 96, 3), 10, np.uint8)
    frames[:, :, 48:] = 200
    frames[:, 32:, :48] = np.random.default_rng(0).integers(0, 120, (3, 32, 48, 3))
    rng = np.random.default_rng(2)
    places = [plant(frames, rng=rng, defects=(SinglePixel(),), amplitudes=(30, 40)).spots for _ in range(300)]
    preferred = [spot.y < 32 and spot.x < 48 for spots in places for spot in spots]
    assert 0.85 < np.mean(preferred) < 1
    heat = visibility(frames, frame=1)
    assert heat[16, 20] > 0.9 and heat[48, 20] < 0.2 and heat[16, 80] == pytest.approx(ELSEWHERE)


def test_no_error_lies_in_letterbox_bars() -> None:
    frames = np.random.default_rng(0).integers(20, 40, (1, 64, 64, 3)).astype(np.uint8)
    frames[:, :12] = frames[:, 52:] = 0
    frames[:, :, :6] = 0
    planted = plant(frames, rng=np.random.default_rng(1), count=40, defects=(SinglePixel(),))
    assert all(12 <= spot.y < 52 and spot.x >= 6 for spot in planted.spots)


def test_no_place_is_used_twice_in_any_frame() -> None:
    planted = plant(dark(5, 128, 128), rng=np.random.default_rng(3), count=20, defects=(SinglePixel(),))
    places = [(spot.x, spot.y) for spot in planted.spots]
    for number, (x, y) in enumerate(places):
        assert all(max(abs(x - u), abs(y - v)) >= SPACING_PX for u, v in places[:number])


def test_same_seed_plants_the_same_and_the_frames_given_are_left_alone() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (2, 40, 40, 3)).astype(np.uint8)
    before = frames.copy()
    first, second = (plant(frames, rng=np.random.default_rng(9), count=3) for _ in range(2))
    assert np.array_equal(first.frames, second.frames) and first.spots == second.spots
    assert np.array_equal(frames, before)


def test_frames_too_small_or_none_are_refused() -> None:
    for shape in ((1, 12, 90, 3), (0, 64, 64, 3)):
        with pytest.raises(ValueError, match="too small"):
            plant(np.zeros(shape, np.uint8), rng=np.random.default_rng(0))


def test_gaussian_dots_lie_between_pixels_too_and_plus_shapes_mirror_themselves() -> None:
    lit = [GaussianDot().draw(np.random.default_rng(seed)).sum(axis=2) for seed in range(30)]
    middles = [float((dot.sum(axis=0) @ np.arange(7)) / dot.sum()) - 3 for dot in lit]
    assert min(middles) < -0.2 and max(middles) > 0.2
    for seed in range(10):
        plus = Plus().draw(np.random.default_rng(seed))
        assert np.array_equal(plus, plus[::-1]) and np.array_equal(plus, plus[:, ::-1])
        assert plus[0, 0].max() == 0


def test_demosaiced_dot_is_coloured_about_its_one_lit_site() -> None:
    kinds = set()
    for seed in range(40):
        dot = BayerDot().draw(np.random.default_rng(seed))
        strongest = np.unravel_index(int(dot.sum(axis=2).argmax()), dot.shape[:2])
        assert strongest == (4, 4)
        channels = dot.sum(axis=(0, 1))
        kinds.add(int(channels.argmax()))
        assert channels.max() > 1.3 * np.sort(channels)[0]
    assert kinds == {0, 1, 2}


def test_bilinear_demosaicing_of_a_green_site_makes_the_plus_of_the_textbook() -> None:
    from qc.defects.bayer import _footprint

    middle = _footprint(1, True)[3:6, 3:6]
    assert np.array_equal(middle[..., 1], [[0, 0.25, 0], [0.25, 1, 0.25], [0, 0.25, 0]])
    assert middle[..., 0].max() == middle[..., 2].max() == 0
    red = _footprint(0, True)[3:6, 3:6]
    assert np.array_equal(red[..., 0], [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]])


def test_stuck_sites_show_in_every_frame_of_their_span_and_in_no_other() -> None:
    frames = np.random.default_rng(0).integers(40, 200, (12, 48, 64, 3)).astype(np.uint8)
    planted = plant_stuck(frames, rng=np.random.default_rng(1), count=12)
    assert {site.kind for site in planted.sites} == set(KINDS)
    assert any(site.start_frame for site in planted.sites)
    rest = np.ones(frames.shape[:3], bool)
    for site in planted.sites:
        part = planted.frames[site.start_frame : site.end_frame, site.y, site.x]
        if KINDS[site.kind] is not None:
            assert (part == KINDS[site.kind]).all()
        else:
            assert (part > frames[site.start_frame : site.end_frame, site.y, site.x]).any()
        rest[site.start_frame :, site.y : site.y + site.side_px, site.x : site.x + site.side_px] = False
    assert np.array_equal(planted.frames[rest], frames[rest])
    with pytest.raises(ValueError, match="too small"):
        plant_stuck(frames[:0], rng=np.random.default_rng(0), count=1)


@EVERY_LOOKALIKE
def test_lookalike_takes_any_frames_and_is_the_same_for_a_seed(lookalike: Lookalike) -> None:
    for shape in ((5, 64, 64, 3), (1, 24, 40, 3), (3, 7, 5, 3)):
        frames = np.full(shape, 24, np.uint8)
        first = lookalike.add(frames, np.random.default_rng(4))
        assert first.shape == shape and first.dtype == np.uint8
        assert np.array_equal(first, lookalike.add(frames, np.random.default_rng(4)))
        assert frames.min() == frames.max() == 24
    seen = [np.any(lookalike.add(dark(8), np.random.default_rng(seed)) != 16) for seed in range(8)]
    assert np.mean(seen) >= 0.5, "it shows"


@pytest.mark.parametrize("name", ["moving highlights", "stars", "snow", "car lights", "confetti"])
def test_what_a_lens_shows_is_softer_than_a_lit_pixel_and_stays(name: str) -> None:
    lookalike = next(each for each in find_lookalikes() if each.name == name)
    drawn = [lookalike.add(dark(5, 96, 96, level=4), np.random.default_rng(seed)).max(axis=3) for seed in range(6)]
    shown = max(drawn, key=lambda frames: int((frames.max(axis=(1, 2)) > 30).sum())).astype(int)
    assert (shown.max(axis=(1, 2)) > 30).all()
    row, column = np.unravel_index(int(shown[2, 2:-2, 2:-2].argmax()), (92, 92))
    around = np.sort(shown[2, row + 1 : row + 4, column + 1 : column + 4].ravel())
    assert around[-3] > 4 + 0.25 * (around[-1] - 4), "its neighbours are lit, too"


@pytest.mark.parametrize("codec", CODECS)
def test_codec_keeps_the_shape_and_roughly_the_picture(codec: str) -> None:
    ramp = np.broadcast_to(np.linspace(20, 200, 51)[None, None, :, None], (5, 33, 51, 3)).astype(np.uint8)
    qualities = CODECS[codec].qualities
    shown = compress(ramp, codec=codec, quality=qualities[len(qualities) // 2])
    assert shown.shape == ramp.shape and shown.dtype == np.uint8
    assert np.abs(shown.astype(int) - ramp).mean() < 12


def test_codec_that_is_unknown_or_of_no_such_quality_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no codec 'vp12'.*h264"):
        compress(dark(), codec="vp12", quality=1)
    with pytest.raises(ValueError, match="dnxhd has no quality 9"):
        compress(dark(), codec="dnxhd", quality=9)
    with pytest.raises(ValueError, match="no frames"):
        compress(dark()[:0], codec="h264", quality=20)
