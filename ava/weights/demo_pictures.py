"""Portraits of real people for the demo film."""

from ava.weights.entry import CatalogueEntry, Licence, PackageArchive, PackageSource

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


ENTRIES = (
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
