"""Reading artwork in the test's own process: the process of its own costs a second each time, and has its own tests."""

from pathlib import Path

import pytest

from ava.media.picture_copies import PICTURE_FILE, PREVIEW_FILE, write_copies
from ava.media.picture_file import open_picture
from ava.picture_process import PictureCopies, PictureReader


@pytest.fixture
def reads_here(monkeypatch) -> None:
    def read(self: PictureReader, path: Path, *, name: str, folder: Path) -> PictureCopies:
        opened = open_picture(path, name=name)
        write_copies(opened.rgb, folder=folder)
        height, width = opened.rgb.shape[:2]
        return PictureCopies(folder / PICTURE_FILE, folder / PREVIEW_FILE, width, height, list(opened.remarks))

    monkeypatch.setattr(PictureReader, "read", read)
