"""Models that find and read lettering."""

from ava.weights.entry import CatalogueEntry, Licence, PackageArchive, PackageSource

_RAPIDOCR_WHEEL = PackageArchive(
    package="rapidocr",
    version="3.10.0",
    kind="wheel",
    sha256="2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
    size_bytes=27_288_134,
)

ENTRIES = (
    CatalogueEntry(
        name="text-detection",
        file="PP-OCRv6_det_small.onnx",
        sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        size_bytes=9_929_594,
        licence=Licence("Apache-2.0"),
        paper="Liao, Wan, Yao, Chen and Bai, Real-time scene text detection with differentiable binarization, 2020",
        preprocessing="BGR float32 (N, 3, H, W), -1 to 1, sides multiples of 32; gives each pixel's share of lettering",
        enables="finding titles, credits, subtitles and signs",
        source=PackageSource(_RAPIDOCR_WHEEL, "rapidocr/models/PP-OCRv6_det_small.onnx"),
    ),
    CatalogueEntry(
        name="text-recognition",
        file="PP-OCRv6_rec_small.onnx",
        sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        size_bytes=21_234_383,
        licence=Licence("Apache-2.0"),
        paper="Li et al., PP-OCRv3: More attempts for the improvement of ultra lightweight OCR system, 2022",
        preprocessing="BGR float32 (N, 3, 48, W), -1 to 1, filled up with 0; its letters stand in its metadata",
        enables="reading titles, credits, subtitles and signs",
        source=PackageSource(_RAPIDOCR_WHEEL, "rapidocr/models/PP-OCRv6_rec_small.onnx"),
    ),
)
