"""Questions to the DNS beyond addresses: MX, TXT, NS and CNAME records, with dnspython."""

from __future__ import annotations

from typing import Literal

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver
from msgspec import Struct, field

from mailcheck.web.answers import DnsUnsure
from mailcheck.web.resolving import NoAnswer, NoSuchHost, Resolver, SystemResolver

SECONDS = 5.0

# A name that the DNS cannot hold is not in it.
_NOT_THERE = (
    dns.resolver.NXDOMAIN,
    dns.resolver.NoAnswer,
    dns.name.BadEscape,
    dns.name.LabelTooLong,
    dns.name.NameTooLong,
    dns.name.EmptyLabel,
)

Kind = Literal["MX", "TXT", "NS", "CNAME"]


def _system() -> dns.asyncresolver.Resolver:
    return dns.asyncresolver.Resolver()


class SystemDns(Struct):
    """`mailcheck.web.answers.Dns` by the resolvers of the system. An answer is kept for the run.

    Args:
        resolver: for addresses.
        server: for records; by default those of the system, read at the first question.
    """

    resolver: Resolver = field(default_factory=SystemResolver)
    server: dns.asyncresolver.Resolver | None = None
    known: dict[tuple[str, Kind], tuple[str, ...]] = field(default_factory=dict)

    async def addresses(self, host: str) -> tuple[str, ...]:
        try:
            return tuple(map(str, await self.resolver.addresses(host)))
        except NoSuchHost:
            return ()
        except NoAnswer:
            raise _unsure(host) from None

    async def records(self, name: str, kind: Kind) -> tuple[str, ...]:
        found = self.known.get((name, kind))
        if found is None:
            found = self.known[name, kind] = await self._asked(name, kind)
        return found

    async def _asked(self, name: str, kind: Kind) -> tuple[str, ...]:
        try:
            if self.server is None:
                self.server = _system()
            answer = await self.server.resolve(dns.name.from_text(name), kind, lifetime=SECONDS)
        except (
            dns.resolver.NXDOMAIN,
            dns.resolver.NoAnswer,
            dns.name.BadEscape,
            dns.name.LabelTooLong,
            dns.name.EmptyLabel,
        ):
            return ()
        except (dns.exception.DNSException, OSError, UnicodeError):
            raise _unsure(name) from None
        records = sorted(answer, key=lambda record: getattr(record, "preference", 0))
        return tuple(_text(record, kind) for record in records)


def _text(record: object, kind: Kind) -> str:
    if kind == "TXT":
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "replace")
    name = getattr(record, "exchange", None) or getattr(record, "target", record)
    return str(name).removesuffix(".")


def _unsure(name: str) -> DnsUnsure:
    return DnsUnsure(f"the DNS does not answer about {name}")
