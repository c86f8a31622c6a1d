"""What no address of a campaign may carry: keys, passwords, sessions, signatures that end, addresses of people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, Parameter, Stretch
from mailcheck.content.links import Link

Sort = Literal["key", "password", "session", "token", "signed", "person"]


class Secret(Struct, frozen=True):
    """One such thing. `shown` is what may be repeated of it."""

    sort: Sort
    at: Stretch
    shown: str


_KEYS = lazy(
    r"(?<![A-Za-z0-9_\-])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|[sr]k_live_[0-9A-Za-z]{16,99}|gh[pousr]_[0-9A-Za-z]{36}|github_pat_\w{60,90}"
    r"|xox[abprs]-[0-9A-Za-z\-]{10,99}|SG\.[\w\-]{22}\.[\w\-]{43}|key-[0-9a-f]{32}|glpat-[\w\-]{20}|ya29\.[\w\-]{20,}|EAA[0-9A-Za-z]{60,}"
    r"|[0-9a-f]{32}-us\d{1,2}|xkeysib-[0-9a-f]{40,}-\w+|shpat_[0-9a-f]{32})(?![A-Za-z0-9_\-])"
)
_JWT = lazy(r"eyJ[\w\-]{10,}\.eyJ[\w\-]{10,}\.[\w\-]{10,}")
_NAMES: tuple[tuple[str, Sort], ...] = (
    (r"pass|pass_?word|passwd|passphrase|pwd|user_?pass(?:word)?|login_?password", "password"),
    (r"(?:\w+_)?secret(?:_?key)?|private_?key|api_?key|access_?key(?:_?id)?|bearer|authorization", "key"),
    (r"access_?token|auth_?token|id_?token|refresh_?token|oauth_?token|jwt|login_?token|sso_?token|magic_?token|session_?token", "token"),
    (r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|sess(?:ion)?_?(?:id|key)?|cfid|cftoken|connect\.sid", "session"),
    (r"x-amz-signature|x-goog-signature|x-amz-security-token", "signed"),
)  # fmt: skip
_SESSION_IN_PATH = lazy(r";(jsessionid=[\w.\-]{8,})", re.IGNORECASE)
_PERSON = lazy(r"(?<![\w.+\-])[\w.+\-]{1,64}(?:@|%40)(?:[\w\-]+\.)+(?:[a-z]{2,12}|[A-Z]{2,12})(?![\w\-])")
_ROLES = frozenset(
    ("info", "support", "sales", "contact", "hello", "help", "service", "noreply", "no-reply", "office", "mail", "admin", "test", "email", "example", "user", "you", "name", "newsletter", "team", "press", "jobs", "marketing")
)  # fmt: skip
_WRITTEN_TO = frozenset(
    ("to", "cc", "bcc", "recipient", "recipients", "from", "replyto", "reply_to", "src", "cid", "add", "calendar")
)
_DUMMY = lazy(
    r"(?i:x+|\*+|\.+|-+|[<\[{(].*|your.*|insert.*|example.*|test|true|false|yes|no|none|null|undefined|\d{1,5})\Z"
)


def secrets(link: Link, *, rendered: bool) -> Iterator[Secret]:
    """The secrets in an address, at most one of each sort.

    Args:
        link: the address.
        rendered: tokens and addresses may be those of the one recipient, as they are meant to be.
    """
    if link.scheme not in ("http", "https", "") or link.kind == "unsubscribe":
        return
    text, told = link.shape, set[Sort]()
    for match in _KEYS.finditer(text):
        yield Secret("key", match.span(), f"{match[0][:8]}…")
        return
    if found := _SESSION_IN_PATH.search(text):
        yield Secret("session", found.span(1), "jsessionid=…")
        told.add("session")
    for parameter in (*link.address.parameters, *_of_fragment(link)):
        sort = _named(parameter, rendered=rendered)
        if sort is not None and sort not in told:
            told.add(sort)
            yield Secret(sort, (parameter.start, parameter.end), f"{parameter.name}=…")
    if not told and not rendered and (jwt := _JWT.search(text)):
        yield Secret("token", jwt.span(), f"{jwt[0][:8]}…")
    person = _person(link)
    if person is not None:
        yield Secret("person", person, text[slice(*person)].replace("%40", "@"))


def _of_fragment(link: Link) -> tuple[Parameter, ...]:
    return link.address.parameters_in(link.address.fragment) if "=" in link.fragment else ()


def _named(parameter: Parameter, *, rendered: bool) -> Sort | None:
    """What a parameter is by its name; a value that is short, made up or a merge tag is nothing."""
    value = parameter.value
    if TAG in value or len(value) < 6 or _DUMMY.match(value):
        return None
    name = parameter.name.lower()
    for pattern, sort in _NAMES:
        if lazy(pattern).fullmatch(name):
            if sort in ("key", "token", "session") and not _is_random(value):
                return None
            return None if sort == "token" and rendered else sort
    return None


def _is_random(value: str) -> bool:
    """Whether a value looks like one that a machine made: long, with digits among the letters."""
    return len(value) >= 12 and any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)


def _person(link: Link) -> Stretch | None:
    """Where the address of one person stands in a query or a fragment."""
    for parameter in (*link.address.parameters, *_of_fragment(link)):
        if parameter.name.lower() in _WRITTEN_TO:
            continue
        match = _PERSON.search(link.shape, parameter.start, parameter.end)
        if match is None:
            continue
        local = re.split(r"@|%40", match[0], maxsplit=1)[0].lower()
        if local not in _ROLES:
            return match.span()
    return None
