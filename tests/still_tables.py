"""Tables of stills for tests that need thousands at once, drawn by a seeded generator."""

import numpy as np

from curation.stills.maturity import KINDS
from curation.stills.parts import FRAME_PARTS
from curation.stills.table import VECTOR_NAMES, StillTable

WIDTHS = {"scale": 1, "composition": 7, "light": 2, "palette": 11, "saliency": 6, "characters": 6, "place": 1}


def make_table(count: int, *, scenes: int = 12, seed: int = 0, frame_count: int | None = None) -> StillTable:
    """Stills of ``scenes`` kinds, those of one kind alike in every vector and look, spread evenly over the film."""
    rng = np.random.default_rng(seed)
    length = frame_count or count * 10
    scene = np.sort(rng.integers(0, scenes, count))
    frames = np.sort(rng.choice(length, size=count, replace=False)).astype(np.int64)

    def about_scenes(width: int, *, noise: float) -> np.ndarray:
        centres = rng.random((scenes, width)) / np.sqrt(width)
        return (centres[scene] + noise * rng.standard_normal((count, width))).astype(np.float32)

    vectors = {name: about_scenes(WIDTHS[name], noise=0.02) for name in VECTOR_NAMES}
    vectors["place"] = (frames[:, None] / length).astype(np.float32)
    return StillTable(
        frames=frames,
        shots=scene.astype(np.int64),
        film_frames=np.full(count, length // max(count, 1), dtype=np.int64),
        parts={name: rng.random(count).astype(np.float32) for name in FRAME_PARTS},
        maturity={kind: np.zeros(count, dtype=np.float32) for kind in KINDS},
        vectors=vectors,
        looks=about_scenes(72, noise=0.002),
        frame_count=length,
    )
