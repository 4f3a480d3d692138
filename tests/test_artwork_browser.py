"""Artwork in a real browser: brought by choosing and dropping, told of file by file, seen with what is in it."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from curation.models import Artwork
from tests.chromium import needs_chromium, open_page
from tests.world import World, make_world

pytestmark = needs_chromium(timeout_s=180)


@pytest.fixture
def world(hints: list[tuple[Any, ...]]) -> World:
    world = make_world("ours")
    world.artwork.delete()
    return world


@pytest.fixture
def page(chromium: Browser, live_server: Any, world: World) -> Iterator[Page]:
    with open_page(chromium, live_server, world.editor) as page:
        page.goto(f"{live_server.url}/titles/{world.title.pk}/artwork/")
        page.wait_for_load_state("networkidle")
        yield page


DROP_A_FOLDER = """([name, content]) => {
  const file = new File([new Uint8Array(content)], name, { type: "image/png" });
  const entry = { isFile: true, isDirectory: false, name, fullPath: `/set/fr/${name}`, file: (done) => done(file) };
  const answers = [[entry], []];
  const reader = { readEntries: (done) => done(answers.shift()) };
  const folder = { isFile: false, isDirectory: true, name: "set", fullPath: "/set", createReader: () => reader };
  const event = new Event("drop", { bubbles: true, cancelable: true });
  event.dataTransfer = { types: ["Files"], items: [{ kind: "file", webkitGetAsEntry: () => folder }] };
  document.querySelector("[data-artworks]").dispatchEvent(event);
}"""


def test_pictures_folders_and_archives_are_brought_and_seen(
    page: Page, world: World, live_server: Any, tmp_path: Path
) -> None:
    for number, name in enumerate(("poster_de.png", "other.png", "inside.png")):
        Image.fromarray(np.full((90, 160, 3), 40 + 60 * number, np.uint8)).save(tmp_path / name)
    (tmp_path / "paper.jpg").write_bytes(b"%PDF-1.7")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as packed:
        packed.write(tmp_path / "inside.png", "set/inside.png")
        packed.writestr("set/notes.txt", "Hello")
    files = [tmp_path / name for name in ("poster_de.png", "paper.jpg", "set.zip")]
    expect(page.get_by_text("Choose files")).to_be_visible()  # the script is there
    page.get_by_label("Choose files").set_input_files(files)
    summary = page.locator("[data-artwork-sum]")
    expect(summary).to_have_text("2 added, 2 refused.", timeout=30_000)
    told = page.locator("[data-artwork-lines]")
    expect(told).to_contain_text("paper.jpg is no PNG")
    expect(told).to_contain_text("1 added, 1 refused.")
    expect(told).to_contain_text("notes.txt is no PNG")

    page.evaluate(DROP_A_FOLDER, ["poster.png", list((tmp_path / "other.png").read_bytes())])
    expect(summary).to_have_text("3 added, 2 refused.", timeout=30_000)
    names = {each.original_name: each.language for each in Artwork.objects.filter(title=world.title)}
    assert names == {"poster_de.png": "de", "inside.png": "", "poster.png": "fr"}

    expect(page.locator(".artwork-card")).to_have_count(3)
    page.reload()
    page.get_by_label("Language").select_option("de")
    expect(page.locator(".artwork-card")).to_have_count(1)
    expect(page).to_have_url(f"{live_server.url}/titles/{world.title.pk}/artwork/?q=&language=de&faces=&colour=&text="
                             "&shape=&size=&state=&sort=newest")  # fmt: skip
    artwork = Artwork.objects.get(original_name="poster_de.png")
    face = {"box": [20, 10, 60, 70], "score": 0.9, "is_detected": True}
    Artwork.objects.filter(pk=artwork.pk).update(
        state="ready", signals={"faces.count": 1.0}, findings={"faces": [face], "text": [], "people": [], "objects": []}
    )
    page.locator(".artwork-thumb").click()
    expect(page.locator("h1")).to_have_text("poster_de.png")
    expect(page.get_by_role("group", name="Overlays")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("[data-overlay-layer] rect.stroke")).to_have_count(1)
    page.get_by_role("button", name="Text").click()
    expect(page.locator("[data-overlay-note]")).to_have_text("No text was found.")
    own = f"/artworks/{artwork.pk}/"
    for path in (f"/titles/{world.title.pk}/artwork/", own, f"{own}delete/"):
        page.goto(f"{live_server.url}{path}")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"]) for each in found] == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    page.get_by_role("button", name="Delete it").press("Enter")
    expect(page.locator("#notices")).to_contain_text("“poster_de.png” is deleted.")
