"""What the values of mailcheck have in common beyond `msgspec.Struct`."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct


class Brief(Struct, frozen=True):
    """A value that does not show all of itself in its `repr`: what is long, or nobody's business, is left out."""

    unshown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in self.unshown)
        return f"{type(self).__name__}({', '.join(shown)})"
