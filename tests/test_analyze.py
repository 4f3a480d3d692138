"""`manage.py analyze`: the contract that outside tools rely on, without database, queue or server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ava.annotate.base import find_annotators, find_detectors
from ava.render.sample_film import render_test_film

ROOT = Path(__file__).resolve().parent.parent
CUTS = [40, 90, 130, 200]


def analyze(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as on a machine without any service: no database and no queue are known."""
    unknown = ("DATABASE_URL", "REDIS_URL", "AVA_EMBEDDED", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in unknown}
    environment |= {"AVA_HOME": str(home), "AVA_NO_VENV": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", "analyze", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("analyze")
    film = folder / "film.mp4"
    render_test_film(film, seconds=10, cuts=CUTS, width=320, height=180)
    finished = analyze(str(film), "--out", str(folder / "out"), home=folder / "home")
    assert finished.returncode == 0, finished.stderr
    return folder / "out", json.loads((folder / "out" / "result.json").read_text())


def test_the_result_has_the_promised_shape(analysed):
    _, result = analysed
    assert result["schema"] == 1
    assert result["video"] | {"warnings": []} == {
        "file": "film.mp4", "width": 320, "height": 180, "fps": "24/1", "frame_count": 240,
        "duration_s": pytest.approx(10.0), "codec": "h264", "warnings": [],
    }  # fmt: skip
    assert set(result["timing"]) == {"decode_s", "stages", "total_s", "peak_rss_mb"}
    assert result["timing"]["decode_s"] > 0
    assert 50 < result["timing"]["peak_rss_mb"] < 8000  # megabytes; of a process that ran other tests before


def test_shots_cover_the_film_and_begin_at_the_known_cuts(analysed):
    _, result = analysed
    shots = result["shots"]
    assert [shot["start_frame"] for shot in shots] == [0, *CUTS]
    assert [shot["end_frame"] for shot in shots] == [*CUTS, 240]
    assert [shot["transition"] for shot in shots] == ["start", "cut", "cut", "cut", "cut"]


def test_a_film_without_sound_says_so_and_its_shots_tell_of_none(analysed):
    _, result = analysed
    assert result["sound"] == {"loudness_lufs": None, "notes": ["The film has no sound."]}
    assert [shot["sound"] for shot in result["shots"]] == [None] * 5


def test_stills_are_ranked_explained_and_written_in_full_size(analysed):
    out, result = analysed
    stills = result["stills"]
    assert [still["rank"] for still in stills] == list(range(1, len(stills) + 1))
    assert {still["shot"] for still in stills} == {0, 1, 2, 3, 4}
    for still in stills:
        shot = result["shots"][still["shot"]]
        assert shot["start_frame"] <= still["frame_index"] < shot["end_frame"]
        assert all(0 <= value <= 1 for value in still["explanation"].values())
        with Image.open(out / still["image"]) as picture:
            assert picture.size == (320, 180)


def test_every_signal_of_every_frame_and_the_score_are_in_the_annotations(analysed):
    out, _ = analysed
    with np.load(out / "annotations.npz") as annotations:
        names = {f"{each.name}.{column}" for each in find_annotators() for column in each.columns}
        sampled = {
            f"{each.name}.{column}"
            for each in find_detectors()
            if not each.weights
            for column in each.frame_columns
        }
        people = {"people.prominence", "people.expression"}
        assert set(annotations.files) == names | sampled | people | {"candidate.score"}
        assert all(annotations[name].shape == (240,) for name in annotations.files)
        score = annotations["candidate.score"]
    assert not np.isnan(score).any()
    assert score.min() >= 0 and score.max() <= 1


def test_pixel_errors_are_looked_for_in_the_same_decode(analysed):
    _, result = analysed
    assert result["timing"]["stages"]["pixel"] > 0
    for flag in result["pixel_flags"]:
        assert set(flag) == {"frame_index", "x", "y", "confidence", "kind"}
        assert -0.5 <= flag["x"] < 320 and -0.5 <= flag["y"] < 180
        assert flag["kind"] == "hot", "nothing in it is stuck"


def test_what_is_unavailable_is_named_with_its_remedy(analysed):
    _, result = analysed
    lacking = [each.name.replace("_", " ") for each in find_detectors() if each.weights]
    whats = [each["what"] for each in result["unavailable"]]
    assert whats == ["second look at doubtful shot boundaries", *lacking, "characters"]
    assert result["characters"] == result["interactions"] == []
    assert all("manage.py models" in each["why"] for each in result["unavailable"])
    assert "manage.py models fetch transnetv2" in result["unavailable"][0]["why"]


def test_shots_alone_can_be_asked_for(tmp_path: Path):
    film = tmp_path / "film.mp4"
    render_test_film(film, seconds=3)
    finished = analyze(str(film), "--out", str(tmp_path / "out"), "--stages", "shots", "--json", home=tmp_path)
    result = json.loads(finished.stdout)
    assert len(result["shots"]) == 3
    assert result["stills"] == []
    assert "characters" not in result, "nobody looked for any"
    assert "pixel_flags" not in result and "sound" not in result


def test_bad_input_gets_a_sentence_and_leaves_no_result(tmp_path: Path):
    text = tmp_path / "letter.mp4"
    text.write_text("Dear editor, " * 50)
    for arguments, expected in (
        ((str(text),), "letter.mp4 is a text file, not a film"),
        ((str(tmp_path / "no.mp4"),), "There is no file"),
        ((str(text), "--stages", "shots,magic"), "unknown stage 'magic'"),
    ):
        finished = analyze(*arguments, "--out", str(tmp_path / "out"), home=tmp_path)
        assert finished.returncode != 0
        assert expected in finished.stderr
        assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out" / "result.json").exists()
