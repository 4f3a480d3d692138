"""The clean clips of a training: rendered ones, of films, of photographs; some are kept from learning."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from qc.defects.defect import RgbFrames
from qc.pixel.footage import PHOTOGRAPH_SUFFIXES, NoFootage, Source, cut_films, is_kept_back, rendered_clips
from qc.pixel.moving_stills import still_clips

RENDERED_CLIPS = 60
STRIDES = (1, 2, 1, 3, 1, 4)
"""Every second clip of a film leaves frames out: so do films of few frames a second, whose things move far."""


class CleanClips(NamedTuple):
    """``learnt``: to plant in and to mine. ``kept_back``: for the threshold, the proposals and the calibration."""

    learnt: list[RgbFrames]
    kept_back: list[RgbFrames]


class Footage:
    """Where a training's clips come from; equal sources and seeds give equal clips."""

    def __init__(self, sources: Sequence[Source], *, seed: int, clips_a_film: int, say: Callable[[str], None]) -> None:
        self._sources, self._seed, self._clips_a_film, self._say = tuple(sources), seed, clips_a_film, say

    def gather(self, *, side_px: int) -> CleanClips:
        """All clips that are ``side_px`` high and wide. Raises NoFootage for a source that gives none, or too few."""
        rendered = rendered_clips(seed=self._seed, count=RENDERED_CLIPS)
        clips = CleanClips(
            [clip for number, clip in enumerate(rendered) if not is_kept_back(number)],
            [clip for number, clip in enumerate(rendered) if is_kept_back(number)] or rendered[:1],
        )
        for source in self._sources:
            cut = 0
            for kept_back, clip in self._cut(source):
                if min(clip.shape[1:3]) >= side_px:
                    clips[kept_back].append(clip)
                    cut += 1
            if not cut:
                raise NoFootage(f"{source.path} holds no film or photograph that clips of {side_px} px are cut from.")
            self._say(f"{cut} clips of {source.tell()}")
        return clips

    def moved_again(self, draw: int) -> Iterator[RgbFrames]:
        """The photographs that are learnt from, as clips that move otherwise in every round."""
        for source in self._sources:
            yield from still_clips(source, seed=self._seed + draw, kept_back=False)

    def describe(self, clips: CleanClips) -> dict[str, Any]:
        """Counts of clips, and the files by name with their sha-256, photographs of a folder as one."""
        files: dict[str, str] = {}
        for source in self._sources:
            photographs = [path for path in source.files() if path.suffix.lower() in PHOTOGRAPH_SUFFIXES]
            for path in source.files():
                if path not in photographs:
                    files[path.name] = _digest(path)
            if photographs:
                together = hashlib.sha256("".join(map(_digest, photographs)).encode()).hexdigest()
                files[f"{source.tell()}: {len(photographs)} photographs"] = together
        return {"files": files, "rendered_clips": RENDERED_CLIPS, "strides": list(STRIDES),
                "clips": len(clips.learnt), "clips_kept_back": len(clips.kept_back)}  # fmt: skip

    def _cut(self, source: Source) -> Iterator[tuple[bool, RgbFrames]]:
        for kept_back in (False, True):
            for clip in still_clips(source, seed=self._seed, kept_back=kept_back):
                yield kept_back, clip
        for part, clip in cut_films(source, seed=self._seed, clips_a_film=self._clips_a_film, strides=STRIDES):
            yield is_kept_back(part), clip


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
