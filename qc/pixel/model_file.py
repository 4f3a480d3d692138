"""Files that hold a version of the pixel network: weights, thresholds and recipe, read without trusting them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ava.train.recipe import is_plain
from qc.pixel.confidence import UNCALIBRATED, Calibration

if TYPE_CHECKING:
    from qc.pixel.network import PixelNetwork

SHIPPED = Path(__file__).parent / "weights" / "pixel.npz"
FORMAT = "ava pixel network 1"
LARGEST_BYTES = 4 << 20
_HEADER = "header"
_CHANNELS = range(4, 65)


class UnfitModel(ValueError):
    """A file that is no model of this network; the text names it and says what does not fit."""


class PixelModelFile(NamedTuple):
    """A network ready to judge. ``threshold``: probability from which a pixel is flagged. ``proposal_threshold``:
    levels by which a pixel must stand out to be judged at all (qc.pixel.proposals). ``calibration``: see
    qc.pixel.confidence. ``recipe``: command, seed, data and settings that made it. ``sha256``: of the file."""

    network: PixelNetwork
    threshold: float
    proposal_threshold: float
    recipe: dict[str, Any]
    sha256: str
    calibration: Calibration = UNCALIBRATED


def write_model(
    network: PixelNetwork,
    *,
    threshold: float,
    proposal_threshold: float,
    recipe: Mapping[str, Any],
    calibration: Calibration = UNCALIBRATED,
) -> bytes:
    """A model file; the same network and header always give the same bytes."""
    header = {
        "format": FORMAT,
        "channels": network.channels,
        "threshold": float(threshold),
        "proposal_threshold": float(proposal_threshold),
        "calibration": [float(value) for value in calibration],
        "recipe": dict(recipe),
    }
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
    arrays = {_HEADER: np.frombuffer(text, dtype=np.uint8)}
    arrays |= {name: value.detach().cpu().numpy() for name, value in network.state_dict().items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in sorted(arrays.items()):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(values), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def read_model(source: bytes | Path, *, name: str | None = None) -> PixelModelFile:
    """Read what ``write_model`` wrote; ``name`` is what messages call bytes.

    Raises UnfitModel, with one sentence that names the file, for anything else.
    """
    called = name or (source.name if isinstance(source, Path) else "The model file")
    packed = _read_bytes(source, called=called)
    arrays = _unpack(packed, called=called)
    header = _read_header(arrays.pop(_HEADER, None), called=called)
    calibration = header["calibration"]
    return PixelModelFile(
        network=_network(arrays, channels=header["channels"], called=called),
        threshold=header["threshold"],
        proposal_threshold=header["proposal_threshold"],
        recipe=header["recipe"],
        sha256=hashlib.sha256(packed).hexdigest(),
        calibration=(calibration[0], calibration[1], calibration[2]),
    )


def _read_bytes(source: bytes | Path, *, called: str) -> bytes:
    if isinstance(source, Path):
        try:
            size = source.stat().st_size
            packed = source.read_bytes() if size <= LARGEST_BYTES else b"\0" * (LARGEST_BYTES + 1)
        except OSError as error:
            raise UnfitModel(f"{called} cannot be read: {error.strerror or error}.") from error
    else:
        packed = bytes(source)
    if len(packed) > LARGEST_BYTES:
        raise UnfitModel(f"{called} is no pixel model: it is larger than {LARGEST_BYTES >> 20} MB.")
    return packed


def _unpack(packed: bytes, *, called: str) -> dict[str, NDArray[Any]]:
    """The arrays of an npz file, none of them pickled and all of them together of a decent size."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LARGEST_BYTES or len(members) > 64:
                raise UnfitModel(f"{called} is no pixel model: it unpacks to far more than one holds.")
            return {
                member.filename.removesuffix(".npy"): np.lib.format.read_array(
                    io.BytesIO(_read_member(archive, member)), allow_pickle=False
                )
                for member in members
            }
    except UnfitModel:
        raise
    except Exception as error:  # a hostile file breaks zip and array readers in many ways; all mean the same
        raise UnfitModel(f"{called} is no pixel model: it is not an .npz file that can be read.") from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """What a member holds, and no more than it says: one that lies about its size is unpacked no further."""
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError("other ways of packing are unpacked whole before their size is known")
    with archive.open(member) as packed:
        return packed.read(member.file_size + 1)


def _read_header(values: NDArray[Any] | None, *, called: str) -> dict[str, Any]:
    if values is None or values.dtype != np.uint8 or values.ndim != 1:
        raise UnfitModel(f"{called} is no pixel model: its header is missing.")
    try:
        header = json.loads(values.tobytes().decode())
    except (ValueError, RecursionError) as error:
        raise UnfitModel(f"{called} is no pixel model: its header is not JSON.") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise UnfitModel(f"{called} is no pixel model of this program: its format is not “{FORMAT}”.")
    if not isinstance(header.get("recipe"), dict):
        raise UnfitModel(f"{called} does not say how it was made: its recipe is missing.")
    if not is_plain(header["recipe"]):
        raise UnfitModel(f"{called} does not fit: its recipe holds what cannot be kept as text and numbers.")
    channels = header.get("channels")
    if type(channels) is not int or channels not in _CHANNELS:
        raise UnfitModel(f"{called} does not fit: its network has {channels!r:.40} channels, not 4 to 64.")
    _check_number(header.get("threshold"), what="threshold", least=0.0, most=1.0, called=called)
    _check_number(header.get("proposal_threshold"), what="proposal_threshold", least=0.0, most=254.0, called=called)
    calibration = header.get("calibration")
    if not isinstance(calibration, list) or len(calibration) != 3:
        raise UnfitModel(f"{called} does not fit: its calibration is not three numbers.")
    for value in calibration:
        _check_number(value, what="calibration", least=-1e3, most=1e3, called=called)
    return header


def _check_number(value: object, *, what: str, least: float, most: float, called: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise UnfitModel(f"{called} does not fit: its {what} is not a number from {least:g} to {most:g}.")


def _network(arrays: Mapping[str, NDArray[Any]], *, channels: int, called: str) -> PixelNetwork:
    import torch

    from qc.pixel.network import PixelNetwork

    network = PixelNetwork(channels=channels)
    wanted = network.state_dict()
    if set(arrays) != set(wanted):
        odd = sorted(set(arrays) ^ set(wanted))[0]
        raise UnfitModel(f"{called} does not fit: its layers are not those of this network ({odd!r:.60}).")
    for layer, values in arrays.items():
        if values.dtype != np.float32 or values.shape != tuple(wanted[layer].shape):
            fitting = tuple(wanted[layer].shape)
            raise UnfitModel(f"{called} does not fit: {layer} is {values.dtype} {values.shape}, not float32 {fitting}.")
        if not np.isfinite(values).all():
            raise UnfitModel(f"{called} does not fit: {layer} holds values that are no numbers.")
    network.load_state_dict({layer: torch.from_numpy(values.copy()) for layer, values in arrays.items()})
    return network.eval()
