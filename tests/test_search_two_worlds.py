"""Numbers of another team's things in queries, forms and bodies: answered as numbers of nothing, without a trace."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from search import models
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

NOTHING = 987_654
MARK = "zz-yy"  # the hyphen keeps it out of random tokens

Ask = Callable[[Client, World, Callable[[str], int]], HttpResponse]


def _post(address: str, **fields: Any) -> Ask:
    """A form whose `{…}` are filled with numbers: of one's own `own_…`, and of whatever is asked about."""
    return lambda client, own, of: client.post(
        _fill(address, own, of), {name: _fill(value, own, of) for name, value in fields.items()},
        headers={"Accept": "application/json"},
    )  # fmt: skip


def _json(address: str, body: Any, *, method: str = "post") -> Ask:
    return lambda client, own, of: getattr(client, method)(
        _fill(address, own, of), _fill(json.dumps(body), own, of), content_type="application/json"
    )


def _get(address: str) -> Ask:
    return lambda client, own, of: client.get(_fill(address, own, of))


def _fill(text: str, own: World, of: Callable[[str], int]) -> str:
    def number(match: re.Match[str]) -> str:
        name = match[1]
        return str(getattr(own, name[4:]).pk if name.startswith("own_") else of(name))

    return re.sub(r"<(\w+)>", number, text)


ASKED: dict[str, Ask] = {
    "like a shot": _get("/api/search/?like=shot:<video>:10"),
    "like a still": _get("/api/search/?like=still:<still>"),
    "of a title": _get("/api/search/?q=description&title=<title>"),
    "with an attribute": _get("/api/search/?q=description&attribute=<attribute>"),
    "page like a shot": _get("/search/?like=shot:<video>:10"),
    "page of a title": _get("/search/?q=description&title=<title>&attribute=<attribute>&saved=<saved_search>&new=1"),
    "keep a search": _post("/search/saved/save/", name="kept", query="like=shot:<video>:10&title=<title>"),
    "collect": _post("/search/collect/", reel="new:<own_team>", clip="<video>:0:10"),
    "collect into a reel": _post("/search/collect/", reel="<reel>", clip="<own_video>:0:10"),
    "collect into a team's new reel": _post("/search/collect/", reel="new:<team>", clip="<own_video>:0:10"),
    "make a reel for a team": _post("/reels/", team="<team>", name="theirs"),
    "make a reel of a film": _post("/reels/", team="<own_team>", name="mine", clip="<video>:0:10"),
    "put a film into a reel": _post("/reels/<own_reel>/do/", action="add", clip="<video>:0:10"),
    "trim a clip": _post("/reels/<own_reel>/do/", action="trim", number="<clip>", **{"in": "3"}),
    "put before a clip": _post("/reels/<own_reel>/do/", action="add", clip="<own_video>:0:9", before="<clip>"),
    "make an attribute": _post("/attributes/new/", team="<team>", name="theirs"),
    "list attributes of a team": _get("/attributes/?team=<team>"),
    "say of a shot": _post("/attributes/<own_attribute>/say/", yes="<video>:0:10"),
    "teach on a film": _get("/attributes/<own_attribute>/?video=<video>"),
    "take a label back": _post("/videos/<own_video>/labels/<shot_label>/take-back/"),
    "train from": _post("/search/encoders/train/", parent="<encoder>"),
    "api: make an attribute": _json("/api/attributes/", {"team": "<team>", "name": "theirs"}),
    "api: say": _json(
        "/api/attributes/<own_attribute>/examples/",
        {"has_it": True, "shots": [{"video": "<video>", "start_frame": 0, "end_frame": 9}]},
    ),
    "api: guesses of a film": _get("/api/attributes/<own_attribute>/guesses/?video=<video>"),
    "api: shots of a film": _get("/api/attributes/<own_attribute>/shots/?video=<video>"),
    "api: lines of a film": _get("/api/dialogue-lines/?video=<video>"),
    "api: labels of a film": _get("/api/shot-labels/?video=<video>"),
    "api: label": _json("/api/shot-labels/", {"video": "<video>", "start_frame": 0, "end_frame": 9, "text": "mine"}),
    "api: reels of a team": _get("/api/reels/?team=<team>"),
    "api: make a reel": _json("/api/reels/", {"team": "<team>", "name": "theirs"}),
    "api: give a reel away": _json("/api/reels/<own_reel>/", {"team": "<team>"}, method="patch"),
    "api: add": _json(
        "/api/reels/<own_reel>/clips/", {"spans": [{"video": "<video>", "start_frame": 0, "end_frame": 9}]}
    ),
    "api: trim": _json("/api/reels/<own_reel>/clips/", {"action": "trim", "clip": "<clip>", "in_frame": 3}),
    "api: bring back": _json("/api/reels/<own_reel>/clips/", {"action": "bring_back", "clip": "<clip>"}),
    "api: keep a search": _json("/api/saved-searches/", {"name": "kept too", "query": "like=still:<still>"}),
}


@pytest.fixture
def theirs() -> World:
    return make_world(MARK)


@pytest.fixture
def own() -> World:
    return make_world("own")


@pytest.fixture
def client(own: World) -> Iterator[Client]:
    client = Client(raise_request_exception=False)
    client.force_login(own.editor)
    yield client


def _told(answer: HttpResponse, *, numbers: set[int]) -> str:
    """An answer without what differs between two askings anyway: tokens, milliseconds, keys, the numbers asked for."""
    text = answer.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|data-csrf="\w+"', "", text)
    text = re.sub(r'"took_ms":\{[^}]*\}|"(id|created_at|looked_at)":("[^"]*"|\d+)', "", text)
    text = re.sub(r"\b\d+(\.\d+)? m?s\b", "", text)
    return re.sub(rf"(?<!\d)({'|'.join(map(str, sorted(numbers)))})(?!\d)", "#", text)


def _difference(one: str, other: str) -> tuple[str, str] | None:
    if one == other:
        return None
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return one[max(at - 60, 0) : at + 80], other[max(at - 60, 0) : at + 80]


def _rows() -> dict[str, Any]:
    kept: list[type[Model]] = [
        models.Reel, models.ReelClip, models.ReelStep, models.Attribute, models.AttributeExample, models.ShotLabel,
        models.DialogueLine, models.SavedSearchMatch, models.ContrastiveTraining, models.ReelRender,
    ]  # fmt: skip
    return {model.__name__: sorted(model.objects.values_list("pk", flat=True)) for model in kept}


def test_numbers_of_another_teams_things_are_answered_as_numbers_of_nothing(
    client: Client, own: World, theirs: World, hints: list
) -> None:
    clip = theirs.reel.clips.get()
    numbers = {"clip": clip.pk} | {
        name: getattr(theirs, name).pk
        for name in ("video", "still", "title", "attribute", "saved_search", "reel", "team", "shot_label", "encoder")
    }
    before = _rows()
    wrong = {}
    for name, ask in ASKED.items():
        about_theirs = ask(client, own, numbers.__getitem__)
        client.cookies.pop("messages", None)  # what was told of this is not told with the next page
        about_nothing = ask(client, own, lambda _: NOTHING)
        client.cookies.pop("messages", None)
        replaced = {NOTHING, *numbers.values()}
        if about_theirs.status_code >= 500 or about_theirs.status_code != about_nothing.status_code:
            wrong[name] = (about_theirs.status_code, about_nothing.status_code)
        elif MARK in about_theirs.content.decode():
            wrong[name] = "tells their names"
        elif difference := _difference(*(_told(each, numbers=replaced) for each in (about_theirs, about_nothing))):
            wrong[name] = difference
    assert wrong == {}
    assert _rows() == before, "something is left behind"
