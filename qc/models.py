"""All models of quality control: versions of the network, scans, flags and what reviewers said."""

from qc.flag_models import FlagClaim, FlagPatch, PixelDecision, PixelFlag, PixelReview, Verdict
from qc.model_models import PixelModel, PixelTraining
from qc.scan_models import ChunkScan, WatchedFile, WatchFolder

__all__ = [
    "ChunkScan",
    "FlagClaim",
    "FlagPatch",
    "PixelDecision",
    "PixelFlag",
    "PixelModel",
    "PixelReview",
    "PixelTraining",
    "Verdict",
    "WatchFolder",
    "WatchedFile",
]
