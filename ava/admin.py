"""The admin console of films: one file an idea, all of them registered from here."""

from ava import admin_films, admin_measured, admin_people, admin_work

__all__ = ["admin_films", "admin_measured", "admin_people", "admin_work"]
