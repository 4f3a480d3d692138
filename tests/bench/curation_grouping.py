"""Grouping of 10,000 pictures: time and memory on two cores, recall and precision, beside other programs.

`manage.py bench curation --only grouping`, or `python -m tests.bench.curation_grouping --images 2000` for fewer.
The peer, imagededup, is put into an environment of its own below the cache folder, for the benchmark only; perceptual
hashes of our own are compared besides, as it cannot be had everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from tqdm import tqdm

from ava.media.colour import to_bgr, to_gray
from ava.media.picture_file import read_picture
from curation.similarity.grouping import group_pictures
from curation.similarity.picture_files import describe_files
from tests.bench.figures import Figure
from tests.bench.peer_environment import install_peer
from tests.bench.similarity_pictures import DERIVE, load_bases
from tests.scenes import draw_scene

SECTION = "grouping"
IMAGES = 10_000
COPIES = 8
"""Pictures of each original: itself and seven derivatives."""
CORES = 2
HASH_DISTANCE = 10
PEER = "imagededup"
_PEER_SCRIPT = """
import json, sys, time
import torch
known = torch.library.Library("torchvision", "FRAGMENT")  # its wheel is linked to CUDA; hashing needs none of it
for attempt in range(20):
    try:
        from imagededup.methods import PHash
        break
    except RuntimeError as error:
        known.define(str(error).split("torchvision::")[1].split()[0] + "(Tensor boxes) -> Tensor")
started = time.perf_counter()
found = PHash(verbose=False).find_duplicates(image_dir=sys.argv[1], max_distance_threshold=int(sys.argv[2]),
                                             num_enc_workers=2, num_dist_workers=2)
pairs = [[a, b] for a, more in found.items() for b in more]
print(json.dumps({"seconds": time.perf_counter() - started, "pairs": pairs}))
"""


class Run(NamedTuple):
    """What one program found: pairs of file names in one group, the seconds it took by the clock and of processors,
    and its peak of memory in MB; NaN where unknown."""

    pairs: set[tuple[str, str]]
    wall_s: float
    processor_s: float
    peak_mb: float


def measure(data: Path | None, *, images: int = IMAGES) -> list[Figure]:
    """All figures; the pictures are made anew in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ava-bench-") as folder:
        truth = make_pictures(Path(folder), data=data, images=images)
        figures = list(_figures("AVA", _run_apart(Path(folder)), truth))
        figures += _figures("perceptual hash", _hash_pairs(Path(folder)), truth)
        peer = _peer_run(Path(folder))
        return figures + (list(_figures(PEER, peer, truth)) if peer else [])


def make_pictures(folder: Path, *, data: Path | None, images: int) -> set[tuple[str, str]]:
    """Write photographs and drawn scenes with seven derivatives each; the pairs of files that are one picture."""
    rng = np.random.default_rng(8)
    bases = [base.rgb for base in load_bases(data)]
    kinds = list(DERIVE)
    truth: set[tuple[str, str]] = set()
    for number in tqdm(range(images // COPIES), desc="making pictures", file=sys.stderr):
        base = bases[number] if number < len(bases) else draw_scene(1000 + number, frames=1, width=640, height=360)[0]
        chosen = rng.choice(len(kinds), COPIES - 1, replace=False)
        names = []
        for copy, rgb in enumerate([base, *(DERIVE[kinds[kind]](base, rng) for kind in chosen)]):
            names.append(f"{number:05}_{copy}.jpg")
            cv2.imwrite(str(folder / names[-1]), to_bgr(rgb), [cv2.IMWRITE_JPEG_QUALITY, 90])
        truth |= set(combinations(names, 2))
    return truth


def _figures(who: str, run: Run, truth: set[tuple[str, str]]) -> Iterator[Figure]:
    files = f"{len({name for pair in truth for name in pair})} files, {len(truth)} pairs of one picture"
    right = len(run.pairs & truth)
    yield Figure(SECTION, f"{who}: time", run.wall_s, "s", f"{CORES} processes, {files}")
    if run.processor_s == run.processor_s:
        yield Figure(SECTION, f"{who}: processor time on each core", run.processor_s / CORES, "s", "without waiting")
    if run.peak_mb == run.peak_mb:
        yield Figure(SECTION, f"{who}: memory", run.peak_mb, "MB", "peak of all processes together, at most")
    yield Figure(SECTION, f"{who}: recall of pairs", right / max(len(truth), 1), "", "in one group")
    yield Figure(SECTION, f"{who}: precision of pairs", right / max(len(run.pairs), 1), "", "in one group")


def _run_apart(folder: Path) -> Run:
    """Group in a process of its own, whose memory is nobody else's."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "tests.bench.curation_grouping", "--work", str(folder)]
    output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(output)
    return Run({(a, b) for a, b in found["pairs"]}, found["wall_s"], found["processor_s"], found["peak_mb"])


def _group_here(folder: Path) -> dict[str, object]:
    started = time.perf_counter()
    paths = sorted(folder.glob("*.jpg"))
    described = describe_files(paths, processes=CORES)
    descriptors = {number: each.descriptor for number, each in enumerate(described) if each.descriptor is not None}
    described_s = time.perf_counter() - started
    groups = group_pictures(descriptors, processes=CORES).groups
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "wall_s": time.perf_counter() - started,
        "described_s": described_s,
        "processor_s": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "peak_mb": (own.ru_maxrss + CORES * children.ru_maxrss) / 1024,
        "pairs": [(paths[a].name, paths[b].name) for group in groups for a, b in combinations(group, 2)],
    }


def _hash_pairs(folder: Path) -> Run:
    """Pairs whose perceptual hashes (DCT, 64 bits; Zauner, 2010) differ in at most ten bits, all compared with all."""
    started, used = time.perf_counter(), time.process_time()
    paths = sorted(folder.glob("*.jpg"))
    hashes = np.empty(len(paths), dtype=np.uint64)
    for number, path in enumerate(paths):
        small = cv2.resize(to_gray(read_picture(path)).astype(np.float32), (32, 32), interpolation=cv2.INTER_AREA)
        waves = cv2.dct(small)[:8, :8].ravel()
        hashes[number] = np.packbits(waves > np.median(waves)).view(np.uint64)[0]
    pairs = set()
    for number in range(len(paths)):
        near = np.flatnonzero(np.bitwise_count(hashes[number + 1 :] ^ hashes[number]) <= HASH_DISTANCE)
        pairs |= {(paths[number].name, paths[number + 1 + int(each)].name) for each in near}
    return Run(pairs, time.perf_counter() - started, (time.process_time() - used) * CORES, np.nan)


def _peer_run(folder: Path) -> Run | None:
    """The peer's perceptual hash on the same files; None, with a sentence, where it cannot be had."""
    python = install_peer(PEER, before=["torch"])
    if python is None:
        print(f"{PEER} could not be installed; it is left out.", file=sys.stderr)
        return None
    command = [str(python), "-c", _PEER_SCRIPT, str(folder), str(HASH_DISTANCE)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    if ended.returncode:
        print(f"{PEER} failed; it is left out. {ended.stderr.splitlines()[-1:]}", file=sys.stderr)
        return None
    found = json.loads(ended.stdout.splitlines()[-1])
    return Run({(min(a, b), max(a, b)) for a, b in found["pairs"]}, found["seconds"], np.nan, np.nan)


def main() -> None:
    """Print the figures, or with --work group a folder and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ava.settings")
    if options.work:
        print(json.dumps(_group_here(options.work)))
        return
    from tests.bench.accuracy import print_figures
    from tests.conftest import SHARED_DATA

    print_figures(measure(SHARED_DATA if SHARED_DATA.is_dir() else None, images=options.images))


if __name__ == "__main__":
    main()
