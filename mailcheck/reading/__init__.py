"""Bytes → `Campaign`: HTML and MJML templates, plain texts, mails and manifests.

`read` is the door. What cannot be judged at all raises `ReadingError`; what is wrong within a readable
input stands in `Campaign.faults`. Nothing outside the named file or folder is read, and no network.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mailcheck.campaign import Campaign, Fault, Part, Stage
from mailcheck.reading.files import find
from mailcheck.reading.limits import LIMITS, Limits
from mailcheck.reading.readers import READERS
from mailcheck.reading.source import (
    OverLimit,
    Reader,
    ReadingError,
    Source,
    check_size,
    inside,
    load,
    load_found,
    unread,
)

__all__ = [
    "LIMITS",
    "Limits",
    "Reader",
    "ReadingError",
    "Source",
    "compile_mjml",
    "find",
    "from_mapping",
    "read",
    "read_each",
]

_HEAD = 4096


def read(  # noqa: PLR0913 - one door, and all but the path by name
    path: str | os.PathLike[str],
    *,
    data: bytes | None = None,
    stage: Stage | None = None,
    dialect: str | None = None,
    locales: Sequence[str] = (),
    limits: Limits = LIMITS,
    readers: Sequence[Reader] = (),
    exclude: Sequence[str] = (),
) -> list[Campaign]:
    """Read a file, every campaign of a folder, or standard input (`-`).

    Args:
        path: what to read; `find` says what a folder stands for.
        data: the content, when it is not to be read from `path`.
        stage, dialect, locales: what the caller knows; wins over what the input says.
        limits: bounds on the input.
        readers: readers of plug-ins; asked before the built-in ones.
        exclude: globs of files that are left out of folders.

    Raises:
        ReadingError: there is nothing to judge. Where a folder holds several campaigns, one that cannot be
            read does not raise, but becomes a campaign with the blocking fault `unreadable`.
    """
    name = os.fspath(path)
    paths = [name]
    if data is None and name != "-":
        suffixes = [suffix for reader in readers for suffix in reader.suffixes]
        paths = find(name, suffixes=suffixes, exclude=exclude)
    if paths == [name]:
        campaigns = [_read_one(name, data, limits, readers)]
    elif len(paths) == 1:
        campaigns = [_read_found(paths[0], Path(name), limits, readers)]
    else:
        campaigns = list(read_each(paths, within=name, limits=limits, readers=readers))
    return [
        replace(
            campaign,
            stage=stage or campaign.stage,
            dialect=dialect or campaign.dialect,
            locales=tuple(locales) or campaign.locales,
        )
        for campaign in campaigns
    ]


def read_each(
    paths: Iterable[str],
    *,
    within: str | os.PathLike[str] | None = None,
    limits: Limits = LIMITS,
    readers: Sequence[Reader] = (),
) -> Iterator[Campaign]:
    """Read the files that `find` found, one campaign each; a file that cannot be read is one with a fault.

    Args:
        within: the folder in which they were found; links that lead out of it are not followed.
    """
    folder = None if within is None else Path(within)
    for path in paths:
        try:
            yield _read_found(path, folder, limits, readers)
        except ReadingError as error:
            message = error.message if error.line is None else f"line {error.line}: {error.message}"
            yield unread(path, "", "unreadable", message[0].upper() + message[1:] + ".")


def from_mapping(
    mapping: Mapping[str, object], *, path: str = "", root: str | Path | None = None, limits: Limits = LIMITS
) -> Campaign:
    """The campaign of a Python mapping in the shape of `campaign.toml`.

    Args:
        mapping: `subject`, `html` and so on may stand at the top level instead of in `message`.
        path: what findings call it.
        root: folder of the files it names; without it, it may name none.
        limits: bounds on those files.

    Raises:
        ReadingError: an unknown key, a value of the wrong type, or a file that is not there.
    """
    from mailcheck.reading import manifest

    return manifest.from_mapping(mapping, path=path, root=root, limits=limits)


def compile_mjml(part: Part, *, limits: Limits = LIMITS) -> Part | Fault:
    """The HTML that a part of MJML source becomes, or why it becomes none (`compile`, `limit`).

    Args:
        part: the folder of its path is what `mj-include` may read from; without a path there is none.
        limits: bounds on included files and on the depth of elements.
    """
    from mailcheck.reading import mjml

    return mjml.compile_mjml(part, limits=limits)


def _read_found(path: str, within: Path | None, limits: Limits, readers: Sequence[Reader]) -> Campaign:
    if within is not None and inside(within, os.path.relpath(path, within)) is None:
        raise ReadingError("this is a link out of the folder; name the file itself to check it", path)
    data = None
    if within is not None:
        try:
            data = load_found(Path(path), path, limits)
        except OverLimit as error:
            return unread(path, "", "limit", str(error))
    return _read_one(path, data, limits, readers)


def _read_one(path: str, data: bytes | None, limits: Limits, readers: Sequence[Reader]) -> Campaign:
    folder = Path(path).absolute().parent if path not in {"", "-"} else None
    try:
        content = _content(path, data, limits)
    except OverLimit as error:
        return unread(path, "", "limit", str(error))
    return _judged_by(Source(path, content, folder, limits), (*readers, *READERS))


def _judged_by(source: Source, readers: Sequence[Reader]) -> Campaign:
    for reader in readers:
        try:
            if reader.matches(source.path, source.data[:_HEAD]):
                return reader.read(source)
        except ReadingError:
            raise
        except Exception as error:  # a reader may come from a plug-in, and must not end the run
            reason = f"the reader {reader.name} failed ({type(error).__name__}: {error}); report this to its authors"
            raise ReadingError(reason, source.path) from error
    raise ReadingError("no reader knows this kind of file; name a .html, .mjml or .eml file", source.path)


def _content(path: str, data: bytes | None, limits: Limits) -> bytes:
    if data is None and path != "-":
        return load(Path(path), path, limits)
    content = sys.stdin.buffer.read(limits.bytes + 1) if data is None else data
    check_size(content, limits)
    return content
