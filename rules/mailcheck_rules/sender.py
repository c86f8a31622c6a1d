"""Who the mail says it is from."""

from __future__ import annotations

import re
from email.utils import getaddresses

from mailcheck import Message, Part, Problem, Problems, bad, good, rule
from mailcheck.content.tags import Tags

_NAMES = {"from": "From", "reply-to": "Reply-To"}


@rule(severity="error")
@bad(sender="Shop <news@shop..example>", html="<p>x</p>", at="Shop <news@shop..example>")
@bad(sender="Shop", html="<p>x</p>", at="Shop")
@bad(sender="a@shop.example", reply_to="answers at shop.example", html="<p>x</p>", at="answers at shop.example")
@bad(sender="mailto:news@shop.example", html="<p>x</p>", at="mailto:news@shop.example")
@bad(sender="Shop <news@shop.example", html="<p>x</p>", at="Shop <news@shop.example")
@good(sender="Shop <news@shop.example>", reply_to="answers@shop.example", html="<p>x</p>")
@good(sender="Berg, Kari <kari@shop.example>", reply_to="A <a@shop.example>, B <b@shop.example>", html="<p>x</p>")
@good(sender="*|NAME|* <news@shop.example>", html="<p>x</p>", dialect="mailchimp")
@good(sender="Bl\u00e5b\u00e6r <hei@bl\u00e5b\u00e6r.example>", html="<p>x</p>")
def invalid_address(message: Message, tags: Tags) -> Problems:
    """The From or Reply-To address is not a valid e-mail address.

    Mailbox providers refuse such mails, or answers go nowhere. The syntax is that of the mail standards as the
    email-validator library reads it; whether the mailbox exists is not asked. An address that holds a merge tag is left
    to the rules about merge tags.
    """
    tagged = {id(tag.span.part) for tag in tags if tag.certain and "@" not in tag.span.part.text}
    for part in (message.sender, message.reply_to):
        if part is None or not part.text.strip() or id(part) in tagged:
            continue
        why = _fault(part)
        if why:
            header = _NAMES.get(part.name, part.name)
            yield Problem(f"The {header} address is not valid: {why} Correct it before sending.", at=part)


def _fault(part: Part) -> str:
    """Why a mail server would refuse the address, or an empty string."""
    from email_validator import EmailNotValidError, EmailSyntaxError, validate_email

    if (slip := _SLIP.search(part.text)) is not None:
        # Parsers of mail make an address of these; servers need not.
        return "“mailto:” belongs to links." if slip[0].endswith(":") else "its angle bracket is not closed."
    addresses = _addresses(part.text)
    if not addresses or not any("@" in address for address in addresses):
        return "there is no address in it."
    for address in addresses:
        if any(mark in address for mark in ("{", "}", "|", "%%", "[", "$", "<%")):
            continue
        try:
            validate_email(address, check_deliverability=False)
        except EmailSyntaxError as error:
            return str(error)
        except EmailNotValidError:
            continue
    return ""


_SLIP = re.compile(r"\A\s*(?i:mailto):|<\s*mailto:|<[\w.+\-]+@[\w.\-]+\s*\Z")
_ONE_IN_ANGLES = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>\s*")


def _addresses(text: str) -> list[str]:
    # A name that was decoded may hold commas and quotes that would part it if it were read as a header once more.
    one = _ONE_IN_ANGLES.fullmatch(text)
    return [one[1]] if one else [address for _, address in getaddresses([text]) if address]
