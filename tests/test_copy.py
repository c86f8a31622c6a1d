"""Placeholder copy through the front door: filler text, prompts of editors, samples, and what only looks like them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mailcheck
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


def every(body: str) -> list[tuple[str, str]]:
    """Rule and evidence of everything that a template is told about tags, copy, links and pictures."""
    report = mailcheck.check({"html": body}, profile="template", settings={"select": ["merge_tags", "copy", "links"]})
    return [(one.rule, one.evidence) for one in report.findings if one.rule != "merge_tags/no_dialect"]


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


@pytest.mark.parametrize("text", ["Hi dear lorem ipsum", "Buy our lorem ipsum today.", "Meet lorem ipsum at our shop"])
def test_filler_within_a_sentence(text: str) -> None:
    assert evidence(f"<p>{text}</p>") == ["lorem ipsum"]


@pytest.mark.parametrize(
    "text",
    [
        "What is lorem ipsum, and where does it come from?",
        "Our designers never use lorem ipsum again.",
        "We wrote about “lorem ipsum” and other things.",
        "Warum lorem ipsum schadet",
        "Pourquoi le latin de lorem ipsum est utile",
    ],
)
def test_who_writes_about_filler_is_let_alone(text: str) -> None:
    assert told(f"<p>{text}</p>") == []


PROMPTS = [
    "Body text goes here",
    "The introduction of your message preview goes here",
    "Your customer’s testimonial goes here",
    "Preheader text placeholder",
    "Image placeholder",
    "first name here",
    "Address line 1, Landmark, City, State",
    "Straße, PLZ, Ort",
    "Copy copy copy",
    "copy copy COPY",
]


@pytest.mark.parametrize("text", PROMPTS)
def test_prompts_are_told_whole(text: str) -> None:
    assert evidence(f"<td>{text}</td>") == [text]


def test_a_word_three_times_is_a_prompt_before_other_copy() -> None:
    assert evidence("<td>Copy copy copy&#44; shipping included</td>") == ["Copy copy copy"]


@pytest.mark.parametrize(
    "text",
    [
        "The party goes here",
        "Everything good goes here",
        "Where your next adventure goes: here and now",
        "What a great offer! The story goes here like nowhere else, they say.",
        "Sign your first name here if you agree",
        "New York, New York, New York",
        "Ho ho ho! Yes yes yes",
        "Paris, London, Berlin",
        "Street, City",
        "Choose your country, state and city in your account",
        "Placeholder by Radiohead",
        "We hold your place",
    ],
)
def test_what_only_sounds_like_a_prompt(text: str) -> None:
    assert told(f"<td>{text}</td>") == []


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<p>Billed to customer@example.com today.</p>", "c…r@e….com"),
        ("<p>Billed to customer@mail.example.org.</p>", "c…r@m….org"),
        ("<p>Signed in as pj@xyz.com</p>", "p…@x….com"),
    ],
)
def test_sample_addresses_that_readers_see(body: str, shown: str) -> None:
    (found,) = told(body)
    assert (found.evidence, found.severity) == (shown, "warning")


def test_a_sample_address_is_told_once() -> None:
    assert len(told("<p>a@example.com and A@example.com</p><p>a@example.com</p>")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<p>Write it like anna@example.com.</p>",
        "<p>Your address (e.g. anna@example.com) is not shown.</p>",
        "<p>Write to help@shop.example or help@example-shop.com</p>",
        '<input type="email" placeholder="you@example.com">',
        "<code>you@example.com</code>",
        "<p>Message-ID: 4711.ABC@example.com</p>",
    ],
)
def test_addresses_that_are_meant(body: str) -> None:
    assert told(body) == []


def test_a_linked_sample_address_is_told_by_the_link_alone() -> None:
    found = every('<a href="mailto:hi@example.com">hi@example.com</a>')
    assert [rule for rule, _ in found] == ["links/placeholder"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://img.fernhill.shop/cat-placeholder.png", "cat-placeholder"),
        ("https://img.fernhill.shop/a/hero_placeholder.jpg?v=2", "hero_placeholder"),
        ("https://img.fernhill.shop/placeholder_160.gif", "placeholder_160"),
        ("https://img.fernhill.shop/img?method=placeholder&amp;params=190", "placeholder"),
        ("https://img.fernhill.shop/logo-placeholder.png", "logo-placeholder"),
        ("hero_placeholder.jpg", "hero_placeholder"),
    ],
)
def test_pictures_that_are_called_placeholders(address: str, shown: str) -> None:
    assert every(f'<img src="{address}" alt="Cat" width="10" height="10">') == [("copy/placeholder", shown)]


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://img.fernhill.shop/candle-placeholders-set/cat.png" alt="Cat">',
        '<img src="https://img.fernhill.shop/marketplaceholder.png" alt="Cat">',
        '<a href="https://fernhill.shop/blog/placeholder-names">Names</a>',
        '<a href="https://fernhill.shop/wiki/Placeholder">Names</a>',
    ],
)
def test_addresses_that_only_hold_the_word(body: str) -> None:
    assert every(body) == []


def test_a_link_whose_name_is_still_a_placeholder() -> None:
    address = "https://apps.apple.com/us/app/id-placeholder"
    assert every(f'<a href="{address}">App</a>') == [("links/placeholder", address)]


def test_a_name_in_brackets_is_told_once() -> None:
    assert every("<p>Hi [Customer First Name],</p>") == [("copy/placeholder", "[Customer First Name]")]


def test_a_tag_in_brackets_that_no_other_rule_tells_needs_its_fallback() -> None:
    assert every("<p>Hi [Nickname],</p>") == [("merge_tags/no_fallback", "[Nickname]")]
