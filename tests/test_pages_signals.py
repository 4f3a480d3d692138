"""Signals and frames in words: names, units and scales of all that is measured, and what a frame is told to show."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from ava.annotate.shot_inspection import columns_of
from ava.detectors import detector_versions
from ava.frame_findings import describe_frame
from ava.models import Detection, Inspection, Shot, WorkState
from ava.packing import pack_integers, pack_values
from ava.signal_names import GROUPS, OTHER, SignalName, group_signals, name_signals
from ava.signals import known_columns
from curation.frame_facts import frame_facts
from curation.palette_facts import Swatch, read_palette
from tests.world import World, make_world


def test_every_signal_that_makes_sense_alone_has_a_name_and_says_what_it_tells() -> None:
    names = name_signals(known_columns())
    assert [name.column for name in names if name.group == OTHER or not name.about] == []
    assert len({name.label for name in names}) == len(names), "no two are called the same"
    assert {name.group for name in names} == set(GROUPS) - {OTHER}


def test_pieces_of_a_row_are_left_out_and_what_is_new_reads_as_its_own_words() -> None:
    names = name_signals(["palette.red_1", "signature.luma_07", "new.thing_measured"])
    assert [(name.column, name.label, name.group) for name in names] == [
        ("new.thing_measured", "Thing measured", OTHER)
    ]


def test_groups_keep_every_signal_once_in_the_order_people_look_for_them() -> None:
    names = name_signals(known_columns())
    groups = group_signals(names)
    assert [group.label for group in groups] == [label for label in GROUPS if label != OTHER]
    assert sorted(name.column for group in groups for name in group.signals) == sorted(name.column for name in names)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (SignalName("a.b", ""), 0.41999, "0.42"),
        (SignalName("a.b", ""), -0.00001, "0"),
        (SignalName("a.b", "", unit="%"), 0.1249, "12.5 %"),
        (SignalName("a.b", "", unit="°"), -7.3, "−7°"),
        (SignalName("a.b", "", unit="K"), 5612, "5,612 K"),
        (SignalName("a.b", "", is_count=True), 2.0, "2"),
    ],
)
def test_a_value_is_written_with_its_unit(name: SignalName, value: float, text: str) -> None:
    assert name.write(value) == text


def test_a_scale_is_told_in_the_values_own_numbers() -> None:
    assert SignalName("a.b", "", unit="%", low=0, high=1).scale == "0–1"
    assert SignalName("a.b", "", unit="°", low=-90, high=90).scale == "−90 to 90°"
    assert SignalName("a.b", "", unit="K", low=2000, high=12_500).scale == "2,000–12,500 K"
    assert SignalName("a.b", "").scale == ""


# --- a frame in words ----------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    world = make_world("home")
    world.video.inspections.all().delete()
    return world


def look(world: World, detector: str, *, frame: int, rows: list[dict[str, float]], words: tuple[str, ...] = ()) -> None:
    """What a detector found in one frame."""
    inspection, _ = Inspection.objects.get_or_create(
        video=world.video, index=0, start_frame=0, end_frame=100, state=WorkState.DONE,
        looks=pack_integers(np.array([frame])),
    )  # fmt: skip
    columns = columns_of(detector)
    values = np.array([[row.get(name, np.nan) for name in columns] for row in rows], dtype=np.float32)
    Detection.objects.create(
        inspection=inspection, detector=detector, version=detector_versions().get(detector, 1), columns=list(columns),
        frames=pack_integers(np.full(len(rows), frame)), values=pack_values(values), words=list(words),
    )  # fmt: skip


BOX = {"x0": 10, "y0": 10, "x1": 60, "y1": 80, "score": 0.9}


@pytest.mark.django_db
def test_what_was_not_looked_at_is_not_told_as_absent(world: World) -> None:
    facts = frame_facts(world.video, 5)
    assert (facts.looked_at, facts.nearest_look, facts.scale, facts.faces) == (False, None, "", [])
    look(world, "faces", frame=40, rows=[BOX])
    facts = frame_facts(world.video, 5)
    assert (facts.looked_at, facts.nearest_look) == (False, 40)
    client = Client()
    client.force_login(world.editor)
    html = client.get(reverse("stills", args=[world.title.pk]) + "?still=5").content.decode()
    assert "This frame was not looked at closely" in html
    assert "<dt>Faces</dt>" not in html
    html = client.get(reverse("stills", args=[world.title.pk]) + "?still=40").content.decode()
    assert "<dt>Faces</dt>" in html


@pytest.mark.django_db
def test_a_shots_scale_and_camera_are_told_with_how_sure_they_are(world: World) -> None:
    Shot.objects.update(scale="close_up", scale_confidence=0.714, camera="tilt", camera_confidence=None)
    facts = frame_facts(world.video, 5)
    assert (facts.scale, facts.camera) == ("Close-up, 71 % sure", "Tilt")


@pytest.mark.django_db
def test_a_faces_landmarks_are_told_in_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = detector_versions() | {"face_mesh": 1}
    monkeypatch.setattr("ava.findings.detector_versions", lambda: versions)
    look(world, "faces", frame=40, rows=[BOX, BOX, BOX])
    level = {"mesh_score": 1, "eyes_open": 0.9, "mouth_open": 0.1, "smile": 0.8, "brows_raised": 0.2}
    meshes = [
        level | {"yaw_deg": 32, "pitch_deg": -12, "roll_deg": 3},
        level | {"eyes_open": 0.2, "smile": 0.1, "yaw_deg": -75, "pitch_deg": 2, "roll_deg": 0},
        {"mesh_score": 0.1},
    ]
    look(world, "face_mesh", frame=40, rows=meshes)
    first, second, third = frame_facts(world.video, 40).faces
    assert (first.expression, first.pose) == ("smiling, eyes open", "turned right 32°, looking down 12°")
    assert (second.expression, second.pose) == ("eyes closed", "in profile to the left")
    assert (third.expression, third.pose) == ("", "")


@pytest.mark.django_db
def test_delicate_content_is_told_with_its_probability_only_where_it_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = describe_frame(world.video, 5)
    kinds = {"nudity": {"probability": 0.126, "why": ""}, "violence": {"probability": None, "why": "No classifier."}}
    monkeypatch.setattr("curation.frame_facts.describe_frame", lambda *_: found | {"maturity": kinds})
    facts = frame_facts(world.video, 5)
    assert (facts.maturity, facts.unknown) == (["nudity 13 %"], [("violence", "No classifier.")])


@pytest.mark.django_db
def test_a_missing_model_is_named_with_the_way_to_it(world: World, settings, tmp_path) -> None:
    settings.AVA_WEIGHTS_DIR = tmp_path / "no weights"
    client = Client()
    client.force_login(world.editor)
    html = client.get(reverse("stills", args=[world.title.pk]) + "?still=12").content.decode()
    assert "Not available here:" in html
    maturity = html.partition("<dt>Maturity</dt>")[2].partition("</dd>")[0]
    assert "Not known: nudity, text, logos, violence" in maturity
    assert "nudenet" in maturity
    assert "%" not in maturity
    assert "models fetch face-landmarks" in html


def test_the_palette_of_a_still_has_names_and_leaves_out_what_is_hardly_there() -> None:
    colours = {1: (0.9, 0.1, 0.1, 0.6), 2: (0.05, 0.05, 0.06, 0.3), 3: (0.1, 0.2, 0.8, 0.01)}
    signals = {
        f"palette.{part}_{rank}": value
        for rank, values in colours.items()
        for part, value in zip(("red", "green", "blue", "share"), values, strict=True)
    }
    assert read_palette(signals) == [Swatch("#e61a1a", "red", 60), Swatch("#0d0d0f", "black", 30)]
    assert read_palette({}) == []
