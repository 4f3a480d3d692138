"""A trained ranker at work: scores of a film's shots, and what each measure adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from curation.moments.ranker_inputs import shot_arrays
from curation.moments.scores import MomentScores
from curation.moments.shot_features import FEATURES, FilmShots, film_ranks

if TYPE_CHECKING:
    import torch

    from curation.moments.network import Memory, RankingNetwork, ShotInputs
    from curation.moments.ranker_file import Ranker

_DIGITS = 5
"""Of raw scores: what differs by less ties, so that the order of sums decides nothing."""


def score_by_ranker(ranker: Ranker, shots: FilmShots, *, by: str) -> MomentScores:
    """Score a film's shots by a trained ranker, which ``by`` names.

    What a measure adds is what the shot's score loses when the measure is hidden of it, with its neighbours and the
    film's memory as they are (occlusion, Zeiler and Fergus 2014). Any number of shots gives scores; embeddings of
    another dimension than the ranker's are not looked at.
    """
    import torch

    from curation.moments.network import ShotInputs

    count = len(shots.spans)
    if not count:
        return MomentScores(np.zeros(0, np.float32), np.zeros((0, len(FEATURES)), np.float32), by)
    arrays = shot_arrays(shots, dimension=ranker.dimension)
    pictures = None if arrays.pictures is None else torch.from_numpy(arrays.pictures)
    inputs = ShotInputs(torch.from_numpy(arrays.places), torch.from_numpy(arrays.known), pictures)
    with torch.inference_mode():
        network = ranker.network.eval()
        own = network.look(inputs)
        joined = own + network.surround(own)
        memory = network.remember(joined, network.score_first(inputs, joined))
        scores = network.judge(inputs, joined, memory)

        def adds(hidden: ShotInputs) -> NDArray[np.float32]:
            without = _judge_changed(network, hidden, own=own, joined=joined, memory=memory)
            return np.asarray((scores - without).numpy(), dtype=np.float32).round(_DIGITS)

        contributions = np.stack([adds(inputs.without(at)) for at in range(len(FEATURES))], axis=1)
        of_picture = None if pictures is None else adds(inputs._replace(pictures=None))
    contributions[arrays.known == 0] = 0
    return MomentScores(film_ranks(scores.numpy().round(_DIGITS)), contributions, by, of_picture)


def _judge_changed(
    network: RankingNetwork, changed: ShotInputs, *, own: torch.Tensor, joined: torch.Tensor, memory: Memory
) -> torch.Tensor:
    """The score of each shot if it alone were changed: of its neighbourhood only its own share changes."""
    difference = network.look(changed) - own
    return network.judge(changed, joined + difference * (1 + network.own_share), memory)
