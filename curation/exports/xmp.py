"""XMP sidecars: what was decided about a still, where asset managers and photo editors read it.

Source: ISO 16684-1 (XMP part 1: dc, xmp), XMP specification part 2 (xmpDM), IPTC Photo Metadata 2023.1 (alt text).
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from curation.exports.record import StillRecord

REJECTED = -1  # what ISO 16684-1 says of xmp:Rating
LABELS = {"pick": "Picked", "reject": "Rejected"}
TIME_FORMATS = {
    "24000/1001": "23976Timecode",
    "24": "24Timecode",
    "25": "25Timecode",
    "30": "30Timecode",
    "50": "50Timecode",
    "60": "60Timecode",
}
_DROP_OR_NOT = {"30000/1001": "2997", "60000/1001": "5994"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def sidecar(record: StillRecord, *, places: str = "") -> str:
    """An XMP packet of one still: rating from its stars (−1: rejected), label, film, timecode, alt text and notes.

    An artwork has no more than title, name and alt text. ``places`` is what ``describe_places`` says of the picture
    beside it.
    """
    lines = [
        _alternative("dc:title", record.title),
        *([_alternative("dc:description", f"{record.title}, {record.artwork}")] if record.artwork else _frame(record)),
        "<xmp:CreatorTool>AVA</xmp:CreatorTool>",
        _alternative("Iptc4xmpCore:AltTextAccessibility", record.alt),
        _plain("photoshop:Source", record.source_name),
    ]
    body = "\n".join(line for line in lines if line)
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:still="urn:ava:still"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">
{body}
</rdf:Description>{places}</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>
"""


def _frame(record: StillRecord) -> list[str]:
    """What only a film's frame has: its place in the film, and what was decided about it."""
    return [
        _alternative("dc:description", f"{record.title}, {record.timecode}, frame {record.frame_index}"),
        _bag("dc:subject", record.lists),
        f"<xmp:Rating>{REJECTED if record.verdict == 'reject' else record.stars}</xmp:Rating>",
        _plain("xmp:Label", LABELS.get(record.verdict, "")),
        '<xmpDM:startTimecode rdf:parseType="Resource">',
        _plain("xmpDM:timeFormat", _time_format(record)),
        _plain("xmpDM:timeValue", record.timecode),
        "</xmpDM:startTimecode>",
        _plain("xmpDM:logComment", "\n".join(record.notes)),
        f"<still:frame>{record.frame_index}</still:frame>",
    ]


def _time_format(record: StillRecord) -> str:
    """The format's name in xmpDM; empty for rates and labels that it has no name for."""
    if record.fps in _DROP_OR_NOT:
        return f"{_DROP_OR_NOT[record.fps]}{'Drop' if ';' in record.timecode else 'NonDrop'}Timecode"
    return "" if "." in record.timecode else TIME_FORMATS.get(record.fps, "")


def _plain(name: str, text: str) -> str:
    return f"<{name}>{_escaped(text)}</{name}>" if text else ""


def _alternative(name: str, text: str) -> str:
    if not text:
        return ""
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(text)}</rdf:li></rdf:Alt></{name}>'


def _bag(name: str, texts: tuple[str, ...]) -> str:
    members = "".join(f"<rdf:li>{_escaped(text)}</rdf:li>" for text in texts)
    return f"<{name}><rdf:Bag>{members}</rdf:Bag></{name}>" if members else ""


def _escaped(text: str) -> str:
    return escape(_NOT_XML.sub("", text))
