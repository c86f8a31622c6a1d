"""Links that write, call or text: `mailto:` (RFC 6068), `tel:` (RFC 3966), `sms:` (RFC 5724)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, Stretch, split
from mailcheck.content.links import Link

LONGEST_MAILTO = 2000
"""Characters of the longest `mailto:` that Outlook and Windows pass on whole."""

_FIELDS = frozenset(("to", "cc", "bcc", "subject", "body", "in-reply-to"))
_LOCAL = lazy(r"[\w.!#$%&'*+/=?^`{|}~\-\ue000]+\Z")
_HOST = lazy(r"(?:[\w\-\ue000]+\.)+[\w\-\ue000]{2,}\Z|\ue000+\Z")
_BARE_PERCENT = lazy(r"%(?![0-9A-Fa-f]{2}|\ue000)")


class Fault(Struct, frozen=True):
    """What is wrong with such a link; `sure` that it does not work, `instead` what belongs at `at`."""

    message: str
    at: Stretch
    sure: bool
    instead: str | None = None


def mailto(link: Link) -> Iterator[Fault]:
    """What is wrong with a `mailto:` link; at most one thing for its recipients and one for the rest."""
    address, text = link.address, link.shape
    path = address.path or (0, 0)
    if text[len("mailto:") :].startswith("//"):
        at = (len("mailto:"), len("mailto://"))
        yield Fault("“mailto:” is followed by the address itself, without “//”.", at, True, "")
        return
    start, whole = path[0], address.get(path)
    if "&" in whole and "=" in whole:
        yield from _fields(link)
        return
    for recipient in whole.split(",") if whole else ():
        wrong = _recipient(recipient)
        if wrong:
            yield Fault(wrong[0], (start, start + len(recipient)), wrong[1])
            break
        start += len(recipient) + 1
    yield from _fields(link)


def _recipient(raw: str) -> tuple[str, bool] | None:
    shown = unquote(raw)
    text = shown.strip()
    if not text:
        return "There is a comma too many between the e-mail addresses.", False
    if TAG in text and "@" not in text:
        return None
    if ";" in text:
        return (
            "Several e-mail addresses are parted by commas, not by semicolons; Apple Mail writes to none of them.",
            False,
        )
    if "<" in text or ("@" in text and " " in text):
        return f"“{_short(text)}” is not a bare e-mail address; write only name@host.", True
    local, sign, host = text.rpartition("@")
    if not sign:
        return f"“{_short(text)}” is no e-mail address: it has no @.", True
    if not _LOCAL.match(local) or ".." in local or local.startswith("."):
        return f"“{_short(text)}” is no e-mail address: what stands before the @ is not a name.", True
    if not _HOST.match(host):
        return f"“{_short(text)}” is no e-mail address: what stands behind the @ is no host.", True
    return ("There is a space around the e-mail address; delete it.", False) if raw != raw.strip() else None


def _fields(link: Link) -> Iterator[Fault]:
    address, text = link.address, link.shape
    path = address.path or (0, 0)
    lost = text.find("&", *path)
    if lost >= 0 and address.query is None and "=" in text[lost : path[1]]:
        message = "The first field of a mailto: link begins with “?”, not with “&”."
        yield Fault(message, (lost, lost + 1), True, "?")
        return
    if address.query is None:
        return
    second = text.find("?", *address.query)
    if second >= 0 and lazy(r"(?:subject|body|cc|bcc)=", re.IGNORECASE).match(text, second + 1):
        message = "There is a second “?” in this mailto: link; fields behind the first are joined with “&”."
        yield Fault(message, (second, second + 1), True, "&")
        return
    for name, _, start, end in address.parameters:
        fault = _field(name.strip().lower(), text[start:end], start, end)
        if fault is not None:
            yield fault
            return
    if len(text) > LONGEST_MAILTO:
        message = f"This mailto: link has {len(text):,} characters; Outlook cuts it off after {LONGEST_MAILTO:,}."
        yield Fault(message, (0, len(text)), False)


def _field(name: str, raw: str, start: int, end: int) -> Fault | None:
    if not name or TAG in name:
        return None
    value = raw.partition("=")[2]
    if name not in _FIELDS:
        message = (
            f"“{_short(name)}” is no field that mail programs take from a link; they know subject, body, cc and bcc."
        )
        if "=" not in raw:
            message = "An “&” in the text of a mailto: link is written “%26”; as it stands, the text ends here."
        return Fault(message, (start, end), False)
    if name in ("subject", "body") and "+" in value and " " not in value and "%20" not in value:
        words = value.split("+")
        if len(words) > 2 and all(word and not word[0].isdigit() for word in words):
            message = "Mail programs show the “+” of this link as they are; write spaces as “%20”."
            return Fault(message, (start, end), False, f"{raw.partition('=')[0]}={value.replace('+', '%20')}")
    bare = _BARE_PERCENT.search(value)
    if bare:
        at = end - len(value) + bare.start()
        return Fault("A percent sign in a mailto: link is written “%25”.", (at, at + 1), False, "%25")
    return None


_NUMBER = lazy(r"\+?[\d\-.() \ue000*#]+\Z")
_LETTERS = lazy(r"[A-Za-z]")


def phone(link: Link) -> Iterator[Fault]:
    """What is wrong with a `tel:` or `sms:` link; at most one thing."""
    scheme, text = link.scheme, link.shape
    start = len(scheme) + 1
    if text[start:].startswith("//"):
        yield Fault(f"“{scheme}:” is followed by the number itself, without “//”.", (start, start + 2), True, "")
        return
    # A separator of parameters is `;` for tel:, `?` or, on older iPhones, `&` and `;` for sms:.
    raw = re.split(r"[;?&]", text[start:], maxsplit=1)[0]
    number = unquote(raw)
    at = (start, start + len(raw))
    if TAG in number or not number:
        return
    for one in number.split(",") if scheme == "sms" else (number,):
        fault = _number(one, at, scheme)
        if fault is not None:
            yield fault
            return


def _number(number: str, at: Stretch, scheme: str) -> Fault | None:
    stripped = number.strip()
    digits = re.sub(r"\D", "", stripped)
    if _LETTERS.search(stripped):
        return Fault(f"“{_short(stripped)}” has letters in it; phones dial only digits.", at, not digits)
    if "(0)" in stripped and stripped.startswith(("+", "00")):
        return Fault(
            f"“{_short(stripped)}” cannot be dialled: leave out “(0)”, which is only for calls at home.", at, True
        )
    if not _NUMBER.match(stripped.replace("\u00a0", " ").replace("/", "-")):
        return Fault(f"“{_short(stripped)}” is no phone number; write + and the digits.", at, True)
    if len(digits) > 15 and not re.search(r"[*#]", stripped):
        return Fault(f"“{_short(stripped)}” has {len(digits)} digits; no phone number has more than 15.", at, True)
    if stripped.startswith("+") and len(digits) < 7:
        return Fault(f"“{_short(stripped)}” is too short for a number with a country code.", at, True)
    if (" " in number or "\u00a0" in number) and scheme == "sms":
        return Fault("Write the number of an sms: link without spaces.", at, False, re.sub(r"[ \u00a0]", "", number))
    return None


def recipients(link: Link) -> list[str]:
    """The addresses that a `mailto:` link writes to, in lower case."""
    path = unquote(link.address.get(link.address.path))
    named = [parameter.value for parameter in split(link.shape).parameters if parameter.name.lower() == "to"]
    return [one.strip().lower() for text in (path, *named) for one in text.split(",") if one.strip()]


def _short(text: str) -> str:
    folded = " ".join(text.replace(TAG, "…").split())
    return folded if len(folded) <= 60 else f"{folded[:59]}…"
