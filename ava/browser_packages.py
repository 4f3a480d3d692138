"""Serve the few files AVA uses of its npm packages, content-hashed like its own static files."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage

# Only these: collecting all of node_modules takes half a minute and serves what nobody asked for.
PACKAGE_FILES = {
    "vendor/tus.js": "tus-js-client/dist/tus.min.js",
    "vendor/tus.min.js.map": "tus-js-client/dist/tus.min.js.map",  # the file above names it
}


class BrowserPackageFinder(BaseFinder):
    """Finds `vendor/…` static files inside node_modules."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.storage = _VendorStorage(location=settings.BASE_DIR / "node_modules")

    def check(self, **_: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        found = self.storage.path(path) if path in PACKAGE_FILES and self.storage.exists(path) else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in PACKAGE_FILES:
            if self.storage.exists(name):
                yield name, self.storage


class _VendorStorage(FileSystemStorage):
    """Maps a served name to the file inside its package."""

    def path(self, name: str) -> str:
        return super().path(PACKAGE_FILES.get(name, name))


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Hashed names with a manifest; module imports are rewritten too, so that no browser mixes versions."""

    support_js_module_import_aggregation = True
    manifest_strict = False
