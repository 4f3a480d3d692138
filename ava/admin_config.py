"""Puts AVA's own admin site in the place of Django's; loaded before any model is."""

from django.contrib.admin.apps import AdminConfig


class AvaAdminConfig(AdminConfig):
    default_site = "ava.admin_site.AvaAdminSite"
