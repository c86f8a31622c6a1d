"""Placeholder copy through the front door: filler text, prompts of editors, samples, and what only looks like them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mailcheck.checking import Checker, checker
from mailcheck.report import Finding

LOREM = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo "
    "consequat."
)


@cache
def _checker() -> Checker:
    return checker({"profile": "template", "select": ["copy/placeholder"]})


def told(body: str, *, part: str = "html", **more: Any) -> list[Finding]:
    (campaign,) = _checker().campaigns({part: body, **more})
    report = _checker().judge(campaign)
    assert [outcome.status for outcome in report.outcomes] in (["passed"], ["failed"])
    return list(report.findings)


def evidence(body: str, **more: Any) -> list[str]:
    return [one.evidence for one in told(body, **more)]


def test_a_paragraph_of_filler_is_one_finding() -> None:
    (found,) = told(f"<p>{LOREM}</p>")
    assert found.evidence == "Lorem ipsum"
    assert found.message == "“Lorem ipsum” is filler text, and 34 words around it; replace it before sending."
    assert found.data == {"words": 36, "line": 1, "end_line": 1, "end_column": len(LOREM) + 3}


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{LOREM}</p>\n<p>{LOREM}</p>",
        f"<h2>Lorem ipsum</h2><p>{LOREM}<br>{LOREM}</p>",
        "<p>Lorem ipsum <b>dolor</b> sit amet, <a href='https://shop.example/'>consectetur</a> adipiscing elit</p>",
        f"<ul><li>{LOREM}</li><li>{LOREM}</li></ul>",
        f"<p>{LOREM} This is where the story of the shop goes, some day soon. {LOREM}</p>",
    ],
)
def test_filler_that_follows_filler_is_told_once(body: str) -> None:
    (found,) = told(body)
    assert found.evidence == "Lorem ipsum"


def test_filler_in_text_parts_is_told_once() -> None:
    body = "\n".join(LOREM[at : at + 40] for at in range(0, len(LOREM), 40))
    assert evidence(f"{body}\n\n{body}\n", part="text") == ["Lorem ipsum"]


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td>{LOREM}</td><td>{LOREM}</td></tr></table>",
        f"<p>{LOREM}</p><p>Our spring coats are here.</p><p>{LOREM}</p>",
        f'<p>{LOREM}</p><img src="https://shop.example/a.png" alt="A coat"><p>{LOREM}</p>',
    ],
)
def test_filler_elsewhere_is_another_place_to_mend(body: str) -> None:
    assert evidence(body) == ["Lorem ipsum", "Lorem ipsum"]


def test_what_is_no_filler_is_told_beside_it() -> None:
    assert evidence(f"<p>{LOREM}</p><p>Dear [Customer Name],</p>") == ["Lorem ipsum", "[Customer Name]"]


@pytest.mark.parametrize(
    "text",
    [
        "Sed ut perspiciatis unde omnis iste natus error sit voluptatem accusantium",
        "Nemo enim ipsam voluptatem",
        "At vero eos et accusamus",
        "Proin quis semper nisl",
        "Class aptent taciti",
        "Cras mattis consectetur purus sit amet fermentum.",
        "Maecenas faucibus mollis interdum.",
        "Stet clita kasd gubergren, no sea takimata sanctus est",
        "Vivamus sagittis lacus vel augue laoreet rutrum faucibus dolor auctor.",
        "Duis autem vel eum iriure dolor in hendrerit",
        "Temporibus autem quibusdam et aut officiis debitis",
        "Mauris urna nibh, dictum quis",
        "Nulla elit nostrud duis",
        "Enim nisl ornare. In maecenas sed",
        "Get 20% off curabitur blandit tempus porttitor today",
    ],
)
def test_filler_begins_anywhere(text: str) -> None:
    (found,) = told(f"<p>{text}</p>")
    assert "is filler text" in found.message


MEANT = [
    line
    for line in (Path(__file__).parent / "data/no_filler.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("text", MEANT)
def test_what_means_something_is_no_filler(text: str) -> None:
    assert told(f"<p>{text}</p>") == []
    assert told(text, part="text") == []
