"""Where networks run: the CPU, or a GPU when there is one."""

from typing import Literal

Device = Literal["cpu", "cuda"]
CHOICES = ("auto", "cpu", "cuda")


class DeviceUnavailable(Exception):
    """A GPU was asked for and there is none; the message says what to choose instead."""


def pick_device(wish: str = "auto") -> Device:
    """Name the torch device for ``wish``: "auto" takes a GPU when there is one, "cpu" and "cuda" insist.

    Whoever reads settings passes AVA_DEVICE. Raises ``DeviceUnavailable`` for "cuda" without a GPU and
    ``ValueError`` for other words.
    """
    if wish not in CHOICES:
        raise ValueError(f"Choose the device as one of {', '.join(CHOICES)}, not {wish!r}.")
    if wish == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wish == "cuda":
        raise DeviceUnavailable("No CUDA GPU can be used here; choose the device auto or cpu.")
    return "cpu"


def prepare_torch() -> None:
    """Let torch use one thread a process and whole float32 products, so that values repeat on any machine load."""
    import torch

    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
