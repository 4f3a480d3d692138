"""Vision–language models in both backends: the same vectors, whatever else is in the batch."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from search.embed.clip_tokens import clip_tokenizer, file_tokenizer
from search.embed.encoder import UnusableEncoder
from search.embed.onnx_towers import load_onnx_towers
from search.embed.openclip import load_openclip, load_openclip_layout
from tests.clip_files import (
    CONTEXT,
    DIMENSION,
    MODEL_CFG,
    PREPROCESS_CFG,
    make_model,
    write_clip_tokenizer,
    write_onnx_towers,
    write_openclip,
)

torch.set_num_threads(1)
TEXTS = ["a dog", "", "a man in a red coat runs over the bridge at night", "CAFÉ, it's 1984!", "дом 😀", "x" * 9000]


def pictures(count: int = 11) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    sizes = [(40 + 7 * number, 90 - 5 * number) for number in range(count)]
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sizes]


@pytest.fixture(scope="module")
def openclip_folder(tmp_path_factory):
    return write_openclip(tmp_path_factory.mktemp("openclip"))


@pytest.fixture(scope="module")
def torch_towers(openclip_folder):
    layout = json.loads((openclip_folder / "open_clip_config.json").read_text())
    weights = openclip_folder / "open_clip_model.safetensors"
    return load_openclip_layout(weights, layout=layout, tokenize=clip_tokenizer(context=CONTEXT))


@pytest.fixture(scope="module")
def onnx_folder(tmp_path_factory):
    return write_onnx_towers(tmp_path_factory.mktemp("onnx"))


@pytest.fixture(scope="module")
def towers(torch_towers, onnx_folder, tmp_path_factory):
    dynamic = write_onnx_towers(tmp_path_factory.mktemp("dynamic"), dynamic=True)
    return {
        "torch": torch_towers,
        "onnx, one at once": load_onnx_towers(onnx_folder),
        "onnx, any number": load_onnx_towers(dynamic),
    }


BACKENDS = ("torch", "onnx, one at once", "onnx, any number")


@pytest.mark.parametrize("backend", BACKENDS)
def test_vectors_have_length_1_and_do_not_hang_on_the_batch(towers, backend):
    text, image = towers[backend].text, towers[backend].image
    for vectors, alone in (
        (text.encode_texts(TEXTS), [text.encode_texts([each])[0] for each in TEXTS]),
        (image.encode_pictures(pictures()), [image.encode_pictures([each])[0] for each in pictures()]),
    ):
        assert vectors.dtype == np.float32 and vectors.shape == (len(alone), DIMENSION)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert np.abs(vectors - np.array(alone)).max() < 1e-6
        assert np.abs(vectors[0] - vectors[1]).max() > 1e-3
    assert text.encode_texts([]).shape == image.encode_pictures([]).shape == (0, DIMENSION)


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_both_backends_give_the_same_vectors(towers, backend):
    expected = towers["torch"]
    assert np.abs(towers[backend].text.encode_texts(TEXTS) - expected.text.encode_texts(TEXTS)).max() < 1e-5
    images = towers[backend].image.encode_pictures(pictures()), expected.image.encode_pictures(pictures())
    assert np.abs(images[0] - images[1]).max() < 1e-5


def test_a_text_run_to_its_end_mark_gives_what_the_whole_model_gives(torch_towers):
    import open_clip

    with torch.inference_mode():
        tokens = open_clip.tokenizer.SimpleTokenizer()(TEXTS, context_length=CONTEXT)
        expected = make_model().encode_text(tokens, normalize=True).numpy()
    assert np.abs(torch_towers.text.encode_texts(TEXTS) - expected).max() < 1e-5


def test_a_tokenizer_file_cuts_words_as_openclip_does(tmp_path):
    path = write_clip_tokenizer(tmp_path / "tokenizer.json")
    tokenize, pad_number = file_tokenizer(path, context=CONTEXT, pad_token="<end_of_text>")
    theirs = clip_tokenizer(context=CONTEXT)(TEXTS)
    ours = tokenize(TEXTS)
    for own, their in zip(ours, theirs, strict=True):
        end = their.argmax()
        assert own[: end + 1].tolist() == their[: end + 1].tolist() and (own[end:] == pad_number).all()
    canonical, _ = file_tokenizer(path, context=CONTEXT, pad_token="<end_of_text>", is_canonical=True)
    assert np.array_equal(canonical(["A_dog, running!"]), tokenize(["a dog running"]))


def test_a_model_is_loaded_by_its_name_from_a_file_alone(tmp_path, monkeypatch):
    import open_clip

    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "tiny.json").write_text(json.dumps(MODEL_CFG))
    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIGS", {"tiny": MODEL_CFG}, raising=True)
    weights = tmp_path / "weights.safetensors"
    save_file(make_model().state_dict(), weights)
    towers = load_openclip(weights, architecture="tiny", tokenize=clip_tokenizer(context=CONTEXT))
    assert towers.text.encode_texts(["a dog"]).shape == (1, DIMENSION) and towers.image.side_px == 32
    pickled = tmp_path / "weights.bin"
    torch.save(make_model().state_dict(), pickled)
    again = load_openclip(pickled, architecture="tiny", tokenize=clip_tokenizer(context=CONTEXT))
    assert np.array_equal(again.text.encode_texts(TEXTS), towers.text.encode_texts(TEXTS))
    with pytest.raises(UnusableEncoder, match="no model called unheard-of"):
        load_openclip(weights, architecture="unheard-of", tokenize=clip_tokenizer())
    for content in (b"", b"\x80\x02nonsense", b"PK\x03\x04"):
        pickled.write_bytes(content)
        with pytest.raises(UnusableEncoder, match=r"weights\.bin holds no model tiny"):
            load_openclip(pickled, architecture="tiny", tokenize=clip_tokenizer())


class Planted:
    def __reduce__(self):
        return (print, ("planted code ran",))


def test_a_pickle_with_code_in_it_is_refused_and_never_run(tmp_path, monkeypatch, capsys):
    import open_clip

    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIGS", {"tiny": MODEL_CFG}, raising=True)
    torch.save({"state_dict": make_model().state_dict(), "more": Planted()}, tmp_path / "weights.bin")
    with pytest.raises(UnusableEncoder, match="holds no model tiny"):
        load_openclip(tmp_path / "weights.bin", architecture="tiny", tokenize=clip_tokenizer())
    assert "planted" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_cfg": None}, "tells no model_cfg"),
        ({"model_cfg": {**MODEL_CFG, "text_cfg": {"hf_model_name": "some/hub-model"}}}, "would download"),
        ({"model_cfg": {**MODEL_CFG, "vision_cfg": {"timm_model_pretrained": True}}}, "would download"),
        ({"model_cfg": {**MODEL_CFG, "embed_dim": 10**9}}, "no machine could hold"),
        ({"model_cfg": {**MODEL_CFG, "embed_dim": 32}}, "does not fit"),
        ({"model_cfg": {**MODEL_CFG, "surprise": 1}}, "does not fit"),
        ({"preprocess_cfg": {"size": "large"}}, "form of pictures"),
    ],
)
def test_layouts_that_would_download_or_do_not_fit_are_refused(openclip_folder, change, words):
    layout = {"model_cfg": MODEL_CFG, "preprocess_cfg": PREPROCESS_CFG, **change}
    with pytest.raises(UnusableEncoder, match=words):
        load_openclip_layout(
            openclip_folder / "open_clip_model.safetensors", layout=layout, tokenize=clip_tokenizer(context=CONTEXT)
        )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.json", {**MODEL_CFG, "embed_dim": 12}, r"visual/model\.onnx gives vectors of 24 .* not of 12"),
        ("config.json", {"embed_dim": "many"}, "embed_dim"),
        ("config.json", [1], "nothing by name"),
        ("visual/preprocess_cfg.json", {"size": 10**9}, r"preprocess_cfg\.json"),
        ("visual/preprocess_cfg.json", {**PREPROCESS_CFG, "size": 48}, r"visual/model\.onnx could not be run"),
        ("visual/model.onnx", None, r"visual/model\.onnx is no network"),
        ("textual/tokenizer.json", {}, r"tokenizer\.json is no tokenizer"),
        ("textual/tokenizer_config.json", {"pad_token": "[nothing]"}, "does not know the piece"),
        ("textual/tokenizer_config.json", {}, "pad_token"),
    ],
)
def test_towers_that_do_not_go_together_are_refused_by_name(onnx_folder, tmp_path, name, content, words):
    for path in onnx_folder.rglob("*.*"):
        copy = tmp_path / path.relative_to(onnx_folder)
        copy.parent.mkdir(exist_ok=True)
        copy.symlink_to(path)
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(b"no onnx" if content is None else json.dumps(content).encode())
    with pytest.raises(UnusableEncoder, match=words):
        load_onnx_towers(tmp_path).image.encode_pictures(pictures(1))
