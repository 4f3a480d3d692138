"""The page of a title's people: what it shows of a cast, what it says when there is none, and what it costs."""

import re
from html import unescape

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ava.annotate.availability import Unavailable
from ava.models import Job, JobStage, Title, WorkState
from curation import people_emptiness
from curation.film_strips import film_segments, strip_path
from curation.graph_places import settle_places
from curation.models import Character, FaceTrack
from curation.people.graph_drawing import (
    HEIGHT_UNIT,
    SMALLEST_RADIUS_UNIT,
    WIDEST_EDGE_PX,
    WIDTH_UNIT,
    draw_graph,
    edge_widths_px,
    fit_view,
)
from curation.people_pages import people_page
from tests.people_world import make_cast, make_character, make_track
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A world whose one character is gone, so that a test's own cast is all there is."""
    world = make_world("home")
    world.face_track.delete()
    return world


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def page_of(client: Client, title: Title, **query: str) -> str:
    response = client.get(reverse("people", args=[title.pk]), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


# The graph as drawn


@pytest.mark.parametrize("count", [1, 2, 3, 12, 60, 80])
def test_no_node_covers_another_and_all_lie_in_what_is_looked_at(count: int) -> None:
    rng = np.random.default_rng(count)
    prominence = 1 / np.arange(1, count + 1)
    drawing = draw_graph(rng.random((count, 2)), prominence=prominence, name_lengths=np.full(count, 9), shown=count)
    offset = drawing.places[:, None] - drawing.places[None]
    clear = np.hypot(offset[..., 0], offset[..., 1]) - drawing.radii[:, None] - drawing.radii[None]
    np.fill_diagonal(clear, np.inf)
    assert clear.min() > 0
    view = drawing.view
    low, high = drawing.places - drawing.radii[:, None], drawing.places + drawing.radii[:, None]
    assert (low >= [view.x, view.y]).all() and (high <= [view.x + view.width, view.y + view.height]).all()
    assert view.width / view.height == pytest.approx(WIDTH_UNIT / HEIGHT_UNIT)


def test_a_nodes_area_goes_with_prominence_and_none_is_too_small_to_hit() -> None:
    drawing = draw_graph(
        np.random.default_rng(1).random((4, 2)), prominence=np.array([1.0, 0.5, 0.25, 0.0001]),
        name_lengths=np.full(4, 5), shown=4,
    )  # fmt: skip
    area = drawing.radii**2
    assert area[0] / area[1] == pytest.approx(2) and area[0] / area[2] == pytest.approx(4)
    assert drawing.radii[3] == SMALLEST_RADIUS_UNIT


def test_nodes_in_one_spot_or_without_a_place_part_the_same_way_every_time() -> None:
    places = np.array([[0.5, 0.5]] * 3 + [[np.nan, np.nan]] * 2)
    drawings = [draw_graph(places, prominence=np.ones(5), name_lengths=np.full(5, 8), shown=5) for _ in range(2)]
    assert np.isfinite(drawings[0].places).all()
    assert np.array_equal(drawings[0].places, drawings[1].places)
    assert len(np.unique(drawings[0].places.round(), axis=0)) == 5


def test_nobody_is_drawn_as_nothing_and_without_prominence_all_are_alike() -> None:
    assert len(draw_graph(np.zeros((0, 2)), prominence=np.zeros(0), name_lengths=np.zeros(0, int), shown=0).places) == 0
    unknown = draw_graph(
        np.full((2, 2), 0.5), prominence=np.array([np.nan, 0.0]), name_lengths=np.array([4, 4]), shown=2
    )
    assert unknown.radii[0] == unknown.radii[1] > 0


def test_hiding_extras_brings_the_others_nearer() -> None:
    places = np.array([[0.45, 0.5], [0.55, 0.5], [0.02, 0.05], [0.98, 0.95]])
    radii = np.full(4, 20.0)
    places = places * [WIDTH_UNIT, HEIGHT_UNIT]
    assert fit_view(places[:2], radii=radii[:2]).zoom > 1.3 * fit_view(places, radii=radii).zoom


def test_an_edge_is_as_wide_as_two_people_are_together() -> None:
    widths = edge_widths_px(np.array([10.0, 5.0, 0.0001, 0.0, np.nan]))
    assert widths[0] == WIDEST_EDGE_PX and widths[1] == WIDEST_EDGE_PX / 2
    assert 0 < widths[2] < widths[1] and widths[3] == widths[4] == 0
    assert len(edge_widths_px(np.zeros(0))) == 0


# Strips over the films


def test_a_strip_shows_a_span_where_it_is_in_its_film(world: World) -> None:
    other = make_film(world.title, name="other.mp4", frame_count=300)
    films = film_segments([world.video, other])
    assert films[1].width == pytest.approx(3 * films[0].width, rel=1e-3)
    assert films[1].start > films[0].start + films[0].width
    path = strip_path({other.pk: ((150, 300),)}, films=films)
    left, right = map(float, re.fullmatch(r"M([\d.]+) 0H([\d.]+)V10H[\d.]+z", path).groups())
    assert left == pytest.approx(films[1].start + films[1].width / 2, abs=0.1)
    assert right == pytest.approx(1000, abs=0.1)


def test_one_frame_can_be_seen_in_a_strip_and_never_leaves_its_film(world: World) -> None:
    films = film_segments([make_film(world.title, frame_count=200_000)])
    for span in ((0, 1), (199_999, 200_000)):
        left, right = map(float, re.findall(r"[MH]([\d.]+)", strip_path({films[0].video.pk: (span,)}, films=films))[:2])
        assert right - left >= 1 and left >= 0 and right <= 1000


def test_appearances_that_touch_are_one_shape(world: World) -> None:
    films = film_segments([world.video])
    assert strip_path({world.video.pk: ((0, 50), (50, 100))}, films=films).count("M") == 1
    assert strip_path({world.video.pk: ((0, 20), (60, 100))}, films=films).count("M") == 2
    assert strip_path({}, films=films) == ""


# The page


def test_everybody_is_in_the_graph_and_in_the_list_by_name_with_their_stills(world: World, client: Client) -> None:
    cast = make_cast(world.video, people=3)
    cast.characters[0].name = "Ann <b>&"
    cast.characters[0].save()
    page = client.get(reverse("people", args=[world.title.pk])).content.decode()
    assert "Ann &lt;b&gt;&amp;" in page and "Ann <b>" not in page
    for character in cast.characters:
        assert f'id="node-{character.pk}"' in page and f'id="cast-{character.pk}"' in page
        stills = f"{reverse('stills', args=[world.title.pk])}?video={world.video.pk}&amp;people={character.pk}"
        assert f'href="{stills}"' in page


def test_an_edge_leads_to_the_stills_of_both_and_says_how_long_they_are_together(world: World, client: Client) -> None:
    ann, ben = make_character(world.title, name="Ann"), make_character(world.title, name="Ben")
    for character, end in ((ann, 100), (ben, 50)):
        make_track(world.video, person=character.pk, character=character, start_frame=0, end_frame=end)
    page = page_of(client, world.title)
    assert f"people={ann.pk}&people={ben.pk}&people_mode=all" in page
    assert "2 s in one frame, 1 shot" in page
    table = page_of(client, world.title, view="table")
    assert 'aria-label="Stills of Ann and Ben"' in table and 'class="edge"' not in table


def test_the_weight_of_the_edges_is_chosen_in_the_address(world: World, client: Client) -> None:
    ann, ben = make_character(world.title, name="Ann"), make_character(world.title, name="Ben")
    make_track(world.video, person=1, character=ann, start_frame=0, end_frame=40)
    make_track(world.video, person=2, character=ben, start_frame=60, end_frame=100)
    assert 'class="edge"' not in page_of(client, world.title)  # never in one frame
    in_shots = page_of(client, world.title, together="shot")
    assert 'data-together="1 shot"' in in_shots and "never in one frame, 1 shot" in in_shots
    assert 'id="together-shot" href="?together=shot" aria-current="true"' in in_shots


def test_unknown_words_in_the_address_change_nothing(world: World, client: Client) -> None:
    make_cast(world.video, people=3)
    plain = page_of(client, world.title)
    odd = page_of(client, world.title, together="x", view="'", shown="-3", video="abc")
    count = re.compile(r'class="(?:node|edge|cast-row)\b')
    assert len(count.findall(odd)) == len(count.findall(plain)) > 6


def test_extras_are_hidden_in_the_graph_until_they_are_asked_for(world: World) -> None:
    cast = make_cast(world.video, people=4, shots=20)
    Character.objects.filter(pk=cast.characters[3].pk).update(importance="extra")
    Character.objects.filter(pk__in=[each.pk for each in cast.characters[:3]]).update(importance="main")
    at_first = people_page(world.editor, world.title, query={}).graph
    assert [node.is_shown for node in at_first.nodes] == [True, True, True, False]
    assert all(edge.is_shown == (edge.rank < 3) for edge in at_first.edges)
    asked = people_page(world.editor, world.title, query={"shown": "99"}).graph
    assert asked.shown == 4 and all(node.is_shown for node in asked.nodes)


def test_many_extras_are_folded_and_only_the_most_prominent_are_drawn(world: World, client: Client) -> None:
    make_cast(world.video, people=3)
    for number in range(100):
        extra = make_character(world.title, importance="extra")
        make_track(world.video, person=50 + number, character=extra, start_frame=0, end_frame=5)
    page = page_of(client, world.title)
    assert page.count('class="cast-card"') == 100 and 'Extras <span class="count-in">100' in page
    assert page.count('class="node ') == 80 and "The 23 least prominent are in the cast list only." in page
    assert page.count('loading="lazy"') >= 100


def test_faces_on_walls_stand_apart_and_are_in_no_graph(world: World, client: Client) -> None:
    make_cast(world.video, people=2)
    poster = make_character(world.title, name="Poster")
    make_track(world.video, person=9, character=poster, start_frame=0, end_frame=100, is_static=True)
    page = page_of(client, world.title)
    assert "On a wall" in page and f'id="node-{poster.pk}"' not in page
    assert page.index('id="walls-heading"') < page.index(f'id="cast-{poster.pk}"')


def test_one_person_throughout_is_said(world: World, client: Client) -> None:
    make_track(world.video, person=1, character=make_character(world.title), start_frame=0, end_frame=90)
    assert "One person throughout: there is nobody to meet." in page_of(client, world.title)


def test_a_series_shows_the_people_of_all_its_episodes_and_of_one_when_asked(world: World, client: Client) -> None:
    series = Title.objects.create(name="Serial", kind="series")
    films = []
    for number in (1, 2):
        episode = Title.objects.create(name=f"E{number}", kind="episode", parent=series, season=1, episode=number)
        for title in (series, episode):
            title.teams.add(world.team)
        films.append(make_film(episode, name=f"e{number}.mp4"))
    both, second = make_character(series, name="Both"), make_character(series, name="Zoe")
    for film, character in ((films[0], both), (films[1], both), (films[1], second)):
        make_track(film, person=character.pk, character=character, start_frame=0, end_frame=90)
    whole = page_of(client, series)
    assert "S01E01" in whole and "S01E02" in whole and "Both" in whole and "Zoe" in whole
    first = page_of(client, series, video=str(films[0].pk))
    assert "Both" in first and "Zoe" not in first
    assert "Zoe" not in page_of(client, films[0].title) and "Zoe" in page_of(client, films[1].title)
    assert f"{reverse('stills', args=[films[1].title_id])}?video={films[1].pk}&people={second.pk}" in whole


def test_reviewers_read_the_page_and_outsiders_find_nothing(world: World, client: Client) -> None:
    make_cast(world.video, people=2)
    address = reverse("people", args=[world.title.pk])
    reader = Client()
    reader.force_login(world.reviewer)
    page = reader.get(address).content.decode()
    assert "cast-row" in page and "data-people-do" not in page and "data-tick" not in page
    stranger = Client()
    stranger.force_login(make_person("stranger"))
    assert stranger.get(address).status_code == 404


def test_scripts_get_the_part_and_the_number_of_questions(world: World, client: Client) -> None:
    make_cast(world.video, people=3)
    address = reverse("people", args=[world.title.pk])
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="people" id="people">') and "<html" not in part
    assert client.get(address, {"count": "questions"}).json()["questions"] >= 0


# What plain forms do


def send(client: Client, title: Title, **fields: object) -> str:
    """Send a form as a browser without scripts does, and return the page that it leads to."""
    address = reverse("people", args=[title.pk])
    response = client.post(
        reverse("people-do", args=[title.pk]), {"next": address, **fields}, headers={"Accept": "text/html"}, follow=True
    )
    assert response.redirect_chain == [(address, 302)]
    return unescape(response.content.decode())


def test_people_are_named_merged_marked_and_locked_with_plain_forms(world: World, client: Client) -> None:
    ann, ben, cat = make_cast(world.video, people=3).characters
    assert 'value="Ann"' in send(client, world.title, action="name", character=ann.pk, name="Ann")
    assert "Locked" in send(client, world.title, action="lock", character=ann.pk, locked="1")
    page = send(client, world.title, action="merge", character=ann.pk, others=[ann.pk, ben.pk])
    assert f'id="cast-{ben.pk}"' not in page and f'id="cast-{ann.pk}"' in page
    send(client, world.title, action="importance", importance="extra", character=ann.pk, others=[cat.pk])
    cat.refresh_from_db()
    ann.refresh_from_db()
    assert (cat.importance, ann.importance) == ("extra", ""), "only those who are ticked are meant"
    page = client.post(reverse("people-undo", args=[world.title.pk]), headers={"Accept": "text/html"}, follow=True)
    cat.refresh_from_db()
    assert cat.importance == "" and page.status_code == 200


def test_ticked_people_who_are_no_faces_are_gone_and_come_back(world: World, client: Client) -> None:
    ann, ben, _ = make_cast(world.video, people=3).characters
    assert ann.tracks.exists() and ben.tracks.exists()
    page = send(client, world.title, action="not-face", others=[ann.pk, ben.pk])
    assert f'id="cast-{ann.pk}"' not in page and f'id="cast-{ben.pk}"' not in page
    client.post(reverse("people-undo", args=[world.title.pk]))
    page = page_of(client, world.title)
    assert f'id="cast-{ann.pk}"' in page and f'id="cast-{ben.pk}"' in page


# Nobody


def reason(page: str) -> str:
    return re.search(r'data-reason="([\w-]+)"', page)[1]


def test_a_title_without_a_film_says_so(world: World, client: Client) -> None:
    title = Title.objects.create(name="Empty")
    title.teams.add(world.team)
    assert reason(page_of(client, title)) == "no-film"


def test_a_film_that_nobody_has_analysed_says_so_and_one_at_work_too(world: World, client: Client) -> None:
    world.job.delete()
    assert reason(page_of(client, world.title)) == "not-analysed"
    job = Job.objects.create(video=world.video, state=WorkState.RUNNING)
    assert reason(page_of(client, world.title)) == "at-work"
    Job.objects.filter(pk=job.pk).update(state=WorkState.FAILED, error="The disk was full.")
    page = page_of(client, world.title)
    assert reason(page) == "failed" and "The disk was full." in page


def test_a_film_without_faces_says_so_and_offers_stills_and_shots(world: World, client: Client) -> None:
    world.job.delete()
    job = Job.objects.create(video=world.video, state=WorkState.DONE)
    JobStage.objects.create(job=job, position=1, name="people", label="Recognising people", state=WorkState.DONE)
    page = page_of(client, world.title)
    assert reason(page) == "no-faces"
    assert reverse("stills", args=[world.title.pk]) in page and world.title.get_absolute_url() in page


def test_without_an_encoder_the_page_names_what_is_missing_and_how_to_get_it(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.job.delete()
    make_track(world.video, person=1, character=None, start_frame=0, end_frame=9, encoder="", vector=None)
    lacking = [Unavailable("face vectors resnet", "Bring R."), Unavailable("face vectors facenet", "Bring F.")]
    monkeypatch.setattr(people_emptiness, "unavailable_detectors", lambda store: [*lacking, Unavailable("text", "T")])
    page = page_of(client, world.title)
    assert reason(page) == "no-model" and "Bring R." in page and "Bring F." in page
    assert reverse("models") in page
    monkeypatch.setattr(people_emptiness, "unavailable_detectors", lambda store: lacking[1:])
    assert reason(page_of(client, world.title)) == "before-model"


def test_faces_that_are_nobodys_are_not_called_no_faces(world: World, client: Client) -> None:
    world.job.delete()
    make_track(world.video, person=1, character=None, start_frame=0, end_frame=9)
    assert reason(page_of(client, world.title)) == "nobody"
    FaceTrack.objects.update(is_face=False)
    assert reason(page_of(client, world.title)) == "not-analysed"


# What it costs


def queries_of(client: Client, address: str) -> int:
    client.get(address)  # what is looked up once a process is not the page's own
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_page_asks_as_many_questions_for_a_crowd_as_for_two(world: World, client: Client) -> None:
    address = reverse("people", args=[world.title.pk])
    make_cast(world.video, people=2)
    settle_places(world.title)
    few = queries_of(client, address)
    for number in range(40):
        character = make_character(world.title)
        for start in (0, 30, 60):
            make_track(world.video, person=number, character=character, start_frame=start, end_frame=start + 20)
    settle_places(world.title)
    assert queries_of(client, address) == few


@pytest.mark.parametrize("address", ["5", "people", "stills", "a\r\nb", "//elsewhere.example/", "\x00"])
def test_a_form_that_names_an_odd_address_to_go_back_to_is_answered_all_the_same(address: str) -> None:
    world = make_world("odd")
    client = Client()
    client.force_login(world.editor)
    answer = client.post(
        reverse("people-do", args=[world.title.pk]),
        {"action": "name", "character": world.character.pk, "name": "Anna", "next": address},
        headers={"Accept": "text/html"},
    )
    assert answer.status_code == 302 and "elsewhere" not in answer["Location"]
