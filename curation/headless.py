"""A film analysed without a database or a queue: the same pure stages as the workers run. Imports no Django."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.annotate.area import Area
from ava.annotate.availability import unavailable_detectors
from ava.annotate.base import Detections, Signals, find_detectors
from ava.annotate.film import BeginWatch, annotate_film, inspect_film
from ava.annotate.film_text import settle_kinds
from ava.annotate.inspect import lay_out_signals
from ava.annotate.looks import Span, plan_inspections
from ava.annotate.shot_inspection import FACES
from ava.annotate.text import Text
from ava.media.bars import find_picture_area
from ava.media.probe import probe
from ava.media.subtitles import Cue, read_embedded_cues
from ava.media.video_info import VideoInfo
from ava.shots.boundaries import find_shots
from ava.shots.look import look_into
from ava.shots.scenes import find_scenes
from ava.shots.shot_list import ShotList
from ava.shots.style import ShotStyle, describe_style
from ava.shots.transnet import TransNet
from ava.sound.film_sound import FilmSound, measure_sound
from ava.weights.store import WeightsStore
from curation.headless_pixel import watch_pixels
from curation.people.dialogue import frame_times, spans_of_burned_in, spans_of_cues
from curation.people.film import FilmPeopleKnown, FilmTiming, choose_encoder, know_people, people_signals
from curation.stills.candidates import suitability
from curation.stills.propose import choose_frames, propose_stills
from curation.stills.rank import RankedStill
from qc.pixel.film_scan import FilmFindings, join_chunks
from qc.pixel.model_file import UnfitModel

STAGES = ("shots", "sound", "people", "stills", "layout", "moments", "pixel")
"""What can be asked for; "people" is the closer look at a few frames of every shot, lettering included, and who the
faces in them are; "layout" lays stills out while they are written, which is when their pixels are at hand; "moments"
ranks the shots; "pixel" looks for pixel errors while frames are measured, and its time is summed over the processes."""
_BRINGS: Mapping[str, frozenset[str]] = {
    "layout": frozenset({"people", "stills"}), "moments": frozenset({"people", "sound"}),
}  # fmt: skip
"""What a stage needs of others beside shots."""
NO_NETWORK = (
    "The weights of TransNetV2 are not installed; doubtful cuts and dissolves were decided by the frame signals "
    "alone. Install them with: manage.py models fetch transnetv2"
)
NETWORK = "transnetv2"
ENCODER_WEIGHTS = "face-resnet"
"""The model file that tells people apart which can be had without a model hub."""

OnProgress = Callable[[str, int, int], None]
"""Called with a stage's name and how many of its steps are done, of how many."""


@dataclass
class Analysis:
    """What an analysis has found so far."""

    path: Path
    info: VideoInfo
    signals: Signals
    area: Area
    shots: ShotList = field(default_factory=lambda: ShotList((), ()))
    styles: list[ShotStyle] = field(default_factory=list)
    looks: frozenset[int] = frozenset()
    found: dict[str, Detections] = field(default_factory=dict)
    people: FilmPeopleKnown | None = None
    suitability: NDArray[np.float32] | None = None
    stills: list[RankedStill] = field(default_factory=list)
    is_laid_out: bool = False
    are_moments_asked: bool = False
    spoken_s: NDArray[np.float64] | None = None
    pixel_errors: FilmFindings | None = None
    sound: FilmSound | None = None
    unavailable: list[dict[str, str]] = field(default_factory=list)
    timing: dict[str, Any] = field(default_factory=lambda: {"decode_s": 0.0, "stages": {}})

    def all_signals(self) -> Signals:
        """Signals of every frame and, laid out over the film like them, those of the looked-at frames."""
        signals, looks = dict(self.signals), np.array(sorted(self.looks), dtype=np.int64)
        for detector in find_detectors():
            if detector.name in self.found:
                signals |= lay_out_signals(
                    self.found[detector.name],
                    detector,
                    looks=looks,
                    area=self.area,
                    frame_count=self.info.frame_count,
                )
        if self.people is not None:
            signals |= people_signals(
                self.people, looks=looks, height_px=self.info.height, frame_count=self.info.frame_count
            )
        return signals


def analyse_film(
    path: Path,
    *,
    stages: Collection[str],
    weights: Path,
    processes: int,
    on_progress: OnProgress,
    subtitles: Sequence[Cue] = (),
) -> Analysis:
    """Measure every frame and run the named stages; a stage that needs another one brings it along.

    `weights` is the folder of model files; what one that is missing makes impossible is named in the analysis.
    `subtitles` tell when there is dialogue; without any the film's own do. Raises UnusableVideo.
    """
    began = time.monotonic()
    stages = frozenset(stages).union(*(_BRINGS.get(stage, frozenset()) for stage in stages))
    info = probe(path)
    analysis = Analysis(path, info, {}, find_picture_area(path, info=info))
    watch = _begin_pixels(analysis) if "pixel" in stages else None
    with _timed(analysis, "annotate"):
        measured = annotate_film(
            path,
            info=info,
            area=analysis.area,
            processes=processes,
            watch=watch,
            on_progress=lambda frames: on_progress("annotate", frames, info.frame_count),
        )
    analysis.signals = measured.signals
    analysis.timing["decode_s"] = round(measured.decode_s, 3)
    store = WeightsStore(weights)
    if stages & set(STAGES):
        with _timed(analysis, "shots"):
            _find_shots(analysis, store)
    if "sound" in stages:
        with _timed(analysis, "sound"):
            _listen(analysis, on_progress)
    if watch is not None:
        _settle_pixels(analysis, measured.watched)
    if "people" in stages:
        with _timed(analysis, "people"):
            _look_closely(analysis, store, processes=processes, on_progress=on_progress)
            _know_people(analysis, store, subtitles)
    if "stills" in stages:
        with _timed(analysis, "stills"):
            _judge_stills(analysis)
    analysis.is_laid_out = "layout" in stages
    analysis.are_moments_asked = "moments" in stages
    analysis.timing["total_s"] = round(time.monotonic() - began, 3)
    return analysis


def _listen(analysis: Analysis, on_progress: OnProgress) -> None:
    frames = analysis.info.frame_count
    analysis.sound = measure_sound(
        analysis.path, info=analysis.info, on_progress=lambda share: on_progress("sound", round(share * frames), frames)
    )


@contextmanager
def _timed(analysis: Analysis, stage: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    analysis.timing["stages"][stage] = round(time.monotonic() - began, 3)


def _find_shots(analysis: Analysis, store: WeightsStore) -> None:
    weights = store.path(NETWORK) if store.is_installed(NETWORK) else None
    if weights is None:
        analysis.unavailable.append({"what": "second look at doubtful shot boundaries", "why": NO_NETWORK})
    analysis.shots = find_shots(
        analysis.signals,
        fps=analysis.info.fps,
        look=look_into(analysis.path, info=analysis.info) if weights else None,
        network=TransNet(weights) if weights else None,
    )


def _begin_pixels(analysis: Analysis) -> BeginWatch | None:
    try:
        return watch_pixels()
    except UnfitModel as error:
        analysis.unavailable.append({"what": "pixel errors", "why": str(error)})
        return None


def _settle_pixels(analysis: Analysis, chunks: Sequence[Any]) -> None:
    """Join what the chunks' scanners saw, now that the shots are known."""
    spans = [(shot.start_frame, shot.end_frame) for shot in analysis.shots.shots]
    found = join_chunks(chunks, info=analysis.info, shots=spans)
    analysis.pixel_errors = found
    analysis.timing["stages"]["pixel"] = round(found.scan_s, 3)


def _look_closely(analysis: Analysis, store: WeightsStore, *, processes: int, on_progress: OnProgress) -> None:
    info = analysis.info
    candidates = choose_frames(analysis.signals, shots=analysis.shots, fps=info.fps)
    shots = [Span(shot.start_frame, shot.end_frame) for shot in analysis.shots.shots]
    plans = plan_inspections(shots, fps=info.fps, asked=[candidate.frame_index for candidate in candidates])
    analysis.looks = frozenset(look for plan in plans for look in plan.looks)
    analysis.found = inspect_film(
        analysis.path,
        info=info,
        area=analysis.area,
        shots=shots,
        plans=plans,
        weights=store.folder,
        processes=processes,
        on_progress=lambda frames: on_progress("people", frames, info.frame_count),
    )
    if "text" in analysis.found:
        analysis.found["text"] = settle_kinds(
            analysis.found["text"], area=analysis.area, shot_starts=[shot.start_frame for shot in shots]
        )
    analysis.styles = describe_style(
        analysis.signals, framing=analysis.found["framing"], shots=shots, fps=float(info.fps)
    )
    analysis.unavailable += [each._asdict() for each in unavailable_detectors(store)]


def _know_people(analysis: Analysis, store: WeightsStore, subtitles: Sequence[Cue]) -> None:
    """Find out who is who; where faces cannot be looked for or told apart, say so."""
    analysis.spoken_s = _find_dialogue(analysis, subtitles)
    if FACES not in analysis.found:
        return
    if choose_encoder(analysis.found) is None:
        analysis.unavailable.append({"what": "characters", "why": store.reason_unavailable(ENCODER_WEIGHTS)})
    info = analysis.info
    shots = [Span(shot.start_frame, shot.end_frame) for shot in analysis.shots.shots]
    scenes = find_scenes(analysis.signals, shots=shots, fps=float(info.fps))
    analysis.people = know_people(
        analysis.found,
        timing=FilmTiming(shots, scenes, float(info.fps), frame_times(info)),
        size=(info.width, info.height),
        dialogue=analysis.spoken_s,
    )


def _find_dialogue(analysis: Analysis, subtitles: Sequence[Cue]) -> NDArray[np.float64] | None:
    """When something is said: by the subtitles that were brought, else by the film's own, else by burned-in ones."""
    info = analysis.info
    cues = subtitles
    if not cues and info.subtitle_streams:
        cues = read_embedded_cues(analysis.path, time_origin_s=float(info.time_origin_s))
    spans = spans_of_cues(cues, duration_s=info.duration_s)
    if spans is None and Text.name in analysis.found:
        looks = np.array(sorted(analysis.looks), dtype=np.int64)
        spans = spans_of_burned_in(analysis.found[Text.name], looked_at=looks, times_s=frame_times(info))
    return spans


def _judge_stills(analysis: Analysis) -> None:
    signals = analysis.all_signals()
    analysis.suitability = suitability(signals, shots=analysis.shots, fps=analysis.info.fps)
    analysis.stills = propose_stills(signals, shots=analysis.shots, fps=analysis.info.fps)
