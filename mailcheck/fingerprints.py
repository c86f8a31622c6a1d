"""What a send leaves behind of its audience: figures, and a sketch from which overlaps can be estimated.

The sketch is a bottom-k sample (KMV, the samples of a theta sketch): of all addresses, those with the smallest salted
hashes. Two sketches with the same salt sampled the same addresses, so what they share tells what the audiences share.
Every engine makes the same sketch: `md5(salt || address)`, the first twelve hex digits, the `K` smallest.

Without the salt a sketch says nothing about anybody. With it one can ask whether an address that one has already is
likely to be in the audience; no address can be read out of it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import ClassVar

import msgspec
from msgspec import Struct

from mailcheck.values import Brief

K = 12_288
"""Hashes that are kept: the standard error of a share is then at most 0.45 points, and a sketch fits in 64 KiB."""
BITS = 48
"""Bits of a hash: twelve hex digits. Of ten million addresses, 0.2 are expected to share theirs with another."""
SPACE = 1 << BITS
MAX_BYTES = 64 * 1024
Z = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""

_HEAD = struct.Struct(">2sBB8sQI")  # magic, version, Rice parameter, salt, distinct, number of hashes
_MAGIC, _VERSION = b"mf", 1
_COLLISIONS = 2
"""Hashes that may be missing from a sample because two addresses share one."""


class FingerprintError(ValueError):
    """A fingerprint that cannot be read, made, or compared; the text says why and what to do."""


class Estimate(Struct, frozen=True):
    """How many of `of` recipients, with the bounds of a 95 % interval; the bounds meet when the count is exact."""

    count: int
    low: int
    high: int
    of: int

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def share_low(self) -> float:
        return self.low / self.of if self.of else 0.0

    @property
    def share_high(self) -> float:
        return self.high / self.of if self.of else 0.0

    @property
    def exact(self) -> bool:
        return self.low == self.high


class Fingerprint(Brief, frozen=True):
    """A bottom-k sketch of the distinct addresses of one audience.

    Args:
        salt_id: names the salt without telling it, 16 hex digits; only equal ones can be compared.
        distinct: distinct addresses of the audience, counted exactly.
        hashes: the smallest hashes in rising order, at most `K`; all of them when there are no more.
    """

    unshown: ClassVar[tuple[str, ...]] = ("hashes",)

    salt_id: str
    distinct: int
    hashes: tuple[int, ...]

    @classmethod
    def of(cls, hashes: Iterable[int], distinct: int, *, salt: str) -> Fingerprint:
        """The sketch of an audience.

        Args:
            hashes: the first twelve hex digits of `md5(salt || address)` as numbers, of at least the `K` smallest.
            distinct: how many distinct addresses there are.
            salt: what the addresses were hashed with.

        Raises:
            FingerprintError: the hashes cannot be the smallest of that many.
        """
        smallest = tuple(sorted(set(hashes))[:K])
        if smallest and not 0 <= smallest[0] <= smallest[-1] < SPACE:
            raise FingerprintError(f"a hash of an audience has more than {BITS} bits; take the first 12 hex digits")
        if not 0 <= min(distinct, K) - len(smallest) <= _COLLISIONS:
            said = f"{len(smallest):,} hashes were given for {distinct:,} distinct addresses"
            raise FingerprintError(f"{said}; a fingerprint needs the {min(distinct, K):,} smallest")
        return cls(salt_id(salt), distinct, smallest)

    @property
    def theta(self) -> float:
        """The share of all addresses that is in the sample; 1.0 when all are."""
        return self.threshold / SPACE

    @property
    def threshold(self) -> int:
        """The hash below which the sample is complete."""
        return self.hashes[-1] if self.distinct > K and self.hashes else SPACE

    def below(self, threshold: int) -> tuple[int, ...]:
        """The hashes of the sample that are smaller."""
        return self.hashes[: bisect_left(self.hashes, threshold)]

    def overlap(self, other: Fingerprint) -> Estimate:
        """How many recipients of this audience are in the other one, too.

        Raises:
            FingerprintError: the two were made with different salts.
        """
        threshold = _common_threshold((self, other))
        mine, theirs = set(self.below(threshold)), set(other.below(threshold))
        both = len(mine & theirs)
        if threshold == SPACE:
            return Estimate(both, both, both, self.distinct)
        cells = _Cells(threshold / SPACE, self.distinct, other.distinct, len(mine) - both, len(theirs) - both, both)
        return Estimate(*cells.estimate(), self.distinct)

    def share_of(self, other: Fingerprint) -> Estimate:
        """How many recipients of the other audience are in this one; `.share` is the share of the other.

        Raises:
            FingerprintError: the two were made with different salts.
        """
        return other.overlap(self)

    def to_bytes(self) -> bytes:
        """The sketch in at most `MAX_BYTES` bytes: gaps between the hashes as Rice codes, and a checksum."""
        gaps = [after - before - 1 for before, after in pairwise((-1, *self.hashes))]
        rice = max(0, (sum(gaps) // max(1, len(gaps))).bit_length() - 1)
        low = f"0{rice}b"
        mask = (1 << rice) - 1
        bits = "".join(f"{'1' * (gap >> rice)}0{format(gap & mask, low) if rice else ''}" for gap in gaps)
        bits += "0" * (-len(bits) % 8)
        body = int(bits, 2).to_bytes(len(bits) // 8, "big") if bits else b""
        head = _HEAD.pack(_MAGIC, _VERSION, rice, bytes.fromhex(self.salt_id), self.distinct, len(gaps))
        return head + body + zlib.crc32(head + body).to_bytes(4, "big")

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """The sketch that `to_bytes` wrote.

        Raises:
            FingerprintError: it is damaged, or of a newer mailcheck.
        """
        if len(data) < _HEAD.size + 4 or len(data) > MAX_BYTES or data[:2] != _MAGIC:
            raise _damaged("it is none, or cut off")
        if data[2] != _VERSION:
            raise FingerprintError(f"a fingerprint of version {data[2]} is newer than this mailcheck; update mailcheck")
        if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
            raise _damaged("its checksum does not agree")
        _, _, rice, salt, distinct, count = _HEAD.unpack_from(data)
        body = data[_HEAD.size : -4]
        hashes = _hashes(f"{int.from_bytes(body, 'big'):0{len(body) * 8}b}" if body else "", rice, count)
        if count > K or not 0 <= min(distinct, K) - count <= _COLLISIONS:
            raise _damaged("its counts do not agree")
        return cls(salt.hex(), distinct, hashes)


def _hashes(bits: str, rice: int, count: int) -> tuple[int, ...]:
    found: list[int] = []
    at, last = 0, -1
    for _ in range(count):
        end = bits.find("0", at)
        after = end + 1 + rice
        if end < 0 or after > len(bits):
            raise _damaged("it is cut off")
        last += (((end - at) << rice) | (int(bits[end + 1 : after], 2) if rice else 0)) + 1
        found.append(last)
        at = after
    if last >= SPACE or "1" in bits[at:]:
        raise _damaged("its hashes are out of range")
    return tuple(found)


def _damaged(why: str) -> FingerprintError:
    return FingerprintError(f"a fingerprint of an audience is damaged ({why}); record that send again, or forget it")


def salt_id(salt: str) -> str:
    """A name of a salt that does not tell it: 16 hex digits."""
    return hashlib.sha256(b"mailcheck salt\0" + salt.encode()).hexdigest()[:16]


def novelty(current: Fingerprint, earlier: Sequence[Fingerprint]) -> Estimate:
    """How many recipients were in none of the earlier audiences; `.share` is their share.

    Raises:
        FingerprintError: they were made with different salts.
    """
    seen = seen_in(current, earlier, at_least=1)
    return Estimate(seen.of - seen.count, seen.of - seen.high, seen.of - seen.low, seen.of)


def seen_in(current: Fingerprint, others: Sequence[Fingerprint], *, at_least: int) -> Estimate:
    """How many recipients are in at least so many of the other audiences.

    Where the sample holds nobody at all (a small audience beside a very large one), the bounds are none and all.

    Raises:
        FingerprintError: they were made with different salts.
        ValueError: `at_least` is below 1.
    """
    if at_least < 1:
        raise ValueError("at_least must be 1 or more")
    if len(others) < at_least:
        return Estimate(0, 0, 0, current.distinct)
    threshold = _common_threshold((current, *others))
    times = Counter(value for other in others for value in other.hashes)
    sample = current.below(threshold)
    hits = sum(times[value] >= at_least for value in sample)
    # Whom the sketches hold above the common threshold was seen as well; only who is missing there is not known.
    surely = sum(times[value] >= at_least for value in current.hashes)
    return _share(hits, len(sample), surely, current.distinct)


def _common_threshold(prints: Sequence[Fingerprint]) -> int:
    """The hash below which every sample is complete."""
    if len({one.salt_id for one in prints}) > 1:
        raise FingerprintError(
            "these fingerprints were made with different salts, so they cannot be compared; use the history (and the "
            "key) that the earlier sends were recorded with"
        )
    return min(one.threshold for one in prints)


def _share(hits: int, size: int, surely: int, population: int) -> Estimate:
    """A share of a population, from a sample without replacement: Wilson's interval with its finite correction."""
    if size >= population:
        return Estimate(hits, hits, hits, population)
    if not size:
        return Estimate(max(surely, population // 2), surely, population, population)
    draws = size * (population - 1) / (population - size)
    share = hits / size
    middle = (share + Z * Z / (2 * draws)) / (1 + Z * Z / draws)
    half = Z * sqrt(share * (1 - share) / draws + Z * Z / (4 * draws * draws)) / (1 + Z * Z / draws)
    low = max(surely, round((middle - half) * population))
    high = min(population - (size - hits), round((middle + half) * population))
    return Estimate(min(max(round(share * population), low), high), low, max(low, high), population)


class _Cells(Struct, frozen=True):
    """Two audiences of known size as three cells, each sampled at the same rate; the size of the overlap is sought.

    Knowing the sizes exactly, and using both samples, halves the error of the usual estimate of a theta sketch.

    Args:
        rate: share of the addresses that is in the samples.
        first, second: sizes of the audiences.
        only_first, only_second, both: how many in the samples.
    """

    rate: float
    first: int
    second: int
    only_first: int
    only_second: int
    both: int

    def estimate(self) -> tuple[int, int, int]:
        """The most likely overlap and its bounds: where the score statistic leaves the 95 % of a normal one."""
        least = self.both
        most = max(least, min(self.first - self.only_first, self.second - self.only_second))
        count = self._root(0.0, least, most)
        low = self._root(Z, least, count) if self.both else float(least)
        high = self._root(-Z, count, most)
        return round(count), round(low), round(high)

    def _root(self, target: float, least: float, most: float) -> float:
        """Where the falling score statistic crosses the target, between two overlaps."""
        for _ in range(60):
            middle = (least + most) / 2
            if self._score(middle) > target:
                least = middle
            else:
                most = middle
        return (least + most) / 2

    def _score(self, overlap: float) -> float:
        cells = (
            (-1, self.only_first, self.first - overlap),
            (-1, self.only_second, self.second - overlap),
            (1, self.both, overlap),
        )
        score = self.rate + sum(sign * seen / max(size, 1e-9) for sign, seen, size in cells)
        spread = self.rate * (1 - self.rate) * sum(1 / max(size, 1e-9) for _, _, size in cells)
        return score / sqrt(spread)


class Figures(Struct, frozen=True, kw_only=True):
    """What one audience gives to the history: counts and a sketch, and nothing about any one person.

    Args:
        recipients: rows of the audience.
        distinct: distinct addresses after normalisation.
        domains, countries, sources, locales: recipients by value, for the most frequent values (some 50); who is in
            none of them is the rest. Empty when the audience does not tell.
        counts: other counts by name, such as `suppressed`, `duplicates`, `dormant`.
        fingerprint: made with the salt of the history that it is for.
    """

    recipients: int
    distinct: int
    domains: Mapping[str, int] = msgspec.field(default_factory=dict)
    countries: Mapping[str, int] = msgspec.field(default_factory=dict)
    sources: Mapping[str, int] = msgspec.field(default_factory=dict)
    locales: Mapping[str, int] = msgspec.field(default_factory=dict)
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)
    fingerprint: Fingerprint | None = None
