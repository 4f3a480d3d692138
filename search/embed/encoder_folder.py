"""Folders that hold a whole vision–language model: taking one out of an archive without trusting it, and loading it.

Two layouts are known: OpenCLIP's own (open_clip_config.json and one safetensors file, with or without a tokenizer.json)
and the two towers in ONNX of search.embed.onnx_towers.
"""

import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from ava.annotate.compute_device import Device
from search.embed.clip_tokens import clip_tokenizer, file_tokenizer
from search.embed.encoder import UnusableEncoder
from search.embed.onnx_towers import load_onnx_towers, read_json
from search.embed.openclip import load_openclip_layout
from search.embed.towers import Towers

MOST_BYTES = 8 * 2**30
MOST_MEMBERS = 1_000
MOST_SWELLING = 200
"""Weights hardly shrink in an archive; what swells more than this is there to fill a disk."""
LONGEST_VECTOR = 4_000
"""What the database can index (pgvector's half-precision vectors)."""

OPENCLIP_FILES = ("open_clip_config.json", "open_clip_model.safetensors")
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
ONNX_FILES = (
    "config.json", "visual/model.onnx", "visual/preprocess_cfg.json", "textual/model.onnx",
    *(f"textual/{name}" for name in _TOKENIZER_FILES),
)  # fmt: skip
_TAKEN = frozenset((*OPENCLIP_FILES, *_TOKENIZER_FILES, *ONNX_FILES))
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
_BLOCK_BYTES = 1 << 20


def take_encoder(source: Path, *, folder: Path) -> None:
    """Copy the files of a model out of a ZIP, or a folder, into an empty ``folder``; whatever else is there stays.

    Raises UnusableEncoder with a sentence for what is no whole model of a known layout, names that lead out of the
    archive, links, encrypted or damaged archives, ones that would swell, and weights that come as pickles.
    """
    if source.is_dir():
        files = [path for path in source.rglob("*") if path.is_file() and not path.is_symlink()]
        found = {path.relative_to(source).as_posix(): path for path in files}
        root = _root(found)
        for name in _wanted(found, root=root):
            with found[f"{root}{name}"].open("rb") as stream:
                _copy(stream, folder / name, most_bytes=MOST_BYTES)
        return
    try:
        with zipfile.ZipFile(source) as archive:
            members = _check_members(archive)
            root = _root(members)
            for name in _wanted(members, root=root):
                with archive.open(f"{root}{name}") as stream:
                    _copy(stream, folder / name, most_bytes=members[f"{root}{name}"].file_size)
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnusableEncoder(f"{source.name} cannot be read as a ZIP archive ({error}); bring it again.") from error


def load_folder(folder: Path, *, device: Device = "cpu") -> Towers:
    """Load the model of a folder, whichever of the layouts it has. Raises UnusableEncoder with a sentence."""
    if (folder / OPENCLIP_FILES[0]).is_file():
        layout = read_json(folder / OPENCLIP_FILES[0])
        settings = layout.get("model_cfg")
        text = settings.get("text_cfg") if isinstance(settings, dict) else None
        context = text.get("context_length", 77) if isinstance(text, dict) else 77
        if type(context) is not int or not 2 <= context <= 1024:
            raise UnusableEncoder("open_clip_config.json tells a context_length without sense; add another model.")
        tokenize = clip_tokenizer(context=context)
        if (folder / "tokenizer.json").is_file():
            pad_token = str(read_json(folder / "tokenizer_config.json").get("pad_token"))
            tokenize, _ = file_tokenizer(folder / "tokenizer.json", context=context, pad_token=pad_token)
        return load_openclip_layout(folder / OPENCLIP_FILES[1], layout=layout, tokenize=tokenize, device=device)
    return load_onnx_towers(folder)


def try_towers(towers: Towers) -> int:
    """Encode a word and a picture, and give the length of the vectors. Raises UnusableEncoder where that fails."""
    texts = towers.text.encode_texts(["a film"])
    pictures = towers.image.encode_pictures([np.full((90, 160, 3), 128, np.uint8)]) if towers.image else texts
    if not (np.isfinite(texts).all() and np.isfinite(pictures).all() and texts.any() and pictures.any()):
        raise UnusableEncoder("The model gives numbers without sense for a word and a grey picture; add another.")
    if texts.shape != pictures.shape or not 1 <= texts.shape[1] <= LONGEST_VECTOR:
        raise UnusableEncoder(
            f"The model's towers give vectors of {texts.shape[1]} and {pictures.shape[1]} numbers; they must be equal "
            f"and {LONGEST_VECTOR:,} at most. Add a model whose files belong together."
        )
    return int(texts.shape[1])


def _check_members(archive: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise UnusableEncoder(f"The archive holds more than {MOST_MEMBERS:,} files; a model has a handful.")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(member.external_attr >> 16):
            raise UnusableEncoder("The archive holds names that lead out of it, or links; bring another.")
        if member.file_size > MOST_SWELLING * max(member.compress_size, 1 << 16):
            raise UnusableEncoder("The archive would swell far more than a model does; bring another.")
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise UnusableEncoder(f"The archive holds more than {MOST_BYTES >> 30} GB; bring a smaller model.")
    return {each.filename: each for each in members if not each.is_dir()}


def _root(names: Mapping[str, object]) -> str:
    """The folder, with its slash, in which a model lies: the shallowest that holds either layout's first file."""
    firsts = (OPENCLIP_FILES[0], ONNX_FILES[1])
    roots = [name.removesuffix(first) for name in names for first in firsts if f"/{name}".endswith(f"/{first}")]
    if not roots:
        raise UnusableEncoder(
            "There is neither an open_clip_config.json nor a visual/model.onnx; bring an OpenCLIP model with its "
            "safetensors file, or two towers in ONNX."
        )
    return min(roots, key=lambda root: (root.count("/"), root))


def _wanted(names: Mapping[str, object], *, root: str) -> list[str]:
    """Which files of the model to take; raises UnusableEncoder where one is missing or only there as a pickle."""
    inside = {name.removeprefix(root) for name in names if name.startswith(root)}
    needed = OPENCLIP_FILES if OPENCLIP_FILES[0] in inside else ONNX_FILES
    missing = [name for name in needed if name not in inside]
    if missing and any(name.endswith(_PICKLES) for name in inside):
        raise UnusableEncoder(
            "The weights are a pickle, which could run code; bring them as open_clip_model.safetensors."
        )
    if missing:
        raise UnusableEncoder(f"The model has no {' and no '.join(missing)}; bring it whole.")
    return sorted(inside & _TAKEN)


def _copy(stream: IO[bytes], target: Path, *, most_bytes: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    done = 0
    with target.open("wb") as file:
        while block := stream.read(_BLOCK_BYTES):
            done += len(block)
            if done > most_bytes:
                raise UnusableEncoder(f"{target.name} is larger than its archive tells, or than a model is.")
            file.write(block)
