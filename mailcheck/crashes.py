"""Exceptions of plug-ins, told in one line with the place in the plug-in's own file."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from mailcheck.masking import mask_addresses

TEXT_LENGTH = 300


def describe(error: BaseException, function: Callable[..., object] | None = None) -> str:
    """Type, text and place of an exception.

    Args:
        error: what was raised.
        function: the rule, fact or hook that was called; the deepest line in its file is the place.
    """
    text = mask_addresses(" ".join(said(error).split())) or "no message"
    place = _place(error, function)
    return f"{type(error).__name__}: {text[:TEXT_LENGTH]}{f' ({place})' if place else ''}"


def shown(value: object, length: int = 60) -> str:
    """The beginning of a value's `repr`; masked before it is cut, for half an address is one, too."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - it is somebody's own __repr__
        text = f"<{type(value).__name__}>"
    return mask_addresses(text)[:length]


def said(error: BaseException) -> str:
    """The text of an exception; empty when even that fails."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - its own __str__ may be broken
        return ""


def line_of(generator: object) -> int:
    """The line at which a generator waits, or 0."""
    frame = getattr(generator, "gi_frame", None) or getattr(generator, "ag_frame", None)
    return int(frame.f_lineno) if frame is not None else 0


def _place(error: BaseException, function: Callable[..., object] | None) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = _frames(error)
    code = getattr(function, "__code__", None)
    if code is not None:
        own = [frame for frame in (*_frames(error.__cause__), *frames) if frame[0] == code.co_filename]
        file, line = own[-1] if own else (code.co_filename, code.co_firstlineno)
        return f"{file}:{line}"
    if not frames or "importlib" in frames[-1][0]:
        return ""
    return "{}:{}".format(*frames[-1])


def _frames(error: BaseException | None) -> list[tuple[str, int]]:
    """File and line of every call, the deepest last."""
    walk = traceback.walk_tb(error.__traceback__) if error is not None else ()
    return [(frame.f_code.co_filename, line) for frame, line in walk]
