"""The files that servers send for the pictures of a message."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from mailcheck.content.image_files import ImageFile
from mailcheck.content.image_probe import probe
from mailcheck.web.answers import Answer


def file_of(answer: Answer) -> ImageFile | None:
    """The file in an answer; `None` when there is none, or it was packed in a way that we did not ask for."""
    if answer.failure is not None or not 200 <= answer.status < 300 or "undecodable" in answer.notes:
        return None
    found = probe(answer.body, whole=answer.ended in ("whole", "short"))
    # Bodies are kept only where something has to be decoded later on.
    content = answer.body if found.format == "gif" and found.frames > 1 else b""
    return ImageFile("web", _name(answer.url), answer.content_type, _size(answer), found, content)


def _name(url: str) -> str:
    parts = urlsplit(url)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2]) or (parts.hostname or url)
    return last if len(last) <= 60 else f"{last[:59]}…"


def _size(answer: Answer) -> int:
    """How large the file is: what came of it, or what the server said when we had enough."""
    said = answer.header("content-length").strip()
    if answer.ended in ("cut", "slow") and said.isascii() and said.isdigit() and len(said) < 15:
        return max(int(said), len(answer.body))
    return len(answer.body)
