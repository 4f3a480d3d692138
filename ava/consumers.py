"""The live websocket: one connection a page, messages of every title its person sees."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.urls import path

from ava.models import User
from ava.progress import SUPERUSERS_GROUP, team_group
from ava.selectors import access_teams, access_titles

SIGNED_OUT = 4401


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """Joins the groups of its person's teams. Every message is checked again before it is passed on, so that
    whoever leaves a team, or is switched off, hears nothing from that moment."""

    async def connect(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.accept()
            await self.close(code=SIGNED_OUT)
            return
        self.user_id = user.pk
        self.joined = await self._groups(user)
        for group in self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for group in getattr(self, "joined", []):
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: Any, **_: Any) -> None:
        """Pages only listen."""

    async def live_message(self, event: dict[str, Any]) -> None:
        if await self._may_see(event["title_id"]):
            await self.send_json(event["message"])

    @database_sync_to_async
    def _groups(self, user: User) -> list[str]:
        if user.is_superuser:
            return [SUPERUSERS_GROUP]
        return [team_group(pk) for pk in access_teams(user).values_list("pk", flat=True)]

    @database_sync_to_async
    def _may_see(self, title_id: int) -> bool:
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        return user is not None and access_titles(user).filter(pk=title_id).exists()


websocket_urls = [path("ws/live/", LiveConsumer.as_asgi())]
