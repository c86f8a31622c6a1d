"""What may be requested, how, and how patiently: the `[web]` table of the settings, as the client wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

from msgspec import Struct, field

from mailcheck.urls import DEFAULT_PORTS, Url

USER_AGENT = "mailcheck (checks the links of a mail before it is sent)"
RULES = 2
"""Goes up when the same answer gets another verdict than before: what is cached is then forgotten."""


class Policy(Struct, frozen=True, kw_only=True):
    """The rules of a run. Times are in seconds.

    Args:
        allow: hosts, or `host:port`, that may be private: previews, tests. Without a port: 80 and 443.
        never: patterns of URLs that are not requested.
        check: patterns of URLs that are requested although they look like an action.
        accept: statuses that count as fine, by pattern of URLs.
        headers: headers to send, by exact host, over https only.
        ca_file: PEM file of certificate authorities to trust besides those of the system.
        timeout: for one try with all its redirects, waiting for a turn not counted.
        connect_timeout: for a connection and its TLS handshake.
        body_timeout: for a body, after which what is there is judged.
        deadline: for the run; what is not known by then is unverifiable.
        requests, per_host: how many at a time. A host that answers well is given up to four times as many.
        gap: between two requests to a host.
        redirects: how many are followed; browsers give up after 20.
        tries: how often a request is made that fails in passing.
        backoff: before each further try, at most; the actual pause is random.
        max_pause: how long a server may ask us to wait.
        error_span: a server error counts as lasting when it is still there after this time.
        certificate_days: a certificate that ends within so many days is suspect.
    """

    allow: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    accept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    user_agent: str = USER_AGENT
    ca_file: str = ""
    cache: str = ""
    timeout: float = 20.0
    connect_timeout: float = 5.0
    body_timeout: float = 10.0
    deadline: float = 50.0
    requests: int = 200
    per_host: int = 8
    gap: float = 0.02
    redirects: int = 20
    tries: int = 3
    backoff: tuple[float, ...] = (0.5, 2.0)
    max_pause: float = 30.0
    error_span: float = 10.0
    certificate_days: int = 14

    @classmethod
    def of(cls, table: Mapping[str, object]) -> Policy:
        """The policy of a table of settings, which has been validated."""
        return cls(**cast("Mapping[str, Any]", table))

    @property
    def fingerprint(self) -> str:
        """Everything that a verdict depends on besides its URL."""
        about = (RULES, self.user_agent, self.allow, self.accept, self.headers, self.certificate_days)
        return repr(about)

    def allows(self, url: Url) -> bool:
        """Whether the operator vouches for this host and port."""
        named = f"[{url.host}]" if ":" in url.host else url.host
        if f"{named}:{url.port}" in self.allow:
            return True
        return url.port == DEFAULT_PORTS[url.scheme] and (url.host in self.allow or named in self.allow)

    def is_never(self, url: Url) -> bool:
        return matches(url, self.never)

    def is_check(self, url: Url) -> bool:
        return matches(url, self.check)

    def accepts(self, url: Url, status: int) -> bool:
        """Whether a status of this URL counts as fine."""
        return any(status in statuses and matches(url, (pattern,)) for pattern, statuses in self.accept.items())


def matches(url: Url, patterns: Sequence[str]) -> bool:
    """Whether a URL is meant by one of several patterns.

    A pattern without a slash is one of hosts (`*.shop.example`), one with a slash is compared with host, path
    and query (`shop.example/confirm/*`), one with a scheme with the whole URL. `*` stands for anything.
    """
    if not patterns:
        return False
    place = url.authority + url.target
    return any(
        fnmatchcase(
            url.normal if "://" in one else place if "/" in one else url.host, one.lower() if "/" not in one else one
        )
        for one in patterns
    )
