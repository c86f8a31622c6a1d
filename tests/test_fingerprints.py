"""Fingerprints of audiences: exact for small ones, within their bounds for large ones, never read wrongly."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.fingerprints import (
    MAX_BYTES,
    SPACE,
    Estimate,
    Fingerprint,
    FingerprintError,
    K,
    novelty,
    salt_id,
    seen_in,
)

SALT = "a salt of these tests"


def hashed(address: str, salt: str = SALT) -> int:
    return int(hashlib.md5((salt + address).encode()).hexdigest()[:12], 16)


def fingerprint(people: Iterable[int], salt: str = SALT) -> Fingerprint:
    """What an engine hands back for an audience of these people."""
    hashes = sorted(hashed(f"reader{one}@mail.example", salt) for one in people)
    return Fingerprint.of(hashes[:K], len(hashes), salt=salt)


def drawn(rng: random.Random, sizes: dict[str, int]) -> dict[str, Fingerprint]:
    """Sketches of audiences `a` and `b` from the sizes of the cells `a`, `b` and `ab`, without hashing millions."""
    total = sum(sizes.values())
    cells, weights = list(sizes), list(sizes.values())
    found: dict[str, list[int]] = {"a": [], "b": []}
    at = 0.0
    while len(found["a"]) < K or len(found["b"]) < K:
        at += rng.expovariate(total)
        for audience in rng.choices(cells, weights)[0]:
            found[audience].append(int(at * SPACE))
    counted = {name: sum(size for cell, size in sizes.items() if name in cell) for name in found}
    return {name: Fingerprint.of(hashes[:K], counted[name], salt=SALT) for name, hashes in found.items()}


people = st.sets(st.integers(0, 300), max_size=200)


@given(people, people)
def test_small_audiences_are_compared_exactly(first: set[int], second: set[int]) -> None:
    both = len(first & second)
    assert fingerprint(first).overlap(fingerprint(second)) == Estimate(both, both, both, len(first))
    assert fingerprint(first).share_of(fingerprint(second)) == Estimate(both, both, both, len(second))


@given(people, st.lists(people, max_size=5), st.integers(1, 5))
def test_who_is_new_and_who_was_seen_often(current: set[int], others: list[set[int]], often: int) -> None:
    sketches = [fingerprint(one) for one in others]
    new = novelty(fingerprint(current), sketches)
    assert (new.count, new.of, new.exact) == (len(current - set().union(*others)), len(current), True)
    seen = seen_in(fingerprint(current), sketches, at_least=often)
    expected = sum(sum(one in other for other in others) >= often for one in current)
    assert seen == Estimate(expected, expected, expected, len(current))


@given(st.sets(st.integers(0, SPACE - 1), max_size=400), st.integers(0, 2**40))
def test_bytes_and_back(hashes: set[int], salt: int) -> None:
    sketch = Fingerprint.of(hashes, len(hashes), salt=str(salt))
    assert Fingerprint.from_bytes(sketch.to_bytes()) == sketch


@pytest.mark.parametrize(
    "hashes",
    [
        pytest.param(range(K), id="all as small as can be"),
        pytest.param(range(SPACE - K, SPACE), id="all as large as can be"),
        pytest.param([*range(K // 2), *range(SPACE - K // 2, SPACE)], id="half and half"),
        pytest.param([one * (SPACE // K) for one in range(K)], id="far apart"),
        pytest.param([one**3 * (SPACE // K**3) + one for one in range(K)], id="further and further apart"),
        pytest.param(random.Random(5).sample(range(SPACE), K), id="by chance"),
    ],
)
def test_a_fingerprint_never_needs_more_than_64_kib(hashes: Iterable[int]) -> None:
    sketch = Fingerprint.of(hashes, K, salt=SALT)
    data = sketch.to_bytes()
    assert len(data) <= MAX_BYTES
    assert Fingerprint.from_bytes(data) == sketch


def test_a_fingerprint_holds_no_more_than_the_smallest_hashes() -> None:
    hashes = random.Random(2).sample(range(SPACE), 3 * K)
    sketch = Fingerprint.of(hashes, 3 * K, salt=SALT)
    assert sketch.hashes == tuple(sorted(hashes)[:K])
    assert 0.3 < sketch.theta < 0.37


@settings(max_examples=200)
@given(st.data())
def test_damage_is_one_clear_error(data: st.DataObject) -> None:
    whole = fingerprint(range(50)).to_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    flipped = bytes([whole[place] ^ data.draw(st.integers(1, 255))])
    damaged = whole[:place] if cut else whole[:place] + flipped + whole[place + 1 :]
    with pytest.raises(FingerprintError, match=r"damaged|newer"):
        Fingerprint.from_bytes(damaged)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(FingerprintError):
        Fingerprint.from_bytes(data)


def test_one_of_a_newer_version_is_refused() -> None:
    data = bytearray(fingerprint(range(5)).to_bytes())
    data[2] = 2
    with pytest.raises(FingerprintError, match="newer than this mailcheck; update"):
        Fingerprint.from_bytes(bytes(data))


@pytest.mark.parametrize(
    ("sizes", "tolerance"),
    [
        pytest.param({"a": 5_000_000, "b": 5_000_000, "ab": 5_000_000}, 0.02, id="half of ten million"),
        pytest.param({"a": 500_000, "b": 500_000, "ab": 9_500_000}, 0.005, id="nearly all"),
        pytest.param({"a": 9_500_000, "b": 9_500_000, "ab": 500_000}, 0.02, id="few"),
        pytest.param({"a": 9_000_000, "b": 1_000_000, "ab": 1_000_000}, 0.04, id="a small one in a large one"),
    ],
)
def test_large_audiences_are_within_their_bounds(sizes: dict[str, int], tolerance: float) -> None:
    """Errors are shares of the smaller audience; of the intervals, 95 in 100 hold the truth."""
    rng = random.Random(11)
    held = 0
    for _ in range(12):
        sketches = drawn(rng, sizes)
        found = sketches["a"].overlap(sketches["b"])
        smaller = min(one.distinct for one in sketches.values())
        assert abs(found.count - sizes["ab"]) <= tolerance * smaller
        assert found.low <= found.count <= found.high
        assert found.high - found.low <= 2 * tolerance * smaller
        assert sketches["b"].overlap(sketches["a"]).count == found.count
        held += found.low <= sizes["ab"] <= found.high
    assert held >= 9


def test_strangers_and_twins() -> None:
    strangers = drawn(random.Random(3), {"a": 4_000_000, "b": 4_000_000, "ab": 0})
    found = strangers["a"].overlap(strangers["b"])
    assert (found.count, found.low) == (0, 0)
    assert 0 < found.high < 4000
    twins = drawn(random.Random(3), {"a": 0, "b": 0, "ab": 4_000_000})
    found = twins["a"].overlap(twins["b"])
    assert (found.count, found.high) == (4_000_000, 4_000_000)
    assert 3_996_000 < found.low < 4_000_000


def test_novelty_of_a_large_audience() -> None:
    sketches = drawn(random.Random(4), {"a": 1_000_000, "b": 1_000_000, "ab": 3_000_000})
    new = novelty(sketches["a"], [sketches["b"]])
    assert abs(new.share - 0.25) < 0.02
    assert new.share_low < 0.25 < new.share_high
    assert seen_in(sketches["a"], [sketches["b"]], at_least=1).count == new.of - new.count
    assert seen_in(sketches["a"], [sketches["b"], sketches["b"]], at_least=2).count == new.of - new.count
    assert novelty(sketches["a"], []) == Estimate(4_000_000, 4_000_000, 4_000_000, 4_000_000)


def test_a_small_audience_beside_a_very_large_one_is_not_guessed_at() -> None:
    large = drawn(random.Random(6), {"a": 300_000_000, "b": 300_000_000, "ab": 0})["a"]
    few = fingerprint(range(20))
    assert large.theta < 1e-3
    for found in (few.overlap(large), novelty(few, [large])):
        assert found.low <= 1
        assert found.high >= 19


def test_different_salts_refuse_to_be_compared() -> None:
    mine, theirs = fingerprint(range(9)), fingerprint(range(9), salt="another")
    for compare in (mine.overlap, mine.share_of, lambda other: novelty(mine, [other])):
        with pytest.raises(FingerprintError, match="different salts"):
            compare(theirs)
    assert salt_id(SALT) == mine.salt_id != theirs.salt_id
    assert SALT not in mine.salt_id


@pytest.mark.parametrize(
    ("hashes", "distinct", "said"),
    [
        (range(10), 20, "10 hashes were given for 20 distinct addresses"),
        (range(10), 5, "10 hashes were given for 5 distinct"),
        (range(K - 10), 10 * K, "needs the 12,288 smallest"),
        ([1, 2, SPACE], 3, "more than 48 bits"),
        ([-1, 2], 2, "more than 48 bits"),
    ],
)
def test_hashes_that_cannot_be_right_are_refused(hashes: Iterable[int], distinct: int, said: str) -> None:
    with pytest.raises(FingerprintError, match=said):
        Fingerprint.of(hashes, distinct, salt=SALT)


def test_two_addresses_may_share_a_hash() -> None:
    sketch = Fingerprint.of([5, 5, 7], 3, salt=SALT)
    assert sketch.hashes == (5, 7)
    assert Fingerprint.from_bytes(sketch.to_bytes()) == sketch


def test_nobody() -> None:
    nobody = Fingerprint.of([], 0, salt=SALT)
    assert nobody.overlap(fingerprint(range(3))) == Estimate(0, 0, 0, 0)
    assert nobody.overlap(fingerprint(range(3))).share == 0.0
    assert Fingerprint.from_bytes(nobody.to_bytes()) == nobody
    with pytest.raises(ValueError, match="1 or more"):
        seen_in(nobody, [], at_least=0)
