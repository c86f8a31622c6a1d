"""What a row of counts says about the next one: a prediction that no single accident can move.

The logarithms of the counts are taken as a level plus noise, or as a level that grows, wanders, or differs by weekday,
kind, segment or season, plus noise, and the noise as that of a calm family or of a restless one. Each of these
*shapes* is a Gaussian process with a conjugate prior on the variance of its noise (Rasmussen and Williams, Gaussian
Processes for Machine Learning, 2006, chapters 2 and 5), so everything is exact and in closed form. The shapes are then
averaged, each weighed by how well it explains the row (Hoeting and others, Bayesian Model Averaging, Statistical
Science 14, 1999). A send that its own neighbours make all but impossible is taken for an accident and left out, at a
price in the weight of the shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from msgspec import Struct


class Noise(NamedTuple):
    """What is known of the noise before any count: its standard deviation, worth so many sends, so often."""

    spread: float
    worth: float
    share: float

    @property
    def square(self) -> float:
        return self.worth * self.spread**2


# Calm, restless and, rarely, wild families. That calm and restless are two keeps the band of a calm family narrow
# without making that of a restless one too narrow.
NOISES = (Noise(0.056, 30, 0.56), Noise(0.165, 50, 0.41), Noise(0.35, 8, 0.03))
# The share of sends that were accidents, and then the density of the logarithm, over about two powers of ten.
ACCIDENTS = 0.1
ACCIDENT_DENSITY = 0.2
# The precision, in units of the noise's, below which no other send speaks to one: alone on its level it is no accident.
_ALONE = 0.01
# Variance of the level in units of the noise's: flat for all that matters, since the logarithms are centred.
LEVEL = 1e4

_YEAR = 365.25


class Setting(NamedTuple):
    """Where a send stands: its number in the row, its time in usual intervals, in days, its labels, its level."""

    step: float
    interval: float
    days: float
    weekday: int | None = None
    kind: str | None = None
    segment: str | None = None
    level: int | None = None


Coordinate = float | int | str | None


class Trait(NamedTuple):
    """One way in which sends may differ: what of a setting it looks at, and how alike two sends are."""

    coordinate: Callable[[Setting], Coordinate]
    alike: Callable[[Coordinate, Coordinate], float]


def _product(share: float) -> Callable[[Coordinate, Coordinate], float]:
    return lambda a, b: share * float(a or 0) * float(b or 0)


def _earlier(share: float) -> Callable[[Coordinate, Coordinate], float]:
    return lambda a, b: share * min(float(a or 0), float(b or 0))


def _same(share: float) -> Callable[[Coordinate, Coordinate], float]:
    return lambda a, b: share if a == b and a is not None else 0.0


def _yearly(a: Coordinate, b: Coordinate) -> float:
    turn = math.sin(math.pi * (float(a or 0) - float(b or 0)) / _YEAR)
    return 9.0 * math.exp(-2 * turn * turn / 0.64)


TRAITS = {
    "trend": Trait(lambda setting: setting.step, _product(0.1)),
    "time": Trait(lambda setting: setting.interval, _product(0.1)),
    "local": Trait(lambda setting: setting.step, _earlier(0.3)),
    "wander": Trait(lambda setting: setting.step, _earlier(2.0)),
    "weekday": Trait(lambda setting: setting.weekday, _same(6.0)),
    "kind": Trait(lambda setting: setting.kind, _same(6.0)),
    "segment": Trait(lambda setting: setting.segment, _same(6.0)),
    "level": Trait(lambda setting: setting.level, _same(LEVEL)),
    "year": Trait(lambda setting: setting.days, _yearly),
}

Shape = tuple[str, ...]
_GROWTH = {"trend", "time"}


class Prediction(Struct, frozen=True):
    """What is expected of the next logarithm.

    Args:
        mean: of the logarithm.
        spread: its standard deviation, of noise and of what is not known together.
        freedom: degrees of freedom of the Student distribution.
        accidents: numbers of the sends that were left out.
        slope: growth of the logarithm a send.
        growing: the weight, 0 to 1, of the shapes that grow.
    """

    mean: float
    spread: float
    freedom: float
    accidents: frozenset[int]
    slope: float
    growing: float

    def half_width(self, false_alarms: float) -> float:
        """Half the width, in logarithms, of the band that a share of `false_alarms` of healthy sends leaves."""
        return student_quantile(1 - false_alarms / 2, self.freedom) * self.spread


def predict(logs: Sequence[float], settings: Sequence[Setting], planned: Setting) -> Prediction:
    """Predict the logarithm of the planned send.

    Args:
        logs: natural logarithms of the earlier counts, at least one, oldest first.
        settings: where each of them stands.
        planned: where the planned send stands.
    """
    middle = sorted(logs)[len(logs) // 2]
    centred = [value - middle for value in logs]
    fits = [
        _fit(shape, prior, noise, centred, settings, planned)
        for shape, prior in _shapes(settings, planned)
        for noise in NOISES
    ]
    return _average(fits, middle)


def _shapes(settings: Sequence[Setting], planned: Setting) -> list[tuple[Shape, float]]:
    """The shapes that such a row can show at all, with the weight each has before the counts are seen."""
    shapes: list[tuple[Shape, float]] = [((), 1.0), (("trend",), 0.25), (("local",), 0.1), (("wander",), 0.03)]
    if any(abs(setting.step - setting.interval) > 1 for setting in (*settings, planned)):
        shapes.append((("time",), 0.1))
    for label in ("weekday", "kind", "segment"):
        values = [value for setting in settings if (value := TRAITS[label].coordinate(setting)) is not None]
        if 1 < len(set(values)) < len(values):
            shapes += [((label,), 0.15), ((label, "trend"), 0.05)]
    if planned.days - settings[0].days > 0.8 * _YEAR:
        shapes += [(("year",), 0.1), (("year", "trend"), 0.05)]
    if len({setting.level for setting in settings}) > 1:
        return [(("level", *shape), prior) for shape, prior in shapes]
    return shapes


# solving


Matrix = tuple[tuple[float, ...], ...]


class _Solved(NamedTuple):
    """A shape's covariances, ready for any counts."""

    inverse: Matrix
    log_determinant: float
    towards: tuple[float, ...]
    own: float


@lru_cache(maxsize=512)
def _solve(shape: Shape, coordinates: tuple[tuple[Coordinate, ...], ...]) -> _Solved:
    """Invert the covariances of a row; the last of the coordinates is the planned send."""
    alike = [TRAITS[name].alike for name in shape]

    def covariance(a: tuple[Coordinate, ...], b: tuple[Coordinate, ...]) -> float:
        return LEVEL + sum(kernel(x, y) for kernel, x, y in zip(alike, a, b, strict=True))

    *past, planned = coordinates
    rows = [[covariance(a, b) + (i == j) for j, b in enumerate(past)] for i, a in enumerate(past)]
    inverse, log_determinant = invert(rows)
    towards = tuple(covariance(planned, a) for a in past)
    return _Solved(inverse, log_determinant, towards, covariance(planned, planned))


def invert(rows: list[list[float]]) -> tuple[Matrix, float]:
    """Inverse and logarithm of the determinant of a positive definite matrix, by Gauss and Jordan in place.

    Args:
        rows: the matrix; it is used up.
    """
    log_determinant = 0.0
    for i, top in enumerate(rows):
        pivot = top[i]
        log_determinant += math.log(pivot)
        top[i] = 1.0
        top[:] = [value / pivot for value in top]
        for j, row in enumerate(rows):
            if j != i:
                factor = row[i]
                row[i] = 0.0
                row[:] = [a - factor * b for a, b in zip(row, top, strict=True)]
    return tuple(map(tuple, rows)), log_determinant


# one shape


class _Fit(Struct, frozen=True):
    shape: Shape
    weight: float
    mean: float
    variance: float
    freedom: float
    accidents: frozenset[int]
    slope: float


def _fit(
    shape: Shape, prior: float, noise: Noise, logs: Sequence[float], settings: Sequence[Setting], planned: Setting
) -> _Fit:
    """Fit one shape; leave out accidents, one after the other, while that explains the row better."""
    looks = [TRAITS[name].coordinate for name in shape]
    solved = _solve(shape, tuple(tuple(look(setting) for look in looks) for setting in (*settings, planned)))
    inverse, log_determinant = solved.inverse, solved.log_determinant
    kept = list(range(len(logs)))
    while True:
        values = [logs[i] for i in kept]
        solution = [sum(map(mul, row, values)) for row in inverse]
        square = max(0.0, sum(map(mul, values, solution)))
        accident = _accident(inverse, solution, square, noise, len(logs))
        if accident is None:
            break
        log_determinant += math.log(inverse[accident][accident])
        inverse = _without(inverse, accident)
        del kept[accident]
    towards = [solved.towards[i] for i in kept]
    freedom = noise.worth + len(kept) - 1
    variance = (noise.square + square) / freedom
    known = sum(a * sum(map(mul, row, towards)) for a, row in zip(towards, inverse, strict=True))
    left_out = len(logs) - len(kept)
    return _Fit(
        shape,
        math.log(prior * noise.share) + _evidence(len(kept), log_determinant, square, noise) + left_out * _price(),
        sum(map(mul, towards, solution)),
        variance * (1 + max(0.0, solved.own - known)),
        freedom,
        frozenset(range(len(logs))) - frozenset(kept),
        _slope(shape, [settings[i] for i in kept], solution),
    )


def _slope(shape: Shape, settings: Sequence[Setting], solution: Sequence[float]) -> float:
    """Growth a send of the part of the fit that grows."""
    return sum(
        TRAITS[name].alike(1.0, TRAITS[name].coordinate(setting)) * weight
        for name in shape
        if name in _GROWTH
        for setting, weight in zip(settings, solution, strict=True)
    )


def _evidence(count: int, log_determinant: float, square: float, noise: Noise) -> float:
    """Logarithm of the density of a row under a shape, the noise's variance integrated out."""
    freedom = noise.worth + count - 1
    return (
        math.lgamma(freedom / 2)
        - (count - 1) / 2 * math.log(math.pi)
        - log_determinant / 2
        + noise.worth / 2 * math.log(noise.square)
        - math.lgamma(noise.worth / 2)
        - freedom / 2 * math.log(noise.square + square)
    )


def _price() -> float:
    return math.log(ACCIDENTS * ACCIDENT_DENSITY / (1 - ACCIDENTS))


def _accident(inverse: Matrix, solution: Sequence[float], square: float, noise: Noise, of: int) -> int | None:
    """The send that the others make least likely, when it is less likely than an accident; never over a quarter."""
    count = len(solution)
    if count < 4 or of - count >= of // 4:
        return None
    freedom = noise.worth + count - 2
    worst, lowest = None, _price()
    constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    for i, weight in enumerate(solution):
        precision = inverse[i][i]
        if precision < _ALONE:
            continue
        spread = (noise.square + max(0.0, square - weight * weight / precision)) / freedom / precision
        off = (weight / precision) ** 2 / spread
        density = constant - math.log(spread) / 2 - (freedom + 1) / 2 * math.log1p(off / freedom)
        if density < lowest:
            worst, lowest = i, density
    return worst


def _without(inverse: Matrix, gone: int) -> Matrix:
    """The inverse of a matrix that loses one row and column."""
    cut = inverse[gone]
    return tuple(
        tuple(value - row[gone] * cut[j] / cut[gone] for j, value in enumerate(row) if j != gone)
        for i, row in enumerate(inverse)
        if i != gone
    )


# all shapes


def _average(fits: Sequence[_Fit], middle: float) -> Prediction:
    best = max(fits, key=lambda fit: fit.weight)
    raw = [math.exp(fit.weight - best.weight) for fit in fits]
    weights = [value / sum(raw) for value in raw]
    mean = sum(weight * fit.mean for weight, fit in zip(weights, fits, strict=True))
    variance = sum(weight * (fit.variance + (fit.mean - mean) ** 2) for weight, fit in zip(weights, fits, strict=True))
    return Prediction(
        middle + mean,
        math.sqrt(variance),
        best.freedom,
        best.accidents,
        sum(weight * fit.slope for weight, fit in zip(weights, fits, strict=True)),
        sum(weight for weight, fit in zip(weights, fits, strict=True) if _GROWTH & set(fit.shape)),
    )


def student_quantile(share: float, freedom: float) -> float:
    """Quantile of Student's distribution.

    The expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5); good to 1 % for five degrees and more.
    """
    from statistics import NormalDist

    z = NormalDist().inv_cdf(share)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
