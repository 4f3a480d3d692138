"""What one action changes in a cast: written in bulk, and remembered so that it can be taken back.

Actions on one scope are taken one after the other, so that two editors at once lose nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from ava.models import Title, User
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
        before = read_rows(table, pks, fields=list(after))
        there = [index for index, pk in enumerate(pks) if pk in before]
        if not there:
            return
        columns = {
            name: [value[index] if isinstance(value, list) else value for index in there]
            for name, value in after.items()
        }
        write_rows(table, list(before), columns=columns)
        entry = {
            "table": table,
            "pks": list(before),
            "before": {name: [row[name] for row in before.values()] for name in after},
            "after": columns,
        }
        self.action.changes.append(entry | ({"places": [places[index] for index in there]} if places else {}))

    def remember(self, entry: dict[str, Any]) -> None:
        """Add a change that was made elsewhere, such as a cut."""
        self.action.changes.append(entry)

    def finish(self, sentence: str) -> PeopleAction:
        self.action.sentence = sentence
        self.action.save(update_fields=["sentence", "changes"])
        return self.action


def take_turn(scope: Title) -> None:
    """Hold the scope's row until the transaction ends; readers and rows that refer to it do not wait."""
    Title.objects.select_for_update(no_key=True).values_list("pk").get(pk=scope.pk)


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
            before = {name: entry["before"][name][index] for name in names}
            after = {name: entry["after"][name][index] for name in names}
            yield Unit(entry["table"], pk, names[0] if by_field else ""), Change(before, after, place)


def read_rows(table: str, pks: Sequence[int], *, fields: Sequence[str]) -> dict[int, dict[str, Any]]:
    """The named fields of the rows that exist, in the order asked for."""
    rows = TABLES[table]._default_manager.filter(pk__in=pks).order_by().values_list("pk", *fields)
    found = {row[0]: dict(zip(fields, row[1:], strict=True)) for row in rows}
    return {pk: found[pk] for pk in pks if pk in found}


def write_rows(table: str, pks: Sequence[int], *, columns: Mapping[str, Sequence[Any]]) -> None:
    """Give each row its own values, in one statement for all of them."""
    if not pks:
        return
    model, quote = TABLES[table], connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in columns]
    given = [[None if value is None else str(value) for value in values] for values in columns.values()]
    sets = ", ".join(
        f"{quote(field.column)} = given.value{index}::{field.db_type(connection)}" for index, field in enumerate(fields)
    )
    names = ", ".join(f"value{index}" for index in range(len(fields)))
    arrays = ", ".join(["%s::bigint[]", *["%s::text[]"] * len(fields)])
    with connection.cursor() as cursor:
        # Names come from the models alone; values are parameters.
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS row SET {sets} "  # noqa: S608
            f"FROM unnest({arrays}) AS given(pk, {names}) WHERE row.id = given.pk",
            [list(pks), *given],
        )
