"""The demo film's shots of people."""

import numpy as np

from ava.render.camera import CameraMove, Shake, View, linear, whip
from ava.render.demo_lettering import lower_third, subtitle
from ava.render.demo_pictures import BIDEN, COLLINS, OBAMA, DemoPictures, Portraits
from ava.render.demo_places import enlarged
from ava.render.drawn import draw_bokeh
from ava.render.grade import Grade, grade_plate
from ava.render.layer import Layer, Pose, stay
from ava.render.plate import Plate, defocus_plate, mirror_plate, scale_plate
from ava.render.shot import ShotSpec

INTERIOR = Grade(contrast=1.06, saturation=0.92, shadows=(0.0, 0.005, 0.02), highlights=(0.015, 0.0, -0.02))
NIGHT_FACE = Grade(-0.7, contrast=1.1, saturation=0.9, shadows=(-0.01, 0.0, 0.035), highlights=(0.05, 0.0, -0.04))


def collins_portrait(pictures: DemoPictures) -> ShotSpec:
    """Eileen Collins in her suit, slowly nearer."""
    return ShotSpec(
        "collins",
        frames=84,
        layers=(enlarged(pictures.collins, factor=3.0, sharpen_unit=0.6),),
        camera=CameraMove("push_in", View(256, 168, 480), View(238, 138, 360)),
        grade=INTERIOR,
        texts=(lower_third(COLLINS, "pilot and commander", start_frame=14, end_frame=76),),
    )


def collins_at_pad(pictures: DemoPictures) -> ShotSpec:
    """Eileen Collins before the rocket at dusk; she drifts across the ground."""
    ground = defocus_plate(scale_plate(pictures.pad, factor=2.0), sigma_px=3.2)
    ground = grade_plate(ground, grade=Grade(0.3, contrast=1.1))
    person = scale_plate(grade_plate(pictures.collins_standing, grade=NIGHT_FACE), factor=2.0, sharpen_unit=0.5)

    def drift(time_s: float) -> Pose:
        return Pose(870 - 16 * time_s, 300 - 2 * time_s, 0.7)

    return ShotSpec(
        "collins_at_pad",
        frames=84,
        layers=(Layer(ground, parallax=0.6), Layer(person, drift)),
        camera=CameraMove("pan", View(850, 560, 1060), View(890, 560, 1040), ease=linear, shake=Shake(0.002)),
        grade=Grade(contrast=1.05),
        texts=(subtitle("Four minutes.", start_frame=20, end_frame=64),),
    )


def obama_portrait(portraits: Portraits) -> ShotSpec:
    """Barack Obama in an office, slowly nearer."""
    return ShotSpec(
        "obama",
        frames=84,
        layers=(enlarged(portraits.obama, factor=1.5, sharpen_unit=0.3),),
        camera=CameraMove("push_in", View(455, 292, 900), View(478, 272, 700)),
        grade=INTERIOR,
        texts=(lower_third(OBAMA, "guest of honour", start_frame=14, end_frame=76),),
    )


def obama_speaking(portraits: Portraits) -> ShotSpec:
    """Barack Obama at a microphone before far lamps."""
    rng = np.random.default_rng(8)
    lamps = draw_bokeh(width=1300, height=760, top=(10, 14, 30), bottom=(26, 24, 34), lights=46, rng=rng)
    person = grade_plate(
        portraits.obama_speaking, grade=Grade(-0.35, contrast=1.08, saturation=0.85, shadows=(0, 0, 0.03))
    )
    person = scale_plate(person, factor=1.5, sharpen_unit=0.3)
    return ShotSpec(
        "obama_speaking",
        frames=66,
        layers=(Layer(Plate(lamps), parallax=0.4), Layer(person, stay(520, -85, scale=1 / 1.5))),
        camera=CameraMove("handheld", View(650, 392, 1000), View(672, 388, 960), ease=linear, shake=Shake(0.005)),
        grade=INTERIOR,
    )


def biden_portrait(portraits: Portraits) -> ShotSpec:
    """Joe Biden: from his watch up to his face."""
    return ShotSpec(
        "biden",
        frames=90,
        layers=(enlarged(portraits.biden, factor=1.5, sharpen_unit=0.3),),
        camera=CameraMove("tilt", View(486, 985, 900), View(520, 392, 820)),
        grade=INTERIOR,
        texts=(lower_third(BIDEN, "on the clock", start_frame=34, end_frame=84),),
    )


def biden_close(portraits: Portraits) -> ShotSpec:
    """Joe Biden's face in the light of the launch."""
    mirrored = mirror_plate(portraits.biden)
    return ShotSpec(
        "biden_close",
        frames=54,
        layers=(enlarged(mirrored, factor=2.0, sharpen_unit=0.4),),
        camera=CameraMove("push_in", View(415, 372, 700), View(405, 366, 640), ease=linear, shake=Shake(0.002)),
        grade=Grade(-0.25, contrast=1.12, saturation=0.85, shadows=(0.0, 0.0, 0.03), highlights=(0.06, 0.0, -0.07)),
        exposure=lambda time_unit: 0.3 * np.sin(9 * time_unit) * np.exp(-2 * time_unit),
    )


def _room_layers(portraits: Portraits) -> tuple[Layer, ...]:
    """Both men in one room, he who is nearer before the other; scene pixels are those of Obama's picture."""
    obama = grade_plate(portraits.obama_standing, grade=Grade(0.1, contrast=1.02))
    biden = grade_plate(portraits.biden_standing, grade=Grade(0.05, contrast=0.97, shadows=(0.0, 0.0, 0.012)))
    return (
        Layer(portraits.blue_room, stay(-720, -130, scale=1.45), parallax=0.85),
        Layer(biden, stay(-620, 70, scale=0.93), parallax=0.97),
        Layer(obama, stay(0, 0)),
    )


def two_shot(portraits: Portraits) -> ShotSpec:
    """Both men side by side."""
    return ShotSpec(
        "two_shot",
        frames=96,
        layers=_room_layers(portraits),
        camera=CameraMove("push_in", View(310, 630, 1780), View(330, 590, 1560)),
        grade=INTERIOR,
        texts=(subtitle("And then everybody looks the same way.", start_frame=16, end_frame=86),),
    )


def whip_between(portraits: Portraits) -> ShotSpec:
    """From one face to the other in a third of a second."""
    return ShotSpec(
        "whip",
        frames=60,
        layers=_room_layers(portraits),
        camera=CameraMove(
            "whip",
            View(-60, 470, 860),
            View(760, 490, 860),
            ease=whip(0.42, 0.56),
            shake=Shake(0.003),
        ),
        grade=INTERIOR,
    )
