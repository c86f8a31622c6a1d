"""The standard library's MIME parser within bounds, and safe access to what it found.

The parser recurses into multiparts, so hostile input must be stopped while it is parsed: it is given a
message class that counts and raises. Its accessors raise on odd values (an unknown charset, a NUL), so
nothing else in mailcheck calls them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from email.message import Message
from email.parser import BytesFeedParser
from email.policy import Policy, compat32
from email.utils import collapse_rfc2231_value
from functools import partial
from typing import TypeVar

from mailcheck.reading import transfer
from mailcheck.reading.limits import Limits
from mailcheck.reading.source import OverLimit

_LINE_END = re.compile(r"[\r\n]+")
_TYPE = re.compile(r"[\s\"']*+([\w.+-]++)\s*+/\s*+([\w.+-]++)")
_CHUNK = 64 * 1024
T = TypeVar("T")


class _Budget:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts = 1  # the mail itself
        self.lines = self.headers = self.header_bytes = 0

    def count_lines(self, data: bytes) -> None:
        self.lines += max(data.count(b"\n"), data.count(b"\r"))
        _check(self.lines, self.limits.lines, "lines")

    def count_part(self, depth: int) -> None:
        self.parts += 1
        _check(self.parts, self.limits.mime_parts, "MIME parts")
        _check(depth, self.limits.mime_depth, "levels of MIME parts within each other")

    def count_header(self, size: int) -> None:
        self.headers += 1
        self.header_bytes += size
        _check(self.headers, self.limits.headers, "header fields")
        _check(self.header_bytes, self.limits.header_bytes, "bytes of header fields")
        _check(size, self.limits.header_value_bytes, "bytes in one header field")


def _check(number: int, limit: int, what: str) -> None:
    if number > limit:
        raise OverLimit(f"The mail has more than {limit:,} {what}, the limit, so it was not checked; make it smaller.")


class Mime(Message):
    """A message or part that counts what it holds against the limits."""

    def __init__(self, budget: _Budget, policy: Policy[Message] = compat32) -> None:
        super().__init__(policy)
        self.budget = budget
        self.depth = 0

    def attach(self, payload: Mime) -> None:  # type: ignore[override]  # the parser's factory makes nothing else
        """Called by the parser for every part."""
        payload.depth = self.depth + 1
        self.budget.count_part(payload.depth)
        super().attach(payload)

    def get_content_type(self) -> str:
        """The type in lower case, also where blanks, quotes or rubbish stand about it, as mail programs read it."""
        stated = _TYPE.match(str(self.get("content-type", "")))
        return f"{stated[1]}/{stated[2]}".lower() if stated else super().get_content_type()

    def get_boundary(self, failobj: str | None = None) -> str | None:  # type: ignore[override]  # two overloads in one
        """The boundary without the line end of a folded header, which the standard library leaves in."""
        boundary = _or(None, super().get_boundary)
        return failobj if boundary is None else _LINE_END.sub("", boundary)

    def set_raw(self, name: str, value: str) -> None:
        """Called by the parser for every header field."""
        self.budget.count_header(len(name) + len(value))
        super().set_raw(name, value)


def parse(data: bytes, limits: Limits) -> Mime:
    """Parse a mail.

    Raises:
        OverLimit: it has too many lines, parts, levels or headers.
    """
    budget = _Budget(limits)

    def part(policy: Policy[Message] = compat32) -> Mime:
        return Mime(budget, policy)

    parser = BytesFeedParser(part)
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        budget.count_lines(chunk)
        parser.feed(chunk)
    return parser.close()


def own_parts(mail: Mime) -> Iterator[Mime]:
    """The mail and its parts in order, without those of mails attached to it."""
    return (part for part, _ in placed_parts(mail))


def placed_parts(mail: Mime, within: str = "") -> Iterator[tuple[Mime, str]]:
    """The same, each with the type of the multipart that it stands in."""
    yield mail, within
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in children(mail):
            yield from placed_parts(part, mail.get_content_type())


def ambiguous_fields(part: Mime, names: Iterable[str]) -> Iterator[str]:
    """Which of these fields stand more than once, with different values."""
    for name in names:
        values = part.get_all(name, [])
        if len({str(value).strip() for value in values}) > 1:
            yield name


def children(part: Mime) -> list[Mime]:
    """The parts of a multipart, or the mail in a `message/rfc822`."""
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Mime)] if isinstance(payload, list) else []


def content(part: Mime) -> bytes:
    """The decoded content of a leaf; an attached mail as its source, with the line ends of Unix."""
    if part.is_multipart():
        return b"\n".join(_or(b"", child.as_bytes) for child in children(part))
    decoded = _or(None, lambda: transfer.decode(part))
    if decoded is None:
        part.defects.append(transfer.UndecodedDefect())
    return decoded or b""


def charset(part: Mime) -> str | None:
    """The charset parameter as written, or `None`."""
    label = _or(None, lambda: part.get_param("charset"))
    if isinstance(label, tuple):
        label = label[2]
    return label if isinstance(label, str) and label.strip() else None


def parameter(part: Mime, name: str) -> str:
    """A parameter of the Content-Type in lower case, or an empty string."""
    value = _or(None, lambda: part.get_param(name))
    return value.strip().lower() if isinstance(value, str) else ""


def filename(part: Mime) -> str:
    """The file name with RFC 2231 decoded and encoded words left, or an empty string."""
    for header, name in (("content-disposition", "filename"), ("content-type", "name")):
        value = _or(None, partial(part.get_param, name, header=header))
        if value:
            return _or("", partial(collapse_rfc2231_value, value))
    return ""


def _or(default: T, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Exception:  # noqa: BLE001 - the accessors raise LookupError, ValueError, TypeError and others
        return default
