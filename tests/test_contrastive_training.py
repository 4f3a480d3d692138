"""Training two towers: it helps, goes on to the last bit, is the same on workers, and its files are read with care."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command
from safetensors.numpy import load, save

from ava.render.film import render_film
from ava.render.sample_film import plan_sample_film, sample_shot
from ava.train.loop import TrainSettings
from search.embed.clip_tokens import clip_tokenizer
from search.embed.encoder import UnusableEncoder
from search.embed.openclip import load_openclip_layout
from search.embed.pooling import mean_pool
from search.embed.towers import Towers as LoadedEncoder
from search.train.heads import Heads, read_heads
from search.train.openclip_towers import NotTrainable, open_towers, openclip_arrays, pack_model
from search.train.pairs import PairArrays, Split, link_pairs, split_pairs
from search.train.pairs_csv import PairRow, write_pairs
from search.train.ray_driver import GlooExchange
from search.train.rendered import render_pairs
from search.train.small_towers import SmallTowers, find_words, number_words
from search.train.towers import HeadTowers, Towers
from search.train.towers_file import read_towers, write_towers
from search.train.training import ContrastiveSettings, measure_towers, share_of, train_towers
from tests.clip_files import CONTEXT, write_openclip
from tests.encoder_files import WORDS, sentence_files  # noqa: F401

MARGIN = 0.5
"""By which a training lifts R@5 of held-out rendered pairs, at least; measured: from .08–.14 to .9 and more."""
SETTINGS = ContrastiveSettings(TrainSettings(steps=80, warm_up_steps=10, learning_rate=3e-3, seed=3), batch=32)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads wait for each other ten times as long as one works, when anything else runs beside them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def rendered() -> tuple[PairArrays, Split, tuple[str, ...]]:
    made = render_pairs(300, seed=1)
    split = split_pairs(made.pairs, by="film")
    words = find_words([made.pairs[number].text for number in split.learnt])
    linked = link_pairs(made.pairs)
    present = np.ones(made.shots.shape[:2], np.bool_)
    return PairArrays(made.shots, present, number_words(linked.texts, words=words), linked.links), split, words


def small(words: tuple[str, ...], *, is_temporal: bool = False) -> SmallTowers:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return SmallTowers(words=words, is_temporal=is_temporal)


def weights(towers: Towers) -> dict[str, np.ndarray]:
    return {name: value.numpy().copy() for name, value in towers.state_dict().items()}


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_training_on_rendered_pairs_lifts_recall_on_films_that_it_never_saw(
    rendered: tuple[PairArrays, Split, tuple[str, ...]],
) -> None:
    arrays, split, words = rendered
    towers = small(words)
    before = measure_towers(towers, arrays=arrays, pairs=split.held_out)
    result = train_towers(towers, arrays=arrays, learnt=split.learnt, settings=SETTINGS)
    after = measure_towers(towers, arrays=arrays, pairs=split.held_out)
    print(f"held-out R@5 {before.text_to_shot.r5:.3f} before, {after.text_to_shot.r5:.3f} after")
    assert result.is_complete and result.losses[-1] < result.losses[0] / 2
    assert before.text_to_shot.queries > 40 and before.text_to_shot.r5 < 0.3
    assert after.text_to_shot.r5 > before.text_to_shot.r5 + MARGIN
    assert after.shot_to_text.r5 > before.shot_to_text.r5 + MARGIN
    assert after.text_to_shot.median_rank < before.text_to_shot.median_rank / 3


@pytest.mark.parametrize("is_temporal", [False, True])
def test_training_that_was_killed_ends_with_the_same_weights_to_the_last_bit(
    rendered: tuple[PairArrays, Split, tuple[str, ...]], is_temporal: bool
) -> None:
    arrays, split, words = rendered
    settings = ContrastiveSettings(replace(SETTINGS.train, steps=8, warm_up_steps=2), batch=8)
    whole = small(words, is_temporal=is_temporal)
    expected = train_towers(whole, arrays=arrays, learnt=split.learnt, settings=settings)
    kept: list[bytes] = []
    train_towers(
        small(words, is_temporal=is_temporal), arrays=arrays, learnt=split.learnt, settings=settings,
        keep=kept.append, on_step=lambda report: report.step < 5,
    )  # fmt: skip
    resumed = small(words, is_temporal=is_temporal)
    result = train_towers(resumed, arrays=arrays, learnt=split.learnt, settings=settings, checkpoint=kept[-1])
    assert result.losses == expected.losses and same(weights(whole), weights(resumed))


class Meeting:
    """Threads in place of the processes that torch.distributed lets meet."""

    def __init__(self, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workers, self.own = workers, threading.local()
        self.barrier, self.brought = threading.Barrier(workers, timeout=30), [torch.zeros(0)] * workers
        monkeypatch.setattr(torch.distributed, "get_rank", lambda: self.own.rank)
        monkeypatch.setattr(torch.distributed, "get_world_size", lambda: workers)
        monkeypatch.setattr(torch.distributed, "all_gather", self.all_gather)
        monkeypatch.setattr(torch.distributed, "all_reduce", self.all_reduce)

    def all_gather(self, parts: list[torch.Tensor], vectors: torch.Tensor) -> None:
        for part, brought in zip(parts, self.bring(vectors), strict=True):
            part.copy_(brought)

    def all_reduce(self, gradient: torch.Tensor) -> None:
        gradient.copy_(torch.stack(self.bring(gradient)).sum(dim=0))

    def bring(self, vectors: torch.Tensor) -> list[torch.Tensor]:
        self.brought[self.own.rank] = vectors.detach().clone()
        self.barrier.wait()
        brought = list(self.brought)
        self.barrier.wait()
        return brought


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_that_share_a_batch_unevenly_do_the_steps_of_one(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    shots = rng.normal(size=(40, 2, 8)).astype(np.float32)
    links = np.repeat(np.arange(40)[:, None], 2, axis=1)
    arrays = PairArrays(shots, np.ones((40, 2), np.bool_), rng.normal(size=(40, 8)).astype(np.float32), links)
    settings = ContrastiveSettings(TrainSettings(steps=6, learning_rate=1e-2), batch=17)
    given = {"arrays": arrays, "learnt": np.arange(40), "settings": settings}
    alone = HeadTowers(dimension=8, is_temporal=False)
    expected = train_towers(alone, **given)
    meeting = Meeting(workers, monkeypatch)
    towers = [HeadTowers(dimension=8, is_temporal=False) for _ in range(workers)]

    def work(rank: int) -> tuple[float, ...]:
        meeting.own.rank = rank
        return train_towers(towers[rank], exchange=GlooExchange(), **given).losses

    with ThreadPoolExecutor(workers) as pool:
        losses = list(pool.map(work, range(workers)))
    assert all(np.allclose(each, expected.losses, atol=1e-5) for each in losses)
    assert all(np.allclose(each.shot_head.turn.weight.detach(), alone.shot_head.turn.weight.detach(), atol=1e-5)
               and float(each.log_scale) == pytest.approx(float(alone.log_scale), abs=1e-6) for each in towers)


def test_rows_are_shared_out_without_a_gap_and_as_evenly_as_can_be() -> None:
    for rows, workers in ((17, 3), (64, 3), (4, 4), (9, 2)):
        shares = [share_of(rows, rank=rank, workers=workers) for rank in range(workers)]
        assert [row for share in shares for row in range(rows)[share]] == list(range(rows))
        lengths = [share.stop - share.start for share in shares]
        assert max(lengths) - min(lengths) <= 1


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the optional extra “ray” is not installed")
@pytest.mark.parametrize("workers", [1, 2])
def test_training_on_ray_workers_is_the_same_training(
    rendered: tuple[PairArrays, Split, tuple[str, ...]], workers: int, tmp_path: Path
) -> None:
    from search.train.ray_driver import train_on_ray

    arrays, split, words = rendered
    settings = ContrastiveSettings(replace(SETTINGS.train, steps=8, warm_up_steps=2), batch=16)
    alone, on_ray = small(words), small(words)
    expected = train_towers(alone, arrays=arrays, learnt=split.learnt, settings=settings)
    kept_at = tmp_path / "out.checkpoint"
    result, packed = train_on_ray(
        on_ray, arrays=arrays, learnt=split.learnt, settings=settings, workers=workers, kept_at=kept_at
    )
    assert kept_at.read_bytes() == packed and list(tmp_path.iterdir()) == [kept_at]
    both = zip(weights(alone).values(), weights(on_ray).values(), strict=True)
    furthest = max(float(np.abs(one - other).max()) for one, other in both)
    print(f"{workers} workers on Ray: weights differ by {furthest:.2g} at most")
    assert result.is_complete
    if workers == 1:
        assert same(weights(alone), weights(on_ray)) and result.losses == expected.losses
    else:
        assert furthest < 1e-3 and np.allclose(result.losses, expected.losses, atol=1e-4)


def test_untrained_heads_change_nothing_but_pool_and_a_shot_does_not_depend_on_its_neighbours() -> None:
    rng = np.random.default_rng(5)
    frames = [rng.normal(size=(count, 16)).astype(np.float32) for count in (1, 4, 3)]
    for is_temporal in (False, True):
        heads = Heads(HeadTowers(dimension=16, is_temporal=is_temporal))
        turned = heads.turn_shots(frames)
        assert np.allclose(turned, [mean_pool(each) for each in frames], atol=1e-6)
        assert np.array_equal(turned[1], heads.turn_shots(frames[1:2])[0])
        texts = rng.normal(size=(3, 16)).astype(np.float32)
        assert np.allclose(heads.turn_texts(texts), texts / np.linalg.norm(texts, axis=1, keepdims=True), atol=1e-6)
    assert not heads.turn_shots([np.zeros((2, 16)), np.full((1, 16), np.nan), np.zeros((0, 16))]).any()
    assert heads.turn_shots([]).shape == (0, 16)


def test_towers_file_gives_the_same_towers_and_the_same_bytes() -> None:
    towers = HeadTowers(dimension=8, is_temporal=True)
    torch.nn.init.normal_(towers.shot_head.turn.weight, generator=torch.Generator().manual_seed(1))
    packed = write_towers(towers, recipe={"base": ["x", 1]})
    read = read_towers(packed)
    assert (read.kind, read.recipe) == ("heads", {"base": ["x", 1]}) and same(weights(towers), weights(read.towers))
    assert write_towers(read.towers, recipe=read.recipe) == packed
    small_ones = small(("a", "red"))
    assert same(weights(small_ones), weights(read_towers(write_towers(small_ones, recipe={})).towers))


def test_hostile_towers_files_are_refused_by_name_and_run_nothing() -> None:
    packed = write_towers(HeadTowers(dimension=8, is_temporal=False), recipe={})
    arrays = load(packed)
    header = json.loads(packed[8 : 8 + int.from_bytes(packed[:8], "little")])["__metadata__"]["header"]

    def with_header(**changes: object) -> bytes:
        return bytes(save(arrays, metadata={"header": json.dumps(json.loads(header) | changes)}))

    def with_arrays(**changes: np.ndarray) -> bytes:
        return bytes(save({**arrays, **changes}, metadata={"header": header}))

    layer = "shot_head.turn.weight"
    hostile = {
        "no safetensors file": [b"", b"x" * 50, packed[:-9], b"\xff" * 8, save(arrays), b"\x80\x04cos\nsystem\n"],
        "larger than": [b"\0" * (33 << 20)],
        "its format is not": [with_header(format="other"), with_header(layout=3)],
        "its layout is none": [
            with_header(layout={"dimension": 10**9, "is_temporal": False}), with_header(kind="small"),
            with_header(layout={"dimension": True, "is_temporal": False}),
        ],
        "its recipe holds": [with_header(recipe={"a": "\0"})],
        "its layers are others": [with_arrays(more=np.zeros(3, np.float32))],
        "not float32": [with_arrays(**{layer: np.zeros((8, 9), np.float32)}), with_arrays(**{layer: np.zeros((8, 8))})],
        "no numbers": [with_arrays(**{layer: np.full((8, 8), np.nan, np.float32)})],
    }  # fmt: skip
    for said, files in hostile.items():
        for file in files:
            with pytest.raises(UnusableEncoder, match=f"brought.safetensors .*{said}"):
                read_towers(bytes(file), name="brought.safetensors")
    with pytest.raises(UnusableEncoder, match="turns vectors of 8 numbers, and its encoder gives 16"):
        read_heads(packed, dimension=16)
    with pytest.raises(UnusableEncoder, match="towers of their own"):
        read_heads(write_towers(small(()), recipe={}), dimension=64)


def test_whole_openclip_model_is_trained_and_its_file_takes_the_place_of_its_own(tmp_path: Path) -> None:
    tokenize = clip_tokenizer(context=CONTEXT)
    folder = write_openclip(tmp_path / "tiny")
    file = folder / "open_clip_model.safetensors"
    layout = json.loads((folder / "open_clip_config.json").read_text())
    towers, text, image = open_towers(load_openclip_layout(file, layout=layout, tokenize=tokenize))
    made = render_pairs(24, seed=2)
    linked = link_pairs(made.pairs)
    pictures = {number: list(frames) for number, frames in enumerate(made.shots)}
    arrays = openclip_arrays(linked, pictures=pictures, text=text, form=image.form)
    learnt = np.arange(24)
    settings = ContrastiveSettings(TrainSettings(steps=12, learning_rate=1e-3), batch=12)
    result = train_towers(towers, arrays=arrays, learnt=learnt, settings=settings)
    assert result.losses[-1] < result.losses[0]
    trained = towers.encode_texts(torch.from_numpy(arrays.texts[:3])).detach().numpy()
    file.write_bytes(pack_model(towers))
    installed = load_openclip_layout(file, layout=layout, tokenize=tokenize)
    assert np.allclose(installed.text.encode_texts(linked.texts[:3]), trained, atol=1e-5)
    with pytest.raises(NotTrainable, match="train heads"):
        open_towers(LoadedEncoder(installed.text, None))


def train(tmp_path: Path, *arguments: object) -> Path:
    out = tmp_path / "out.safetensors"
    call_command("train", "contrastive", *arguments, out=out)
    return out


def test_command_trains_on_rendered_pairs_and_the_same_command_gives_the_same_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--rendered", "60", "--steps", "4", "--batch", "8", "--split", "shot")
    first = train(tmp_path, *arguments).read_bytes()
    told = json.loads(capsys.readouterr().out)
    assert told["before"]["text_to_shot"].keys() == {"r1", "r5", "r10", "median_rank", "queries", "candidates"}
    assert told["learnt"] + told["held_out"] == 60 and not list(tmp_path.glob("*.checkpoint"))
    assert train(tmp_path, *arguments).read_bytes() == first
    assert read_towers(first).recipe["command"].startswith("manage.py train contrastive --rendered 60")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "either --pairs CSV or --rendered"),
        (("--rendered", "6000"), "1 to 5,040"),
        (("--rendered", "3"), "two of each are the least"),
        (("--rendered", "60", "--variant", "frozen"), "nothing that could be frozen"),
        (("--rendered", "60", "--workers", "2"), "give --ray"),
        (("--rendered", "60", "--encoder", "nothing"), "No encoder is called 'nothing'"),
        (("--rendered", "60", "--steps", "0"), "at least one step"),
        (("--rendered", "60", "--batch", "1"), "two pairs"),
        (("--rendered", "60", "--learning-rate", "1e30", "--steps", "20"), "diverged"),
        (("--pairs", "nowhere.csv"), "No such file"),
    ],
)
def test_command_says_why_it_cannot_train(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        train(tmp_path, *arguments)


@pytest.mark.usefixtures("sentence_files")
def test_command_trains_heads_on_described_pairs_without_their_films(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        PairRow(0, str(shot % 7), str(10 * shot), str(10 * shot + 9), f"{word} car", f"wide shot {word}")
        for shot, word in enumerate(WORDS[:50])
    ]
    (tmp_path / "pairs.csv").write_text(write_pairs(rows))
    out = train(tmp_path, "--pairs", str(tmp_path / "pairs.csv"), "--steps", "4", "--split", "shot")
    read = read_towers(out.read_bytes())
    assert (read.kind, read.recipe["encoder"], read.recipe["variant"]) == ("heads", "sentence-minilm", "frozen")
    told = json.loads(capsys.readouterr().out)
    assert read.recipe["measures"]["after"] == told["after"] and str(tmp_path) not in json.dumps(read.recipe)


def test_command_learns_from_films_beside_the_table_and_names_lines_of_those_it_cannot_read(tmp_path: Path) -> None:
    shots = [sample_shot(number, 12, width=192, height=108) for number in range(8)]
    render_film(plan_sample_film(shots), tmp_path / "film.mp4")
    good = "".join(f"film.mp4,{12 * shot},{12 * shot + 12},scene number {shot}\n" for shot in range(8))
    table = tmp_path / "pairs.csv"
    table.write_text("video,start,end,text\n" + good)
    read = read_towers(train(tmp_path, "--pairs", str(table), "--steps", "2").read_bytes())
    assert read.kind == "small" and read.recipe["measures"]["learnt"] + read.recipe["measures"]["held_out"] == 8
    bad = "ghost.mp4,0,5,nothing\npairs.csv,0,5,no film\nfilm.mp4,0,500,too long\n"
    table.write_text(f"video,start,end,text\n{good}{bad}")
    with pytest.raises(CommandError, match=r"(?s)Line 10: ghost.mp4.*Line 11: pairs.csv.*Line 12: 0 to 500 is no span"):
        train(tmp_path, "--pairs", str(table))
