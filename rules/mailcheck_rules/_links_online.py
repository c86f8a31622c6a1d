"""Rules `links/*` that ask the web. Every address is asked for once, however many rules look at the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import Field

from mailcheck import AsyncProblems, Problem, bad, good, rule
from mailcheck.content import link_form
from mailcheck.content.link_hosts import shortener
from mailcheck.content.links import Link
from mailcheck.content.send_time import SendTime
from mailcheck.online.asking import Checked, LinkChecks
from mailcheck.online.plan import Unasked
from mailcheck.online.redirects import downgraded, ends_elsewhere, lost_parameters, moved_for_good
from mailcheck.rule import Severity
from mailcheck.run import Run
from mailcheck_rules._words import Options

_DO_BROKEN = {
    "status": "Correct the address, or put the page online before the send.",
    "no-such-host": "Correct the address.",
    "refused": "Have the server looked at before the send.",
    "reset": "Have the server looked at before the send.",
    "tls-expired": "Have the certificate renewed before the send.",
    "tls-host": "Use the name that the certificate is for, or have it renewed.",
    "tls-self-signed": "Have the server given a certificate that everybody trusts.",
    "redirect-loop": "Link to the page itself.",
    "parked": "Correct the address.",
}
_DO_SUSPECT = {
    "status": "Open it before the send.",
    "soft-404": "Open it, and correct the address if the page is gone.",
    "home": "Correct the address, or link to the front page on purpose.",
    "login": "Link to a page that everybody may open.",
    "parked": "Open it, and correct the address if so.",
    "tls-incomplete-chain": "Have the server send its whole chain of certificates.",
    "sloppy-url": "Write the address so that every program reads it.",
    "malformed": "Open it in a browser, and have the server looked at.",
}


def places(links: Sequence[Link]) -> str:
    """A sentence about the other places of an address; empty when there are none."""
    others = len(links) - 1
    if not others:
        return ""
    lines = sorted({one.span.where.line for one in links[1:] if one.span.part is links[0].span.part})
    shown = ", ".join(map(str, lines[:6])) + (" …" if len(lines) > 6 else "")
    where = f" (line{'s' if len(lines) > 1 else ''} {shown})" if lines else ""
    return f" It stands in {others:,} more place{'s' if others > 1 else ''}{where}."


def data_of(one: Checked) -> dict[str, object]:
    """Figures for machines."""
    answer = one.verdict.answer
    lines = sorted({link.span.where.line for link in one.links if link.span.part is one.first.span.part})
    data: dict[str, object] = {"reason": one.verdict.reason, "count": len(one.links), "lines": lines}
    if answer is not None and answer.hops:
        data |= {"status": answer.status, "redirects": len(answer.hops) - 1}
    return data


def told_offline(one: Checked) -> bool:
    """Whether what is wrong stands in the address itself, so that a rule which asks nobody speaks of it."""
    link = one.first
    return one.refused and (bool(link_form.private(link)) or next(link_form.malformed(link), None) is not None)


@rule(severity="error")
@bad(html='<a href="https://shop.example/gone">Sale</a>', at="https://shop.example/gone")
@bad(html='<a href="https://fernhil.example/">Shop</a>', at="https://fernhil.example/")
@good(html='<a href="https://shop.example/">Shop</a>')
async def broken(link_checks: LinkChecks) -> AsyncProblems:
    """A link is dead: the page or the domain does not exist, the server fails, the certificate is no good.

    Only what is dead for everybody is told here: a server that turns programs away is not, nor one that is slow
    (`links/unverifiable`). What may pass is asked for again, up to three times. Each address is told once, with all its places.
    """
    for one in await link_checks.links():
        if one.verdict.state == "broken" and not told_offline(one):
            do = _DO_BROKEN.get(one.verdict.reason, "Correct the link.")
            if one.verdict.reason == "status" and one.verdict.answer is not None and one.verdict.answer.status >= 500:
                do = "Have the server looked at before the send."
            yield Problem(f"{one.verdict.message} {do}{places(one.links)}", at=one.first, data=data_of(one))
    await link_checks.finish()


@rule(severity="warning")
@bad(html='<a href="https://shop.example/spring-sale">Sale</a>', at="https://shop.example/spring-sale")
@bad(html='<a href="https://shop.example/members-only">Sale</a>', at="https://shop.example/members-only")
@good(html='<a href="https://shop.example/">Shop</a>')
async def suspect(link_checks: LinkChecks) -> AsyncProblems:
    """A link answers, but hardly with the page that was meant: an error page, a login, the front page, a domain for sale.

    Also a server that does not send its whole chain of certificates: browsers find the rest, several mail apps and security
    gateways do not.
    """
    for one in await link_checks.links():
        reason = one.verdict.reason
        if one.verdict.state == "suspect" and reason != "certificate-ends" and not told_offline(one):
            do = _DO_SUSPECT.get(reason, "Open it before the send.")
            yield Problem(f"{one.verdict.message} {do}{places(one.links)}", at=one.first, data=data_of(one))


_SILENT = frozenset(("timeout", "deadline", "dns", "unreachable", "refused", "reset", "no-such-host"))
"""Reasons for which nobody answered at all."""
_WHY = {
    "bot-wall": "keeps out programs",
    "status": "turns our program away",
    "timeout": "did not answer",
    "deadline": "was not reached before the time was up (web.deadline)",
    "dns": "could not be looked up, since the DNS did not answer",
    "unreachable": "cannot be reached from this machine",
}


@rule(severity="info")
@bad(
    html='<a href="https://shop.example/">Shop</a> <a href="https://www.linkedin.com/company/fernhill">LinkedIn</a>',
    at="https://www.linkedin.com/company/fernhill",
)
@bad(
    html='<a href="https://slow.example/">A</a> <a href="https://slow.example/b">B</a> <a href="https://shop.example/">C</a>',
    at="https://slow.example/",
)
@good(html='<a href="https://shop.example/">Shop</a>')
async def unverifiable(link_checks: LinkChecks) -> AsyncProblems:
    """Links and pictures that could not be verified: nothing is known of them, neither good nor bad.

    Many sites keep out programs and are fine for people. Open the links that are listed by hand; tell mailcheck with `accept`
    in the table `[web]` what a site answers that is fine. It is a warning when no answer at all came from half of the
    addresses or more, or when the time was up before all had been asked; before a send (profile `send`) that is an error
    besides, and the verdict is *unsure*. So it is when nobody answers at all.
    """
    asked = [one for one in await link_checks.all() if one.verdict.state != "not-requested"]
    open_ = [one for one in asked if one.verdict.state == "unverifiable"]
    if not open_:
        return
    silent = [one for one in open_ if one.verdict.reason in _SILENT]
    loud = 2 * len(silent) >= len(asked) or len(open_) == len(asked) > 2
    late = sum(one.is_late for one in open_)
    loud = loud or late > 0
    many = "The only address" if len(asked) == 1 else f"{len(open_):,} of {len(asked):,} addresses"
    it = "it" if len(open_) == 1 else "them"
    counted = f" For want of time: {late:,}." if late else ""
    yield Problem(
        f"{many} that we asked for could not be verified: {_grouped(open_)}.{counted} Nothing is known of {it}; open {it} by hand.",
        at=open_[0].first,
        severity="warning" if loud else None,
        data={"asked": len(asked), "unverifiable": len(open_), "late": late, "links": _listed(open_)},
    )
    await link_checks.finish()


def _grouped(checked: Iterable[Checked]) -> str:
    groups: dict[str, list[Checked]] = {}
    for one in checked:
        groups.setdefault(_why(one), []).append(one)
    return "; ".join(f"{_hosts(found)} {why}" for why, found in groups.items())


def _why(one: Checked) -> str:
    answer = one.verdict.answer
    why = _WHY.get(one.verdict.reason, "said nothing that counts")
    return f"{why} ({answer.status})" if one.verdict.reason == "status" and answer is not None else why


def _hosts(checked: Sequence[Checked]) -> str:
    hosts = Counter(one.first.host for one in checked)
    shown = [host if count == 1 else f"{host} ({count} times)" for host, count in hosts.most_common(5)]
    more = len(hosts) - len(shown)
    return ", ".join(shown) + (f" and {more} more hosts" if more > 0 else "")


def _listed(checked: Iterable[Checked]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in checked:
        listed = found.setdefault(one.verdict.reason, [])
        if len(listed) < 200:
            listed.append(one.question.url)
    return found


_NAMED: dict[Unasked, str] = {
    "unsubscribe": "to unsubscribe",
    "preferences": "to change what a recipient has chosen",
    "confirmation": "to confirm something",
    "one-time": "for a single use",
    "answer": "to answer something",
    "tracked": "to count a click or an opening",
    "form": "of a form",
    "merge-tags": "with a merge tag",
    "settings": "left out by the settings (web.never)",
    "redirect": "leading on to one that acts",
}


@rule(severity="info")
@bad(
    html='<a href="https://shop.example/">Shop</a> <a href="https://shop.example/unsubscribe?id=4c1d88e0">Unsubscribe</a>',
    at="https://shop.example/unsubscribe?id=4c1d88e0",
)
@good(html='<a href="https://shop.example/">Shop</a> <a href="mailto:post@shop.example">Write</a>')
async def not_requested(link_checks: LinkChecks) -> AsyncProblems:
    """Links that were not requested, because requesting them does something: they unsubscribe, confirm, count a click.

    Nothing is known of where they lead; the rules that look at addresses have looked at them. Links with a merge tag are
    not requested either, since nobody knows what will stand there. It is a warning when nothing at all was requested, as in a
    mail whose links a service has replaced with counting ones: check it before that. `check` in the table `[web]`
    names pages that only look like it.
    """
    counted = await link_checks.unasked()
    if not counted:
        return
    checked = await link_checks.all()
    held = [one for one in checked if one.unasked is not None]
    total = sum(counted.values())
    said = ", ".join(f"{count:,} {_NAMED[reason]}" for reason, count in counted.items())
    one = "1 address was" if total == 1 else f"{total:,} addresses were"
    nothing = len(held) == len(checked) and bool(counted.keys() - {"unsubscribe", "preferences", "form"})
    message = f"{one} not requested, so nothing is known of where they lead: {said}."
    if nothing:
        message = f"No link of this mail was requested, so no dead one can be found: {said}. Check it as it was before."
    yield Problem(
        message,
        at=held[0].first if held else None,
        severity="warning" if nothing else None,
        data={"counts": dict(counted)},
    )


class RedirectOptions(Options):
    most: int = Field(3, ge=1, description="redirects that one link may take")


@rule(severity="warning")
@bad(html='<a href="https://shop.example/a">Shop</a>', at="https://shop.example/a")
@bad(html='<a href="https://shop.example/b">Shop</a>', at="https://shop.example/b")
@bad(html='<a href="https://shop.example/c?utm_source=mail">Shop</a>', at="https://shop.example/c?utm_source=mail")
@bad(html='<a href="https://shop.example/d">Shop</a>', at="https://shop.example/d")
@bad(html='<a href="https://shop.example/f">Shop</a>', at="https://shop.example/f")
@good(html='<a href="https://shop.example/e?utm_source=mail">Shop</a>')
async def redirects(link_checks: LinkChecks, options: RedirectOptions) -> AsyncProblems:
    """A link takes a bad way: over http, over many redirects, or one on which its campaign parameters get lost.

    One over plain http is an error. Redirects as such are fine. Links that have moved for good (301, 308) within their own site
    are only a hint, told once for all, and so are links that end on a domain of another name than they show.
    """
    moved, elsewhere = [], []
    for one in await link_checks.links():
        answer = one.verdict.answer
        if answer is None or not answer.redirected or one.verdict.state in ("broken", "not-requested"):
            continue
        lost, plain, count = lost_parameters(answer), downgraded(answer), len(answer.hops) - 1
        if plain:
            message = f"This link leads over {plain} without https, where anyone on the way can change the page; link to where it ends, or have the redirect corrected."
        elif lost:
            message = f"The redirect of this link loses {', '.join(lost)}, so its visits are counted under no campaign; link to the page itself."
        elif count > options.most:
            message = f"This link takes {count} redirects, and each costs time on a phone; link to the page itself."
        else:
            moved += [one] if moved_for_good(answer) else []
            elsewhere += [one] if ends_elsewhere(answer) and not shortener(one.first.host) else []
            continue
        severity: Severity | None = "error" if plain else None
        yield Problem(f"{message}{places(one.links)}", at=one.first, severity=severity, data=data_of(one))
    if moved:
        said = "1 link has" if len(moved) == 1 else f"{len(moved):,} links have"
        message = f"{said} moved for good (301); link to the new address, which is faster and outlives the redirect."
        new = {one.question.url: one.verdict.answer.final_url for one in moved[:100] if one.verdict.answer is not None}
        yield Problem(message, at=moved[0].first, severity="info", data={"count": len(moved), "moved": new})
    if elsewhere:
        yield _of_elsewhere(elsewhere)


def _of_elsewhere(checked: Sequence[Checked]) -> Problem:
    ways = {(one.first.host, ends_elsewhere(one.verdict.answer)) for one in checked if one.verdict.answer is not None}
    shown = ", ".join(f"{asked} to {final}" for asked, final in sorted(ways)[:5]) + (" …" if len(ways) > 5 else "")
    one, many = (
        "1 link ends on another domain than it shows",
        f"{len(checked):,} links end on another domain than they show",
    )
    message = f"{one if len(checked) == 1 else many} ({shown}); see that readers are meant to come there."
    return Problem(message, at=checked[0].first, severity="info", data={"count": len(checked), "ways": sorted(ways)})


class CertificateOptions(Options):
    days: int = Field(14, ge=0, description="days after the send for which certificates must hold")


_RENEWED = timedelta(days=30)
"""Most certificates are renewed by themselves when they have so long to go."""


@rule(severity="warning")
@bad(
    html='<a href="https://soon.example/">Shop</a>',
    schedule={"send": "2099-03-19T09:00:00+01:00"},
    at="https://soon.example/",
)
@good(html='<a href="https://shop.example/">Shop</a>')
async def certificate(
    link_checks: LinkChecks, run: Run, options: CertificateOptions, send_time: SendTime | None = None
) -> AsyncProblems:
    """The certificate of a linked site ends before recipients have read the mail.

    Mails are opened for days: counted from the send time, or from today where nobody said one. A certificate that has
    more than 30 days to go is usually renewed in time, so it is only a hint; one that has expired is for `links/broken`.
    """
    sent = run.now if send_time is None else max(run.now, _aware(send_time.moment))
    told: set[str] = set()
    for one in await link_checks.all():
        ends = None if one.verdict.answer is None else one.verdict.answer.certificate_ends
        host = one.first.host
        if ends is None or one.verdict.state == "broken" or ends >= sent + timedelta(days=options.days) or host in told:
            continue
        told.add(host)
        when = "before the send" if ends < sent else f"{_days((ends - sent).days)} after the send"
        when = when if send_time is not None else f"in {_days(max(0, (ends - run.now).days))}"
        message = f"A certificate on the way to {host} ends on {ends:%Y-%m-%d}, {when}; have it renewed."
        severity = "info" if ends > run.now + _RENEWED else None
        yield Problem(message, at=one.first, severity="info" if severity else None, data={"ends": ends.isoformat()})


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
