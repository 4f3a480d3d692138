"""The search page: what it shows of hits, filters as chips, suggestions, examples, collecting, and the timeline."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from ava.models import Shot, Team, Title
from search.card_labels import with_labels
from search.embed.hits import Hit, Reason
from search.embed.near_words import nearest_words, similarity
from search.filter_chips import Names, filter_parts
from search.labels import add_label
from search.models import DialogueLine, Reel, ReelClip, ShotDescription, ShotLabel
from search.query import read_query
from search.query_examples import example_queries
from search.result_cards import make_cards, mark_pieces
from search.search_page import REGIONS
from search.suggestions import drop_each, respell
from search.templatetags.search_clock import seconds, steps
from search.timeline_marks import timeline_marks
from search.vocabulary import known_words
from search.word_vectors import words_of
from tests.search_world import make_description, make_dialogue_line
from tests.world import World, make_film, make_person, make_world

pytestmark = pytest.mark.django_db

NAMES = Names({}, {})


@pytest.fixture
def world() -> World:
    """A film of five shots of 20 frames, each with words of its own; in one of them something is said."""
    made = make_world("home")
    ShotDescription.objects.filter(video=made.video).delete()
    DialogueLine.objects.filter(video=made.video).delete()
    ShotLabel.objects.filter(video=made.video).update(words=words_of(f"label-{made.mark}"))
    for place, (text, facts) in enumerate(
        (
            ("Wide shot. A red lighthouse by night.", {"scale": "long", "camera": "static", "colours": ["red"]}),
            ("Close-up. A red boat.", {"scale": "close_up", "camera": "pan", "colours": ["red", "blue"]}),
            ("Close-up. A blue boat in the harbour.", {"scale": "close_up", "camera": "static", "colours": ["blue"]}),
            ("Wide shot. A green meadow.", {"scale": "long", "camera": "pan", "colours": ["green"]}),
            ("Medium shot. An orange harbour.", {"scale": "medium", "camera": "static", "colours": ["orange"]}),
        )
    ):
        start = 20 * place
        made_row = make_description(made.video, text, start=start, end=start + 20, duration_s=0.8, **facts)
        ShotDescription.objects.filter(pk=made_row.pk).update(words=words_of(text))
    line = make_dialogue_line(made.video, "Nobody sails tonight.", start=45, end=55)
    DialogueLine.objects.filter(pk=line.pk).update(words=words_of(line.text))
    return made


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def page_of(client: Client, query: str, **headers: str) -> Any:
    return client.get(f"{reverse('search')}?{query}", headers=headers)


def starts(client: Client, query: str) -> list[int]:
    return [card.start_frame for card in page_of(client, query).context["page"].cards]


# What it shows


def test_a_hit_shows_place_title_reason_and_leads_into_the_player_at_its_line(client: Client, world: World) -> None:
    answer = page_of(client, 'q="sails tonight"')
    (card,) = answer.context["page"].cards
    assert (card.start_frame, card.open_frame, card.timecode) == (40, 45, "00:00:01:20")
    address = urlsplit(card.address)
    assert address.path == reverse("title", args=[world.title.pk])
    assert parse_qs(address.query) | {"found": []} == {"video": [str(world.video.pk)], "frame": ["45"], "found": []}
    body = answer.content.decode()
    assert "<mark>sails tonight</mark>" in body and world.title.name in body
    assert "A blue boat in the harbour." in card.alt


def test_the_film_of_a_hit_is_fetched_by_nobody_before_it_is_asked_for(client: Client) -> None:
    body = page_of(client, "q=boat").content.decode()
    assert "<video" not in body and body.count('loading="lazy"') == len(starts(client, "q=boat"))


def test_matches_are_told_apart_and_never_cut_twice() -> None:
    pieces = mark_pieces("one two three", [(4, 7), (5, 9), (90, 99), (0, 0)])
    assert [(piece.text, piece.is_match) for piece in pieces] == [
        ("one ", False), ("two", True), (" t", True), ("hree", False),
    ]  # fmt: skip
    assert "".join(piece.text for piece in mark_pieces("", [(0, 3)])) == ""


def test_why_tells_each_source_with_its_place_and_strength(client: Client, world: World) -> None:
    hits = [
        Hit(world.video.pk, 0, 20, 2.0, (Reason("dialogue", "A line", 0.4), Reason("description", "Red", 1.0))),
        Hit(world.video.pk, 20, 40, 1.0, (Reason("dialogue", "Another", 0.8), Reason("label", "", 0.0))),
    ]
    first, second = make_cards(hits, user=world.editor, query="")
    assert [(reason.label, reason.rank, reason.percent) for reason in first.reasons] == [
        ("Dialogue", 2, 40), ("Description", 1, 100),
    ]  # fmt: skip
    assert [(reason.label, reason.rank) for reason in second.reasons] == [("Dialogue", 1)]
    page = page_of(client, f"q=boat&why={world.video.pk}:20:40").content.decode()
    assert "What is known of the shot" in page and "They do not know" in page


def test_a_shot_is_labelled_beside_why_it_was_found_and_the_person_comes_back_to_it(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    key = f"{world.video.pk}:20:40"
    shown = page_of(client, f"q=boat&why={key}").content.decode()
    assert f'value="/search/?q=boat&amp;why={quote(key, safe="")}"' in shown
    back = f"{reverse('search')}?q=boat&why={key}"
    said = {"start_frame": 20, "end_frame": 40, "text": "Setting sail", "next": back}
    assert client.post(reverse("label-add", args=[world.video.pk]), said)["Location"] == back
    cards = page_of(client, f"q=boat&why={key}").context["page"].cards
    told = {card.start_frame: [each.label.text for each in card.written] for card in cards}
    assert told[20][-1] == "Setting sail" and "Setting sail" not in told[40]
    assert all(card.may_label for card in cards)
    with django_assert_max_num_queries(3):
        with_labels(cards, user=world.editor)


def test_who_may_only_look_is_shown_labels_and_no_form(client: Client, world: World) -> None:
    add_label(world.video, start_frame=20, end_frame=40, text="Setting sail", user=world.editor)
    client.force_login(world.reviewer)
    shown = page_of(client, f"q=boat&why={world.video.pk}:20:40").content.decode()
    assert "Setting sail" in shown and 'class="label-form"' not in shown and 'class="quiet label-back"' not in shown


def test_the_part_for_scripts_is_the_results_alone(client: Client) -> None:
    body = page_of(client, "q=boat", **{"HX-Request": "true"}).content.decode()
    assert body.lstrip().startswith('<section class="results"') and "<html" not in body


def test_hits_of_films_that_a_person_does_not_see_make_no_cards(world: World) -> None:
    theirs = make_world("theirs")
    assert make_cards([Hit(theirs.video.pk, 0, 20, 1.0)], user=world.editor, query="") == []


@pytest.mark.parametrize(
    "query",
    ["q=%00", "min_s=9&max_s=1", "min_s=nan", "title=x", "scale=huge", "like=shot:1", "region=0,0,1,1", "q=a&q=b",
     "title=99999999999999999999", "like=shot:9999999999999999999999:1", "region=1,1,0,0&like=still:1"],
)  # fmt: skip
def test_what_makes_no_sense_is_answered_with_a_sentence(query: str, client: Client) -> None:
    answer = page_of(client, query)
    assert answer.status_code == 400 and answer.context["page"].error.endswith(".")


@pytest.mark.parametrize(
    "query",
    ["q=%F0%9F%9A%A2", "q=" + "a" * 9000, "q=%27%3B+DROP+TABLE+x%3B--", "q=%E6%B8%AF", 'q="', "q=-", "shown=-1&q=boat",
     "shown=999999999999999999999&q=boat", "why=%00&q=boat", "saved=9999999999999999999&new=x&q=boat", "like=still:9"],
)  # fmt: skip
def test_odd_queries_get_a_page(query: str, client: Client) -> None:
    assert page_of(client, query).status_code == 200


def test_a_wrong_region_leaves_the_example_and_all_else_so_that_it_can_be_marked_anew(
    client: Client, world: World
) -> None:
    answer = page_of(client, f"like=shot:{world.video.pk}:30&colour=red&region=1,1,0,0")
    page = answer.context["page"]
    assert answer.status_code == 400 and page.example.address and page.query.colour == ("red",)
    assert "region=0%2C0%2C0.5%2C1" in answer.content.decode()  # its parts can be chosen without drawing


@pytest.mark.parametrize("name, region", REGIONS)
def test_every_part_of_an_example_that_is_offered_is_a_region(name: str, region: str, client: Client) -> None:
    chosen = read_query(QueryDict(f"like=still:1&region={region}"))
    assert str(chosen.region) == region and 0 < chosen.region.x1 - chosen.region.x0 <= 1


def test_the_page_tells_how_long_the_search_took_step_by_step(client: Client) -> None:
    answer = page_of(client, "q=boat")
    took_ms = answer.context["page"].results.took_ms
    body = answer.content.decode()
    assert f"<summary aria-label=\"Found in {seconds(took_ms['total'])}, by step\">" in body
    assert f"<dt>Dialogue</dt><dd>{took_ms['dialogue']:.1f} ms</dd>" in body
    assert [seconds(spent) for spent in (0.4, 5, 84.4, 1250)] == ["under 0.01 s", "0.01 s", "0.08 s", "1.25 s"]
    assert steps({"total": 9, "fuse": 1, "scope": 2, "new_one": 3}) == [
        ("Films that you see", "2.0"), ("Ranks of all sources", "1.0"), ("New_one", "3.0"),
    ]  # fmt: skip


@pytest.mark.parametrize("query, remark", [("q=%F0%9F%9A%A2", "no word or number"), ("q=%22", "quotation mark")])
def test_where_nothing_could_be_looked_for_the_page_says_so_above_what_can_be(
    query: str, remark: str, client: Client
) -> None:
    body = page_of(client, query).content.decode()
    assert remark in body.split("What you can ask for")[0]


# Filters


def test_filters_in_force_are_chips_that_lead_on_without_them(client: Client, world: World) -> None:
    page = page_of(client, f"q=boat&scale=close_up&colour=red&title={world.title.pk}&min_s=0.5").context["page"]
    assert [chip.text for chip in page.chips] == [world.title.name, "Close-up", "Red", "0.5 s or longer"]
    left = parse_qs(page.chips[2].query_without)
    assert "colour" not in left and left["scale"] == ["close_up"] and left["q"] == ["boat"]
    assert starts(client, "colour=red") == [0, 20] and starts(client, "colour=red&scale=close_up") == [20]


def test_a_chip_names_no_title_that_the_person_does_not_see(client: Client) -> None:
    theirs = make_world("theirs")
    body = page_of(client, f"q=boat&title={theirs.title.pk}").content.decode()
    assert theirs.title.name not in body and "a title that you do not see" in body


def test_what_the_form_offers_is_of_films_that_the_person_sees(client: Client, world: World) -> None:
    theirs = make_world("theirs")
    form = page_of(client, "").context["page"].form
    assert [name for _, name in form.titles] == [world.title.name]
    assert world.character.name in form.characters and theirs.character.name not in form.characters
    assert theirs.character.name not in page_of(client, "").content.decode()


# Suggestions and examples


def test_a_misspelt_word_is_answered_with_near_words_that_occur(client: Client, world: World) -> None:
    query = read_query(QueryDict("q=red+lihgthouse"))
    assert [each.query for each in respell(query, written="red lihgthouse", user=world.editor)] == ["red lighthouse"]
    assert respell(read_query(QueryDict("q=boats")), written="boats", user=world.editor) == []
    assert "lighthouse" in page_of(client, "q=lihgthouse&scale=close_up&colour=green").content.decode()


def test_nobody_is_told_words_of_films_that_they_do_not_see(world: World) -> None:
    theirs = make_world("theirs")
    make_description(theirs.video, "A submarine.", start=20, end=40)
    assert "submarine" not in known_words(world.editor) and "lighthouse" in known_words(world.editor)
    assert "submarine" in known_words(theirs.editor) and "lighthouse" not in known_words(theirs.editor)
    assert respell(read_query(QueryDict("q=submarne")), written="submarne", user=world.editor) == []


def test_who_sees_no_film_is_told_no_word_of_titles_that_another_sees_without_a_film():
    words = {}
    for mark in ("first", "second"):
        team = Team.objects.create(name=f"team-{mark}")
        person = make_person(f"person-{mark}", team=team, role="editor")
        Title.objects.create(name=f"Secret{mark}", created_by=person).teams.add(team)
        words[mark] = set(known_words(person))
    assert words == {"first": {"secretfirst"}, "second": {"secretsecond"}}


def test_words_are_near_by_the_trigrams_that_they_share() -> None:
    assert similarity("boat", "boat") == 1 and similarity("boat", "xyz") == 0
    assert similarity("word", "wodr") == pytest.approx(2 / 8)
    known = {"harbour": 3, "harbours": 1, "meadow": 9}
    assert nearest_words("harbuor", known=known) == ["harbour", "harbours"]
    assert nearest_words("harbour", known=known) == [] and nearest_words("ha", known=known) == []


def test_of_too_many_filters_each_is_dropped_with_the_hits_that_are_then_left(world: World) -> None:
    query = read_query(QueryDict("scale=close_up&colour=red&camera=static"))
    found = {wider.text: wider.count for wider in drop_each(query, user=world.editor, names=NAMES)}
    assert found == {"Close-up": 1, "Camera: static": 1, "Red": 1}
    assert drop_each(read_query(QueryDict("colour=red")), user=world.editor, names=NAMES) == []


def test_every_example_finds_something(client: Client, world: World) -> None:
    examples = example_queries(world.editor)
    assert {example.kind for example in examples} >= {"Words", "Dialogue", "Leave out"}
    assert [example.shown for example in examples if not starts(client, example.query)] == []
    assert example_queries(make_person("new")) == []


def test_the_first_visit_explains_and_who_sees_nothing_is_told_so(client: Client) -> None:
    assert "What you can ask for" in page_of(client, "").content.decode()
    stranger = Client()
    stranger.force_login(make_person("new"))
    assert "Nothing to search yet" in page_of(stranger, "").content.decode()


def test_parts_of_a_query_lead_each_to_a_query_without_it() -> None:
    query = read_query(QueryDict("scale=full&scale=long&camera=pan&dialogue=yes&max_s=4"))
    parts = filter_parts(query, names=NAMES)
    assert [part.text for part in parts] == ["Full", "Long", "Camera: pan", "4 s or shorter", "Said: yes"]
    assert all(len(filter_parts(part.without, names=NAMES)) == len(parts) - 1 for part in parts)


# Collecting


def collect(client: Client, **fields: Any) -> Any:
    return client.post(reverse("search-collect"), fields, headers={"Accept": "application/json"})


def test_results_are_collected_into_a_new_reel_that_is_then_the_chosen_one(client: Client, world: World) -> None:
    spans = [f"{world.video.pk}:20:40", f"{world.video.pk}:0:20"]
    told = collect(client, clip=spans, reel=f"new:{world.team.pk}", name="boats").json()
    reel = Reel.objects.get(pk=told["reel"]["id"])
    assert (reel.name, reel.team, told["sentence"]) == ("boats", world.team, "2 shots are in the reel “boats”.")
    assert list(reel.clips.values_list("in_frame", "out_frame")) == [(20, 40), (0, 20)]
    assert f'<option value="{reel.pk}" selected>' in page_of(client, "q=boat").content.decode()


def test_without_a_script_collecting_comes_back_to_the_results(client: Client, world: World) -> None:
    fields = {"clip": f"{world.video.pk}:20:40", "reel": str(world.reel.pk), "next": "/search/?q=boat"}
    assert client.post(reverse("search-collect"), fields).headers["Location"] == "/search/?q=boat"
    assert ReelClip.objects.filter(reel=world.reel, in_frame=20).count() == 1


def test_only_editors_collect_and_only_what_they_see(client: Client, world: World) -> None:
    theirs = make_world("theirs")
    refused = [
        {"clip": f"{theirs.video.pk}:0:20", "reel": world.reel.pk}, {"clip": "1:2", "reel": world.reel.pk},
        {"reel": world.reel.pk}, {"clip": f"{world.video.pk}:0:20", "reel": theirs.reel.pk},
        {"clip": f"{world.video.pk}:0:20", "reel": f"new:{theirs.team.pk}"}, {"clip": "1:2:\0", "reel": "x"},
        {"clip": f"{world.video.pk}:0:999999", "reel": world.reel.pk},
    ]  # fmt: skip
    assert [collect(client, **fields).status_code for fields in refused] == [400] * len(refused)
    reviewer = Client()
    reviewer.force_login(world.reviewer)
    assert collect(reviewer, clip=f"{world.video.pk}:0:20", reel=world.reel.pk).status_code == 400
    assert "data-collect-one" not in page_of(reviewer, "q=boat").content.decode()


# The player's timeline


def test_the_timeline_marks_where_results_lie_in_one_film(client: Client, world: World) -> None:
    make_description(make_film(world.title, name="other.mp4"), "A red boat.", start=0, end=50, colours=["red"])
    told = client.get(reverse("search-marks", args=[world.video.pk]) + "?colour=red").json()
    assert [(mark["start_frame"], mark["end_frame"]) for mark in told["marks"]] == [(0, 20), (20, 40)]
    query = read_query(QueryDict(f"colour=red&title={Title.objects.create(name='elsewhere').pk}"))
    assert len(timeline_marks(world.video, query=query, user=world.editor)["marks"]) == 2


def test_marks_of_a_query_that_makes_no_sense_are_refused(client: Client, world: World) -> None:
    answer = client.get(reverse("search-marks", args=[world.video.pk]) + "?min_s=x")
    assert answer.status_code == 400 and answer.json()["detail"].endswith(".")
    assert Shot.objects.filter(video=world.video).exists()
