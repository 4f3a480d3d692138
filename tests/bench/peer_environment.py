"""Programs that figures are compared with, each in an environment of its own below the cache folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings


def install_peer(name: str, *, before: Sequence[str] = ()) -> Path | None:
    """The interpreter of an environment with a package, made when it is not there; None when that fails.

    `before` are packages that go in first.
    """
    home = settings.AVA_CACHE_DIR / name
    python = home / "bin" / "python"
    install = (str(python), "-m", "pip", "install", "-q")
    steps = [(sys.executable, "-m", "venv", str(home)), *((*install, package) for package in (*before, name))]
    try:
        if not python.is_file() or subprocess.run([str(python), "-c", f"import {name}"], check=False).returncode:
            for step in steps:
                subprocess.run(step, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return python
