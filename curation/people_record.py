"""What one action changes in a cast: written in bulk, and remembered so that it can be taken back.

Actions on one scope are taken one after the other, so that two editors at once lose nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Func, Model, Value

from ava.models import Title, User
from ava.turns import take_turn
from curation.models import Character, Difference, Face, FaceClaim, FaceTrack, PeopleAction

TABLES: dict[str, type[Model]] = {
    "character": Character,
    "track": FaceTrack,
    "face": Face,
    "claim": FaceClaim,
    "difference": Difference,
}

Place = tuple[int, int, float, float, float, float]
"""Where a track is found again when an analysis has replaced its row: video, frame and box of one of its faces."""


class Unit(NamedTuple):
    """What is taken back as one: a field of a character, or a whole row of another table (`field` is empty)."""

    table: str
    pk: int
    field: str


class Change(NamedTuple):
    """What the fields of a unit were before an action and what they are since."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    place: Place | None


class Record:
    """One action while it is made. It begins with the scope's turn, which lasts until the transaction ends."""

    def __init__(self, scope: Title, *, user: User, kind: str, undoes: PeopleAction | None = None) -> None:
        take_turn(scope)
        self.action = PeopleAction.objects.create(scope=scope, user=user, kind=kind, undoes=undoes)

    def change(
        self, table: str, pks: Sequence[int], *, places: Sequence[Place | None] | None = None, **after: Any
    ) -> None:
        """Give rows new values: one for all of them, or a list with one for each."""
        before = read_rows(table, pks, fields=list(after)) if pks else {}
        there = [index for index, pk in enumerate(pks) if pk in before]
        if not there:
            return
        given = {
            name: [value[index] for index in there] if isinstance(value, list) else value
            for name, value in after.items()
        }
        write_rows(table, list(before), columns=given)
        entry = {
            "table": table,
            "pks": list(before),
            "before": {name: [row[name] for row in before.values()] for name in after},
            "after": given,
        }
        self.remember(entry | ({"places": [places[index] for index in there]} if places else {}))

    def add(self, table: str, **columns: Any) -> None:
        """Make rows that stand from now on, each column one value for all of them or a list with one for each."""
        pks = insert_rows(table, columns=columns | {"action": self.action.pk, "stands": True})
        if pks:
            self.remember({"table": table, "pks": pks, "before": {"stands": False}, "after": {"stands": True}})

    def remember(self, entry: dict[str, Any]) -> None:
        """Add a change that was made elsewhere, such as a cut."""
        self.action.changes.append(entry)

    def finish(self, sentence: str) -> PeopleAction:
        self.action.sentence = sentence
        self.action.save(update_fields=["sentence", "changes"])
        return self.action



def changed_units(action: PeopleAction) -> dict[Unit, Change]:
    """Everything that an action changed but its cuts; of a unit that it changed twice, from the first to the last."""
    units: dict[Unit, Change] = {}
    for entry in action.changes:
        for unit, change in _read_entry(entry):
            earlier = units.get(unit)
            if earlier:
                change = Change({**change.before, **earlier.before}, {**earlier.after, **change.after}, earlier.place)
            units[unit] = change
    return units


def _read_entry(entry: Mapping[str, Any]) -> Iterator[tuple[Unit, Change]]:
    if entry["table"] not in TABLES:
        return
    fields, by_field = list(entry["before"]), entry["table"] == "character"
    for index, pk in enumerate(entry["pks"]):
        place = tuple(entry["places"][index]) if entry.get("places") and entry["places"][index] else None
        for names in [[name] for name in fields] if by_field else [fields]:
            before = {name: _pick(entry["before"][name], index) for name in names}
            after = {name: _pick(entry["after"][name], index) for name in names}
            yield Unit(entry["table"], pk, names[0] if by_field else ""), Change(before, after, place)


def _pick(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) else values


def among(pks: Collection[int]) -> Func:
    """For `pk__in` of thousands of rows: one parameter in place of as many as there are rows."""
    return Func(Value(list(pks)), template="(SELECT unnest(%(expressions)s::bigint[]))")


def read_rows(table: str, pks: Sequence[int], *, fields: Sequence[str]) -> dict[int, dict[str, Any]]:
    """The named fields of the rows that exist, in the order asked for."""
    rows = TABLES[table]._default_manager.filter(pk__in=among(pks)).order_by().values_list("pk", *fields)
    found = {row[0]: dict(zip(fields, row[1:], strict=True)) for row in rows}
    return {pk: found[pk] for pk in pks if pk in found}


def write_rows(table: str, pks: Sequence[int], *, columns: Mapping[str, Any]) -> None:
    """Give rows new values in one statement: a column is one value for all of them or a list with one for each."""
    if not pks:
        return
    name, fields, values = _describe_columns(table, columns)
    sets = ", ".join(f"{field} = {value}" for field, value in zip(fields, values, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {name} AS row SET {sets} FROM {_given(columns, with_pk=True)} WHERE row.id = given.pk",  # noqa: S608
            [list(pks), *_as_texts(columns, rows=len(pks))],
        )


def insert_rows(table: str, *, columns: Mapping[str, Any]) -> list[int]:
    """Make rows in one statement, from columns as in `write_rows`, at least one of them a list; their numbers."""
    rows = next(len(value) for value in columns.values() if isinstance(value, list))
    name, fields, values = _describe_columns(table, columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name} ({', '.join(fields)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM {_given(columns)} RETURNING id",
            _as_texts(columns, rows=rows),
        )
        return [pk for (pk,) in cursor.fetchall()]


def _describe_columns(table: str, columns: Mapping[str, Any]) -> tuple[str, list[str], list[str]]:
    """The quoted names of a table and its columns, and their values out of `_given`; all from the models alone."""
    model, quote = TABLES[table], connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in columns]
    values = [f"given.value{index}::{field.db_type(connection)}" for index, field in enumerate(fields)]
    return quote(model._meta.db_table), [quote(field.column) for field in fields], values


def _given(columns: Mapping[str, Any], *, with_pk: bool = False) -> str:
    arrays = ["%s::bigint[]"] * with_pk + ["%s::text[]"] * len(columns)
    names = ["pk"] * with_pk + [f"value{index}" for index in range(len(columns))]
    return f"unnest({', '.join(arrays)}) AS given({', '.join(names)})"


def _as_texts(columns: Mapping[str, Any], *, rows: int) -> list[list[str | None]]:
    spread = [value if isinstance(value, list) else [value] * rows for value in columns.values()]
    return [[None if value is None else str(value) for value in values] for values in spread]
