"""The demo film's shots of places and things."""

import math

import numpy as np

from ava.render.camera import CameraMove, Shake, View, ease_out, hold, linear
from ava.render.demo_lettering import credits_roll, lower_third, subtitle, title
from ava.render.demo_pictures import DemoPictures
from ava.render.drawn import add_stars, draw_glow, draw_gradient, draw_smoke, draw_world
from ava.render.grade import Grade, grade_plate
from ava.render.layer import Layer, Pose, PoseAt, stay
from ava.render.plate import Plate, scale_plate
from ava.render.shot import ShotSpec, ramp

DUSK = Grade(exposure_stops=0.25, contrast=1.12, saturation=1.05, shadows=(-0.01, 0.0, 0.025))
WARM = Grade(contrast=1.08, saturation=0.95, shadows=(0.0, 0.005, 0.015), highlights=(0.02, 0.0, -0.03))
SPACE = Grade(exposure_stops=-0.45, contrast=1.15, shadows=(0.0, 0.0, 0.01))


def enlarged(plate: Plate, *, factor: float = 2.0, sharpen_unit: float = 0.55) -> Layer:
    """A plate as the ground of a scene whose pixels are the plate's own, drawn from an enlarged copy."""
    return Layer(scale_plate(plate, factor=factor, sharpen_unit=sharpen_unit), stay(scale=1 / factor))


def stars(pictures: DemoPictures) -> ShotSpec:
    """Opening: deep space, slowly nearer, and the title."""
    return ShotSpec(
        "stars",
        frames=108,
        layers=(enlarged(pictures.stars),),
        camera=CameraMove("push_in", View(500, 430, 960), View(520, 420, 780), ease=linear),
        grade=SPACE,
        texts=(title("NIGHT LAUNCH", "a very short film", start_frame=38, end_frame=102),),
    )


def moon(pictures: DemoPictures) -> ShotSpec:
    """The moon over black, drifting by."""
    rng = np.random.default_rng(11)
    sky = add_stars(draw_gradient(width=1800, height=1012, top=(3, 4, 9), bottom=(8, 10, 20)), count=420, rng=rng)
    surface = grade_plate(pictures.moon, grade=Grade(0.35, contrast=1.7, highlights=(0.02, 0.0, -0.02)))
    ball = draw_world(surface.rgb, diameter_px=760, light=(0.75, -0.35, 0.45), air=(30, 34, 40))
    return ShotSpec(
        "moon",
        frames=72,
        layers=(Layer(Plate(sky), parallax=0.5), Layer(ball, stay(620, 150))),
        camera=CameraMove("pan", View(820, 506, 1420), View(1010, 520, 1420), ease=linear),
        texts=(subtitle("Twenty minutes before dawn.", start_frame=12, end_frame=66),),
    )


def pad(pictures: DemoPictures) -> ShotSpec:
    """The pad at dusk, tilting up along the rocket."""
    return ShotSpec(
        "pad",
        frames=84,
        layers=(enlarged(pictures.pad),),
        camera=CameraMove("tilt", View(330, 312, 400), View(322, 176, 470)),
        grade=DUSK,
        texts=(lower_third("Launch Complex", "T minus twenty minutes", start_frame=16, end_frame=76),),
    )


def coffee(pictures: DemoPictures) -> ShotSpec:
    """A cup on a table, held by hand."""
    return ShotSpec(
        "coffee",
        frames=60,
        layers=(enlarged(pictures.coffee),),
        camera=CameraMove("handheld", View(318, 196, 520), View(338, 188, 480), ease=linear, shake=Shake(0.006)),
        grade=WARM,
        texts=(subtitle("Someone always makes coffee.", start_frame=8, end_frame=52),),
    )


def motorcycle(pictures: DemoPictures) -> ShotSpec:
    """A garage, panning along a motorcycle."""
    return ShotSpec(
        "motorcycle",
        frames=60,
        layers=(enlarged(pictures.motorcycle),),
        camera=CameraMove("pan", View(250, 260, 440), View(500, 268, 440)),
        grade=Grade(-0.2, contrast=1.12, saturation=0.9, shadows=(0.0, 0.01, 0.03)),
        texts=(subtitle("Nobody takes the road today.", start_frame=8, end_frame=54),),
    )


def cat(pictures: DemoPictures) -> ShotSpec:
    """A cat that comes into focus."""
    return ShotSpec(
        "cat",
        frames=72,
        layers=(enlarged(pictures.cat, factor=3.0),),
        camera=CameraMove("push_in", View(226, 150, 436), View(222, 146, 396), ease=ease_out),
        grade=WARM,
        defocus=ramp(0.016, 0.0, begin_unit=0.25, end_unit=0.6),
        texts=(subtitle("Somebody has to stay at home.", start_frame=14, end_frame=66),),
    )


def cameraman(pictures: DemoPictures) -> ShotSpec:
    """A man at a camera, for installations without the portraits."""
    return ShotSpec(
        "cameraman",
        frames=84,
        layers=(enlarged(pictures.cameraman),),
        camera=CameraMove("push_in", View(256, 180, 500), View(240, 165, 400)),
        grade=Grade(contrast=1.05, shadows=(0.0, 0.01, 0.03), highlights=(0.03, 0.0, -0.04)),
    )


def ignition(pictures: DemoPictures) -> ShotSpec:
    """Light at the pad, smoke, and the rocket rises."""
    frames, fps = 90, 24.0
    rng = np.random.default_rng(5)
    smoke = draw_smoke(width=420, height=220, colour=(232, 186, 146), rng=rng)
    glow = draw_glow(width=512, height=512, colour=(255, 160, 72), sharpness=2.4)
    flame = draw_glow(width=64, height=560, colour=(255, 196, 120), sharpness=1.3)
    rocket = scale_plate(pictures.rocket, factor=2.0, sharpen_unit=0.5)
    return ShotSpec(
        "ignition",
        frames=frames,
        layers=(
            enlarged(pictures.empty_pad),
            Layer(flame, _burn(flame, width=20, strength=1.0, follows=True, hang_unit=0.12), blend="add"),
            Layer(rocket, lambda time_s: Pose(0.0, -_rocket_height(time_s), 0.5)),
            Layer(glow, _burn(glow, width=190, strength=0.5, follows=True), blend="add"),
            Layer(smoke, _billow(305, speed=-34, delay_s=0.9)),
            Layer(smoke, _billow(345, speed=36, delay_s=1.05)),
            Layer(glow, _burn(glow, width=330, strength=0.55, follows=False), blend="add"),
        ),
        camera=CameraMove("handheld", View(322, 282, 420), View(322, 256, 470), shake=Shake(0.0045, 3.0)),
        grade=DUSK,
        exposure=ramp(0.0, 0.2, begin_unit=0.8 / (frames / fps), end_unit=1.6 / (frames / fps)),
        texts=(subtitle("Light first. The sound comes later.", start_frame=30, end_frame=84),),
    )


def _rocket_height(time_s: float) -> float:
    """Pixels of the pad's picture that the rocket has risen."""
    return 26.0 * max(time_s - 1.5, 0.0) ** 2


def _burn(plate: Plate, *, width: float, strength: float, follows: bool, hang_unit: float = 0.5) -> PoseAt:
    """Place a light at the rocket's foot, flickering from the ignition on.

    It rises along when it ``follows``; ``hang_unit`` of its height is above the foot.
    """

    def pose(time_s: float) -> Pose:
        lit = min(max((time_s - 0.8) / 0.5, 0.0), 1.0) * (0.9 + 0.1 * math.sin(61 * time_s))
        scale = width / plate.width
        foot = 405 - (_rocket_height(time_s) if follows else 0.0)
        return Pose(322 - width / 2, foot - plate.height * scale * hang_unit, scale, strength * lit)

    return pose


def _billow(x: float, *, speed: float, delay_s: float) -> PoseAt:
    """Let smoke grow from the pad to the side."""

    def pose(time_s: float) -> Pose:
        age = max(time_s - delay_s, 0.0)
        scale = 0.02 + 0.42 * (1 - math.exp(-0.9 * age))
        return Pose(x + speed * age - 210 * scale, 412 - 150 * scale, scale)

    return pose


def ascent(pictures: DemoPictures) -> ShotSpec:
    """A point of fire that crosses the stars."""
    rng = np.random.default_rng(23)
    sky = draw_gradient(width=1700, height=957, top=(4, 7, 20), bottom=(44, 46, 78))
    sky = add_stars(sky, count=300, rng=rng)
    head = draw_glow(width=220, height=220, colour=(255, 190, 120), sharpness=3.2)
    trail = _draw_trail()

    def climb(size: float, *, back_px: float, light: float) -> PoseAt:
        def pose(time_s: float) -> Pose:
            share = time_s / 3.0
            x, y = 420 + 640 * share - back_px, 700 - 400 * share + back_px * 0.62
            return Pose(x - size / 2, y - size / 2, size / 220, light)

        return pose

    return ShotSpec(
        "ascent",
        frames=74,
        layers=(
            Layer(Plate(sky), parallax=0.6),
            Layer(trail, _follow_trail, blend="add"),
            Layer(head, climb(260, back_px=0, light=0.55), blend="add"),
            Layer(head, climb(90, back_px=0, light=1.0), blend="add"),
        ),
        camera=CameraMove("pan", View(760, 500, 1300), View(900, 440, 1300)),
        grade=Grade(contrast=1.05),
        texts=(subtitle("There.", start_frame=20, end_frame=46),),
    )


def _draw_trail() -> Plate:
    """A streak from lower left to upper right that thins out behind the fire."""
    height, width = 434, 700
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    distance = np.abs(y - x) / (0.006 + 0.03 * (1 - x))
    level = np.exp(-(distance**2)) * x**2.2 * 0.75
    return Plate(np.asarray(np.clip(level[..., None] * np.array([255, 205, 165]), 0, 255), dtype=np.uint8))


def _follow_trail(time_s: float) -> Pose:
    share = time_s / 3.0
    return Pose(420 + 640 * share - 700, 700 - 400 * share, 1.0, 1.0)


def world(pictures: DemoPictures) -> ShotSpec:
    """A red world with the sun behind it, pulling back."""
    rng = np.random.default_rng(31)
    sky = add_stars(draw_gradient(width=1800, height=1012, top=(3, 3, 8), bottom=(10, 6, 12)), count=500, rng=rng)
    inner = pictures.world.rgb[205:1205, 205:1205]
    surface = grade_plate(Plate(inner), grade=Grade(-0.2, contrast=1.5, saturation=0.55))
    ball = draw_world(surface.rgb, diameter_px=1000, light=(-0.8, -0.35, 0.35), air=(255, 150, 110))
    return ShotSpec(
        "world",
        frames=108,
        layers=(Layer(Plate(sky), parallax=0.4), Layer(ball, stay(540, 180))),
        camera=CameraMove("pull_out", View(860, 480, 900), View(840, 506, 1560), ease=ease_out),
        texts=(subtitle("And then it is quiet again.", start_frame=40, end_frame=96),),
    )


def end_credits(pictures: DemoPictures) -> ShotSpec:
    """Names, rolling over a dim sky."""
    cast = ["Eileen Collins", "Barack Obama", "Joe Biden"] if pictures.portraits else ["Eileen Collins"]
    return ShotSpec(
        "credits",
        frames=132,
        layers=(enlarged(pictures.stars, factor=1.0, sharpen_unit=0.0),),
        camera=hold(View(500, 430, 900)),
        grade=Grade(exposure_stops=-3.2, saturation=0.4),
        texts=(credits_roll(cast, start_frame=0, end_frame=132),),
    )
