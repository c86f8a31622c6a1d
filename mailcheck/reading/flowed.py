"""`format=flowed` (RFC 3676): lines that mail programs join before anybody reads them."""

from __future__ import annotations

import re
from array import array

from mailcheck.campaign import Origin, Part

_LINE = re.compile(r"([^\r\n]*+)(\r\n|\r|\n|\Z)")


def unflowed(part: Part, *, delete_space: bool) -> Part:
    """The text with its soft line ends taken out; places still count in the lines of the mail.

    Args:
        delete_space: the space before the line end goes as well (`delsp=yes`).
    """
    kept: list[tuple[int, int]] = []
    for line in _LINE.finditer(part.text):
        start, end = line.span(1)
        soft = line[1].endswith(" ") and line[1] != "-- " and not line[1].startswith(">") and line[2] != ""
        start += line[1].startswith(" ")  # a space in front protects what follows it
        kept.append((start, max(start, end - delete_space) if soft else line.end()))
    text = "".join(part.text[start:end] for start, end in kept)
    if text == part.text:
        return part
    offsets = array("I")  # a list would take ten times the memory
    for start, end in kept:
        offsets.extend(range(start, end))
    offsets.append(len(part.text))
    return Part(part.name, text, part.path, part.media, Origin(part.text, offsets))
