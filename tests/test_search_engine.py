"""Searching what is known of shots, as a person who sees some films and not others."""

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from ava.models import Team, Title, User, Video
from curation.models import Character, Still
from search import encoders
from search.embed.exact import exact_top
from search.engine import Results, search
from search.models import Attribute, AttributeModel, Encoder, ShotAttribute, ShotDescription, ShotLabel, ShotVector
from search.query import read_query
from search.vector_search import vector_of_shot
from search.word_vectors import words_of
from tests.encoder_files import sentence_files  # noqa: F401
from tests.search_world import make_description, make_dialogue_line
from tests.world import make_film, make_person, make_still

pytestmark = pytest.mark.django_db

SHOTS = (
    "Close-up of Ann. The camera pans left. Dominant colours: red.",
    "Medium shot of two people. Static camera. Dominant colours: blue.",
    "Long shot of a beach. The camera tilts up. Dominant colours: blue and white.",
    "Close-up of Ben laughing. Dark picture.",
)


class Place(NamedTuple):
    editor: User
    team: Team
    video: Video


@pytest.fixture
def world() -> Place:
    """A team's film of four described shots, of 100 frames each."""
    return make_place("here")


def make_place(mark: str) -> Place:
    team = Team.objects.create(name=f"team-{mark}")
    title = Title.objects.create(name=f"title-{mark}")
    title.teams.add(team)
    video = make_film(title, frame_count=1000)
    describe(video, SHOTS)
    return Place(make_person(f"editor-{mark}", team=team), team, video)


@pytest.fixture
def encoder(sentence_files: Path, world: Place) -> Encoder:  # noqa: F811
    """An installation with an encoder that gave every shot a vector of its description."""
    row = encoders.default_encoder()
    embed(world.video, row)
    return row


def describe(video: Video, texts: tuple[str, ...]) -> None:
    for place, text in enumerate(texts, start=1):
        row = make_description(video, text, start=100 * place, end=100 * place + 100, **facts_of(text))
        ShotDescription.objects.filter(pk=row.pk).update(words=words_of(text))


def facts_of(text: str) -> dict:
    facts: dict = {"scale": text.split(" of ")[0].lower().replace("-", "_").removesuffix(" shot"), "duration_s": 4.0}
    facts["camera"] = next((kind for kind in ("pan", "tilt") if f"camera {kind}s" in text), "static")
    return facts | {"colours": [colour for colour in ("red", "blue", "white") if colour in text]}


def embed(video: Video, row: Encoder) -> None:
    tower = encoders.text_encoder(row)
    for shot in video.shot_descriptions.all():
        ShotVector.objects.create(
            encoder=row, video=video, start_frame=shot.start_frame, end_frame=shot.end_frame,
            vector=tower.encode_texts([shot.text])[0], made_from="",
        )  # fmt: skip


def still_of(video: Video) -> Still:
    shot = video.shots.create(index=0, start_frame=0, end_frame=1000, transition="start")
    return make_still(video, 150, rank=1, shot=shot)


def ask(world: Place, user: User | None = None, limit: int = 60, **asked) -> Results:
    return search(read_query(asked), user=user or world.editor, limit=limit)


def starts(results: Results) -> list[int]:
    return [hit.start_frame for hit in results.hits]


def test_a_shot_is_found_by_the_words_of_its_description_and_says_which(world: Place) -> None:
    hit = ask(world, q="pan Ann").hits[0]
    assert (hit.video_id, hit.start_frame, hit.end_frame) == (world.video.pk, 100, 200)
    reason = hit.reasons[0]
    assert reason.source == "description"
    assert [reason.text[start:end] for start, end in reason.marks] == ["Ann", "pans"]


def test_words_are_found_in_any_form_and_case(world: Place) -> None:
    assert starts(ask(world, q="PANNING")) == starts(ask(world, q="pans")) == [100]


def test_shots_with_more_of_the_words_come_first(world: Place) -> None:
    assert starts(ask(world, q="close-up laughing"))[:2] == [400, 100]


def test_what_is_near_in_meaning_and_what_has_the_words_are_fused(world: Place, encoder: Encoder) -> None:
    results = ask(world, q="beach blue")
    assert starts(results)[0] == 300
    assert {reason.source for reason in results.hits[0].reasons} == {"description", encoder.name}
    assert all(first.score >= second.score for first, second in pairwise(results.hits))
    assert set(results.took_ms) >= {"encode", "vectors", "words", "dialogue", "fuse", "total"}


def test_every_shot_is_told_once_however_many_sources_found_it(world: Place, encoder: Encoder) -> None:
    make_dialogue_line(world.video, "What a beach!", start=310, end=330)
    make_dialogue_line(world.video, "The beach again", start=350, end=370)
    hits = [hit for hit in ask(world, q="beach").hits if hit.start_frame == 300]
    assert len(hits) == 1
    assert [reason.source for reason in hits[0].reasons].count("dialogue") == 1


def test_labels_that_people_wrote_are_found_until_they_are_taken_back(world: Place) -> None:
    label = ShotLabel.objects.create(
        video=world.video, start_frame=210, end_frame=260, text="Car explosion", user=world.editor,
        words=words_of("Car explosion"),
    )  # fmt: skip
    hit = ask(world, q="explosions").hits[0]
    assert (hit.start_frame, hit.reasons[0].source, hit.reasons[0].text) == (200, "label", "Car explosion")
    ShotLabel.objects.filter(pk=label.pk).update(stands=False)
    assert starts(ask(world, q="explosions")) == []


def test_a_phrase_must_be_there_as_it_is(world: Place, encoder: Encoder) -> None:
    assert starts(ask(world, q='"camera tilts"')) == [300]
    results = ask(world, q='"tilts camera"')
    assert results.hits == ()
    assert "quotation marks" in results.notes[0]


def test_words_to_leave_out_leave_shots_out_of_every_source(world: Place, encoder: Encoder) -> None:
    make_dialogue_line(world.video, "Ann, come here", start=210, end=230)
    assert set(starts(ask(world, q="close-up -laughing"))) >= {100}
    assert 400 not in starts(ask(world, q="close-up -laughing"))
    assert 200 not in starts(ask(world, q='close-up -"come here"'))


def test_only_words_to_leave_out_give_the_other_shots_in_their_order(world: Place) -> None:
    assert starts(ask(world, q='-"close-up"')) == [200, 300]


FILTERED = (
    ({"scale": "close_up"}, [100, 400]),
    ({"scale": ["close_up", "long"], "camera": "tilt"}, [300]),
    ({"colour": "blue"}, [200, 300]),
    ({"colour": ["blue", "white"]}, [300]),
    ({"min_s": 5}, []),
    ({"max_s": 5, "camera": "pan"}, [100]),
    ({"dialogue": "good night"}, [200]),
    ({"dialogue": "night good"}, []),
    ({"attribute": 2**40}, []),
    ({"character": "Nobody"}, []),
)


def test_filters_alone_give_the_shots_that_pass_in_the_order_of_the_film(world: Place) -> None:
    make_dialogue_line(world.video, "Good night, everybody.", start=250, end=270)
    for asked, found in FILTERED:
        assert starts(ask(world, **asked)) == found, asked


def test_filters_narrow_what_words_find(world: Place, encoder: Encoder) -> None:
    assert starts(ask(world, q="beach", scale="close_up")) == sorted(starts(ask(world, q="beach", scale="close_up")))
    assert set(starts(ask(world, q="beach", scale="close_up"))) == {100, 400}


def test_shots_are_filtered_by_who_is_in_them(world: Place) -> None:
    ann = Character.objects.create(scope=world.video.title, number=1, name="Ann Lee")
    row = world.video.shot_descriptions.get(start_frame=300)
    row.facts["characters"] = [ann.pk]
    row.save()
    assert starts(ask(world, character="ann lee")) == [300]


def test_attributes_filter_by_what_the_version_in_use_says(world: Place, encoder: Encoder) -> None:
    attribute = Attribute.objects.create(team=world.team, name="fire", created_by=world.editor)
    head = AttributeModel.objects.create(
        attribute=attribute, encoder=encoder, version=1, weights={}, is_active=True
    )
    for start, probability in ((200, 0.9), (300, 0.1)):
        ShotAttribute.objects.create(
            attribute=attribute, model=head, video=world.video, start_frame=start, end_frame=start + 100,
            probability=probability,
        )  # fmt: skip
    assert starts(ask(world, attribute=attribute.pk)) == [200]
    assert starts(ask(world, attribute=attribute.pk, q="beach")) == [200]
    assert ask(make_place("elsewhere"), attribute=attribute.pk).hits == ()


def test_like_a_shot_gives_the_nearest_others_and_not_itself(world: Place, encoder: Encoder) -> None:
    results = ask(world, like=f"shot:{world.video.pk}:150")
    shots = [vector_of_shot(encoder, world.video.pk, frame=start) for start in (100, 200, 300, 400)]
    vectors = np.stack([shot[1] for shot in shots if shot is not None])
    assert starts(results) == [100 * (match.row + 1) for match in exact_top(vectors, vectors[0], 4)[1:]]
    assert {reason.source for hit in results.hits for reason in hit.reasons} == {encoder.name}


def test_a_shot_and_words_together_draw_towards_both(world: Place, encoder: Encoder) -> None:
    like = f"shot:{world.video.pk}:150"
    assert starts(ask(world, like=like, q="beach"))[0] == 300


def test_like_a_still_looks_for_shots_like_the_one_around_it(world: Place, encoder: Encoder) -> None:
    still = still_of(world.video)
    assert starts(ask(world, like=f"still:{still.pk}")) == starts(ask(world, like=f"shot:{world.video.pk}:150"))
    assert ask(make_place("elsewhere"), like=f"still:{still.pk}").hits == ()


def test_an_encoder_that_knows_pictures_looks_at_the_still_itself(
    world: Place, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, farthest = starts(ask(world, like=f"shot:{world.video.pk}:150"))

    class Pictures:
        def encode_pictures(self, pictures: list) -> np.ndarray:
            assert pictures == ["the still"]
            return vector_of_shot(encoder, world.video.pk, frame=farthest)[1][None]

    monkeypatch.setattr(encoders, "image_encoder", lambda row: Pictures())
    monkeypatch.setattr("search.query_vectors.example_pixels", lambda example, region: "the still")
    found = starts(ask(world, like=f"still:{still_of(world.video).pk}"))
    assert found[0] == farthest and 100 not in found  # the shot that the still is from is no find


def test_an_example_that_is_not_there_is_told_and_the_words_are_looked_for(world: Place, encoder: Encoder) -> None:
    for like in (f"shot:{world.video.pk}:999999", "shot:999999:1", "still:999999", "upload:" + "0" * 32):
        results = ask(world, like=like, q="beach")
        assert starts(results)[0] == 300
        assert any("choose another" in note or "bring it again" in note for note in results.notes)


def test_what_an_encoder_cannot_know_is_told(world: Place, encoder: Encoder) -> None:
    assert any("do not know what people do" in note for note in ask(world, q="beach").notes)


def test_without_an_encoder_words_are_found_and_what_is_missing_is_told(world: Place) -> None:
    results = ask(world, q="beach")
    assert starts(results) == [300]
    assert any("install" in note.lower() for note in results.notes)


def test_films_whose_shots_wait_to_be_described_are_counted(world: Place) -> None:
    world.video.shots.create(index=0, start_frame=0, end_frame=1000, transition="start")
    assert not any("still being described" in note for note in ask(world, q="beach").notes)
    world.video.shot_descriptions.all().delete()
    assert any(note.startswith("One film is still being described") for note in ask(world, q="beach").notes)


def test_weak_matches_are_told_as_weak(world: Place, encoder: Encoder) -> None:
    ShotVector.objects.update(vector=np.eye(encoder.dimension)[0])
    results = ask(world, q="submarine helicopter")
    assert results.is_weak
    assert any(note.startswith("Nothing matches well") for note in results.notes)
    assert not ask(world, q="beach").is_weak


def test_vectors_of_another_dimension_are_told_and_words_are_found_all_the_same(
    world: Place, encoder: Encoder
) -> None:
    ShotVector.objects.update(vector=[1.0, 0.0, 0.0])
    results = ask(world, q="beach")
    assert starts(results) == [300]
    assert "are not of its dimension" in results.notes[0]


def test_nothing_asked_for_gives_nothing_and_a_sentence(world: Place) -> None:
    results = ask(world, q="  ")
    assert (results.hits, results.notes) == ((), ("Type what you look for, or choose a filter.",))


def test_a_person_finds_nothing_of_films_they_may_not_see(world: Place, encoder: Encoder) -> None:
    theirs = make_place("elsewhere")
    embed(theirs.video, encoder)
    still = still_of(theirs.video)
    make_dialogue_line(theirs.video, "hidden words", start=120, end=150)
    stranger = make_person("stranger")
    for asked in ({"q": "beach"}, {"q": "hidden words"}, {"scale": "close_up"}, {"q": "-nothing"}):
        assert {hit.video_id for hit in ask(world, **asked).hits} <= {world.video.pk}
        assert ask(world, user=stranger, **asked).hits == ()
    for hidden, unknown in ((f"shot:{theirs.video.pk}:150", "shot:999999:1"), (f"still:{still.pk}", "still:999999")):
        assert ask(world, like=hidden)[:2] == ask(world, like=unknown)[:2]
    assert ask(world, q="beach", title=theirs.video.title_id).hits == ()


def test_what_other_teams_have_changes_neither_order_nor_notes(world: Place, encoder: Encoder) -> None:
    before = ask(world, q="close-up of Ann")
    theirs = make_place("elsewhere")
    embed(theirs.video, encoder)
    assert ask(world, q="close-up of Ann")[:2] == before[:2]


def test_chosen_titles_are_searched_alone(world: Place) -> None:
    other = Title.objects.create(name="Another")
    other.teams.add(world.team)
    film = make_film(other)
    describe(film, SHOTS)
    assert {hit.video_id for hit in ask(world, q="beach").hits} == {world.video.pk, film.pk}
    assert {hit.video_id for hit in ask(world, q="beach", title=other.pk).hits} == {film.pk}


def test_asking_again_gives_the_same(world: Place, encoder: Encoder) -> None:
    assert ask(world, q="close-up blue")[:2] == ask(world, q="close-up blue")[:2]


TYPED = (
    "", "🎉", "x" * 10_000, "explosion " * 1000, "'; DROP TABLE ava_video; --", "a & b | !c <-> (d:*", "世界", "平",
    "انفجار", '"""', "-", "-a", '-"', "%_\\", "\\", "don't", "e\u0301", "\u202e", "1e999",
)  # fmt: skip


def test_whatever_is_typed_gives_results_or_a_sentence(world: Place, encoder: Encoder) -> None:
    for written in TYPED:
        results = ask(world, q=written)
        assert results.hits or results.notes, written
