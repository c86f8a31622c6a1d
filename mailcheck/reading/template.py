"""Template files: HTML, MJML source and plain text."""

from __future__ import annotations

import re
from base64 import b64decode

from mailcheck.campaign import Campaign, Fault, Media, Message, Part
from mailcheck.reading.blank import blank_html
from mailcheck.reading.charset import Decoded, decode_template, is_binary
from mailcheck.reading.limits import Limits
from mailcheck.reading.source import ReadingError, Source

_OUTLOOK = b"\xd0\xcf\x11\xe0"
_OTHERS = (
    (b"%PDF-", "a PDF, not HTML; name the HTML that it was made from"),
    (b"{\\rtf", "RTF, not HTML; save it as HTML"),
    (_OUTLOOK, "not a text but binary data; save the Outlook message as .eml"),
    (b"PK\x03\x04", "a ZIP archive, not HTML; unpack it first"),
    (b"version https://git-lfs.github.com/spec/", "a pointer of Git LFS, not the file itself; run `git lfs pull`"),
)
_FIELD = re.compile(rb"[!-9;-~]++:[ \t]")
_MIME = re.compile(rb"^(?:mime-version|content-transfer-encoding)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BASE64 = re.compile(r"\s*+(?:[A-Za-z0-9+/]{40,}+\s*+)+[A-Za-z0-9+/]*+={0,2}\s*+")


def read_html(source: Source) -> Campaign:
    """An HTML template: the part `html`."""
    part, faults = read_part(source, "html", "html")
    return Campaign(message=Message(html=part), path=source.path, reader="html", faults=faults)


def read_mjml(source: Source) -> Campaign:
    """MJML source: the part `mjml`, in the place of the HTML. That it does not compile is a fault."""
    part, faults = read_part(source, "mjml", "mjml")
    return Campaign(message=Message(html=part), path=source.path, reader="mjml", faults=faults)


def read_text(source: Source) -> Campaign:
    """A plain text: the part `text`."""
    part, faults = read_part(source, "text", "text")
    return Campaign(message=Message(text=part), path=source.path, reader="text", faults=faults)


def read_part(source: Source, name: str, media: Media) -> tuple[Part, tuple[Fault, ...]]:
    """One file as one part.

    Raises:
        ReadingError: the file is empty, or no text.
    """
    if not source.data.strip():
        raise ReadingError("the input is empty, so there is nothing to check", source.path)
    decoded = decode_template(source.data)
    if media != "text":
        _refuse_others(source, decoded.text)
    if is_binary(decoded.text):
        outlook = source.data.startswith(_OUTLOOK)
        hint = "save the Outlook message as .eml" if outlook else "name an HTML, MJML, .eml or campaign.toml file"
        raise ReadingError(f"this is not a text but binary data; {hint}", source.path)
    if "\0" in decoded.text:
        line = decoded.text.count("\n", 0, decoded.text.index("\0")) + 1
        raise ReadingError("there is a NUL character, which no mail may hold; delete it", source.path, line)
    part = Part(name, decoded.text, source.path, media)
    judged, faults = as_judged(part, source.limits)
    return judged, (*charset_faults(decoded, part), *faults)


def as_judged(part: Part, limits: Limits) -> tuple[Part, tuple[Fault, ...]]:
    """A part as the rules get it, and what keeps it from being judged: it shows nothing, or does not compile."""
    if part.media == "mjml":
        from mailcheck.reading.mjml import judged_source

        return judged_source(part, limits)
    blank = blank_html(part, partial=True) if part.media == "html" else None
    return part, (blank,) if blank else ()


def _refuse_others(source: Source, text: str) -> None:
    """Raise when the content is of another format, whatever the file is called: it would be judged as plain text."""
    for start, what in _OTHERS:
        if source.data.startswith(start):
            raise ReadingError(f"this is {what}", source.path)
    head = source.data[:4096].lstrip(b"\xef\xbb\xbf\r\n")
    if _FIELD.match(head) and _MIME.search(head):
        raise ReadingError("this is a whole mail, not its HTML; give the file a name that ends in .eml", source.path)
    if "<" not in text and _BASE64.fullmatch(text) and b"<" in _decoded(text):
        raise ReadingError("this is base64, not HTML; decode it first", source.path)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text)
    except ValueError:
        return b""


def charset_faults(decoded: Decoded, part: Part) -> tuple[Fault, ...]:
    """The doubt of a decoding as a fault, with its place."""
    if not decoded.doubt:
        return ()
    span = None if decoded.at is None else part.at(decoded.at, min(decoded.at + 1, len(part.text)))
    message = decoded.doubt[0].upper() + decoded.doubt[1:] + "."
    return (Fault("charset", message, span, blocking=not decoded.sure),)
