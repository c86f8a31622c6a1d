"""Which files of a folder are campaigns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mailcheck.reading.source import ReadingError, inside

MANIFESTS = ("campaign.toml", "campaign.json")
SUFFIXES = (".eml", ".htm", ".html", ".mjml", ".xhtml")
_SKIPPED = {"node_modules", "__pycache__", "site-packages", "venv", "virtualenv"}


def find(path: str | os.PathLike[str], *, suffixes: Iterable[str] = (), exclude: Sequence[str] = ()) -> list[str]:
    """The inputs that a path stands for, in a stable order.

    A file stands for itself. A folder stands for the files in it, at any depth, that end in `.html`, `.htm`,
    `.mjml` or `.eml` (`.txt` files are read only when they are named), and a folder that holds `campaign.toml`
    or `campaign.json` for that one campaign. Hidden folders, virtual environments and `node_modules` are left
    out. Links to folders are not followed; one that leads out of the folder is itself given, as an input that cannot
    be read.

    Args:
        suffixes: further endings, those of plug-in readers.
        exclude: globs of files in folders that are left out; compared with the path as named, the path within
            the folder, and the name alone. `*` matches slashes too.

    Raises:
        ReadingError: a folder that cannot be read, or with nothing in it.
    """
    name = os.fspath(path)
    folder = Path(name)
    if not folder.is_dir():
        return [name]
    endings = (*SUFFIXES, *suffixes)
    every = list(_walk(folder, endings))
    found = [file for file in every if not _is_excluded(Path(file), folder, exclude)]
    if every and not found:
        raise ReadingError("every file of this folder is excluded; name files, or exclude less", name)
    if not found:
        raise ReadingError(f"there is nothing to check here; name files that end in {', '.join(endings)}", name)
    return found


def _walk(top: Path, endings: tuple[str, ...]) -> Iterator[str]:
    for folder, folders, files in os.walk(top, onerror=_refuse):
        manifests = [name for name in MANIFESTS if name in files]
        if len(manifests) > 1:
            raise ReadingError(f"there are both {' and '.join(manifests)}; keep one", folder)
        if manifests:
            folders.clear()
            yield str(Path(folder, manifests[0]))
            continue
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(folder, name)))
        # A link that leads out of the folder is told of; within it, the files are found without the link.
        yield from (str(Path(folder, name)) for name in folders if _leads_out(Path(folder, name), top))
        yield from (str(Path(folder, name)) for name in sorted(files) if name.lower().endswith(endings))


def _leads_out(link: Path, top: Path) -> bool:
    return link.is_symlink() and inside(top, os.path.relpath(link, top)) is None


def _is_excluded(file: Path, folder: Path, globs: Sequence[str]) -> bool:
    names = (file.as_posix(), file.relative_to(folder).as_posix(), file.name)
    return any(fnmatchcase(name, glob) for name in names for glob in globs)


def _is_skipped(folder: Path) -> bool:
    try:
        return folder.name.startswith(".") or folder.name in _SKIPPED or (folder / "pyvenv.cfg").is_file()
    except OSError:  # the walk will say that it cannot be read
        return False


def _refuse(error: OSError) -> None:
    raise ReadingError(f"the folder cannot be read ({error.strerror}); check its permissions", str(error.filename))
