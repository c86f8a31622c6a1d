"""The usual number of recipients: what is flagged, what is not, and what is said."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.history.baseline import Bands, Baseline, PastSend, expect
from mailcheck.history.baseline_fit import invert, student_quantile

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEADY = (43_000, 41_000, 46_500, 44_000, 42_000, 45_000, 43_500, 44_200)


def sent(counts: Sequence[int], days: float = 7, kinds: Sequence[str | None] | None = None) -> list[PastSend]:
    labels = kinds or [None] * len(counts)
    return [
        PastSend(MONDAY + timedelta(days=days * i), count, kind)
        for i, (count, kind) in enumerate(zip(counts, labels, strict=True))
    ]


def after(
    counts: Sequence[int], days: float = 7, *, kinds: Sequence[str | None] | None = None, **how: object
) -> Baseline:
    when = MONDAY + timedelta(days=days * len(counts))
    return expect(sent(counts, days, kinds), when, **how)  # type: ignore[arg-type]  # passed on


def what(baseline: Baseline, count: int) -> str | None:
    drift = baseline.judge(count)
    return drift.what if drift else None


# one level


def test_the_numbers_are_said_as_a_marketer_would() -> None:
    drift = after(STEADY).judge(98_113)
    assert drift is not None
    assert (drift.what, drift.count) == ("more", 98_113)
    assert drift.sentence == "98,113 recipients; the last 8 sends had 41,000 to 46,500"
    assert drift.ratio == pytest.approx(98_113 / 43_625, rel=0.01)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "zero"), (1, "fewer"), (22_000, "fewer"), (26_000, "fewer"), (40_000, None), (47_000, None), (61_000, "more")],
)
def test_both_directions_are_flagged(count: int, said: str | None) -> None:
    assert what(after(STEADY), count) == said


def test_an_old_accident_is_left_out_and_said() -> None:
    counts = [*STEADY[:3], 98_113, *STEADY[3:]]
    baseline = after(counts)
    clean = after(STEADY)
    assert [send.recipients for send in baseline.accidents] == [98_113]
    assert not baseline.mixed
    assert baseline.low == pytest.approx(clean.low, rel=0.03)
    assert baseline.high == pytest.approx(clean.high, rel=0.03)
    assert baseline.reason == "8 of the last 9 sends had 41,000 to 46,500, and 98,113 the other"


def test_a_growing_family_may_grow_on() -> None:
    baseline = after([round(20_000 * 1.04**i * (1.01 if i % 2 else 0.99)) for i in range(12)])
    assert baseline.trend == pytest.approx(0.04, abs=0.01)
    assert what(baseline, round(20_000 * 1.04**12)) is None
    assert what(baseline, round(20_000 * 1.04**12 * 1.4)) == "more"
    assert what(baseline, 20_000) == "fewer"


def test_a_family_that_does_not_grow_has_no_trend() -> None:
    assert after(STEADY).trend == 0


def test_a_long_pause_in_a_family_that_grows_by_the_week() -> None:
    weeks = [0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23]
    past = [PastSend(MONDAY + timedelta(weeks=week), round(10_000 * 1.03**week)) for week in weeks]
    baseline = expect(past, MONDAY + timedelta(weeks=24))
    assert what(baseline, round(10_000 * 1.03**24)) is None
    assert what(baseline, 10_000) == "fewer"


def test_the_season_of_last_year_is_remembered() -> None:
    counts = [14_000 if month % 12 == 11 else 10_000 + 40 * (month % 5) for month in range(23)]
    past = [PastSend(datetime(2024 + month // 12, month % 12 + 1, 5, tzinfo=UTC), n) for month, n in enumerate(counts)]
    assert what(expect(past, datetime(2025, 12, 5, tzinfo=UTC)), 10_100) is None
    assert what(expect(past, datetime(2025, 12, 5, tzinfo=UTC)), 20_000) == "more"


def test_what_differs_widely_is_said_to_be_wide() -> None:
    wild = after([9_000, 31_000, 16_000, 52_000, 11_000, 24_000, 70_000, 14_000])
    assert wild.wide
    assert not after(STEADY).wide


# several levels


TWO = (8_000, 45_000, 8_100, 45_900, 7_900, 44_100, 8_050, 45_200)


def test_a_family_of_two_segments_is_said_to_be_mixed() -> None:
    baseline = after(TWO)
    assert baseline.mixed
    assert baseline.by is None
    assert [(band.lowest, band.highest) for band in baseline.bands] == [(7_900, 8_100), (44_100, 45_900)]
    assert [what(baseline, n) for n in (8_000, 45_000, 16_000, 22_000, 90_000)] == [None, None, "more", "fewer", "more"]
    assert "7,900 to 8,100 (4 times) or 44,100 to 45,900 (4 times)" in baseline.reason


def test_the_weekday_tells_segments_apart() -> None:
    whens = [MONDAY + timedelta(days=7 * (i // 2) + 3 * (i % 2)) for i in range(8)]
    past = [PastSend(when, count) for when, count in zip(whens, TWO, strict=True)]
    monday = expect(past, MONDAY + timedelta(days=28))
    thursday = expect(past, MONDAY + timedelta(days=31))
    wednesday = expect(past, MONDAY + timedelta(days=30))
    assert (monday.by, thursday.by, wednesday.by) == ("weekday", "weekday", None)
    assert [what(monday, n) for n in (8_000, 45_000)] == [None, "more"]
    assert [what(thursday, n) for n in (8_000, 45_000)] == ["fewer", None]
    assert [what(wednesday, n) for n in (8_000, 45_000)] == [None, None]
    assert monday.mixed
    assert monday.reason == "the last 4 sends on such weekdays had 7,900 to 8,100"


def test_the_weekday_is_that_of_the_planned_zone() -> None:
    late = timezone(timedelta(hours=-8))
    whens = [datetime(2026, 3, 2 + 7 * (i // 2) + 3 * (i % 2), 18, tzinfo=late).astimezone(UTC) for i in range(8)]
    past = [PastSend(when, count) for when, count in zip(whens, TWO, strict=True)]
    monday = expect(past, datetime(2026, 3, 30, 9, tzinfo=late))
    assert [what(monday, n) for n in (8_000, 45_000)] == [None, "more"]


@pytest.mark.parametrize("label", ["kind", "segment"])
def test_a_label_tells_segments_apart(label: str) -> None:
    names = ["offer" if count > 20_000 else "news" for count in TWO]
    past = [PastSend(send.when, send.recipients, **{label: name}) for send, name in zip(sent(TWO), names, strict=True)]
    planned = {name: expect(past, MONDAY + timedelta(weeks=9), **{label: name}) for name in ("news", "offer", "other")}  # type: ignore[arg-type]  # by name
    assert [planned[name].by for name in planned] == [label, label, None]
    assert [what(planned["news"], n) for n in (8_000, 45_000)] == [None, "more"]
    assert [what(planned["offer"], n) for n in (8_000, 45_000)] == ["fewer", None]


def test_one_send_of_another_kind_is_no_accident() -> None:
    counts = [8_000, 8_100, 45_000, 7_900, 8_050, 8_000, 7_950, 8_020]
    kinds = ["offer" if count == 45_000 else "news" for count in counts]
    offer, news = (after(counts, kinds=kinds, kind=kind) for kind in ("offer", "news"))
    assert offer.mixed
    assert news.mixed
    assert [what(offer, n) for n in (8_000, 45_000)] == ["fewer", None]
    assert [what(news, n) for n in (8_000, 45_000)] == [None, "more"]


def test_labels_that_mean_nothing_change_nothing() -> None:
    kinds = ["news", "offer", "offer", "news", "news", "offer", "news", "offer"]
    labelled, plain = after(STEADY, kinds=kinds, kind="news"), after(STEADY)
    assert labelled.low == pytest.approx(plain.low, rel=0.05)
    assert not labelled.mixed


def test_a_change_for_good_is_followed() -> None:
    baseline = after([8_000, 8_100, 7_900, 8_050, 8_000, 7_950, 8_020, 45_000, 45_400, 44_800, 45_100, 45_000])
    assert baseline.changed == MONDAY + timedelta(weeks=7)
    assert not baseline.mixed
    assert [what(baseline, n) for n in (8_000, 45_000)] == ["fewer", None]
    assert "2026-04-20" in baseline.reason


# little is known


def test_without_history_only_zero_and_fixed_limits_are_judged() -> None:
    for counts in ((), (5_000,), (5_000, 5_100, 4_900)):
        baseline = after(counts, options=Bands(min_recipients=10, max_recipients=100_000))
        assert baseline.bands == ()
        assert [what(baseline, n) for n in (0, 9, 5_000, 50_000, 100_001)] == ["zero", "minimum", None, None, "maximum"]
    assert after(()).reason == "no earlier send of this family is known; a usual number of recipients needs 4"
    assert "only 3 earlier sends with recipients (the last had 5,100 and 4,900)" in baseline.reason


def test_a_fixed_ratio_works_from_the_first_send() -> None:
    baseline = after([5_000], options=Bands(max_ratio=3))
    assert [what(baseline, n) for n in (1_600, 1_700, 14_900, 15_000)] == ["ratio", None, None, "ratio"]


def test_everybody_is_flagged_even_where_it_is_usual() -> None:
    baseline = after(STEADY, options=Bands(everybody=44_000))
    assert [what(baseline, n) for n in (43_999, 44_000)] == [None, "everybody"]


def test_sends_to_nobody_teach_nothing() -> None:
    baseline = after([*STEADY[:4], 0, 0, *STEADY[4:]])
    assert (baseline.used, baseline.of) == (8, 10)
    assert what(baseline, 43_000) is None
    assert after([0] * 12).bands == ()


def test_sends_that_come_later_are_not_earlier() -> None:
    past = sent([*STEADY, 90_000, 91_000])
    assert expect(past, past[8].when).high == after(STEADY).high


def test_only_the_window_counts() -> None:
    baseline = after([1_000, 1_100, 1_200, *STEADY], options=Bands(window=8))
    assert (baseline.used, baseline.of, baseline.low) == (8, 11, after(STEADY).low)


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        PastSend(MONDAY.replace(tzinfo=None), 1)
    with pytest.raises(ValueError, match="time zone"):
        expect([], MONDAY.replace(tzinfo=None))
    with pytest.raises(ValueError, match="-1 recipients"):
        PastSend(MONDAY, -1)
    with pytest.raises(ValueError, match="-1 recipients"):
        after(STEADY).judge(-1)


@pytest.mark.parametrize(
    "wrong",
    [{"min_history": 1}, {"window": 3}, {"false_alarms": 0.0}, {"narrowest": 1.0}, {"widest": 1.1}, {"max_ratio": 1.0}],
)
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Bands(**wrong)  # type: ignore[arg-type]  # by name


def test_options_set_the_width() -> None:
    narrow, usual = after(STEADY, options=Bands(false_alarms=0.1, narrowest=1.01)), after(STEADY)
    fixed = after(STEADY, options=Bands(narrowest=1.5, widest=1.5)).bands[0]
    assert usual.low is not None
    assert narrow.low is not None
    assert narrow.low > usual.low
    assert fixed.low == pytest.approx(fixed.expected / 1.5, abs=2)
    assert fixed.high == pytest.approx(fixed.expected * 1.5, abs=2)


# properties


COUNTS = st.lists(st.integers(0, 10**9), max_size=26)
REAL = st.lists(st.integers(10**5, 10**7), min_size=4, max_size=14)


@settings(max_examples=150, deadline=None)
@given(COUNTS | st.lists(st.sampled_from([0, 1, 2, 10**30, 10**320]), max_size=26), st.integers(0, 10**320))
def test_any_counts_are_judged(counts: list[int], planned: int) -> None:
    baseline = after(counts)
    drift = baseline.judge(planned)
    assert (drift is not None) or planned
    assert all(band.low <= band.expected <= band.high for band in baseline.bands)
    assert bool(baseline.bands) == (sum(map(bool, counts)) >= 4)
    if drift:
        assert f"{planned:,}" in drift.sentence


@settings(max_examples=100, deadline=None)
@given(REAL, st.sampled_from([2, 3, 10, 1_000]))
def test_a_list_ten_times_as_long_has_a_band_ten_times_as_high(counts: list[int], times: int) -> None:
    one, many = after(counts), after([count * times for count in counts])
    assert [band.used for band in one.bands] == [band.used for band in many.bands]
    for small, large in zip(one.bands, many.bands, strict=True):
        assert large.low == pytest.approx(small.low * times, rel=1e-4)
        assert large.high == pytest.approx(small.high * times, rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(REAL, st.randoms(use_true_random=False))
def test_the_order_in_which_sends_are_given_does_not_matter(counts: list[int], rng: random.Random) -> None:
    past = sent(counts)
    shuffled = rng.sample(past, len(past))
    assert expect(shuffled, MONDAY + timedelta(weeks=30)) == expect(past, MONDAY + timedelta(weeks=30))


@settings(max_examples=60, deadline=None)
@given(REAL, st.integers(0, 10**8))
def test_what_lies_between_two_usual_counts_of_a_level_is_usual(counts: list[int], planned: int) -> None:
    for band in after(counts).bands:
        inside = band.low <= planned <= band.high
        assert (planned in band) == inside
        assert after(counts).judge(band.low) is None
        assert after(counts).judge(band.high) is None


@pytest.mark.parametrize("sends", [4, 8, 16])
def test_a_more_restless_history_has_no_narrower_band(sends: int) -> None:
    rng = random.Random(5)
    noise = [rng.gauss(0, 1) for _ in range(sends)]
    noise = [value - sum(noise) / sends for value in noise]
    widths = []
    for spread in (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14):
        band = after([round(1e8 * math.exp(spread * value)) for value in noise]).bands[0]
        widths.append(band.high / band.low)
    assert all(wider >= narrower * (1 - 1e-6) for narrower, wider in pairwise(widths))
    assert widths[-1] > widths[0]


# a small simulation; the large one is tests/benchmarks/drift.py


def simulated(
    noise: float, sends: int, runs: int, *, seed: int, wreck: Callable[[random.Random, list[float]], None] | None = None
) -> dict[float, float]:
    """Shares of counts that are flagged, by the factor planted; 1 is the healthy count."""
    rng = random.Random(seed)
    flagged = dict.fromkeys((0.5, 0.6, 1.0, 1.4, 2.0), 0)
    for _ in range(runs):
        counts = [30_000 * math.exp(noise * rng.gauss(0, 1)) for _ in range(sends)]
        if wreck:
            wreck(rng, counts)
        baseline = after([round(count) for count in counts])
        healthy = 30_000 * math.exp(noise * rng.gauss(0, 1))
        for times in flagged:
            flagged[times] += baseline.judge(round(healthy * times)) is not None
    return {times: count / runs for times, count in flagged.items()}


def test_stable_families_raise_few_alarms_and_hide_no_mistake() -> None:
    flagged = simulated(0.05, 8, 1_000, seed=11)
    assert flagged[1.0] <= 0.005
    assert min(flagged[0.5], flagged[0.6], flagged[1.4], flagged[2.0]) >= 0.985


def test_noisy_families_raise_few_alarms_and_hide_few_mistakes() -> None:
    flagged = simulated(0.15, 8, 1_000, seed=12)
    assert flagged[1.0] <= 0.035
    assert min(flagged[0.5], flagged[2.0]) >= 0.88


def test_one_accident_hides_nothing() -> None:
    def wreck(rng: random.Random, counts: list[float]) -> None:
        counts[rng.randrange(len(counts) - 1)] *= rng.choice((0.1, 0.3, 3, 10))

    calm = simulated(0.05, 9, 500, seed=13, wreck=wreck)
    noisy = simulated(0.15, 9, 500, seed=14, wreck=wreck)
    assert calm[1.0] <= 0.01
    assert min(calm[0.6], calm[1.4]) >= 0.97
    assert noisy[1.0] <= 0.04
    assert min(noisy[0.5], noisy[2.0]) >= 0.85


# arithmetic


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [(0.975, 8, 2.306), (0.995, 8, 3.355), (0.995, 24, 2.797), (0.975, 40, 2.021), (0.005, 16, -2.921)],
)
def test_quantiles_are_those_of_the_tables(share: float, freedom: float, value: float) -> None:
    assert student_quantile(share, freedom) == pytest.approx(value, rel=0.003)


def test_the_inverse_is_one() -> None:
    rows = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]]
    inverse, log_determinant = invert([row.copy() for row in rows])
    for i in range(3):
        for j in range(3):
            assert sum(rows[i][k] * inverse[k][j] for k in range(3)) == pytest.approx(float(i == j), abs=1e-12)
    assert math.exp(log_determinant) == pytest.approx(4 * (6 - 0.04) - 1 * (2 - 0.1) + 0.5 * (0.2 - 1.5))
