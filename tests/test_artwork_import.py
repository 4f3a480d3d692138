"""Bringing artwork in: every hostile archive and unusable picture told in a sentence, and nothing half-kept."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from ava.deletion import delete_titles
from ava.models import Title
from curation import artwork_archive
from curation.artwork_archive import UnusableArchive, open_archive
from curation.artwork_import import Delivery, GivenFile, Outcome, bring_artwork
from curation.artwork_names import distinct_name, guess_language
from curation.models import Artwork
from tests.artwork_reading import reads_here  # noqa: F401
from tests.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reads_here")]


@pytest.fixture
def ours() -> World:
    return make_world("ours")


def picture(level: int = 90, *, size: tuple[int, int] = (48, 32), kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (level, 100, 50)).save(written, kind)
    return written.getvalue()


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return written.getvalue()


def bring(world: World, folder: Path, **files: bytes) -> Delivery:
    """Bring files by name; "__" in a name stands for its dot, "_of_" for a folder."""
    given = []
    for number, (name, content) in enumerate(files.items()):
        path = folder / f"given-{number}"
        path.write_bytes(content)
        given.append(GivenFile(name.replace("__", ".").replace("_of_", "/"), path))
    return bring_artwork(world.title, given, user=world.editor)


def brought(world: World) -> dict[str, Artwork]:
    return {each.original_name: each for each in Artwork.objects.filter(title=world.title).exclude(pk=world.artwork.pk)}


def stored_files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_a_picture_is_kept_as_it_came_and_as_ava_reads_it(ours, tmp_path, hints, django_capture_on_commit_callbacks):
    cmyk = io.BytesIO()
    Image.new("CMYK", (40, 20), (255, 0, 0, 0)).save(cmyk, "JPEG")
    with django_capture_on_commit_callbacks(execute=True):
        delivery = bring(ours, tmp_path, poster_fr__jpg=cmyk.getvalue())
    (artwork,) = brought(ours).values()
    assert (artwork.width, artwork.height, artwork.language, artwork.state) == (40, 20, "fr", "waiting")
    assert default_storage.open(artwork.file.name).read() == cmyk.getvalue()
    assert Image.open(default_storage.open(artwork.picture.name)).mode == "RGB"
    assert "approximate" in artwork.remarks[0] and delivery.added[0].sentence == artwork.remarks[0]
    assert ("curation.tasks.annotate_artworks",) in hints
    assert (tmp_path / "given-0").exists(), "what somebody named on their disk stays where it is"


def test_the_same_file_twice_is_one_artwork_and_that_is_told(ours, tmp_path):
    delivery = bring(ours, tmp_path, a__png=picture(), b__png=picture(), c__png=picture(7))
    assert [each.outcome for each in delivery.pictures] == ["added", "duplicate", "added"]
    assert "b.png is here already as “a.png”" in delivery.pictures[1].sentence
    assert sorted(brought(ours)) == ["a.png", "c.png"]


def test_two_pictures_of_one_name_are_told_apart(ours, tmp_path):
    bring(ours, tmp_path, de_of_poster__png=picture(1))
    bring(ours, tmp_path, fr_of_poster__png=picture(2))
    third = bring(ours, tmp_path, poster__png=picture(3))
    assert {name: each.language for name, each in brought(ours).items()} == {
        "poster.png": "de", "fr/poster.png": "fr", "poster (2).png": "",
    }  # fmt: skip
    assert "Another picture has its name" in third.pictures[0].sentence


def test_unusable_pictures_are_told_and_the_others_come_in(ours, tmp_path, media_folder):
    mixed = packed(
        ("set/a.png", picture(1)), ("set/cut.png", picture(2)[:60]), ("set/notes.txt", b"Hello"),
        ("set/b.png", picture(3)), ("set/inner.zip", packed(("x.png", picture(4)))),
        ("__MACOSX/set/._a.png", b"\0\5\26\7"), ("set/.DS_Store", b"x"),
    )  # fmt: skip
    delivery = bring(ours, tmp_path, set__zip=mixed)
    assert sorted(brought(ours)) == ["a.png", "b.png"]
    assert delivery.leftovers == 2
    refused = {each.name: each.sentence for each in delivery.of(Outcome.REFUSED)}
    assert set(refused) == {"set/cut.png", "set/notes.txt", "set/inner.zip"}
    assert "damaged" in refused["set/cut.png"] and "a text" in refused["set/notes.txt"]
    assert "an archive; unpack it" in refused["set/inner.zip"]
    assert len(stored_files(media_folder)) == 6


def link_to(target: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def locked() -> bytes:
    """An archive whose only file says that it is encrypted."""
    whole = bytearray(packed(("a.png", picture())))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.find(signature) + offset
        whole[place] |= 1
    return bytes(whole)


def many_names() -> bytes:
    return packed(*((f"{number}.png", b"") for number in range(artwork_archive.MOST_MEMBERS + 1)))


def endless_directory() -> bytes:
    """An archive that says that its list of contents is a gigabyte long."""
    whole = bytearray(packed(("a.png", picture())))
    struct.pack_into("<I", whole, whole.rfind(b"PK\x05\x06") + 12, 2**30)
    return bytes(whole)


def tells_sizes(*, file_size: int, count: int = 1) -> bytes:
    """An archive whose list of contents tells the sizes that it is told to."""
    whole = bytearray(packed(*((f"{number}.png", picture()) for number in range(count))))
    place = whole.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into("<I", whole, place + 24, file_size)
        place = whole.find(b"PK\x01\x02", place + 1)
    return bytes(whole)


HOSTILE = {
    "leads up": (lambda: packed(("a.png", picture()), ("../../evil.png", picture(2))), "leads out of its folder"),
    "leads up, as Windows writes it": (lambda: packed(("..\\evil.png", picture())), "leads out of its folder"),
    "absolute": (lambda: packed(("/etc/evil.png", picture())), "leads out of its folder"),
    "of a drive": (lambda: packed(("C:\\evil.png", picture())), "leads out of its folder"),
    "a link": (lambda: packed(("a.png", picture()), (link_to("/etc/passwd"), b"/etc/passwd")), "symbolic link"),
    "locked": (locked, "locked with a password"),
    "too many": (many_names, "more than 2,000 files"),
    "endless": (endless_directory, "more than 2,000 files"),
    "a bomb": (lambda: tells_sizes(file_size=300 * 2**20, count=3), "100 times its size"),
    "too large": (lambda: tells_sizes(file_size=2**31, count=3), "more than 4 GB"),
    "no archive": (lambda: b"PK\x03\x04" + bytes(500), "no ZIP file or damaged"),
    "cut": (lambda: packed(("a.png", picture()))[:-30], "no ZIP file or damaged"),
    "empty": (lambda: packed(), "holds no files"),
    "leftovers only": (lambda: packed(("__MACOSX/._a.png", b"x")), "holds no files"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_whole_and_nothing_of_it_is_kept(ours, tmp_path, media_folder, what):
    make, sentence = HOSTILE[what]
    delivery = bring(ours, tmp_path, set__zip=make(), good__png=picture(9))
    refused, added = delivery.of(Outcome.REFUSED), delivery.added
    assert [each.name for each in added] == ["good.png"], "what came beside it is not its fault"
    assert len(refused) == 1 and sentence in refused[0].sentence and refused[0].sentence.startswith("set.zip")
    assert len(stored_files(media_folder)) == 3
    assert not list(tmp_path.parent.glob("evil.png")) and not list((tmp_path / "uploads").rglob("given"))


def test_a_file_in_an_archive_that_is_longer_than_it_says_is_refused(tmp_path):
    path = tmp_path / "lies.zip"
    path.write_bytes(tells_sizes(file_size=10))
    refusal = pytest.raises(artwork_archive.UnusableMember, match="damaged in the archive")
    with open_archive(path, name="lies.zip") as archive, refusal:
        archive.copy(archive.members[0], tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_drawings_that_pack_a_thousandfold_are_no_bomb(tmp_path):
    flat = io.BytesIO()
    Image.new("RGB", (3000, 2000), (5, 5, 5)).save(flat, "BMP")
    path = tmp_path / "flat.zip"
    path.write_bytes(packed(("flat.bmp", flat.getvalue()), method=zipfile.ZIP_DEFLATED))
    assert flat.tell() > 100 * path.stat().st_size
    with open_archive(path, name="flat.zip") as archive:
        assert len(archive.members) == 1


def test_an_archive_is_stored_as_a_whole_or_not_at_all(ours, tmp_path, media_folder, monkeypatch):
    saved = FileSystemStorage.save
    kept: list[str] = []

    def fail_at_the_fifth(self: FileSystemStorage, name: str, content: object) -> str:
        if len(kept) == 4:
            raise OSError("the disk has gone")
        kept.append(saved(self, name, content))
        return kept[-1]

    monkeypatch.setattr(FileSystemStorage, "save", fail_at_the_fifth)
    with pytest.raises(OSError, match="the disk has gone"):
        bring(ours, tmp_path, set__zip=packed(("a.png", picture(1)), ("b.png", picture(2))))
    assert len(kept) == 4 and stored_files(media_folder) == [] and brought(ours) == {}
    assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []


def test_deleting_a_title_deletes_the_files_of_its_artwork_with_or_without_films(
    ours, tmp_path, media_folder, django_capture_on_commit_callbacks
):
    ours.title.videos.all().delete()
    bring(ours, tmp_path, a__png=picture(1), b__png=picture(2))
    assert len(stored_files(media_folder)) == 6
    with django_capture_on_commit_callbacks(execute=True):
        delete_titles(Title.objects.filter(pk=ours.title.pk))
    assert stored_files(media_folder) == [] and not Artwork.objects.filter(title_id=ours.title.pk).exists()


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("poster_fr.jpg", "fr"), ("poster-pt-BR.png", "pt-BR"), ("key_art.EN.jpg", "en"), ("fr/poster.jpg", "fr"),
        ("es-419/a.jpg", "es-419"), ("poster_zh-Hant.png", "zh-Hant"), ("Key art DE v2 1536x864.jpg", "de"),
        ("poster_it.jpg", "it"), ("look at it.jpg", ""), ("it.jpg", ""), ("img_no_2.jpg", ""), ("summit.jpg", ""),
        ("poster_xx.jpg", ""), ("poster", ""), ("", ""), ("../..", ""), ("éé_fr.jpg", "fr"),
    ],
)  # fmt: skip
def test_the_language_is_guessed_from_a_name_that_ends_with_one(path, language):
    assert guess_language(path) == language


def test_every_picture_gets_a_name_of_its_own_that_can_be_stored():
    taken: set[str] = set()
    for path in ["a.png"] * 5 + ["x/y/a.png", "../a.png", "", "\x00\u202e", "n" * 400 + ".png", "n" * 400 + ".png"]:
        name = distinct_name(path, taken=taken)
        assert name not in taken and 0 < len(name) <= 255 and "\x00" not in name and ".." not in name.split("/")
        taken.add(name)


@pytest.fixture
def folder(tmp_path) -> Iterator[Path]:
    place = tmp_path / "pictures"
    (place / "fr").mkdir(parents=True)
    (place / "poster.png").write_bytes(picture(1))
    (place / "fr" / "poster.png").write_bytes(picture(2))
    (place / ".hidden.png").write_bytes(picture(3))
    (place / "more.zip").write_bytes(packed(("c.png", picture(4))))
    (place / "link.png").symlink_to("/etc/passwd")
    yield place


def test_the_shell_brings_files_folders_and_archives(ours, folder, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"%PDF-1.4")
    out = io.StringIO()
    call_command("artwork", ours.title.name, str(folder), str(tmp_path / "bad.jpg"), as_json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert {each["name"]: each["outcome"] for each in told["pictures"]} == {
        "c.png": "added", "poster.png": "added", "fr/poster.png": "added", "bad.jpg": "refused",
    }  # fmt: skip
    assert (folder / "poster.png").exists()
    call_command("artwork", str(ours.title.pk), str(folder), stdout=(out := io.StringIO()))
    assert "0 pictures added" in out.getvalue() and "there already" in out.getvalue()
    for arguments, sentence in (
        (("nobody", str(folder)), "no title named"), ((str(ours.title.pk), str(tmp_path / "none")), "There is no"),
        ((str(ours.title.pk), str(tmp_path / "bad.jpg")), "Nothing could be used"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=sentence):
            call_command("artwork", *arguments, stdout=io.StringIO())


def test_an_archive_that_no_test_above_thought_of_is_a_refusal_or_a_list(tmp_path):
    whole, path = packed(("a.png", picture()), ("b/c.png", picture(2))), tmp_path / "z"
    chance = np.random.default_rng(3)
    for _ in range(150):
        spoilt = np.frombuffer(whole, np.uint8).copy()
        spoilt[chance.integers(0, len(spoilt), 6)] = chance.integers(0, 256, 6)
        path.write_bytes(spoilt.tobytes())
        try:
            with open_archive(path, name="z.zip") as archive:
                for number, member in enumerate(archive.members):
                    try:
                        archive.copy(member, tmp_path / f"copy-{number}")
                    except artwork_archive.UnusableMember as refusal:
                        assert str(refusal).endswith(".")
        except UnusableArchive as refusal:
            assert str(refusal).startswith("z.zip")
