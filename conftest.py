"""For every test: no network but this machine's own, and `need` for what a laptop may lack."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator

import pytest

Need = Callable[[object, str], None]


class NetworkUsedError(AssertionError):
    """A test reached for the network."""


def _is_here(host: object) -> bool:
    if not isinstance(host, str | bytes):
        return host is None
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> None:
    if not _is_here(host):
        raise NetworkUsedError(f"this test reaches for {host!r}; tests may only talk to this machine")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Connections, datagrams and look-ups to anywhere but loopback fail. Local sockets are left alone."""
    patch = pytest.MonkeyPatch()

    def guarded(name: str, place: int) -> None:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: object) -> object:
            address = arguments[place]
            if isinstance(address, tuple):
                _refuse(address[0])
            return original(self, *arguments)

        patch.setattr(socket.socket, name, call)

    guarded("connect", 0)
    guarded("connect_ex", 0)
    guarded("sendto", -1)
    look_up = socket.getaddrinfo

    def getaddrinfo(host: object, *arguments: object, **options: object) -> object:
        _refuse(host)
        return look_up(host, *arguments, **options)  # type: ignore[arg-type]

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def need() -> Need:
    """`need(condition, reason)`: without the condition, skip on a laptop and fail where `CI=true`."""

    def check(condition: object, reason: str) -> None:
        if condition:
            return
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"needed in CI: {reason}")
        pytest.skip(reason)

    return check
