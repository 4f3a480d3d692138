"""Subtitle files that people bring: sound ones are searched at once, broken ones are told of in a sentence."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from search import dialogue_upload
from search.dialogue_upload import UnusableDialogue, bring_dialogue, remove_dialogue
from search.models import DialogueLine
from tests.world import World, make_world

SRT = "1\n00:00:00,200 --> 00:00:01,000\nCafé in the rain\n\n2\n00:00:01,100 --> 00:00:01,900\n<i>Run!</i>\n"


@pytest.fixture
def world(db) -> World:
    world = make_world("uploads")
    world.dialogue_line.delete()
    return world


def _file(content: str | bytes, name: str = "film.srt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def _texts(world: World) -> list[str]:
    return list(DialogueLine.objects.filter(video=world.video).values_list("text", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding_is_read(world, encoding):
    brought = bring_dialogue(world.video, _file(SRT.encode(encoding)), language="en")
    assert _texts(world) == ["Café in the rain", "Run!"] and (brought.lines, brought.outside) == (2, 0)
    first = DialogueLine.objects.filter(video=world.video).first()
    assert (first.start_frame, first.end_frame) == (5, 25)  # 0.2–1.0 s at 25 frames a second


def test_letters_that_are_none_and_marks_of_html_are_read_as_players_show_them(world):
    odd = f"1\n00:00:00,200 --> 00:00:01,000\n<b onclick=x>Tom &amp; Jerry</b> &#{'9' * 10_000}; &#xD800; &#0;\n"
    bring_dialogue(world.video, _file(odd), language="en")
    assert _texts(world) == ["Tom & Jerry \ufffd \ufffd \ufffd"]


def test_a_file_takes_the_place_of_the_one_of_its_language_alone(world):
    bring_dialogue(world.video, _file(SRT), language="en")
    bring_dialogue(world.video, _file(SRT.replace("Run", "Cours")), language="fr")
    again = bring_dialogue(world.video, _file(SRT.replace("Run", "Go")), language="en")
    assert sorted(_texts(world)) == ["Café in the rain", "Café in the rain", "Cours!", "Go!"] and again.replaced == 2
    assert "in place of 2 lines" in again.sentence
    assert remove_dialogue(world.video, language="fr") == 2 and "Cours!" not in _texts(world)


def test_the_language_comes_from_the_file_name_else_from_the_title(world):
    assert bring_dialogue(world.video, _file(SRT, "film.pt-BR.srt")).language == "pt-BR"
    world.title.language = "de"
    world.title.save()
    world.video.refresh_from_db()
    assert bring_dialogue(world.video, _file(SRT, "film.srt")).language == "de"


def test_lines_after_the_end_are_left_out_and_told_of(world):
    late = f"{SRT}\n3\n01:00:00,000 --> 01:00:01,000\nToo late\n"
    brought = bring_dialogue(world.video, _file(late), language="en")
    assert brought.outside == 1 and "1 line after the film's end left out" in brought.sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no subtitles"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "no subtitles"),
        (b"\x00" * 5000, "no subtitles"),
        ("1\n00:00:0x --> 00:00:01,000\nHm\n", "no time such as"),
        ("1\n-00:00:05,000 --> -00:00:01,000\nBefore\n", "no time such as"),
        ("1\n00:00:02,000 --> 00:00:01,000\nBackwards\n", "no subtitles"),
        ("1\n00:00:00,000 --> 00:00:01,000\n\n", "no words"),
        ("1\n50:00:00,000 --> 50:00:01,000\nElsewhere\n", "within the film"),
    ],
)
def test_broken_files_are_refused_in_a_sentence_and_change_nothing(world, content, says):
    bring_dialogue(world.video, _file(SRT), language="en")
    with pytest.raises(UnusableDialogue, match=says) as refused:
        bring_dialogue(world.video, _file(content), language="en")
    assert str(refused.value)[-1] in ".?" and len(_texts(world)) == 2


def test_files_made_to_be_slow_are_refused_at_once(world):
    times = b"00:00:00.000 --> 00:00:01.000\n"
    for content in (times * 60_000, times * 5_000 + b"\n" * 2_000_000, b"<" * 10**6 + b"-->" * 10**6):
        began = time.process_time()
        with pytest.raises(UnusableDialogue):
            bring_dialogue(world.video, _file(content), language="en")
        assert time.process_time() - began < 5


def test_huge_files_and_too_many_lines_are_refused(world, monkeypatch):
    monkeypatch.setattr(dialogue_upload, "MOST_BYTES", 100)
    with pytest.raises(UnusableDialogue, match="larger than"):
        bring_dialogue(world.video, _file(SRT * 3), language="en")
    monkeypatch.setattr(dialogue_upload, "MOST_BYTES", 10**6)
    monkeypatch.setattr(dialogue_upload, "MOST_ROWS", 5)
    with pytest.raises(UnusableDialogue, match="5 rows"):
        bring_dialogue(world.video, _file(SRT), language="en")
    monkeypatch.setattr(dialogue_upload, "MOST_ROWS", 100)
    monkeypatch.setattr(dialogue_upload, "MOST_LINES", 1)
    with pytest.raises(UnusableDialogue, match="more than 1 subtitles"):
        bring_dialogue(world.video, _file(SRT), language="en")


@pytest.mark.parametrize("language", ["e", "english please", "en_US", "x" * 40, "<b>"])
def test_a_language_that_is_none_is_refused(world, language):
    with pytest.raises(UnusableDialogue, match="tag such as"):
        bring_dialogue(world.video, _file(SRT), language=language)


def _post(client: Client, world: World, **data):
    return client.post(
        reverse("dialogue-upload", args=[world.video.pk]), data, headers={"Accept": "application/json"}
    )


def test_editors_bring_files_and_see_the_lines_on_the_page(world, client):
    client.force_login(world.editor)
    answer = _post(client, world, file=_file(SRT), language="en")
    assert answer.status_code == 200 and answer.json()["lines"] == 2
    page = client.get(reverse("dialogue-upload", args=[world.video.pk]))
    assert page.status_code == 200 and "Café in the rain" in page.text
    assert _post(client, world, remove="en").json()["lines"] == 2 and _texts(world) == []


def test_reviewers_look_only_and_outsiders_find_nothing(world, client):
    other = make_world("elsewhere")
    client.force_login(world.reviewer)
    page = client.get(reverse("dialogue-upload", args=[world.video.pk]))
    assert page.status_code == 200
    assert "Bring in" not in page.text and "What happens here" not in page.text
    assert _post(client, world, file=_file(SRT)).status_code == 403
    client.force_login(other.editor)
    assert _post(client, world, file=_file(SRT)).status_code == 404
    assert client.get(reverse("dialogue-upload", args=[world.video.pk])).status_code == 404


def test_malformed_requests_are_refused_in_a_sentence(world, client):
    client.force_login(world.editor)
    for data in ({}, {"file": "words"}, {"file": _file(SRT), "language": "\0"}, {"file": _file(b"")}):
        answer = _post(client, world, **data)
        assert answer.status_code == 400 and answer.json()["detail"].endswith(".")
    large = client.post(
        reverse("dialogue-upload", args=[world.video.pk]), b"", content_type="multipart/form-data; boundary=x",
        headers={"Accept": "application/json", "Content-Length": str(100 * 2**20)},
    )  # fmt: skip
    assert large.status_code == 413 and "20 MB" in large.json()["detail"]


def test_the_api_takes_files_and_lists_lines(world, client):
    client.force_login(world.editor)
    brought = client.post(
        "/api/dialogue-lines/bring/", {"video": world.video.pk, "file": _file(SRT), "language": "en"}
    )
    assert brought.status_code == 201 and brought.json()["lines"] == 2
    listed = client.get("/api/dialogue-lines/", {"video": world.video.pk, "language": "en"}).json()
    assert [line["text"] for line in listed["results"]] == ["Café in the rain", "Run!"]
    assert client.post("/api/dialogue-lines/bring/", {"video": world.video.pk, "file": _file("x")}).status_code == 400
    stranger = make_world("stranger").editor
    client.force_login(stranger)
    refused = client.post("/api/dialogue-lines/bring/", {"video": world.video.pk, "file": _file(SRT)})
    assert refused.status_code == 400 and "does not exist" in refused.text
