"""Comparing stills: what is said is kept, undone whole, and leads to the next pair; on the page and in the API."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from ava.models import Role, Team, Title, User, Video
from curation import compare_page
from curation.comparisons import InvalidComparison, compare, compared_pairs, count_comparisons, undo_comparison
from curation.decisions import decide
from curation.models import Comparison
from curation.stills.table import StillTable
from tests.still_tables import make_table
from tests.world import make_film, make_person, make_still

pytestmark = pytest.mark.django_db
STILLS = 24


@pytest.fixture
def editor() -> User:
    return make_person("ed", team=Team.objects.create(name="artwork"))


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> StillTable:
    table = make_table(STILLS, scenes=8, seed=4)
    monkeypatch.setattr(compare_page, "load_table", lambda video: table)
    return table


@pytest.fixture
def video(editor: User, table: StillTable) -> Video:
    title = Title.objects.create(name="film", created_by=editor)
    title.teams.set(Team.objects.all())
    video = make_film(title, frame_count=table.frame_count)
    for rank, frame in enumerate(table.frames.tolist(), 1):
        make_still(video, frame, rank=rank, timecode=f"tc {frame}")
    return video


@pytest.fixture
def client(editor: User) -> Iterator[Client]:
    client = Client()
    client.force_login(editor)
    yield client


def shown_pair(client: Client, video: Video, query: dict[str, str] | None = None) -> tuple[int, int] | None:
    query = {"video": str(video.pk)} | (query or {})
    page = client.get(reverse("compare", args=[video.title_id]), query).context["page"]
    return tuple(still.frame_index for still in page.duel) or None


def test_one_frame_is_better_than_several_and_that_is_undone_at_once(video: Video, editor: User) -> None:
    frames = [int(still.frame_index) for still in video.stills.all()[:5]]
    compare(video, better=frames[0], worse=[frames[1]], user=editor)
    said = compare(video, better=frames[2], worse=[frames[3], frames[4], frames[3]], user=editor, purpose="key-art")
    assert [(each.better_frame, each.worse_frame) for each in said] == [(frames[2], frames[3]), (frames[2], frames[4])]
    assert count_comparisons(video) == 3
    assert len(undo_comparison(video, user=editor)) == 2
    assert compared_pairs(video) == {tuple(sorted(frames[:2]))}
    assert len(undo_comparison(video, user=editor)) == 1 and undo_comparison(video, user=editor) == []
    assert Comparison.objects.filter(stands=False).count() == 3  # nothing is deleted


def test_nobody_undoes_what_a_colleague_said(video: Video, editor: User) -> None:
    colleague = make_person("colleague", team=Team.objects.get())
    compare(video, better=1, worse=[2], user=colleague)
    assert undo_comparison(video, user=editor) == [] and count_comparisons(video) == 1
    assert count_comparisons(video, user=editor) == 0


def test_a_frame_that_is_no_still_becomes_one_and_is_described(video: Video, editor: User, table: StillTable) -> None:
    fresh = next(frame for frame in range(200) if frame not in table.frames)
    compare(video, better=fresh, worse=[int(table.frames[0])], user=editor)
    assert video.stills.filter(frame_index=fresh).exists() and video.stills.count() == STILLS + 1


def test_what_compares_nothing_is_refused_with_a_sentence(video: Video, editor: User) -> None:
    for better, worse, purpose in (
        (1, [], ""), (1, [1], ""), (-1, [1], ""), (1, [10**6], ""), (1, list(range(2, 12)), ""), (1, [2], "x" * 61),
        (1, [2], "a\0"),
    ):  # fmt: skip
        with pytest.raises(InvalidComparison):
            compare(video, better=better, worse=worse, user=editor, purpose=purpose)
    assert not Comparison.objects.exists()


def test_a_pair_is_put_once_and_comes_back_when_undone(client: Client, video: Video) -> None:
    first = shown_pair(client, video)
    assert first is not None and first == shown_pair(client, video)
    data = {"better": first[1], "worse": first[0], "next": reverse("compare", args=[video.title_id])}
    assert client.post(reverse("comparison-say", args=[video.pk]), data).status_code == 302
    assert (Comparison.objects.get().better_frame, Comparison.objects.get().worse_frame) == (first[1], first[0])
    second = shown_pair(client, video)
    assert second is not None and second != first
    client.post(reverse("comparison-undo", args=[video.pk]))
    assert shown_pair(client, video) == first


def test_a_skipped_pair_gives_way_to_the_next_and_the_address_keeps_it(client: Client, video: Video) -> None:
    first = shown_pair(client, video)
    page = client.get(reverse("compare", args=[video.title_id]), {"video": video.pk}).context["page"]
    skipped = client.get(f"{reverse('compare', args=[video.title_id])}?{page.skip_query}").context["page"]
    assert tuple(still.frame_index for still in skipped.duel) == page.after != first
    assert skipped.skipped == 1
    assert shown_pair(client, video, {"pair": "{}-{}".format(*first), "skipped": "{}-{}".format(*first)}) == first


def test_rejected_stills_are_not_asked_about(client: Client, video: Video, editor: User) -> None:
    for _ in range(3):
        pair = shown_pair(client, video)
        assert pair is not None
        decide(video, frame_index=pair[0], user=editor, verdict="reject")
        following = shown_pair(client, video)
        assert following is not None and pair[0] not in following


def test_odd_addresses_show_the_page_all_the_same(client: Client, video: Video) -> None:
    first = shown_pair(client, video)
    for query in (
        {"pair": "1-1"}, {"pair": "a-b"}, {"pair": "9" * 30 + "-1"}, {"pair": "\0"}, {"skipped": ",,-,1-2-3"},
        {"purpose": "\0none" * 50}, {"video": "x"}, {"pair": "-1--2"},
    ):  # fmt: skip
        assert shown_pair(client, video, query) == first


def test_scripts_are_answered_in_json_and_bad_words_with_a_sentence(client: Client, video: Video) -> None:
    say, take_back = reverse("comparison-say", args=[video.pk]), reverse("comparison-undo", args=[video.pk])
    json = {"accept": "application/json"}
    answer = client.post(say, {"better": 3, "worse": [4, 5], "purpose": "thumbnail"}, headers=json).json()
    assert (answer["better"], answer["worse"], answer["purpose"], answer["count"]) == (3, [4, 5], "thumbnail", 2)
    for data in (
        {},
        {"better": "3"},
        {"better": "x", "worse": "1"},
        {"better": "3", "worse": "9" * 50},
        {"better": "3", "worse": "\0"},
    ):
        refused = client.post(say, data, headers=json)
        assert refused.status_code == 400 and refused.json()["detail"]
    undone = client.post(take_back, headers=json).json()
    assert undone["stands"] is False and undone["worse"] == [4, 5] and undone["count"] == 0
    assert client.post(take_back, headers=json).status_code == 409
    page = client.post(say, {"better": "3", "worse": "3"}, follow=True)
    assert "not better than itself" in page.content.decode()


def test_reviewers_look_and_do_not_say_and_outsiders_find_nothing(video: Video) -> None:
    reviewer, outsider = Client(), Client()
    reviewer.force_login(make_person("qc", team=Team.objects.get(), role=Role.REVIEWER))
    outsider.force_login(make_person("out"))
    page, say = reverse("compare", args=[video.title_id]), reverse("comparison-say", args=[video.pk])
    seen = reviewer.get(page).content.decode()
    assert "you may look" in seen and "data-duel-undo" not in seen
    assert reviewer.post(say, {"better": 1, "worse": 2}).status_code == 403
    assert outsider.get(page).status_code == outsider.post(say, {"better": 1, "worse": 2}).status_code == 404


def test_a_title_without_film_or_stills_says_so(client: Client, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    title = Title.objects.create(name="empty", created_by=editor)
    title.teams.set(Team.objects.all())
    assert "has no film yet" in client.get(reverse("compare", args=[title.pk])).content.decode()
    make_film(title)
    monkeypatch.setattr(compare_page, "load_table", lambda video: make_table(0))
    assert "Nothing to compare yet" in client.get(reverse("compare", args=[title.pk])).content.decode()


def test_the_api_takes_comparisons_and_lists_them(client: Client, video: Video) -> None:
    address = reverse("api-comparison-list")
    given = {"video": video.pk, "better_frame": 7, "worse_frames": [8, 9]}
    made = client.post(address, given, content_type="application/json")
    assert made.status_code == 201 and [row["worse_frame"] for row in made.json()] == [8, 9]
    (first, second) = client.get(address, {"video": video.pk, "stands": "true"}).json()["results"]
    assert (first["worse_frame"], second["worse_frame"], first["title"]) == (9, 8, video.title_id)
    assert client.get(reverse("api-comparison-detail", args=[first["id"]])).json() == first
    for wrong in (
        {}, {"better_frame": 7, "worse_frames": [7]}, {"better_frame": 10**20, "worse_frames": [1]},
        {"better_frame": 1, "worse_frames": []}, {"better_frame": 1, "worse_frames": [10**6]},
        {"better_frame": 1, "worse_frames": [2], "purpose": "a\0"}, {"better_frame": "x", "worse_frames": "y"},
    ):  # fmt: skip
        answer = client.post(address, {"video": video.pk, **wrong}, content_type="application/json")
        assert answer.status_code == 400, wrong
    reviewer = Client()
    reviewer.force_login(make_person("qc", team=Team.objects.get(), role=Role.REVIEWER))
    assert reviewer.post(address, given, content_type="application/json").status_code == 403
    assert Comparison.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_compare_at_once_lose_nothing(video: Video, editor: User) -> None:
    colleague = make_person("colleague", team=Team.objects.get())

    def say(number: int) -> None:
        compare(video, better=number, worse=[number + 1], user=(editor, colleague)[number % 2])
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(say, range(12)))
    assert count_comparisons(video) == 12 and count_comparisons(video, user=editor) == 6
