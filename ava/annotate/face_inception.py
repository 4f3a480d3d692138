"""FaceNet's network of faces."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.annotate.compute_device import Device, prepare_torch
from ava.annotate.network_errors import UnusableNetwork
from ava.annotate.torchvision_operators import provide_torchvision_operators

CHIP_SIDE_PX = 160
DIMENSIONS = 512
CHIPS_AT_ONCE = 32
_CLASSIFIER = "logits."
"""The layer that told the people of the training set apart; vectors are taken before it."""


class FaceInception:
    """Inception-ResNet v1 (Szegedy, Ioffe, Vanhoucke & Alemi 2016) trained on VGGFace2 (Cao and others 2018) as
    FaceNet (Schroff, Kalenichenko & Philbin 2015), in facenet-pytorch's arrangement and with its parameters.

    Raises ``UnusableNetwork`` for a file that holds anything else.
    """

    def __init__(self, file: Path, *, device: Device = "cpu") -> None:
        prepare_torch()
        provide_torchvision_operators()
        from facenet_pytorch import InceptionResnetV1

        self.device = device
        network = InceptionResnetV1(pretrained=None, classify=False)
        try:
            network.load_state_dict(_read_parameters(file))
        except (RuntimeError, AttributeError, TypeError) as error:
            raise _not_this_network(file) from error
        self._network = network.eval().to(device)

    def encode(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors ``float32 (N, 512)`` of length 1 of aligned faces ``uint8 (N, 160, 160, 3)``, RGB.

        Their Euclidean distance, 0–2, tells people apart. The last bits of a vector depend on how many are given at
        once.
        """
        parts = [self._encode(chips[first : first + CHIPS_AT_ONCE]) for first in range(0, len(chips), CHIPS_AT_ONCE)]
        return np.concatenate([np.empty((0, DIMENSIONS), np.float32), *parts])

    def _encode(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            levels = torch.from_numpy(chips).to(self.device).permute(0, 3, 1, 2).float()
            vectors = self._network((levels - 127.5) / 128)
            return np.asarray(vectors.cpu().numpy(), dtype=np.float32)


def _read_parameters(file: Path) -> dict[str, Any]:
    import torch

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        return {name: values for name, values in state.items() if not name.startswith(_CLASSIFIER)}
    except (
        AttributeError, EOFError, KeyError, OSError, RuntimeError, TypeError, ValueError,
        pickle.UnpicklingError, zipfile.BadZipFile,
    ) as error:  # fmt: skip
        raise _not_this_network(file) from error


def _not_this_network(file: Path) -> UnusableNetwork:
    return UnusableNetwork(f"{file.name} is not FaceNet's network of faces; fetch or add the model file again.")
