"""Pictures whose faces, lettering and subjects are known: put together from plates, drawn, and labelled by eye."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from ava.media.decode import decode_frame_set
from ava.media.picture_file import read_picture
from ava.media.probe import probe
from ava.render.camera import View, hold
from ava.render.demo import FPS, HEIGHT, WIDTH, plan_demo_film
from ava.render.demo_lettering import lower_third, subtitle, title
from ava.render.demo_pictures import DemoPictures, load_demo_pictures
from ava.render.layer import Layer, stay
from ava.render.lettering import TextCue, draw_cue, letters_box
from ava.render.plate import Plate, mirror_plate
from ava.render.shot import ShotClock, ShotSpec, draw_shot, visible_faces
from curation.layout.box import Box
from tests.bench.accuracy_text import read_photograph
from tests.bench.face_labels import WITHOUT_PEOPLE
from tests.bench.marked_subjects import TUNED_ON, UNSEEN, load_photograph
from tests.bench.text_labels import LABELLED
from tests.scenes import draw_scene

LABELS = Path(__file__).with_name("layout_labels.json")
COMPOSED = 60
SIZES = ((1280, 720), (1280, 720), (1280, 536), (960, 720), (720, 1080))
MAIN_LARGER, MOST_LARGER = 1.6, 2.4
"""The face that is meant to be the main one is so much higher than every other: less would be a matter of taste."""
_WHOLE = 0.999
Rgb = NDArray[np.uint8]


class KnownPicture(NamedTuple):
    """RGB ``uint8 (H, W, 3)``, where the truth on it comes from, and boxes in its pixels: faces, the main one first;
    lettering; subjects, on any of which a focal point is right. What is not known is empty; ``is_exact`` where boxes
    are known by construction."""

    name: str
    source: str
    rgb: Rgb
    faces: tuple[Box, ...] = ()
    text: tuple[Box, ...] = ()
    subjects: tuple[Box, ...] = ()
    is_exact: bool = True


def known_pictures(data: Path | None) -> Iterator[KnownPicture]:
    """All of them; those that are labelled need ``data``."""
    pictures = load_demo_pictures(pictures_dir=Path(settings.AVA_WEIGHTS_DIR))
    yield from demo_frames(pictures)
    yield from composed_pictures(pictures, data)
    if data is not None:
        yield from labelled_pictures(data)
        yield from marked_photographs(data)
        yield from lettered_pictures(data)


def demo_frames(pictures: DemoPictures, *, each: int = 4) -> Iterator[KnownPicture]:
    """Some frames of every shot of the demo film but its credits, which roll; without dissolves and fades."""
    clear = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    for shot in plan_demo_film(pictures).shots:
        if any(cue.kind == "credits" for cue in shot.texts):
            continue
        for frame in np.linspace(0, shot.frames - 1, each + 2)[1:-1].astype(int).tolist():
            clock = ShotClock(frame, shot.frames, float(FPS))
            faces = visible_faces(shot, clock, width=WIDTH, height=HEIGHT)
            drawn = draw_shot(shot, clock, width=WIDTH, height=HEIGHT, vignette=clear)
            boxes = _by_height(Box(*box) for _, box, visible in faces if visible > _WHOLE)
            if len(boxes) < len(faces):
                continue  # a face that the frame itself cuts
            rgb, text = _letter(drawn, shot.texts, frame=frame)
            subjects = tuple(map(_head_and_shoulders, boxes))
            yield KnownPicture(f"demo {shot.name} {frame}", "demo film", rgb, boxes, text, subjects)


def composed_pictures(pictures: DemoPictures, data: Path | None) -> Iterator[KnownPicture]:
    """People who were cut out, one to three of them, before photographs and scenes without people, some lettered."""
    rng = np.random.default_rng(66)
    grounds = [read_photograph(data / "images" / name) for name in WITHOUT_PEOPLE[:30]] if data else []
    grounds += [draw_scene(300 + number, frames=1, width=960, height=640)[0] for number in range(10)]
    plates = _cut_out_people(pictures)
    made = 0
    while made < COMPOSED:
        known = _compose(plates, grounds[made % len(grounds)], SIZES[made % len(SIZES)], rng)
        if known is not None:
            yield known._replace(name=f"composed {made}")
            made += 1


def labelled_pictures(data: Path) -> Iterator[KnownPicture]:
    """Photographs and frames whose subject, and face where there is one, was labelled by eye for this."""
    for row in json.loads(LABELS.read_text())["pictures"]:
        rgb = _read(data, row["file"], row["frame"])
        named = {kind: _scale(row[kind], rgb) for kind in ("subjects", "faces", "text")}
        name = f"{row['file']} {'' if row['frame'] is None else row['frame']}".strip()
        yield KnownPicture(name, "labelled by eye", rgb, **named, is_exact=False)


def marked_photographs(data: Path) -> Iterator[KnownPicture]:
    """Photographs whose subject was labelled by eye for saliency, those of the other labels aside."""
    labelled = {Path(row["file"]).stem for row in json.loads(LABELS.read_text())["pictures"]}
    for name, boxes in {**TUNED_ON, **UNSEEN}.items():
        if name in labelled:
            continue
        rgb, rim = load_photograph(data, name)
        inner = [np.clip((np.array(box) - rim) / (1 - 2 * rim), 0, 1).tolist() for box in boxes]
        yield KnownPicture(name, "labelled by eye", rgb, subjects=_scale(inner, rgb), is_exact=False)


def lettered_pictures(data: Path) -> Iterator[KnownPicture]:
    """Frames and photographs all of whose lettering was labelled by eye."""
    for each in LABELLED:
        rgb = _read(data, each.film, each.frame)
        text = _scale([box for box, _ in each.lines], rgb)
        yield KnownPicture(f"{each.film} {each.frame}", "lettering labelled by eye", rgb, text=text, is_exact=False)


def _cut_out_people(pictures: DemoPictures) -> list[Plate]:
    people = [pictures.collins_standing]
    if pictures.portraits is not None:
        portraits = pictures.portraits
        people += [portraits.obama_standing, portraits.biden_standing, portraits.obama_speaking]
    return people + [mirror_plate(plate) for plate in people]


def _compose(
    plates: Sequence[Plate], ground: Rgb, size: tuple[int, int], rng: np.random.Generator
) -> KnownPicture | None:
    """People side by side before a ground; None where one would hide another's face or be cut in an odd place."""
    width, height = size
    back = Plate(ground)
    factor = max(width / back.width, height / back.height)
    layers = [Layer(back, stay(scale=factor))]
    count = int(rng.choice((1, 1, 2, 3)))
    main_px = float(rng.uniform(0.16, 0.42)) * height / (1.0 if count == 1 else 1.3)
    heads = [main_px, *(main_px / rng.uniform(MAIN_LARGER, MOST_LARGER) for _ in range(count - 1))]
    places = rng.permutation((np.arange(count) + rng.uniform(0.3, 0.7, count)) / count) * width
    for face_px, middle in zip(heads[::-1], places, strict=True):  # who is nearer is drawn last
        plate = plates[int(rng.integers(len(plates)))]
        x0, y0, x1, y1 = plate.faces[0].box
        scale = face_px / (y1 - y0)
        top = max(float(rng.uniform(0.05, 0.3)) * height, height - (plate.height - y0) * scale)
        layers.append(Layer(plate, stay(middle - (x0 + x1) / 2 * scale, top - y0 * scale, scale=scale)))
    shot = ShotSpec("composed", 1, tuple(layers), hold(View(width / 2, height / 2, width)), texts=_cues(rng))
    clock = ShotClock(0, 1, float(FPS))
    faces = visible_faces(shot, clock, width=width, height=height)
    boxes = [Box(*box) for _, box, visible in faces if visible > _WHOLE]
    plain = np.full((height, width, 3), 255, dtype=np.uint8)
    if len(boxes) < count or _is_hidden(shot, boxes) or any(box.y1 > 0.9 * height for box in boxes):
        return None
    rgb, text = _letter(draw_shot(shot, clock, width=width, height=height, vignette=plain), shot.texts, frame=20)
    if any(line.shared(box).area > 0 for line in text for box in boxes):
        return None  # lettering over a face: no placement could be told to be right there
    ordered = _by_height(boxes)
    return KnownPicture("", "composed", rgb, ordered, text, tuple(map(_head_and_shoulders, ordered)))


def _is_hidden(shot: ShotSpec, faces: Sequence[Box]) -> bool:
    """Whether somebody stands before another's face."""
    plates = [
        Box(pose.x, pose.y, pose.x + layer.plate.width * pose.scale, pose.y + layer.plate.height * pose.scale)
        for layer in shot.layers[1:]
        for pose in [layer.pose(0.0)]
    ]
    return any(
        nearer.shared(face).area > 0 for place, face in enumerate(faces) for nearer in plates[place + 1 :]
    ) or any(one.shared(other).area > 0 for one, other in pairwise(sorted(faces)))


def _cues(rng: np.random.Generator) -> tuple[TextCue, ...]:
    span: dict[str, Any] = {"start_frame": 0, "end_frame": 40}
    made = (
        title("NIGHT LAUNCH", "the last hour before dawn", **span),
        lower_third("Ada Byron", "keeper of the light", **span),
        subtitle("Nobody told me that you would come.", **span),
    )
    return tuple(made[place] for place in range(3) if rng.uniform() < 0.3)


def _letter(rgb: Rgb, cues: Sequence[TextCue], *, frame: int) -> tuple[Rgb, tuple[Box, ...]]:
    """Lay cues over a picture; where the letters of each line lie that shows."""
    height, width = rgb.shape[:2]
    boxes = []
    for cue in cues:
        if cue.start_frame <= frame < cue.end_frame:
            rgb = draw_cue(rgb, cue, frame=frame)
            boxes += [Box(*letters_box(line, width=width, height=height)) for line in _lines(cue)]
    return rgb, tuple(boxes)


def _lines(cue: TextCue) -> Iterator[TextCue]:
    """Each line of a cue alone, where it lies in it."""
    for shown in cue.lines:
        if shown.text:
            yield replace(cue, lines=tuple(line if line is shown else replace(line, text="") for line in cue.lines))


def _head_and_shoulders(face: Box) -> Box:
    """What belongs to a face: its head, neck and shoulders."""
    return Box(
        face.x0 - 0.75 * face.width, face.y0 - 0.4 * face.height, face.x1 + 0.75 * face.width, face.y1 + 2 * face.height
    )


def _by_height(boxes: Any) -> tuple[Box, ...]:
    return tuple(sorted(boxes, key=lambda box: -box.height))


def _scale(boxes: Sequence[Sequence[float]], rgb: Rgb) -> tuple[Box, ...]:
    height, width = rgb.shape[:2]
    return tuple(Box(x0 * width, y0 * height, x1 * width, y1 * height) for x0, y0, x1, y1 in boxes)


def _read(data: Path, file: str, frame: int | None) -> Rgb:
    if frame is None:
        return read_picture(data / file if (data / file).is_file() else data / "images" / file)
    (read,) = decode_frame_set(data / file, info=probe(data / file), frame_indices=[frame])
    return read.rgb
