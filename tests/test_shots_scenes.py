"""Scenes: shots whose picture comes back soon belong together with all between."""

import warnings
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from ava import models
from ava.annotate.palette import Palette
from ava.annotate.run import annotate_span
from ava.annotate.signature import Signature
from ava.media.probe import probe
from ava.packing import pack_values
from ava.shot_style_stage import describe_shots
from ava.shots.scenes import find_scenes
from ava.stages import StageRun
from tests import world

FPS = 25.0
SHOT_FRAMES = 50
NAMES = [f"{annotator.name}.{column}" for annotator in (Signature, Palette) for column in annotator.columns]


class Shot(NamedTuple):
    start_frame: int
    end_frame: int


def set_up(number: int) -> np.ndarray:
    """Signals of one camera set-up: a layout and colours of its own."""
    rng = np.random.default_rng(number)
    luma = np.kron(rng.uniform(0.05, 0.95, (4, 4)), np.ones((2, 2))).ravel()
    palette = np.concatenate([[0.5, 0.5], np.column_stack([rng.uniform(0, 1, (5, 3)), np.full(5, 0.2)]).ravel()])
    return np.concatenate([luma, rng.uniform(-0.4, 0.4, 8), palette]).astype(np.float32)


def make_film(plan: list[int], *, seed: int = 0, noise: float = 0.02) -> tuple[dict[str, np.ndarray], list[Shot]]:
    """A film whose shots show the set-ups of the plan, with grain."""
    rng = np.random.default_rng(seed)
    values = np.repeat(np.stack([set_up(number) for number in plan]), SHOT_FRAMES, axis=0)
    values += rng.normal(0, noise, values.shape).astype(np.float32)
    shots = [Shot(start, start + SHOT_FRAMES) for start in range(0, len(values), SHOT_FRAMES)]
    return dict(zip(NAMES, values.T, strict=True)), shots


def scenes_of(plan: list[int], **options) -> list[int]:
    signals, shots = make_film(plan, **options)
    return find_scenes(signals, shots=shots, fps=FPS).tolist()


def test_shot_and_reverse_shot_are_one_scene_with_what_stands_between() -> None:
    assert scenes_of([1, 2, 1, 2, 9, 1, 3, 4, 3, 5]) == [0, 0, 0, 0, 0, 0, 1, 1, 1, 2]


def test_shots_that_never_come_back_are_scenes_of_their_own() -> None:
    assert scenes_of(list(range(20))) == list(range(20))


def test_what_comes_back_much_later_is_another_scene() -> None:
    plan = [1, 2, 1, *range(10, 30), 1, 2, 1]
    scenes = scenes_of(plan)
    assert scenes[:3] == [0, 0, 0] and scenes[-3:] == [21, 21, 21]


def test_links_are_those_of_an_obvious_search_over_all_pairs() -> None:
    rng = np.random.default_rng(5)
    plan = [int(10 * (index // 12) + rng.integers(0, 3)) for index in range(96)]
    scenes = scenes_of(plan, noise=0.03)
    reach = [max(at for at in range(index, min(index + 9, 96)) if plan[at] == plan[index]) for index in range(96)]
    expected, scene = [], 0
    for index in range(96):
        if index and max(reach[:index]) < index:
            scene += 1
        expected.append(scene)
    assert scenes == expected


def test_black_and_unmeasured_shots_stay_in_the_scene_before() -> None:
    signals, shots = make_film([1, 2, 1, 3, 3, 4])
    for name in NAMES[:72]:
        signals[name][3 * SHOT_FRAMES : 4 * SHOT_FRAMES] = 0.01
    for signal in signals.values():
        signal[5 * SHOT_FRAMES :] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_scenes(signals, shots=shots, fps=FPS).tolist() == [0, 0, 0, 0, 1, 1]


def test_two_black_shots_join_nothing() -> None:
    signals, shots = make_film([1, 2, 3, 4, 5])
    for signal in signals.values():
        for black in (1, 3):
            signal[black * SHOT_FRAMES : (black + 1) * SHOT_FRAMES] = 0.0
    assert find_scenes(signals, shots=shots, fps=FPS).tolist() == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("frames", [0, 1, 7])
def test_little_or_nothing_gives_defined_scenes(frames) -> None:
    signals, _ = make_film([1])
    short = {name: signal[:frames] for name, signal in signals.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_scenes({}, shots=[], fps=FPS).tolist() == []
        assert find_scenes({}, shots=[Shot(0, 3), Shot(3, 9)], fps=FPS).tolist() == [0, 0]
        assert find_scenes(short, shots=[Shot(0, 50)], fps=FPS).tolist() == [0]
        assert find_scenes(short, shots=[Shot(0, 1), Shot(1, 2)], fps=FPS).tolist()[0] == 0


def test_a_long_film_has_the_scenes_of_its_script() -> None:
    rng = np.random.default_rng(11)
    plan, truth = [], []
    for scene in range(60):
        length = int(rng.integers(5, 16))
        plan += [1000 + 10 * scene + (index % 2 if index % 5 != 3 else 2) for index in range(length)]
        truth += [scene] * length
    starts, found = (set(np.flatnonzero(np.diff([-1, *each])).tolist()) for each in (truth, scenes_of(plan)))
    assert len(starts & found) >= 0.97 * len(starts)
    assert len(found - starts) <= 0.03 * len(starts)


def test_a_real_interview_cut_away_from_is_one_scene(shared_data) -> None:
    """A documentary: the interview with Carlo is left for a shot of him at his desk and taken up again."""
    path = shared_data / "video/googlework_short.mp4"
    info = probe(path)
    annotators = [Signature(), Palette()]
    begin, cuts = 541, (609, 710, 769, 819, 949)
    tables = annotate_span(path, info=info, annotators=annotators, start_frame=begin, end_frame=info.frame_count)
    signals = {}
    for annotator in annotators:
        for number, column in enumerate(annotator.columns):
            signal = np.full(info.frame_count, np.nan, dtype=np.float32)
            signal[tables[annotator.name].frame_index] = tables[annotator.name].values[:, number]
            signals[f"{annotator.name}.{column}"] = signal
    shots = [Shot(*span) for span in pairwise([begin, *cuts, info.frame_count])]
    assert find_scenes(signals, shots=shots, fps=float(info.fps)).tolist() == [0, 1, 1, 1, 2, 3]


@pytest.mark.django_db
def test_the_stage_that_describes_shots_saves_their_scenes() -> None:
    signals, shots = make_film([1, 2, 1, 3])
    video = world.make_film(models.Title.objects.create(name="Film"), frame_count=shots[-1].end_frame)
    chunk = models.Chunk.objects.create(
        video=video, index=0, start_frame=0, end_frame=video.frame_count, state=models.WorkState.DONE
    )
    for annotator in (Signature, Palette):
        values = np.stack([signals[f"{annotator.name}.{column}"] for column in annotator.columns], axis=1)
        models.Annotation.objects.create(
            chunk=chunk, annotator=annotator.name, version=annotator.version, columns=list(annotator.columns),
            values=pack_values(values),
        )  # fmt: skip
    for index, shot in enumerate(shots):
        models.Shot.objects.create(video=video, index=index, transition="cut", **shot._asdict())
    describe_shots(StageRun(video, video.frame_count, True, lambda done, total: None))
    assert list(video.shots.values_list("scene", flat=True)) == [0, 0, 0, 1]
