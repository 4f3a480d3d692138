"""Suitability of rendered and real films, through the same annotators as in production."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ava.annotate.base import find_annotators
from ava.annotate.run import annotate_span, collect_signals
from ava.media.probe import probe
from ava.render.camera import View, hold
from ava.render.film import Cut, Dissolve, Fade, render_film
from ava.render.layer import Layer
from ava.render.lettering import Line, TextCue
from ava.render.plate import Plate
from ava.render.sample_film import plan_sample_film, sample_shot
from ava.render.shot import ShotSpec, ramp
from ava.render.truth import FilmTruth
from ava.shots.boundaries import find_shots
from ava.shots.shot_list import Shot, ShotList, Transition
from curation.stills.candidates import LEAST_SUITABILITY, choose_candidates, suitability

WIDTH, HEIGHT = 480, 270


def measure(path: Path) -> dict[str, NDArray[np.float32]]:
    info, annotators = probe(path), find_annotators()
    for annotator in annotators:
        annotator.load()
    tables = annotate_span(path, info=info, annotators=annotators, start_frame=0, end_frame=info.frame_count)
    return dict(
        collect_signals(
            {name: [table] for name, table in tables.items()}, annotators=annotators, frame_count=info.frame_count
        )
    )


def true_shots(truth: FilmTruth) -> ShotList:
    return ShotList(
        tuple(Shot(s.index, s.start_frame, s.end_frame, s.transition) for s in truth.shots),
        tuple(Transition(t.kind, t.start_frame, t.end_frame) for t in truth.transitions),
    )


def card(name: str, frames: int, cue: TextCue) -> ShotSpec:
    black = Plate(np.full((HEIGHT, WIDTH, 3), 4, np.uint8))
    return ShotSpec(name, frames, (Layer(black),), hold(View(WIDTH / 2, HEIGHT / 2, WIDTH)), texts=(cue,))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory):
    """A film with every kind of bad frame, its truth, its shots and the suitability of its frames."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    title = TextCue("title", (Line("THE TITLE", 0.14), Line("a card", 0.07)), 0, 30, y_unit=0.35, fade_frames=0)
    names = tuple(Line(f"Somebody Else {i}", 0.07) for i in range(12))
    credits_cue = TextCue("credits", names, 0, 40)
    size = {"width": WIDTH, "height": HEIGHT}
    shots = [
        card("title", 30, title),
        sample_shot(0, 44, **size),
        sample_shot(1, 66, **size, defocus=ramp(0.012, 0.0, begin_unit=0.45, end_unit=0.5)),
        sample_shot(2, 40, **size),
        sample_shot(3, 40, **size),
        sample_shot(4, 30, **size, travel_unit=2.5),
        card("credits", 40, credits_cue),
    ]
    film = plan_sample_film(
        shots, [Cut(), Cut(), Dissolve(14), Fade(8, 6, 8), Cut(), Cut()], **size, ending=Fade(0, 5, 0)
    )
    truth = render_film(film, path, crf=18)
    signals, listed = measure(path), true_shots(truth)
    return truth, signals, listed, suitability(signals, shots=listed)


def frames_of(truth: FilmTruth, name: str) -> slice:
    shot = next(shot for shot in truth.shots if shot.name == name)
    return slice(shot.start_frame, shot.end_frame)


def test_good_frames_outrank_every_kind_of_bad_frame(measured) -> None:
    truth, _, _, values = measured
    bad = np.zeros(len(values), dtype=bool)
    for span in (*truth.black, *truth.transitions, *truth.defocused):
        bad[span[-2] : span[-1]] = True
    for name in ("title", "credits", "scene 4"):
        bad[frames_of(truth, name)] = True
    good = ~bad
    # A few frames on each side of a bad span are neither.
    good &= ~np.convolve(bad, np.ones(9), mode="same").astype(bool)
    assert good.sum() > 70 and bad.sum() > 100
    assert np.median(values[good]) > 0.6
    above = (values[good][:, None] > values[bad][None, :]).mean()
    assert above > 0.99, f"a good frame outranks a bad one in {above:.1%} of the pairs"


@pytest.mark.parametrize("name", ["title", "credits"])
def test_cards_are_worth_nothing(measured, name: str) -> None:
    truth, _, _, values = measured
    assert values[frames_of(truth, name)].max() < 0.05


def test_black_and_mixed_frames_are_worth_nothing(measured) -> None:
    truth, _, _, values = measured
    for span in truth.black:
        assert values[span.start_frame : span.end_frame].max() < 0.01
    for transition in truth.transitions:
        assert values[transition.start_frame : transition.end_frame].max() < 0.03


def test_defocused_passage_is_far_below_the_sharp_rest_of_its_shot(measured) -> None:
    truth, _, _, values = measured
    (span,) = truth.defocused
    sharp = values[span.end_frame + 2 : span.end_frame + 12]
    assert values[span.start_frame + 4 : span.end_frame - 3].max() < 0.4 * sharp.min()


def test_candidates_avoid_every_bad_frame(measured) -> None:
    truth, signals, shots, values = measured
    chosen = choose_candidates(signals, shots=shots, suitabilities=values)
    assert {truth.shots[c.shot_index].name for c in chosen} >= {"scene 0", "scene 1", "scene 2", "scene 3"}
    for candidate in chosen:
        assert candidate.suitability >= LEAST_SUITABILITY
        assert truth.shots[candidate.shot_index].name not in ("title", "credits")
        for span in (*truth.black, *truth.transitions, *truth.defocused):
            assert not span[-2] <= candidate.frame_index < span[-1]


def test_real_dissolve_is_below_the_shots_that_it_joins(shared_data: Path) -> None:
    path = shared_data / "video" / "nasa_13013.mp4"
    signals = measure(path)
    fps = probe(path).fps
    values = suitability(signals, shots=find_shots(signals, fps=fps), fps=fps)
    assert values[128:140].max() < 0.1 * np.median(values[160:190])
    assert np.median(values[160:190]) > np.median(values[20:100]), "the bright close view above the dark wide one"
