"""The pixel network, the proposals before it, and that both together answer as the network alone does."""

import numpy as np
import pytest

from ava.media.planes import Planes
from qc.pixel.cascade import REACH_PX, Tiles, cascade_map, cut_tiles, dense_map, plan_tiles
from qc.pixel.detect import find_spots
from qc.pixel.model_file import SHIPPED, PixelModelFile, read_model
from qc.pixel.patches import cut_patch, pack_patch, unpack_patch
from qc.pixel.proposals import levels_standing_out, propose
from qc.pixel.window import stack_window


@pytest.fixture(scope="module")
def model() -> PixelModelFile:
    return read_model(SHIPPED)


def grainy_window(seed: int, *, height: int = 96, width: int = 130, step: int = 2) -> list[Planes]:
    rng = np.random.default_rng(seed)
    ground = rng.integers(20, 90, (height // 8 + 1, width // 8 + 1)).astype(np.uint8)
    luma = np.kron(ground, np.ones((8, 8), dtype=np.uint8))[:height, :width].astype(np.float64)
    small = (-(-height // step), -(-width // step))
    return [
        Planes(
            np.clip(luma + rng.normal(0, 1.5, luma.shape), 16, 235).astype(np.uint8),
            np.clip(rng.normal(120, 1, small), 16, 240).astype(np.uint8),
            np.clip(rng.normal(130, 1, small), 16, 240).astype(np.uint8),
        )
        for _ in range(5)
    ]


def light(window: list[Planes], *, x: int, y: int, levels: int, frame: int = 2) -> list[Planes]:
    luma = window[frame].y.copy()
    luma[y : y + 2, x : x + 2] = np.clip(luma[y : y + 2, x : x + 2].astype(int) + levels, 0, 255)
    return [*window[:frame], window[frame]._replace(y=luma), *window[frame + 1 :]]


def test_a_pixel_lit_for_one_frame_is_found_where_it_is(model: PixelModelFile) -> None:
    window = light(grainy_window(1), x=60, y=40, levels=90)
    [spot] = find_spots(cascade_map(window, model=model), threshold=model.threshold)
    assert abs(spot.x - 60.5) < 1 and abs(spot.y - 40.5) < 1
    assert 1 <= spot.area_px <= 16 and spot.peak >= model.threshold


def test_what_stays_lit_and_what_is_still_is_no_error(model: PixelModelFile) -> None:
    window = grainy_window(2)
    for frame in range(5):
        window = light(window, x=60, y=40, levels=90, frame=frame)
    assert find_spots(cascade_map(window, model=model), threshold=model.threshold) == []
    assert cascade_map([window[0]] * 5, model=model).max() == 0


@pytest.mark.parametrize(("height", "width", "step"), [(96, 130, 2), (61, 77, 2), (40, 50, 1), (17, 300, 2)])
def test_the_cascade_equals_the_dense_network_wherever_it_looks(
    model: PixelModelFile, height: int, width: int, step: int
) -> None:
    window = grainy_window(3, height=height, width=width, step=step)
    for x, y in ((0, 0), (width - 2, height - 2), (width // 2, height // 2), (width - 2, 5)):
        window = light(window, x=x, y=y, levels=60)
    eager = model._replace(proposal_threshold=2.0)
    dense, cascade = dense_map(window, model=model), cascade_map(window, model=eager)
    looked = cascade > 0
    assert looked[height // 2, width // 2] and looked[0, 0] and looked[-1, -1]
    assert np.abs(dense - cascade)[looked].max() < 1e-5
    proposed = propose(window, threshold=2.0)
    assert looked[proposed].all()


def test_a_lit_pixel_at_any_edge_gives_what_the_middle_gives(model: PixelModelFile) -> None:
    for x, y in ((0, 30), (128, 30), (60, 0), (60, 94), (0, 0), (128, 94)):
        window = light(grainy_window(4), x=x, y=y, levels=120)
        spots = find_spots(cascade_map(window, model=model), threshold=model.threshold)
        assert [(abs(spot.x - x - 0.5) < 2, abs(spot.y - y - 0.5) < 2) for spot in spots] == [(True, True)]


def test_a_pixel_stands_out_only_in_space_and_time_at_once() -> None:
    still = [Planes(np.full((40, 60), 50, np.uint8), *(np.full((20, 30), 128, np.uint8),) * 2)] * 5
    assert levels_standing_out(still).max() == 0
    lit = light(still, x=20, y=10, levels=30)
    assert levels_standing_out(lit).max() == 30
    assert propose(lit, threshold=29).sum() == 4 and propose(lit, threshold=30).sum() == 0
    brighter = [*still[:2], still[2]._replace(y=still[2].y + 40), *still[3:]]
    assert levels_standing_out(brighter).max() == 0, "a flash has no spot"
    moved = light(light(still, x=21, y=11, levels=30), x=20, y=10, levels=30, frame=1)
    assert levels_standing_out(moved)[10:13, 20:23].max() == 0, "a neighbouring pixel was as bright before"


def test_colour_alone_stands_out_whichever_way_it_turns() -> None:
    still = [Planes(np.full((40, 60), 50, np.uint8), *(np.full((20, 30), 128, np.uint8),) * 2)] * 5
    for plane in ("cb", "cr"):
        for level in (90, 170):
            coloured = getattr(still[2], plane).copy()
            coloured[7, 12] = level
            window = [*still[:2], still[2]._replace(**{plane: coloured}), *still[3:]]
            ys, xs = np.nonzero(propose(window, threshold=8))
            assert (set(ys), set(xs)) == ({14, 15}, {24, 25})


def test_tiles_cover_what_is_proposed_and_hardly_anything_twice() -> None:
    rng = np.random.default_rng(5)
    for share in (0.0, 0.0005, 0.02, 1.0):
        proposed = rng.random((150, 333)) < share
        covered = np.zeros((400, 600), dtype=int)
        for tiles in plan_tiles(proposed):
            assert not (tiles.corners % 2).any() and tiles.corners.min() >= 0
            for y, x in tiles.corners:
                covered[y : y + tiles.side_px, x : x + tiles.side_px] += 1
        assert covered.sum() <= 1.5 * (covered > 0).sum()
        for y, x in np.argwhere(proposed):
            near = covered[:150, :333][max(y - REACH_PX, 0) : y + REACH_PX + 1, max(x - REACH_PX, 0) : x + REACH_PX + 1]
            assert near.all()


def test_what_is_proposed_alone_costs_one_small_tile_wherever_it_lies() -> None:
    for y, x in ((0, 0), (15, 16), (71, 100), (149, 332), (150, 31)):
        proposed = np.zeros((151, 333), dtype=bool)
        proposed[y, x] = True
        [tiles] = plan_tiles(proposed)
        assert tiles.side_px == 8 and len(tiles.corners) == 1


def test_tiles_are_cut_as_the_whole_window_is_stacked() -> None:
    for step in (1, 2):
        window = grainy_window(6, height=90, width=110, step=step)
        whole = np.pad(stack_window(window), ((0, 0), (8, 8), (8, 8)), mode="edge")
        tiles = Tiles(16, np.array([[0, 0], [32, 48], [64, 80], [16, 16]]))
        for (y, x), cut in zip(tiles.corners, cut_tiles(window, tiles=tiles), strict=True):
            assert np.array_equal(cut / np.float32(255), whole[:, y : y + 32, x : x + 32])


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_a_window_of_another_length_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="5 pictures of one size"):
        stack_window(grainy_window(1)[:1] * count)


def test_pictures_of_two_sizes_make_no_window() -> None:
    with pytest.raises(ValueError, match="not 5 of 2"):
        propose([*grainy_window(1)[:4], *grainy_window(1, height=50)[:1]], threshold=3)


def test_spots_are_weighted_joined_over_corners_and_counted() -> None:
    probability = np.zeros((20, 30), dtype=np.float32)
    probability[4, 5], probability[5, 6], probability[10, 20] = 0.9, 0.6, 0.8
    first, second = find_spots(probability, threshold=0.5)
    assert first.area_px == 2 and first.x == pytest.approx(5.4) and first.y == pytest.approx(4.4)
    assert first.box == (5, 4, 7, 6) and first.peak == pytest.approx(0.9)
    assert (second.x, second.y, second.area_px) == (20, 10, 1)
    probability[7, 8], probability[12, 17], probability[14, 3] = 0.3, 0.1, 0.3
    first, second = find_spots(probability, threshold=0.5)  # what is fainter belongs to what is near, over a gap, too
    assert (first.area_px, first.box, second.area_px) == (3, (5, 4, 9, 8), 1)
    assert find_spots(np.full((4, 4), np.nan, np.float32), threshold=0.5) == []
    assert find_spots(np.zeros((4, 4), np.float32), threshold=0.5) == []


def test_a_patch_holds_the_stored_pixels_and_repeats_the_edge() -> None:
    window = grainy_window(7)
    patch = cut_patch(window, x=2.0, y=50.0)
    assert (patch.x0, patch.y0, patch.pixels.shape) == (-22, 26, (5, 48, 48, 3))
    assert np.array_equal(patch.pixels[2, :, 22:, 0], window[2].y[26:74, :26])
    assert np.array_equal(patch.pixels[2, :, 0, 0], window[2].y[26:74, 0])
    assert np.array_equal(patch.pixels[3, 0::2, 22::2, 2], window[3].cr[13:37, :13])
    again = unpack_patch(pack_patch(patch), x0=patch.x0, y0=patch.y0, side_px=48)
    assert np.array_equal(again.pixels, patch.pixels) and again[:2] == patch[:2]


@pytest.mark.parametrize(("packed", "side"), [(b"", 48), (b"junk", 48), (None, 40), (None, 0), (None, 10**9)])
def test_bytes_that_are_no_patch_are_refused(packed: bytes | None, side: int) -> None:
    packed = pack_patch(cut_patch(grainy_window(7), x=30, y=30)) if packed is None else packed
    with pytest.raises(ValueError, match=r"patch"):
        unpack_patch(packed, x0=0, y0=0, side_px=side)
