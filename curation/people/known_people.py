"""What recognition must respect: characters that exist already, and what people have said about faces."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["is", "is_not", "not_face"]


class Claim(NamedTuple):
    """What a person said about one face of the film, bound to frame and place, so that it outlives every analysis.

    ``box`` ``float32 (4,)`` in film pixels; ``character`` is the key of a ``KnownCharacter``, None for "not_face".
    Of claims that contradict one another the later one in a list holds.
    """

    frame_index: int
    box: NDArray[np.float32]
    verdict: Verdict
    character: int | None


class KnownCharacter(NamedTuple):
    """A character of the film's series, or of a former analysis of the film.

    ``key`` tells it apart; ``vectors`` ``float32 (M, D)`` and ``weights`` ``float32 (M,)`` are its tracks in other
    films, of the encoder that is used now (M may be 0). ``is_kept``: a person has said something about it, so it is
    there in any case and only people take tracks away that it had. ``is_locked``: recognition adds nothing to it.
    """

    key: int
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    is_kept: bool = False
    is_locked: bool = False


class Memory(NamedTuple):
    """Which character a face had after the last analysis of this film: rows as in ``Claim``, N of them.

    ``frame_index`` ``int64 (N,)``, ``boxes`` ``float32 (N, 4)``, ``character`` ``int64 (N,)`` keys.
    """

    frame_index: NDArray[np.int64]
    boxes: NDArray[np.float32]
    character: NDArray[np.int64]
