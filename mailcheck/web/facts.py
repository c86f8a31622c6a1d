"""The facts that go online: `web` and `dns`. Offline they are absent, and rules that need them are skipped."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from mailcheck.rule import Absent, fact
from mailcheck.run import Run
from mailcheck.web.answers import Dns, Web

OFFLINE = "the network may not be used (--online)"


class MissingExtra(Exception):  # noqa: N818 - named for what is missing
    """A library that is not installed; the text says how to get it."""


class Unreadable(Exception):  # noqa: N818 - as above
    """A file that the settings name; the text says which, and why."""


@fact
def web(run: Run) -> Web:
    """Guarded HTTP: the verdict on a link, or what an address answers."""
    if not run.online:
        raise Absent(OFFLINE)
    _require("h11")
    from mailcheck.web.cache import Cache
    from mailcheck.web.client import Client
    from mailcheck.web.connecting import tls_context
    from mailcheck.web.policy import Policy

    policy = Policy.of(run.tables.get("web", {}))
    try:
        if policy.ca_file:
            tls_context(policy.ca_file)
    except OSError as error:
        raise Unreadable(f"web.ca_file: {policy.ca_file} cannot be read ({error.strerror or error})") from None
    return Client(policy, cache=Cache(Path(policy.cache), policy.fingerprint) if policy.cache else None)


@fact
def dns(run: Run) -> Dns:
    """The DNS: addresses, MX and TXT records of a name."""
    if not run.online:
        raise Absent(OFFLINE)
    _require("dns")
    from mailcheck.web.records import SystemDns

    return SystemDns()


def _require(library: str) -> None:
    if importlib.util.find_spec(library) is None:
        raise MissingExtra(f"going online needs {library}: pip install 'mailcheck-lint[web]'")
