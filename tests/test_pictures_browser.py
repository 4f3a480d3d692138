"""Like pictures and test results in a real browser: readable at every width, put right by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from curation.models import Picture, PictureGroup, SimilarPair, Still
from curation.picture_comparing import COMPARED_VERSION
from curation.picture_rows import row_of_frame
from curation.similarity.descriptor import DESCRIPTOR_VERSION
from curation.similarity.index import INDEX_VERSION
from tests.chromium import needs_chromium, open_page
from tests.world import World, make_still, make_world

pytestmark = needs_chromium(timeout_s=120)


@pytest.fixture
def world(hints: list[tuple[Any, ...]], settings: Any, tmp_path: Path) -> World:
    """Besides a still with an artwork like it two stills of which AVA is unsure whether they are one."""
    settings.MEDIA_ROOT = tmp_path
    world = make_world("pictures")
    picture = tmp_path / "grey.jpg"
    Image.new("RGB", (64, 36), (90, 90, 90)).save(picture)
    name = default_storage.save("stills/grey.jpg", ContentFile(picture.read_bytes()))
    for frame in (30, 40):
        make_still(world.video, frame, rank=frame, provisional=False, image=name)
    Still.objects.update(image=name)
    one, other = (row_of_frame(world.video, frame) for frame in (30, 40))
    SimilarPair.objects.create(
        first=one, second=other, index=0.55, histogram=0.8, structure=0.5, features=0.3, emd=0.7, version=INDEX_VERSION
    )
    Picture.objects.update(descriptor_version=DESCRIPTOR_VERSION, compared_version=COMPARED_VERSION)
    return world


@pytest.fixture
def page(chromium: Browser, live_server: Any, world: World) -> Iterator[Page]:
    with open_page(chromium, live_server, world.editor) as page:
        page.goto(f"{live_server.url}/titles/{world.title.pk}/similar/")
        page.wait_for_load_state("networkidle")  # scripts that the page's own script brings are there, too
        yield page


def test_both_pages_are_accessible_and_fit_at_every_width(page: Page, world: World, live_server: Any) -> None:
    for path in ("similar", "tests"):
        page.goto(f"{live_server.url}/titles/{world.title.pk}/{path}/")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"], each["nodes"][0]["target"]) for each in found] == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_pictures_are_put_right_and_taken_back_by_keyboard_alone(page: Page, world: World) -> None:
    def groups() -> list[list[str]]:
        return [
            [str(member) for member in group.members.order_by("pk")] for group in PictureGroup.objects.order_by("pk")
        ]

    both = ["Frame 30 of film-pictures.mp4", "Frame 40 of film-pictures.mp4"]
    before = groups()
    expect(page.locator("[data-question]")).to_have_count(1)
    page.keyboard.press("y")
    expect(page.locator("#notices")).to_contain_text("2 pictures are the same")
    expect(page.locator(".picture-group")).to_have_count(2)
    expect(page.locator("[data-question]")).to_have_count(0)
    assert groups() == [*before, both]

    member = page.locator(".picture-copies [data-member]").first
    member.get_by_role("button", name="is not the same").focus()
    page.keyboard.press("n")
    expect(page.locator(".picture-group")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".picture-group")).to_have_count(2)
    assert groups()[1] == both or groups()[0] == both

    for box in page.locator(".picture-tick input").all():
        box.press("Space")
    expect(page.locator("[data-ticked-words]")).to_have_text("4 pictures ticked")
    page.keyboard.press("m")
    expect(page.locator(".picture-group")).to_have_count(1)
    assert [len(group) for group in groups()] == [4]
    page.keyboard.press("Control+z")
    expect(page.locator(".picture-group")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator("[data-question]")).to_have_count(1)
