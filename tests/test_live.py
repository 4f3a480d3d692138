"""The websocket: who hears what, and who stops hearing."""

import asyncio
import json

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from ava.consumers import SIGNED_OUT, LiveConsumer
from ava.models import Job, Membership, Team
from ava.progress import job_message, publish, publish_job
from tests.films import make_title, make_user, store_video
from tests.footage import write_film

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 60  # of a machine that has other things to do


@pytest.fixture(autouse=True)
def in_memory_layer(settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def run_async():
    """Run a scenario to its end in a loop of its own."""
    return asyncio.run


@pytest.fixture
def world():
    ours, theirs = Team.objects.create(name="Ours"), Team.objects.create(name="Theirs")
    return {
        "title": make_title("Ours only", team=ours),
        "insider": make_user("insider", team=ours),
        "outsider": make_user("outsider", team=theirs),
        "root": make_user("root", is_superuser=True),
    }


class Listener(ApplicationCommunicator):
    """One browser's websocket."""

    def __init__(self, user) -> None:
        scope = {"type": "websocket", "path": "/ws/live/", "headers": [], "query_string": b"", "user": user}
        super().__init__(LiveConsumer.as_asgi(), scope)

    async def hear(self) -> dict:
        event = await self.receive_output(PATIENCE_S)
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(PATIENCE_S)


async def connect(user) -> Listener:
    listener = Listener(user)
    await listener.send_input({"type": "websocket.connect"})
    assert (await listener.receive_output(PATIENCE_S))["type"] == "websocket.accept"
    return listener


def tell(title_id: int, message: dict) -> None:
    publish(title_id=title_id, message=message)


def test_members_and_superusers_hear_of_a_title_and_outsiders_do_not(world, run_async):
    async def scenario():
        insider, outsider, root = [await connect(world[name]) for name in ("insider", "outsider", "root")]
        await database_sync_to_async(tell)(world["title"].pk, {"type": "stills", "count": 3})
        assert (await insider.hear())["count"] == 3
        assert (await root.hear())["count"] == 3
        assert await outsider.receive_nothing(0.3)
        for each in (insider, outsider, root):
            await each.leave()

    run_async(scenario())


def test_whoever_leaves_the_team_hears_nothing_from_then_on(world, run_async):
    async def scenario():
        insider = await connect(world["insider"])
        await database_sync_to_async(Membership.objects.all().delete)()
        await database_sync_to_async(tell)(world["title"].pk, {"type": "stills"})
        assert await insider.receive_nothing(0.3)
        await insider.leave()

    run_async(scenario())


def test_a_switched_off_account_hears_nothing_from_then_on(world, run_async):
    async def scenario():
        insider = await connect(world["insider"])
        world["insider"].is_active = False
        await database_sync_to_async(world["insider"].save)()
        await database_sync_to_async(tell)(world["title"].pk, {"type": "stills"})
        assert await insider.receive_nothing(0.3)
        await insider.leave()

    run_async(scenario())


def test_the_signed_out_are_turned_away_with_a_code_of_their_own(world, run_async):
    async def scenario():
        listener = await connect(AnonymousUser())
        assert await listener.receive_output(PATIENCE_S) == {"type": "websocket.close", "code": SIGNED_OUT}

    run_async(scenario())


def test_a_job_is_told_as_it_stands_when_the_transaction_is_over(world, run_async, tmp_path):
    video = store_video(write_film(tmp_path / "film.mp4"), title=world["title"])
    job = Job.objects.create(video=video)

    async def scenario():
        insider = await connect(world["insider"])
        await database_sync_to_async(publish_job)(job)
        heard = (await insider.hear())["job"]
        assert (heard["id"], heard["state"], heard["title_id"]) == (job.pk, "queued", world["title"].pk)
        await insider.leave()

    run_async(scenario())
    assert job_message(job)["progress_unit"] == 0.0
