"""`html`: one page without any script, to read, to print, to mail to a colleague.

It holds the text of the mail: whoever gets the page gets the mail. It asks for nothing from outside, and the
mail in it can do nothing, see `preview`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from mailcheck.report import CampaignReport, Finding, Report, Verdict, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.page.campaign import Numbered, campaign_section, finding_item
from mailcheck.reporters.page.markup import Html, Node, element
from mailcheck.reporters.page.preview import POLICY
from mailcheck.reporters.places import relative_path
from mailcheck.reporters.text import one_line

DRAWN = 25
"""So many campaigns are shown with their mail; the page is to stay small enough to be mailed."""

_TITLE: dict[Verdict, str] = {"clear": "Clear", "held": "Held", "unsure": "Unsure"}
_MEANING: dict[Verdict, str] = {
    "clear": "Every required rule ran, and nothing was found to hold this for.",
    "held": "Do not send before this is mended.",
    "unsure": "Do not send: something could not be judged.",
}


def render(report: Report, context: Context) -> str:
    """The whole page."""
    shown = [campaign for campaign in report.campaigns if _has_section(campaign, report, context)]
    numbers = {id(campaign): number for number, campaign in enumerate(shown, 1)}
    main = element(
        "main",
        {"id": "main"},
        _overview(report, numbers, context) if len(report.campaigns) > 1 else None,
        _run(report, context),
        (campaign_section(campaign, n, context, drawn=n <= DRAWN) for n, campaign in enumerate(shown, 1)),
    )
    body = element(
        "div",
        {"class": "page"},
        element("a", {"class": "skip", "href": "#main"}, "To the findings"),
        _banner(report),
        main,
        element(
            "footer", {}, f"Made by mailcheck {one_line(report.mailcheck)}".strip() + ". This page runs no script."
        ),
    )
    document = element("html", {"lang": "en"}, _head(report), element("body", {}, body))
    return f"<!doctype html>\n{document}\n"


def _has_section(campaign: CampaignReport, report: Report, context: Context) -> bool:
    said = campaign.findings or campaign.waived or campaign.verdict != "clear"
    return bool(said) or context.verbose or len(report.campaigns) == 1


def _head(report: Report) -> Html:
    style = files("mailcheck.reporters.page").joinpath("page.css").read_text("utf-8")
    return element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("meta", {"http-equiv": "x-dns-prefetch-control", "content": "off"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("meta", {"name": "referrer", "content": "no-referrer"}),
        element("meta", {"name": "robots", "content": "noindex"}),
        element("title", {}, f"{_TITLE[report.verdict]}: {_subject(report)}"),
        element("style", {}, Html(style)),
    )


def _subject(report: Report) -> str:
    if len(report.campaigns) != 1:
        return plural(len(report.campaigns), "campaign")
    campaign = report.campaigns[0]
    return one_line(campaign.name or campaign.path or "campaign")


def _banner(report: Report) -> Html:
    severities: list[str] = [finding.severity for finding in report.findings]
    counts: list[Node] = [
        element("div", {"class": kind}, element("dt", {}, word), element("dd", {}, f"{severities.count(kind):,}"))
        for kind, word in (("error", "errors"), ("warning", "warnings"), ("info", "notes"))
    ]
    said = _MEANING[report.verdict] if report.campaigns else "Nothing was judged."
    title = element(
        "div", {}, element("h1", {}, f"{_TITLE[report.verdict]}: {_subject(report)}"), element("p", {}, said)
    )
    return element("header", {"class": f"banner {report.verdict}"}, title, element("dl", {"class": "counts"}, counts))


def _overview(report: Report, numbers: dict[int, int], context: Context) -> Html:
    told = [campaign for campaign in report.campaigns if id(campaign) in numbers]
    quiet = [campaign for campaign in report.campaigns if id(campaign) not in numbers]
    head = element("tr", {}, (element("th", {"scope": "col"}, word) for word in ("Campaign", "Verdict", "Findings")))
    rows = (_overview_row(campaign, numbers[id(campaign)], context) for campaign in told)
    names = ", ".join(one_line(relative_path(campaign.path, context.root)) for campaign in quiet)
    return element(
        "nav",
        {"class": "overview", "aria-label": "Campaigns"},
        element("table", {}, element("thead", {}, head), element("tbody", {}, rows)) if told else None,
        element("details", {}, element("summary", {}, f"{len(quiet):,} clear without findings"), names)
        if quiet
        else None,
    )


def _overview_row(campaign: CampaignReport, number: int, context: Context) -> Html:
    severities = [finding.severity for finding in campaign.findings]
    counted = (
        (severities.count("error"), "error"),
        (severities.count("warning"), "warning"),
        (severities.count("info"), "info"),
    )
    told = ", ".join(plural(count, word) for count, word in counted if count) or "none"
    link = element("a", {"href": f"#c{number}"}, one_line(campaign.name or relative_path(campaign.path, context.root)))
    pill = element("span", {"class": f"pill {campaign.verdict}"}, campaign.verdict)
    return element("tr", {}, element("td", {}, link), element("td", {}, pill), element("td", {}, told))


def _run(report: Report, context: Context) -> Html | None:
    if not report.faults:
        return None
    items: Iterator[Html] = (_fault(fault, number, context) for number, fault in enumerate(report.faults, 1))
    heading = element("h2", {"id": "run"}, "The run itself")
    return element("section", {"class": "run findings", "aria-labelledby": "run"}, heading, element("ol", {}, items))


def _fault(fault: Finding, number: int, context: Context) -> Html:
    return finding_item(fault, Numbered(number, "r"), context)
