"""The vectors of shots that moments are ranked with: of the encoder that serves, one of pictures before others."""

import hashlib
from collections.abc import Sequence

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ava.models import Video
from search.models import Encoder, ShotVector
from search.vector_search import as_array


class ServedVectors:
    """What search has embedded, for `curation.shot_embeddings`; a space is called after its encoder and version."""

    def serving_space(self) -> str:
        serving = Encoder.objects.filter(is_serving=True).defer("weights")
        by_pictures = sorted(serving, key=lambda each: (each.kind != Encoder.Kind.DESCRIPTION, each.pk))
        return str(by_pictures[-1]) if by_pictures else ""

    def fingerprint(self, video: Video, *, space: str) -> str:
        made_from = _rows(video, space).order_by("start_frame").values_list("start_frame", "made_from")
        return hashlib.sha256(repr(list(made_from)).encode()).hexdigest()

    def vectors(self, video: Video, *, spans: Sequence[Sequence[int]], space: str) -> NDArray[np.float32] | None:
        rows = _rows(video, space).values_list("start_frame", "end_frame", "vector")
        known = {(start, end): as_array(vector) for start, end, vector in rows.iterator(chunk_size=500)}
        found = [known.get((start, end)) for start, end in spans]
        some = next((vector for vector in found if vector is not None), None)
        if some is None:
            return None
        return np.stack([np.zeros_like(some) if vector is None else vector for vector in found])


def _rows(video: Video, space: str) -> QuerySet[ShotVector]:
    name, _, version = space.rpartition(" ")
    return ShotVector.objects.filter(
        video=video, encoder__name=name, encoder__version=int(version) if version.isdecimal() else 0
    )
