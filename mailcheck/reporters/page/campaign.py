"""One campaign on the page: its findings beside the mail, and below them the sources."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mailcheck.report import RANK, CampaignReport, Finding, Outcome, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import gap_message, is_gap
from mailcheck.reporters.hints import fix_hint
from mailcheck.reporters.page.mail import Texts, envelope, frame, source_details, texts_of
from mailcheck.reporters.page.markup import Html, Node, element
from mailcheck.reporters.places import relative_path
from mailcheck.reporters.text import one_line, shortened

_WORD = {"error": "Error", "warning": "Warning", "info": "Note"}
_EVIDENCE = 400


def campaign_section(campaign: CampaignReport, number: int, context: Context, *, drawn: bool) -> Html:
    """The section of a campaign; `drawn`: with the mail and the sources."""
    prefix = f"c{number}"
    ordered = sorted(campaign.findings, key=lambda f: (not f.blocking, -RANK[f.severity], f.part, f.line, f.column))
    texts = texts_of(campaign, ordered, context) if drawn else Texts()
    findings = _findings(ordered, campaign.path, prefix, texts, context)
    mail = _mail(texts, prefix)
    return element(
        "section",
        {"class": "campaign", "id": prefix, "aria-labelledby": f"{prefix}h"},
        _header(campaign, prefix, context),
        _gaps(campaign),
        element("div", {"class": "columns" if mail else "columns alone"}, findings, mail),
        None
        if drawn
        else element("p", {"class": "nothing"}, "The mail is not shown here: the page holds the first ones only."),
        source_details(texts, prefix, context),
        _waived(campaign),
        _rules(campaign.outcomes),
    )


def _header(campaign: CampaignReport, prefix: str, context: Context) -> Html:
    path = one_line(relative_path(campaign.path, context.root))
    about = [path, f"profile {campaign.profile}", f"stage {campaign.stage}", f"threshold {campaign.threshold}"]
    about += [f"dialect {campaign.dialect}"] if campaign.dialect else []
    about += [f"family {campaign.family}"] if campaign.family else []
    return element(
        "header",
        {},
        element("h2", {"id": f"{prefix}h"}, one_line(campaign.name) or posixpath.basename(path) or path),
        element("span", {"class": f"pill {campaign.verdict}"}, campaign.verdict),
        element("p", {}, one_line(" · ".join(about))),
    )


def _gaps(campaign: CampaignReport) -> Html | None:
    missing = [outcome for outcome in campaign.outcomes if is_gap(outcome)]
    if not missing:
        return None
    items = (element("li", {}, element("code", {}, one_line(o.rule)), " ", one_line(gap_message(o))) for o in missing)
    return element("div", {"class": "gaps", "role": "note"}, element("h3", {}, "Not judged"), element("ul", {}, items))


def _findings(ordered: Sequence[Finding], campaign_path: str, prefix: str, texts: Texts, context: Context) -> Html:
    items: list[Html] = [
        finding_item(finding, Numbered(number, prefix, number in texts.marked, campaign_path), context)
        for number, finding in enumerate(ordered, 1)
    ]
    listed = element("ol", {}, items) if items else element("p", {"class": "nothing"}, "Nothing was found.")
    return element("div", {"class": "findings"}, element("h3", {}, f"Findings ({len(items):,})"), listed)


class Numbered(Struct, frozen=True):
    """A finding's number on the page.

    Args:
        number: its number in its section.
        prefix: of the ids in that section.
        linked: its place is marked on the page.
        within: the path that need not be told again.
    """

    number: int
    prefix: str
    linked: bool = False
    within: str = ""


def finding_item(finding: Finding, its: Numbered, context: Context) -> Html:
    """One finding."""
    where: Node = _where(finding, its.within, context)
    if where and its.linked:
        where = element("a", {"href": f"#{its.prefix}m{its.number}"}, where)
    shown = shortened(finding.evidence, _EVIDENCE)
    hint = fix_hint(finding, context)
    return element(
        "li",
        {"class": f"finding {finding.severity}", "id": f"{its.prefix}f{its.number}"},
        _head(finding, its),
        element("p", {"class": "message", "dir": "auto"}, one_line(finding.message)),
        element("p", {"class": "where"}, where) if where else None,
        element("pre", {"class": "evidence"}, shown) if shown else None,
        element("p", {"class": "fix"}, element("strong", {}, "Fix: "), hint) if hint else None,
        _about(finding, context),
    )


def _head(finding: Finding, its: Numbered) -> Html:
    badge: dict[str, str | bool] = {"class": f"badge {finding.severity}"}
    if its.linked:
        badge |= {"href": f"#{its.prefix}m{its.number}", "aria-label": f"Finding {its.number}: to its place"}
    severity = _WORD[finding.severity] + (" that keeps the judgement open" if finding.blocking else "")
    return element(
        "div",
        {"class": "head"},
        element("a" if its.linked else "span", badge, str(its.number)),
        element("span", {"class": "severity"}, severity),
        element("code", {"class": "rule"}, one_line(finding.rule)),
    )


def _where(finding: Finding, within: str, context: Context) -> str:
    told = finding.path and finding.path != within
    path = one_line(relative_path(finding.path, context.root)) if told else ""
    place = f"line {finding.line:,}, column {finding.column:,}" if finding.line else ""
    part = f"({one_line(finding.part)})" if finding.part else ""
    return " ".join(filter(None, (f"{path}," if path and place else path, place, part)))


def _about(finding: Finding, context: Context) -> Html | None:
    rule = context.rules.get(finding.rule)
    if rule is None or not rule.explanation.strip():
        return None
    paragraphs = (element("p", {}, _prose(paragraph)) for paragraph in rule.explanation.split("\n\n"))
    link = finding.url if finding.url.startswith(("https://", "http://")) else ""
    more = element("p", {}, element("a", {"href": link, "rel": "noreferrer"}, one_line(link))) if link else None
    return element("details", {}, element("summary", {}, _prose(rule.summary or "Why")), paragraphs, more)


def _prose(text: str) -> list[Node]:
    """A paragraph of a docstring; what stands between backticks is code."""
    words = one_line(text).split("`")
    return [element("code", {}, word) if index % 2 else word for index, word in enumerate(words)]


def _mail(texts: Texts, prefix: str) -> Html | None:
    inside: list[Node] = [envelope(texts, prefix), frame(texts)]
    shown = [part for part in inside if part is not None]
    if not shown:
        return None
    heading = element("h3", {}, "The mail")
    return element("div", {"class": "mail"}, heading, element("div", {"class": "frame"}, shown))


def _waived(campaign: CampaignReport) -> Html | None:
    if not campaign.waived:
        return None
    head = element("tr", {}, (element("th", {"scope": "col"}, word) for word in ("Rule", "Finding", "Why", "Until")))
    rows = (
        element(
            "tr",
            {},
            (element("td", {}, one_line(cell)) for cell in (w.finding.rule, w.finding.message, w.why, w.until)),
        )
        for w in campaign.waived
    )
    table = element("table", {}, element("thead", {}, head), element("tbody", {}, rows))
    return element("details", {}, element("summary", {}, f"Waived: {plural(len(campaign.waived), 'finding')}"), table)


def _rules(outcomes: Sequence[Outcome]) -> Html | None:
    if not outcomes:
        return None
    words = {"failed": "failed", "error": "in error", "skipped": "skipped", "passed": "passed"}
    counts = {status: sum(outcome.status == status for outcome in outcomes) for status in words}
    told = ", ".join(f"{count:,} {words[status]}" for status, count in counts.items() if count)
    order = ["error", "skipped", "failed", "passed"]
    rows: Iterator[Html] = (
        _rule_row(o) for o in sorted(outcomes, key=lambda o: (not is_gap(o), order.index(o.status), o.rule))
    )
    head = element("tr", {}, (element("th", {"scope": "col"}, word) for word in ("Rule", "Outcome", "Reason")))
    table = element("table", {}, element("thead", {}, head), element("tbody", {}, rows))
    return element("details", {}, element("summary", {}, f"All {plural(len(outcomes), 'rule')}: {told}"), table)


def _rule_row(outcome: Outcome) -> Html:
    kind = "stopped" if is_gap(outcome) else outcome.status
    word = "could not run" if outcome.status == "error" else outcome.status
    pill = element("span", {"class": f"pill {kind}"}, word)
    name = element("code", {}, one_line(outcome.rule))
    reason = one_line(outcome.reason) or (plural(outcome.findings, "finding") if outcome.findings else "")
    return element("tr", {}, element("td", {}, name), element("td", {}, pill), element("td", {}, reason))
