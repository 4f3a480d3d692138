"""Search where there is next to nothing, or very much: no film, no shot, one frame, odd pictures, shots cut anew."""

import json

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from ava.models import Role, Shot, Team, Title, Video
from ava.packing import pack_integers
from search.attribute_actions import make_attribute
from search.attribute_examples import ShotSpan, match_examples, say
from search.attribute_vectors import read_film
from search.encoders import default_encoder
from search.engine import search
from search.film_making import make_searchable
from search.labels import add_label
from search.models import AttributeExample, DialogueLine, ReelClip, ShotDescription, ShotLabel
from search.query import read_query
from search.reels import ClipSpan, create_reel
from search.saved_searches import count_new, save_search, tell_saved_searches
from search.timeline_marks import timeline_marks
from tests.encoder_files import sentence_files  # noqa: F401
from tests.search_world import make_dialogue_line
from tests.world import make_film, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Edges")


@pytest.fixture
def editor(team: Team):
    return make_person("edda", team=team, role=Role.EDITOR)


@pytest.fixture
def client(editor) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def make_shots(team: Team, *spans: tuple[int, int], name: str = "film.mp4") -> Video:
    """A film of these shots, whose analysis is over."""
    title = Title.objects.create(name=name)
    title.teams.add(team)
    video = make_film(title, name=name, frame_count=max((end for _, end in spans), default=1))
    cut(video, *spans)
    return video


def cut(video: Video, *spans: tuple[int, int]) -> None:
    """Have the film's shots be these, as another analysis would."""
    video.shots.all().delete()
    Shot.objects.bulk_create(
        Shot(video=video, index=index, start_frame=start, end_frame=end, transition="cut", provisional=False)
        for index, (start, end) in enumerate(spans)
    )


def renew(video: Video) -> None:
    make_searchable(video, report=lambda done: None)


def test_with_no_film_at_all_every_page_and_the_api_answer(client, sentence_files):  # noqa: F811
    for query in ("", "?q=red", "?q=-red", "?colour=red", "?dialogue=yes", "?like=shot:1:0", "?q=red&title=5&min_s=1"):
        page = client.get(reverse("search") + query)
        assert page.status_code == 200, query
        told = client.get(reverse("api-search") + query).json()
        assert told["results"] == [] and told["notes"], query
    for name in ("reels", "attributes", "saved-searches", "api-reel-list", "api-attribute-list"):
        assert client.get(reverse(name)).status_code == 200, name


def test_films_without_shots_and_of_one_frame_are_made_searchable(team, editor, client, sentence_files):  # noqa: F811
    empty, single = make_shots(team, name="none.mp4"), make_shots(team, (0, 1), name="single.mp4")
    for video in (empty, single):
        renew(video)
        assert client.get(reverse("dialogue-upload", args=[video.pk])).status_code == 200
        assert client.get(reverse("search-marks", args=[video.pk]), {"q": "shot"}).status_code == 200
    assert not empty.shot_descriptions.exists() and single.shot_vectors.count() == 1
    hits = search(read_query({"q": "shot of seconds"}), user=editor).hits
    assert [(hit.video_id, hit.start_frame, hit.end_frame) for hit in hits] == [(single.pk, 0, 1)]
    reel = create_reel(team, name="One frame", user=editor, spans=[ClipSpan(single.pk, 0, 1)])
    assert client.get(reverse("reel", args=[reel.pk])).status_code == 200


def test_a_film_of_two_thousand_shots_is_made_and_found_within_its_limits(team, editor, client, sentence_files):  # noqa: F811
    video = make_shots(team, *((at * 5, at * 5 + 5) for at in range(2000)))
    renew(video)
    assert video.shot_descriptions.count() == video.shot_vectors.count() == 2000
    told = client.get(reverse("api-search"), {"q": "a shot", "limit": 240}).json()
    assert 0 < len(told["results"]) <= 240
    assert client.get(reverse("search"), {"q": "a shot", "shown": 240}).status_code == 200
    assert len(timeline_marks(video, query=read_query({"q": "a shot"}), user=editor)["marks"]) <= 200


def test_frames_of_a_film_of_variable_rate_are_shown_and_told_by_their_own_times(team, editor, sentence_files):  # noqa: F811
    video = make_shots(team, (0, 40), (40, 100))
    pts = np.cumsum(np.r_[0, np.where(np.arange(99) % 2, 1, 3)])  # frames of 0.04 and 0.12 s in turn
    video.frame_pts, video.is_vfr = pack_integers(pts), True
    video.save()
    make_dialogue_line(video, "over there", start=50, end=60)
    renew(video)
    (hit,) = search(read_query({"q": '"over there"'}), user=editor).hits
    assert (hit.start_frame, hit.end_frame) == (40, 100)
    (mark,) = timeline_marks(video, query=read_query({"q": '"over there"'}), user=editor)["marks"]
    assert mark["frame"] == 50 and mark["text"].startswith("00:00:04"), "frame 50 is shown after 4.0 s, not 2.0"


def test_what_people_said_keeps_its_place_when_shots_are_cut_anew(team, editor, sentence_files):  # noqa: F811
    before = [(0, 20), (20, 40), (40, 60), (60, 100)]
    video = make_shots(team, *before)
    add_label(video, start_frame=20, end_frame=40, text="a giraffe", user=editor)
    make_dialogue_line(video, "zebra crossing", start=45, end=55)
    attribute = make_attribute(team, name="Animals", user=editor)
    say(attribute, [ShotSpan(video.pk, 20, 40)], has_it=True, user=editor)
    say(attribute, [ShotSpan(video.pk, 60, 100)], has_it=False, user=editor)
    create_reel(team, name="Animals", user=editor, spans=[ClipSpan(video.pk, 20, 40, "keep")])
    renew(video)
    save_search(editor, name="Giraffe", query="q=%22giraffe%22")
    kept = [
        list(model.objects.filter(video=video).order_by("pk").values())
        for model in (ShotLabel, AttributeExample, ReelClip)
    ]
    # Cuts move by some frames, two shots become one, one becomes two; and back.
    for spans in ([(0, 18), (18, 67), (67, 80), (80, 100)], before):
        cut(video, *spans)
        renew(video)
        described = ShotDescription.objects.filter(video=video).values_list("start_frame", "end_frame")
        vectors = video.shot_vectors.filter(encoder=default_encoder()).values_list("start_frame", "end_frame")
        assert sorted(described) == sorted(vectors) == spans
        for words, frame in (("giraffe", 30), ("zebra", 50)):
            hits = search(read_query({"q": f'"{words}"'}), user=editor).hits
            around = [span for span in spans if span[0] <= frame < span[1]]
            assert [(hit.start_frame, hit.end_frame) for hit in hits] == around
        shots = read_film(default_encoder(), video.pk)
        standing = match_examples(attribute, shots)
        told = {int(shots.start_frame[row]): bool(has) for row, has in zip(*standing, strict=True)}
        assert told[spans[1][0]] is True and told[spans[3][0]] is False
        tell_saved_searches(video)
        assert count_new(editor) == 0, "it is told already, however the shot around it is cut"
    assert kept == [
        list(model.objects.filter(video=video).order_by("pk").values())
        for model in (ShotLabel, AttributeExample, ReelClip)
    ]
    assert DialogueLine.objects.get(video=video).start_frame == 45


def test_wrong_queries_are_answered_with_an_object_that_holds_a_sentence(client):
    for answer in (
        client.get(reverse("api-search"), {"like": "elephant"}),
        client.get(reverse("api-search"), {"limit": "0"}),
        client.post(reverse("api-search"), json.dumps([1]), content_type="application/json"),
    ):
        assert answer.status_code == 400 and answer.json()["detail"][0].endswith(".")
