"""A PostgreSQL server for tests: say `pytest_plugins = ["postgres"]` and ask for `postgresql`.

It runs on a free port of this machine, in a temporary folder, as an unprivileged user when the tests run as root.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Server:
    """A running server; everybody on this machine may log in as `tester`. `restart` ends all connections at once."""

    host: str
    port: int
    binaries: Path
    restart: Callable[[], object]
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test{os.getpid()}_{next(self.numbers)}"
        self.sql(f'CREATE DATABASE "{name}"')
        return f"postgresql://tester@{self.host}:{self.port}/{name}"

    def sql(self, statement: str, database: str = "postgres") -> list[str]:
        """Run a statement with `psql`, which shares no code with what is tested; the rows as text."""
        command = [str(self.binaries / "psql"), "-h", self.host, "-p", str(self.port), "-U", "tester", "-d", database]
        done = subprocess.run([*command, "-AtqX", "-c", statement], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()


def _binaries() -> Path:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    """Whom to run the server as; `None` for oneself. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with served() as server:
        yield server


@contextlib.contextmanager
def served() -> Iterator[Server]:
    """A server that ends with the block."""
    binaries, user = _binaries(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="mailcheck-postgresql-"))
    if user is not None:
        shutil.chown(folder, user)
    data, port = folder / "data", _free_port()
    surroundings = {"PATH": os.environ["PATH"], "LC_ALL": "C"}

    def run(*command: str | Path, check: bool = True) -> None:
        # Into a file that nobody reads: a pipe stays open as long as the server that inherits it.
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, user=user, cwd=folder, env=surroundings)

    run(binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=60"
    control = (binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
    run(*control, "-o", options, "start")
    try:
        yield Server("127.0.0.1", port, binaries, lambda: run(*control, "-m", "immediate", "-o", options, "restart"))
    finally:
        run(*control, "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)
