"""Standard output and standard error, and what can go wrong with them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from mailcheck.masking import mask_addresses


class CouldNotWrite(Exception):  # noqa: N818 - it reads as CouldNotStart does
    """A result that exists could not be delivered; the text says which and why."""


def out(text: str, *, exact: bool = False) -> None:
    """Write to standard output.

    A reader that went away (`| head`) is no error.

    Args:
        exact: UTF-8 whatever the locale says, line ends untouched: for programs.

    Raises:
        CouldNotWrite: standard output is closed, or its disk is full.
    """
    stream = sys.stdout
    try:
        stream.flush()
        buffer = getattr(stream, "buffer", None)
        if exact and buffer is not None:
            buffer.write(text.encode("utf-8", "replace"))
        else:
            encoding = stream.encoding or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _to_nowhere(stream)
    except (OSError, ValueError, AttributeError) as error:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            _to_nowhere(stream)
        reason = getattr(error, "strerror", None) or "it is closed"
        raise CouldNotWrite(f"standard output cannot be written ({reason}); send it to a file") from None


def _to_nowhere(stream: TextIO) -> None:
    """What is still buffered would fail again when Python ends, and change the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def reader_is_gone() -> bool:
    """Whether click met a closed pipe: it then wraps standard output before it exits."""
    return hasattr(sys.stdout, "wrapped")


def say(sentence: str) -> None:
    """Tell the person at the terminal one sentence, on standard error; addresses are masked."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"mailcheck: {readable(sentence)}\n")
        sys.stderr.flush()


def readable(text: str) -> str:
    """The text on one line, without addresses and without anything that steers a terminal."""
    line = mask_addresses(" ".join(text.split()))
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in line)


def described(error: BaseException) -> str:
    """An exception in one line: type, text, and the deepest place in mailcheck."""
    place = ""
    frame = error.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if "mailcheck" in file:
            place = f" ({file}:{frame.tb_lineno})"
        frame = frame.tb_next
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"


def traceback(error: BaseException) -> None:
    """The whole traceback on standard error, for those who asked for it."""
    import traceback as tracebacks

    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(mask_addresses("".join(tracebacks.format_exception(error))))


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """What rules and plug-ins print goes to standard error: standard output belongs to the report."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def wants_colour(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to this stream; `choice` is that of `--color`."""
    if choice != "auto":
        return choice == "always"
    from mailcheck.reporters import wants_colour as detected

    return detected(stream, os.environ)


def columns(rows: Sequence[Sequence[str]], *, width: int = 0, gap: int = 2) -> str:
    """Rows as aligned columns; the last one is cut at `width`, when there is one."""
    if not rows:
        return ""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row, widths, strict=False)]
        line = (" " * gap).join([*cells, row[-1]]).rstrip()
        lines.append(line if not width or len(line) <= width else line[: width - 1] + "…")
    return "\n".join(lines) + "\n"


def width_of(stream: TextIO) -> int:
    """Cells of a terminal line; 0 when this is no terminal."""
    import shutil

    return shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 0
