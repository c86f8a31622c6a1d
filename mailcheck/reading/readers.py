"""The built-in readers, in the order in which they are asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from os.path import splitext

from mailcheck.campaign import Campaign
from mailcheck.reading.source import Reader, Source

_SUFFIXES = {
    "manifest": (".toml", ".json"),
    "eml": (".eml",),
    "mjml": (".mjml",),
    "text": (".txt",),
    "html": (".html", ".htm", ".xhtml"),
}
_KNOWN = {suffix for suffixes in _SUFFIXES.values() for suffix in suffixes}
_MARK = rb"(?:\xef\xbb\xbf)?\s*"
_OBJECT = re.compile(_MARK + rb'\{\s*(?:"|\}\s*$)')
_MJML = re.compile(rb"<mjml[\s>]", re.IGNORECASE)
_MAIL = re.compile(
    _MARK + rb"(?:From [^\r\n]*+[\r\n]+)?+(?:[!-9;-~]++[ \t]*+:[^\r\n]*+[\r\n]+(?:[ \t][^\r\n]*+[\r\n]+)*+)*?"
    rb"(?:from|to|subject|date|mime-version|content-type|received|return-path|message-id|delivered-to|dkim-signature)"
    rb"[ \t]*+:",
    re.IGNORECASE,
)


def _manifest(source: Source) -> Campaign:
    from mailcheck.reading.manifest import read_manifest

    return read_manifest(source)


def _eml(source: Source) -> Campaign:
    from mailcheck.reading.eml import read_eml

    return read_eml(source)


def _mjml(source: Source) -> Campaign:
    from mailcheck.reading.template import read_mjml

    return read_mjml(source)


def _text(source: Source) -> Campaign:
    from mailcheck.reading.template import read_text

    return read_text(source)


def _html(source: Source) -> Campaign:
    from mailcheck.reading.template import read_html

    return read_html(source)


def _reader(name: str, read: Callable[[Source], Campaign], looks_so: Callable[[bytes], bool]) -> Reader:
    """A reader for its endings, and for content that looks so under an ending nobody knows."""

    def matches(path: str, head: bytes) -> bool:
        suffix = splitext(path)[1].lower()  # noqa: PTH122 - asked of every reader for every file
        return suffix in _SUFFIXES[name] if suffix in _KNOWN else looks_so(head)

    return Reader(name, matches, read, _SUFFIXES[name])


READERS = (
    _reader("manifest", _manifest, lambda head: _OBJECT.match(head) is not None),
    _reader("eml", _eml, lambda head: _MAIL.match(head) is not None),
    _reader("mjml", _mjml, lambda head: _MJML.search(head) is not None),
    _reader("text", _text, lambda _: False),
    _reader("html", _html, lambda _: True),
)
