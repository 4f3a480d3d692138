"""AVA's core app: titles, videos, jobs, the frames' annotations and shots."""

from django.apps import AppConfig


class AvaConfig(AppConfig):
    name = "ava"
    verbose_name = "Films"
