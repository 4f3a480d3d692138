"""The moments page and its API: shots ranked with reasons, what is kept back, filters, picks, and who sees what."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ava.media.probe import probe
from ava.models import Role, Team, User, Video
from ava.shots.shot_list import Shot, ShotList
from curation.headless import Analysis
from curation.headless_moments import describe_moments
from curation.models import Character, MomentRanker
from curation.moment_choices import ranked
from curation.moment_facts import prior_table, tell_facts
from curation.moment_pages import read_moments_page
from curation.moment_query import InvalidMoments, MomentsQuery, read_moments_query
from curation.moment_scores import film_moments
from curation.moment_versions import add_version
from curation.moments.prior import WEIGHTS
from curation.moments.ranker_file import Ranker, write_ranker
from tests.films import make_title
from tests.footage import write_film
from tests.moment_films import SHOT_FRAMES, make_analysed_film, make_face, make_sound, make_trailer
from tests.world import make_film, make_person

SHOTS = 20


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Team")


@pytest.fixture
def film(team: Team) -> Video:
    return make_analysed_film("Zwölf", team=team, shots=SHOTS)


@pytest.fixture
def editor(team: Team) -> User:
    return make_person("anna", team=team)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(film: Video, user: User, **address: object) -> str:
    response = signed_in(user).get(reverse("moments", args=[film.title_id]), address)
    assert response.status_code == 200
    return response.content.decode()


def shown(film: Video, user: User, **address: object) -> list[int]:
    """The shots of the cards, in their order."""
    response = signed_in(user).get(reverse("moments", args=[film.title_id]), address)
    return [card.index for card in response.context["page"].cards]


def ask_api(film: Video, user: User, **address: object) -> dict:
    response = signed_in(user).get(reverse("api-title-moments", args=[film.title_id]), address)
    assert response.status_code == 200, response.content
    return response.json()


def test_shots_come_best_first_with_reasons_and_who_ranked_them(film: Video, editor: User) -> None:
    moments = film_moments(film)
    order = ranked(moments, film, variety_unit=0.0, spoiler_unit=0.15).order.tolist()
    assert shown(film, editor, variety=0) == order and len(order) == 17
    text = page_of(film, editor, variety=0)
    assert "17 of 20 shots. The last 15 % of the film" in text and moments.how.replace("'", "&#x27;") in text
    for sentence in moments.missing:
        assert sentence in text
    assert all(line.why in text for line in prior_table()), "the table that ranked is open to all"
    best = read_moments_page(film.title, fields=QueryDict("variety=0"), user=editor).cards[0]
    assert best.score_percent == round(100 * moments.scores.score_unit.max()) and len(best.reasons) == 3
    assert best.short_reasons.count(",") == 2 and "more so" not in best.short_reasons


def test_a_version_that_ranks_is_named_and_leads_to_its_figures(film: Video, editor: User) -> None:
    from curation.moments.network import RankingNetwork

    packed = write_ranker(Ranker(RankingNetwork(dimension=0)), recipe={"seed": 1})
    version, _ = add_version(packed, user=editor, measures={"titles": 12})
    MomentRanker.objects.filter(pk=version.pk).update(is_active=True)
    text = page_of(film, editor)
    assert "Ranked by version 1, which learnt from 12 titles" in text and reverse("moment-models") in text
    assert prior_table()[0].why not in text
    assert ask_api(film, editor)["ranker"] == 1


def test_more_variety_changes_the_order_and_not_what_is_in_it(film: Video, editor: User) -> None:
    plain, varied = shown(film, editor, variety=0), shown(film, editor, variety=90)
    assert plain != varied and sorted(plain) == sorted(varied) and plain[0] == varied[0]


@pytest.mark.parametrize("spoiler, left", [("0", 20), ("15", 17), ("50", 10), ("95", 1)])
def test_what_is_kept_back_of_the_end_is_as_long_as_asked(film: Video, editor: User, spoiler: str, left: int) -> None:
    assert sorted(shown(film, editor, spoiler=spoiler)) == list(range(left))
    text = page_of(film, editor, spoiler=spoiler)
    assert ("is kept back" in text) == (spoiler != "0")


def test_filters_narrow_by_scale_character_and_what_trailers_have(film: Video, editor: User) -> None:
    anna = Character.objects.create(scope=film.title, number=1, name="Anna")
    make_face(film, shot=3, height_unit=0.4, character=anna)
    make_face(film, shot=6, height_unit=0.4, character=anna)
    make_trailer(film, uses=[6, 8])
    assert sorted(shown(film, editor, scale="close_up")) == [2, 6, 10, 14]
    assert sorted(shown(film, editor, scale=["close_up", "long"])) == [0, 2, 4, 6, 8, 10, 12, 14, 16]
    assert sorted(shown(film, editor, characters=anna.pk)) == [3, 6]
    assert shown(film, editor, characters=anna.pk, unused=1) == [3]
    assert shown(film, editor, characters=anna.pk, scale="long") == []
    text = page_of(film, editor, characters=anna.pk)
    assert "2 of 20 shots" in text and "In a trailer" in text and "Anna" in text
    assert "No shot passes all filters" in page_of(film, editor, characters=anna.pk, scale="long")


def test_what_trailers_show_that_one_may_not_see_is_not_told(film: Video, editor: User) -> None:
    matching = make_trailer(film, uses=[2, 4])
    assert "Trailer of Zwölf" in page_of(film, editor)
    matching.trailer.title.teams.set([Team.objects.create(name="Others")])
    matching.trailer.title.parent = None
    matching.trailer.title.save()
    text = page_of(film, editor)
    assert "Trailer of" not in text and "In a trailer" not in text and "Not in a trailer yet" not in text
    assert len(shown(film, editor, unused=1)) == 17
    assert not any(each["trailers"] for each in ask_api(film, editor)["moments"])


def test_picks_are_in_the_address_and_go_with_the_form(film: Video, editor: User) -> None:
    text = page_of(film, editor, picked="100,150", variety=0, scale="medium")
    assert "2 picked" in text and "4.0 s" in text
    for field in ('name="picked" value="100,150"', 'name="variety" value="0"', 'name="spoiler" value="15"'):
        assert f'form="string-out" {field}' in text
    assert "takes from these shots alone" in text and 'form="string-out" name="scale" value="medium"' in text
    page = read_moments_page(film.title, fields=QueryDict("picked=100&picked=150&spoiler=0"), user=editor)
    picked = {card.start_frame: card.picked_after for card in page.cards}
    assert picked[100] == "150" and picked[0] == "100,150,0"
    assert {card.index for card in page.cards if card.is_picked} == {2, 3}


def test_picks_hold_by_the_shots_that_they_lie_in(film: Video, editor: User) -> None:
    page = read_moments_page(film.title, fields=QueryDict("picked=107,149,100000&spoiler=0"), user=editor)
    assert page.query.picked == (100,) and page.picked_s == pytest.approx(2)
    assert {card.index for card in page.cards if card.is_picked} == {2}


def test_any_shot_can_be_looked_at_also_one_that_is_kept_back(film: Video, editor: User) -> None:
    address = reverse("moments-shot", args=[film.title_id])
    text = signed_in(editor).get(address, {"shot": 19 * SHOT_FRAMES + 7}).content.decode()
    assert "Shot 20" in text and "kept back" in text and "<html" not in text
    text = signed_in(editor).get(address, {"shot": 3 * SHOT_FRAMES, "scale": "long"}).content.decode()
    assert "Shot 4" in text and "left out by the filters" in text
    best = signed_in(editor).get(address, {"shot": 10**8}).context["page"]
    assert best.open.place == 1, "where no such shot is, the best is looked at"
    assert {fact.label for fact in best.facts} >= {"Motion", "Brightness", "Length"}


def test_facts_are_told_in_units_and_weigh_as_much_as_they_add(film: Video) -> None:
    make_sound(film)
    moments = film_moments(film)
    facts = tell_facts(moments.scores, moments.shots, 0)
    told = {fact.label: fact for fact in facts}
    assert told["Length"].value == "2.0 s" and told["Loudest moment"].value == "-12.0 LUFS"
    assert told["Warmth"].value.endswith(" K") and told["Scale"].value == "17 %"
    assert max(abs(fact.percent) for fact in facts) == 100 and facts == sorted(
        facts, key=lambda each: -abs(each.percent)
    )
    assert len(prior_table()) == len(WEIGHTS) and prior_table()[0].weight in (0.8, -0.8)


@pytest.mark.parametrize("wrong", [
    "variety=-1", "variety=101", "variety=abc", "spoiler=96", "spoiler=1e3", "spoiler=%00", "characters=x",
    "characters=99999999999999999999999", "scale=gigantic", "scale=%00", "picked=1,-2", "picked=a", "shot=x", "shown=x",
    "picked=" + ",".join(map(str, range(301))), "variety=²",
])  # fmt: skip
def test_what_makes_no_sense_is_told_in_a_sentence(film: Video, editor: User, wrong: str) -> None:
    client = signed_in(editor)
    for name in ("moments", "moments-shot", "api-title-moments"):
        response = client.get(f"{reverse(name, args=[film.title_id])}?{wrong}")
        assert response.status_code == 400, (name, wrong)
    with pytest.raises(InvalidMoments, match=r"\.$"):
        read_moments_query(QueryDict(wrong))


def test_an_address_tells_what_was_read_from_it() -> None:
    query = read_moments_query(
        QueryDict("variety=10&spoiler=0&characters=3,5&characters=5&scale=medium&unused=1&picked=7")
    )
    told = "&".join(f"{name}={value}" for name, value in query.fields())
    assert read_moments_query(QueryDict(told)) == query and query.characters == (3, 5)
    assert MomentsQuery().fields() == [] and not MomentsQuery().is_narrowed


def test_who_may_look_and_not_edit_picks_nothing_and_makes_no_string_out(film: Video, team: Team) -> None:
    reviewer = make_person("rolf", team=team, role=Role.REVIEWER)
    text = page_of(film, reviewer)
    assert len(shown(film, reviewer)) == 17 and "data-pick=" not in text and 'id="string-out"' not in text
    assert 'form="string-out"' not in text
    stranger = signed_in(make_person("eve", team=Team.objects.create(name="Others")))
    for name in ("moments", "moments-shot", "api-title-moments"):
        assert stranger.get(reverse(name, args=[film.title_id])).status_code == 404


def test_films_without_shots_say_what_to_do(team: Team, editor: User) -> None:
    title = make_title("Empty", team=team)
    client, address = signed_in(editor), reverse("moments", args=[title.pk])
    assert "No film yet" in client.get(address).content.decode()
    make_film(title, name="new.mp4", frame_count=100)
    assert "No shots yet" in client.get(address).content.decode()
    assert client.get(reverse("moments-shot", args=[title.pk])).status_code == 404
    assert client.get(reverse("api-title-moments", args=[title.pk])).status_code == 404


def test_one_shot_throughout_is_ranked_and_all_kept_back_says_so(team: Team, editor: User) -> None:
    film = make_analysed_film("One", team=team, shots=1)
    assert shown(film, editor) == [0] and "1 of 1 shot." in page_of(film, editor, spoiler=0)
    assert shown(film, editor, spoiler=60) == []
    text = page_of(film, editor, spoiler=60)
    assert "All of the film is kept back." in text and "spoiler=0" in text


def test_as_many_queries_for_many_shots_as_for_few(team: Team, editor: User) -> None:
    counts = []
    for shots in (8, 40):
        film = make_analysed_film(f"Film {shots}", team=team, shots=shots)
        make_trailer(film, uses=[1, 2])
        film_moments(film)
        client = signed_in(editor)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("moments", args=[film.title_id]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_programs_get_the_same_order_with_what_each_measure_adds(film: Video, editor: User) -> None:
    make_trailer(film, uses=[2])
    told = ask_api(film, editor, variety=20, limit=5)
    assert [each["shot"] for each in told["moments"]] == shown(film, editor, variety=20)[:5]
    assert (told["shot_count"], told["count"], told["ranker"], told["guard_frame"]) == (20, 17, None, 850)
    assert [each["place"] for each in told["moments"]] == [1, 2, 3, 4, 5]
    scores = film_moments(film).scores
    for each in told["moments"]:
        assert sum(each["explanation"].values()) == pytest.approx(scores.contributions[each["shot"]].sum(), abs=1e-3)
    [used] = [each for each in ask_api(film, editor, spoiler=0)["moments"] if each["shot"] == 2]
    assert len(used["trailers"]) == 1 and used["scale"] == "close_up" and used["start_timecode"] == "00:00:04:00"
    assert (
        ask_api(film, editor, spoiler=0, unused="false")["count"] == 20
        and ask_api(film, editor, limit=0)["moments"] == []
    )
    other = make_analysed_film("Other", team=film.title.teams.get(), shots=2)
    response = signed_in(editor).get(reverse("api-title-moments", args=[film.title_id]), {"video": other.pk})
    assert response.status_code == 400


def test_the_shell_ranks_all_shots_of_a_film_best_first(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=60)
    analysis = Analysis(path, probe(path), {}, (0, 0, 96, 64))
    assert describe_moments(analysis) == {}, "nobody has asked"
    analysis.are_moments_asked = True
    assert describe_moments(analysis) == {"moments_by": "prior", "moments": []}
    analysis.shots = ShotList(tuple(Shot(at, at * 20, at * 20 + 20, "cut") for at in range(3)), ())
    analysis.signals = {"exposure.brightness": np.repeat([0.2, 0.9, 0.5], 20).astype(np.float32)}
    told = describe_moments(analysis)["moments"]
    assert [(each["shot"], each["start_frame"], each["score"]) for each in told] == [
        (1, 20, 1),
        (2, 40, 0.5),
        (0, 0, 0),
    ]
    assert told[0]["explanation"].keys() == {"brightness_unit"} and told[0]["reasons"][0].startswith("Bright")
    json.dumps(told)


def test_a_rankers_file_ranks_in_the_shell_and_what_is_none_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", frames=60)
    (tmp_path / "ranker.safetensors").write_bytes(b"no ranker")
    for name, sentence in (("ranker.safetensors", "holds no ranker"), ("none.safetensors", "cannot be read")):
        with pytest.raises(CommandError, match=sentence):
            call_command("analyze", str(path), "--out", str(tmp_path / "out"), "--ranker", str(tmp_path / name))
    import torch

    from curation.moments.network import RankingNetwork

    torch.manual_seed(0)
    analysis = Analysis(path, probe(path), {}, (0, 0, 96, 64), are_moments_asked=True)
    analysis.shots = ShotList(tuple(Shot(at, at * 20, at * 20 + 20, "cut") for at in range(3)), ())
    analysis.signals = {"exposure.brightness": np.repeat([0.2, 0.9, 0.5], 20).astype(np.float32)}
    told = describe_moments(analysis, ranker=Ranker(RankingNetwork(dimension=0)), ranker_name="mine")
    assert told["moments_by"] == "mine" and len(told["moments"]) == 3
