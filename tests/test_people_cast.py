"""The cast as pages read it: who is seen, how much, with whom; and what it costs to load."""

import pytest

from ava.annotate.face_encoders import RESNET
from ava.models import Team, Title
from curation.cast import load_cast, prominences
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
