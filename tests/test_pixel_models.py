"""Versions of the pixel network: the shipped one, those that people bring, releasing and rolling back."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from ava.models import User
from qc import model_measuring
from qc.model_versions import (
    NotReleasable,
    active_model,
    add_version,
    load_model,
    switches,
    use_model,
    why_not_releasable,
)
from qc.models import PixelModel
from qc.pixel import held_out, model_file
from qc.pixel.comparison import ALL, choose_threshold, compare, find_losses, threshold_for_recall
from qc.pixel.held_out import Measures, Scores, measure
from qc.pixel.model_file import UnfitModel
from tests.pixel_models import dark_clips, model_bytes
from tests.world import make_pixel_model

pytestmark = pytest.mark.django_db
FIT = {"is_fit": True, "verdict": "As good."}


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "pixel.npz"
    path.write_bytes(model_bytes(1))
    monkeypatch.setattr(model_file, "SHIPPED", path)
    return path


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss-of-models", password="a long word of passage")


def ship(path: Path, packed: bytes) -> None:
    path.unlink()
    path.write_bytes(packed)


def test_shipped_model_becomes_version_one_when_it_is_first_needed(shipped: Path) -> None:
    model = active_model()
    assert (model.version, model.is_shipped, model.is_active) == (1, True, True)
    assert bytes(model.weights) == shipped.read_bytes()
    assert active_model() == model and PixelModel.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_need_it_at_once_register_the_shipped_model_once(shipped: Path) -> None:
    def ask(_: int) -> int:
        try:
            return active_model().version
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(4))) == {1}
    assert PixelModel.objects.count() == 1


def test_newer_shipped_model_is_put_to_use_in_place_of_an_older_shipped_one(shipped: Path) -> None:
    first = active_model()
    ship(shipped, model_bytes(2))
    second = active_model()
    assert (second.version, second.parent, second.is_shipped) == (2, first, True)
    assert PixelModel.objects.get(is_active=True) == second


def test_newer_shipped_model_waits_where_people_use_one_of_their_own(shipped: Path, boss: User) -> None:
    active_model()
    own, _ = add_version(model_bytes(5), user=boss, measures=FIT)
    use_model(own, user=boss)
    ship(shipped, model_bytes(2))
    assert active_model() == own
    newer = PixelModel.objects.get(version=3)
    assert newer.is_shipped and not newer.is_active
    use_model(newer, user=boss)
    assert active_model() == newer


def test_installation_without_its_model_file_keeps_using_what_it_has_or_says_what_to_do(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_file, "SHIPPED", tmp_path / "none.npz")
    with pytest.raises(UnfitModel, match="install AVA anew"):
        active_model()
    monkeypatch.setattr(model_file, "SHIPPED", shipped)
    model = active_model()
    monkeypatch.setattr(model_file, "SHIPPED", tmp_path / "none.npz")
    assert active_model() == model


def test_model_file_that_people_bring_waits_to_be_compared_and_released(
    shipped: Path, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "rendered_clips", dark_clips)
    monkeypatch.setattr(held_out.held_out_windows, "__kwdefaults__", {"count": 12})
    first = active_model()
    model, is_new = add_version(model_bytes(7, parent_sha256=first.sha256), user=boss, name="mine.npz")
    assert is_new and not model.is_active and model.parent == first
    assert "not been compared" in why_not_releasable(model)
    model_measuring.measure_version(model.pk)
    model.refresh_from_db()
    assert set(model.measures["own"]["recall"]) == set(model.measures["parent"]["recall"])
    assert "version 1" in model.measures["verdict"]
    again, is_new = add_version(bytes(model.weights), user=boss)
    assert again == model and not is_new


def test_file_that_is_no_model_is_refused_by_name(shipped: Path, boss: User) -> None:
    for packed in (b"", b"PK\x03\x04", b"\0" * 100):
        with pytest.raises(UnfitModel, match=r"^mine\.npz"):
            add_version(packed, user=boss, name="mine.npz")
    broken = make_pixel_model()
    assert str(broken) in why_not_releasable(broken)
    model_measuring.measure_version(broken.pk)
    broken.refresh_from_db()
    assert broken.measures["is_fit"] is False


def test_version_with_worse_recall_is_refused_with_its_sentence_and_rolling_back_is_always_possible(
    shipped: Path, boss: User
) -> None:
    first = active_model()
    worse, _ = add_version(model_bytes(3), user=boss, measures={"is_fit": False, "verdict": "It finds fewer streaks."})
    with pytest.raises(NotReleasable, match="fewer streaks"):
        use_model(worse, user=boss)
    better, _ = add_version(model_bytes(4), user=boss, measures=FIT)
    use_model(better, user=boss)
    use_model(first, user=boss)
    use_model(better, user=boss)
    assert active_model() == better
    assert PixelModel.objects.filter(is_active=True).count() == 1
    assert [entry.object_repr for entry in switches()] == ["Pixel model 3", "Pixel model 1", "Pixel model 3"]


def test_networks_of_versions_are_read_once(shipped: Path) -> None:
    model = active_model()
    assert load_model(model).network is load_model(PixelModel.objects.get(pk=model.pk)).network


def scores(**values: list[float]) -> Scores:
    return Scores(tuple((kind, value) for kind, each in values.items() for value in each), (), ())


def test_threshold_keeps_the_recall_of_every_set() -> None:
    parent = scores(dot=[0.9, 0.8, 0.2], arc=[0.9, 0.7])
    new = scores(dot=[0.95, 0.6, 0.1], arc=[0.9, 0.8])
    assert choose_threshold([(new, parent)], parent_threshold=0.5) == pytest.approx(0.6, abs=0.01)
    lower = (scores(dot=[0.4, 0.9]), scores(dot=[0.6, 0.7]))
    assert choose_threshold([(new, parent), lower], parent_threshold=0.5) == pytest.approx(0.4, abs=0.01)
    assert choose_threshold([(scores(), scores())], parent_threshold=0.3) == 0.3
    assert threshold_for_recall(scores(dot=[0.9, 0.8, 0.7, 0.1]), recall=0.75) == pytest.approx(0.7)
    assert threshold_for_recall(scores()) == 0.5


def test_one_error_of_a_kind_lost_by_chance_is_made_good_by_another_but_many_are_not() -> None:
    parent = scores(dot=[0.9] * 100, arc=[0.9] * 99 + [0.1])
    swapped = scores(dot=[0.9] * 99 + [0.1], arc=[0.9] * 100)
    assert choose_threshold([(swapped, parent)], parent_threshold=0.5) > 0.8
    lost = scores(dot=[0.9] * 95 + [0.3] * 5, arc=[0.9] * 100)
    assert choose_threshold([(lost, parent)], parent_threshold=0.5) == pytest.approx(0.3, abs=0.01)
    assert find_losses({"dot": (96, 100), "arc": (100, 100)}, {"dot": (99, 100), "arc": (97, 100)}) == []
    assert find_losses({"dot": (94, 100), "arc": (110, 110)}, {"dot": (99, 100), "arc": (97, 110)}) == ["dot"]
    assert find_losses({"dot": (98, 100)}, {"dot": (99, 100)}) == [ALL]


def test_version_that_finds_too_little_at_any_threshold_is_refused_and_told_so() -> None:
    parent, gone = scores(dot=[0.9] * 40), scores(dot=[0.9] * 39 + [0.0])
    chosen = choose_threshold([(gone, parent)], parent_threshold=0.5)
    new, former = (measure(each, [], threshold=at) for each, at in ((gone, chosen), (parent, 0.5)))
    verdict = compare(new, former, parent_name="version 1", chosen=chosen)
    assert not verdict.is_fit
    assert "even with its threshold lowered to 0.02" in verdict.sentence
    assert "39 of 40 instead of 40" in verdict.sentence


def test_comparison_never_lets_recall_get_worse_and_tells_of_false_alarms() -> None:
    parent = Measures({"arc": (9, 10), "dot": (10, 10)}, false_alarms=40, rejected=(10, 10))
    better = compare(Measures({"arc": (9, 10), "dot": (10, 10)}, 8, (2, 10)), parent, parent_name="version 1")
    assert better.is_fit and "10 instead of 50, 80 % fewer" in better.sentence
    worse = compare(Measures({"arc": (8, 10), "dot": (10, 10)}, 0, (0, 10)), parent, parent_name="version 1")
    assert not worse.is_fit and "arc: 8 of 10 instead of 9" in worse.sentence
    none = Measures({}, 0, (0, 0))
    assert "as many as before" in compare(none, none, parent_name="version 1").sentence
