"""The pages and the API of attributes: who may do what, and that what makes no sense is answered in sentences."""

import json
import re

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from ava.models import Role, Team
from search.attribute_actions import make_attribute
from search.attribute_examples import ShotSpan, say
from search.attribute_page import SUGGESTED
from search.attribute_renewal import renew_attribute, stale_films
from search.models import Attribute, AttributeExample, ShotAttribute
from tests.test_attributes import SHOT_FRAMES, Studio, always_looked_at, make_title, make_vectors  # noqa: F401
from tests.world import make_film, make_person, make_still

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(hints: list) -> Studio:
    return Studio(shots=30)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def clip(studio: Studio, shot: int) -> str:
    return ":".join(map(str, studio.span(shot)))


def address(studio: Studio, name: str = "attribute") -> str:
    return reverse(name, args=[studio.attribute.pk])


def text_of(response) -> str:
    """A page's words without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_list_says_that_nothing_is_known_before_it_is_taught(studio: Studio) -> None:
    page = text_of(signed_in(studio.editor).get(reverse("attributes")))
    assert "Fire" in page and "Not in use yet" in page and "Names only: nothing is known" in page
    assert all(name in page for names in SUGGESTED.values() for name in names if name != "Fire")


def test_a_suggestion_becomes_an_attribute_that_is_to_be_taught(studio: Studio) -> None:
    client = signed_in(studio.editor)
    answer = client.post(reverse("attribute-new"), {"team": studio.team.pk, "name": "  Smoking "})
    made = Attribute.objects.get(name="Smoking")
    assert answer.url == reverse("attribute", args=[made.pk])
    assert "Smoking" not in text_of(client.get(reverse("attributes"))).split("To begin with")[1]


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\0b", "Fire"])
def test_names_that_are_none_are_refused_with_a_sentence(studio: Studio, name: str) -> None:
    client = signed_in(studio.editor)
    answer = client.post(reverse("attribute-new"), {"team": studio.team.pk, "name": name}, follow=True)
    assert answer.status_code == 200 and Attribute.objects.count() == 1
    page = text_of(answer)
    assert "1 to 60 characters" in page or "has an attribute “Fire” already" in page


def test_answers_by_a_plain_form_change_what_is_asked_next(studio: Studio) -> None:
    client = signed_in(studio.editor)
    for shot in range(12):
        fields = {"yes" if studio.has_it[shot] else "no": clip(studio, shot)}
        answer = client.post(address(studio, "attribute-say"), fields)
        assert answer.status_code == 302
    several = {"clip": [clip(studio, 12), clip(studio, 15)], "has_it": "yes"}
    client.post(address(studio, "attribute-say"), several)
    page = client.get(address(studio))
    assert "6 have it, 8 have not, of 30 shots" in text_of(page)
    asked = re.findall(r'data-guess="\d+:(\d+):\d+"', page.content.decode())
    assert int(asked[0]) // SHOT_FRAMES in set(np.flatnonzero(studio.has_it)) - set(range(16))
    assert "Done: put it to use" in text_of(page)


def test_scripts_get_the_part_that_changes_and_json_for_what_they_say(studio: Studio) -> None:
    client = signed_in(studio.editor)
    headers = {"accept": "application/json"}
    said = client.post(address(studio, "attribute-say"), {"has_it": "no", "clip": [clip(studio, 1)]}, headers=headers)
    assert said.json() == {"count": 1, "has_it": False}
    part = client.get(address(studio), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="lesson"') and "<html" not in part
    taken = client.post(address(studio, "attribute-undo"), headers=headers)
    assert taken.json() == {"count": 1, "sentence": "Taken back: 1 answer."}
    nothing = client.post(address(studio, "attribute-undo"), headers=headers)
    assert nothing.status_code == 409 and "nothing here" in nothing.json()["detail"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"has_it": "yes"}, {"has_it": "maybe", "clip": "1:2:3"}, {"yes": "x"}, {"yes": "1:2"}, {"no": "1:2:3\0"},
     {"no": "99999999999:1:2"}, {"yes": "999999999:0:1"}, {"yes": "٣:1:2"}],
)  # fmt: skip
def test_answers_that_are_none_are_refused_with_a_sentence(studio: Studio, fields: dict) -> None:
    client = signed_in(studio.editor)
    answer = client.post(address(studio, "attribute-say"), fields, headers={"accept": "application/json"})
    assert answer.status_code == 400 and re.search("7:120:310|at least one|none of the", answer.json()["detail"])
    assert not AttributeExample.objects.exists()


@pytest.mark.parametrize(
    "query", ["?video=x", "?video=99999999999999999999", "?words=%00", "?words=" + "%F0%9F%94%A5" * 900]
)
def test_odd_addresses_show_the_page(studio: Studio, query: str) -> None:
    assert signed_in(studio.editor).get(address(studio) + query).status_code == 200


def test_words_that_cannot_be_looked_up_say_why_and_guesses_stay(studio: Studio) -> None:
    page = signed_in(studio.editor).get(address(studio) + "?words=flames")
    assert "Words cannot be looked up now" in text_of(page) and b"data-guess=" in page.content


def test_a_version_is_used_rolled_back_and_stopped_by_its_forms(studio: Studio) -> None:
    client, use = signed_in(studio.editor), address(studio, "attribute-use")
    refused = client.post(use, {"version": "new"}, headers={"accept": "application/json"})
    assert refused.status_code == 409 and "at least 5 more" in refused.json()["detail"]
    studio.teach(range(20))
    assert client.post(use, {"version": "new"}).status_code == 302
    renew_attribute(studio.attribute)
    page = text_of(client.get(address(studio)))
    assert "Version 1 in use" in page and "30 shots are told by it" in page
    assert "10 of 30 shots have it" in text_of(client.get(reverse("attributes")))
    client.post(use, {"version": "none"})
    assert "Version 1 in use" not in text_of(client.get(address(studio)))
    client.post(use, {"version": "1"})
    assert studio.attribute.models.get().is_active
    assert client.post(use, {"version": "7"}).status_code == 404
    assert client.post(use, {"version": "x"}, headers={"accept": "application/json"}).status_code == 409


def test_deleting_and_bringing_back(studio: Studio) -> None:
    client = signed_in(studio.editor)
    client.post(address(studio, "attribute-delete"))
    assert client.get(address(studio)).status_code == 404
    assert "Bring it back" in text_of(client.get(reverse("attributes")))
    client.post(address(studio, "attribute-restore"))
    assert client.get(address(studio)).status_code == 200


def test_reviewers_look_and_may_not_teach(studio: Studio) -> None:
    client = signed_in(make_person("rita", team=studio.team, role=Role.REVIEWER))
    page = client.get(address(studio)).content.decode()
    assert "data-guess=" in page and 'name="yes"' not in page and "Name and use" not in page
    for name in ("say", "undo", "use", "change", "delete"):
        assert client.post(address(studio, f"attribute-{name}"), {"yes": clip(studio, 0)}).status_code == 403
    assert client.post(reverse("attribute-new"), {"team": studio.team.pk, "name": "Blood"}).status_code == 403
    api = f"/api/attributes/{studio.attribute.pk}/"
    assert client.get(api).status_code == 200
    assert client.post(f"{api}use/", {}).status_code == client.delete(api).status_code == 403


def test_outsiders_find_nothing(studio: Studio) -> None:
    others = Team.objects.create(name="Others")
    client = signed_in(make_person("olga", team=others))
    assert client.get(address(studio)).status_code == 404
    for name in ("say", "undo", "use", "change", "delete", "restore"):
        assert client.post(address(studio, f"attribute-{name}")).status_code == 404
    assert client.post(reverse("attribute-new"), {"team": studio.team.pk, "name": "Blood"}).status_code == 404
    assert "Begun by" not in text_of(client.get(reverse("attributes")))
    assert client.get("/api/attributes/").json()["results"] == []


def test_the_board_is_narrowed_to_shots_that_have_it(studio: Studio) -> None:
    for rank, frame in enumerate((5, 15, 35), start=1):
        make_still(studio.video, frame, rank=rank)
    studio.teach(range(18))
    studio.put_to_use()
    client, board = signed_in(studio.editor), reverse("stills", args=[studio.title.pk])
    assert "Fire 2" in text_of(client.get(board))
    page = client.get(f"{board}?attribute={studio.attribute.pk}").content.decode()
    assert "Shots with Fire" in page and "00:00:01:10" in page and "00:00:00:15" not in page
    for odd in ("x", "99999999999", "0", "%00"):
        assert "00:00:00:15" in client.get(f"{board}?attribute={odd}").content.decode()
    theirs = make_attribute(Team.objects.create(name="Others"), name="Secret", user=studio.editor)
    assert "Secret" not in client.get(f"{board}?attribute={theirs.pk}").content.decode()


def test_the_api_teaches_from_nothing_to_probabilities(studio: Studio) -> None:
    client = signed_in(studio.editor)

    def post(path: str, given: object = None):
        return client.post(f"/api/attributes/{path}", json.dumps(given or {}), content_type="application/json")

    made = post("", {"team": studio.team.pk, "name": "Sparks", "use": "violence"})
    assert made.status_code == 201 and made.json()["use"] == "violence"
    home = f"{made.json()['id']}/"
    assert post(f"{home}use/").status_code == 409
    for has_it in (True, False):
        spans = [studio.span(shot) for shot in range(18) if bool(studio.has_it[shot]) is has_it]
        shots = [{"video": each[0], "start_frame": each[1], "end_frame": each[2]} for each in spans]
        assert post(f"{home}examples/", {"has_it": has_it, "shots": shots}).status_code == 201
    guesses = client.get(f"/api/attributes/{home}guesses/?video={studio.video.pk}").json()
    assert guesses["lacking"] == "" and guesses["guesses"][0]["probability"] > 0.5
    used = post(f"{home}use/")
    assert used.status_code == 200 and used.json()[0]["measures"]["positive"] == 6
    renew_attribute(Attribute.objects.get(name="Sparks"))
    told = client.get(f"/api/attributes/{home}shots/?video={studio.video.pk}").json()["results"]
    assert len(told) == 30 and told[0]["probability"] == 1.0 and told[0]["version"] == 1
    assert client.get(f"/api/attributes/{home}examples/").json()["count"] == 18
    assert [row["stands"] for row in post(f"{home}undo/").json()] == [False] * 12
    renamed = client.patch(f"/api/attributes/{home}", json.dumps({"name": "Fire"}), content_type="application/json")
    assert renamed.json()["name"][0].startswith("There is an attribute")


@pytest.mark.parametrize(
    "given",
    [{}, {"has_it": True, "shots": []}, {"has_it": "so so", "shots": [{}]}, {"has_it": True, "shots": "x"},
     {"has_it": True, "shots": [{"video": 10**12, "start_frame": 0, "end_frame": 9}]},
     {"has_it": True, "shots": [{"video": True, "start_frame": 5, "end_frame": 5}]}, [1]],
)  # fmt: skip
def test_the_api_refuses_what_is_no_answer(studio: Studio, given: object) -> None:
    path = f"/api/attributes/{studio.attribute.pk}/examples/"
    answer = signed_in(studio.editor).post(path, json.dumps(given), content_type="application/json")
    assert answer.status_code == 400


def test_the_api_tells_of_films_that_one_sees_only(studio: Studio) -> None:
    """A title may leave a team before what was told of it is tidied away."""
    studio.teach(range(18))
    studio.put_to_use()
    theirs = make_film(make_title(Team.objects.create(name="Others"), "Theirs"), name="theirs.mp4")
    ShotAttribute.objects.create(
        attribute=studio.attribute, model=studio.attribute.models.get(), video=theirs, start_frame=0, end_frame=10,
        probability=0.9,
    )  # fmt: skip
    client = signed_in(studio.editor)
    told = client.get(f"/api/attributes/{studio.attribute.pk}/shots/").json()
    assert theirs.pk not in {row["video"] for row in told["results"]}
    assert client.get(f"/api/attributes/{studio.attribute.pk}/shots/?video={theirs.pk}").status_code == 404


def test_the_page_asks_the_database_as_often_for_many_answers_as_for_few(
    studio: Studio, django_assert_max_num_queries
) -> None:
    client = signed_in(studio.editor)
    make_vectors(studio.encoder, studio.video, studio.has_it)
    for shots in (2, 20):
        say(studio.attribute, [ShotSpan(*studio.span(shot)) for shot in range(shots)], has_it=True, user=studio.editor)
        client.get(address(studio))
        with django_assert_max_num_queries(26):
            client.get(address(studio))


def test_of_a_film_that_another_team_has_taken_over_nothing_is_listed_or_counted(studio):
    studio.teach(range(18))
    version = studio.put_to_use()
    other = Team.objects.create(name="Elsewhere")
    studio.title.teams.set([other])
    listed = signed_in(studio.editor).get(address(studio, "api-attribute-examples")).json()
    assert listed["count"] == 0 and AttributeExample.objects.count() == 18
    assert stale_films(version) == [studio.video.pk]
    renew_attribute(studio.attribute)
    assert not ShotAttribute.objects.exists() and stale_films(version) == []
