"""Certificates and connections: every fault has its name, and its verdict."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailcheck.urls import Address
from mailcheck.web.answers import Verdict
from mailcheck.web.client import Client
from mailcheck.web.policy import Policy
from nasty_server import Server, page, redirect

NOW = datetime.now(UTC)
HOST = "shop.example"


@dataclass
class Names:
    """A resolver that knows a few names."""

    known: Mapping[str, tuple[Address, ...]]
    asked: list[str] = field(default_factory=list)

    async def addresses(self, host: str) -> tuple[Address, ...]:
        self.asked.append(host)
        return self.known[host]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@contextmanager
def served(certificate: trustme.LeafCert | None, *, chain: bool = True, pem: Path | None = None) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if pem is not None:
        context.load_cert_chain(pem)
    elif certificate is not None:
        with certificate.private_key_pem.tempfile() as key:
            text = b"".join(blob.bytes() for blob in certificate.cert_chain_pems[: None if chain else 1])
            with trustme.Blob(text).tempfile() as certificates:
                context.load_cert_chain(certificates, key)
    with Server({"/": page("Spring"), "/moved": redirect("https://shop.example:PORT/")}, context) as server:
        yield server


def verdict(server: Server, ca_file: str, path: str = "/", *, scheme: str = "https", **policy: object) -> Verdict:
    return asyncio.run(client(server.port, ca_file, **policy).check(f"{scheme}://{HOST}:{server.port}{path}"))


def client(port: int, ca_file: str, **policy: object) -> Client:
    quick = {"timeout": 2.0, "backoff": (0.01,), "gap": 0.0, "allow": (f"{HOST}:{port}",), "ca_file": ca_file}
    return Client(Policy.of({**quick, **policy}), Names({HOST: (ip_address("127.0.0.1"),)}))


def greet(plain: socket.socket) -> None:
    """Answer in plain text whatever is said."""
    plain.settimeout(3)
    while True:
        try:
            connection, _ = plain.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_good_certificate(authority: trustme.CA, ca_file: str) -> None:
    with served(authority.issue_cert(HOST, not_after=NOW + timedelta(days=90))) as server:
        found = verdict(server, ca_file)
        assert (found.state, found.reason) == ("ok", "status")
        assert found.answer is not None
        assert found.answer.certificate_ends is not None
        assert abs(found.answer.certificate_ends - NOW - timedelta(days=90)) < timedelta(minutes=1)


def test_a_certificate_that_ends_soon(authority: trustme.CA, ca_file: str) -> None:
    with served(authority.issue_cert(HOST, not_after=NOW + timedelta(days=9))) as server:
        found = verdict(server, ca_file)
        assert (found.state, found.reason) == ("suspect", "certificate-ends")
        assert f"{NOW + timedelta(days=9):%Y-%m-%d}" in found.message
        assert verdict(server, ca_file, certificate_days=5).state == "ok"


def test_expired(authority: trustme.CA, ca_file: str) -> None:
    certificate = authority.issue_cert(HOST, not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=2))
    with served(certificate) as server:
        found = verdict(server, ca_file)
        assert (found.state, found.reason) == ("broken", "tls-expired")
        assert server.requests == []


def test_not_yet_valid(authority: trustme.CA, ca_file: str) -> None:
    certificate = authority.issue_cert(HOST, not_before=NOW + timedelta(days=2), not_after=NOW + timedelta(days=9))
    with served(certificate) as server:
        assert verdict(server, ca_file).reason == "tls-expired"


def test_another_host(authority: trustme.CA, ca_file: str) -> None:
    with served(authority.issue_cert("other.example")) as server:
        found = verdict(server, ca_file)
        assert (found.state, found.reason) == ("broken", "tls-host")


def test_a_missing_intermediate_is_only_suspect(authority: trustme.CA, ca_file: str) -> None:
    child = authority.create_child_ca()
    certificate = child.issue_cert(HOST)
    with served(certificate, chain=False) as server:
        found = verdict(server, ca_file)
        assert (found.state, found.reason) == ("suspect", "tls-incomplete-chain")
    with served(certificate) as server:
        assert verdict(server, ca_file).state == "ok"


def test_self_signed(tmp_path: Path, ca_file: str) -> None:
    with served(None, pem=self_signed(tmp_path / "own.pem")) as server:
        found = verdict(server, ca_file)
        assert (found.state, found.reason) == ("broken", "tls-self-signed")


def test_an_authority_that_nobody_knows_is_suspect(ca_file: str) -> None:
    with served(trustme.CA().issue_cert(HOST)) as server:
        assert verdict(server, ca_file).reason == "tls-incomplete-chain"


def test_no_tls_where_https_is_asked_and_the_other_way_round(authority: trustme.CA, ca_file: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        threading.Thread(target=greet, args=(plain,), daemon=True).start()
        port = plain.getsockname()[1]
        found = asyncio.run(client(port, ca_file).check(f"https://{HOST}:{port}/"))
        assert (found.state, found.reason) == ("suspect", "tls")
    with served(authority.issue_cert(HOST)) as server:
        assert verdict(server, ca_file, scheme="http").state in ("suspect", "broken")


def test_a_redirect_to_a_bad_certificate(authority: trustme.CA, ca_file: str) -> None:
    expired = authority.issue_cert(HOST, not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=2))
    with served(expired) as bad, Server({"/": redirect(f"https://{HOST}:{bad.port}/")}) as server:
        places = (f"{HOST}:{bad.port}", f"{HOST}:{server.port}")
        found = verdict(server, ca_file, scheme="http", allow=places)
        assert (found.state, found.reason) == ("broken", "tls-expired")
        assert found.answer is not None
        assert [hop.status for hop in found.answer.hops] == [302]


def test_headers_are_sent_to_their_host_over_https_only(authority: trustme.CA, ca_file: str) -> None:
    """Neither to where the host redirects, nor to itself without TLS."""
    hosts = {name: (ip_address("127.0.0.1"),) for name in (HOST, "other.example")}
    secret = {HOST: {"Authorization": "Basic c2VjcmV0"}}
    with (
        Server({"/*": page("Spring")}) as plain,
        served(authority.issue_cert("other.example")) as other,
        served(authority.issue_cert(HOST)) as server,
    ):
        server.behaviours = {
            "/plain": redirect(f"http://{HOST}:{plain.port}/over-http"),
            "/other": redirect(f"https://other.example:{other.port}/"),
            "/": page("Spring"),
        }
        allow = tuple(f"{name}:{one.port}" for name in hosts for one in (plain, other, server))
        made = Client(Policy(allow=allow, headers=secret, ca_file=ca_file), Names(hosts))

        async def ask() -> list[Verdict]:
            return [await made.check(f"https://{HOST}:{server.port}{path}") for path in ("/", "/plain", "/other")]

        assert {one.state for one in asyncio.run(ask())} == {"ok"}
        assert {one.header("Authorization") for one in server.requests} == {"Basic c2VjcmV0"}
        assert [one.path for one in (*plain.requests, *other.requests)] == ["/over-http", "/"]
        assert {one.header("Authorization") for one in (*plain.requests, *other.requests)} == {""}


def test_the_next_address_is_tried(ca_file: str) -> None:
    with Server({"/": page("Spring")}) as server:
        known = {HOST: (ip_address("127.0.0.2"), ip_address("127.0.0.1"))}
        made = Client(Policy(allow=(f"{HOST}:{server.port}",), backoff=(0.01,)), Names(known))
        assert asyncio.run(made.check(f"http://{HOST}:{server.port}/")).state == "ok"


def test_an_authority_file_that_cannot_be_read_is_said() -> None:
    import mailcheck

    settings = {"online": True, "web": {"ca_file": "not-there.pem"}, "profile": "send"}
    report = mailcheck.check({"html": "<p>Hi</p>", "subject": "Hi", "from": "a@shop.example"}, settings=settings)
    said = [one.message for one in report.of("engine/missing_input") if " web" in one.message]
    assert len(said) == 1
    assert "not-there.pem" in said[0]


def self_signed(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(encoding)
    )
    return path
