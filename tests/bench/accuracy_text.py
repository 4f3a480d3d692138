"""Accuracy of finding and reading lettering: on drawn and on labelled real pictures, and false alarms where none is."""

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.annotate.text import Line, Text
from ava.annotate.text_boxes import TiltedBox
from ava.annotate.text_model import TextModel
from ava.annotate.text_reading import Reading
from ava.annotate.text_score import agree, judge
from ava.media.colour import from_bgr
from ava.media.decode import decode_frame_set
from ava.media.probe import probe
from ava.weights.store import WeightsStore
from tests.bench.drawn_lettering import KINDS, DrawnLine, Lettered, draw_lettering, fonts
from tests.bench.figures import Figure
from tests.bench.text_labels import LABELLED, LETTERED_PHOTOGRAPHS, Box, LabelledPicture
from tests.scenes import draw_scene

SECTION = "text"
UNSEEN_SEED = 5
"""The probability was fitted to drawings of another seed."""

PICTURES_OF_EACH_KIND = 24
LEAST_OVERLAP = 0.5
EDGES = {"documerica": 0.06, "fsaowi": 0.13}
"""Part of each side of a photograph that may show the film's edge, with its numbers, and is cut off."""

Rgb = NDArray[np.uint8]


class Proposal(NamedTuple):
    """One line that the locating network proposes, and how likely it is lettering by each stage, 0–1."""

    box: Box
    located: float
    read: float
    viewed: float


class Tally(NamedTuple):
    """Known lines, found lines, pairs of both, and the letters of the pairs: wrong ones and all."""

    known: int
    found: int
    paired: int
    wrong_letters: int
    letters: int

    @property
    def f1(self) -> float:
        return 2 * self.paired / max(self.known + self.found, 1)

    @property
    def letter_accuracy(self) -> float:
        return 1 - self.wrong_letters / max(self.letters, 1)


STAGES: dict[str, Callable[[Proposal], float]] = {
    "located alone": lambda proposal: proposal.located,
    "located and read": lambda proposal: proposal.read,
    "located, read and seen through views": lambda proposal: proposal.viewed,
}


def measure(data: Path | None) -> list[Figure]:
    """All figures; none without the model files, and no real pictures without ``data``."""
    store = WeightsStore(Path(settings.AVA_WEIGHTS_DIR))
    if store.missing(Text.weights):
        return []
    files = {name: store.path(name) for name in Text.weights}
    text = Text()
    text.load(files)
    model = TextModel(detection=files["text-detection"], recognition=files["text-recognition"])
    grounds = _grounds(data)
    drawn = _draw(grounds)
    figures = [*_drawn_figures(text, drawn), *_speed_figures(model, drawn)]
    if data is not None:
        figures += [*_real_figures(text, data), *_alarm_figures(model, drawn, grounds)]
    return figures


def _grounds(data: Path | None) -> list[Rgb]:
    """Pictures without lettering, 960 pixels wide: photographs, or drawn scenes where there are none."""
    if data is None:
        return [draw_scene(number, frames=1, width=960, height=540)[0] for number in range(60)]
    files = [file for folder in EDGES for file in sorted((data / "images" / folder).glob("*.jpg"))]
    return [read_photograph(file) for file in files if file.stem not in LETTERED_PHOTOGRAPHS]


@cache
def read_photograph(file: Path) -> Rgb:
    """A photograph of the footage folder without the film's edge: RGB ``uint8 (H, W, 3)``."""
    picture = from_bgr(np.asarray(cv2.imread(str(file)), dtype=np.uint8))
    edge = [round(side * EDGES[file.parent.name]) for side in picture.shape[:2]]
    inner = picture[edge[0] : picture.shape[0] - edge[0], edge[1] : picture.shape[1] - edge[1]]
    return np.ascontiguousarray(inner)


def _draw(grounds: Sequence[Rgb]) -> list[Lettered]:
    rng, faces = np.random.default_rng(UNSEEN_SEED), fonts()
    kinds = [kind for kind in KINDS for _ in range(PICTURES_OF_EACH_KIND)]
    return [
        draw_lettering(_as_frame(grounds[number % len(grounds)]), kind=kind, rng=rng, faces=faces)
        for number, kind in enumerate(kinds)
    ]


def _as_frame(picture: Rgb) -> Rgb:
    """The middle of a picture as a frame of 960 × 540."""
    height = min(picture.shape[0], picture.shape[1] * 9 // 16)
    top = (picture.shape[0] - height) // 2
    return np.asarray(cv2.resize(picture[top : top + height], (960, 540), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _drawn_figures(text: Text, drawn: Sequence[Lettered]) -> list[Figure]:
    truth = f"{PICTURES_OF_EACH_KIND} drawn over pictures without lettering, blurred and compressed"
    figures, tallies = [], []
    for kind in KINDS:
        members = [_tally(text.find_lines(each.rgb), each.lines) for each in drawn if each.kind == kind]
        tallies += members
        figures.append(Figure(SECTION, f"F1 of boxes, {kind}", _sum(members).f1, "", truth))
    whole = _sum(tallies)
    return [
        *figures,
        Figure(
            SECTION, "F1 of boxes, all drawn lines", whole.f1, "", f"{whole.known} lines, overlap from {LEAST_OVERLAP}"
        ),
        Figure(
            SECTION, "right letters in drawn lines", whole.letter_accuracy, "", f"{whole.letters} letters and spaces"
        ),
    ]


def _real_figures(text: Text, data: Path) -> list[Figure]:
    whole = tally_real_lines(text, data)
    truth = f"{whole.known} lines of {len(LABELLED)} frames and photographs, labelled by eye"
    return [
        Figure(SECTION, "F1 of boxes, real lines", whole.f1, "", truth),
        Figure(
            SECTION, "right letters in real lines", whole.letter_accuracy, "", f"{whole.letters} letters and spaces"
        ),
    ]


def tally_real_lines(text: Text, data: Path) -> Tally:
    """Lines that are known and found in the labelled frames and photographs."""
    tallies = []
    for picture in LABELLED:
        rgb = _real_picture(data, picture)
        size = np.array([*rgb.shape[1::-1], *rgb.shape[1::-1]])
        known = [DrawnLine(tuple(np.array(box) * size), words) for box, words in picture.lines]
        ignored = [np.array(box) * size for box in picture.ignored]
        tallies.append(_tally(text.find_lines(rgb), known, ignored=ignored))
    return _sum(tallies)


def _real_picture(data: Path, picture: LabelledPicture) -> Rgb:
    file = data / picture.film
    if picture.frame is None:
        return from_bgr(np.asarray(cv2.imread(str(file)), dtype=np.uint8))
    frames = decode_frame_set(file, info=probe(file), frame_indices=[picture.frame], max_side_px=Text.max_side_px)
    return np.ascontiguousarray(next(iter(frames)).rgb)


def _alarm_figures(model: TextModel, drawn: Sequence[Lettered], grounds: Sequence[Rgb]) -> list[Figure]:
    """False alarms in pictures without lettering, each stage being as strict as it may be for one recall."""
    alarms = [proposal for ground in grounds for proposal in _propose(model, ground)]
    known = [(each, _propose(model, each.rgb)) for each in drawn]
    figures = []
    for recall in (0.95, 0.99):
        for name, stage in STAGES.items():
            least = _threshold(known, stage, recall=recall)
            count = sum(stage(alarm) >= least for alarm in alarms)
            what = f"false alarms a picture at recall {recall}, {name}"
            figures.append(
                Figure(SECTION, what, count / len(grounds), "", f"{len(grounds)} photographs, none lettered")
            )
    shipped = sum(alarm.viewed >= 0.5 for alarm in alarms) / len(grounds)
    figures.append(Figure(SECTION, "false alarms a picture, as shipped", shipped, "", f"{len(grounds)} photographs"))
    return figures


def _propose(model: TextModel, rgb: Rgb) -> list[Proposal]:
    boxes = model.locate(rgb, side_px=Text.max_side_px)
    proposals = []
    for box, reading in zip(boxes, model.read(rgb, boxes), strict=True):
        agreement = agree(reading, model.read_views(rgb, box, turned=reading.turned))
        viewed = judge(box.score, reading, agreement=agreement)
        proposals.append(Proposal(_upright(box), box.score, judge(box.score, reading), viewed))
    return proposals


def _threshold(
    known: Sequence[tuple[Lettered, list[Proposal]]], stage: Callable[[Proposal], float], *, recall: float
) -> float:
    """The strictest threshold of a stage that still finds this share of the known lines."""
    scores: list[float] = []
    for each, proposals in known:
        pairs = _pair([line.box for line in each.lines], [proposal.box for proposal in proposals])
        scores += [stage(proposals[found]) for _, found in pairs]
        scores += [-1.0] * (len(each.lines) - len(pairs))
    return sorted(scores, reverse=True)[min(round(recall * len(scores)), len(scores) - 1)]


def _speed_figures(model: TextModel, drawn: Sequence[Lettered]) -> list[Figure]:
    frames = [each.rgb for each in drawn[:: PICTURES_OF_EACH_KIND // 6]]
    spent: dict[str, list[float]] = {"locating": [], "reading": []}
    for rgb in frames:
        began = time.process_time()
        boxes = model.locate(rgb, side_px=Text.max_side_px)
        located = time.process_time()
        model.read(rgb, boxes)
        spent["locating"].append(located - began)
        spent["reading"].append(time.process_time() - located)
    truth = f"{len(frames)} lettered frames of 960 × 540 on one core, median"
    return [
        Figure(SECTION, f"{name} a frame", float(np.median(times)) * 1000, "ms", truth) for name, times in spent.items()
    ]


def _tally(found: Sequence[Line], known: Sequence[DrawnLine], *, ignored: Sequence[NDArray[np.float64]] = ()) -> Tally:
    kept: list[tuple[Box, Reading]] = []
    for line in found:
        box = _upright(line.box)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if not any(part[0] <= x <= part[2] and part[1] <= y <= part[3] for part in ignored):
            kept.append((box, line.reading))
    pairs = _pair([line.box for line in known], [box for box, _ in kept])
    wrong = sum(_edits(known[one].words, kept[other][1].words) for one, other in pairs)
    return Tally(len(known), len(kept), len(pairs), wrong, sum(len(known[one].words) for one, _ in pairs))


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(*(sum(column) for column in zip(*tallies, strict=True)))


def _upright(box: TiltedBox) -> Box:
    low, high = box.corners.min(axis=0), box.corners.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _pair(known: Sequence[Box], found: Sequence[Box]) -> list[tuple[int, int]]:
    """One-to-one pairs that overlap by half or more, the best first."""
    overlaps = sorted(
        ((_overlap(one, other), row, column) for row, one in enumerate(known) for column, other in enumerate(found)),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    for overlap, row, column in overlaps:
        if overlap >= LEAST_OVERLAP and all(row != one and column != other for one, other in pairs):
            pairs.append((row, column))
    return pairs


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / max(areas - shared, 1e-9)


def _edits(known: str, read: str) -> int:
    """Letters to insert, delete or replace (Levenshtein 1966)."""
    row = list(range(len(read) + 1))
    for letter in known:
        above, row[0] = row[0], row[0] + 1
        for column, other in enumerate(read, start=1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (letter != other))
    return row[-1]
