"""The URLs of warehouses, and how each client is called.

The clients are imported when a list lies there. Each is that of the maker, under the Apache licence.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Protocol, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from mailcheck.audience.dialect import BIGQUERY, DATABRICKS, REDSHIFT, SNOWFLAKE, TRINO, Dialect
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean


class Cursor(Protocol):
    """Of the DB-API, what is used."""

    description: Sequence[Sequence[object]] | None

    def execute(self, operation: str) -> object: ...
    def fetchall(self) -> Sequence[Sequence[object]]: ...
    def fetchmany(self, size: int) -> Sequence[Sequence[object]]: ...
    def close(self) -> object: ...


class Connection(Protocol):
    """Of the DB-API, what is used."""

    def cursor(self) -> Cursor: ...
    def close(self) -> object: ...


class Address(Struct, frozen=True):
    """A URL of a warehouse, taken apart.

    Args:
        path: the parts of the path.
        options: what stands behind the question mark.
    """

    scheme: str
    host: str
    port: int | None
    user: str
    password: str
    path: tuple[str, ...]
    options: Mapping[str, str]

    def part(self, place: int) -> str | None:
        """A part of the path, if it is there."""
        return self.path[place] if place < len(self.path) else None


def _as_written(sql: str) -> str:
    return sql


def _percents_twice(sql: str) -> str:
    """Of two percent signs the client of BigQuery makes one, though there are no parameters."""
    return sql.replace("%", "%%")


def _cursor(connection: Connection) -> Cursor:
    return connection.cursor()


def _numeric(connection: Connection) -> Cursor:
    """A percent sign of a query is no parameter."""
    cursor = connection.cursor()
    setattr(cursor, "paramstyle", "numeric")  # noqa: B010 - of the client of Redshift, and of no other
    return cursor


class Service(Struct, frozen=True):
    """A warehouse, and how it is reached.

    Args:
        shown: how it is called in sentences, without user and password.
        connect: makes the connection; raises whatever the client raises.
        sent: what the client is given for a statement.
    """

    name: str
    dialect: Dialect
    shown: str
    connect: Callable[[], Connection]
    sent: Callable[[str], str] = _as_written
    cursor: Callable[[Connection], Cursor] = _cursor


def service_of(url: str) -> Service:
    """The warehouse of a URL.

    Raises:
        Unusable: the URL is not complete, says something unknown, or the client is not installed.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unusable(
            "the URL of the warehouse cannot be read; its documentation page shows how it is written"
        ) from None
    kind = _KINDS[parts.scheme]
    options = dict(parse_qsl(parts.query))
    unknown = next((name for name in options if name not in kind.options), None)
    if unknown is not None:
        raise Unusable(f"{unknown} in the URL of {kind.name} is not known{did_you_mean(unknown, kind.options)}")
    if not parts.hostname:
        raise Unusable(f"the URL of {kind.name} is not complete; write {kind.form}")
    # What stands for the host is a name of a project or an account in some, whose case counts.
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    address = Address(
        parts.scheme,
        unquote(host),
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tuple(unquote(part) for part in parts.path.split("/") if part),
        options,
    )
    missing = next((name for name in kind.needed if name not in options), None)
    if missing is not None:
        raise Unusable(f"the URL of {kind.name} needs {missing}; write {kind.form}")
    return Service(
        kind.name,
        kind.dialect,
        f"{kind.name} at {address.host}",
        lambda: kind.connect(_client(kind), address),
        kind.sent,
        kind.cursor,
    )


class Client(Protocol):
    """A module of a client: whatever is called `connect` in it."""

    connect: Callable[..., Connection]


class _Kind(Struct, frozen=True):
    name: str
    dialect: Dialect
    module: str
    extra: str
    form: str
    connect: Callable[[Client, Address], Connection]
    options: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    sent: Callable[[str], str] = _as_written
    cursor: Callable[[Connection], Cursor] = _cursor


def _client(kind: _Kind) -> Client:
    try:
        module: ModuleType = importlib.import_module(kind.module)
    except ImportError:
        raise Unusable(
            f"{kind.name} is read by its own client, which is not installed: pip install 'mailcheck-lint[{kind.extra}]'"
        ) from None
    return cast("Client", module)


def _bigquery(client: Client, address: Address) -> Connection:
    bigquery = importlib.import_module("google.cloud.bigquery")
    file = address.options.get("credentials_path")
    make = bigquery.Client.from_service_account_json if file else bigquery.Client
    dataset = address.part(0)
    default = bigquery.QueryJobConfig(default_dataset=f"{address.host}.{dataset}") if dataset else None
    made = make(
        *((file,) if file else ()),
        project=address.host,
        location=address.options.get("location"),
        default_query_job_config=default,
    )
    return client.connect(made)


def _snowflake(client: Client, address: Address) -> Connection:
    return client.connect(
        account=address.host,
        user=address.user,
        password=address.password or None,
        database=address.part(0),
        schema=address.part(1),
        application="mailcheck",
        # One statement at a time, whatever the account allows; dates as they are compared.
        session_parameters={
            "MULTI_STATEMENT_COUNT": 1,
            "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
            "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS",
            "TIMEZONE": "UTC",
        },
        **address.options,
    )


def _trino(client: Client, address: Address) -> Connection:
    encrypted = bool(address.password) or address.port in {443, 8443}
    auth = importlib.import_module("trino.auth").BasicAuthentication(address.user, address.password)
    return client.connect(
        host=address.host,
        port=address.port or (443 if encrypted else 8080),
        user=address.user or "mailcheck",
        auth=auth if address.password else None,
        http_scheme="https" if encrypted else "http",
        catalog=address.part(0),
        schema=address.part(1),
        source="mailcheck",
        timezone="UTC",
    )


def _redshift(client: Client, address: Address) -> Connection:
    return client.connect(
        host=address.host,
        port=address.port or 5439,
        database=address.part(0),
        user=address.user,
        password=address.password,
        application_name="mailcheck",
        **address.options,
    )


def _databricks(client: Client, address: Address) -> Connection:
    return client.connect(
        server_hostname=address.host,
        http_path=address.options["http_path"],
        access_token=address.password or None,
        catalog=address.part(0),
        schema=address.part(1),
        session_configuration={"ansi_mode": "true", "timezone": "UTC"},
    )


_SNOWFLAKE_OPTIONS = ("warehouse", "role", "authenticator", "token", "private_key_file", "private_key_file_pwd")

_KINDS = {
    "bigquery": _Kind(
        "BigQuery", BIGQUERY, "google.cloud.bigquery.dbapi", "bigquery", "bigquery://project/dataset?location=EU",
        _bigquery, ("location", "credentials_path"), sent=_percents_twice,
    ),
    "snowflake": _Kind(
        "Snowflake", SNOWFLAKE, "snowflake.connector", "snowflake",
        "snowflake://user:password@account/database/schema?warehouse=name", _snowflake, _SNOWFLAKE_OPTIONS,
    ),
    "trino": _Kind("Trino", TRINO, "trino.dbapi", "trino", "trino://user:password@host:443/catalog/schema", _trino),
    "redshift": _Kind(
        "Redshift", REDSHIFT, "redshift_connector", "redshift", "redshift://user:password@host:5439/database",
        _redshift, ("sslmode",), cursor=_numeric,
    ),
    "databricks": _Kind(
        "Databricks", DATABRICKS, "databricks.sql", "databricks",
        "databricks://token:secret@host/catalog/schema?http_path=/sql/1.0/warehouses/id", _databricks,
        ("http_path",), ("http_path",),
    ),
}  # fmt: skip
