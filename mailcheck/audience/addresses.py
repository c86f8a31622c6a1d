"""The normal form of an e-mail address, and what is wrong with one.

Almost every address of a list is plain ASCII, and is normalised by the engine that holds the list (`statements`). What
is not plain comes here, so that every engine has the same answer for it. For plain addresses both agree, which a test
holds.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Fault = Literal["", "no_at", "no_local", "several", "name", "space", "comma", "invisible", "local", "domain", "address"]

SPACES = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What counts as a space besides the space itself: trimmed at both ends, wrong within."""

INVISIBLE = (
    "\x00\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters that nobody sees; no address means them, so they are taken out wherever they stand."""

FAULTS: dict[Fault, str] = {
    "no_at": "have no @",
    "no_local": "have nothing before the @",
    "several": "are several addresses in one field",
    "name": "are written with a name around them",
    "space": "have a space within",
    "comma": "have a comma for a dot",
    "invisible": "have an invisible character within",
    "local": "have a character or dots before the @ that no address may have",
    "domain": "have a domain that cannot exist",
    "address": "are no e-mail addresses",
}
"""What is wrong with an address, as the end of a sentence about several."""

LONGEST = 254
"""Octets of an address (RFC 5321, errata 1690)."""
LONGEST_LOCAL = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""

_TO_SPACE = str.maketrans(dict.fromkeys(SPACES, " "))
_NO_INVISIBLE = str.maketrans(dict.fromkeys(INVISIBLE))
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_IN_ANGLES = re.compile(r"[^<>]*<\s*+(?:mailto:)?([^<>\s@]++@[^<>\s@]++)\s*+>[\s;,]*+", re.IGNORECASE)
_AT = re.compile("@+")
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_DOTS = re.compile("[\u3002\uff0e\uff61]")


def cleaned(raw: str) -> str:
    """An address without what nobody sees: spaces of any kind at the ends, invisible characters anywhere."""
    return raw.translate(_NO_INVISIBLE).translate(_TO_SPACE).strip(" ")


def normal(raw: str) -> str:
    """The form by which two spellings of one address are the same.

    Spaces at the ends and invisible characters are dropped, ASCII letters made small, Unicode composed (NFC), an
    internationalised domain written in ASCII (IDNA with UTS 46 mapping). A name around the address, `mailto:` and the
    dot that ends a domain are dropped. What is no address at all keeps its text, so that it still equals itself.

    Returns:
        the normal form; empty when there is nothing but spaces.
    """
    text = unicodedata.normalize("NFC", cleaned(raw))
    text = _bare(text)
    local, at, domain = text.rpartition("@")
    if not at:
        return text.translate(_LOWER)
    return f"{local.translate(_LOWER)}@{normal_domain(domain)}"


@lru_cache(maxsize=65_536)
def normal_domain(domain: str) -> str:
    """A domain in ASCII and small letters; what IDNA refuses keeps its text."""
    domain = _DOTS.sub(".", domain.translate(_LOWER)).rstrip(" .") or domain
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return unicodedata.normalize("NFC", domain)


def fault_of(raw: str) -> Fault:
    """What is wrong with an address as it is written, or an empty string.

    The syntax is that of the email-validator library (RFC 5321 and 5322, internationalised addresses included); the
    domain is not looked up.
    """
    text = cleaned(raw)
    # Spaces and what nobody sees may stand mixed at the ends, in any order.
    if raw.translate(_TO_SPACE).strip(f" {INVISIBLE}") != text:
        return "invisible"
    if _bare(text) != text:
        return "name"
    known = _known_fault(text)
    if known:
        return known
    # A quoted @ is allowed, but no list of people means one, and what counts domains knows only one mark.
    return _refused(text) or ("local" if text.count("@") > 1 else "")


def domain_fault(domain: str) -> bool:
    """Whether a domain, in its normal form, cannot be that of a mailbox on the public Internet."""
    return _refused(f"a@{domain}") == "domain" if "@" not in domain else True


def _bare(text: str) -> str:
    angles = _IN_ANGLES.fullmatch(text)
    if angles:
        return angles[1]
    start = _MAILTO.match(text)
    return text[start.end() :] if start else text


def _known_fault(text: str) -> Fault:
    if "@" not in text:
        return "no_at"
    if text.count("@") > 1 and '"' not in text:
        # `ann@@shop.example` is one address, and a slip of the finger.
        return "several" if _AT.sub("@", text).count("@") > 1 else "local"
    local, _, domain = text.rpartition("@")
    if not local:
        return "no_local"
    if not local.strip("*"):
        return "local"  # `*@shop.example` stands for everybody there, and is nobody's address
    if '"' not in local and " " in text:
        return "space"
    return "comma" if "," in domain else ""


def _refused(text: str) -> Fault:
    from email_validator import EmailNotValidError, EmailSyntaxError, validate_email

    if len(text) > 2 * LONGEST:
        return "address"
    if len(text.rpartition("@")[0].encode()) > LONGEST_LOCAL:
        return "local"
    try:
        validate_email(text, check_deliverability=False, allow_quoted_local=True, test_environment=True)
    except EmailSyntaxError:
        return _side(text)
    except EmailNotValidError:
        # A name that is reserved for special use: no customer has a mailbox there, but other rules say so.
        return ""
    return ""


def _side(text: str) -> Fault:
    from email_validator import EmailNotValidError, validate_email

    _, _, domain = text.rpartition("@")
    try:
        validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return "domain"
    return "local" if len(text) <= LONGEST else "address"
