"""A web server on loopback that does whatever real servers have been seen to do, and worse."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from loopback import OnLoopback

Write = Callable[[bytes], Awaitable[None]]
Act = Callable[["Asked", Write], Awaitable[None]]
Behaviour = bytes | Act


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as it came."""

    path: str
    head: str

    def header(self, name: str) -> str:
        lines = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return next((value.strip() for known, _, value in lines if known.lower() == name.lower()), "")


@dataclass
class Server(OnLoopback):
    """Answers on loopback until it is left. `behaviours` maps paths to raw answers; `requests` is what came.

    Args:
        behaviours: by path, without the query; the longest prefix that ends in `/*` serves the rest.
        context: for TLS.
        host: the address to listen on.
    """

    behaviours: Mapping[str, Behaviour]
    context: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    requests: list[Asked] = field(default_factory=list)
    sent: int = 0
    connections: int = 0
    open: int = 0
    most_open: int = 0

    @property
    def place(self) -> str:
        """Host and port, as `allow` wants them."""
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http{'s' if self.context else ''}://{self.place}{path}"

    def paths(self) -> list[str]:
        return [one.path for one in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)

        async def write(data: bytes) -> None:
            writer.write(data.replace(b"PORT", str(self.port).encode()) if len(data) < 5000 else data)
            await writer.drain()
            self.sent += len(data)

        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                asked = Asked(head.split(" ")[1], head)
                self.requests.append(asked)
                behaviour = self._behaviour(asked.path.partition("?")[0])
                if isinstance(behaviour, bytes):
                    await write(behaviour)
                elif behaviour is reset:
                    sock: socket.socket = writer.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    await behaviour(asked, write)
        finally:
            self.open -= 1
            writer.transport.abort() if self.context else writer.close()

    def _behaviour(self, path: str) -> Behaviour:
        if path in self.behaviours:
            return self.behaviours[path]
        fitting = [known for known in self.behaviours if known.endswith("/*") and path.startswith(known[:-1])]
        return self.behaviours[max(fitting, key=len)] if fitting else reply(404)


def reply(status: int | str, body: bytes | str = b"", *headers: str) -> bytes:
    """A well-formed answer; HTML unless a header says otherwise."""
    data = body.encode() if isinstance(body, str) else body
    fields = [*headers]
    if not any(one.lower().startswith("content-type") for one in fields):
        fields.append("Content-Type: text/html; charset=utf-8")
    if not any(one.lower().startswith(("content-length", "transfer-encoding")) for one in fields):
        fields.append(f"Content-Length: {len(data)}")
    reason = "" if isinstance(status, str) else " Said"
    lines = [f"HTTP/1.1 {status}{reason}", *fields, "", ""]
    return "\r\n".join(lines).encode() + data


def redirect(to: str, status: int = 302, *headers: str) -> bytes:
    return reply(status, "", f"Location: {to}", *headers)


def page(title: str, body: str = "<p>Welcome to our spring collection.</p>", **more: int) -> bytes:
    return reply(
        more.get("status", 200), f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body>"
    )


async def reset(asked: Asked, write: Write) -> None:
    """Close with a reset; the server does it."""


async def hang(asked: Asked, write: Write) -> None:
    await asyncio.sleep(3600)


async def hang_in_head(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await asyncio.sleep(3600)


async def hang_in_body(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<title>Spring</title>")
    await asyncio.sleep(3600)


async def drip_head(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\n")
    while True:
        await write(b"X-A: b\r\n")
        await asyncio.sleep(0.02)


async def drip_body(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Spring</title>")
    while True:
        await write(b"x")
        await asyncio.sleep(0.02)


async def flood_of_headers(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\n")
    line = b"".join(b"X-Filler-%d: %s\r\n" % (number, b"y" * 100) for number in range(500))
    while True:
        await write(line)


async def flood_of_hints(asked: Asked, write: Write) -> None:
    while True:
        await write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)


async def endless_line(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        await write(b"y" * 10_000)


async def endless_body(asked: Asked, write: Write) -> None:
    await write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        await write(b"word " * 2000)


async def endless_nothing(asked: Asked, write: Write) -> None:
    """gzip of empty blocks: bytes come for ever, and no text."""
    await write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3")
    while True:
        await write(b"\0\0\0\xff\xff" * 2000)


async def endless_chain(asked: Asked, write: Write) -> None:
    number = int(asked.path.rpartition("/")[2] or 0)
    await write(redirect(f"/endless/{number + 1}"))


async def cookie_gate(asked: Asked, write: Write) -> None:
    if "seen=yes" in asked.header("Cookie"):
        await write(page("Spring"))
    else:
        await write(redirect(asked.path, 302, "Set-Cookie: seen=yes; Path=/; HttpOnly", "Set-Cookie: b\u00e4d=1"))


async def new_cookie_for_ever(asked: Asked, write: Write) -> None:
    count = len(asked.header("Cookie")) + 1
    await write(redirect(asked.path, 302, f"Set-Cookie: n={'x' * count}"))


def bomb(mebibytes: int = 256) -> bytes:
    """That much nothing, in a few hundred kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(bytes(2**20)) for _ in range(mebibytes)]
    return b"".join(parts) + packer.flush()


def deflated(text: str) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text.encode()) + packer.flush()


HTML = "<html><head><title>Spring</title></head><body>Hello</body></html>"
LONG = "<p>" + "This page speaks of many things. " * 150 + "</p>"
WORDS = "<p>Our new lamps are made of oak and brass, and there is one for every desk.</p>"
GZIP = "Content-Encoding: gzip"
PLAIN = b"Content-Type: text/html\r\n\r\n"

# Path: the answer, the state, the reason.
CASES: dict[str, tuple[Behaviour, str, str]] = {
    "/": (page("Spring"), "ok", "status"),
    # answers that a browser understands
    "/no-reason": (reply("200", HTML), "ok", "status"),
    "/999-no-reason": (reply("999", ""), "unverifiable", "bot-wall"),
    "/bad-header-name": (b"HTTP/1.1 200 OK\r\nBad Name: x\r\nB\xc3\xa4d: y\r\n" + PLAIN + b"hi", "ok", "status"),
    "/no-colon": (b"HTTP/1.1 200 OK\r\nThis is no header\r\n" + PLAIN + b"hi", "ok", "status"),
    "/nul-in-header": (b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\n" + PLAIN + b"hi", "ok", "status"),
    "/latin-1-header": (b"HTTP/1.1 200 OK\r\nX-A: caf\xe9\r\n" + PLAIN + b"hi", "ok", "status"),
    "/folded": (b"HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\n\tc\r\n" + PLAIN + b"hi", "ok", "status"),
    "/12-kb-header": (reply(200, HTML, "X-A: " + "y" * 12_000), "ok", "status"),
    "/120-kb-header": (reply(200, HTML, "X-A: " + "y" * 120_000), "ok", "status"),
    "/300-headers": (reply(200, HTML, *(f"X-{number}: y" for number in range(300))), "ok", "status"),
    "/lf-only": (b"HTTP/1.1 200 OK\nContent-Type: text/html\n\nhi", "ok", "status"),
    "/http-1.0": (b"HTTP/1.0 200 OK\r\n" + PLAIN + b"hi", "ok", "status"),
    "/http-2-line": (b"HTTP/2 200\r\n" + PLAIN + b"hi", "ok", "status"),
    "/blank-lines-first": (b"\r\n\r\nHTTP/1.1 200 OK\r\n" + PLAIN + b"hi", "ok", "status"),
    "/early-hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + reply(200, HTML), "ok", "status"),
    "/continue": (b"HTTP/1.1 100 Continue\r\n\r\n" + reply(404), "broken", "status"),
    "/malformed-hints": (b"HTTP/1.1 103 X\r\nB d: 1\r\n\r\nHTTP/1.1 404 No\r\nB d: 1\r\n\r\n", "broken", "status"),
    "/204-body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "ok", "status"),
    "/empty-page": (reply(200), "ok", "status"),
    "/no-type": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "ok", "status"),
    "/binary-no-type": (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(range(256)) * 20, "ok", "status"),
    "/odd-charset": (reply(200, HTML, "Content-Type: text/html; charset=klingon"), "ok", "status"),
    "/utf-16": (reply(200, HTML.encode("utf-16"), "Content-Type: text/html; charset=utf-16"), "ok", "status"),
    # wrong lengths
    "/length-too-long": (reply(200, HTML, "Content-Length: 5000"), "ok", "status"),
    "/length-too-short": (reply(200, HTML, "Content-Length: 3"), "ok", "status"),
    "/length-twice": (reply(200, HTML, "Content-Length: 3", "Content-Length: 4"), "ok", "status"),
    "/length-negative": (reply(200, HTML, "Content-Length: -3"), "ok", "status"),
    "/length-and-chunks": (
        reply(200, "3\r\nabc\r\n0\r\n\r\n", "Content-Length: 7", "Transfer-Encoding: chunked"),
        "ok",
        "status",
    ),
    "/bad-chunk": (reply(200, "zz\r\nabc", "Transfer-Encoding: chunked"), "ok", "status"),
    "/chunks-cut": (reply(200, "ff\r\nabc", "Transfer-Encoding: chunked"), "ok", "status"),
    "/huge-chunk-size": (reply(200, "f" * 40 + "\r\nabc", "Transfer-Encoding: chunked"), "ok", "status"),
    "/unknown-transfer": (reply(200, "abc", "Transfer-Encoding: gzip"), "ok", "status"),
    # compression
    "/gzip": (reply(200, gzip.compress(HTML.encode()), GZIP), "ok", "status"),
    "/gzip-404": (reply(200, gzip.compress(b"<title>Page not found</title>"), GZIP), "suspect", "soft-404"),
    "/deflate": (reply(200, zlib.compress(HTML.encode()), "Content-Encoding: deflate"), "ok", "status"),
    "/bare-deflate": (reply(200, deflated(HTML), "Content-Encoding: deflate"), "ok", "status"),
    "/not-gzip": (reply(200, HTML, GZIP), "ok", "status"),
    "/gzip-cut": (reply(200, gzip.compress(HTML.encode())[:20], GZIP), "ok", "status"),
    "/br": (reply(200, b"\x0b\x02\x80abc\x03", "Content-Encoding: br"), "ok", "status"),
    "/bomb": (reply(200, bomb(), GZIP), "ok", "status"),
    "/bomb-in-bomb": (reply(200, gzip.compress(bomb(64)), "Content-Encoding: gzip, gzip"), "ok", "status"),
    # no end
    "/header-flood": (flood_of_headers, "ok", "status"),
    "/hint-flood": (flood_of_hints, "suspect", "malformed"),
    "/endless-line": (endless_line, "ok", "status"),
    "/endless-body": (endless_body, "ok", "status"),
    "/endless-nothing": (endless_nothing, "ok", "status"),
    "/drip-body": (drip_body, "ok", "status"),
    "/hang-in-body": (hang_in_body, "ok", "status"),
    "/drip-head": (drip_head, "unverifiable", "timeout"),
    "/hang-in-head": (hang_in_head, "unverifiable", "timeout"),
    "/hang": (hang, "unverifiable", "timeout"),
    # no answer
    "/nothing": (b"", "broken", "reset"),
    "/blank": (b"\r\n\r\n", "broken", "reset"),
    "/reset": (reset, "broken", "reset"),
    "/garbage": (b"\x16\x03\x01\x02\x00hello", "suspect", "malformed"),
    "/ssh": (b"SSH-2.0-OpenSSH_9.2\r\n", "suspect", "malformed"),
    "/bare-html": (HTML.encode(), "suspect", "malformed"),
    "/status-0": (b"HTTP/1.1 000 No\r\n\r\n", "suspect", "status"),
    "/status-text": (b"HTTP/1.1 OK\r\n\r\n", "suspect", "malformed"),
    # redirects
    "/to-root-path": (redirect("/?from=mail"), "ok", "status"),
    "/to-relative": (redirect("no-reason"), "ok", "status"),
    "/to-absolute": (redirect("http://127.0.0.1:PORT/no-reason", 301), "ok", "status"),
    "/to-spaces": (redirect("  /no-reason?a b \t"), "ok", "status"),
    "/to-utf-8": (redirect("/no-reason?ü"), "ok", "status"),
    "/to-fragment": (redirect("/no-reason#top"), "ok", "status"),
    "/307": (redirect("/no-reason", 307), "ok", "status"),
    "/308": (redirect("/no-reason", 308), "ok", "status"),
    "/303": (redirect("/no-reason", 303), "ok", "status"),
    "/chain": (redirect("/chain-2"), "ok", "status"),
    "/chain-2": (redirect("/chain-3"), "ok", "status"),
    "/chain-3": (redirect("/no-reason"), "ok", "status"),
    "/to-404": (redirect("/gone-for-good"), "broken", "status"),
    "/loop": (redirect("/loop"), "broken", "redirect-loop"),
    "/ping": (redirect("/pong"), "broken", "redirect-loop"),
    "/pong": (redirect("/ping"), "broken", "redirect-loop"),
    "/endless/*": (endless_chain, "broken", "redirect-loop"),
    "/cookie-gate": (cookie_gate, "ok", "status"),
    "/cookies-for-ever": (new_cookie_for_ever, "broken", "redirect-loop"),
    "/no-location": (reply(302, "moved"), "suspect", "status"),
    "/empty-location": (reply(302, "moved", "Location: "), "suspect", "status"),
    "/two-locations": (reply(302, "", "Location: /no-reason", "Location: /loop"), "ok", "status"),
    "/to-file": (redirect("file:///etc/passwd"), "broken", "invalid-url"),
    "/to-script": (redirect("javascript:alert(1)"), "broken", "invalid-url"),
    "/to-userinfo": (redirect("http://a:b@shop.example/"), "broken", "userinfo"),
    "/to-ssh": (redirect("http://shop.example:22/"), "broken", "port"),
    "/to-metadata": (redirect("http://169.254.169.254/latest/"), "broken", "private-address"),
    "/to-mapped": (redirect("http://[::ffff:169.254.169.254]/"), "broken", "private-address"),
    "/to-dword": (redirect("http://2852039166/"), "broken", "invalid-url"),
    "/to-backslash": (redirect("http://shop.example\\@169.254.169.254/"), "suspect", "sloppy-url"),
    "/to-localhost": (redirect("http://localhost/"), "broken", "special-use-name"),
    "/to-loopback": (redirect("http://127.0.0.1:9/"), "broken", "port"),
    "/to-neighbour": (redirect("http://127.0.0.2:8080/"), "broken", "private-address"),
    "/to-network-path": (redirect("//169.254.169.254/"), "broken", "private-address"),
    # pages that say something else than their status
    "/soft-404": (page("Page not found | Shop", WORDS), "suspect", "soft-404"),
    "/soft-404-heading": (page("Shop", f"<h1>Seite nicht <b>gefunden</b></h1>{WORDS}"), "suspect", "soft-404"),
    "/soft-404-number": (page("404 - Shop", WORDS), "suspect", "soft-404"),
    "/soft-404-japanese": (page("ページが見つかりません", WORDS), "suspect", "soft-404"),
    "/soft-404-path": (redirect("/errors/404"), "suspect", "soft-404"),
    "/errors/404": (page("Shop", WORDS), "ok", "status"),
    "/long-article": (page("The history of the 404 page not found", LONG), "ok", "status"),
    "/peugeot": (page("Peugeot 404 for sale", WORDS), "ok", "status"),
    "/script-only": (page("Shop", "<script>var a = 'Page not found'</script><!-- Page not found -->"), "ok", "status"),
    "/products/lamp": (redirect("/"), "suspect", "home"),
    "/de/produkte/lampe": (redirect("/de/"), "suspect", "home"),
    "/de/": (page("Laden", WORDS), "ok", "status"),
    "/home": (redirect("/"), "ok", "status"),
    "/deals/members-only": (redirect("/login?returnUrl=/deals"), "suspect", "login"),
    "/login": (page("Log in", "<form></form>"), "ok", "status"),
    "/my/orders": (redirect("/login?returnUrl=/my/orders"), "ok", "status"),
    "/secret": (page("Sign in - Shop", "<form></form>"), "suspect", "login"),
    "/parked": (page("shop.example", "<p>This domain is for sale!</p>"), "suspect", "parked"),
    "/parked-twice": (
        page("shop.example", "<p>Buy this domain.</p><script src='//www.sedoparking.com/x.js'></script>"),
        "broken",
        "parked",
    ),
    # walls
    "/cf-challenge": (reply(403, "", "cf-mitigated: challenge"), "unverifiable", "bot-wall"),
    "/cf-challenge-200": (reply(200, "<script>window._cf_chl_opt={}</script>"), "unverifiable", "bot-wall"),
    "/anubis": (page("Making sure", '<script id="anubis_challenge">1</script>'), "unverifiable", "bot-wall"),
    "/datadome": (reply(403, "", "Set-Cookie: datadome=x"), "unverifiable", "bot-wall"),
    "/captcha": (page("Robot?", '<div class="g-recaptcha"></div>', status=405), "unverifiable", "bot-wall"),
    "/contact": (page("Contact", f'{WORDS}<div class="g-recaptcha"></div>'), "ok", "status"),
    "/wall-cookie": (reply(200, HTML, "Set-Cookie: _abck=x"), "ok", "status"),
    "/busy": (reply(429, "", "Retry-After: 0"), "unverifiable", "status"),
    "/busy-for-long": (reply(503, "", "Retry-After: 86400"), "unverifiable", "status"),
    "/busy-odd": (reply(429, "", "Retry-After: soon"), "unverifiable", "status"),
    "/busy-date": (reply(429, "", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"), "unverifiable", "status"),
}

STATUSES: dict[str, tuple[int, ...]] = {
    "ok": (200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 299),
    "broken": (404, 410, 500, 501, 502, 504, 505, 507, 508, 511, 520, 521, 522, 523, 525, 530, 598),
    "suspect": (
        300,
        301,
        302,
        303,
        304,
        305,
        307,
        308,
        400,
        401,
        407,
        409,
        411,
        413,
        414,
        416,
        421,
        422,
        431,
        444,
        499,
        600,
    ),
    "unverifiable": (402, 403, 405, 406, 408, 418, 425, 429, 451, 503, 999),
}
"""Bare statuses, with no sign of anything else."""


def behaviours() -> dict[str, Behaviour]:
    """Everything above, by path; bare statuses are at `/status/<number>`."""
    statuses = {f"/status/{number}": reply(number) for numbers in STATUSES.values() for number in numbers}
    return statuses | {path: case[0] for path, case in CASES.items()}
