"""How well searching finds moments of the demo film that were written down before: by source, and fused.

`manage.py bench accuracy --only search`; `--only search_films` does the same in the demo film and the shared footage.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from search.embed.fusion import GRADE_POWER, RANK_CONSTANT, Scored
from tests.bench.figures import Figure
from tests.bench.own_database import prepare_own_database, run_with_own_database
from tests.bench.search_truth import (
    DEMO,
    FilmSpan,
    Fusion,
    Looked,
    Quality,
    fused_quality,
    judge,
    read_labels,
    read_queries,
    reciprocal_rank,
)

VECTORS, WORDS, DIALOGUE, LABELS = "description vectors", "description words", "dialogue", "labels"
TRUTH = "right shots by eye, written before"
ENGINE_NAMES = {WORDS: "description", DIALOGUE: "dialogue", LABELS: "label"}
TRIED_CONSTANTS, TRIED_WEIGHTS, TRIED_POWERS = (10.0, 30.0, 60.0), (0.5, 1.0, 2.0), (0.0, 1.0, 2.0, 3.0)


def measure(data: Path | None) -> list[Figure]:
    """The figures of the demo film, rendered anew; ``data`` is not needed."""
    return measure_films([])


def measure_films(paths: Sequence[Path]) -> list[Figure]:
    """Analyse the demo film and others in a database of their own, and search in all of them."""
    printed = run_with_own_database("tests.bench.accuracy_search", [str(path) for path in paths])
    return [Figure(**each) for each in json.loads(printed.splitlines()[-1])]


def main_in_own_database(paths: Sequence[Path]) -> None:
    """Make the films searchable, search without and with labels, and print the figures as JSON."""
    prepare_own_database()
    from search import encoders
    from search.installed_encoders import sentence_encoder
    from tests.bench.search_films import make_films_searchable, use_model_files

    use_model_files()
    if reason := sentence_encoder().reason:
        print(f"Nothing to search by meaning with: {reason}", file=sys.stderr)
        print("[]")
        return
    encoders.register_all()
    user = _person()
    with tempfile.TemporaryDirectory() as folder:
        videos = make_films_searchable([_render_demo(Path(folder)), *paths], team=user.teams.get())
    print(json.dumps([figure._asdict() for figure in measure_videos(videos, user=user)]))


def _person() -> Any:
    from ava.models import Team
    from tests.world import make_person

    return make_person("editor", team=Team.objects.create(name="Team"))


def _render_demo(folder: Path) -> Path:
    from django.conf import settings

    from ava.render.demo import render_demo_film

    path = folder / f"{DEMO}.mp4"
    render_demo_film(path, pictures_dir=settings.AVA_WEIGHTS_DIR)
    return path


def measure_videos(videos: dict[str, Any], *, user: Any) -> list[Figure]:
    """The figures of searchable films by name, without labels and then with those of the list."""
    from search.film_making import make_searchable
    from search.labels import add_label

    looked = read_queries(videos)
    figures = _measure_lists(f"search in {len(videos)} film(s)", looked, videos, user=user)
    labels = read_labels(videos)
    for span, text in labels:
        add_label(videos[span.film], start_frame=span.start_frame, end_frame=span.end_frame, text=text, user=user)
    for video in videos.values():
        make_searchable(video, report=lambda _: None)
    section = f"search in {len(videos)} film(s), {len(labels)} shots labelled"
    return figures + _measure_lists(section, looked, videos, user=user)


def _measure_lists(section: str, looked: Sequence[Looked], videos: dict[str, Any], *, user: Any) -> list[Figure]:
    names = {video.pk: name for name, video in videos.items()}
    lists = [_search_sources(query.text, names, user=user) for query in looked]
    fused = [reciprocal_rank(_search(query.text, names, user=user), query.right) for query in looked]
    reporting = [place for place, query in enumerate(looked) if not query.tunes]
    figures = []
    for source in (VECTORS, WORDS, DIALOGUE, LABELS):
        ranks = [reciprocal_rank(_keys(found[source]), query.right) for query, found in zip(looked, lists, strict=True)]
        figures += _tell(section, f"{source}, all", ranks)
    figures += _tell(section, "fused, all", fused)
    figures += _tell(section, "fused, the half that reports", [fused[place] for place in reporting])
    for kind in dict.fromkeys(query.kind for query in looked):
        figures += _tell(section, f"fused, {kind}", [fused[n] for n, query in enumerate(looked) if query.kind == kind])
    return figures + _tune(section, looked, lists)


def _keys(entries: Sequence[Scored]) -> list[Any]:
    return [each.key for each in entries]


def _search(text: str, names: dict[int, str], *, user: Any) -> list[FilmSpan]:
    """What a person is shown."""
    from search.engine import search
    from search.query import read_query

    hits = search(read_query({"q": text}), user=user).hits
    return [FilmSpan(names[hit.video_id], hit.start_frame, hit.end_frame) for hit in hits]


def _search_sources(text: str, names: dict[int, str], *, user: Any) -> dict[str, list[Scored]]:
    """What each source alone finds."""
    from search import encoders
    from search.dialogue_search import search_dialogue
    from search.engine import CANDIDATES
    from search.query import read_query
    from search.query_vectors import encode_query
    from search.search_scope import read_scope
    from search.vector_search import nearest_shots
    from search.word_search import search_descriptions, search_labels

    query = read_query({"q": text})
    scope = read_scope(query, user=user)
    (encoded,) = encode_query(query, encoders.serving(), user=user).vectors
    near = nearest_shots(encoded.encoder, encoded.vector, scope, limit=CANDIDATES)
    found = {
        WORDS: search_descriptions(query.words, scope, limit=CANDIDATES),
        DIALOGUE: search_dialogue(query.text, scope, limit=CANDIDATES),
        LABELS: search_labels(query.words, scope, limit=CANDIDATES),
    }

    def place(shot: Any) -> FilmSpan:
        return FilmSpan(names[shot.video_id], shot.start_frame, shot.end_frame)

    lists = {name: [Scored(place(each.shot), each.share) for each in matches] for name, matches in found.items()}
    return {VECTORS: [Scored(place(each.shot), each.cosine) for each in near], **lists}


def _tell(section: str, what: str, ranks: Sequence[float]) -> list[Figure]:
    quality, count = judge(ranks), f"{len(ranks)} queries; {TRUTH}"
    return [
        Figure(section, f"{what}: Hit@1", quality.hit_1, "share", count),
        Figure(section, f"{what}: Hit@5", quality.hit_5, "share", count),
        Figure(section, f"{what}: MRR", quality.mrr, "", count),
    ]


def _tune(section: str, looked: Sequence[Looked], lists: Sequence[dict[str, list[Scored]]]) -> list[Figure]:
    """The fusion in use beside the best of those that are tried, chosen by one half and told of the other."""
    from search.engine import WEIGHTS

    def quality(fusion: Fusion, *, tunes: bool) -> Quality:
        chosen = [place for place, query in enumerate(looked) if query.tunes == tunes]
        return fused_quality([looked[n] for n in chosen], [lists[n] for n in chosen], fusion=fusion)

    used = Fusion(RANK_CONSTANT, {name: WEIGHTS[source] for name, source in ENGINE_NAMES.items()}, GRADE_POWER)
    tried = [
        Fusion(constant, {WORDS: words, DIALOGUE: dialogue, LABELS: labels}, power)
        for constant, power, words, dialogue, labels in product(TRIED_CONSTANTS, TRIED_POWERS, *[TRIED_WEIGHTS] * 3)
    ]
    ungraded = used._replace(grade_power=0.0)
    best = max(tried, key=lambda fusion: quality(fusion, tunes=True).mrr)
    told = _describe(best)
    return [
        Figure(section, "fusion in use: MRR of the tuning half", quality(used, tunes=True).mrr, "", _describe(used)),
        Figure(section, "fusion in use: MRR of the other half", quality(used, tunes=False).mrr, "", _describe(used)),
        Figure(section, "the same without grades: MRR of the other half", quality(ungraded, tunes=False).mrr, "", ""),
        Figure(section, "best fusion by tuning: MRR of that half", quality(best, tunes=True).mrr, "", told),
        Figure(section, "best fusion by tuning: MRR of the other half", quality(best, tunes=False).mrr, "", told),
    ]


def _describe(fusion: Fusion) -> str:
    weights = ", ".join(f"{name} {weight:g}" for name, weight in fusion.weights.items())
    return f"k {fusion.rank_constant:g}, grades to the power of {fusion.grade_power:g}, {weights}"


if __name__ == "__main__":
    main_in_own_database([Path(argument) for argument in sys.argv[1:]])
