"""Recipients against what was sent before, through a real history store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import mailcheck
from mailcheck.audience.facts import open_audience
from mailcheck.audience.opening import Lists
from mailcheck.audience.tables import AudienceTable
from mailcheck.history.past import open_store
from mailcheck.history.sends import Send, digest_of
from mailcheck.reading import from_mapping

NOW = datetime.now(UTC)
HTML = "<p>The beans are ready.</p>"
SELECT = ("audience",)


def people(first: int, last: int, host: str = "larkmail.com") -> list[dict[str, str]]:
    return [{"email": f"person.{n}@{host}", "country": "nl"} for n in range(first, last)]


class Desk:
    """A history store, and what is recorded in it."""

    def __init__(self, folder: Path) -> None:
        self.where = str(folder / "history.sqlite")
        self.store = open_store(self.where)

    def sent(self, name: str, days_ago: float, rows: Sequence[Mapping[str, str]], **given: object) -> None:
        """Record a send as a judged campaign that then went out."""
        table = AudienceTable.model_validate({"people": list(rows)})
        figures = open_audience(table, Lists(Path())).figures(self.store.salt)
        known = {"domains": figures.domains, "countries": figures.countries, "counts": figures.counts, **given}
        send = Send(
            id=name,
            family="weekly",
            kind="marketing",
            status="sent",
            at=NOW - timedelta(days=days_ago),
            sent=NOW - timedelta(days=days_ago),
            recipients=figures.recipients,
            distinct=figures.distinct,
            **known,  # type: ignore[arg-type]  # a table of cases
        )
        self.store.judged(send, figures.fingerprint)

    def judge(self, rows: Sequence[Mapping[str, str]], **given: object) -> mailcheck.Report:
        campaign = {
            "id": "now",
            "family": "weekly",
            "subject": "Beans",
            "from": "Fernhill <post@fernhill.com>",
            "html": HTML,
            "audience": {"people": list(rows)},
            **given,
        }
        return mailcheck.check(campaign, settings={"select": SELECT, "history": self.where, "profile": "campaign"})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def found(report: mailcheck.Report) -> dict[str, mailcheck.Finding]:
    assert not [one.reason for one in report.campaigns[0].outcomes if one.status == "error"]
    return {f"{one.rule} {one.evidence}": one for one in report.findings}


def usual(desk: Desk, sends: int = 8) -> None:
    for week in range(sends, 0, -1):
        desk.sent(f"w{week}", 7 * week + 1, people(0, 200 + week % 3))


def test_a_send_like_the_others_is_quiet(desk: Desk) -> None:
    usual(desk)
    assert {name for name in found(desk.judge(people(0, 201))) if "suppression_missing" not in name} == set()


@pytest.mark.parametrize(("number", "what", "severity"), [(420, "more", "error"), (90, "fewer", "error")])
def test_twice_as_many_and_half_as_many(desk: Desk, number: int, what: str, severity: str) -> None:
    usual(desk)
    one = found(desk.judge(people(0, number)))["audience/count_drift people"]
    assert (one.data["what"], one.severity) == (what, severity)
    assert one.message.startswith(f"{number} recipients; the last 8 sends had 200 to 202.")


def test_people_of_elsewhere_who_were_never_mailed(desk: Desk) -> None:
    usual(desk)
    told = found(desk.judge(people(1_000, 1_200, "bought-list.com")))
    assert told["audience/composition_drift new"].data["new"] == 200
    moved = told["audience/composition_drift domains"].data["values"]
    assert moved == {"bought-list.com": 1.0, "larkmail.com": 0.0}


def test_the_third_mail_of_the_week(desk: Desk) -> None:
    usual(desk)
    desk.sent("monday", 5, people(0, 201))
    assert "audience/frequency people" not in found(desk.judge(people(0, 201)))
    desk.sent("wednesday", 3, people(0, 150))
    told = found(desk.judge(people(0, 201)))["audience/frequency people"]
    assert (told.data["people"], told.data["recipients"]) == (150, 201)
    assert "audience/frequency people" not in found(desk.judge(people(0, 201), kind="transactional"))


def test_the_same_mail_to_the_same_people(desk: Desk) -> None:
    digest = digest_of(from_mapping({"html": HTML}).message)
    desk.sent("once", 20, people(0, 100), digest=digest, subject="Beans")
    again = found(desk.judge(people(50, 150)))["audience/repeat people"]
    assert (again.data["both"], again.severity) == (50, "error")
    others = found(desk.judge(people(100, 200)))
    assert "audience/repeat people" not in others
    renamed = found(desk.judge(people(50, 150), subject="Beans, once more"))["audience/repeat people"]
    assert renamed.severity == "warning"


def test_a_campaign_that_was_sent_already(desk: Desk) -> None:
    desk.sent("now", 1, people(0, 100))
    report = desk.judge(people(0, 100))
    assert found(report)["audience/repeat now"].severity == "warning"


def test_a_suppression_list_that_lost_entries(desk: Desk) -> None:
    for week in range(4):
        desk.sent(f"w{week}", 7 * week + 8, people(0, 100), counts={"suppression": 1_000})
    told = found(desk.judge(people(0, 100), suppression={"people": people(5_000, 5_400)}))
    assert told["audience/suppression_shrunk entries"].severity == "error"
    less = found(desk.judge(people(0, 100), suppression={"people": people(5_000, 5_900)}))
    assert less["audience/suppression_shrunk entries"].severity == "warning"
    same = found(desk.judge(people(0, 100), suppression={"people": people(5_000, 5_990)}))
    assert "audience/suppression_shrunk entries" not in same


def test_a_judgement_records_how_long_the_suppression_lists_were(desk: Desk) -> None:
    desk.judge(people(0, 100), suppression={"people": people(5_000, 5_400)})
    send = desk.store.find("now")
    assert send is not None
    assert send.counts["suppression"] == 400


def test_nobody_opted_out_since_the_last_large_send(desk: Desk) -> None:
    desk.sent("large", 10, people(0, 6_000))
    day = (NOW - timedelta(days=15)).date().isoformat()
    listed = {"people": [{"email": "x@a-firm.de", "date": day}], "name": "optout.csv"}
    told = found(desk.judge(people(0, 6_000), suppression=listed))["audience/suppression_stale optout.csv"]
    assert "before the last send" in told.message


def test_dormant_people(desk: Desk) -> None:
    usual(desk)
    rows = [{**row, "last_active": "2019-05-01"} for row in people(0, 201)]
    assert found(desk.judge(rows))["audience/composition_drift dormant"].data["dormant"] == 201


def test_without_a_family_nothing_is_compared(desk: Desk) -> None:
    usual(desk)
    report = desk.judge(people(0, 5_000), family="")
    outcome = next(one for one in report.campaigns[0].outcomes if one.rule == "audience/count_drift")
    assert (outcome.status, "no `family`" in outcome.reason) == ("skipped", True)
