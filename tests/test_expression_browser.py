"""The page of expression models in a real browser: readable at every width, and alive while a version is trained."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from ava import detectors
from ava.annotate.base import find_detectors
from ava.models import User
from curation import expression_training
from curation.expression_models import active_model, train_model
from curation.models import Face
from tests.chromium import needs_chromium, open_page
from tests.people_world import draw_portrait
from tests.test_expression_models import make_decided_film
from tests.world import make_person

pytestmark = needs_chromium(timeout_s=120)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch, hints: list[tuple]) -> User:
    """A superuser of an installation in which one version was trained."""
    monkeypatch.setattr(detectors, "available_detectors", lambda store: find_detectors())
    cache.clear()
    root = make_person("root", is_superuser=True)
    for seed in range(3):
        make_decided_film(root, seed=seed)
    train_model(root)
    return root


@pytest.fixture
def page(chromium: Browser, live_server: Any, root: User) -> Iterator[Page]:
    with open_page(chromium, live_server, root) as page:
        # The film's file does not exist; that faces are cut out of films is tested where they are.
        page.route(
            "**/faces/*/picture.jpg", lambda route: route.fulfill(body=draw_portrait(1), content_type="image/jpeg")
        )
        page.goto(f"{live_server.url}/expressions/")
        yield page
        connections.close_all()  # the test's own within Playwright's loop; outside it there is another


def test_the_page_is_accessible_and_fits_at_every_width(page: Page) -> None:
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["impact"]) for each in found] == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_superusers_find_it_from_the_models_page(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/models/")
    page.get_by_role("link", name="Expression models").click()
    expect(page.get_by_role("heading", name="Expressions", exact=True)).to_be_visible()


def test_a_training_is_followed_without_a_reload_until_its_version_stands_in_the_list(page: Page, root: User) -> None:
    page.get_by_role("button", name="Train a version").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    expect(page.get_by_role("button", name="Train a version")).to_be_disabled()
    expression_training.run_training(root)
    expect(page.get_by_text("Version 2 is trained.")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Train a version")).to_be_enabled()
    expect(page.get_by_role("heading", name="Version 2")).to_be_visible()


def test_a_version_is_put_to_use_and_back_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Use version 1").press("Enter")
    expect(page.get_by_text("Version 1 is in use")).to_be_visible()
    expect(page.locator("#version-1").get_by_text("In use")).to_be_visible()
    assert active_model() is not None
    page.get_by_role("button", name="Use the untrained score").press("Enter")
    expect(page.get_by_text("The untrained score is in use")).to_be_visible()
    assert active_model() is None
    expect(page.locator("#switches ~ ul li").first).to_contain_text("root: The untrained score")


def test_without_examples_nothing_can_be_trained_and_the_page_says_what_is_missing(page: Page) -> None:
    Face.objects.all().delete()
    page.reload()
    expect(page.get_by_text("0 picked and 0 rejected faces so far; 40 of each are needed")).to_be_visible()
    expect(page.get_by_role("button", name="Train a version")).to_be_disabled()
