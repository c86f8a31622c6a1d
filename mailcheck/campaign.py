"""What is judged: a campaign, its message, and the places in them.

Everything here is frozen. A `Part` is one piece of text that somebody wrote (the HTML, the subject, a
header); a `Span` is a stretch of a part; a `Where` is a span as people count it, in lines and columns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, Protocol, runtime_checkable

Stage = Literal["template", "rendered"]
Kind = Literal["marketing", "transactional", "apology"]
Media = Literal["html", "mjml", "amp", "text", "header"]

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Where:
    """A place as people count it.

    Lines and columns start at 1; columns are Unicode code points (a tab is one); the end is the first
    column that no longer belongs to the place.
    """

    part: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part that was written inside another file stands in that file.

    Args:
        source: the whole text of that file.
        offsets: for every character of the part, and for its end, the offset in `source`
            (`len(part.text) + 1` numbers).
    """

    source: str
    offsets: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One piece of text of a message, as its author wrote it.

    Args:
        name: `html`, `mjml`, `amp`, `text`, `subject`, `preheader`, `from`, `reply-to`,
            `header:<Name>` or `attachment:<n>`.
        text: the decoded text, line ends untouched.
        path: the file it came from, as the user named it (`-` for standard input).
        media: how the text is to be read.
        origin: set when the part is written inside another file (a manifest), so that places are
            told in that file.
    """

    name: str
    text: str = field(repr=False)
    path: str = ""
    media: Media = "text"
    origin: Origin | None = field(default=None, repr=False)
    _lines: list[int] = field(default_factory=list, init=False, repr=False)

    @property
    def span(self) -> Span:
        """The whole part."""
        return Span(self, 0, len(self.text))

    def at(self, start: int, end: int) -> Span:
        """The stretch `text[start:end]`."""
        return Span(self, start, end)

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character offset."""
        if self.origin is not None:
            offset = self.origin.offsets[min(offset, len(self.origin.offsets) - 1)]
        lines = self._line_starts()
        line = bisect_right(lines, offset)
        return line, offset - lines[line - 1] + 1

    def _line_starts(self) -> list[int]:
        if not self._lines:
            source = self.text if self.origin is None else self.origin.source
            self._lines.append(0)
            if "\r" in source:
                self._lines.extend(match.end() for match in _LINE_END.finditer(source))
            else:
                *lines, _ = source.split("\n")
                self._lines.extend(accumulate(len(line) + 1 for line in lines))
        return self._lines


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a part, by character offsets; `end` is the first offset not in it."""

    part: Part
    start: int
    end: int

    @property
    def span(self) -> Span:
        return self

    @property
    def text(self) -> str:
        """The text as written."""
        return self.part.text[self.start : self.end]

    @property
    def where(self) -> Where:
        line, column = self.part.line_column(self.start)
        end_line, end_column = self.part.line_column(max(self.start, self.end))
        return Where(self.part.name, self.part.path, line, column, end_line, end_column)


@runtime_checkable
class Located(Protocol):
    """Anything that knows its place: a part, a span, a link, an image, a merge tag."""

    @property
    def span(self) -> Span: ...


@dataclass(frozen=True, slots=True)
class Header:
    """One header field of the message, in the order of the message.

    `value` holds the decoded value, unfolded; `raw` the field body as it was written, when it was read
    from a mail.
    """

    name: str
    value: Part
    raw: str = ""

    @property
    def span(self) -> Span:
        return self.value.span


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of the mail that is not one of its texts.

    `size` is in bytes, decoded. `content_id` has no angle brackets.
    """

    filename: Part
    content_type: str
    size: int
    content_id: str = ""
    inline: bool = False
    content: bytes = field(default=b"", repr=False)

    @property
    def span(self) -> Span:
        return self.filename.span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Message:
    """What is mailed. A part that was not given is `None`."""

    subject: Part | None = None
    preheader: Part | None = None
    sender: Part | None = None
    reply_to: Part | None = None
    html: Part | None = None
    text: Part | None = None
    amp: Part | None = None
    headers: tuple[Header, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def parts(self) -> Iterator[Part]:
        """Every part with text, in the order in which a reader meets them."""
        for part in (self.sender, self.reply_to, self.subject, self.preheader, self.html, self.text, self.amp):
            if part is not None:
                yield part
        for attachment in self.attachments:
            yield attachment.filename


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that kept mailcheck from reading the campaign as its recipients will.

    Args:
        name: `limit`, `charset`, `malformed`, `unreadable`, `compile` …: becomes the finding
            `engine/<name>`.
        message: one sentence: what is wrong and what to do.
        span: the place, when there is one.
        blocking: the judgement cannot be complete, so the verdict is `unsure`. A fault that does not
            block is a warning.
    """

    name: str
    message: str
    span: Span | None = None
    blocking: bool = True


Table = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Campaign:
    """Everything about one planned send.

    Args:
        path: what the user named: a file, or the manifest.
        reader: the reader that made it (`html`, `mjml`, `eml`, `manifest`, `object` …).
        stage: `template` (tags of the ESP are fine) or `rendered` (any tag left is an error).
        dialect: id of the ESP's merge-tag dialect, or `None` when nobody said.
        locales: BCP 47 tags of the languages of the message.
        fields: the names of the audience's fields, or `None` when unknown.
        audience, suppression, segments, reconciliation, history, schedule, catalogue, offer, brand, approval,
        service: the tables of the manifest, or `None` when not given.
        faults: what could not be read.
    """

    message: Message
    path: str = ""
    reader: str = "object"
    id: str = ""
    name: str = ""
    family: str = ""
    kind: Kind = "marketing"
    stage: Stage = "template"
    dialect: str | None = None
    locales: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    audience: Table | None = None
    suppression: Table | None = None
    segments: Table | None = None
    reconciliation: Table | None = None
    history: Table | None = None
    schedule: Table | None = None
    catalogue: Table | None = None
    offer: Table | None = None
    brand: Table | None = None
    approval: Table | None = None
    service: Table | None = None
    faults: tuple[Fault, ...] = ()
