"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    The bytes go to a new file beside the old one, which then takes its name. The mode of an existing file is
    kept, and a link stays a link. What is no plain file (`/dev/stdout`, a pipe) is written directly.

    Raises:
        OSError: it cannot be written; an existing file is as it was.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


@contextlib.contextmanager
def private(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """A new file for its owner only, to be written at leisure; it takes its name when the block ends well.

    Args:
        path: the name; what a link points to stays as it is.
        replace: whether a file of that name may go.

    Yields:
        the empty file to write to, in the same folder.

    Raises:
        FileExistsError: there is a file of that name already, and it is not to be replaced.
        OSError: it cannot be written; nothing is left of it.
    """
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.part")
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            # Unlike a renaming, this fails when somebody made the file meanwhile.
            path.hardlink_to(temporary)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
