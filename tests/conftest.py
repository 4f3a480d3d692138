"""Fixtures that many tests share."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import TransactionTestCase, override_settings

from ava import chunk_watches, detectors, messages
from ava.weights.store import WeightsStore
from tests.database import empty_tables
from tests.kept_state import KeptState, keep_state, lay_down

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


SLOWEST_FILES = ("test_up.py", "test_browser.py", "test_house.py")
"""Whole installations and analyses: begun last, one of them would keep one core busy while the others wait."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in SLOWEST_FILES)  # stable: the others keep their order


@pytest.fixture(scope="session")
def django_db_use_migrations() -> bool:
    """Tables are made of the models, in a tenth of the time; `test_up` holds that migrations make the same ones."""
    return False


@pytest.fixture(scope="session", autouse=True)
def quickly_emptied_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real footage beside the repository; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real footage of ../shared/data is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def model_files() -> Callable[[Iterable[str]], dict[str, Path]]:
    """Real model files by name, fetched once into the installation's store; a test is skipped where that fails."""
    store = WeightsStore(Path(settings.BASE_DIR) / "var" / "weights")

    why_not: dict[str, str] = {}  # of every name that was asked for: checking and fetching take their time

    def get(names: Iterable[str]) -> dict[str, Path]:
        wanted = list(names)
        new = [name for name in wanted if name not in why_not]
        why_not.update(dict.fromkeys(new, ""))
        why_not.update((failure.name, failure.reason) for failure in store.fetch_missing(new))
        if failures := [f"{name}: {why_not[name]}" for name in wanted if why_not[name]]:
            pytest.skip("; ".join(failures))
        return {name: store.path(name) for name in wanted}

    return get


@pytest.fixture(scope="session", autouse=True)
def plain_static_files() -> Iterator[None]:
    """Templates resolve static names without a collected manifest. For all tests at once: where the setting changed
    between two of them, a request that the first one's browser left behind made the next test look for a manifest."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path: Path) -> Path:
    """Every test writes its media into a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.AVA_CACHE_DIR = tmp_path / "cache"
    settings.AVA_UPLOAD_DIR = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Accounts made for a test need no half a second of hashing each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def no_encoders_ahead() -> None:
    """Pages load none behind the back of a test: it would ask a database that the test may be done with."""
    from search import encoders

    encoders._LOADING_SOON.set()


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A browser that the tests of a file share, for it takes a second to start; not longer, see `start_chromium`."""
    from tests.chromium import start_chromium

    with start_chromium() as browser:
        yield browser


@pytest.fixture
def no_detectors(monkeypatch) -> None:
    """An installation that looks at no frame closely, for tests of what comes before and after."""
    monkeypatch.setattr(detectors, "available_detectors", lambda store: [])


@pytest.fixture
def no_chunk_watches(monkeypatch) -> None:
    """Chunks are measured and nothing else; scanning them for pixel errors takes as long again."""
    monkeypatch.setattr(chunk_watches, "_registered", [])


@pytest.fixture(scope="module")
def made_once(tmp_path_factory) -> Callable[[Callable[[], object]], None]:
    """Call this with what makes rows and media files: it is called for one test of a module, and the others have the
    same from the start. The database has to be empty. For tests that commit."""
    kept: list[KeptState] = []

    def make_or_lay_down(make: Callable[[], object]) -> None:
        if kept:
            lay_down(kept[0])
        else:
            make()
            kept.append(keep_state(tmp_path_factory.mktemp("made_once")))

    return make_or_lay_down


@pytest.fixture
def hints(monkeypatch) -> list[tuple]:
    """What would have gone to the broker."""
    sent: list[tuple] = []
    monkeypatch.setattr(messages.app, "send_task", lambda name, args=(): sent.append((name, *args)))
    return sent
