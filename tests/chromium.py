"""A real Chromium for tests: started, signed in as somebody, and closed again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect, sync_playwright

if TYPE_CHECKING:  # benchmarks look for the browser before Django is set up
    from ava.models import User

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 20_000  # of a machine that has other things to do
VIEWPORT = {"width": 1440, "height": 900}
_LISTENING = """
window.WebSocket = class extends EventTarget {
  constructor() { super(); window.line = this; }
  close() {}
};
"""


def needs_chromium(*, timeout_s: int) -> list[pytest.MarkDecorator]:
    """What the tests of a file are marked with that drive a browser against `live_server`."""
    return [
        pytest.mark.browser,
        pytest.mark.django_db(transaction=True),
        pytest.mark.timeout(timeout_s),
        pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    ]


@contextmanager
def start_chromium() -> Iterator[Browser]:
    """A browser, while which Django may be used in this thread although Playwright keeps a loop in it."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def sign_in(browser: Browser, live_server: Any, user: User, **options: Any) -> BrowserContext:
    """A context of the browser in which somebody is signed in; addresses may leave the server out."""
    client = Client()
    client.force_login(user)
    context = browser.new_context(**({"viewport": VIEWPORT, "base_url": live_server.url} | options))
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return context


@contextmanager
def open_page(browser: Browser, live_server: Any, user: User, **options: Any) -> Iterator[Page]:
    """An empty page in which somebody is signed in, with a memory of its own."""
    with closing(sign_in(browser, live_server, user, **options)) as context:
        page = context.new_page()
        yield page
        page.unroute_all(behavior="ignoreErrors")  # what is still asked for need not be answered


@contextmanager
def no_script_may_fail(page: Page) -> Iterator[None]:
    """Hold it of a page until it is closed. A module that comes while the page is being left fails for no fault."""
    errors: list[str] = []
    broken_off: set[str] = set()

    def remember(request: Request) -> None:
        if request.failure == "net::ERR_ABORTED":
            broken_off.add(request.url)

    page.on("requestfailed", remember)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield
    assert [error for error in errors if not any(address in error for address in broken_off)] == []


@contextmanager
def open_listening_page(
    browser: Browser, live_server: Any, user: User, *, picture: Callable[[], bytes]
) -> Iterator[Page]:
    """A page whose live line tests speak on as `window.line`, and to which every frame and still is one picture.

    No script of it may fail.
    """

    def show(route: Route) -> None:
        route.fulfill(body=picture(), content_type="image/png")

    with open_page(browser, live_server, user) as page, no_script_may_fail(page):
        page.add_init_script(_LISTENING)
        page.route(re.compile(r"/frames/\d+\.jpg|/image\.jpg"), show)
        yield page
