"""Host names: their ASCII form as browsers make it, and which of them mean anything in public.

The ASCII form is that of UTS 46, non-transitional, as in browsers; Python's own codec is IDNA 2003, for which
`ß` is `ss` and so another domain.
"""

from __future__ import annotations

import re
import unicodedata

_ALLOWED = re.compile(r"[a-z0-9_\-]+")
_JOINERS = re.compile("[\u200c\u200d]")

_SPECIAL = {
    "localhost": "this computer itself",
    "local": "a local network",
    "localdomain": "a local network",
    "internal": "a private network",
    "intranet": "a private network",
    "private": "a private network",
    "corp": "a private network",
    "home": "a private network",
    "lan": "a private network",
    "home.arpa": "a home network",
    "test": "tests",
    "invalid": "names that must not exist",
    "onion": "the Tor network",
    "alt": "names outside of the DNS",
}
"""RFC 6761, 6762, 7686, 8375, 9476; ICANN's `internal`, and the names it will not give out."""


_NO_LETTER = "it has characters that no domain name may have"


class BadHostError(ValueError):
    """A host that is no domain name; the text says why."""


def special_use(host: str) -> str | None:
    """What a host name that only works in one place is for, or `None` for one of the public DNS.

    Args:
        host: as in `mailcheck.urls.Url.host`; addresses are not names.
    """
    name = host.removesuffix(".")
    labels = name.split(".")
    if len(labels) == 1:
        return _SPECIAL.get(name, "a private network")
    return _SPECIAL.get(".".join(labels[-2:])) or _SPECIAL.get(labels[-1])


def to_ascii(host: str) -> str:
    """A host name in A-labels and lower case.

    Raises:
        BadHostError: it is no domain name.
    """
    lower = host.lower()
    ascii_host = lower if host.isascii() and "xn--" not in lower else _mapped(host)
    labels = ascii_host.removesuffix(".").split(".")
    for label in labels:
        if not label:
            raise BadHostError("two of its dots have nothing between them" if len(labels) > 1 else "it is a dot")
        if len(label) > 63:
            raise BadHostError(f"“{label[:20]}…” is longer than 63 characters")
        wrong = _ALLOWED.sub("", label)
        if wrong:
            raise BadHostError(f"“{wrong[0]}” cannot be part of one")
    if len(ascii_host.removesuffix(".")) > 253:
        raise BadHostError("it is longer than 253 characters")
    return ascii_host


def to_unicode(host: str) -> str:
    """A host with its A-labels decoded; those that cannot be stay as they are."""
    return ".".join(map(_decoded, host.split("."))) if "xn--" in host else host


def _mapped(host: str) -> str:
    # Imported only where a name is not plain ASCII: its tables are large.
    import idna

    _check_known(host)
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        labels = [_a_label(label) for label in mapped.split(".")]
    except BadHostError:
        raise
    except (idna.IDNAError, ValueError, IndexError, OverflowError):
        raise BadHostError(_NO_LETTER) from None
    if _is_mixed_direction(labels):
        raise BadHostError("it mixes writing directions in a way that is not allowed")
    return ".".join(labels)


def _a_label(label: str) -> str:
    """One mapped label in ASCII; an A-label is taken apart and must come together again as it was."""
    import idna

    if label.isascii() and not label.startswith("xn--"):
        return label
    plain = label
    if label.startswith("xn--"):
        plain = label[4:].encode("ascii").decode("punycode")
        if plain.isascii() or idna.uts46_remap(plain, std3_rules=False, transitional=False) != plain:
            raise BadHostError(f"“{label[:40]}” does not decode to a name")
        _check_known(plain)
    _check_letters(plain)
    encoded = f"xn--{plain.encode('punycode').decode('ascii')}"
    if label.startswith("xn--") and encoded != label:
        raise BadHostError(f"“{label[:40]}” does not decode to a name")
    return encoded


def _check_known(text: str) -> None:
    """Refuse letters that are newer than Python's own tables: what they are cannot be checked."""
    if any(unicodedata.category(sign) == "Cn" for sign in text):
        raise BadHostError(_NO_LETTER)


def _check_letters(label: str) -> None:
    """The validity criteria of UTS 46, which unlike IDNA 2008 lets emoji be names, as browsers do."""
    import idna

    if unicodedata.category(label[0]).startswith("M"):
        raise BadHostError(f"“{label[:40]}” begins with a combining mark")
    if label.startswith("xn--"):
        raise BadHostError(f"“{label[:40]}” is encoded twice")
    for found in _JOINERS.finditer(label):
        if not idna.valid_contextj(label, found.start()):
            raise BadHostError(f"“{label[:40]}” has an invisible joiner where none belongs")


def _is_mixed_direction(labels: list[str]) -> bool:
    """Whether the bidi rule of RFC 5893 is broken; it holds for every label once one is right-to-left."""
    import idna

    decoded = [_decoded(label) for label in labels if label]
    if not any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") for label in decoded for sign in label):
        return False
    try:
        return not all(idna.check_bidi(label, check_ltr=True) for label in decoded)
    except idna.IDNAError:
        return True


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return label
