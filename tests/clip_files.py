"""Tiny vision–language models of random weights: as OpenCLIP keeps them, and as two towers in ONNX."""

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from ava.annotate.torchvision_operators import provide_torchvision_operators

DIMENSION, SIDE_PX, CONTEXT, PIECES = 24, 32, 16, 49_408
MODEL_CFG: dict[str, Any] = {
    "embed_dim": DIMENSION,
    "vision_cfg": {"image_size": SIDE_PX, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16},
    "text_cfg": {"context_length": CONTEXT, "vocab_size": PIECES, "width": 16, "heads": 2, "layers": 1},
}
PREPROCESS_CFG = {"size": SIDE_PX, "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "interpolation": "bilinear"}


def make_model(*, seed: int = 0) -> torch.nn.Module:
    provide_torchvision_operators()
    import open_clip

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return open_clip.CLIP(**MODEL_CFG).eval()


def write_openclip(folder: Path, *, seed: int = 0) -> Path:
    """A folder as OpenCLIP's own models have it: open_clip_config.json and one safetensors file."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(make_model(seed=seed).state_dict(), folder / "open_clip_model.safetensors")
    layout = {"model_cfg": MODEL_CFG, "preprocess_cfg": PREPROCESS_CFG}
    (folder / "open_clip_config.json").write_text(json.dumps(layout))
    return folder


def write_onnx_towers(
    folder: Path, *, model: torch.nn.Module | None = None, dynamic: bool = False, config: dict[str, Any] | None = None
) -> Path:
    """The same model as two towers in ONNX; `dynamic`: of any number at once, where others take one."""
    model, config = model or make_model(), config or MODEL_CFG
    for part in ("visual", "textual"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    form = {**PREPROCESS_CFG, "size": config["vision_cfg"]["image_size"]}
    (folder / "visual" / "preprocess_cfg.json").write_text(json.dumps(form))
    (folder / "textual" / "tokenizer_config.json").write_text(json.dumps({"pad_token": "<end_of_text>"}))
    write_clip_tokenizer(folder / "textual" / "tokenizer.json")
    side, context = config["vision_cfg"]["image_size"], config["text_cfg"]["context_length"]
    picture, text = torch.zeros(1, 3, side, side), torch.zeros(1, context, dtype=torch.int32)
    _export(model, "encode_image", picture, "image", folder / "visual" / "model.onnx", dynamic=dynamic)
    _export(model, "encode_text", text, "text", folder / "textual" / "model.onnx", dynamic=dynamic)
    return folder


def write_clip_tokenizer(path: Path) -> Path:
    """CLIP's vocabulary as a tokenizer.json."""
    provide_torchvision_operators()
    from open_clip.tokenizer import SimpleTokenizer
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    simple = SimpleTokenizer()
    merges = list(simple.bpe_ranks)
    tokenizer = Tokenizer(models.BPE(vocab=simple.encoder, merges=merges, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    words = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    marks = [(name, simple.encoder[name]) for name in ("<start_of_text>", "<end_of_text>")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<start_of_text> $A <end_of_text>", special_tokens=marks
    )
    tokenizer.save(str(path), pretty=False)
    return path


def _export(
    model: torch.nn.Module, method: str, example: torch.Tensor, name: str, path: Path, *, dynamic: bool
) -> None:
    from torch.onnx._internal.torchscript_exporter import onnx_proto_utils

    class Tower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return getattr(self.model, method)(values, normalize=True)

    # The exporter asks for the onnx package only to add functions of its own, of which there are none here.
    add, onnx_proto_utils._add_onnxscript_fn = onnx_proto_utils._add_onnxscript_fn, lambda proto, _: proto
    axes = {name: {0: "batch"}, "embedding": {0: "batch"}} if dynamic else None
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # its one operation has no name in ONNX
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Tower().eval(), (example,), str(path), input_names=[name], output_names=["embedding"],
                opset_version=17, dynamo=False, dynamic_axes=axes,
            )  # fmt: skip
    finally:
        onnx_proto_utils._add_onnxscript_fn = add
        torch.backends.mha.set_fastpath_enabled(fast)
