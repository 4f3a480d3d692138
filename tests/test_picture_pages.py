"""Pages and API of like pictures and of test results, and that nobody does there what is not theirs to do."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from curation.models import Picture, PictureGroup, Sameness, SimilarPair, TestBatch
from curation.picture_pages import groups_page
from curation.picture_questions import open_questions
from curation.picture_reasons import CopyFacts, explain_best
from curation.picture_rows import row_of_frame
from curation.similarity.index import INDEX_VERSION
from tests.world import World, make_artwork, make_world

pytestmark = pytest.mark.django_db

HEAD = "image,region,impressions,plays\n"


@pytest.fixture
def world(settings: object, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return make_world("pages")


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(world: World) -> Client:
    return signed_in(world.editor)


def pair_of(world: World, first: int, second: int, *, index: float) -> SimilarPair:
    one, other = (row_of_frame(world.video, frame) for frame in (first, second))
    return SimilarPair.objects.create(
        first=one, second=other, index=index, histogram=0.5, structure=0.4, features=0.3, emd=0.6, version=INDEX_VERSION
    )


def do(client: Client, world: World, **fields: object):
    return client.post(
        reverse("picture-groups-do", args=[world.title.pk]), fields, headers={"Accept": "application/json"}
    )


def test_the_page_shows_groups_with_the_four_parts_and_every_kind_of_filter(world: World, editor: Client) -> None:
    page = editor.get(reverse("picture-groups", args=[world.title.pk]))
    text = page.content.decode()
    for words in ("2 copies", "Histogram", "Structure", "Features", "Earth mover’s distance", "artwork-pages.png"):
        assert words in text, words
    kinds = groups_page(world.title).counts
    assert kinds == {"": 1, "stills": 0, "artwork": 0, "mixed": 1}
    for kind, found in (("stills", 0), ("mixed", 1), ("nonsense\0", 1)):
        assert len(groups_page(world.title, kind=kind).cards) == found
    for query in ({"page": "x"}, {"group": "9" * 30}, {"skip": "1-2,\0,x"}, {"kind": "\0"}, {"group": "0"}):
        assert editor.get(reverse("picture-groups", args=[world.title.pk]), query).status_code == 200


def test_who_may_only_look_sees_no_controls_and_is_refused(world: World) -> None:
    reviewer = signed_in(world.reviewer)
    for name in ("picture-groups", "test-results"):
        page = reviewer.get(reverse(name, args=[world.title.pk])).content.decode()
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert do(reviewer, world, action="same", pictures="1,2").status_code == 403
    assert reviewer.post(reverse("test-results", args=[world.title.pk])).status_code == 403
    assert reviewer.post(reverse("test-batch-delete", args=[world.test_batch.pk])).status_code == 403
    said = {"action": "undo"}
    url = reverse("api-title-picture-groups", args=[world.title.pk])
    assert reviewer.post(url, said, content_type="application/json").status_code == 403
    assert TestBatch.objects.filter(pk=world.test_batch.pk).exists()


def test_what_is_said_on_the_page_is_done_and_undone_by_forms_and_scripts(world: World, editor: Client) -> None:
    group = PictureGroup.objects.get(title=world.title)
    still, artwork = group.members.order_by("pk")
    answer = do(editor, world, action="take-out", pictures=artwork.pk)
    assert answer.json()["sentence"] == "artwork-pages.png is not the same as another picture."
    assert not PictureGroup.objects.filter(title=world.title).exists()
    undone = editor.post(
        reverse("picture-groups-undo", args=[world.title.pk]), {"next": "/titles/"}, headers={"Accept": "text/html"}
    )
    assert undone.headers["Location"] == "/titles/"
    assert [list(each.members.order_by("pk")) for each in PictureGroup.objects.filter(title=world.title)] == [
        [still, artwork]
    ]
    nothing = editor.post(reverse("picture-groups-undo", args=[world.title.pk]), headers={"Accept": "application/json"})
    assert (nothing.status_code, nothing.json()["detail"]) == (409, "There is nothing left to undo.")


def test_nonsense_is_refused_with_a_sentence_or_404_and_never_breaks(world: World, editor: Client) -> None:
    other = make_world("strangers")
    foreign = Picture.objects.filter(title=other.title).first()
    assert do(editor, world, action="same", pictures=foreign.pk).status_code == 404
    assert do(editor, world, action="keep", group=other.title.picture_groups.get().pk).status_code == 404
    for fields in (
        {}, {"action": "\0"}, {"action": "same"}, {"action": "same", "pictures": world.artwork.picture_row.pk},
        {"action": "different", "pictures": world.artwork.picture_row.pk}, {"action": "keep", "group": ""},
    ):  # fmt: skip
        answer = do(editor, world, **fields)
        assert answer.status_code == 400 and answer.json()["detail"].endswith((".", "?")), fields
    for pictures in ("\0", "1" * 40, "x", "-1"):
        assert do(editor, world, action="same", pictures=pictures).status_code == 404


def test_only_doubtful_pairs_are_asked_about_the_most_doubtful_first_and_never_what_people_settled(
    world: World, editor: Client
) -> None:
    SimilarPair.objects.all().delete()
    surely, doubtful, likelier = (pair_of(world, *frames, index=index) for *frames, index in (
        (1, 2, 0.99), (3, 4, 0.48), (5, 6, 0.7),
    ))  # fmt: skip
    asked = open_questions(world.title)
    assert [(each.first.pk, each.second.pk) for each in asked.asked] == [
        (pair.first_id, pair.second_id) for pair in (doubtful, likelier)
    ]
    assert "Same picture?" in editor.get(reverse("picture-groups", args=[world.title.pk])).content.decode()
    do(editor, world, action="different", pictures=f"{doubtful.first_id},{doubtful.second_id}")
    assert open_questions(world.title).total == 1
    skipped = open_questions(world.title, skipped=[f"{likelier.first_id}-{likelier.second_id}"])
    assert (skipped.asked, skipped.total) == ([], 0)
    assert Sameness.objects.filter(first=surely.first_id).count() == 0


def test_why_a_copy_is_the_best_is_said_in_words() -> None:
    small = CopyFacts(640, 360, 640 * 360, 0.5, 0.0, 0.08)
    large = CopyFacts(1920, 1080, 1920 * 1080, 0.5, 0.0, 0.0)
    said = explain_best(large, others=[small], is_chosen=False)
    assert said == "The highest resolution and the only one without lettering."
    assert explain_best(small, others=[small], is_chosen=False).startswith("As good as the others")
    assert explain_best(small, others=[large], is_chosen=True) == "Chosen by a person."
    assert explain_best(None, others=[large], is_chosen=False) == ""
    assert small.words == "640 × 360, lettered"


def test_results_are_brought_in_shown_and_taken_back_on_the_page(world: World, editor: Client) -> None:
    url = reverse("test-results", args=[world.title.pk])
    data = HEAD + f"{world.artwork},DE,10000,500\n{world.artwork},US,10000,900\n00:00:00:10,DE,10000,800\n"
    answer = editor.post(url, {"file": SimpleUploadedFile("spring.csv", data.encode())})
    assert answer.headers["Location"] == url
    text = editor.get(url).content.decode()
    for words in ("spring.csv", "Copy against copy", "Regions differ by more than chance", "10,000", "region-pages"):
        assert words in text, words
    groups = editor.get(reverse("picture-groups", args=[world.title.pk])).content.decode()
    assert "Performance in tests" in groups
    batch = TestBatch.objects.get(file_name="spring.csv")
    editor.post(reverse("test-batch-delete", args=[batch.pk]))
    assert not TestBatch.objects.filter(pk=batch.pk).exists()


def test_a_wrong_file_is_told_line_by_line_on_the_page_and_nothing_of_it_is_taken(world: World, editor: Client) -> None:
    url = reverse("test-results", args=[world.title.pk])
    bad = SimpleUploadedFile("bad.csv", (HEAD + "nothing.png,DE,10,1\nframe 1,DE,1,2\n").encode())
    answer = editor.post(url, {"file": bad})
    assert answer.status_code == 422
    assert "Line 3: there are more plays (2) than impressions (1)." in answer.content.decode()
    assert editor.post(url).status_code == 422
    assert TestBatch.objects.filter(title=world.title).count() == 1
    api = reverse("api-title-test-results", args=[world.title.pk])
    refused = editor.post(api, {"file": SimpleUploadedFile("x.csv", HEAD.encode() + b"\xff\xfe,\0")})
    assert refused.status_code == 400 and "Line 2" in refused.json()["file"][0]


def test_the_api_tells_groups_and_takes_verdicts(world: World, editor: Client) -> None:
    url = reverse("api-title-picture-groups", args=[world.title.pk])
    (group,) = editor.get(url).json()["results"]
    pictures = [member["picture"] for member in group["members"]]
    assert group["pairs"][0]["parts"] == {"histogram": 0.9, "structure": 0.8, "features": 0.9, "emd": 0.9}
    said = {"action": "different", "pictures": pictures}
    answer = editor.post(url, json.dumps(said), content_type="application/json")
    assert answer.status_code == 201 and answer.json()["sentence"]
    assert editor.get(url).json()["results"] == []
    assert editor.post(url, json.dumps({"action": "undo"}), content_type="application/json").status_code == 201
    assert editor.post(url, json.dumps({"action": "undo"}), content_type="application/json").status_code == 409
    for wrong in (
        {},
        {"action": "fly"},
        {"action": "same", "pictures": ["\0"]},
        {"action": "keep", "group": 2**70},
        [],
    ):
        assert editor.post(url, json.dumps(wrong), content_type="application/json").status_code == 400, wrong
    assert editor.get(url, {"kind": "mixed", "page_size": 1}).json()["count"] == 1
    assert editor.get(url, {"kind": "odd"}).status_code == 400


def test_the_api_tells_and_takes_results(world: World, editor: Client) -> None:
    url = reverse("api-title-test-results", args=[world.title.pk])
    data = HEAD + f"{world.artwork},DE,1000,50\nframe 10,DE,1000,100\n"
    made = editor.post(url, {"file": SimpleUploadedFile("t.csv", data.encode())})
    assert (made.status_code, made.json()["results"], made.json()["created_by"]) == (201, 2, world.editor.username)
    (group,) = editor.get(url).json()["groups"]
    assert (group["rate"]["impressions"], group["rate"]["plays"]) == (3000, 250)
    assert {each["region"] for each in group["regions"]} == {"DE", "region-pages"}
    first, second = group["members"]
    assert first["beaten"] is None and second["beaten"] > 0.99


def sent(rgb: np.ndarray, name: str, **options: object) -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, name.rpartition(".")[2].upper().replace("JPG", "JPEG"), **options)
    return SimpleUploadedFile(name, file.getvalue())


def test_sent_pictures_are_compared_and_grouped_by_their_names(editor: Client) -> None:
    rng = np.random.default_rng(4)
    one, other = (np.kron(rng.integers(0, 256, (18, 32, 3)), np.ones((10, 10, 1))).astype(np.uint8) for _ in range(2))
    files = [sent(one, "a.png"), sent(one, "b.jpg", quality=30), sent(other, "c.png"), sent(other[:, ::-1], "c.png")]
    answer = editor.post(reverse("api-similar"), {"pictures": files}).json()
    assert [(pair["a"], pair["b"]) for pair in answer["pairs"]][-1] == ("c.png", "c.png (2)")
    assert set(answer["pairs"][0]["parts"]) == {"histogram", "structure", "features", "emd"}
    assert ["a.png", "b.jpg"] in answer["groups"]
    assert not any({"a.png", "c.png"} <= set(group) for group in answer["groups"])


def test_sent_files_that_are_no_pictures_too_many_or_too_few_are_refused(editor: Client) -> None:
    url = reverse("api-similar")
    good = np.zeros((8, 8, 3), dtype=np.uint8)
    refused = editor.post(url, {"pictures": [sent(good, "a.png"), SimpleUploadedFile("b.png", b"<svg/>\0")]})
    assert refused.status_code == 400 and "b.png" in refused.json()["pictures"][0]
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    refused = editor.post(url, {"pictures": [sent(good, "a.png"), SimpleUploadedFile("bomb.png", bomb.getvalue())]})
    assert refused.status_code == 400 and "bomb.png" in refused.json()["pictures"][0]
    assert editor.post(url, {"pictures": [sent(good, "a.png")]}).status_code == 400
    assert editor.post(url, {"pictures": [sent(good, f"{n}.png") for n in range(21)]}).status_code == 400
    assert editor.post(url, {}).status_code == 400
    blank = editor.post(url, {"pictures": [sent(good, "a.png"), sent(good, "b.png")]})
    assert blank.json()["groups"] == [["a.png", "b.png"]]


def test_artwork_of_one_group_is_told_from_mixed_groups(world: World) -> None:
    group = PictureGroup.objects.get(title=world.title)
    for name in ("one.png", "two.png"):
        Picture.objects.create(title=world.title, artwork=make_artwork(world.title, name), group=group)
    assert groups_page(world.title).counts["mixed"] == 1
    group.members.filter(artwork=None).update(group=None)
    assert groups_page(world.title).counts == {"": 1, "stills": 0, "artwork": 1, "mixed": 0}
