"""Small ICC profiles made by hand, whose conversions are known: ICC.1:2022, version 2 profiles."""

import struct

import numpy as np

D50 = (0.9642, 1.0, 0.8249)

# Primaries of Display P3 adapted to D50, as columns R, G, B (SMPTE EG 432-1, adapted by Bradford).
P3_TO_XYZ = np.array(
    [[0.515102, 0.291965, 0.157153], [0.241182, 0.692236, 0.066582], [-0.001049, 0.041881, 0.784378]]
)
SRGB_TO_XYZ = np.array(
    [[0.436066, 0.385147, 0.143066], [0.222488, 0.716873, 0.060608], [0.013916, 0.097076, 0.714096]]
)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _profile(tags: dict[bytes, bytes], *, space: bytes, connection: bytes, kind: bytes, name: str) -> bytes:
    text = name.encode() + b"\0"
    named = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {b"desc": named, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(D50)} | tags
    place, table, content = 128 + 4 + 12 * len(tags), b"", b""
    for signature, value in tags.items():
        value += bytes(-len(value) % 4)
        table += signature + struct.pack(">II", place + len(content), len(value))
        content += value
    size = place + len(content)
    header = struct.pack(">I4sI4s4s4s12s4s", size, b"\0\0\0\0", 0x02400000, kind, space, connection, bytes(12), b"acsp")
    header = header.ljust(68, b"\0") + b"".join(_fixed(value) for value in D50)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def display_p3(*, gamma: float = 2.2) -> bytes:
    """A profile of Display P3's primaries with a plain power for its curve."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    columns = {name: _xyz(tuple(P3_TO_XYZ[:, place])) for place, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _profile(columns | curves, space=b"RGB ", connection=b"XYZ ", kind=b"mntr", name="Wide test gamut")


def odd_inks(*, light: float = 60.0, a: float = 40.0, b: float = 50.0) -> bytes:
    """A CMYK profile in which cyan ink alone is a given CIELAB colour (an orange), any black ink is black, the other
    inks do nothing, and paper is white: nothing but the profile can tell so."""
    levels = bytearray()
    for cyan in (0, 1):
        for _ in range(4):  # magenta, yellow
            for black in (0, 1):
                lab = (0.0, 0.0, 0.0) if black else (light, a, b) if cyan else (100.0, 0.0, 0.0)
                levels += bytes((round(lab[0] * 2.55), round(lab[1] + 128), round(lab[2] + 128)))
    identity = b"".join(_fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + bytes(levels) + ramp * 3
    return _profile({b"A2B0": table}, space=b"CMYK", connection=b"Lab ", kind=b"prtr", name="Odd inks")
