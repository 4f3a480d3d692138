"""The bar over the pages of a title."""

import pytest
from django.test import Client
from django.urls import resolve

from curation.templatetags.title_nav import GROUPS
from tests.world import make_world

pytestmark = pytest.mark.django_db


def test_every_page_of_a_title_leads_to_every_other_and_says_which_it_is() -> None:
    world = make_world("nav")
    client = Client()
    client.force_login(world.editor)
    for page in (page for group in GROUPS for page in group):
        content = client.get(f"/titles/{world.title.pk}/").content.decode()
        address = next(part for part in content.split('"') if part.startswith("/titles/") and _is_of(part, page.name))
        shown = client.get(address).content.decode()
        assert shown.count('class="title-nav"') == 1
        bar = shown.split('class="title-nav"')[1].split("</nav>")[0]
        assert bar.count("<a ") == sum(len(group) for group in GROUPS)
        assert bar.count('aria-current="page"') == 1
        assert f'aria-current="page">{page.label}<' in bar


def test_the_film_that_is_looked_at_stays_the_one_on_the_other_pages() -> None:
    world = make_world("nav")
    client = Client()
    client.force_login(world.editor)
    content = client.get(f"/titles/{world.title.pk}/stills/?video={world.video.pk}").content.decode()
    assert f'"/titles/{world.title.pk}/clusters/?video={world.video.pk}"' in content
    assert f'"/titles/{world.title.pk}/artwork/"' in content


def test_a_page_behind_another_has_the_bar_and_stands_under_it() -> None:
    world = make_world("nav")
    client = Client()
    client.force_login(world.editor)
    words = client.get(f"/videos/{world.video.pk}/dialogue/").content.decode()
    assert 'aria-current="page">Film<' in words.split('class="title-nav"')[1].split("</nav>")[0]


def test_pages_of_no_title_have_no_such_bar() -> None:
    client = Client()
    client.force_login(make_world("nav").editor)
    assert 'class="title-nav"' not in client.get("/jobs/").content.decode()


def _is_of(address: str, name: str) -> bool:
    return resolve(address.split("?")[0]).url_name == name
