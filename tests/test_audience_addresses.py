"""The normal form of addresses, and what is wrong with them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailcheck.audience.addresses import FAULTS, INVISIBLE, SPACES, cleaned, domain_fault, fault_of, normal

PLAIN = st.text("abzABZ019.-_+@ ", max_size=20)
NASTY = st.text(st.sampled_from("aZ@.é\u0301İK ß＠。\"<>,;'\\" + SPACES[:6] + INVISIBLE[:6]), max_size=24)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Anna@Example.COM", "anna@example.com"),
        ("  anna@example.com\t", "anna@example.com"),
        ("anna@example.com\xa0", "anna@example.com"),
        ("\ufeffanna@example.com\r\n", "anna@example.com"),
        ("an\u200bna@example.com", "anna@example.com"),
        ("Anna Berg <anna@example.com>", "anna@example.com"),
        ('"Berg, Anna" <mailto:Anna@example.com>;', "anna@example.com"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("anna@example.com.", "anna@example.com"),
        ("kari@Blåbær.no", "kari@xn--blbr-roah.no"),
        ("kari@bla\u030abær.no", "kari@xn--blbr-roah.no"),
        ("kari@xn--blbr-roah.no", "kari@xn--blbr-roah.no"),
        ("kari@例え。jp", "kari@xn--r8jz45g.jp"),
        ("jose\u0301@example.com", "josé@example.com"),
        # Only ASCII letters have no case before the @: what others fold to depends on the language.
        ("JOSÉ@example.com", "josÉ@example.com"),
        # The Kelvin sign is no K, though its small letter is a k. (NFC makes it one, as every engine must.)
        ("\u212aari@example.com", "kari@example.com"),
        ("not an address", "not an address"),
        ("  ", ""),
        ("\u200b\xa0", ""),
    ],
)
def test_the_normal_form(raw: str, expected: str) -> None:
    assert normal(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("anna@example.com", ""),
        (" Anna.Berg+news@sub.example.co.uk ", ""),
        ("o'brien@example.com", ""),
        ('"anna berg"@example.com', ""),
        ("josé@example.com", ""),
        ("kari@blåbær.no", ""),
        ("anna@shop.example", ""),
        ("null", "no_at"),
        ("anna.example.com", "no_at"),
        ("@example.com", "no_local"),
        ("anna@", "domain"),
        ("anna@example", "domain"),
        ("anna@example..com", "domain"),
        ("anna@-example.com", "domain"),
        ("anna@example_shop.com", "domain"),
        ("anna@10.0.0.1", "domain"),
        ("anna@example,com", "comma"),
        ("anna berg@example.com", "space"),
        ("anna\xa0berg@example.com", "space"),
        ("anna@example.com; kari@example.com", "several"),
        ("anna@@example.com", "local"),
        ("Anna <anna@example.com>", "name"),
        ("an\u200bna@example.com", "invisible"),
        (".anna@example.com", "local"),
        ("anna..berg@example.com", "local"),
        ("an(na)@example.com", "local"),
        ("a" * 65 + "@example.com", "local"),
        ("a@" + "b" * 600 + ".com", "address"),
    ],
)
def test_what_is_wrong(raw: str, expected: str) -> None:
    assert fault_of(raw) == expected
    assert expected == "" or expected in FAULTS


def test_an_invisible_character_at_the_end_is_no_fault() -> None:
    assert fault_of("\ufeffanna@example.com\u200b") == ""


@given(NASTY)
@example("Anna <a@b.com>")
@example("K@x.com")
def test_the_normal_form_is_its_own(raw: str) -> None:
    once = normal(raw)
    assert normal(once) == once or "<" in raw or "mailto:" in raw.lower()
    assert once == unicodedata.normalize("NFC", once)


@given(NASTY)
def test_every_text_has_a_fault_or_none(raw: str) -> None:
    assert fault_of(raw) in ("", *FAULTS)


@given(
    PLAIN, st.sampled_from(["", " ", "\t", "\xa0", "\u200b", "\r\n"]), st.sampled_from(["", " ", "\u3000", "\ufeff"])
)
def test_what_nobody_sees_at_the_ends_does_not_count(text: str, before: str, behind: str) -> None:
    assert normal(before + text + behind) == normal(text)
    assert cleaned(before + text + behind) == cleaned(text)


@pytest.mark.parametrize("domain", ["example.com", "sub.example.co.uk", "xn--blbr-roah.no", "a.museum", "shop.example"])
def test_domains_that_can_be(domain: str) -> None:
    assert not domain_fault(domain)


@pytest.mark.parametrize("domain", ["", "example", "-a.com", "a_b.com", "a..com", "a.1", "a@b.com", "b" * 64 + ".com"])
def test_domains_that_cannot(domain: str) -> None:
    assert domain_fault(domain)
