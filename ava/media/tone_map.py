"""High dynamic range and wide gamut to the RGB that everything else in AVA, and every browser, expects.

Sources: SMPTE ST 2084 (PQ) and ITU-R BT.2100 (HLG) for the transfer functions, BT.2390-11 section 5.4.1 for the
curve that fits highlights under white, BT.2408 for diffuse white at 203 cd/m², BT.2087 for BT.2020 to BT.709,
BT.1886 for the display's gamma. Deviation: the curve is applied to the largest of R, G and B, which keeps hues.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ava.media.video_info import VideoInfo

DIFFUSE_WHITE_NITS = 203.0
MASTER_PEAK_NITS = 1000.0  # what most masters are graded to; anything brighter is white
DISPLAY_GAMMA = 2.4
HLG_SYSTEM_GAMMA = 1.2
BAND_PX = 1 << 20  # pictures are worked through in bands of about this size, so that 8K needs no gigabytes

TO_BT709 = {
    "bt2020": np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
    ),
    "smpte432": np.array(
        [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]], dtype=np.float32
    ),
}
LUMINANCE_BT2020 = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def needs_tone_map(info: VideoInfo) -> bool:
    """Whether a film's RGB numbers mean something else than BT.709's."""
    return info.color_transfer in ("smpte2084", "arib-std-b67") or info.color_primaries in TO_BT709


class ToneMap:
    """Converts R'G'B' of one film's transfer and primaries to BT.709 for a display of gamma 2.4."""

    def __init__(self, info: VideoInfo) -> None:
        codes = np.linspace(0, 1, 1 << 16)
        self.is_hlg = info.color_transfer == "arib-std-b67"
        is_hdr = self.is_hlg or info.color_transfer == "smpte2084"
        if self.is_hlg:
            self.linear = _hlg_scene_light(codes).astype(np.float32)
        elif is_hdr:
            self.linear = pq_to_nits(codes).astype(np.float32)
        else:
            self.linear = (codes**DISPLAY_GAMMA).astype(np.float32)
        self.white = DIFFUSE_WHITE_NITS if is_hdr else 1.0
        self.matrix = TO_BT709.get(info.color_primaries)
        self.curve = _highlight_curve() if is_hdr else None
        display = codes ** (1 / DISPLAY_GAMMA)
        self.display = np.round(255 * display).astype(np.uint8)
        self.deep_display = np.round(65535 * display).astype(np.uint16)

    def to_sdr(self, rgb: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """Full-range R'G'B' uint16 (H, W, 3) as uint8 RGB of the same size."""
        mapped = np.empty(rgb.shape, dtype=np.uint8)
        self._map(rgb, display=self.display, mapped=mapped)
        return mapped

    def to_deep_sdr(self, rgb: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """As to_sdr, with 16 bits a channel."""
        mapped = np.empty(rgb.shape, dtype=np.uint16)
        self._map(rgb, display=self.deep_display, mapped=mapped)
        return mapped

    def _map(self, rgb: NDArray[np.uint16], *, display: NDArray[Any], mapped: NDArray[Any]) -> None:
        rows = max(1, BAND_PX // max(rgb.shape[1], 1))
        for top in range(0, len(rgb), rows):
            mapped[top : top + rows] = display[self._band(rgb[top : top + rows])]

    def _band(self, rgb: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Light on the display, linear, of one band: 65535 is white."""
        light = self.linear[rgb]
        if self.is_hlg:
            brightness = np.maximum(light @ LUMINANCE_BT2020, 1e-6)
            light *= (MASTER_PEAK_NITS * brightness ** (HLG_SYSTEM_GAMMA - 1))[..., None]
        if self.matrix is not None:
            light = light @ self.matrix.T
        np.maximum(light, 0, out=light)
        if self.curve is not None:
            brightest = light.max(axis=-1)
            light *= np.interp(brightest, *self.curve).astype(np.float32)[..., None]
        return np.asarray(np.minimum(light * np.float32(65535 / self.white), 65535).astype(np.uint16))


def pq_to_nits(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luminance in cd/m² of a PQ signal 0–1 (ST 2084, equation 4.1)."""
    root = np.asarray(code, dtype=np.float64) ** (1 / 78.84375)
    return np.asarray(
        10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    )


def nits_to_pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """PQ signal 0–1 of a luminance in cd/m² (ST 2084, equation 5.2)."""
    share = (np.asarray(nits, dtype=np.float64) / 10_000) ** 0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * share) / (1 + 18.6875 * share)) ** 78.84375)


def _hlg_scene_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scene light 0–1 of an HLG signal 0–1 (BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _highlight_curve() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Luminances and the factors that bring each under diffuse white (BT.2390's EETF, black not lifted)."""
    nits = np.geomspace(0.01, 10_000, 512)
    peak = float(nits_to_pq(np.array(MASTER_PEAK_NITS)))
    signal = np.minimum(nits_to_pq(nits) / peak, 1.0)
    ceiling = float(nits_to_pq(np.array(DIFFUSE_WHITE_NITS))) / peak
    knee = 1.5 * ceiling - 0.5
    t = np.clip((signal - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * ceiling
    mapped = pq_to_nits(np.where(signal < knee, signal, spline) * peak)
    return nits, mapped / nits
