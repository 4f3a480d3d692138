"""How soon a correction of a cast shows: the action and the renewed part of the page, as a browser asks for them."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database

SECTION = "people: actions"
CHARACTERS, TRACKS, LOOKS = 60, 5000, 3
ROUNDS = 7


def measure(data: Path | None) -> list[Figure]:
    """Correct a made-up cast in a database of its own; real footage plays no part."""
    made = f"{CHARACTERS} characters, {TRACKS:,} tracks, {TRACKS * LOOKS:,} faces, made up; median of {ROUNDS}"
    took = json.loads(run_with_own_database("tests.bench.people_actions", []))
    return [Figure(SECTION, name, value, "ms", made) for name, value in took.items()]


def time_actions() -> dict[str, float]:
    """Milliseconds that each action and the page's part after it take on the server."""
    prepare_own_database()
    from django.test import Client

    title, user, characters = _fill()
    client = Client()
    client.force_login(user)
    first, second, third = characters[:3]
    tracks = [str(pk) for pk in third.tracks.values_list("pk", flat=True)]
    page = f"/titles/{title.pk}/people/"

    def act(**data: Any) -> None:
        _require(client.post(f"{page}do/", data, headers={"Accept": "application/json"}))

    def undo() -> None:
        _require(client.post(f"{page}undo/", headers={"Accept": "application/json"}))

    def show() -> None:
        _require(client.get(page, headers={"HX-Request": "true"}))

    show()
    half = ",".join(tracks[: len(tracks) // 2])
    corrections: dict[str, Callable[[], None]] = {
        f"merge of {first.tracks.count()} and {second.tracks.count()} tracks": lambda: act(
            action="merge", character=first.pk, others=second.pk
        ),
        f"split of {len(tracks) // 2} from {len(tracks)} tracks": lambda: act(
            action="split", character=third.pk, tracks=half
        ),
        "name": lambda: act(action="name", character=first.pk, name="Anna"),
    }
    took = {"the page's part alone": _median_ms(show)}
    for name, correct in corrections.items():
        took |= _time_correction(name, correct, show=show, undo=undo)
    return took


def _time_correction(
    name: str, correct: Callable[[], None], *, show: Callable[[], None], undo: Callable[[], None]
) -> dict[str, float]:
    rows = [(_ms(correct), _ms(show), _ms(undo)) for _ in range(ROUNDS)]
    return {
        f"{name}: saved": statistics.median(saved for saved, _, _ in rows),
        f"{name}: saved and shown": statistics.median(saved + shown for saved, shown, _ in rows),
        f"{name}: undone": statistics.median(undone for _, _, undone in rows),
    }


def _fill() -> tuple[Any, Any, list[Any]]:
    """A film whose characters share the tracks as casts do, the second with half of what the first has, and so on."""
    from ava.models import Shot
    from curation.models import Character, Face, FaceTrack
    from tests.people_world import draw_portrait, make_character, person_vector
    from tests.world import make_film, make_world

    world = make_world("bench")
    film = make_film(world.title, name="long.mp4", frame_count=TRACKS * 24)
    Character.objects.all().delete()
    characters = [make_character(world.title) for _ in range(CHARACTERS)]
    shares = 1 / np.arange(1, CHARACTERS + 1)
    owners = np.random.default_rng(1).choice(CHARACTERS, size=TRACKS, p=shares / shares.sum())
    portrait = draw_portrait(1)
    Shot.objects.bulk_create(
        Shot(
            video=film, index=shot, start_frame=shot * 48, end_frame=shot * 48 + 48, transition="cut", scene=shot // 12
        )
        for shot in range(TRACKS // 2)
    )  # fmt: skip
    tracks = FaceTrack.objects.bulk_create(
        FaceTrack(
            video=film, character=characters[owner], confidence=0.95, shot_index=index // 2,
            start_frame=index // 2 * 48, end_frame=index // 2 * 48 + 48, height_unit=0.3, centrality_unit=0.7,
            sharpness_unit=0.6, encoder="face_vectors_resnet", vector=person_vector(int(owner), sample=index), weight=1,
            portrait=portrait,
        )
        for index, owner in enumerate(owners.tolist())
    )  # fmt: skip
    Face.objects.bulk_create(
        Face(
            track=track, frame_index=track.start_frame + 16 * look, row=0, x0=10, y0=10, x1=90, y1=100, score=0.99,
            quality=0.8, expression=0.7,
        )
        for track in tracks for look in range(LOOKS)
    )  # fmt: skip
    return world.title, world.editor, characters


def _require(response: Any) -> None:
    if response.status_code != 200:
        raise SystemExit(f"The server answered {response.status_code}: {response.content[:300]!r}")


def _ms(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _median_ms(call: Callable[[], None]) -> float:
    return statistics.median(_ms(call) for _ in range(ROUNDS))


if __name__ == "__main__":
    print(json.dumps(time_actions()))
