"""Decoding in processes of its own: whatever a film does to the decoder, the web server and the workers live on."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ava.info_json import info_from_json
from ava.media.decode import UndecodableFrame
from ava.media.picture_file import UnusablePicture
from ava.media.probe import UnusableVideo, VideoInfo

MEMORY_BYTES = 4 * 2**30  # of addresses: the sixteen reference pictures of an 8K 10-bit film take 1.6 GB
IDLE_S = 120.0
SLOWEST_READ_BYTES_PER_S = 4 * 2**20
SILENCE_S = 120.0
LONGEST_ANSWER_BYTES = 256 * 2**20
_ROOT = Path(__file__).resolve().parent.parent


class DecoderDied(Exception):
    """The decoder crashed, hung or ran out of memory over a film; the text says which."""


class DecoderError(Exception):
    """The decoder process reported an error that is no verdict on the film; the text is the error's own."""

    def __init__(self, text: str, *, errno: int | None = None) -> None:
        super().__init__(text)
        self.errno = errno


class DecoderProcess:
    """One process that opens films; it answers one request at a time and ends with this object's `close`."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, idle_s: float = IDLE_S) -> None:
        # The child gets none of the installation's secrets: it reads what strangers upload.
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        environment |= {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ava.decoder_child", str(memory_bytes), str(idle_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=_ROOT,
        )
        self._pending = b""

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self,
        request: dict[str, Any],
        *,
        silence_s: float = SILENCE_S,
        on_progress: Callable[[float], None] | None = None,
    ) -> Any:
        """Send a request (see `ava.decoder_child.WORK`) and return its result.

        Raises UnusableVideo, UndecodableFrame or UnusablePicture as the file deserves, DecoderDied when the process
        crashes, says nothing for `silence_s` seconds or wants too much memory, and DecoderError for everything else.
        After DecoderDied, and when `on_progress` raises, the process is gone.
        """
        try:
            self._send(request)
            while True:
                message = self._receive(silence_s)
                if "progress" not in message:
                    return _outcome(message)
                if on_progress is not None:
                    on_progress(float(message["progress"]))
        except (UnusableVideo, UndecodableFrame, UnusablePicture, DecoderError):
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process at once; nothing happens when it has ended."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise DecoderDied("the decoder stopped before it was asked") from error

    def _receive(self, silence_s: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        deadline = time.monotonic() + silence_s
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise DecoderDied(f"the decoder said nothing for {silence_s:.0f} s")
                part = os.read(self._process.stdout.fileno(), 2**20)
                if not part:
                    raise DecoderDied(f"the decoder crashed ({_ending(self._process.wait())})")
                self._pending += part
                if len(self._pending) > LONGEST_ANSWER_BYTES:
                    raise DecoderDied("the decoder's answer has no end")
        line, _, self._pending = self._pending.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message


def _outcome(message: dict[str, Any]) -> Any:
    if "result" in message:
        return message["result"]
    if message.get("refused") == "UnusableVideo":
        raise UnusableVideo(message["sentence"])
    if message.get("refused") == "UndecodableFrame":
        raise UndecodableFrame(message["sentence"])
    if message.get("refused") == "UnusablePicture":
        raise UnusablePicture(message["sentence"])
    if message.get("refused") == "MemoryError":
        raise DecoderDied("the decoder wanted more memory than it may have")
    raise DecoderError(message["failed"], errno=message.get("errno"))


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


class DecoderPool:
    """A few decoder processes that stay warm between requests; the rest of the requests wait for a place."""

    def __init__(self, *, size: int) -> None:
        self._places = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[tuple[float, DecoderProcess]] = []

    def take_place(self) -> bool:
        """True when a place was free and is now the caller's, who must call `ask` once or give it back."""
        return self._places.acquire(blocking=False)

    def give_back_place(self) -> None:
        """Return a place that was taken and not used for asking."""
        self._places.release()

    def ask(self, request: dict[str, Any], *, silence_s: float = SILENCE_S) -> Any:
        """DecoderProcess.ask on a warm process, in the place that the caller has taken and loses by this call."""
        try:
            process = self._warm_process()
            try:
                return process.ask(request, silence_s=silence_s)
            finally:
                if process.is_alive:
                    with self._lock:
                        self._idle.append((time.monotonic(), process))
        finally:
            self._places.release()

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, process in idle:
            process.close()

    def _warm_process(self) -> DecoderProcess:
        while True:
            with self._lock:
                if not self._idle:
                    return DecoderProcess()
                since, process = self._idle.pop()
            # One that is about to end by itself might do so between the question and the answer.
            if process.is_alive and time.monotonic() - since < IDLE_S / 2:
                return process
            process.close()


def probe_apart(path: Path, *, on_progress: Callable[[float], None] | None = None) -> VideoInfo:
    """Probe a film in a process of its own.

    on_progress is called with the fraction of the file read, 0–1.
    Raises UnusableVideo with one sentence for people, also when the film brings the decoder down.
    """
    size = path.stat().st_size if path.is_file() else 0
    # A film whose timestamps lie is decoded whole without a word, so patience grows with the file.
    patience_s = SILENCE_S + size / SLOWEST_READ_BYTES_PER_S
    with DecoderProcess() as process:
        try:
            answer = process.ask({"work": "probe", "path": str(path)}, silence_s=patience_s, on_progress=on_progress)
        except DecoderDied as error:
            raise UnusableVideo(
                f"{path.name} cannot be read: {error}. It is damaged or made in an unusual way; "
                "export it again, for example as H.264 in MP4."
            ) from error
    return info_from_json(answer)
