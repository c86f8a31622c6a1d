"""The audience against what was sent before: as many as always, of the usual kind, and not the same mail twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from msgspec import Struct
from pydantic import Field

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.audience.people import Audience
from mailcheck.audience.traits import Traits
from mailcheck.content.send_time import SendTime
from mailcheck.fingerprints import Fingerprint, novelty
from mailcheck.history.baseline import Bands, Drift, PastSend, expect
from mailcheck.history.past import History
from mailcheck.history.sends import Send
from mailcheck.run import Run
from mailcheck_rules._words import Options, begin, count, listed, percent

_TWO = {"people": ["ann@shop.example", "ben@shop.example"]}
_EIGHT = {"people": [f"person.{number}@shop.example" for number in range(8)]}
_PAST = [{"sent": f"2026-0{month}-01", "recipients": 7 + month % 3} for month in range(1, 7)]
_WEEKS = [{**send, "domains": {"shop.example": send["recipients"]}} for send in _PAST]
_OTHERS = [{**send, "domains": {"gmail.com": send["recipients"]}} for send in _PAST]
_DIGEST = "6a569bb23a952c141195d1bd8022bacc8e577ecdc3da74d67b20a29455db178a"


class DriftOptions(Options):
    min_history: int = Field(4, ge=2, description="earlier sends of the family that a usual number needs")
    window: int = Field(24, ge=4, le=100, description="the latest sends that are looked at")
    false_alarms: float = Field(0.0095, ge=0.0001, le=0.2, description="share of healthy sends that may be told")
    narrowest: float = Field(1.2, gt=1, description="the band is never narrower than this factor to both sides")
    widest: float = Field(4.0, gt=1, description="and never wider")
    hold: float = Field(1.5, ge=1, description="times the expected number, or times smaller, from which it is an error")
    min_recipients: int | None = Field(None, ge=0, description="fewer are an error, whatever was sent before")
    max_recipients: int | None = Field(None, ge=1, description="more are an error, whatever was sent before")
    everybody: int | None = Field(None, ge=1, description="size of the whole list; to mail as many is an error")
    max_ratio: float | None = Field(
        None, gt=1, description="so many times the usual number is an error, as is its inverse"
    )

    @property
    def bands(self) -> Bands:
        return Bands(**self.model_dump(exclude={"hold"}))


@rule(severity="error")
@bad(audience=_TWO, family="weekly", history={"sends": _PAST}, html="<p>x</p>", at="people")
@bad(
    audience=_EIGHT,
    family="weekly",
    history={"sends": _PAST[:1]},
    options={"max_recipients": 5},
    html="<p>x</p>",
    at="people",
)
@good(audience=_EIGHT, family="weekly", history={"sends": _PAST}, html="<p>x</p>")
def count_drift(
    audience: Audience,
    campaign: Campaign,
    options: DriftOptions,
    history: History | None = None,
    send_time: SendTime | None = None,
) -> Problems:
    """The mail goes to many more or many fewer people than earlier sends of its family.

    The usual number is learnt from the sends of the same `family`: robust against an accident of the past, aware of
    growth, kind, and the weekday where the time of the send is known. The band is as wide as those sends differ, and the
    message says it. With few earlier sends, or none, nothing can be told except what the fixed limits of the options say.
    Half as many again as expected, or so much fewer, is an error; less is a warning. Where the number is meant, waive this
    finding once.
    """
    sends = history.sends if history is not None else ()
    known = [(send, send.distinct if send.distinct is not None else send.recipients) for send in sends]
    past = [PastSend(send.at, number, send.kind or None) for send, number in known if number is not None]
    baseline = expect(past, _planned(send_time), kind=campaign.kind, options=options.bands)
    drift = baseline.judge(audience.recipients)
    if drift is None:
        if not baseline.bands:
            skip(_why_not(history, baseline.reason))
        return
    off = drift.ratio is not None and not 1 / options.hold < drift.ratio < options.hold
    mild = drift.what in ("fewer", "more") and not off
    yield Problem(
        f"{_said(drift)}. {_ADVICE[drift.what]}",
        evidence=audience.shown,
        severity="warning" if mild else None,
        data=_drift_data(drift, baseline.of),
    )


def _why_not(history: History | None, reason: str) -> str:
    if history is None:
        return "no earlier sends are known (--history FILE, or `history` in the settings), and no fixed limit is passed"
    return reason if history.family else "the campaign has no `family`, so it is compared with nothing"


def _said(drift: Drift) -> str:
    limits = {"minimum": "at least {}", "maximum": "at most {}", "everybody": "fewer than {}, who are everybody,"}
    if drift.what not in limits:
        return begin(drift.sentence)
    return f"{count(drift.count, 'recipient')}, where {limits[drift.what].format(f'{drift.limit:,.0f}')} are allowed"


_ADVICE = {
    "zero": "Nobody would get the mail; choose the audience anew.",
    "minimum": "Look whether the segment is whole.",
    "maximum": "Look whether a filter was lost.",
    "everybody": "Look whether a filter was lost.",
    "ratio": "That is too far from the usual number; look at the segment and its filters.",
    "fewer": "Look whether the segment is whole before sending.",
    "more": "Look whether a filter was lost before sending.",
}


def _drift_data(drift: Drift, sends: int) -> dict[str, object]:
    band = drift.nearest
    found: dict[str, object] = {"recipients": drift.count, "what": drift.what, "sends": sends}
    if drift.ratio is not None:
        found["ratio"] = round(drift.ratio, 3)
    return {**found, "low": band.low, "high": band.high, "expected": band.expected} if band else found


def _planned(send_time: SendTime | None) -> datetime | None:
    """When the mail is to be sent, if that is known with its zone."""
    known = send_time is not None and send_time.moment.utcoffset() is not None
    return send_time.moment if send_time is not None and known else None


class CompositionOptions(Options):
    min_history: int = Field(4, ge=2, description="earlier sends with such figures that are needed")
    points: float = Field(0.1, gt=0, le=1, description="how far beyond earlier shares a share may lie; 0.1: 10 points")
    new: float = Field(0.25, gt=0, le=1, description="share of people never mailed before that is always allowed")
    dormant: float = Field(0.5, gt=0, le=1, description="share of people not active for a year that is always allowed")


@rule(severity="warning")
@bad(audience=_EIGHT, family="weekly", history={"sends": _OTHERS}, html="<p>x</p>", at="domains")
@good(audience=_EIGHT, family="weekly", history={"sends": _WEEKS}, html="<p>x</p>")
def composition_drift(
    audience: Audience, traits: Traits, history: History, run: Run, options: CompositionOptions
) -> Problems:
    """The recipients are of another kind than those of earlier sends: other domains, countries or sources, new, dormant.

    The number may be right and the people wrong: another segment, a bought list, a list of last year. Shares of domains,
    countries, sources and languages are compared with those of earlier sends of the family; how many were never mailed
    before is estimated from the fingerprints of earlier sends of all families; dormant is who was last active a year ago.
    """
    told = list(_other_shares(audience, traits, history, options))
    told += _never_mailed(audience, history, run, options)
    told += _dormant(traits, history, options)
    if not told and not any(getattr(send, table) for send in history.sends for table, _ in _TABLES):
        skip("no earlier send of the family has figures of its audience; they are recorded with every judged campaign")
    yield from told


_TABLES = (("domains", "domains"), ("countries", "country"), ("sources", "source"), ("locales", "language"))
_LARGE = 0.02


def _other_shares(
    audience: Audience, traits: Traits, history: History, options: CompositionOptions
) -> Iterator[Problem]:
    for table, role in _TABLES:
        sends = [send for send in history.sends if getattr(send, table) and send.recipients][-24:]
        current = audience.domains if role == "domains" else traits.values(role)
        if len(sends) < options.min_history or not current:
            continue
        past = [_shares(getattr(send, table), send.recipients or 1) for send in sends]
        moved = list(_moved(_shares(current, audience.rows), past, options.points))
        if moved:
            said = listed((one.said for one in moved), 3)
            yield Problem(
                f"The recipients are others than usual by {'domain' if role == 'domains' else role}: {said} of earlier "
                f"sends. Make sure that this is the right segment.",
                evidence=table,
                data={"table": table, "values": {one.value: round(one.share, 4) for one in moved[:10]}},
            )


class _Moved(Struct, frozen=True):
    """A value whose share is not what it was."""

    value: str
    share: float
    low: float
    high: float

    @property
    def said(self) -> str:
        before = (
            percent(self.low)
            if percent(self.low) == percent(self.high)
            else f"{percent(self.low)} to {percent(self.high)}"
        )
        return f"{percent(self.share)} {self.value or '(blank)'}, against {before}"


def _moved(now: Mapping[str, float], past: Sequence[Mapping[str, float]], points: float) -> Iterator[_Moved]:
    """Values whose share lies that far beyond all of the past; where it is long enough, but for one accident."""
    names = {name for shares in (now, *past) for name, share in shares.items() if share >= _LARGE}
    found = []
    for name in names:
        before = sorted(shares.get(name, 0.0) for shares in past)
        if len(before) >= 6:
            middle = median(before)
            before = before[1:] if middle - before[0] > before[-1] - middle else before[:-1]
        share = now.get(name, 0.0)
        if share > before[-1] + points or share < before[0] - points:
            found.append(_Moved(name, share, before[0], before[-1]))
    yield from sorted(found, key=lambda one: (-abs(one.share - (one.low + one.high) / 2), one.value))


def _shares(counts: Mapping[str, int], total: int) -> dict[str, float]:
    found: Counter[str] = Counter()
    for name, number in counts.items():
        # A history that somebody wrote says DE where the engine counts de.
        found[name.strip().lower()] += number
    return {name: number / total for name, number in found.items()}


def _never_mailed(audience: Audience, history: History, run: Run, options: CompositionOptions) -> Iterator[Problem]:
    earlier = fingerprints_of(history.all(run.now - timedelta(days=400))[-30:]) if history.salt else []
    if len(earlier) < options.min_history:
        return
    now = novelty(audience.fingerprint(history.salt), earlier)
    # How many were new before: each of the last sends against those before it, the first of all left out.
    before = [novelty(earlier[place], earlier[:place]).share for place in range(2, len(earlier))][-6:]
    if now.share_low > max(options.new, max(before, default=0.0) + options.points):
        usual = f"in the last sends it was {percent(median(before))} as a rule" if before else "that is not usual"
        yield Problem(
            f"About {count(now.count, 'recipient')} ({percent(now.share)}) got none of the last {len(earlier):,} sends; "
            f"{usual}. Make sure that these people asked for it.",
            evidence="new",
            data={"new": now.count, "low": now.low, "high": now.high, "recipients": now.of, "sends": len(earlier)},
        )


def fingerprints_of(sends: Sequence[Send]) -> list[Fingerprint]:
    """The sketches of those sends that have one."""
    return [print_ for send in sends if (print_ := send.fingerprint) is not None]


def _dormant(traits: Traits, history: History, options: CompositionOptions) -> Iterator[Problem]:
    if not traits.has("last_active"):
        return
    dormant, dated = traits.dormant
    past = [send.counts["dormant"] / send.counts["dated"] for send in history.sends[-12:] if send.counts.get("dated")]
    allowed = max([options.dormant, *(share + options.points for share in past)])
    if dated and dormant / dated > allowed:
        yield Problem(
            f"{count(dormant, 'recipient')} of the {dated:,} whose last activity is known ({percent(dormant, dated)}) were "
            "last active more than a year ago. Mailbox providers take mail to such people for unwanted; leave them out, "
            "or win them back in small portions.",
            evidence="dormant",
            data={"dormant": dormant, "dated": dated},
        )


class RepeatOptions(Options):
    share: float = Field(0.05, ge=0, le=1, description="share of recipients who got the same mail that is told")
    most: float = Field(
        0.5, ge=0, le=1, description="share from which it is an error, where the subject is the same, too"
    )


@rule(severity="warning")
@bad(
    audience=_TWO,
    history={"sends": [{"sent": "2026-03-01", "recipients": 2, "digest": _DIGEST}]},
    html="<p>The beans are ready.</p>",
    at="people",
)
@good(
    audience=_TWO,
    history={"sends": [{"sent": "2026-03-01", "recipients": 2, "digest": _DIGEST}]},
    html="<p>The plums are ready.</p>",
)
def repeat(audience: Audience, history: History, run: Run, campaign: Campaign, options: RepeatOptions) -> Problems:
    """The same mail went out before, to some of the same people.

    Compared is the content, HTML and text without white space; the subject is not, for who sends again to those who did
    not open changes it. Where both audiences have fingerprints, how many would get it twice is estimated. A campaign that
    is itself recorded as sent is about to be sent twice.
    """
    own = history.own
    if own is not None and own.status == "sent":
        yield Problem(
            f"This campaign is recorded as sent on {own.at:%Y-%m-%d}; do not send it again, or give the new send an id "
            "of its own.",
            evidence=own.id,
            severity="error" if run.profile == "send" else None,
            data={"id": own.id, "sent": own.at.isoformat()},
        )
    same = [send for send in history.all() if history.digest and send.digest == history.digest]
    for send in reversed(same[-3:]):
        problem = _again(send, audience, history, campaign, options)
        if problem is not None:
            yield problem


def _again(
    send: Send, audience: Audience, history: History, campaign: Campaign, options: RepeatOptions
) -> Problem | None:
    when = send.at.astimezone(UTC)
    earlier = send.fingerprint if history.salt else None
    what = f"The same mail went out on {when:%Y-%m-%d}"
    data: dict[str, object] = {"id": send.id, "sent": when.isoformat(), "recipients": audience.recipients}
    if earlier is None:
        to = f" to {count(send.recipients, 'recipient')}" if send.recipients is not None else ""
        text = f"{what}{to}; who got it is not known. Make sure that nobody gets it twice."
        return Problem(text, evidence=audience.shown, data=data)
    both = audience.fingerprint(history.salt).overlap(earlier)
    if both.share < options.share or not both.count:
        return None
    about = "" if both.exact else "about "
    subject = campaign.message.subject.text if campaign.message.subject is not None else ""
    twice = both.share >= options.most and bool(send.subject) and " ".join(subject.split()) == send.subject
    return Problem(
        f"{what}, and {about}{count(both.count, 'recipient')} of the {both.of:,} ({percent(both.share)}) got it then. "
        "Leave them out, or do not send it again.",
        evidence=audience.shown,
        severity="error" if twice else None,
        data={**data, "both": both.count, "low": both.low, "high": both.high},
    )
