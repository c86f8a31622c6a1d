"""Strict reading of URLs: what is refused and why, what is accepted and as what."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.urls import InvalidUrl, is_public, join, parse, special_use
from url_cases import SEEDS, mutated
from whatwg import disagreement

REFUSED = [
    ("", "empty", ""),
    (" http://a.b/", "control-or-space", " "),
    ("http://a.b/\n", "control-or-space", "\n"),
    ("ht\ntp://127.0.0.1/", "control-or-space", "\n"),
    ("http://exa\tmple.com/", "control-or-space", "\t"),
    ("http://a.b/c d", "control-or-space", " "),
    ("http://1.1.1.1 &@2.2.2.2# @3.3.3.3/", "control-or-space", " "),
    ("http://a.b/x\u00a0y", "control-or-space", "\u00a0"),
    ("http://a.b/x\u200by", "control-or-space", "\u200b"),
    ("http://a.b/\x7f", "control-or-space", "\x7f"),
    ("http://a.b/\ud800", "control-or-space", "\ud800"),
    ("http://127.0.0.1\\@example.com/", "backslash", "\\"),
    ("http://127.1.1.1:80\\@127.2.2.2:80/", "backslash", "\\"),
    ("http:\\\\127.0.0.1\\", "backslash", "\\"),
    ("http://a.b/c\\d", "backslash", "\\"),
    ("/sale", "not-absolute", "/sale"),
    ("//a.b/c", "not-absolute", "//a.b/c"),
    ("www.a.b", "not-absolute", "www.a.b"),
    ("shop.example:8080/x", "not-absolute", "shop.example"),
    ("https//a.b/", "not-absolute", "https//a.b/"),
    ("ftp://a.b/", "scheme", "ftp"),
    ("javascript:alert(1)", "scheme", "javascript"),
    ("gopher://127.0.0.1:6379/_", "scheme", "gopher"),
    ("http:a.b/", "slashes", ":"),
    ("http:/a.b/", "slashes", ":/"),
    ("http:///a.b/", "slashes", ":///"),
    ("http://", "no-host", ""),
    ("http://?x", "no-host", ""),
    ("http://:80/", "no-host", ":80"),
    ("http://u@/x", "no-host", ""),
    ("http://%31%32%37.0.0.1/", "percent-in-host", "%31%32%37.0.0.1"),
    ("http://127.0.0.1%00.example.com/", "percent-in-host", "127.0.0.1%00.example.com"),
    ("http://[fe80::1%25eth0]/", "percent-in-host", "[fe80::1%25eth0]"),
    ("http://a..b/", "bad-host", "a..b"),
    ("http://./", "bad-host", "."),
    ("http://a.b../", "bad-host", "a.b.."),
    ("http://{{host}}/", "bad-host", "{{host}}"),
    ("http://a,b/", "bad-host", "a,b"),
    ("http://＃.b/", "bad-host", "＃.b"),
    ("http://xn--a.b/", "bad-host", "xn--a.b"),
    ("http://xn--.b/", "bad-host", "xn--.b"),
    ("http://" + "a" * 64 + ".b/", "bad-host", "a" * 64 + ".b"),
    ("http://" + "a." * 130 + "b/", "bad-host", "a." * 130 + "b"),
    ("http://127.1/", "obfuscated-ipv4", "127.1"),
    ("http://0/", "obfuscated-ipv4", "0"),
    ("http://2130706433/", "obfuscated-ipv4", "2130706433"),
    ("http://0x7f000001/", "obfuscated-ipv4", "0x7f000001"),
    ("http://0177.0.0.1/", "obfuscated-ipv4", "0177.0.0.1"),
    ("http://127.000.000.001/", "obfuscated-ipv4", "127.000.000.001"),
    ("http://127.0.0.1./", "obfuscated-ipv4", "127.0.0.1."),
    ("http://①②⑦.⓪.⓪.①/", "obfuscated-ipv4", "①②⑦.⓪.⓪.①"),
    ("http://127。0。0。1/", "obfuscated-ipv4", "127。0。0。1"),
    ("http://１２７.0.0.1/", "obfuscated-ipv4", "１２７.0.0.1"),
    ("http://0XA.1/", "obfuscated-ipv4", "0XA.1"),
    ("http://256.1.1.1/", "bad-ipv4", "256.1.1.1"),
    ("http://1.2.3.4.5/", "bad-ipv4", "1.2.3.4.5"),
    ("http://a.b.0x/", "bad-ipv4", "a.b.0x"),
    ("http://4294967296/", "bad-ipv4", "4294967296"),
    ("http://[::1", "bad-ipv6", "[::1"),
    ("http://[::1]x/", "bad-ipv6", "[::1]x"),
    ("http://[127.0.0.1]/", "bad-ipv6", "[127.0.0.1]"),
    ("http://a.b:0/", "bad-port", "0"),
    ("http://a.b:65536/", "bad-port", "65536"),
    ("http://a.b:99999999999999999999/", "bad-port", "99999999999999999999"),
    ("http://a.b:8o/", "bad-port", "8o"),
    ("http://a.b:８０/", "bad-port", "８０"),
    ("http://a.b:-1/", "bad-port", "-1"),
]


@pytest.mark.parametrize(("text", "reason", "at"), REFUSED, ids=[repr(case[0][:50]) for case in REFUSED])
def test_refused(text: str, reason: str, at: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        parse(text)
    assert refused.value.reason == reason
    assert text[slice(*refused.value.place)] == at
    assert str(refused.value)


def test_a_disguised_address_is_named() -> None:
    with pytest.raises(InvalidUrl, match=r"IP address 169\.254\.169\.254") as refused:
        parse("http://2852039166/")
    assert refused.value.means == ip_address("169.254.169.254")


ACCEPTED = [
    ("http://example.com#@127.0.0.1/", "http://example.com/"),
    ("http://example.com?@127.0.0.1/", "http://example.com/?@127.0.0.1/"),
    ("http://ß.example/", "http://xn--zca.example/"),
    ("http://a.b:080", "http://a.b/"),
    ("http://a.b:", "http://a.b/"),
    ("HTTPS://A.B./", "https://a.b./"),
    ("https://☕.example/", "https://xn--53h.example/"),
    ("https://日本語。jp/パス?ü", "https://xn--wgv71a119e.jp/%E3%83%91%E3%82%B9?%C3%BC"),
    ("https://a.b/a/./b/../c/%2e%2E/d?x=../y", "https://a.b/a/d?x=../y"),
    ("https://a.b/..", "https://a.b/"),
    ("https://a.b/\"<>`{}|^'", "https://a.b/%22%3C%3E%60%7B%7D|%5E'"),
    ("https://a.b/?\"<>`{}|^'", "https://a.b/?%22%3C%3E`{}|^%27"),
    ("http://[2606:4700:0:0::1111]:8080/x", "http://[2606:4700::1111]:8080/x"),
    ("https://r3---sn.a_b.-c-.example/", "https://r3---sn.a_b.-c-.example/"),
    ("https://a.b/?x\\y", "https://a.b/?x\\y"),
]


@pytest.mark.parametrize(("text", "normal"), ACCEPTED)
def test_accepted(text: str, normal: str) -> None:
    url = parse(text)
    assert url.normal == normal
    assert disagreement(url) == ""
    assert parse(url.normal).normal == normal


def test_every_part_has_its_place() -> None:
    text = "https://joe:pw@Shop.Example:8443/sale;v=1?x=1&y#top"
    url = parse(text)
    places = url.places
    parts = (
        places.scheme,
        places.userinfo,
        places.host,
        places.port,
        places.path,
        places.query,
        places.fragment,
    )
    shown = [text[slice(*place)] for place in parts if place is not None]
    assert shown == ["https", "joe:pw", "Shop.Example", "8443", "/sale;v=1", "x=1&y", "top"]
    assert (url.scheme, url.userinfo, url.host, url.port) == ("https", "joe:pw", "shop.example", 8443)
    assert (url.path, url.query, url.fragment, url.address) == ("/sale;v=1", "x=1&y", "top", None)
    assert url.authority == "shop.example:8443"
    bare = parse("http://a.b")
    assert (bare.path, bare.query, bare.fragment, bare.places.port) == ("", None, None, None)
    assert parse("http://xn--zca.example/").unicode_host == "ß.example"


JOINED = [
    ("/x", "https://a.b:8443/x"),
    ("x", "https://a.b:8443/c/x"),
    ("../x", "https://a.b:8443/x"),
    ("?y", "https://a.b:8443/c/d?y"),
    ("", "https://a.b:8443/c/d?q"),
    ("#z", "https://a.b:8443/c/d?q"),
    ("//h.i/x", "https://h.i/x"),
    ("  https://h.i/a b \r\n", "https://h.i/a%20b"),
]


@pytest.mark.parametrize(("location", "normal"), JOINED)
def test_a_redirect_leads_where_a_browser_goes(location: str, normal: str) -> None:
    assert join(parse("https://a.b:8443/c/d?q#f"), location).normal == normal


def test_the_fragment_survives_a_redirect() -> None:
    base = parse("https://a.b/c#f")
    assert join(base, "/d").fragment == "f"
    assert join(base, "/d#g").fragment == "g"


@pytest.mark.parametrize("location", ["http:/x", "ftp://a.b", "/\\evil.example", "\\\\evil.example", "http://h\\@i/"])
def test_a_redirect_is_read_as_strictly(location: str) -> None:
    with pytest.raises(InvalidUrl):
        join(parse("https://a.b/"), location)


PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8"]
NOT_PUBLIC = """
0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.255 168.63.129.16 169.254.169.254 169.254.170.2
172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::169.254.169.254
64:ff9b::7f00:1 64:ff9b:1::a9fe:a9fe 100::1 2001::1 2001:0:4136:e378:8000:63bf:80ff:fffe 2001:2::1 2001:10::1
2001:db8::1 2002:7f00:1:: 2606:4700::5efe:7f00:1 2606:4700::200:5efe:7f00:1 2620:4f:8000::1 2d00::1 2e00::1 3000::1
3fff::1 3ffe::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
"""


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_names_that_work_in_one_place_only() -> None:
    for host in ("localhost", "localhost.", "a.localhost", "printer.local", "metadata.google.internal", "intranet"):
        assert special_use(host), host
    for host in ("x.home.arpa", "staging.test", "a.onion", "nas.lan", "wiki.corp"):
        assert special_use(host), host
    for host in ("example.com", "localhost.example.com", "test.example.com", "arpa.example"):
        assert special_use(host) is None, host


def test_what_is_accepted_means_the_same_in_a_browser() -> None:
    accepted = []
    for text in (*SEEDS, *mutated(7, 12_000)):
        try:
            accepted.append(parse(text))
        except InvalidUrl:
            continue
    assert len(accepted) > 1500
    assert [said for said in map(disagreement, accepted) if said] == []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://a.b/{text}"):
        try:
            url = parse(candidate)
        except InvalidUrl as refused:
            place = refused.place
        else:
            place = url.places.host
            assert disagreement(url) == ""
        assert 0 <= place[0] <= place[1] <= len(candidate)


def test_reading_a_url_imports_nothing_heavy() -> None:
    script = (
        "import sys; from mailcheck.urls import parse; parse('https://shop.example/x');"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"idna", "pydantic", "asyncio", "socket", "ssl"} & set(done.stdout.split())
