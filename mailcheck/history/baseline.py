"""The usual number of recipients of a family of sends, and whether a planned number drifts from it.

`expect` reads the earlier sends and gives a `Baseline`: the band in which the next count is usual, and what it was made
from. `Baseline.judge` holds one planned count against it. Nothing here reads a file, a clock or a database.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.history.baseline_fit import Setting, predict
from mailcheck.history.baseline_groups import Label, Levels, find_levels
from mailcheck.values import Brief

What = Literal["zero", "minimum", "maximum", "everybody", "ratio", "fewer", "more"]

# Counts are taken for no more than this; no list is that long, and the arithmetic stays within floats.
_LONGEST = 500.0
# So that a float just off a whole number is that number.
_UP = 1 + 1e-9


class PastSend(Struct, frozen=True):
    """An earlier send of the family.

    Args:
        when: when it was sent, with a time zone.
        recipients: to how many, 0 or more.
        kind: `marketing`, `apology` …, where known.
        segment: the part of the list it went to, where known.

    Raises:
        ValueError: no time zone, or fewer than no recipients.
    """

    when: datetime
    recipients: int
    kind: str | None = None
    segment: str | None = None

    def __post_init__(self) -> None:
        if self.when.utcoffset() is None:
            raise ValueError(f"the time of an earlier send needs a time zone: {self.when.isoformat()}")
        if self.recipients < 0:
            raise ValueError(f"a send cannot have {self.recipients} recipients")


class Bands(Struct, frozen=True):
    """How closely counts are watched.

    Args:
        min_history: earlier sends that a usual number needs; 2 or more.
        window: the latest sends that are looked at, 4 to 100.
        false_alarms: the share of healthy sends that may be flagged; smaller is a wider band.
        narrowest: the band is never narrower than the expected count divided and multiplied by this.
        widest: and never wider than this.
        min_recipients, max_recipients: fixed limits, whatever the history says.
        everybody: the size of the whole list; a send to as many is flagged, whatever the history says.
        max_ratio: a count is flagged when it is so many times the usual one, or so many times smaller,
            whatever the band; it works from the first earlier send on.

    Raises:
        ValueError: a value out of its range.
    """

    min_history: int = 4
    window: int = 24
    false_alarms: float = 0.0095
    narrowest: float = 1.2
    widest: float = 4.0
    min_recipients: int | None = None
    max_recipients: int | None = None
    everybody: int | None = None
    max_ratio: float | None = None

    def __post_init__(self) -> None:
        checks = {
            "min_history is 2 or more": self.min_history >= 2,
            "window is 4 to 100, and not below min_history": max(4, self.min_history) <= self.window <= 100,
            "false_alarms is between 0.0001 and 0.2": 0.0001 <= self.false_alarms <= 0.2,
            "narrowest is above 1, and widest not below it": 1 < self.narrowest <= self.widest,
            "max_ratio is above 1": self.max_ratio is None or self.max_ratio > 1,
        }
        for rule, holds in checks.items():
            if not holds:
                raise ValueError(rule)


USUAL_BANDS = Bands()


class Band(Struct, frozen=True):
    """One usual level of a family.

    Args:
        low, high: the least and the most recipients that are usual, both inclusive.
        expected: the count in the middle of the band, with growth, weekday and season where they show.
        median, lowest, highest: of the earlier sends it was made from, accidents left out.
        used: how many those are.
    """

    low: int
    high: int
    expected: int
    median: int
    lowest: int
    highest: int
    used: int

    def __contains__(self, count: int) -> bool:
        return self.low <= count <= self.high


class Drift(Struct, frozen=True):
    """A planned count that is not usual.

    Args:
        what: `zero` recipients; below the fixed `minimum`, above the fixed `maximum`, as many as `everybody`, beyond
            the fixed `ratio`; `fewer` or `more` than usual.
        count: the planned recipients.
        limit: the fixed limit, or the end of the band, that was passed.
        ratio: the count divided by the expected one of the nearest level; `None` without history.
        sentence: the count, and what earlier sends had, for a marketer.
        nearest: the level that is nearest, or `None` without one.
    """

    what: What
    count: int
    limit: float
    ratio: float | None
    sentence: str
    nearest: Band | None


class Baseline(Brief, frozen=True):
    """What earlier sends say about the next one.

    Args:
        bands: the usual levels, lowest first; empty when there is too little history, several when the family is
            mixed and nothing tells which is meant.
        of: how many earlier sends there were.
        median: of the earlier sends that had recipients, `None` without any.
        accidents: earlier sends that were left out because the others make them all but impossible.
        mixed: whether the family has several levels.
        by: the label that told which level is meant.
        changed: when the family moved to its present level for good, if it did.
        trend: growth a send, 0.02 for 2 %; 0 when none shows.
        reason: a sentence: why there is no band, or what the band was made from.
        options: how closely to watch.
    """

    unshown: ClassVar[tuple[str, ...]] = ("options",)

    bands: tuple[Band, ...]
    of: int
    median: int | None
    accidents: tuple[PastSend, ...]
    mixed: bool
    by: Label | None
    changed: datetime | None
    trend: float
    reason: str
    options: Bands

    @property
    def low(self) -> int | None:
        """The least recipients that are usual; `None` without a band."""
        return self.bands[0].low if self.bands else None

    @property
    def high(self) -> int | None:
        """The most recipients that are usual; `None` without a band."""
        return self.bands[-1].high if self.bands else None

    @property
    def used(self) -> int:
        """How many earlier sends the bands were made from."""
        return sum(band.used for band in self.bands)

    @property
    def wide(self) -> bool:
        """Whether earlier sends differ so much that half or twice the expected count would pass."""
        return any(2 * band.low <= band.expected or band.high >= 2 * band.expected for band in self.bands)

    def judge(self, count: int) -> Drift | None:
        """Hold a planned count against fixed limits and bands; `None` when it is usual, or nothing is known.

        Raises:
            ValueError: the count is negative.
        """
        if count < 0:
            raise ValueError(f"a send cannot have {count} recipients")
        nearest = min(self.bands, key=lambda band: _distance(band, count), default=None)
        broken = self._broken_limit(count, nearest) or self._off_the_bands(count, nearest)
        if broken is None:
            return None
        expected = nearest.expected if nearest else self.median
        sentence = f"{_number(count)} {'recipient' if count == 1 else 'recipients'}; {self.reason}"
        return Drift(*broken, ratio=_ratio(count, expected), sentence=sentence, nearest=nearest)

    def _broken_limit(self, count: int, nearest: Band | None) -> tuple[What, int, float] | None:
        options = self.options
        if count == 0:
            return "zero", count, 1
        if options.min_recipients is not None and count < options.min_recipients:
            return "minimum", count, options.min_recipients
        if options.max_recipients is not None and count > options.max_recipients:
            return "maximum", count, options.max_recipients
        if options.everybody is not None and count >= options.everybody:
            return "everybody", count, options.everybody
        ratio = _ratio(count, nearest.expected if nearest else self.median)
        if options.max_ratio is not None and ratio and max(ratio, 1 / ratio) >= options.max_ratio * (1 - 1e-12):
            return "ratio", count, options.max_ratio
        return None

    def _off_the_bands(self, count: int, nearest: Band | None) -> tuple[What, int, float] | None:
        if nearest is None or count in nearest:
            return None
        return ("fewer", count, nearest.low) if count < nearest.low else ("more", count, nearest.high)


def expect(
    past: Sequence[PastSend],
    when: datetime | None = None,
    *,
    kind: str | None = None,
    segment: str | None = None,
    options: Bands = USUAL_BANDS,
) -> Baseline:
    """Say what the next count of a family should be.

    Args:
        past: the earlier sends in any order; those at `when` or later are left out.
        when: the planned time, with a time zone; `None` when it is not known, and then no weekday is either.
        kind, segment: labels of the planned send.
        options: how closely to watch.

    Raises:
        ValueError: `when` has no time zone.
    """
    if when is not None and when.utcoffset() is None:
        raise ValueError(f"the planned time needs a time zone: {when.isoformat()}")
    earlier = sorted(
        (send for send in past if when is None or send.when < when), key=lambda send: (send.when, send.recipients)
    )
    sends = [send for send in earlier if send.recipients][-options.window :]
    if len(sends) < options.min_history:
        return _too_little(len(earlier), sends, options)
    *settings, planned = _settings(sends, when, kind, segment)
    levels = find_levels([_log(send.recipients) for send in sends], settings, planned)
    changed = sends[levels.groups[0][0]].when if levels.changed else None
    if changed:
        sends = [sends[i] for i in levels.groups[0]]
        *settings, planned = _settings(sends, when, kind, segment)
        levels = replace(levels, groups=(tuple(range(len(sends))),))
    fitted = [_level(sends, settings, planned, levels, number, options) for number in levels.meant]
    accidents = tuple(accident for level in fitted for accident in level.accidents)
    bands = tuple(sorted((level.band for level in fitted), key=lambda band: band.expected))
    return Baseline(
        bands=bands,
        of=len(earlier),
        median=_middle([send.recipients for send in sends]),
        accidents=accidents,
        mixed=len(levels.groups) > 1,
        by=levels.by,
        changed=changed,
        trend=fitted[0].trend if len(fitted) == 1 else 0.0,
        reason=_reason(bands, accidents, levels.by, changed),
        options=options,
    )


# one level


class _Level(Struct, frozen=True):
    band: Band
    accidents: tuple[PastSend, ...]
    trend: float


def _level(
    sends: Sequence[PastSend],
    settings: Sequence[Setting],
    planned: Setting,
    levels: Levels,
    number: int,
    options: Bands,
) -> _Level:
    """The band of one level. Noise and growth are learnt from all levels together."""
    level_of = {i: place for place, group in enumerate(levels.groups) for i in group}
    placed = [setting._replace(level=level_of[i]) for i, setting in enumerate(settings)]
    prediction = predict([_log(send.recipients) for send in sends], placed, planned._replace(level=number))
    half = prediction.half_width(options.false_alarms)
    half = min(max(half, math.log(options.narrowest)), math.log(options.widest))
    group = levels.groups[number]
    kept = sorted(sends[i].recipients for i in group if i not in prediction.accidents)
    band = Band(
        low=math.floor(math.exp(prediction.mean - half) * _UP),
        high=math.ceil(math.exp(prediction.mean + half) / _UP),
        expected=max(1, round(math.exp(prediction.mean))),
        median=_middle(kept),
        lowest=kept[0],
        highest=kept[-1],
        used=len(kept),
    )
    accidents = tuple(sends[i] for i in group if i in prediction.accidents)
    return _Level(band, accidents, math.expm1(prediction.slope) if prediction.growing > 0.5 else 0.0)


def _settings(sends: Sequence[PastSend], when: datetime | None, kind: str | None, segment: str | None) -> list[Setting]:
    """Where the earlier sends stand, and last where the planned one does."""
    first = sends[0].when
    days = [(send.when - first).total_seconds() / 86400 for send in sends]
    gaps = [later - sooner for sooner, later in pairwise(days) if later > sooner]
    usual = median(gaps) if gaps else 1.0
    zone = when.tzinfo if when is not None else None
    settings = [
        Setting(i, day / usual, day, send.when.astimezone(zone or send.when.tzinfo).weekday(), send.kind, send.segment)
        for i, (send, day) in enumerate(zip(sends, days, strict=True))
    ]
    ahead = (when - first).total_seconds() / 86400 if when is not None else days[-1] + usual
    weekday = when.weekday() if when is not None else None
    return [*settings, Setting(len(sends), ahead / usual, ahead, weekday, kind, segment)]


def _log(count: int) -> float:
    return min(math.log(count), _LONGEST)


def _middle(counts: Sequence[int]) -> int:
    """The median, as a whole number."""
    ordered = sorted(counts)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2


def _ratio(count: int, usual: int | None) -> float | None:
    if not usual:
        return None
    return math.exp(_log(count) - _log(usual)) if count else 0.0


def _distance(band: Band, count: int) -> float:
    return abs(_log(max(count, 1)) - _log(band.expected)) if count not in band else -1.0


# sentences


def _too_little(of: int, sends: Sequence[PastSend], options: Bands) -> Baseline:
    needed = f"a usual number of recipients needs {options.min_history}"
    if not of:
        reason = f"no earlier send of this family is known; {needed}"
    else:
        counts = " and ".join(_number(send.recipients) for send in sends[-2:])
        had = f" ({'the last had ' if len(sends) > 2 else ''}{counts})" if counts else ""
        useful = f"{len(sends)} earlier {'send' if len(sends) == 1 else 'sends'} with recipients"
        reason = f"only {useful}{had} of this family are known; {needed}"
    usual = _middle([send.recipients for send in sends]) if sends else None
    return Baseline((), of, usual, (), False, None, None, 0.0, reason, options)


_SUCH: dict[Label | None, str] = {
    None: "sends",
    "weekday": "sends on such weekdays",
    "kind": "sends of such a kind",
    "segment": "sends to such segments",
}


def _reason(bands: Sequence[Band], accidents: Sequence[PastSend], by: Label | None, changed: datetime | None) -> str:
    used = sum(band.used for band in bands)
    which = f"{used} of the last {used + len(accidents)}" if accidents else f"the last {used}"
    since = f" (the number changed on {changed:%Y-%m-%d})" if changed else ""
    many = len(bands) > 1
    ranges = " or ".join(_range(band) + (f" ({band.used} times)" if many else "") for band in bands)
    apart = ""
    if accidents:
        apart = f", and {' and '.join(_number(send.recipients) for send in accidents)} the other"
        apart += "s" if len(accidents) > 1 else ""
    mixed = "; nothing tells these apart, so each of them passes" if many else ""
    return f"{which} {_SUCH[by]}{since} had {ranges}{apart}{mixed}"


def _range(band: Band) -> str:
    if band.lowest == band.highest:
        return _number(band.lowest)
    return f"{_number(band.lowest)} to {_number(band.highest)}"


def _number(count: int) -> str:
    return f"{count:,}"
