"""Text that somebody else wrote, made fit to be shown: nothing hidden, nothing that steers a terminal."""

from __future__ import annotations

import re

# C0, C1 and DEL; soft hyphen; bidi and other format controls; line and paragraph separators; lone
# surrogates; noncharacters; language tags. ZWJ, ZWNJ and variation selectors belong to visible text.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# The look behind keeps it linear: else a picture written as base64 would be gone through from every character.
_ADDRESS = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++@(?:[\w-]++\.)++[\w-]++")
_SPACE = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")


def _code(match: re.Match[str]) -> str:
    return f"<U+{ord(match[0]):04X}>"


def visible(text: str) -> str:
    """The text with every character that cannot be seen spelled out, as `<U+200B>`."""
    return _UNSEEN.sub(_code, text)


def one_line(text: str) -> str:
    """The text on one line, white space folded, every unseen character spelled out."""
    return visible(_SPACE.sub(" ", text).strip())


def shortened(text: str, limit: int) -> str:
    """The text on one line, at most `limit` characters of it."""
    line = one_line(text[: 4 * limit])
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1].rstrip() + "…"


def valid(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be encoded."""
    return _SURROGATE.sub("\ufffd", text)


def xml_text(text: str) -> str:
    """The text with every character that XML 1.0 cannot carry spelled out."""
    return _NOT_XML.sub(_code, text)


def mask_in_place(text: str) -> str:
    """The text with e-mail addresses starred out, every character staying in its column."""
    return _ADDRESS.sub(lambda match: _starred(match[0]), text) if "@" in text else text


def _starred(address: str) -> str:
    local, _, domain = address.rpartition("@")
    host, dot, ending = domain.rpartition(".")
    return f"{_hide(local)}@{_hide(host)}{dot}{ending}"


def _hide(word: str) -> str:
    return word[:1] + "*" * (len(word) - 2) + word[-1:] if len(word) > 2 else word[:1] + "*" * (len(word) - 1)
