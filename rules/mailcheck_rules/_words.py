"""What rules share: the model of their options, and the words of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Options of a rule; a misspelt name is refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `12,407 rows`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def of_all(number: int, total: int, noun: str = "recipients") -> str:
    """`12,407 of the 98,113 recipients`; `all 12 recipients`; `the only recipient`."""
    if number >= total:
        return (
            f"the only {noun.removesuffix('es' if noun.endswith('sses') else 's')}"
            if total == 1
            else f"all {total:,} {noun}"
        )
    return f"{number:,} of the {total:,} {noun}"


def begin(sentence: str) -> str:
    """A sentence with a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def percent(part: float, whole: float = 1.0) -> str:
    """`12.6 %`, `0.04 %`; what is not nothing is never shown as 0, and what is not all never as 100."""
    share = 100 * part / whole if whole else 0.0
    for digits in (1, 2, 3):
        text = f"{share:.{digits}f}"
        if (float(text) or not share) and (float(text) < 100 or share >= 100):
            return f"{text.removesuffix('.0')} %"
    return "almost none" if share < 1 else "almost all"


def such_as(examples: Sequence[str]) -> str:
    """`, such as k…a@g….com`, to stand in a sentence; nothing without an example."""
    return f", such as {' and '.join(examples[:2])}" if examples else ""


def listed(names: Iterable[str], most: int = 4) -> str:
    """`info, sales and 3 more`."""
    shown = list(names)
    rest = len(shown) - most
    if rest > 0:
        return f"{', '.join(shown[:most])} and {rest:,} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def is_are(number: int) -> str:
    return "is" if number == 1 else "are"


def has_have(number: int) -> str:
    return "has" if number == 1 else "have"
