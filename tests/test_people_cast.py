"""The cast as pages read it: who is seen, how much, with whom; and what it costs to load."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ava.annotate.face_encoders import RESNET
from ava.models import Inspection, Shot, Team, Title, WorkState
from curation.cast import load_cast, prominences
from curation.graph_places import settle_places
from tests.people_world import make_cast, make_character, make_track
from tests.world import make_film, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def film():
    team = Team.objects.create(name="team")
    title = Title.objects.create(name="Film")
    title.teams.add(team)
    return make_film(title, frame_count=1200)


@pytest.fixture
def viewer(film):
    return make_person("viewer", team=film.title.teams.get())


def members_of(cast):
    return {member.character.pk: member for member in cast.members}


def test_a_cast_holds_everybody_seen_the_most_prominent_first(film, viewer) -> None:
    made = make_cast(film, people=4)
    cast = load_cast(viewer, film.title)
    assert {member.character for member in cast.members} == {
        character for character in made.characters if character.tracks.exists()
    }
    assert [member.prominence for member in cast.members] == sorted(
        (member.prominence for member in cast.members), reverse=True
    )
    assert cast.members[0].character == made.characters[0] and cast.members[0].importance == "main"
    assert cast.why_empty == "" and cast.encoder == RESNET.detector
    assert prominences(film) == {member.character.pk: member.prominence for member in cast.members}


def test_two_tracks_of_one_person_at_one_time_count_once(film, viewer) -> None:
    anna = make_character(film.title)
    for start, end in ((0, 50), (25, 75), (200, 225)):
        make_track(film, person=1, character=anna, start_frame=start, end_frame=end)
    member = members_of(load_cast(viewer, film.title))[anna.pk]
    assert member.screen_time_s == pytest.approx(100 / 25)
    assert member.spans == {film.pk: ((0, 75), (200, 225))}
    assert (member.track_count, member.face_count) == (3, 3)


def test_a_face_on_a_poster_is_listed_but_weighs_nothing(film, viewer) -> None:
    anna, poster = make_character(film.title), make_character(film.title)
    make_track(film, person=1, character=anna, start_frame=0, end_frame=25)
    make_track(film, person=2, character=poster, start_frame=0, end_frame=1000, is_static=True)
    cast = load_cast(viewer, film.title)
    assert [member.character for member in cast.members] == [anna, poster]
    member = cast.members[1]
    assert member.is_static and member.prominence == 0 and member.importance == "extra"
    assert member.spans == {film.pk: ((0, 1000),)} and cast.edges == ()


def test_edges_count_frames_shots_and_scenes_of_the_film(film, viewer) -> None:
    for index in range(4):
        Shot.objects.create(
            video=film, index=index, start_frame=index * 100, end_frame=index * 100 + 100, transition="cut",
            scene=index // 2,
        )  # fmt: skip
    anna, ben, carl = (make_character(film.title) for _ in range(3))
    make_track(film, person=1, character=anna, start_frame=0, end_frame=75, shot_index=0)
    make_track(film, person=2, character=ben, start_frame=50, end_frame=100, shot_index=0)
    make_track(film, person=3, character=carl, start_frame=100, end_frame=150, shot_index=1)
    make_track(film, person=3, character=carl, start_frame=200, end_frame=250, shot_index=2)
    edges = {(edge.first, edge.second): edge for edge in load_cast(viewer, film.title).edges}
    assert set(edges) == {(anna.pk, ben.pk), (anna.pk, carl.pk), (ben.pk, carl.pk)}
    together, apart = edges[anna.pk, ben.pk], edges[anna.pk, carl.pk]
    assert (together.together_s, together.shots, together.scenes) == (1.0, 1, 1)
    assert (apart.together_s, apart.shots, apart.scenes) == (0.0, 0, 1)


def test_what_a_person_said_of_importance_holds_and_is_marked(film, viewer) -> None:
    star, other = make_character(film.title, importance="extra"), make_character(film.title)
    make_track(film, person=1, character=star, start_frame=0, end_frame=900)
    make_track(film, person=2, character=other, start_frame=0, end_frame=800)
    members = members_of(load_cast(viewer, film.title))
    assert (members[star.pk].importance, members[star.pk].importance_is_said) == ("extra", True)
    assert (members[other.pk].importance, members[other.pk].importance_is_said) == ("main", False)


def test_merged_unrecognised_and_false_faces_are_no_members(film, viewer) -> None:
    anna = make_character(film.title)
    gone = make_character(film.title, merged_into=anna)
    make_track(film, person=1, character=anna, start_frame=0, end_frame=50)
    make_track(film, person=2, character=None, start_frame=0, end_frame=50)
    make_track(film, person=3, character=None, start_frame=0, end_frame=50, is_face=False)
    make_track(film, person=4, character=None, start_frame=0, end_frame=50, is_static=True)
    cast = load_cast(viewer, film.title)
    assert [member.character for member in cast.members] == [anna] and gone not in members_of(cast)
    assert cast.nobody_tracks == 1


def test_doubtful_tracks_are_counted_and_certain_ones_are_not(film, viewer) -> None:
    anna = make_character(film.title)
    for index, confidence in enumerate((0.3, 0.69, 0.71, 0.99, None)):
        make_track(film, person=1, character=anna, start_frame=index, end_frame=index + 1, confidence=confidence)
    assert load_cast(viewer, film.title).members[0].doubtful == 2


def test_portraits_are_tracks_that_have_one_the_sharpest_and_largest_first(film, viewer) -> None:
    anna = make_character(film.title)
    plain = [make_track(film, person=1, character=anna, start_frame=30 * index, end_frame=30 * index + 9,
                        sharpness_unit=0.2) for index in range(20)]  # fmt: skip
    best = make_track(film, person=1, character=anna, start_frame=100, end_frame=110, sharpness_unit=0.9)
    make_track(film, person=1, character=anna, start_frame=500, end_frame=600, sharpness_unit=1.0, portrait=None)
    portraits = load_cast(viewer, film.title).members[0].portraits
    assert portraits[0] == best.pk and len(portraits) == 6
    assert set(portraits[1:]) <= {track.pk for track in plain}
    starts = sorted(track.start_frame for track in [*plain, best] if track.pk in portraits)
    assert starts[-1] - starts[0] > 300


def make_series(viewer, *, episodes: int) -> tuple[Title, list]:
    series = Title.objects.create(name="Series", kind="series")
    team = viewer.teams.get()
    series.teams.add(team)
    films = []
    for number in range(1, episodes + 1):
        episode = Title.objects.create(name="Series", kind="episode", parent=series, season=1, episode=number)
        episode.teams.add(team)
        films.append(make_film(episode, name=f"e{number}.mp4", frame_count=1000))
    return series, films


def test_a_series_has_the_cast_of_its_episodes_and_an_episode_its_own(viewer) -> None:
    series, (first, second) = make_series(viewer, episodes=2)
    star, guest = make_character(series), make_character(series)
    for film in (first, second):
        make_track(film, person=1, character=star, start_frame=0, end_frame=500)
    make_track(second, person=2, character=guest, start_frame=100, end_frame=200)
    whole = load_cast(viewer, series)
    assert [member.character for member in whole.members] == [star, guest]
    assert [film.label for film in whole.films] == ["Series (S01E01)", "Series (S01E02)"]
    assert whole.members[0].spans == {first.pk: ((0, 500),), second.pk: ((0, 500),)}
    assert [member.character for member in load_cast(viewer, first.title).members] == [star]
    assert [member.character for member in load_cast(viewer, series, video=second).members] == [star, guest]
    assert load_cast(viewer, second.title).scope == series


def test_an_outsider_and_a_foreign_video_give_an_empty_cast(film, viewer) -> None:
    make_cast(film)
    other = make_film(Title.objects.create(name="Other"))
    for cast in (load_cast(make_person("stranger"), film.title), load_cast(viewer, film.title, video=other)):
        assert cast.members == () and cast.edges == () and cast.films == () and cast.why_empty


def test_an_episode_that_the_viewer_may_not_see_leaves_no_trace_in_the_series(viewer) -> None:
    series, (first, second) = make_series(viewer, episodes=2)
    second.title.teams.clear()
    star, secret = make_character(series), make_character(series)
    make_track(first, person=1, character=star, start_frame=0, end_frame=50)
    make_track(second, person=2, character=secret, start_frame=0, end_frame=500)
    cast = load_cast(viewer, series)
    assert [member.character for member in cast.members] == [star] and len(cast.films) == 1


def test_an_empty_cast_says_why(film, viewer) -> None:
    bare = Title.objects.create(name="Bare")
    bare.teams.set(film.title.teams.all())
    sentences = [load_cast(viewer, bare).why_empty, load_cast(viewer, film.title).why_empty]
    Inspection.objects.create(
        video=film, index=0, start_frame=0, end_frame=film.frame_count, state=WorkState.DONE, frames_done=1
    )
    sentences.append(load_cast(viewer, film.title).why_empty)
    make_track(film, person=1, character=None, start_frame=0, end_frame=50, encoder="", vector=None)
    sentences.append(load_cast(viewer, film.title).why_empty)
    for sentence, words in zip(sentences, ("no film", "not been searched", "No faces", "told apart"), strict=True):
        assert words in sentence
    assert load_cast(viewer, film.title).encoder is None and load_cast(viewer, film.title).nobody_tracks == 1


def count_queries(viewer, title) -> int:
    with CaptureQueriesContext(connection) as queries:
        load_cast(viewer, Title.objects.get(pk=title.pk))
    assert not any("portrait\"," in query["sql"] or "vector" in query["sql"] for query in queries)
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_the_cast(film, viewer) -> None:
    make_cast(film, people=2, shots=4)
    few = count_queries(viewer, film.title)
    series, films = make_series(viewer, episodes=6)
    for each in films:
        make_cast(each, people=9, shots=10)
    assert count_queries(viewer, series) <= few <= 8


def test_places_are_settled_once_and_newcomers_find_their_own(film, viewer) -> None:
    make_cast(film, people=5)
    before = load_cast(viewer, film.title)
    assert settle_places(film.title) == len(before.members) > 3
    settled = load_cast(viewer, film.title)
    assert [member.place for member in settled.members] == [member.place for member in before.members]
    newcomer = make_character(film.title)
    make_track(film, person=9, character=newcomer, start_frame=0, end_frame=900)
    assert settle_places(film.title) == 1 and settle_places(film.title) == 0
    after = members_of(load_cast(viewer, film.title))
    assert all(after[member.character.pk].place == member.place for member in settled.members)
    assert after[newcomer.pk].place not in [member.place for member in settled.members]
