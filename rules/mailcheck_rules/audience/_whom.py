"""Whether these are the people whom the mail is for: entitled, of its language, not mailed yesterday, not only ourselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from email.utils import parseaddr

from pydantic import Field

from mailcheck import Campaign, Message, Part, Problem, Problems, bad, good, rule, skip
from mailcheck.audience.facts import Segments
from mailcheck.audience.known import providers
from mailcheck.audience.locales import country_of, language_of
from mailcheck.audience.people import Audience
from mailcheck.audience.suppressing import outside
from mailcheck.audience.tables import Only
from mailcheck.audience.traits import Traits
from mailcheck.fingerprints import seen_in
from mailcheck.history.past import History
from mailcheck.rule import Unusable
from mailcheck.run import Run
from mailcheck_rules._words import Options, begin, count, is_are, listed, of_all, percent, such_as

_ADULT = {"email": "ann@shop.example", "born": "1980-02-29", "plan": "Gold"}
_CHILD = {"email": "ben@shop.example", "born": "2999-01-01", "plan": "free"}
_MOST_UNREAD = 0.2
"""Of a column with more of what cannot be read, nothing is told."""
_SEVEN = [f"person.{number}@shop.example" for number in range(7)]


@rule(severity="error")
@bad(
    audience={"people": [_ADULT, _CHILD], "only": [{"who": "paying members", "column": "plan", "values": ["gold"]}]},
    html="<p>x</p>",
    at="paying members",
)
@bad(
    audience={"people": [_ADULT, _CHILD], "only": [{"who": "adults", "column": "born", "min_age": 18}]},
    html="<p>x</p>",
    at="adults",
)
@bad(
    audience={"people": [_ADULT, _CHILD], "only": [{"who": "members", "segment": "club"}]},
    segments={"club": {"people": ["ann@shop.example"]}},
    html="<p>x</p>",
    at="members",
)
@good(
    audience={"people": [_ADULT], "only": [{"who": "members", "segment": "club"}]},
    segments={"club": {"people": ["ANN@shop.example"]}},
    html="<p>x</p>",
)
def not_entitled(audience: Audience, traits: Traits, run: Run, segments: Segments | None = None) -> Problems:
    """An offer that is for some people only goes to others, too.

    `[[audience.only]]` in the manifest says whom it is for: people with one of some values in a column (a plan, a consent,
    a country), people of an age, or the members of a segment. Whose value is blank or cannot be read is not one of them.
    """
    if not audience.table.only:
        skip("the offer is for everybody ([[audience.only]] in the manifest says for whom it is)")
    for only in audience.table.only:
        yield from _not_one_of(only, audience, traits, run, segments or {})


def _not_one_of(only: Only, audience: Audience, traits: Traits, run: Run, segments: Segments) -> Iterator[Problem]:
    moved = ""
    if only.segment is None:
        total, noun = audience.rows - audience.blank, "rows"
        others = traits.outside(only, run.now.date())
    elif only.segment in segments:
        total, noun = audience.recipients, "recipients"
        compared = outside(audience.staged, segments[only.segment])
        others, moved = compared.people, compared.moved
    else:
        known = listed(segments) or "none"
        yield Problem(
            f"The offer is for {only.who}, but the segment {only.segment!r} was not given (given: {known}), so it is not "
            "known who they are; add it to [segments].",
            evidence=only.who,
            data={"segment": only.segment},
        )
        return
    if others:
        yield Problem(
            f"{begin(of_all(others.count, total, noun))} {is_are(others.count)} not of those whom the offer is for "
            f"({only.who}){such_as(others.examples)}; take them out, or mend the segment.",
            evidence=only.who,
            data={"others": others.count, "of": total, "who": only.who, **({"moved": moved} if moved else {})},
        )


class LocaleOptions(Options):
    share: float = Field(0.05, ge=0, le=1, description="share of people of other languages or markets that is told")
    most: float = Field(0.5, ge=0, le=1, description="share from which it is an error")


@rule(severity="warning")
@bad(
    audience={"people": [{"email": "a@b.example", "language": "de-AT"}, {"email": "c@d.example", "language": "Dutch"}]},
    locale="nl",
    html="<p>x</p>",
    at="language",
)
@bad(
    audience={
        "people": [{"email": "a@b.example", "country": "Belgi\u00eb"}, {"email": "c@d.example", "country": "fr"}],
        "markets": ["NL", "BE"],
    },
    html="<p>x</p>",
    at="country",
)
@good(
    audience={"people": [{"email": "a@b.example", "language": "nl_BE"}, {"email": "c@d.example", "language": ""}]},
    locale="nl-NL",
    html="<p>x</p>",
)
def wrong_locale(audience: Audience, traits: Traits, campaign: Campaign, options: LocaleOptions) -> Problems:
    """The mail is in another language than its recipients read, or for another market than they live in.

    Compared are the declared languages of the message (`locale`) with the column of the language, and the countries that
    the message is for (`markets` in the table `[audience]`) with the column of the country. Blank and unknown values do not
    count. It is an error when it is most of the recipients.
    """
    languages = {language_of(locale) for locale in campaign.locales} - {""}
    markets = {country_of(market) for market in audience.table.markets} - {""}
    compared = (("language", languages, language_of), ("country", markets, country_of))
    usable = [one for one in compared if one[1] and traits.has(one[0])]
    if not usable:
        skip(
            "nothing to compare: it needs `locale` and a column of the language, or `markets` of [audience] and a column "
            "of the country"
        )
    coded = [(role, meant, _coded(traits.values(role), code_of)) for role, meant, code_of in usable]
    if not any(known for _, _, known in coded):
        skip(f"no value in the column of the {' or the '.join(role for role, _, _ in coded)} is known to mailcheck")
    for role, meant, known in coded:
        yield from _of_others(role, meant, known, options)


def _coded(values: Mapping[str, int], code_of: Callable[[str], str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value, number in values.items():
        if code := code_of(value):
            found[code] = found.get(code, 0) + number
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _of_others(role: str, meant: set[str], known: Mapping[str, int], options: LocaleOptions) -> Iterator[Problem]:
    others = {code: number for code, number in known.items() if code not in meant}
    total, number = sum(known.values()), sum(others.values())
    if not number or number < options.share * total:
        return
    codes = str.lower if role == "language" else str.upper
    said = listed((f"{codes(code)} ({n:,})" for code, n in others.items()), 5)
    what = (
        "read another language than that of the mail"
        if role == "language"
        else "live in another market than the mail is for"
    )
    yield Problem(
        f"{begin(of_all(number, total))} whose {role} is known ({percent(number, total)}) {what} "
        f"({', '.join(sorted(map(codes, meant)))}): {said}. Take them out, or send them a mail of their own.",
        evidence=role,
        severity="error" if number >= options.most * total else None,
        data={"others": number, "of": total, "values": dict(list(others.items())[:20]), "meant": sorted(meant)},
    )


class FrequencyOptions(Options):
    most: int = Field(2, ge=1, description="mails of the last days that a person may have got already")
    days: int = Field(7, ge=1, le=90, description="days that are looked back, where earlier sends are known")
    share: float = Field(0.02, ge=0, le=1, description="share of such people from which it is told")


@rule(severity="warning")
@bad(
    audience={"people": [{"email": "a@b.example", "recent_mails": 4}, {"email": "c@d.example", "recent_mails": 0}]},
    html="<p>x</p>",
    at="people",
)
@good(audience={"people": [{"email": "a@b.example", "recent_mails": 1}]}, html="<p>x</p>")
def frequency(
    audience: Audience,
    traits: Traits,
    campaign: Campaign,
    run: Run,
    options: FrequencyOptions,
    history: History | None = None,
) -> Problems:
    """Many recipients got several mails in the last days already.

    Too much mail is the first reason that people give for leaving a list. Counted in a column of the list
    (`recent_mails`: mails of the last seven days); without one, estimated from the fingerprints of what was sent in the
    last `days`, of all families. The rule is unsure where more than a fifth of the column cannot be read, or so much that
    these people would make the difference.
    """
    if campaign.kind != "marketing":
        skip(f"the mail is {campaign.kind}, which people get when they must")
    if traits.has("recent_mails"):
        yield from _too_often(audience, traits, options)
        return
    if history is None or not history.salt:
        skip("it is not known how many mails people got (`columns.recent_mails`, or a history with fingerprints)")
    yield from _probably_too_often(audience, history, run, options)


def _probably_too_often(audience: Audience, history: History, run: Run, options: FrequencyOptions) -> Iterator[Problem]:
    sends = [send for send in history.all(run.now - timedelta(days=options.days)) if send.kind != "transactional"]
    prints = [print_ for send in sends if (print_ := send.fingerprint) is not None]
    if len(prints) < options.most:
        return
    found = seen_in(audience.fingerprint(history.salt), prints, at_least=options.most)
    if not found.count or found.share_low < options.share:
        return
    about = "" if found.exact else "about "
    yield Problem(
        f"{begin(about + of_all(found.count, found.of))} ({percent(found.share)}) got {options.most:,} or more of the "
        f"{count(len(prints), 'mail')} of the last {options.days} days already; leave them out, or send later.",
        evidence=audience.shown,
        data={
            "people": found.count,
            "low": found.low,
            "high": found.high,
            "recipients": found.of,
            "mails": options.most,
            "sends": len(prints),
            "sends_without_fingerprint": len(sends) - len(prints),
        },
    )


def _too_often(audience: Audience, traits: Traits, options: FrequencyOptions) -> Iterator[Problem]:
    read, filled = traits.numbers("recent_mails")
    unread = filled - read
    found, told_from = traits.at_least("recent_mails", options.most), options.share * audience.rows
    may_be_told = found.count < told_from <= found.count + unread
    if unread > _MOST_UNREAD * filled or may_be_told:
        none = "is no number" if unread == 1 else "are no numbers"
        raise Unusable(
            f"{audience.shown}: the column {traits.heading('recent_mails')!r}: {unread:,} of its {filled:,} values {none} "
            "that can be read; write them like 2"
        )
    if found and found.count >= told_from:
        yield Problem(
            f"{begin(of_all(found.count, audience.rows))} ({percent(found.count, audience.rows)}) got "
            f"{count(options.most, 'mail')} or more in the last seven days already{such_as(found.examples)}; leave them "
            "out, or send later.",
            evidence=audience.shown,
            data={"rows": audience.rows, "people": found.count, "mails": options.most, "unread": unread},
        )


class InternalOptions(Options):
    few: int = Field(3, ge=0, description="a marketing mail to so few, or fewer, is told")
    most: int = Field(100, ge=1, description="recipients of our own up to which it is an error")


@rule(severity="error")
@bad(
    audience={"people": ["ann@acme-garden.com", "ben@shop.acme-garden.com"], "internal": ["shop.acme-garden.com"]},
    sender="Shop <news@mail.acme-garden.com>",
    html="<p>x</p>",
    at="people",
)
@bad(audience={"people": ["ann@gmail.com", "ben@gmx.de"]}, html="<p>x</p>", at="people")
@good(audience={"people": ["ann@acme-garden.com", *_SEVEN]}, sender="news@acme-garden.com", html="<p>x</p>")
@good(audience={"people": ["ann@gmail.com"]}, kind="transactional", html="<p>x</p>")
def internal_only(audience: Audience, message: Message, campaign: Campaign, options: InternalOptions) -> Problems:
    """Everybody on the list is one of us: the test list is about to be mailed in the place of the real one.

    Ours are the domains of the sender and those of `internal` in the table `[audience]`. A marketing mail to a handful of
    people is told with a warning.
    """
    own = {domain.lower().lstrip("@") for domain in audience.table.internal} | set(_domains_of(message.sender))
    at_own = audience.at_domains(own)
    ours = sum(at_own.values())
    if ours and ours >= audience.rows - audience.blank:
        yield Problem(
            f"{begin(of_all(ours, ours))} {is_are(ours)} at your own domains ({listed(at_own)}): this looks like a test "
            "list. Choose the real audience.",
            evidence=audience.shown,
            severity="error" if audience.recipients <= options.most else "warning",
            data={"recipients": audience.recipients, "internal": ours},
        )
    elif campaign.kind == "marketing" and audience.recipients <= options.few:
        yield Problem(
            f"The list has only {count(audience.recipients, 'recipient')}: is it a test list? Choose the real audience.",
            evidence=audience.shown,
            severity="warning",
            data={"recipients": audience.recipients, "internal": ours},
        )


def _domains_of(sender: Part | None) -> Iterator[str]:
    """The domain of the sender and those above it, unless anybody can have a mailbox there."""
    domain = parseaddr(sender.text)[1].rpartition("@")[2].lower() if sender is not None else ""
    parts = domain.split(".")
    public = frozenset(providers()[0])
    yield from (end for start in range(len(parts) - 1) if (end := ".".join(parts[start:])) not in public)


@rule(severity="warning")
@bad(audience={"people": _SEVEN, "seeds": ["desk@shop.example"]}, html="<p>x</p>", at="people")
@good(audience={"people": [*_SEVEN, "desk@shop.example"], "seeds": ["Desk@shop.example"]}, html="<p>x</p>")
def seeds_missing(audience: Audience) -> Problems:
    """Addresses of your own that should be in the list are not, so nobody of you will see the mail arrive.

    And a list without them may be another list than you think (`seeds` in the table `[audience]`).
    """
    seeds = audience.table.seeds
    if not seeds:
        skip("no seed addresses were named (`seeds` in the table [audience])")
    there = audience.holding(seeds)
    missing = [seed for seed in seeds if seed not in there]
    if missing:
        yield Problem(
            f"{begin(of_all(len(missing), len(seeds), 'seed addresses'))} {is_are(len(missing))} not in the list "
            f"({listed(missing)}); add them, and make sure that this is the list you mean.",
            evidence=audience.shown,
            data={"missing": len(missing), "seeds": len(seeds)},
        )
