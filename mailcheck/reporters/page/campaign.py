"""One campaign on the page: its findings beside the mail, and below them the sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    findings = _findings(ordered, prefix, texts, context)
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
    about = [path] if campaign.name else []
    about += [f"profile {campaign.profile}", f"stage {campaign.stage}", f"threshold {campaign.threshold}"]
    about += [f"dialect {campaign.dialect}"] if campaign.dialect else []
    about += [f"family {campaign.family}"] if campaign.family else []
    return element(
        "header",
        {},
        element("h2", {"id": f"{prefix}h"}, one_line(campaign.name) or path),
        element("span", {"class": f"pill {campaign.verdict}"}, campaign.verdict),
        element("p", {}, one_line(" · ".join(about))),
    )


def _gaps(campaign: CampaignReport) -> Html | None:
    missing = [outcome for outcome in campaign.outcomes if is_gap(outcome)]
    if not missing:
        return None
    items = (element("li", {}, element("code", {}, one_line(o.rule)), " ", one_line(gap_message(o))) for o in missing)
    return element("div", {"class": "gaps", "role": "note"}, element("h3", {}, "Not judged"), element("ul", {}, items))


def _findings(ordered: Sequence[Finding], prefix: str, texts: Texts, context: Context) -> Html:
    items: list[Html] = [
        finding_item(finding, number, prefix, context, linked=number in texts.marked)
        for number, finding in enumerate(ordered, 1)
    ]
    listed = element("ol", {}, items) if items else element("p", {"class": "nothing"}, "Nothing was found.")
    return element("div", {"class": "findings"}, element("h3", {}, f"Findings ({len(items):,})"), listed)


def finding_item(finding: Finding, number: int, prefix: str, context: Context, *, linked: bool) -> Html:
    """One finding; `linked`: its place is marked on this page."""
    target = f"#{prefix}m{number}"
    badge = {"class": f"badge {finding.severity}"}
    head: list[Node] = [
        element("a", badge | {"href": target, "aria-label": f"Finding {number}: to its place"}, str(number))
        if linked
        else element("span", badge, str(number)),
        element(
            "span",
            {"class": "severity"},
            _WORD[finding.severity] + (" that keeps the judgement open" if finding.blocking else ""),
        ),
        element("code", {"class": "rule"}, one_line(finding.rule)),
    ]
    where = _where(finding, context)
    hint = fix_hint(finding, context)
    return element(
        "li",
        {"class": f"finding {finding.severity}", "id": f"{prefix}f{number}"},
        element("div", {"class": "head"}, head),
        element("p", {"class": "message", "dir": "auto"}, one_line(finding.message)),
        element("p", {"class": "where"}, element("a", {"href": target}, where) if linked else where) if where else None,
        element("pre", {"class": "evidence"}, shortened(finding.evidence, _EVIDENCE))
        if finding.evidence.strip()
        else None,
        element("p", {"class": "fix"}, element("strong", {}, "Fix: "), hint) if hint else None,
        _about(finding, context),
    )


def _where(finding: Finding, context: Context) -> str:
    path = one_line(relative_path(finding.path, context.root)) if finding.path else ""
    part = f" ({one_line(finding.part)})" if finding.part else ""
    if not finding.line:
        return path + part
    return f"{path}{part}, line {finding.line:,}, column {finding.column:,}".lstrip(", ")


def _about(finding: Finding, context: Context) -> Html | None:
    rule = context.rules.get(finding.rule)
    if rule is None or not rule.explanation.strip():
        return None
    paragraphs = (element("p", {}, one_line(paragraph)) for paragraph in rule.explanation.split("\n\n"))
    link = finding.url if finding.url.startswith(("https://", "http://")) else ""
    more = element("p", {}, element("a", {"href": link, "rel": "noreferrer"}, one_line(link))) if link else None
    return element("details", {}, element("summary", {}, one_line(rule.summary) or "Why"), paragraphs, more)


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
