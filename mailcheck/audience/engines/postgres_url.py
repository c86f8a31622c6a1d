"""The URL of a PostgreSQL server, the connection, and what the server refuses in one sentence."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

from mailcheck.masking import mask_addresses
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

if TYPE_CHECKING:
    import ssl

    from pg8000.core import CoreConnection

PORT = 5432
PATIENCE = 15
"""Seconds that a server may take to answer a connection, unless the URL says connect_timeout."""

_PARAMETERS = ("sslmode", "sslrootcert", "connect_timeout", "host", "application_name")
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_SENTENCES = {
    "25006": "only reading is done there, and that would write",
    "42501": "this user may not do that: {}",
    "57014": "the statement was cancelled, or took longer than the server allows",
    "53100": "the disk of the server is full",
    "53200": "the server is out of memory",
}
_SAYS_NO_VALUES = ("0A", "08", "28", "3D", "3F", "42", "53", "54", "55", "57")
"""Classes of SQLSTATE whose messages name parts of the statement or the server, but no value of a row."""


class Server(Struct, frozen=True):
    """Where a database is.

    Args:
        host: a name, an address, or the folder of a local socket.
        shown: how it is called in sentences, without user and password.
        mode: how the connection is encrypted, as `sslmode` of libpq.
        certificates: the file with those that are trusted, instead of those of the system.
    """

    host: str
    port: int
    user: str
    password: str | None
    database: str
    shown: str
    mode: str = "prefer"
    certificates: str | None = None
    patience: float = PATIENCE
    application: str = "mailcheck"


def server_of(url: str) -> Server:
    """The server of a URL; what it leaves out is taken from the variables of libpq, such as PGPASSWORD.

    Raises:
        Unusable: it is no URL of a database, or says something unknown.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unusable("the URL of the database cannot be read; write postgresql://user@host:5432/database") from None
    given = dict(parse_qsl(parts.query))
    unknown = next((name for name in given if name not in _PARAMETERS), None)
    if unknown is not None:
        raise Unusable(f"{unknown} in the URL of the database is not known{did_you_mean(unknown, _PARAMETERS)}")
    mode = given.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"
    if mode not in _MODES:
        raise Unusable(f"sslmode={mode} in the URL of the database is not known{did_you_mean(mode, _MODES)}")
    host = given.get("host") or unquote(parts.hostname or "") or os.environ.get("PGHOST") or "localhost"
    number = port or _whole("PGPORT", os.environ.get("PGPORT"), PORT)
    user, password = _who(parts)
    database = unquote(parts.path.strip("/")) or os.environ.get("PGDATABASE") or user
    return Server(
        host,
        number,
        user,
        password,
        database,
        f"PostgreSQL {database} at {host}" + (f":{number}" if number != PORT else ""),
        mode,
        given.get("sslrootcert") or os.environ.get("PGSSLROOTCERT"),
        _whole("connect_timeout", given.get("connect_timeout"), PATIENCE),
        given.get("application_name", "mailcheck"),
    )


def _who(parts: SplitResult) -> tuple[str, str | None]:
    user = unquote(parts.username or "") or os.environ.get("PGUSER") or os.environ.get("USER") or "postgres"
    password = unquote(parts.password) if parts.password is not None else os.environ.get("PGPASSWORD")
    return user, password


def _whole(name: str, text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        raise Unusable(f"{name}={text} is no whole number") from None


def connected(server: Server) -> CoreConnection:
    """A connection to a server.

    Raises:
        Unusable: pg8000 is not installed, the server does not answer, or does not let this user in.
    """
    try:
        from pg8000.core import CoreConnection
        from pg8000.exceptions import DatabaseError, InterfaceError
    except ImportError:
        raise Unusable(
            "PostgreSQL is read by pg8000, which is not installed: pip install 'mailcheck-lint[postgres]'"
        ) from None
    sock = _socket(server)
    try:
        # The libraries's own default, nothing at all, is to encrypt where the server can.
        return CoreConnection(
            server.user,
            host=server.host,
            database=server.database,
            password=server.password,
            ssl_context=_tls(server),
            application_name=server.application,
            sock=sock,
        )
    except DatabaseError as error:
        sock.close()
        raise Unusable(sentence(error, server.shown)) from None
    except (InterfaceError, OSError, struct.error) as error:
        sock.close()
        raise Unusable(f"{server.shown}: no connection: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    text = str(error)
    if "Server refuses SSL" in text:
        return "the server does not encrypt, and sslmode asks for it"
    if "password" in text:
        return "the server asks for a password; give it in the URL, or as PGPASSWORD"
    if "CERTIFICATE" in text.upper():
        return "the certificate of the server is not trusted; sslrootcert names the file with the one that is"
    return "the server hung up" if isinstance(error, struct.error) else text.partition("\n")[0][:120]


def _socket(server: Server) -> socket.socket:
    try:
        if server.host.startswith("/"):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.connect(str(Path(server.host) / f".s.PGSQL.{server.port}"))
            return sock
        sock = socket.create_connection((server.host, server.port), server.patience)
    except (OSError, UnicodeError) as error:
        said = (getattr(error, "strerror", None) or str(error) or "no answer").lower()
        raise Unusable(f"{server.shown}: no connection: {said}") from None
    sock.settimeout(None)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


def _tls(server: Server) -> ssl.SSLContext | bool | None:
    """What pg8000 calls for: no, if the server can, or in this way."""
    if server.mode == "disable" or server.host.startswith("/"):
        return False
    if server.mode in {"allow", "prefer"}:
        return None
    if server.mode == "require" and server.certificates is None:
        return True
    import ssl

    try:
        context = ssl.create_default_context(cafile=server.certificates)
    except OSError:
        raise Unusable(f"{server.shown}: sslrootcert={server.certificates} cannot be read") from None
    context.check_hostname = server.mode == "verify-full"
    return context


def sentence(error: Exception, shown: str) -> str:
    """What a server refuses, without any value of a row."""
    found = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    code, text = str(found.get("C", "")), mask_addresses(str(found.get("M", "")))
    if code in _SENTENCES:
        return f"{shown}: {_SENTENCES[code].format(text)}"
    if code.startswith(_SAYS_NO_VALUES) and text:
        return f"{shown}: {' '.join(text.split())[:200]}"
    return f"{shown}: the server refuses a value of the list, or failed (SQLSTATE {code or 'unknown'})"
