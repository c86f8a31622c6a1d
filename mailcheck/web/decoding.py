"""Compressed bodies, unpacked no further than was asked for: a bomb costs what an honest page costs."""

from __future__ import annotations

import zlib
from typing import Protocol


class Decoder(Protocol):
    """Takes a body piece by piece."""

    def decode(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes of what the data stands for.

        Raises:
            UndecodableError: it is not what the server says.
        """
        ...


class UndecodableError(ValueError):
    """A body that is not compressed in the way its headers say, or in one that is not known."""


class Plain:
    """No compression."""

    def decode(self, data: bytes, room: int) -> bytes:
        return data[:room]


class Zlib:
    """gzip, zlib and the bare deflate that some servers send for it."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=47)
        self._first = True

    def decode(self, data: bytes, room: int) -> bytes:
        if self._unpacker.eof or not room:
            return b""
        try:
            unpacked = self._unpacker.decompress(data, room)
        except zlib.error as error:
            if not self._first:
                raise UndecodableError(str(error)) from None
            unpacked = self._bare(data, room)
        self._first = False
        return unpacked

    def _bare(self, data: bytes, room: int) -> bytes:
        self._unpacker = zlib.decompressobj(wbits=-15)
        try:
            return self._unpacker.decompress(data, room)
        except zlib.error as error:
            raise UndecodableError(str(error)) from None


class Unknown:
    """A compression that we did not ask for and cannot undo."""

    def decode(self, data: bytes, room: int) -> bytes:
        raise UndecodableError(f"{len(data)} bytes, {room} wanted")


def decoder(encoding: str) -> Decoder:
    """The decoder for a `Content-Encoding`; we ask for none, and get some all the same."""
    name = encoding.strip().lower()
    if name in ("", "identity", "none", "utf-8"):
        return Plain()
    return Zlib() if name in ("gzip", "x-gzip", "deflate") else Unknown()
