"""Links that do something are recognised before anybody requests them; those that only look like it are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from link_effect_cases import ACTING, HARMLESS, MORE_ACTING, MORE_HARMLESS
from mailcheck.checking import checker
from mailcheck.content.link_effect_words import data, fold, words_of
from mailcheck.content.links import Links
from mailcheck.content.unsubscribe import SAID, effect, effect_of
from mailcheck.reading import from_mapping
from support import calls

FRESH = Path(__file__).parent / "data" / "links"


def acting() -> Iterator[tuple[str, str]]:
    for listed in ACTING.values():
        yield from listed
    yield from MORE_ACTING


@pytest.mark.parametrize(("address", "text"), list(acting()))
def test_what_acts_is_never_requested(address: str, text: str) -> None:
    found = effect(address, text=text)
    assert found is not None
    assert found.sort in SAID
    assert str(found)


def test_enough_is_tried() -> None:
    assert len(list(acting())) >= 80
    assert sum(1 for listed in ACTING.values() if listed) >= 25
    assert len(HARMLESS) >= 80


def test_what_only_looks_like_it_is_requested() -> None:
    harmless = [*HARMLESS, *MORE_HARMLESS]
    held = {address: str(found) for address, text in harmless if (found := effect(address, text=text)) is not None}
    assert len(held) <= len(harmless) * 0.02, held


def table(kind: str, number: int) -> list[tuple[str, str]]:
    """A table of links, as it was written before anything was tried on it."""
    rows = (FRESH / f"{kind}-{number}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (row.partition("\t") for row in rows)
    return [(address, text) for address, _, text in pairs]


@pytest.mark.parametrize("number", [4, 5, 6, 7])
def test_tables_written_for_trial(number: int) -> None:
    acting, harmless = table("acting", number), table("harmless", number)
    requested = [address for address, text in acting if effect(address, text=text) is None]
    held = [address for address, text in harmless if effect(address, text=text) is not None]
    assert min(len(acting), len(harmless)) >= 60
    assert len(requested) <= 0.01 * len(acting), requested
    assert len(held) <= 0.02 * len(harmless), held


def test_an_address_without_a_path_is_judged() -> None:
    assert effect("https://shop.example/#token=8f2c1d77e0a4") is not None
    assert effect("https://shop.example?q=8f2c1d77e0a4b6") is None


@pytest.mark.parametrize(
    "address",
    [
        "https://{}.us4.list-manage.com/unsubscribe?u=1&id=2&e=3",
        "https://manage.kmail-lists.com/subscriptions/unsubscribe?a={}&c=1",
        "https://{}.example/wf/unsubscribe?upn=AbC",
        "https://cl.exct.net/unsub_center.aspx?qs={}",
        "https://{}.example/hs/manage-preferences/unsubscribe-all?d=AbC",
        "https://{}.example/asm/unsubscribe/?user_id=1&data=AbC",
        "https://{}.createsend.com/t/y-u-abc-def-r/",
        "https://{}.example/?p=unsubscribe&uid=1234",
        "https://{}.example/index.php?act=unsub&nid=1",
        "https://{}.example/email/unsubscribe/5f3a9c",
        "https://{}.example/?na=uc&nk=12-abc",
        "https://{}.example/lists/lt.php?id=AbC",
        "https://{}.example/mk/un/AbCdEf",
        "https://x.mjt.lu/unsub2?m={}",
        "https://go.{}.example/unsubscribe/u/12345/abc/6789",
        "https://click.convertkit-mail.com/{}",
        "https://{}.example/mailman/options/news/jane--at--mail.example",
        "https://{}.example/e/encryptedUnsubscribe?_r=abc",
    ],
)
def test_the_forms_of_sending_services(address: str) -> None:
    assert effect(address.format("shop")) is not None


def test_what_the_header_says() -> None:
    campaign = {
        "html": '<a href="https://shop.example/x/9">Here</a><a href="https://shop.example/x/9?k=1">Here</a>'
        '<a href="https://shop.example/y">There</a><form action="https://shop.example/z"></form>',
        "headers": {"List-Unsubscribe": "<https://shop.example/x/9>"},
    }
    links = checker({}).engine.sheet(from_mapping(campaign), "template").resolver.ending("links").value
    assert isinstance(links, Links)
    found = [effect_of(link, links) for link in links]
    assert [one.sort if one else None for one in found] == ["unsubscribe", "unsubscribe", None, "form", "unsubscribe"]


def test_an_address_behind_another_is_seen() -> None:
    assert effect("https://shop.example/out?url=https%3A%2F%2Fshop.example%2Funsubscribe%3Fid%3D12345") is not None
    assert effect("https://shop.example/out?url=https%3A%2F%2Fshop.example%2Fsale") is None


def test_merge_tags_stand_for_a_recipient() -> None:
    (link,) = _links('<a href="https://shop.example/confirm?id={{ id }}">Yes</a>')
    assert effect_of(link) is not None
    (link,) = _links('<a href="https://shop.example/{{ product }}">Chair</a>')
    assert effect_of(link) is None


def _links(html: str) -> Links:
    found = checker({}).engine.sheet(from_mapping({"html": html}), "template").resolver.ending("links").value
    assert isinstance(found, Links)
    return found


@pytest.mark.parametrize(
    "address", ["mailto:unsubscribe@shop.example", "tel:123", "#unsubscribe", "unsubscribe.html", ""]
)
def test_what_is_no_web_address_is_not_requested_anyway(address: str) -> None:
    assert effect(address) is None


def test_words_are_folded() -> None:
    assert fold("Désabonner ÆØŁ ß") == "desabonner aeol ss"
    assert words_of("emailPreferences/un-subscribe_2") == ["email", "preferences", "un", "subscribe"]


def test_the_lists_are_folded_and_known() -> None:
    known = data()
    for sort in (known["unsubscribe"], known["preferences"]):
        for word in (*sort["stems"], *sort["alone"]):
            assert fold(word) == word
    assert {sort for _, _, sort in known["services"]} <= set(SAID)


_TEXT = st.text(st.sampled_from("abcUNSub/?=&%.-_:0123456789éЖ退@ \n"), max_size=60)


@given(_TEXT, _TEXT)
@settings(max_examples=300, deadline=None)
def test_nothing_makes_it_fail(rest: str, text: str) -> None:
    found = effect(f"https://shop.example/{rest}", text=text)
    assert found is None or found.sort in SAID


def test_a_long_address_takes_no_more_than_its_length() -> None:
    for unit in ("a-", "/unsubscribe-x", "%D0%BE", "?a=b&", "aB1", "://"):
        short, long = (
            calls(effect, "https://shop.example/" + unit * 200),
            calls(effect, "https://shop.example/" + unit * 800),
        )
        assert long < short * 6 + 1000, unit
