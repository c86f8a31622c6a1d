"""Text files that are changed and stay what they are: encoding, byte order mark, line ends, mode."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import ClassVar

from mailcheck import atomic
from mailcheck.reading.charset import decode_template
from mailcheck.values import Brief

_MARKED = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
)


class CannotRewrite(Exception):  # noqa: N818 - it reads as CouldNotStart does
    """A file that cannot be changed faithfully; the text is a clause that says why and what to do."""


class TextFile(Brief, frozen=True):
    """A file as text, and the way back to its bytes."""

    unshown: ClassVar[tuple[str, ...]] = ("data", "text")

    path: Path
    data: bytes
    text: str
    mark: bytes
    codec: str

    @classmethod
    def read(cls, path: Path) -> TextFile:
        """Read a template file as `mailcheck.reading` does.

        Raises:
            CannotRewrite: it cannot be read, or its text does not lead back to the same bytes.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CannotRewrite(f"it cannot be read ({error.strerror})") from None
        decoded = decode_template(data)
        for mark, codec in ((b"", decoded.codec), *_MARKED):
            if data.startswith(mark) and _encoded(decoded.text, codec, mark) == data:
                return cls(path, data, decoded.text, mark, codec)
        raise CannotRewrite("its bytes and its stated charset do not agree; save it as UTF-8 first")

    def with_text(self, text: str) -> bytes:
        """The bytes of another text in the same encoding.

        Raises:
            CannotRewrite: the encoding has no such character.
        """
        data = _encoded(text, self.codec, self.mark)
        if data is None:
            raise CannotRewrite(f"{self.codec} has not all characters of the fix; save it as UTF-8 first")
        return data

    def write(self, text: str) -> None:
        """Write another text into the file, whole or not at all.

        Raises:
            CannotRewrite: it may not be written, or somebody changed it meanwhile.
        """
        data = self.with_text(text)
        if not os.access(self.path, os.W_OK):
            raise CannotRewrite("it is write-protected")
        try:
            if self.path.read_bytes() != self.data:
                raise CannotRewrite("it was changed meanwhile; run this again")
            atomic.write(self.path, data)
        except OSError as error:
            raise CannotRewrite(f"it cannot be written ({error.strerror})") from None


def _encoded(text: str, codec: str, mark: bytes) -> bytes | None:
    try:
        return mark + text.encode(codec)
    except UnicodeError:
        return None
