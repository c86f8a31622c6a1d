"""Families that are several: levels with a clear gap between them, and the label that tells them apart.

A family that goes to 8,000 people on Tuesdays and to 45,000 on Thursdays has no usual number of recipients. Two levels
are told from noise by the gap between them, seen against the spread inside them; each needs two sends, so that one
accident is not a level.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from msgspec import Struct

from mailcheck.history.baseline_fit import Setting

Label = Literal["kind", "segment", "weekday"]
LABELS: tuple[Label, ...] = ("segment", "kind", "weekday")

# A gap between two levels is at least half as much again, and so many spreads of the sends on its sides.
_GAP = math.log(1.5)
_SPREADS = 4.5
# Or the two levels explain all but so much of the differences. Among families of eight sends with a noise of 25 %
# chance does so twice in a hundred.
_UNEXPLAINED = 0.16
_APART = math.log(1.7)
_SENDS_APART = 8
# What the spread inside a level is taken for before any send was seen, worth so many sends.
_PRIOR_SPREAD = 0.06
_PRIOR_WORTH = 2.0
# How often pure chance may put the sends of each label on one level. People name a kind or a segment for a reason; the
# weekday is only the calendar's.
_CHANCE = {"segment": 0.3, "kind": 0.3, "weekday": 0.03}
# A change of level for good: so many sends in a row, so rarely by chance.
_CHANGED_SENDS = 4
_CHANGED_CHANCE = 0.02


class Levels(Struct, frozen=True):
    """The levels of a family.

    Args:
        groups: numbers of the sends on each level, lowest level first; levels that were left for good are gone.
        meant: which of the groups the planned send may belong to; one when a label tells.
        by: the label that told.
        changed: whether the family left its earlier levels for good.
    """

    groups: tuple[tuple[int, ...], ...]
    meant: tuple[int, ...]
    by: Label | None = None
    changed: bool = False


def find_levels(logs: Sequence[float], settings: Sequence[Setting], planned: Setting) -> Levels:
    """Find the levels of a family and, where a label tells, the one that the planned send belongs to.

    Args:
        logs: natural logarithms of the earlier counts, oldest first.
        settings: where each of them stands.
        planned: where the planned send stands.
    """
    order = tuple(sorted(range(len(logs)), key=logs.__getitem__))
    groups = _split(logs, order)
    if len(groups) == 1:
        return _with_a_single(logs, order, settings, planned) or Levels(groups, (0,))
    for label in LABELS:
        meant = _told_by(label, groups, settings, planned)
        if meant is not None:
            return Levels(groups, (meant,), by=label)
    if (latest := _changed_to(groups)) is not None:
        return Levels((latest,), (0,), changed=True)
    return Levels(groups, tuple(range(len(groups))))


def _with_a_single(
    logs: Sequence[float], order: Sequence[int], settings: Sequence[Setting], planned: Setting
) -> Levels | None:
    """A level of one send, which is no accident since it alone has its kind or segment."""
    for single, rest, near in ((order[0], order[1:], order[1]), (order[-1], order[:-1], order[-2])):
        gap = abs(logs[single] - logs[near])
        if gap < _GAP or gap < _SPREADS * _spread([logs[i] for i in rest], [logs[single]]):
            continue
        for label in ("segment", "kind"):
            values = [getattr(setting, label) for setting in settings]
            if None in values or values.count(values[single]) > 1 or getattr(planned, label) not in values:
                continue
            groups = tuple(sorted(((single,), tuple(sorted(rest))), key=lambda group: logs[group[0]]))
            is_single = getattr(planned, label) == values[single]
            return Levels(groups, (groups.index((single,)) if is_single else 1 - groups.index((single,)),), by=label)
    return None


def _split(logs: Sequence[float], order: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Split sends, given in the order of their counts, wherever a gap parts two levels."""
    cut = _best_cut([logs[i] for i in order])
    if cut is None:
        return (tuple(sorted(order)),)
    return _split(logs, order[:cut]) + _split(logs, order[cut:])


def _best_cut(values: Sequence[float]) -> int | None:
    """Where the sorted values fall into two levels: the number of those below; `None` when they are one."""
    return _cut_at_a_gap(values) or _cut_that_explains(values)


def _cut_at_a_gap(values: Sequence[float]) -> int | None:
    """The widest gap, in spreads of its sides. One value at either end may be an accident, and counts for no spread."""
    best, widest = None, _SPREADS
    for cut in range(2, len(values) - 1):
        gap = values[cut] - values[cut - 1]
        if gap < _GAP:
            continue
        low, high = values[:cut], values[cut:]
        sides = [(low, high), *([(low[1:], high)] * (cut > 2)), *([(low, high[:-1])] * (len(high) > 2))]
        spreads = gap / min(_spread(*pair) for pair in sides)
        if spreads > widest:
            best, widest = cut, spreads
    return best


def _cut_that_explains(values: Sequence[float]) -> int | None:
    """The cut that leaves the least differences unexplained, where noise blurs the gap."""
    if len(values) < _SENDS_APART:
        return None
    whole = _square(values)
    best, least = None, _UNEXPLAINED * whole
    for cut in range(3, len(values) - 2):
        low, high = values[:cut], values[cut:]
        unexplained = _square(low) + _square(high)
        if unexplained < least and fmean(high) - fmean(low) > _APART:
            best, least = cut, unexplained
    return best


def _square(values: Sequence[float]) -> float:
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)


def _spread(low: Sequence[float], high: Sequence[float]) -> float:
    square = _PRIOR_WORTH * _PRIOR_SPREAD**2 + _square(low) + _square(high)
    return math.sqrt(square / (_PRIOR_WORTH + len(low) + len(high) - 2))


def _changed_to(groups: tuple[tuple[int, ...], ...]) -> tuple[int, ...] | None:
    """The level of the latest sends, when it is new and the earlier ones were left for good."""
    count = sum(map(len, groups))
    latest = next(group for group in groups if count - 1 in group)
    in_a_row = latest[0] == count - len(latest)
    if not in_a_row or len(latest) < _CHANGED_SENDS or 1 / math.comb(count, len(latest)) > _CHANGED_CHANCE:
        return None
    return latest


def _told_by(
    label: Label, groups: tuple[tuple[int, ...], ...], settings: Sequence[Setting], planned: Setting
) -> int | None:
    """The group that the label of the planned send stands for.

    Every value of the label must stand for one group; one stray send is forgiven in a row of ten. It must be unlikely
    that chance does as much, and the planned send's own value must be seen twice.
    """
    wanted: object = getattr(planned, label)
    group_of = {i: number for number, group in enumerate(groups) for i in group}
    seen: dict[object, list[int]] = defaultdict(list)
    for i, setting in enumerate(settings):
        value: object = getattr(setting, label)
        if value is not None:
            seen[value].append(group_of[i])
    if wanted is None or len(seen.get(wanted, ())) < 2:
        return None
    strays = sum(len(found) - max(map(found.count, found)) for found in seen.values())
    if strays > (1 if len(settings) >= 10 else 0):
        return None
    shares = [len(group) / len(settings) for group in groups]
    chance = math.prod(sum(share ** len(found) for share in shares) for found in seen.values())
    if chance * len(settings) ** strays > _CHANCE[label]:
        return None
    return max(seen[wanted], key=seen[wanted].count)
