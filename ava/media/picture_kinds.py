"""What a file is that a picture was expected of, told by its first bytes: its name may say anything."""

from typing import NamedTuple

HEAD_BYTES = 4096


class OtherKind(NamedTuple):
    """Something that AVA takes for no picture: what it is, and what to do with it."""

    what: str
    advice: str


_BRANDS_OF_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AS_PNG = "export it as PNG"
_SIGNATURES: tuple[tuple[bytes, OtherKind], ...] = (
    (b"%PDF-", OtherKind("a PDF document", f"open the page in a drawing program and {_AS_PNG}")),
    (b"%!PS", OtherKind("a PostScript drawing", _AS_PNG)),
    (b"\xc5\xd0\xd3\xc6", OtherKind("a PostScript drawing", _AS_PNG)),
    (b"8BPS", OtherKind("a Photoshop document", _AS_PNG)),
    (b"8BPB", OtherKind("a Photoshop document", _AS_PNG)),
    (b"MZ", OtherKind("a program", "choose the picture itself")),
    (b"\x7fELF", OtherKind("a program", "choose the picture itself")),
    (b"\xcf\xfa\xed\xfe", OtherKind("a program", "choose the picture itself")),
    (b"\xca\xfe\xba\xbe", OtherKind("a program", "choose the picture itself")),
    (b"#!", OtherKind("a program", "choose the picture itself")),
    (b"PK\x03\x04", OtherKind("an archive", "unpack it first")),
    (b"PK\x05\x06", OtherKind("an archive", "unpack it first")),
    (b"Rar!\x1a\x07", OtherKind("an archive", "unpack it first")),
    (b"7z\xbc\xaf\x27\x1c", OtherKind("an archive", "unpack it first")),
    (b"\x1f\x8b", OtherKind("an archive", "unpack it first")),
    (b"BZh", OtherKind("an archive", "unpack it first")),
    (b"\xfd7zXZ\x00", OtherKind("an archive", "unpack it first")),
    (b"\x28\xb5\x2f\xfd", OtherKind("an archive", "unpack it first")),
    (b"\x1aE\xdf\xa3", OtherKind("a film", "add it on the title's page")),
)


def name_other_kind(head: bytes) -> OtherKind | None:
    """Tell by the first bytes of a file, ``HEAD_BYTES`` of them, what else than a picture it is; None when unsure.

    Signatures are those that the formats' own specifications give.
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[257:262] == b"ustar":
        return OtherKind("an archive", "unpack it first")
    if head[4:8] == b"ftyp" and not is_heic(head):
        return OtherKind("a film", "add it on the title's page")
    return _name_text(head)


def is_heic(head: bytes) -> bool:
    """Whether a file is a HEIC picture (ISO/IEC 23008-12): "ftyp" with a brand of HEVC-coded stills."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS_OF_HEIC


def _name_text(head: bytes) -> OtherKind | None:
    if not head or b"\x00" in head:
        return None
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD_BYTES else "ignore").lower()
    except UnicodeDecodeError:
        return None
    if "<svg" in text:
        return OtherKind("an SVG drawing", _AS_PNG)
    if "<html" in text or "<!doctype html" in text:
        return OtherKind("a web page", "save the picture itself from it")
    return OtherKind("a text", "choose the picture itself")
