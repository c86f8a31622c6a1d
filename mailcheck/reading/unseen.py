"""Parts of a mail that mailcheck does not judge, though a recipient may read them."""

from __future__ import annotations

import re

from mailcheck.campaign import Fault, Part

# What machines tell each other in a report; no mail program shows it.
_REPORTS = {
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
}
_WRAPPED = {
    "application/pkcs7-mime": "encrypted or signed with S/MIME",
    "application/x-pkcs7-mime": "encrypted or signed with S/MIME",
    "application/pgp-encrypted": "encrypted with PGP",
    "application/ms-tnef": "wrapped in winmail.dat, Outlook's own format",
    "application/vnd.ms-tnef": "wrapped in winmail.dat, Outlook's own format",
}
_ARMOUR = re.compile(r"^-----BEGIN (?:PGP MESSAGE|PKCS7|CMS)-----", re.MULTILINE)
BODIES = {"text/html", "text/plain", "text/x-amp-html"}


def unread_part(kind: str, within: str, *, detached: bool, named: bool) -> Fault | None:
    """What is to be said of a part with content that became no text of the message.

    Args:
        kind: its type, such as `text/html`.
        within: the type of the multipart that it stands in.
        detached: it is called an attachment.
        named: it has a file name.
    """
    if kind in _WRAPPED:
        message = f"Content of the mail is {_WRAPPED[kind]}, so it was not checked; send it plainly."
        return Fault("unread", message)
    if kind.startswith("message/") and kind not in _REPORTS:
        message = f"The mail holds another mail ({kind}), which was not checked; save that one and check it by itself."
        return Fault("unread", message)
    if kind in BODIES and detached and (named or within != "multipart/alternative"):
        message = f"An attachment ({kind}) was not checked; check it by itself when it is yours."
        return Fault("unread", message, blocking=False)
    if kind in BODIES and detached:  # mail programs show an alternative, whatever it is called
        return Fault(
            "unread", f"The {kind} alternative is called an attachment, so it was not checked; send it inline."
        )
    if kind in BODIES:
        return Fault("unread", f"The mail has more than one {kind} part; only the first was checked. Send one.")
    if (within == "multipart/alternative" and not named) or (kind.startswith("text/") and not (detached or named)):
        message = (
            f"A {kind} part was not checked, though some mail programs show it; check it by hand, or leave it out."
        )
        return None if kind in _REPORTS else Fault("unread", message, blocking=kind != "text/calendar")
    return None


def encrypted_text(part: Part) -> Fault | None:
    """That a text is the armour of an encrypted one."""
    found = _ARMOUR.search(part.text)
    if not found:
        return None
    message = "Content of the mail is encrypted, so it was not checked; send it plainly."
    return Fault("unread", message, part.at(found.start(), found.end()))
