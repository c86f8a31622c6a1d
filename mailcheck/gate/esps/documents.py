"""A campaign in the shape of a manifest, made of what a service says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailcheck.gate.model import EspError

_PLAIN_NAME = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*")


def document(  # noqa: PLR0913 - the parts of a campaign, all by name
    title: str,
    *,
    campaign_id: str,
    name: str,
    dialect: str,
    subject: str,
    sender: str | None,
    html: str = "",
    text: str = "",
    preheader: str | None = None,
    reply_to: str = "",
    zone: str = "",
    headers: Mapping[str, tuple[str, ...]] | None = None,
    service: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The document of a `Planned`; what is empty is left out.

    The time of sending is no part of it: a draft and the same campaign when it is scheduled have one document.

    Args:
        title: what the service is called.
        sender, preheader: `None` where the service does not say it.
        zone: `recipient` where everybody gets it at an hour of their own.
        service: what tells one audience from another, sorted, and without anything that changes by itself.

    Raises:
        EspError: there is no content, neither HTML nor text.
    """
    if not html.strip() and not text.strip():
        raise EspError(f"{title} gives no content for the campaign, so it cannot be judged", permanent=True)
    message: dict[str, object] = {"subject": subject}
    message.update({key: value for key, value in (("from", sender), ("preheader", preheader)) if value is not None})
    optional = {"reply_to": reply_to, "html": html, "text": text}
    message.update({key: value for key, value in optional.items() if value.strip()})
    if headers:
        message["headers"] = {key: list(values) for key, values in headers.items()}
    made: dict[str, object] = {
        "id": campaign_id,
        "name": name,
        "dialect": dialect,
        "stage": "template",
        "message": message,
    }
    if zone:
        made["schedule"] = {"zone": zone}
    if service:
        made["service"] = dict(service)
    return made


def mailbox(name: str, address: str) -> str:
    """A From header: `Shop <news@shop.example>`."""
    shown, address = " ".join(name.split()), address.strip()
    if not shown:
        return address
    if not _PLAIN_NAME.fullmatch(shown):
        shown = '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{shown} <{address}>" if address else shown
