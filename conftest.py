"""For every test: no network but this machine's own, and no skipping in CI."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Generator, Iterator

import pytest


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
        return look_up(host, *arguments, **options)  # type: ignore[arg-type]  # passed on as it came

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    patch.undo()


def _is_refused(report: pytest.TestReport | pytest.CollectReport) -> bool:
    return report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI", "").lower() == "true"


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome, report.longrepr = "failed", f"not skipped where CI=true, but failed: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `CI=true` a test that skips fails: what it needs was to be there. `skipif` is for other systems."""
    report = yield
    if _is_refused(report) and item.get_closest_marker("skipif") is None:
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself as a whole."""
    report = yield
    if _is_refused(report):
        _refuse_skip(report)
    return report
