"""The terminal format: carets under the exact place, whatever stands in the line, and nothing injected."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from mailcheck.campaign import Part
from mailcheck.report import CampaignReport, Finding, Outcome, Report
from mailcheck.reporters import Context, render


def report_of(text: str, start: int, end: int, message: str = "Look.", path: str = "m.html") -> tuple[Report, Context]:
    part = Part("html", text, path, "html")
    where = part.at(start, end).where
    finding = Finding(
        rule="a/b",
        severity="error",
        message=message,
        part="html",
        path=path,
        line=where.line,
        column=where.column,
        end_line=where.end_line,
        end_column=where.end_column,
    )
    campaign = CampaignReport(path=path, profile="template", stage="template", findings=(finding,))
    return Report(campaigns=(campaign,)), Context(width=60, sources={(path, "html"): part})


def under_carets(text: str, start: int, end: int, width: int = 60) -> str:
    """What stands over the carets, cell by cell."""
    report, context = report_of(text, start, end)
    context = Context(width=width, sources=context.sources)
    lines = render(report, "terminal", context).splitlines()
    index = next(number for number, line in enumerate(lines) if re.match(r"^ *\d+ \| ", line))
    shown, carets = lines[index], lines[index + 1]
    first = carets.index("^")
    last = carets.rindex("^") + 1
    cells: list[str] = []
    for char in shown:
        width_of = cell_len(char)
        if width_of == 0 and cells:
            cells[-1] += char
        cells += [char] + [""] * (width_of - 1) if width_of else []
    return "".join(cells[first:last])


def place(text: str, at: str) -> tuple[int, int]:
    return text.index(at), text.index(at) + len(at)


@pytest.mark.parametrize(
    ("text", "at", "over"),
    [
        ("<p>plain place</p>", "place", "place"),
        ("\t\t<p>\tplace", "place", "place"),
        ("a\tb", "\t", "    "),
        ("早春の花 place 花", "place", "place"),
        ("早春の花 place", "春の", "春の"),
        ("cafe\u0301 place", "place", "place"),
        ("cafe\u0301 place", "e\u0301", "e\u0301"),
        ("cafe\u0301 place", "\u0301", "e\u0301"),
        ("👩 place 😀", "place", "place"),
        ("x 😀😀 y", "😀😀", "😀😀"),
        ("zero\u200bwidth place", "place", "place"),
        ("zero\u200bwidth", "\u200b", "<U+200B>"),
        ("esc \x1b[31m place", "place", "place"),
        ("esc \x1b[31m", "\x1b", "<U+001B>"),
        ("turn \u202eplace", "place", "place"),
        ("\x00 \x7f \x9b place", "place", "place"),
        ("[bold]place[/bold] :smile:", "place", "place"),
    ],
)
def test_carets_stand_under_the_place(text: str, at: str, over: str) -> None:
    assert under_carets(text, *place(text, at)) == over


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("before", [0, 3, 50, 200_000])
@pytest.mark.parametrize("after", [0, 3, 50, 200_000])
def test_long_lines_are_cut_around_the_place(width: int, before: int, after: int) -> None:
    text = "花" * before + "place" + "-" * after
    assert under_carets(text, before, before + 5, width) == "place"


def test_a_place_wider_than_the_terminal_is_cut_too() -> None:
    text = "<p>" + "x" * 500 + "</p>"
    assert under_carets(text, 3, 503, 40) == "x" * 26


def test_a_place_over_several_lines_says_where_it_ends() -> None:
    report, context = report_of("one two\nthree\nfour", 4, 16)
    lines = render(report, "terminal", context).splitlines()
    assert lines[3:5] == ["    1 | one two", "      |     ^^^ to line 3"]


def test_a_place_without_any_width_has_one_caret() -> None:
    assert under_carets("ab", 1, 1) == "b"


def test_every_line_fits_a_narrow_terminal() -> None:
    text = "早" * 30 + "place" + "x" * 300
    report, _ = report_of(
        text, 30, 35, "A message with a_very_long_word_that_fits_in_no_line_of_a_narrow_terminal 早春" * 3
    )
    skipped = Outcome(rule="family/with_a_long_name", status="skipped", reason="because " * 20)
    report = Report(campaigns=(report.campaigns[0].model_copy(update={"outcomes": (skipped,)}),))
    for colour in (False, True):
        written = render(report, "terminal", Context(width=40, colour=colour, sources={("m.html", "html"): text}))
        plain = re.sub(r"\x1b\[[0-9;]*m", "", written)
        assert max(cell_len(line) for line in plain.splitlines()) <= 40


INJECTION = "\x1b]0;owned\x07\x1b[2J\x9b31m[red]x[/red]\r\n\u202e\u2066\x00\x7f"


def test_nothing_that_somebody_wrote_steers_the_terminal() -> None:
    report, _ = report_of(INJECTION + " tail", 0, 3, INJECTION, INJECTION)
    outcome = Outcome(rule=INJECTION, status="error", reason=INJECTION)
    campaign = report.campaigns[0].model_copy(update={"outcomes": (outcome,), "name": INJECTION, "dialect": INJECTION})
    report = Report(campaigns=(campaign,), faults=(campaign.findings[0].model_copy(update={"rule": INJECTION}),))
    context = Context(sources={(INJECTION, "html"): INJECTION})
    plain = render(report, "terminal", context)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", plain)
    coloured = render(report, "terminal", Context(colour=True, sources=context.sources))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", re.sub(r"\x1b\[[\d;]*m", "", coloured)
    )
    assert "[red]x[/red]" in coloured, "markup of the terminal library is text"


def test_without_colour_the_decoration_is_ascii() -> None:
    report, context = report_of("x" * 300, 150, 155)
    assert render(report, "terminal", context).isascii()


def test_excerpts_hide_addresses_and_keep_columns() -> None:
    text = "<p>jane.doe@shop.example wrote place</p>"
    report, context = report_of(text, *place(text, "place"))
    written = render(report, "terminal", context)
    assert "jane.doe" not in written
    assert under_carets(text, *place(text, "place")) == "place"


def test_skipped_rules_are_grouped_by_reason_and_named() -> None:
    outcomes = [Outcome(rule=f"audience/r{n}", status="skipped", reason="no audience was given") for n in range(10)]
    outcomes += [Outcome(rule="web/dead", status="skipped", reason="offline")]
    campaign = CampaignReport(path="a.html", profile="template", stage="template", outcomes=tuple(outcomes))
    report = Report(campaigns=(campaign, campaign.model_copy(update={"path": "b.html"})))
    written = render(report, "terminal", Context(width=0))
    assert written.splitlines()[0] == "clear: no findings in 2 campaigns"
    named = ", ".join(f"audience/r{n} (2 times)" for n in range(8))
    assert f"  skipped: {named} and 2 more rules: no audience was given\n" in written
    assert "  skipped: web/dead (2 times): offline\n" in written
    assert "audience/r9" in render(report, "terminal", Context(width=0, verbose=True))
