"""Template files: HTML, MJML source and plain text."""

from __future__ import annotations

from mailcheck.campaign import Campaign, Fault, Media, Message, Part
from mailcheck.reading.charset import Decoded, decode_template, is_binary
from mailcheck.reading.source import ReadingError, Source

_OUTLOOK = b"\xd0\xcf\x11\xe0"


def read_html(source: Source) -> Campaign:
    """An HTML template: the part `html`."""
    part, faults = read_part(source, "html", "html")
    return Campaign(message=Message(html=part), path=source.path, reader="html", faults=faults)


def read_mjml(source: Source) -> Campaign:
    """MJML source: the part `mjml`, in the place of the HTML; `compile_mjml` compiles it."""
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
    if is_binary(decoded.text):
        outlook = source.data.startswith(_OUTLOOK)
        hint = "save the Outlook message as .eml" if outlook else "name an HTML, MJML, .eml or campaign.toml file"
        raise ReadingError(f"this is not a text but binary data; {hint}", source.path)
    if "\0" in decoded.text:
        line = decoded.text.count("\n", 0, decoded.text.index("\0")) + 1
        raise ReadingError("there is a NUL character, which no mail may hold; delete it", source.path, line)
    part = Part(name, decoded.text, source.path, media)
    return part, charset_faults(decoded, part)


def charset_faults(decoded: Decoded, part: Part) -> tuple[Fault, ...]:
    """The doubt of a decoding as a fault, with its place."""
    if not decoded.doubt:
        return ()
    span = None if decoded.at is None else part.at(decoded.at, min(decoded.at + 1, len(part.text)))
    message = decoded.doubt[0].upper() + decoded.doubt[1:] + "."
    return (Fault("charset", message, span, blocking=not decoded.sure),)
