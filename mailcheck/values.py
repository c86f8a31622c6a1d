"""What the values of mailcheck have in common beyond `msgspec.Struct`."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct


class Brief(Struct, frozen=True):
    """A value that does not show all of itself in its `repr`: what is long, or nobody's business, is left out."""

    unshown: ClassVar[tuple[str, ...]] = ()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.unshown]

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({', '.join(shown)})"
