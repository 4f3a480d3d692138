"""How fast encoders embed words and pictures, for each backend and batch size, in seconds of one core.

`manage.py bench search --only encoders`. Processor time is counted, which other work on the machine does not change.
The sentence encoder is the installed one; the OpenCLIP ViT-B-32 has random weights, which is as fast as any.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from django.conf import settings

from ava.weights.errors import WeightsError
from ava.weights.store import WeightsStore
from search.embed import onnx_towers, openclip, sentence
from search.embed.clip_tokens import clip_tokenizer
from search.embed.encoder import TextEncoder
from search.embed.onnx_towers import load_onnx_towers
from search.embed.openclip import load_openclip
from search.embed.sentence import load_sentence_encoder
from search.embed.towers import Towers
from search.installed_encoders import SENTENCE_FILES
from tests.bench.figures import Figure

SECTION = "encoders"
QUERY = "a woman in a red coat runs across the bridge"
DESCRIPTION = (
    "A medium close-up of two people, Anna and Tom, smiling. The camera pans slowly to the left. The picture is dark "
    "and warm, mostly orange and brown, at night. There is little motion. The text on the screen says Hotel {number}."
)
PIECES_AT_ONCE = (64, 256, 1024, 4096)
PICTURES_AT_ONCE = (1, 4, 8, 16)
TEXTS, PICTURES, QUERIES = 128, 16, 40
ARCHITECTURE = "ViT-B-32"
PICTURE_SHAPE = (360, 640, 3)
_TIMED = "processor time of one thread"


def measure(data: Path | None) -> list[Figure]:
    """Queries of ten words, descriptions a second and pictures a second, for each backend and batch size."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        return [*_measure_sentences(), *_measure_openclip(Path(folder))]


def _measure_sentences() -> Iterator[Figure]:
    store = WeightsStore(Path(settings.BASE_DIR) / "var" / "weights")
    try:
        store.fetch_missing(SENTENCE_FILES)
        weights, tokenizer = (store.path(name) for name in SENTENCE_FILES)
    except WeightsError:
        return
    encoder = load_sentence_encoder(weights, tokenizer=tokenizer)
    yield from _query_figures("all-MiniLM-L6-v2, torch", encoder)
    texts = [DESCRIPTION.format(number=number) for number in range(TEXTS)]
    for at_once in PIECES_AT_ONCE:
        with patch.object(sentence, "PIECES_AT_ONCE", at_once):
            rate = TEXTS / _seconds(lambda: encoder.encode_texts(texts))
        yield _rate("all-MiniLM-L6-v2, torch", "descriptions", f"{at_once} pieces at once", rate)


def _measure_openclip(folder: Path) -> Iterator[Figure]:
    with _random_model() as model:
        from safetensors.torch import save_file

        from tests.clip_files import write_onnx_towers

        weights = folder / "model.safetensors"
        save_file({name: value.contiguous() for name, value in model.state_dict().items()}, weights)
        import open_clip

        config = open_clip.get_model_config(ARCHITECTURE)
        onnx = write_onnx_towers(folder / "onnx", model=model, dynamic=True, config=config)
    torch_towers = load_openclip(weights, architecture=ARCHITECTURE, tokenize=clip_tokenizer())
    yield from _tower_figures(f"OpenCLIP {ARCHITECTURE}, torch", torch_towers, _torch_batches)
    yield from _tower_figures(f"OpenCLIP {ARCHITECTURE}, ONNX Runtime", load_onnx_towers(onnx), _onnx_batches)


def _tower_figures(name: str, towers: Towers, batches_of: Callable[[int], object]) -> Iterator[Figure]:
    yield from _query_figures(name, towers.text)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, PICTURE_SHAPE, dtype=np.uint8) for _ in range(PICTURES)]
    assert towers.image is not None
    for at_once in PICTURES_AT_ONCE:
        with batches_of(at_once):
            rate = PICTURES / _seconds(lambda: towers.image.encode_pictures(pictures), rounds=1)
        yield _rate(name, "pictures of 640 x 360", f"{at_once} at once", rate)


def _query_figures(name: str, encoder: TextEncoder) -> Iterator[Figure]:
    encoder.encode_texts([QUERY])
    taken_ms = [1000 * _seconds(lambda: encoder.encode_texts([QUERY]), rounds=1) for _ in range(QUERIES)]
    for share in (50, 95):
        value = float(np.percentile(taken_ms, share))
        yield Figure(SECTION, f"{name}: a query of ten words, p{share}", value, "ms", f"{QUERIES} times, {_TIMED}")


def _rate(name: str, what: str, batch: str, rate: float) -> Figure:
    return Figure(SECTION, f"{name}: {what}, {batch}", rate, "a second", _TIMED)


def _seconds(work: Callable[[], object], *, rounds: int = 2) -> float:
    """Processor seconds of the quickest round."""
    taken: Sequence[float] = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken = [*taken, time.process_time() - began]
    return min(taken)


def _torch_batches(at_once: int) -> object:
    return patch.object(openclip, "PICTURES_AT_ONCE", {"cpu": at_once})


def _onnx_batches(at_once: int) -> object:
    return patch.object(onnx_towers, "AT_ONCE", at_once)


@contextmanager
def _random_model() -> Iterator[torch.nn.Module]:
    from ava.annotate.torchvision_operators import provide_torchvision_operators

    provide_torchvision_operators()
    import open_clip

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield open_clip.create_model(ARCHITECTURE, load_weights=False).eval()
