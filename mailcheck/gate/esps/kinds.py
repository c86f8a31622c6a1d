"""Kinds of sending services by name: ours, and those of plug-ins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailcheck.gate.model import Esp, GateKind
from mailcheck.suggest import did_you_mean

if TYPE_CHECKING:
    from mailcheck.gate.settings import EspTable

COMMON_OPTIONS: Mapping[str, str] = {
    "private": "`true` for a server of your own: it may be in your network, and speak http",
    "ca_file": "PEM file of an authority to trust besides those of the system",
    "seconds": "how long an answer may take; 30",
}
"""Options that every kind knows."""

_BUILT_IN = ("listmonk", "mailchimp", "klaviyo", "brevo", "hubspot", "sendgrid", "braze", "sfmc")


class BadConnection(ValueError):  # noqa: N818 - reads as what it says
    """A connection in the settings that cannot be made; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the settings say of one connection.

    Args:
        name: of the connection.
        url: where the API is.
        secret: the key; never shown.
        options: as in the settings, checked for unknown names.
    """

    name: str
    url: str
    user: str = ""
    secret: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EspKind:
    """An adapter: what `kind = "…"` in the settings means.

    Args:
        name: what people write.
        title: what the service is called.
        gate: how a send can be stopped there.
        make: the connection to one account.
        url: where its API is; empty when everybody has an address of their own.
        options: names of options and what they are for, besides the common ones.
        needs: which of `url`, `user`, `secret` must be given.
        url_from: makes the address out of the settings where it depends on the account; raises `ValueError`.
    """

    name: str
    title: str
    gate: GateKind
    make: Callable[[Place], Esp]
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ("secret",)
    url_from: Callable[[Place], str] | None = None


def known_kinds(brought: Sequence[object] = ()) -> dict[str, EspKind]:
    """Every kind by its name.

    Args:
        brought: what plug-ins return from `mailcheck_esps` (`Registry.extensions["esps"]`).

    Raises:
        BadConnection: a plug-in brings a kind of a name that is taken.
    """
    kinds: dict[str, EspKind] = {
        name: importlib.import_module(f"mailcheck.gate.esps.{name}").KIND for name in _BUILT_IN
    }
    for kind in brought:
        if isinstance(kind, EspKind):
            if kind.name in kinds:
                raise BadConnection(f"a plug-in brings the kind {kind.name!r}, which already exists; block the plug-in")
            kinds[kind.name] = kind
    return kinds


def connect(name: str, table: EspTable, brought: Sequence[object] = ()) -> Esp:
    """The connection that the settings describe. No packet is sent.

    Raises:
        BadConnection: an unknown kind or option, something missing, an address that may not be used.
    """
    kinds = known_kinds(brought)
    kind = kinds.get(table.kind)
    if kind is None:
        raise BadConnection(
            f"esps.{name}: there is no kind {table.kind!r}{did_you_mean(table.kind, kinds)} "
            f"(known: {', '.join(sorted(kinds))})"
        )
    options = {**COMMON_OPTIONS, **kind.options}
    for option in table.options:
        if option not in options:
            raise BadConnection(
                f"esps.{name}: {kind.title} has no option {option!r}{did_you_mean(option, options)} "
                f"(known: {', '.join(sorted(options))})"
            )
    try:
        return kind.make(_place(name, table, kind))
    except ValueError as error:
        raise BadConnection(f"esps.{name}: {error}") from None


def _place(name: str, table: EspTable, kind: EspKind) -> Place:
    given = {"url": table.url or kind.url, "user": table.user or "", "secret": ""}
    if table.secret is not None:
        given["secret"] = table.secret.read().get_secret_value()
    missing = [one for one in kind.needs if not given[one]]
    if missing:
        raise ValueError(f"{kind.title} needs {' and '.join(missing)}")
    place = Place(name, options=dict(table.options), **given)
    if not place.url and kind.url_from is not None:
        place = Place(name, kind.url_from(place), place.user, place.secret, place.options)
    if not place.url:
        raise ValueError(f"{kind.title} needs url")
    return place
