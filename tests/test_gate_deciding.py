"""What is done with which verdict: nothing but `clear` leads to a send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.gate.deciding import compare, decide, effective, in_effect, parts_of, rechecks_of
from mailcheck.gate.jobs import Approval
from mailcheck.gate.model import Planned, Status, VerdictWord
from mailcheck.gate.settings import PolicyTable

NOW = datetime(2030, 3, 1, 8, 0, tzinfo=UTC)
SEND_AT = NOW + timedelta(hours=2)
SCHEDULES = PolicyTable(clear="schedule")
LEAVES = PolicyTable(held="leave", unsure="leave")
DOCUMENT = {"message": {"subject": "Spring", "html": "<p>Hello</p>"}, "id": "c1"}


def planned(status: Status = "draft", send_at: datetime | None = SEND_AT, **given: object) -> Planned:
    base = Planned("esp", "c1", "Spring", status, DOCUMENT, "v1", send_at, 1000)
    return replace(base, **given)  # type: ignore[arg-type]  # the cases are a table


@pytest.mark.parametrize(
    ("verdict", "policy", "status", "action", "topic", "said"),
    [
        ("clear", SCHEDULES, "draft", "schedule", "cleared", "is scheduled"),
        ("clear", SCHEDULES, "paused", "schedule", "cleared", "is scheduled"),
        ("clear", SCHEDULES, "cancelled", "leave", "cleared", "was cancelled"),
        ("clear", SCHEDULES, "scheduled", "leave", "cleared", "clear, and scheduled"),
        ("clear", SCHEDULES, "sending", "leave", "failed", "already being sent"),
        ("clear", SCHEDULES, "sent", "leave", "failed", "before it could be judged"),
        ("clear", SCHEDULES, "unknown", "leave", "failed", "could not be told"),
        ("clear", PolicyTable(), "draft", "leave", "cleared", "up to people"),
        ("held", SCHEDULES, "draft", "leave", "held", "stays unscheduled"),
        ("held", SCHEDULES, "scheduled", "revert", "reverted", "taken out of the schedule"),
        ("held", SCHEDULES, "unknown", "revert", "reverted", "taken out of the schedule"),
        ("held", SCHEDULES, "sending", "revert", "reverted", "already being sent"),
        ("held", SCHEDULES, "sent", "leave", "held", "before it could be judged"),
        ("held", LEAVES, "scheduled", "leave", "held", "stays scheduled, as the policy says"),
        ("unsure", SCHEDULES, "scheduled", "revert", "reverted", "could not be judged"),
        ("unsure", LEAVES, "scheduled", "leave", "unsure", "could not be judged"),
        ("unsure", SCHEDULES, "draft", "leave", "unsure", "stays unscheduled"),
    ],
)
def test_decisions(
    verdict: VerdictWord, policy: PolicyTable, status: Status, action: str, topic: str, said: str
) -> None:
    decision = decide(verdict, policy, planned(status), NOW)
    assert (decision.action, decision.topics[0]) == (action, topic)
    assert said in decision.reason


@pytest.mark.parametrize(
    ("send_at", "action", "said"),
    [
        (NOW + timedelta(minutes=5), "schedule", "is scheduled"),
        (NOW + timedelta(minutes=4, seconds=59), "leave", "too near: less than 5 minutes"),
        (NOW - timedelta(days=1), "leave", "too near"),
        (None, "leave", "no time"),
    ],
)
def test_a_send_needs_a_time_that_is_far_enough_ahead(send_at: datetime | None, action: str, said: str) -> None:
    decision = decide("clear", SCHEDULES, planned("draft", send_at), NOW)
    assert (decision.action, decision.topics[0]) == (action, "cleared" if action == "schedule" else "failed")
    assert said in decision.reason


MOMENTS = st.datetimes(datetime(2029, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)) | st.none()  # noqa: DTZ001 - the zone is given
POLICIES = st.builds(
    PolicyTable,
    clear=st.sampled_from(["schedule", "leave"]),
    held=st.sampled_from(["leave", "revert"]),
    unsure=st.sampled_from(["leave", "revert"]),
    lead=st.timedeltas(timedelta(0), timedelta(days=2)),
    recheck=st.lists(st.timedeltas(timedelta(0), timedelta(days=2)), max_size=3).map(tuple),
)


@given(
    st.sampled_from(get_args(VerdictWord)), POLICIES, st.sampled_from(get_args(Status)), MOMENTS, MOMENTS.filter(bool)
)
def test_whatever_is_set_only_what_is_clear_and_has_time_is_scheduled(
    verdict: VerdictWord, policy: PolicyTable, status: Status, send_at: datetime | None, now: datetime
) -> None:
    decision = decide(verdict, policy, planned(status, send_at), now)
    assert decision.topics
    assert decision.reason
    if decision.action == "schedule":
        assert verdict == "clear"
        assert policy.clear == "schedule"
        assert send_at is not None
        assert send_at >= now + policy.lead
    if decision.action == "revert":
        assert verdict != "clear"
        assert status in ("scheduled", "sending", "unknown")
    if verdict != "clear" and status in ("scheduled", "sending", "unknown") and decision.action == "leave":
        assert (policy.held if verdict == "held" else policy.unsure) == "leave"
    assert all(now < at <= (send_at or now) for at in decision.rechecks)


# what has changed


def approval(of: Planned) -> Approval:
    return Approval("esp", "c1", of.name, of.digest, of.version, parts_of(of), of.recipients, of.send_at, NOW, "job")


@pytest.mark.parametrize(
    ("now", "words", "grave"),
    [
        (planned("scheduled"), "nothing", False),
        (planned("sent", version="v9", name="Other"), "nothing", False),
        (
            planned(document={**DOCUMENT, "message": {"subject": "Sprung", "html": "<p>Hello</p>"}}),
            "the subject line",
            True,
        ),
        (planned(document={"id": "c1", "subject": "Spring", "html": "<p>Hello</p>"}), "nothing", False),
        (planned(document={**DOCUMENT, "odd": 1}), "“odd”", True),
        (planned(document={"message": {"subject": "x"}, "id": "c1"}), "the HTML part and the subject line", True),
        (planned(recipients=1050), "the number of recipients (1,000, now 1,050)", False),
        (planned(recipients=1200), "the number of recipients (1,000, now 1,200)", True),
        (planned(recipients=None), "the number of recipients (1,000, now unknown)", True),
        (planned(send_at=SEND_AT + timedelta(hours=1)), "the time of sending (now 2030-03-01 11:00 UTC)", True),
        (planned(send_at=SEND_AT.astimezone(timezone(timedelta(hours=9)))), "nothing", False),
        (planned(send_at=SEND_AT + timedelta(seconds=40)), "nothing", False),
        (planned(send_at=None), "the time of sending (now none)", True),
        (planned("sending", send_at=None), "nothing", False),
    ],
)
def test_what_has_changed_is_named(now: Planned, words: str, grave: bool) -> None:
    changes = compare(approval(planned()), now, drift=0.1)
    assert (str(changes), changes.grave) == (words, grave)
    assert bool(changes) == (words != "nothing")


def test_what_stands_beside_the_message_and_in_it_is_compared_in_both() -> None:
    both = planned(document={**DOCUMENT, "html": "<p>One</p>"})
    assert compare(approval(both), planned(document={**DOCUMENT, "html": "<p>Two</p>"})).grave


def test_without_a_drift_every_count_counts() -> None:
    assert compare(approval(planned()), planned(recipients=1001)).grave


def test_nothing_of_the_message_is_kept() -> None:
    assert "Hello" not in repr(approval(planned()))


def test_the_time_that_was_asked_for_is_for_drafts_without_one() -> None:
    asked = SEND_AT.replace(microsecond=7)
    assert effective(planned(), asked + timedelta(hours=1)).send_at == SEND_AT
    assert effective(planned(send_at=None), asked).send_at == SEND_AT
    assert effective(planned(send_at=None), None).send_at is None


def test_looks_before_the_send() -> None:
    policy = PolicyTable(recheck=(timedelta(minutes=10), timedelta(hours=1), timedelta(hours=9)))
    assert rechecks_of(policy, SEND_AT, NOW) == (SEND_AT - timedelta(hours=1), SEND_AT - timedelta(minutes=10))
    assert rechecks_of(policy, None, NOW) == rechecks_of(policy, SEND_AT, SEND_AT) == ()


@pytest.mark.parametrize("status", get_args(Status))
def test_what_has_taken_effect(status: Status) -> None:
    going = status in ("scheduled", "sending", "sent")
    assert in_effect("schedule", planned(status), SEND_AT) == going
    assert not in_effect("schedule", planned(status), SEND_AT + timedelta(hours=1))
    assert in_effect("revert", planned(status), SEND_AT) == (status in ("draft", "paused", "cancelled", "sent"))
