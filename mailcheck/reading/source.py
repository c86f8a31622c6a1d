"""What every reader is given, what it gives back, and how it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from mailcheck.campaign import Campaign, Fault, Message
from mailcheck.reading.limits import LIMITS, Limits
from mailcheck.values import Brief


class ReadingError(ValueError):
    """An input that cannot be judged at all; the text is one sentence with file and line.

    Args:
        message: what is wrong and what to do.
        path: the file, as the user named it.
        line: from 1.
    """

    def __init__(self, message: str, path: str = "", line: int | None = None) -> None:
        self.message = message
        self.path = path
        self.line = line
        place = path if line is None else f"{path or 'campaign'}:{line}"
        super().__init__(f"{place}: {message}" if place else message)


class OverLimit(Exception):  # noqa: N818 - it says what is the matter
    """An input over one of the limits; the text says which, as the message of a fault."""


class Source(Brief, frozen=True):
    """One input, read into memory.

    Args:
        path: the file as the user named it; `-` for standard input, empty for none.
        data: its bytes.
        folder: where files that the input names (includes, message files) may be; `None` when it may
            name none.
        limits: bounds that the reader keeps.
    """

    unshown: ClassVar[tuple[str, ...]] = ("data",)

    path: str
    data: bytes
    folder: Path | None = None
    limits: Limits = LIMITS


class Reader(Struct, frozen=True):
    """One way to turn bytes into a campaign. Plug-ins give theirs by the hook `mailcheck_readers`.

    Args:
        name: stands in `Campaign.reader`.
        matches: whether this reader is for an input, from its path and its first 4,096 bytes.
        read: makes the campaign. Raises `ReadingError` when there is nothing to judge; what is wrong
            within a readable input becomes `Campaign.faults`.
        suffixes: endings, with the dot and in lower case, of the files that are picked up from a folder.
    """

    name: str
    matches: Callable[[str, bytes], bool]
    read: Callable[[Source], Campaign]
    suffixes: tuple[str, ...] = ()


def load(path: Path, name: str, limits: Limits) -> bytes:
    """The bytes of a file, of which never more than the limit are read.

    Raises:
        ReadingError: there is no such file, or it may not be read.
        OverLimit: it is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limits.bytes + 1)
    except FileNotFoundError:
        raise ReadingError("there is no such file; check the path", name) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReadingError(f"the file cannot be read ({reason}); check the path and its permissions", name) from None
    check_size(data, limits)
    return data


def load_found(path: Path, name: str, limits: Limits) -> bytes:
    """`load` for a file that nobody named on purpose: a pipe or a device could keep the reader waiting for ever."""
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "a pipe or a device"
        raise ReadingError(f"this is {what}, not a file; name a file", name)
    return load(path, name, limits)


def check_size(data: bytes, limits: Limits) -> None:
    """Raise `OverLimit` when there are more bytes than the limit allows."""
    if len(data) > limits.bytes:
        raise OverLimit(
            f"The input is larger than the limit of {limits.bytes:,} bytes, so it was not checked; make it smaller."
        )


def inside(folder: Path, name: str) -> Path | None:
    """The file `name` of a folder, links resolved, or `None` when that leads out of the folder."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError):
        return None


def unread(path: str, reader: str, name: str, message: str) -> Campaign:
    """A campaign of which nothing could be read: a blocking fault and an empty message."""
    return Campaign(message=Message(), path=path, reader=reader, faults=(Fault(name, message),))
