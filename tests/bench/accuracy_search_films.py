"""How well searching finds moments of the demo film and the shared footage together; takes a quarter of an hour.

Photographs, too, of which colours and light alone are told: what descriptions cannot know.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.bench.accuracy_search import measure_films
from tests.bench.figures import Figure
from tests.bench.search_films import use_model_files
from tests.bench.search_truth import judge

FILMS = (
    "friday.mp4", "popeye_sinbad_p1.mkv", "popeye_sinbad_p3.mkv", "sintel_trailer_480p.mp4", "googlework_short.mp4",
    "nasa_13013.mp4", "steamboat.mp4", "big_buck_bunny_0_30.webm", "asl_five_people_montage.mp4", "chaplin.mp4",
)  # fmt: skip


def measure(data: Path | None) -> list[Figure]:
    """The figures of all films together and of the photographs; none where the footage is not there."""
    if data is None:
        return []
    return measure_photographs(data / "images") + measure_films([data / "video" / name for name in FILMS])


def measure_photographs(folder: Path) -> list[Figure]:
    """Photographs found by the vectors of what is told of their colours and light; none without the encoder."""
    from ava.media.picture_file import read_picture
    from search.example_pictures import describe_picture
    from search.installed_encoders import sentence_encoder

    use_model_files()
    installed = sentence_encoder()
    if installed.reason:
        return []
    truth = json.loads((folder / "search_queries.gt.json").read_text())
    paths = sorted((folder / truth["folder"]).glob("*.jpg"))
    encoder = installed.load().text
    pictures = encoder.encode_texts([describe_picture(read_picture(path)) for path in paths])
    queries = encoder.encode_texts(list(truth["queries"]))
    ranks = []
    for cosines, right in zip(queries @ pictures.T, truth["queries"].values(), strict=True):
        ordered = [paths[place].stem for place in np.argsort(-cosines, kind="stable")]
        ranks.append(next((1 / rank for rank, name in enumerate(ordered, 1) if name in right), 0.0))
    quality, told = judge(ranks), f"{len(ranks)} queries, {len(paths)} photographs; right ones by eye"
    section = "search among photographs by the vectors of colours and light alone"
    return [
        Figure(section, "Hit@1", quality.hit_1, "share", told),
        Figure(section, "Hit@5", quality.hit_5, "share", told),
        Figure(section, "MRR", quality.mrr, "", told),
    ]
