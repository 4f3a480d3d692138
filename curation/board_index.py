"""What the board's script knows of a film's stills, in pieces that 100,000 of them fit into.

Every piece holds one value a still, in the order of their frames, and says in "of" which stills these are: pieces
that say different things do not belong together. The board starts with `index_core`; `index_facts` and
`index_columns` come when something asks for them. Postgres writes the values as JSON, since reading as many rows into
Python and writing them out again takes ten times as long.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ava.models import Video
from curation.still_facts import FACETS, WORD_RULES, FactTest
from curation.still_people import cast_json

_COLUMN = re.compile(r"[a-z0-9_]{1,40}\.[a-z0-9_]{1,40}", re.ASCII)
_ROWS = "(SELECT * FROM curation_still WHERE video_id = %s ORDER BY frame_index) still"
_OF = "count(*) || '.' || coalesce(max(id), 0) || '.' || coalesce(sum(frame_index::bigint), 0)"
_STEP = "({0} - lag({0}, 1, 0) OVER (ORDER BY still.frame_index))::text"
_CORE = {
    "frame_steps": "frame_step",
    "id_steps": "id_step",
    "rank": "rank::text",
    "shot": "coalesce((shot_index + 1)::text, '0')",
    "provisional": "provisional::int::text",
    "timecode": "to_json(timecode)::text",
}


def index_core(video: Video, *, order: NDArray[np.int64] | None) -> str:
    """JSON of what places and names every still, and of what people said; `order` are frames, best first.

    "frame_steps" and "id_steps" hold differences to the one before, which are short. Without an order, and for
    stills that it does not name, the rank is the one of the analysis.
    """
    sums = ", ".join(f"string_agg({value}, ',' ORDER BY frame_index)" for value in _CORE.values())
    rows = f"""
        SELECT still.*, {_STEP.format("still.frame_index")} AS frame_step, {_STEP.format("still.id")} AS id_step,
               shot.index AS shot_index
        FROM curation_still still LEFT JOIN ava_shot shot ON shot.id = still.shot_id WHERE still.video_id = %s
    """  # noqa: S608 (constants)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_OF}, {sums} FROM ({rows}) still", [video.pk])  # noqa: S608 (constants)
        of, *written = cursor.fetchone()
    members = {name: f"[{values or ''}]" for name, values in zip(_CORE, written, strict=True)}
    if order is not None:
        members["rank"] = _ranks_json(members, order=order)
    fixed = {"of": of, "video": video.pk, "cast": cast_json(video), "decided": _decided(video)}
    fixed["facets"] = [{"name": facet.name, "needs_all": facet.needs_all, "values": facet.values} for facet in FACETS]
    return _json_object({name: json.dumps(value) for name, value in fixed.items()} | members)


def _ranks_json(members: Mapping[str, str], *, order: NDArray[np.int64]) -> str:
    frames = np.cumsum(np.array(json.loads(members["frame_steps"]), dtype=np.int64))
    ranks = np.array(json.loads(members["rank"]), dtype=np.int64) + len(order)
    places = np.searchsorted(frames, order)
    known = (places < len(frames)) & (frames[np.minimum(places, len(frames) - 1)] == order) if len(frames) else []
    ranks[places[known]] = np.arange(1, len(order) + 1)[known]
    ranks[np.argsort(ranks, kind="stable")] = np.arange(1, len(ranks) + 1)
    return json.dumps(ranks.tolist(), separators=(",", ":"))


def _decided(video: Video) -> list[list[Any]]:
    """Frame, verdict, stars, and who said so, of every frame that has any."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT said.frame_index, said.verdict, said.stars, ava_user.username FROM (
                SELECT DISTINCT ON (frame_index) frame_index, verdict, stars, user_id
                FROM curation_decision WHERE video_id = %s ORDER BY frame_index, id DESC
            ) said JOIN ava_user ON ava_user.id = said.user_id WHERE said.verdict <> '' OR said.stars > 0
            """,
            [video.pk],
        )
        return [list(row) for row in cursor.fetchall()]


def index_facts(video: Video) -> str:
    """JSON of which answers to the facets' questions each still gives, and which words and people it earns.

    A still's answers to one facet, and its words, are the bits of one number: the lowest is the first choice's.
    "people" holds frames with the characters in them, and 0 for a face that nobody has recognised.
    """
    tests = {facet.name: [choice.test for choice in facet.choices] for facet in FACETS}
    tests["words"] = [rule.test for rule in WORD_RULES]
    asked = [test for group in tests.values() for test in group]
    values: list[Any] = []
    sums = [f"string_agg(({_bits_sql(group, values)})::text, ',' ORDER BY frame_index)" for group in tests.values()]
    query = f"""
        SELECT {_OF}, {", ".join(sums)} FROM {_ROWS} LEFT JOIN ava_shot shot ON shot.id = still.shot_id
        {_record("signals", asked)} {_record("explanation", asked)}
    """.replace("max(id)", "max(still.id)")  # noqa: S608 (constants)
    with connection.cursor() as cursor:
        cursor.execute(query, [*values, video.pk])
        of, *written = cursor.fetchone()
    bits = _json_object({name: f"[{numbers or ''}]" for name, numbers in zip(tests, written, strict=True)})
    fixed = {"of": of, "words": [rule.word for rule in WORD_RULES], "people": _people(video)}
    return _json_object({name: json.dumps(value) for name, value in fixed.items()} | {"bits": bits})


def _bits_sql(tests: Collection[FactTest], values: list[Any]) -> str:
    """One number of what a still passes; the bounds go to `values`."""
    cases = (f"CASE WHEN {_test_sql(test, values)} THEN {1 << bit} ELSE 0 END" for bit, test in enumerate(tests))
    return " + ".join(cases)


def _test_sql(test: FactTest, values: list[Any]) -> str:
    if test.source == "shot":
        values.append(test.equals)
        return f"shot.{connection.ops.quote_name(test.name)} = %s"
    name = f"{_ALIASES[test.source]}.{connection.ops.quote_name(test.name)}"
    bounds = {f"{name} >= %s": test.at_least, f"{name} < %s": test.below}
    values.extend(bound for bound in bounds.values() if bound is not None)
    return " AND ".join(sql for sql, bound in bounds.items() if bound is not None)


_ALIASES = {"signals": "measured", "parts": "judged"}


def _record(field: str, tests: Collection[FactTest]) -> str:
    """A join that takes members out of a JSON field all at once: one by one, each would unpack the field again."""
    source = {"signals": "signals", "explanation": "parts"}[field]
    names = sorted({test.name for test in tests if test.source == source})
    columns = ", ".join(f"{connection.ops.quote_name(name)} float8" for name in names)
    return f"CROSS JOIN LATERAL jsonb_to_record(still.{field}) AS {_ALIASES[source]}({columns})"


def _people(video: Video) -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT face.frame_index, array_agg(DISTINCT coalesce(track.character_id, 0))
            FROM curation_facetrack track JOIN curation_face face ON face.track_id = track.id
            JOIN curation_still still ON still.video_id = track.video_id AND still.frame_index = face.frame_index
            WHERE track.video_id = %s AND track.is_face AND NOT track.is_static
            GROUP BY face.frame_index ORDER BY face.frame_index
            """,
            [video.pk],
        )
        return [list(row) for row in cursor.fetchall()]


def index_columns(video: Video, names: Collection[str]) -> str:
    """JSON of what was measured, null where it was not, by "annotator.column"; at most `MOST_COLUMNS` are read."""
    wanted = sorted({name for name in names if _COLUMN.fullmatch(name)})[:MOST_COLUMNS]
    quoted = [connection.ops.quote_name(name) for name in wanted]
    sums = "".join(f", string_agg(coalesce(measured.{name}, 'null'), ',' ORDER BY frame_index)" for name in quoted)
    columns = ", ".join(f"{name} text" for name in quoted)
    record = f"CROSS JOIN LATERAL jsonb_to_record(still.signals) AS measured({columns})" if quoted else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_OF}{sums} FROM {_ROWS} {record}", [video.pk])  # noqa: S608 (of _COLUMN and constants)
        of, *written = cursor.fetchone()
    found = {name: f"[{numbers or ''}]" for name, numbers in zip(wanted, written, strict=True)}
    return _json_object({"of": json.dumps(of), "signals": _json_object(found)})


MOST_COLUMNS = 24
"""Of one piece; a board that needs more asks again."""


def _json_object(members: Mapping[str, str]) -> str:
    """A JSON object of members that are JSON already."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
