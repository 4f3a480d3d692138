"""Models that administrators add: whole ones go to work, and nothing of a hostile archive is kept or run."""

import json
import shutil
import stat
import zipfile
from io import StringIO

import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command
from safetensors.torch import save_file

from search import encoders
from search.embed.encoder import UnusableEncoder
from search.encoder_adding import add_encoder, remove_encoder
from search.installed_encoders import OPENCLIP_ARCHITECTURES, added_folder
from search.models import Encoder
from tests.clip_files import DIMENSION, MODEL_CFG, make_model, write_onnx_towers, write_openclip
from tests.encoder_files import put_into_catalogue

pytestmark = pytest.mark.django_db
torch.set_num_threads(1)
PICTURE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model_folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {"openclip": write_openclip(folder / "openclip"), "onnx": write_onnx_towers(folder / "onnx")}


@pytest.fixture
def weights(settings, tmp_path):
    settings.AVA_WEIGHTS_DIR = tmp_path / "weights"
    settings.AVA_DEVICE = "cpu"
    return settings.AVA_WEIGHTS_DIR


def zipped(folder, path, *, inside=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in folder.rglob("*.*"):
            archive.write(each, f"{inside}{each.relative_to(folder).as_posix()}")
    return path


def left_over():
    return [path.name for path in added_folder().iterdir()] if added_folder().is_dir() else []


@pytest.mark.parametrize("layout", ["openclip", "onnx"])
def test_a_model_out_of_an_archive_goes_to_work_and_comes_back_after_removal(layout, model_folders, weights, tmp_path):
    archive = zipped(model_folders[layout], tmp_path / "model.zip", inside="some-model/")
    row = add_encoder(archive, name="tiny-clip")
    assert (row.kind, row.dimension, row.is_wanted, row.is_serving) == ("vision-language", DIMENSION, False, False)
    texts, pictures = encoders.text_encoder(row), encoders.image_encoder(row)
    assert texts.encode_texts(["a dog"]).shape == (1, DIMENSION)
    vectors = pictures.encode_pictures([PICTURE, PICTURE[::-1]])
    pooled = encoders.shot_vectors(row, [vectors, vectors[:1]])
    assert pooled.shape == (2, DIMENSION) and np.allclose(pooled[1], vectors[0], atol=1e-6)
    Encoder.objects.filter(pk=row.pk).update(is_serving=True)
    assert encoders.serving() == [row], "the sentence encoder is not installed here"
    remove_encoder("tiny-clip")
    assert encoders.serving() == [] and left_over() == []
    with pytest.raises(UnusableEncoder, match="not installed"):
        encoders.text_encoder(row)
    assert add_encoder(model_folders[layout], name="tiny-clip") == row, "the same files are the same version"
    assert encoders.serving() == [row]


def test_files_that_changed_on_the_disk_are_not_used(model_folders, weights):
    row = add_encoder(model_folders["openclip"], name="tiny-clip")
    encoders.text_encoder(row)
    path = added_folder() / "tiny-clip" / "open_clip_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UnusableEncoder, match="have changed on the disk"):
        encoders.text_encoder(row)
    assert any(each.name == "tiny-clip" for each in encoders.unavailable())


def test_a_gpu_that_is_asked_for_and_not_there_is_said(model_folders, weights, settings):
    row = add_encoder(model_folders["openclip"], name="tiny-clip")
    settings.AVA_DEVICE = "cuda"
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(UnusableEncoder, match=r"tiny-clip 1 cannot be loaded: .*device auto or cpu"):
        encoders.text_encoder(row)


def hostile(kind, model, path):
    """An archive of a sound model with one thing wrong with it."""
    zipped(model, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        if kind == "outside":
            archive.writestr("../../outside.txt", "x")
        elif kind == "absolute":
            archive.writestr("/tmp/outside.txt", "x")
        elif kind == "link":
            link = zipfile.ZipInfo("tokenizer.json")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        elif kind == "bomb":
            archive.writestr("tokenizer.json", b"\0" * (1 << 25))
        elif kind == "many":
            for number in range(1001):
                archive.writestr(f"{number}.txt", "")
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [("outside", "lead out"), ("absolute", "lead out"), ("link", "lead out"), ("bomb", "swell"), ("many", "1,000")],
)
def test_hostile_archives_are_refused_whole(kind, words, model_folders, weights, tmp_path):
    archive = hostile(kind, model_folders["openclip"], tmp_path / "model.zip")
    with pytest.raises(UnusableEncoder, match=words):
        add_encoder(archive, name="tiny-clip")
    assert left_over() == [] and not (tmp_path.parent / "outside.txt").exists() and not Encoder.objects.exists()


def test_what_is_no_whole_model_is_refused_with_a_sentence(model_folders, weights, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(model_folders["openclip"], folder)
    (folder / "open_clip_model.safetensors").rename(folder / "open_clip_pytorch_model.bin")
    for source, words in (
        (folder, "are a pickle, which could run code"),
        (tmp_path / "nowhere.zip", "is not there"),
        (tmp_path, "open_clip_model"),
    ):
        with pytest.raises(UnusableEncoder, match=words):
            add_encoder(source, name="tiny-clip")
    (folder / "open_clip_pytorch_model.bin").unlink()
    with pytest.raises(UnusableEncoder, match=r"has no open_clip_model\.safetensors"):
        add_encoder(folder, name="tiny-clip")
    (tmp_path / "torn.zip").write_bytes(zipped(folder, tmp_path / "whole.zip").read_bytes()[:-30])
    with pytest.raises(UnusableEncoder, match=r"torn\.zip cannot be read as a ZIP"):
        add_encoder(tmp_path / "torn.zip", name="tiny-clip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableEncoder, match="neither an open_clip_config"):
        add_encoder(tmp_path / "empty", name="tiny-clip")
    assert left_over() == []


def test_towers_of_other_dimensions_than_their_configuration_are_refused(model_folders, weights, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(model_folders["onnx"], folder)
    (folder / "config.json").write_text(json.dumps({**MODEL_CFG, "embed_dim": 512}))
    with pytest.raises(UnusableEncoder, match=r"gives vectors of 24 numbers and not of 512"):
        add_encoder(folder, name="tiny-clip")


@pytest.mark.parametrize("name", ["", "../up", "Größe", "a" * 61, "-a", "sentence-minilm", "openclip-vit-b-32"])
def test_names_that_are_taken_or_lead_elsewhere_are_refused(name, model_folders, weights):
    with pytest.raises(UnusableEncoder, match=r"Name the encoder|already"):
        add_encoder(model_folders["onnx"], name=name)


def test_a_catalogue_model_is_an_encoder_once_its_file_is_installed(weights, monkeypatch):
    import open_clip

    for name, (architecture, dimension) in OPENCLIP_ARCHITECTURES.items():
        assert open_clip.get_model_config(architecture)["embed_dim"] == dimension, name
    weights.mkdir()
    layout = {**MODEL_CFG, "embed_dim": 512, "text_cfg": {**MODEL_CFG["text_cfg"], "context_length": 77}}
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "ViT-B-32", layout)
    save_file(open_clip.CLIP(**layout).state_dict(), weights / "b32.safetensors")
    put_into_catalogue({"openclip-vit-b-32": weights / "b32.safetensors"}, monkeypatch=monkeypatch)
    _, row = encoders.register_all()
    assert (row.name, row.version, row.dimension) == ("openclip-vit-b-32", 1, 512)
    assert encoders.image_encoder(row).encode_pictures([PICTURE]).shape == (1, 512)
    missing = {each.name: each for each in encoders.unavailable()}
    assert "bring it from" in missing["openclip-vit-b-16"].how and "openclip-vit-b-32" not in missing


def test_the_command_lists_adds_and_removes(model_folders, weights):
    def run(*arguments):
        out = StringIO()
        call_command("encoders", *arguments, stdout=out)
        return out.getvalue()

    added = json.loads(run("add", str(model_folders["onnx"]), "--name", "tiny-clip", "--json"))
    assert added["encoders"][0]["dimension"] == DIMENSION
    listed = json.loads(run("list", "--json"))
    assert {row["name"]: bool(row["why_unusable"]) for row in listed["encoders"]} == {
        "tiny-clip": False,
        "sentence-minilm": True,
    }
    assert {each["name"] for each in listed["unavailable"]} == {"sentence-minilm", *OPENCLIP_ARCHITECTURES}
    assert "tiny-clip 1: 24 numbers" in run("list")
    run("remove", "tiny-clip")
    with pytest.raises(CommandError, match="No encoder called tiny-clip was added"):
        run("remove", "tiny-clip")


def test_an_archive_of_unusual_weights_is_told_from_a_model(model_folders, weights, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(model_folders["openclip"], folder)
    broken = {name: value * float("nan") for name, value in make_model().state_dict().items()}
    save_file(broken, folder / "open_clip_model.safetensors")
    with pytest.raises(UnusableEncoder, match="numbers without sense"):
        add_encoder(folder, name="tiny-clip")
