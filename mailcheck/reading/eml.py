"""A mail (`.eml`) → Campaign.

Lines and columns of its findings count in the decoded part, not in the file: the text of a mail is
base64 or quoted-printable more often than not.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from mailcheck.campaign import Attachment, Campaign, Fault, Header, Media, Message, Part
from mailcheck.reading import mime
from mailcheck.reading.blank import blank_html
from mailcheck.reading.charset import decode_body, is_binary
from mailcheck.reading.flowed import unflowed
from mailcheck.reading.mime import Mime
from mailcheck.reading.source import OverLimit, ReadingError, Source, unread
from mailcheck.reading.template import charset_faults
from mailcheck.reading.unseen import encrypted_text, unread_part
from mailcheck.reading.words import decode_words, field_text, raw_text

_BODIES: dict[str, tuple[str, Media]] = {
    "text/html": ("html", "html"),
    "text/plain": ("text", "text"),
    "text/x-amp-html": ("amp", "amp"),
}
_STRUCTURE = ("content-type", "content-transfer-encoding")
_OWN_PARTS = {"subject": "subject", "from": "from", "reply-to": "reply-to"}
# Defects of the standard library's parser: the sentence, and whether content is lost.
_DEFECTS: dict[str, tuple[str, bool]] = {
    "NoBoundaryInMultipartDefect": ("A multipart states no boundary, so its parts could not be found", True),
    "StartBoundaryNotFoundDefect": (
        "The stated boundary of a multipart never comes, so its parts were not found",
        True,
    ),
    "CloseBoundaryNotFoundDefect": ("A multipart has no closing boundary, so the mail may be cut off", True),
    "FirstHeaderLineIsContinuationDefect": ("The header starts with a continuation line, which is lost", False),
    "MisplacedEnvelopeHeaderDefect": ("A “From ” line stands among the header fields", False),
    "MissingHeaderBodySeparatorDefect": ("A line that is no header field ends the header without an empty line", False),
    "InvalidHeaderDefect": ("A header field has no name", False),
    "InvalidMultipartContentTransferEncodingDefect": (
        "A multipart states a transfer encoding, which it may not",
        False,
    ),
    "InvalidBase64PaddingDefect": ("The padding of a base64 part is wrong, so the part may be cut off", True),
    "InvalidBase64CharactersDefect": ("A base64 part has characters that are not base64", False),
    "InvalidBase64LengthDefect": ("A base64 part has a length that no base64 has, so it could not be decoded", True),
    "ContinuedBase64Defect": ("A base64 part goes on after its end, and what follows was not read", True),
    "BrokenUuencodeDefect": ("A uuencoded part could not be decoded", True),
    "UndecodedDefect": ("A part could not be decoded", True),
    "UnknownTransferEncodingDefect": (
        "A part states a transfer encoding that does not exist, so it was read as it stands",
        True,
    ),
}


def read_eml(source: Source) -> Campaign:
    """A mail in any state: what can be read becomes the message, the rest becomes faults.

    Raises:
        ReadingError: it is no mail: no header field, and no text either.
    """
    data = source.data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if not data.strip():
        raise ReadingError("the input is empty, so there is nothing to check", source.path)
    try:
        mail = mime.parse(data, source.limits)
    except OverLimit as error:
        return unread(source.path, "eml", "limit", str(error))
    if not mail.keys() and is_binary(data[:4096].decode("latin-1")):
        raise ReadingError("this is not a mail: it has no header field and is no text; name a .eml file", source.path)
    reading = _Reading(source.path)
    headers = tuple(reading.headers(mail))
    reading.ambiguous(mail)
    reading.body(mail)
    if not mail.keys():
        reading.fault("malformed", "The input has no header field, so it is hardly a mail; export it again.")
    if not any(part.text.strip() for part in reading.bodies.values()):
        reading.fault("unreadable", "The mail has no HTML and no text that could be read; export it again.")
    reading.defects(mail)
    return Campaign(
        message=reading.message(headers), path=source.path, reader="eml", stage="rendered", faults=tuple(reading.faults)
    )


class _Reading(Struct):
    """What was found in one mail so far."""

    path: str
    bodies: dict[str, Part] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str, message: str, *, blocking: bool = True) -> None:
        self.faults.append(Fault(name, message, blocking=blocking))

    def headers(self, mail: Mime) -> Iterator[Header]:
        """Every field in order; the first Subject, From and Reply-To get the part names that rules know."""
        names = dict(_OWN_PARTS)
        for name, raw in mail.raw_items():
            text, doubt = field_text(raw)
            part = Part(names.pop(name.lower(), f"header:{name}"), text, self.path, "header")
            if doubt:
                message = f"The header field {name} {doubt}; encode it as UTF-8."
                self.faults.append(Fault("charset", message, part.span, blocking=part.name in _OWN_PARTS))
            yield Header(name, part, raw_text(raw))

    def body(self, mail: Mime) -> None:
        for part, within in mime.placed_parts(mail):
            if part.get_content_maintype() != "multipart":
                self.leaf(part, within)

    def ambiguous(self, mail: Mime) -> None:
        """Fields of which mail programs do not all take the same one."""
        for part in mime.own_parts(mail):
            for name in mime.ambiguous_fields(part, (*_STRUCTURE, *_OWN_PARTS) if part is mail else _STRUCTURE):
                message = f"The header field {name.title()} stands more than once, with different values"
                self.fault("malformed", f"{message}, and only the first was used; send one.")

    def leaf(self, part: Mime, within: str) -> None:
        kind = part.get_content_type()
        detached = part.get_content_disposition() == "attachment"
        if kind in _BODIES and kind not in self.bodies and not part.is_multipart() and not detached:
            self.bodies[kind] = self.text(part, kind)
            return
        self.attach(part, kind)
        fault = unread_part(kind, within, detached=detached, named=bool(mime.filename(part)))
        if fault and self.attachments[-1].content.strip() and all(fault.message != one.message for one in self.faults):
            self.faults.append(fault)

    def text(self, part: Mime, kind: str) -> Part:
        name, media = _BODIES[kind]
        decoded = decode_body(mime.content(part), mime.charset(part), html=media == "html")
        text = Part(name, decoded.text, self.path, media)
        self.faults.extend(charset_faults(decoded, text))
        if "\0" in text.text:
            self.fault("malformed", "A text of the mail has NUL characters, which no mail may hold; send it without.")
        if media == "text" and mime.parameter(part, "format") == "flowed":
            text = unflowed(text, delete_space=mime.parameter(part, "delsp") == "yes")
        self.faults.extend(fault for fault in (encrypted_text(text), media == "html" and blank_html(text)) if fault)
        return text

    def attach(self, part: Mime, kind: str) -> None:
        data = mime.content(part)
        name = f"attachment:{len(self.attachments) + 1}"
        filename = Part(name, decode_words(raw_text(mime.filename(part)))[0], self.path)
        content_id = field_text(str(part.get("content-id", "")))[0].strip("<> ")
        disposition = part.get_content_disposition()
        inline = disposition == "inline" or (bool(content_id) and disposition is None)
        self.attachments.append(Attachment(filename, kind, len(data), content_id, inline, data))

    def defects(self, mail: Mime) -> None:
        """What the parser and the decoder complained of, each kind once."""
        found: dict[str, bool] = {}
        for part in mime.own_parts(mail):
            for defect in part.defects:
                name = type(defect).__name__
                if name != "MultipartInvariantViolationDefect":
                    message, loses = _DEFECTS.get(name, (f"The mail is malformed ({name})", True))
                    is_read = part.get_content_type() in _BODIES or part.get_content_maintype() == "multipart"
                    found[message] = (loses and is_read) or found.get(message, False)
        for message, blocking in found.items():
            self.fault("malformed", message + "; export or build the mail again.", blocking=blocking)

    def message(self, headers: tuple[Header, ...]) -> Message:
        named = {header.value.name: header.value for header in headers}
        return Message(
            subject=named.get("subject"),
            sender=named.get("from"),
            reply_to=named.get("reply-to"),
            html=self.bodies.get("text/html"),
            text=self.bodies.get("text/plain"),
            amp=self.bodies.get("text/x-amp-html"),
            headers=headers,
            attachments=tuple(self.attachments),
        )
