"""Answers of a service, read field by field: whatever is not what it promises is an `EspError`, never a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from mailcheck.gate.model import EspError, demand_moment

NAME_LENGTH = 500
"""Characters of a name that are kept; the content of a mail is bounded by the size of the answer."""
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""What services that are written in Go say for no moment at all."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object of an answer.

    Args:
        source: who answered, for messages.
        values: the object.
        path: where in the answer it is, for messages.
    """

    source: str
    values: Mapping[str, object]
    path: str = ""

    @classmethod
    def of(cls, source: str, value: object, path: str = "") -> Fields:
        """An answer that has to be an object.

        Raises:
            EspError: it is none.
        """
        if not isinstance(value, dict):
            raise EspError(f"{source} answered with something else than {path or 'a JSON object'}; ask again later")
        return cls(source, cast("Mapping[str, object]", value), path)

    def text(self, name: str) -> str:
        """A text that has to be there; `null` counts as empty."""
        if name not in self.values:
            raise self.broken(name, "is missing")
        return self.maybe(name)

    def maybe(self, name: str) -> str:
        """A text, empty when it is not there."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.broken(name, "is no text")
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise self.broken(name, "holds what is no character")
        return value

    def name(self, name: str) -> str:
        """A name for people: one line, not too long."""
        return " ".join(self.maybe(name).split())[:NAME_LENGTH]

    def ident(self, name: str) -> str:
        """An id, which some services write as a number; empty when it is not there."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.maybe(name)

    def count(self, name: str) -> int | None:
        """A number of people or things; `None` when it is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**12:
            raise self.broken(name, "is no number of people")
        return value

    def flag(self, name: str) -> bool:
        """Whether something holds; false when it is not there."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.broken(name, "is neither true nor false")
        return bool(value)

    def moment(self, name: str, *, utc: bool = False) -> datetime | None:
        """A moment with its offset, in UTC and whole seconds, as all services can be told; `None` when it is not there.

        Args:
            utc: whether the service means UTC where it writes no offset.
        """
        text = self.maybe(name).strip()
        if not text:
            return None
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            raise self.broken(name, "is no moment") from None
        if when.tzinfo is None:
            if not utc:
                raise self.broken(name, "has no offset")
            when = when.replace(tzinfo=UTC)
        if when == _NEVER:
            return None
        try:
            demand_moment(when)
        except ValueError:
            raise self.broken(name, "is no moment at which anything is sent") from None
        return when.astimezone(UTC).replace(microsecond=0)

    def inner(self, name: str) -> Fields:
        """An object that has to be there."""
        return Fields.of(self.source, self.values.get(name), self._at(name))

    def maybe_inner(self, name: str) -> Fields:
        """An object; one without fields when it is not there."""
        if self.values.get(name) is None:
            return Fields(self.source, {}, self._at(name))
        return self.inner(name)

    def items(self, name: str) -> list[Fields]:
        """The objects of a list that has to be there; `null` counts as empty."""
        if name not in self.values:
            raise self.broken(name, "is missing")
        return [Fields.of(self.source, one, f"{self._at(name)}[{at}]") for at, one in enumerate(self._list(name))]

    def idents(self, name: str) -> list[str]:
        """The ids of a list, which some services write as numbers; empty when it is not there."""
        return [
            Fields(self.source, {"id": one}, f"{self._at(name)}[{at}]").ident("id")
            for at, one in enumerate(self._list(name))
        ]

    def _list(self, name: str) -> Sequence[object]:
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.broken(name, "is no list")
        return cast("list[object]", value)

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def broken(self, name: str, what: str) -> EspError:
        """The error that says what is wrong with a field."""
        return EspError(f"{self.source} answered in a way that is not understood: {self._at(name)} {what}")
