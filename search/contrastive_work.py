"""What a worker does with a training run: encode, train heads, say how far it is, measure, and make a version."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from ava import training_progress
from ava.leases import Heartbeat
from ava.media.decode import decode_frame_set
from ava.model_trainings import finish_run, read_checkpoint, work_off
from ava.models import Video
from ava.storage import local_path
from ava.train.loop import TrainSettings
from ava.training_progress import RunProgress
from ava.video_facts import video_info
from search import encoders
from search.contrastive_runs import pairs_of
from search.embed.encoder import RgbPicture, UnusableEncoder
from search.embed.towers import Towers as LoadedEncoder
from search.encoder_versions import add_trained
from search.models import ContrastiveTraining, Encoder
from search.train.pairs import Linked, Pair, PairArrays, Split, link_pairs, split_pairs
from search.train.retrieval import Retrieval
from search.trained_encoders import base_of

_DECODED_SIDE_PX = 512


def work_off_training(run_id: int) -> None:
    """Train a run that waits, or whose worker died; safe to call any number of times."""
    work_off(ContrastiveTraining, run_id, work=_train, unfit=(UnusableEncoder,))


class _Examples(NamedTuple):
    """The pairs of a run as towers take them; ``others``: numbers of shots that nobody wrote about."""

    arrays: PairArrays
    split: Split
    others: NDArray[np.int64]


def _train(run: ContrastiveTraining, mine: QuerySet[Any], heartbeat: Heartbeat) -> None:
    from search.train.towers_file import write_towers
    from search.train.training import ContrastiveSettings, measure_towers, train_towers

    parent = Encoder.objects.get(pk=run.parent_id)
    examples = _examples(run, base=base_of(parent) if parent.kind == Encoder.Kind.TRAINED else parent)
    towers, start = _new_towers(run, parent), _old_towers(parent)
    held_out = {"arrays": examples.arrays, "pairs": examples.split.held_out, "others": examples.others}
    before = measure_towers(start, **held_out)
    checkpoint, steps_done = read_checkpoint(run)
    progress = RunProgress(
        run, mine=mine, heartbeat=heartbeat, steps_done=steps_done,
        measure=lambda: round(measure_towers(towers, **held_out).text_to_shot.r5, 4),
    )  # fmt: skip
    train_towers(
        towers,
        arrays=examples.arrays,
        learnt=examples.split.learnt,
        settings=ContrastiveSettings(TrainSettings(**run.settings["train"]), batch=run.settings["batch"]),
        checkpoint=checkpoint,
        on_step=progress.note,
        checkpoint_every=training_progress.CHECKPOINT_EVERY,
        keep=progress.keep,
    )
    after = measure_towers(towers, **held_out)
    measures = tell_measures(before, after, counts=run.settings["counts"], parent=parent)
    recipe = {
        "made_by": "people's labels", "base": run.settings["base"], "variant": run.settings["variant"],
        "split_by": run.settings["split_by"], "train": run.settings["train"], "batch": run.settings["batch"],
        "counts": run.settings["counts"],
        "measures": {"before": before.as_json(), "after": after.as_json()},
    }  # fmt: skip
    heartbeat.report(run.steps_total)
    packed = write_towers(towers, recipe=recipe)
    finish_run(
        mine, make=lambda: add_trained(packed, parent=parent, recipe=recipe, measures=measures, user=run.created_by)
    )


def tell_measures(
    before: Retrieval, after: Retrieval, *, counts: Mapping[str, int], parent: Encoder
) -> dict[str, Any]:
    """Recall beside the parent's, and whether the version may be released: as many held-out shots among the first
    five for a text as the parent finds, at least."""
    own, old = after.text_to_shot, before.text_to_shot
    is_fit = own.r5 >= old.r5
    said = f"R@5 {own.r5:.0%} of {own.queries:,} held-out texts among {own.candidates:,} shots, {parent} {old.r5:.0%}."
    verdict = f"It finds as many shots as its parent, or more: {said}"
    if not is_fit:
        verdict = f"It finds fewer shots than its parent and cannot be released: {said}"
    return {"own": after.as_json(), "parent": before.as_json(), "is_fit": is_fit, "verdict": verdict, **counts}


def _new_towers(run: ContrastiveTraining, parent: Encoder) -> Any:
    """Heads that begin as the parent's; those that see frames in order begin anew over a parent that does not."""
    import torch

    from search.train.towers import HeadTowers

    is_temporal = run.settings["variant"] == "temporal"
    old = _old_towers(parent)
    if old.is_temporal == is_temporal:
        return old
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.settings["train"]["seed"])
        towers = HeadTowers(dimension=parent.dimension, is_temporal=is_temporal)
    for name in ("shot_head", "text_head"):
        getattr(towers, name).load_state_dict(getattr(old, name).state_dict())
    return towers


def _old_towers(parent: Encoder) -> Any:
    """The parent's heads, or, of an untrained encoder, heads that change nothing."""
    from search.train.towers import HeadTowers
    from search.train.towers_file import read_towers

    if parent.kind != Encoder.Kind.TRAINED:
        return HeadTowers(dimension=parent.dimension, is_temporal=False)
    towers = read_towers(bytes(parent.weights or b""), name=str(parent)).towers
    if not isinstance(towers, HeadTowers):
        raise UnusableEncoder(f"{parent} holds no heads; train from another encoder.")
    return towers


def _examples(run: ContrastiveTraining, *, base: Encoder) -> _Examples:
    from search.train.preparing import described_arrays, seen_arrays

    pairs = pairs_of(run)
    linked = link_pairs(pairs)
    others = tuple(Pair(str(video), start, end, "") for video, start, end in run.settings["others"])
    every = linked._replace(shots=(*linked.shots, *others))
    loaded = LoadedEncoder(encoders.text_encoder(base), encoders.image_encoder(base))
    if loaded.image is None:
        said = {(str(video), start, end): texts for video, start, end, texts in run.settings["said"]}
        told = {number: said[shot[:3]] for number, shot in enumerate(every.shots) if shot[:3] in said}
        arrays = described_arrays(every, descriptions=told, text=loaded.text)
    else:
        arrays = seen_arrays(every, pictures=_pictures(every), encoder=loaded)
    numbers = np.arange(len(linked.shots), len(every.shots))
    split = split_pairs(pairs, by=run.settings["split_by"], names=run.settings["names"])
    return _Examples(arrays, split, np.concatenate([numbers, split.in_the_way(linked.links)]))


def _pictures(linked: Linked) -> dict[int, list[RgbPicture]]:
    """Frames of each shot by its number; those of films that are gone are missing."""
    from search.train.preparing import spread_frames

    films = Video.objects.in_bulk({int(shot.film) for shot in linked.shots})
    found: dict[int, list[RgbPicture]] = {}
    for number, shot in enumerate(linked.shots):
        film = films.get(int(shot.film))
        if film is not None:
            wanted = spread_frames(shot.start_frame, shot.end_frame)
            decoded = decode_frame_set(
                local_path(film.file), info=video_info(film), frame_indices=wanted, max_side_px=_DECODED_SIDE_PX
            )
            found[number] = [frame.rgb for frame in decoded]
    return found
