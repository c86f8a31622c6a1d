"""Campaign parameters (`utm_source` …) as Google Analytics reads them: names and values in one case, in the query."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mailcheck.content.link_address import TAG, Parameter, Stretch
from mailcheck.content.links import Link

NAMES = (
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "utm_id",
    "utm_source_platform",
    "utm_creative_format",
    "utm_marketing_tactic",
)
SAME = ("utm_source", "utm_medium", "utm_campaign")
"""Those that say the same of every link of a mail."""

_OTHERS_KNOWN = frozenset(
    ("utm_name", "utm_reader", "utm_cid", "utm_brand", "utm_social", "utm_place", "utm_pubreferrer")
)


class Fault(Struct, frozen=True):
    """What is wrong with a campaign parameter; `instead` what belongs at `at`."""

    message: str
    at: Stretch
    code: str
    instead: str | None = None


def own(link: Link) -> dict[str, str]:
    """The campaign parameters of a link, the first of each name."""
    found: dict[str, str] = {}
    for parameter in link.address.parameters:
        name = parameter.name.lower()
        if name.startswith("utm_"):
            found.setdefault(name, parameter.value)
    return found


def faults(link: Link) -> Iterator[Fault]:
    """What is wrong with the campaign parameters of one link."""
    if link.scheme in ("mailto", "tel", "sms"):
        found = [one for one in link.address.parameters if one.name.lower().startswith("utm_")]
        if found:
            message = (
                f"Campaign parameters do nothing on a {link.scheme}: link, and may end up in the mail; delete them."
            )
            yield Fault(message, (found[0].start, found[-1].end), "contact")
        return
    yield from _behind_hash(link)
    seen: dict[str, Parameter] = {}
    for parameter in link.address.parameters:
        fault = _misspelt(parameter) or _empty(parameter)
        if fault is not None:
            yield fault
            continue
        name = parameter.name.lower()
        if name in NAMES and name in seen:
            yield _twice(parameter, seen[name])
        seen.setdefault(name, parameter)


def _behind_hash(link: Link) -> Iterator[Fault]:
    fragment = link.address.fragment
    if (
        fragment is None
        or "utm_" not in link.fragment.lower()
        or "utm_" in link.address.get(link.address.query).lower()
    ):
        return
    at = link.shape.lower().index("utm_", fragment[0])
    if link.shape[fragment[0] : at].count("/") == 0:
        message = "Campaign parameters behind “#” are not counted; put them in front of it."
        yield Fault(message, (at, fragment[1]), "behind_hash")


def _misspelt(parameter: Parameter) -> Fault | None:
    name = parameter.name
    if not name.lower().startswith(("utm", "amp;utm")) or TAG in name or name in NAMES or name in _OTHERS_KNOWN:
        return None
    at = (parameter.start, parameter.start + len(name))
    if name.lower() in NAMES:
        return Fault(f"“{name}” is not counted: these names are in lower case.", at, "case", name.lower())
    close = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), NAMES, n=1, cutoff=0.85)
    if not close or name.startswith("amp;") or "%" in name:
        return None
    return Fault(f"“{name}” is not counted; write “{close[0]}”.", at, "misspelt", close[0])


def _empty(parameter: Parameter) -> Fault | None:
    name = parameter.name.lower()
    if name in SAME and not parameter.value.strip():
        message = (
            f"“{parameter.name}” has no value, so these visits are counted under no name; fill it in or delete it."
        )
        return Fault(message, (parameter.start, parameter.end), "empty")
    return None


def _twice(parameter: Parameter, first: Parameter) -> Fault:
    same = parameter.value == first.value
    message = f"“{parameter.name}” stands twice in this link" + (
        "; delete one." if same else f", as “{first.value}” and as “{parameter.value}”; keep one."
    )
    at = (parameter.start - 1, parameter.end) if same else (parameter.start, parameter.end)
    return Fault(message.replace(TAG, "…"), at, "twice", "" if same else None)


class Differing(Struct, frozen=True):
    """One parameter that has several values in a mail.

    Args:
        name: of the parameter.
        counts: how many links have each value, the most frequent first.
        link: the first that has another than the most frequent value.
        at: where that value stands in it.
        only_case: the values differ in nothing but capitals and spaces.
    """

    name: str
    counts: tuple[tuple[str, int], ...]
    link: Link
    at: Stretch
    only_case: bool


def differing(links: Sequence[Link]) -> Iterator[Differing]:
    """The parameters that should be the same on every link of a mail, and are not."""
    for name in SAME:
        values = [(link, own(link)[name]) for link in links if own(link).get(name) and TAG not in own(link)[name]]
        counts = Counter(value for _, value in values)
        if len(counts) < 2:
            continue
        ranked = counts.most_common()
        folded = {_folded(value) for value in counts}
        if len(folded) == len(counts) and ranked[0][1] < 4 * (counts.total() - ranked[0][1]):
            continue  # no value is the rule, so several may be meant
        odd = next(link for link, value in values if value != ranked[0][0])
        place = next(one for one in odd.address.parameters if one.name.lower() == name)
        yield Differing(name, tuple(ranked), odd, (place.start, place.end), len(folded) < len(counts))


def _folded(value: str) -> str:
    return "".join(sign for sign in value.casefold() if sign.isalnum())
