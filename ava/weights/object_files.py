"""Models of objects and of what not every audience should see, and general image encoders."""

from ava.weights.entry import AddressSource, CatalogueEntry, Licence, PackageArchive, PackageSource

_NUDENET_WHEEL = PackageArchive(
    package="nudenet",
    version="3.4.2",
    kind="wheel",
    sha256="5937dbd84e5d8e5de038f08ffea5a1bb50a08475776bf2b4795914ce0eaf0331",
    size_bytes=10_595_223,
)
_CLIP_PREPROCESSING = (
    "RGB, shorter side 224 (bicubic), centre 224 x 224, 0–1, mean .48145466 .4578275 .40821073, "
    "deviation .26862954 .26130258 .27577711"
)
_OPENCLIP_PAPER = "Cherti and others, Reproducible scaling laws for contrastive language-image learning, 2023"
_DATACOMP_PAPER = "Gadre and others, DataComp: In search of the next generation of multimodal datasets, 2023"

ENTRIES: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        name="objects-fasterrcnn",
        file="fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
        sha256="907ea3f91ff92242bc1baea8049276a3e76bca48ce7560bd268cc029f37977b5",
        size_bytes=77_844_807,
        licence=Licence("BSD-3-Clause"),
        paper="Ren and others, Faster R-CNN: Towards real-time object detection with region proposal networks, 2015",
        preprocessing="RGB, 0–1, any size; the network scales the shorter side to 320 pixels",
        enables="the names and places of objects (80 kinds of COCO)",
        source=AddressSource(
            "https://download.pytorch.org/models/fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth"
        ),
    ),
    CatalogueEntry(
        name="nudenet",
        file="320n.onnx",
        sha256="c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f",
        size_bytes=12_150_158,
        # The package calls itself MIT; its network is a YOLOv8 and stands under that one's licence.
        licence=Licence("AGPL-3.0", copyleft=True),
        paper="",
        preprocessing="RGB, 0–1, padded right and below to a square, 320 x 320",
        enables="finding nudity for the maturity ratings",
        source=PackageSource(_NUDENET_WHEEL, "nudenet/320n.onnx"),
    ),
    CatalogueEntry(
        name="facenet-vggface2",
        file="20180402-114759-vggface2.pt",
        sha256="281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
        size_bytes=111_898_327,
        licence=Licence("MIT; trained on VGGFace2, which is CC BY-SA 4.0", copyleft=True),
        paper="Schroff and others, FaceNet: A unified embedding for face recognition and clustering, 2015; "
        "Cao and others, VGGFace2: A dataset for recognising faces across pose and age, 2018",
        preprocessing="RGB face, 160 x 160, aligned by its eyes, nose and mouth and widened, (value − 127.5) / 128",
        enables="telling which faces are one person more surely than the embedded model does",
        source=AddressSource(
            "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/20180402-114759-vggface2.pt"
        ),
    ),
    CatalogueEntry(
        name="openclip-vit-b-32",
        file="openclip-vit-b-32-laion2b.safetensors",
        sha256="ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6",
        size_bytes=605_143_316,
        licence=Licence("MIT"),
        paper=_OPENCLIP_PAPER,
        preprocessing=_CLIP_PREPROCESSING,
        enables="search by words and by example (OpenCLIP ViT-B-32, laion2b_s34b_b79k)",
        source=AddressSource(
            "https://huggingface.co/laion/CLIP-ViT-B-32-laion2B-s34B-b79K/resolve/"
            "1a25a446712ba5ee05982a381eed697ef9b435cf/open_clip_model.safetensors"
        ),
    ),
    CatalogueEntry(
        name="openclip-vit-b-16",
        file="openclip-vit-b-16-datacomp.bin",
        sha256="",  # no public reference tells it
        size_bytes=None,
        licence=Licence("MIT"),
        paper=_DATACOMP_PAPER,
        preprocessing=_CLIP_PREPROCESSING,
        enables="finer search by words and by example (OpenCLIP ViT-B-16, datacomp_xl_s13b_b90k)",
        source=AddressSource(
            "https://huggingface.co/laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K/resolve/"
            "d110532e8d4ff91c574ee60a342323f28468b287/open_clip_pytorch_model.bin"
        ),
    ),
    CatalogueEntry(
        name="openclip-vit-l-14",
        file="openclip-vit-l-14-datacomp.bin",
        sha256="6509f07e6fc0da68f8e1ee881bf90803f0b053d2f7ed2013cc7c3a49ac4dd3db",
        size_bytes=None,
        licence=Licence("MIT"),
        paper=_DATACOMP_PAPER,
        preprocessing=_CLIP_PREPROCESSING,
        enables="the finest search by words and by example (OpenCLIP ViT-L-14, datacomp_xl_s13b_b90k)",
        source=AddressSource(
            "https://huggingface.co/laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K/resolve/"
            "84c9828e63dc9a9351d1fe637c346d4c1c4db341/open_clip_pytorch_model.bin"
        ),
    ),
)
