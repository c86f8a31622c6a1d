"""The server of `web_speed.py`: forty loopback hosts, one port, pages, images, redirects and dead links.

    python tests/benchmarks/web_server.py PORT LOW HIGH

Answers after LOW to HIGH milliseconds, the same for the same URL. The path says what comes:
`/page/1 /image/1 /picture/1 /moved/1 /far/1 /gone/1 /big/1 /busy/1 /failing/1`.
"""

from __future__ import annotations

import asyncio
import random
import struct
import sys
import zlib

HOSTS = [f"127.0.0.{number}" for number in range(1, 41)]
PAGE = (b"<!doctype html><html><head><title>Our spring lamps</title></head><body>" + b"<p>Oak and brass.</p>" * 400)[
    :8500
]


def png(width: int, height: int) -> bytes:
    """Grey noise, which nothing makes smaller: a byte a pixel."""
    noise = random.Random(1)
    rows = b"".join(b"\0" + noise.randbytes(width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in pieces
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


IMAGE, PICTURE = png(900, 620), png(300, 200)
BIG = b"<title>Big</title>" + b"word " * 10_000_000


def answer(path: str) -> tuple[bytes, bytes]:
    """Head and body for a path."""
    _, kind, number = path.split("/", 2)
    if kind in ("moved", "far"):
        left = int(number.partition("-")[2] or (2 if kind == "far" else 0))
        plain = number.partition("-")[0]
        to = f"/far/{plain}-{left - 1}" if left else f"/page/{plain}"
        return f"HTTP/1.1 301 Moved Permanently\r\nLocation: {to}\r\nContent-Length: 0\r\n".encode(), b""
    status = {"gone": "404 Not Found", "busy": "429 Too Many Requests", "failing": "500 Internal Server Error"}
    body = {"image": IMAGE, "picture": PICTURE, "big": BIG}.get(kind, PAGE)
    content = "image/png" if kind in ("image", "picture") else "text/html"
    head = f"HTTP/1.1 {status.get(kind, '200 OK')}\r\nContent-Type: {content}\r\nContent-Length: {len(body)}\r\n"
    return head.encode(), body


class Serving(asyncio.Protocol):
    """Reads requests without bodies, one after another."""

    low, high = 0.0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # of a TCP server
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            host = self.transport.get_extra_info("sockname")[0]
            share = zlib.crc32(f"{host}{path}".encode()) % 1000 / 1000
            delay = self.low + share * (self.high - self.low)
            if delay:
                asyncio.get_running_loop().call_later(delay, self.reply, method, path)
            else:
                self.reply(method, path)

    def reply(self, method: str, path: str) -> None:
        if self.transport.is_closing():
            return
        head, body = answer(path)
        self.transport.write(head + b"\r\n" + (b"" if method == "HEAD" else body))


async def main(port: int, low: float, high: float) -> None:
    Serving.low, Serving.high = low / 1000, high / 1000
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Serving, HOSTS, port, backlog=1024)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
