"""Rules `links/*` about how an address is written, and what it gives away or hides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mailcheck import Fix, Problem, Problems, bad, good, rule
from mailcheck.content import link_contact, link_form, link_hosts, link_secrets
from mailcheck.content.link_address import TAG
from mailcheck.content.link_groups import grouped, is_dummy_picture, is_settled
from mailcheck.content.link_lookalikes import lookalike as looks_like
from mailcheck.content.link_targets import nowhere
from mailcheck.content.link_targets import placeholder as placeholder_in
from mailcheck.content.link_texts import mismatch as mismatch_of
from mailcheck.content.link_wrappers import wrapped as wrapper_of
from mailcheck.content.links import Link, Links
from mailcheck.masking import mask_addresses
from mailcheck.urls import InvalidUrl
from mailcheck_rules._words import Options


@rule(severity="error")
@bad(html='<a href="https:/shop.example/">Shop</a>', at=":/", fixed='<a href="https://shop.example/">Shop</a>')
@bad(
    html='<a href="http://https://shop.example/">Shop</a>',
    at="http://",
    fixed='<a href="https://shop.example/">Shop</a>',
)
@bad(html='<a href="https://shop.example/a b">Shop</a>', at=" ", fixed='<a href="https://shop.example/a%20b">Shop</a>')
@bad(html='<a href="https://shop.example/sale target="_blank">Shop</a>', at="target=")
@bad(
    html='<table background="url(https://shop.example/a.png)"></table>',
    at="url(https://shop.example/a.png)",
    fixed='<table background="https://shop.example/a.png"></table>',
)
@bad(html='<a href="https://shop,example/">Shop</a>', at="shop,example")
@bad(html='<a href="https://shop.example:80a/">Shop</a>', at="80a")
@bad(
    html='<a href="https://shop.example/?a=1?b=2">Shop</a>',
    at="?",
    fixed='<a href="https://shop.example/?a=1&b=2">Shop</a>',
)
@bad(html='<a href="https://shop.example/?a=1&amp;amp;b=2">Shop</a>', at="&amp;amp;")
@bad(
    html='<a href="https://shop.example/sale-20%">Shop</a>',
    at="%",
    fixed='<a href="https://shop.example/sale-20%25">Shop</a>',
)
@good(html='<a href="https://shop.example/a%20b?a=1&amp;b=2#top">Shop</a>')
@good(html='<a href="https://shop.example/?next=https%3A%2F%2Fshop.example%2F%3Fa%3D1">Shop</a>')
@good(html='<a href="https://shop.example/{{ path }}?id={{ id | url }}">Shop</a>')
def malformed(links: Links) -> Problems:
    """An address is written so that it breaks: spaces, a lost quotation mark, a second `?`, a doubled `http://`, a broken host.

    What no browser opens is an error. What browsers repair, each in its own way, is a warning: mail clients, security gateways
    and click counters repair it otherwise, or not at all.
    """
    wanted = links.of_kind("link", "text", "image", "form", "unsubscribe")
    judged = (one for one in wanted if not (nowhere(one) or placeholder_in(one) or is_dummy_picture(one)))
    for group in grouped(judged, lambda link: link.shape):
        for fault in link_form.malformed(group.first):
            instead = fault.instead
            edits = () if instead is None else tuple((link.at(fault.at), instead) for link in group.in_one_part)
            place = group.first.at(fault.at)
            yield Problem(
                fault.message + group.more(),
                at=group.first if place.start == place.end else place,
                fix=Fix(edits, safe=fault.sure) if edits else None,
                severity=None if fault.sure else "warning",
                data={"code": fault.code, **group.data},
            )


@rule(severity="error")
@bad(html='<a href="https://shop.example@evil.example/">Shop</a>', at="shop.example")
@bad(html='<a href="https://klara:tulip@shop.example/">Shop</a>', at="klara:…")
@bad(html='<a href="http://0x7f000001/">Shop</a>', at="0x7f000001")
@bad(html='<a href="https://93.184.216.34/sale">Shop</a>', at="93.184.216.34")
@good(html='<a href="https://shop.example/@fernhill">Shop</a>')
def disguised(links: Links) -> Problems:
    """An address hides where it leads: a name before an `@`, an IP address, a host in percent signs.

    Real links have no need of it, so filters take such mail for phishing.
    """
    wanted = (link for link in links.of_kind("link", "text", "image", "form") if link.is_web and not is_settled(link))
    for group in grouped(wanted, lambda link: link.address.get(link.address.authority)):
        link, address = group.first, group.first.address
        strict = link_form.read(link)
        if address.userinfo is not None and not (link.has_tags and TAG in address.get(address.userinfo)):
            message = f"What stands before the “@” is no host: this leads to “{link.host}”. Delete it."
            name, colon, _ = address.get(address.userinfo).partition(":")
            place, shown = link.at(address.userinfo), f"{name}:…" if colon else None
            yield Problem(message + group.more(), at=place, evidence=shown, data=group.data)
        elif isinstance(strict, InvalidUrl):
            if strict.reason in ("obfuscated-ipv4", "percent-in-host"):
                message = f"This address is disguised: {strict}. Filters take it for phishing."
                yield Problem(message + group.more(), at=link.at(strict.place), data=group.data)
        elif strict is not None and strict.address is not None and not link_form.private(link):
            message = f"This leads to the bare IP address {link.host}, as phishing does; use the name of the host."
            place = link.at(address.host or (0, 0))
            yield Problem(message + group.more(), at=place, severity="warning", data=group.data)


@rule(severity="error")
@bad(html='<a href="https://fеrnhill.example/">Shop</a>', at="fеrnhill.example")
@bad(html='<a href="https://xn--frnhill-6of.example/">Shop</a>', at="xn--frnhill-6of.example")
@good(html='<a href="https://gärtnerei.example/">Shop</a> <a href="https://пример.example/">Shop</a>')
def lookalike(links: Links) -> Problems:
    """A host has letters of another alphabet that look like Latin ones.

    It is another host than it looks, which is how accounts are stolen; copied text can bring such letters in by accident.
    """
    wanted = (link for link in links if link.address.host is not None and TAG not in link.host)
    for group in grouped(wanted, lambda link: link.host):
        found = looks_like(group.first.host)
        if found is not None:
            shown, why, sure = found
            message = f"“{shown}” is not the host that it looks like: {why}.{group.more()}"
            place = group.first.at(group.first.address.host or (0, 0))
            yield Problem(message, at=place, severity=None if sure else "warning", data=group.data)


class MismatchOptions(Options):
    trackers: tuple[str, ...] = Field((), description="hosts that count your clicks, with all below them")


@rule(severity="warning")
@bad(html='<a href="https://other.example/">www.shop.example</a>', at="https://other.example/")
@bad(html='<a href="mailto:sales@shop.example">help@shop.example</a>', at="mailto:sales@shop.example")
@bad(html='<a href="tel:+31207654321">+31 20 123 4567</a>', at="tel:+31207654321")
@good(html='<a href="https://www.shop.example/sale">shop.example</a> <a href="tel:+31201234567">020 123 4567</a>')
@good(html='<a href="https://click.other.example/x">shop.example</a>', options={"trackers": ["other.example"]})
def mismatch(links: Links, options: MismatchOptions) -> Problems:
    """A link shows one address and leads to another.

    That is what phishing looks like, to readers and to filters; or somebody changed the text and forgot the link. Hosts of
    known sending services that count clicks are left alone, and so are those of the option `trackers`.
    """
    for group in grouped(links.of_kind("link"), lambda link: (link.text, link.shape)):
        link = group.first
        found = mismatch_of(link)
        if found is None or is_settled(link) or any(_below(link.host, tracker) for tracker in options.trackers):
            continue
        shown, real = mask_addresses(found.shown), mask_addresses(found.real)
        message = f"The text of this link says “{shown}”, but it leads to “{real}”; make them the same.{group.more()}"
        yield Problem(message, at=link, severity="info" if found.same_owner else None, data=group.data)


def _below(host: str, parent: str) -> bool:
    return host == parent.lower() or host.endswith(f".{parent.lower()}")


class ShortenerOptions(Options):
    allow: tuple[str, ...] = Field((), description="shorteners that may be used")


@rule(severity="warning")
@bad(html='<a href="https://bit.ly/3xYzAbC">Shop</a>', at="https://bit.ly/3xYzAbC")
@good(html='<a href="https://shop.example/s">Shop</a>')
@good(html='<a href="https://bit.ly/3xYzAbC">Shop</a>', options={"allow": ["bit.ly"]})
def shortener(links: Links, options: ShortenerOptions) -> Problems:
    """A link goes through a public shortener, which spammers use too.

    Filters judge the shortener by everybody's links, and readers cannot see where they go. Sending services count clicks
    without one.
    """
    allowed = {host.lower() for host in options.allow}
    found = (
        link for link in links.followed if link.is_web and link_hosts.shortener(link.host) and link.host not in allowed
    )
    for group in grouped(found, lambda link: link.host):
        dead = link_hosts.data()["shorteners_dead"].get(group.first.host)
        if dead and group.first.path.strip("/").startswith("maps"):
            continue
        message = f"“{group.first.host}” is a public shortener, which filters distrust; link to the page itself."
        if dead:
            message = f"The shortener “{group.first.host}” works no more: {dead}. Link to the page itself."
        yield Problem(message + group.more(), at=group.first, severity="error" if dead else None, data=group.data)


@rule(severity="error")
@bad(
    html='<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2F&data=05">Shop</a>',
    at="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2F&data=05",
    fixed='<a href="https://shop.example/">Shop</a>',
)
@bad(
    html='<a href="https://urldefense.com/v3/__https://shop.example/__;!!Abc!def$">Shop</a>',
    at="https://urldefense.com/v3/__https://shop.example/__;!!Abc!def$",
    fixed='<a href="https://shop.example/">Shop</a>',
)
@good(html='<a href="https://shop.example/?url=https%3A%2F%2Fshop.example%2F">Shop</a>')
def wrapped(links: Links) -> Problems:
    """A link or picture was copied out of a received mail, with the wrapping of somebody's mail filter or webmail.

    It names the person who copied it, is counted and blocked by a filter that is not yours, and often ends after some time.
    The fix puts the address back that was wrapped.
    """
    found = {
        link: wrapper
        for link in links.of_kind("link", "text", "image")
        if link.is_web and (wrapper := wrapper_of(link.written, link.host)) is not None
    }
    for group in grouped(found, lambda link: link.written):
        wrapper = found[group.first]
        inner = wrapper.inner
        fix = Fix(tuple((link.span, _escaped(inner, link)) for link in group.in_one_part)) if inner else None
        message = (
            f"This address was wrapped by {wrapper.by} in a mail that somebody received; use the page's own address."
        )
        soft = wrapper.by in _ALSO_CHOSEN
        severity: Literal["warning"] | None = "warning" if soft else None
        yield Problem(message + group.more(), at=group.first, fix=fix, severity=severity, data=group.data)


_ALSO_CHOSEN = frozenset(("Google", "Facebook", "LinkedIn", "YouTube", "X (Twitter)", "Slack"))
"""Those whose wrapping people also write themselves."""


def _escaped(address: str, link: Link) -> str:
    return address.replace("&", "&amp;").replace('"', "%22") if link.element is not None else address


_SECRETS = {
    "key": "A key of an account stands in this address, and everybody who gets the mail can use it; take it out and change it.",
    "password": "A password stands in this address, and everybody who gets the mail can use it; take it out and change it.",
    "session": "Somebody's session stands in this address; recipients may end up in their account. Take it out.",
    "token": "A token stands in this address, the same for every recipient; use the merge tag of your service, or take it out.",
    "signed": "This address is signed and stops working after a time, usually within a week; use one that stays.",
    "person": "The address of one person stands in this link and goes to every recipient; use a merge tag, or take it out.",
}
_RENDERED_PERSON = (
    "An e-mail address stands in this link, and ends up in the statistics of the page and of others; use an id."
)


@rule(severity="error")
@bad(html='<a href="https://shop.example/?api_key=9f8e7d6c5b4a39281706">Shop</a>', at="api_key=…")
@bad(html='<a href="https://shop.example/;jsessionid=0123456789ABCDEF">Shop</a>', at="jsessionid=…")
@bad(html='<a href="https://shop.example/?email=klara@mail.example">Shop</a>', at="klara@mail.example")
@good(html='<a href="https://shop.example/?email={{ email }}&amp;token={{ token }}">Shop</a>')
@good(html='<a href="https://shop.example/?key=spring&amp;session=morning">Shop</a>')
def secret(links: Links) -> Problems:
    """An address gives away a key, a password, a session or the e-mail address of a person.

    Addresses end up in logs, statistics and browser histories, and a mail is forwarded. In a rendered mail tokens are left
    alone, since they may be those of the recipient.
    """
    wanted = links.of_kind("link", "text", "image", "form")
    for group in grouped((link for link in wanted if not nowhere(link)), lambda link: link.shape):
        for found in link_secrets.secrets(group.first, rendered=links.rendered):
            person = found.sort == "person"
            said = _RENDERED_PERSON if person and links.rendered else _SECRETS[found.sort]
            soft = found.sort in ("signed", "token", "person")
            yield Problem(
                said + group.more(),
                at=group.first.at(found.at),
                severity="warning" if soft else None,
                evidence=found.shown,
                data={"sort": found.sort, **group.data},
            )


@rule(severity="error")
@bad(
    html='<a href="mailto://help@shop.example">Write</a>', at="//", fixed='<a href="mailto:help@shop.example">Write</a>'
)
@bad(html='<a href="mailto:help.shop.example">Write</a>', at="help.shop.example")
@bad(
    html='<a href="mailto:a@shop.example&subject=Hi">Write</a>',
    at="&",
    fixed='<a href="mailto:a@shop.example?subject=Hi">Write</a>',
)
@good(html='<a href="mailto:help@shop.example?subject=My%20order&amp;body=Hello">Write</a>')
def mailto(links: Links) -> Problems:
    """A link that writes a mail is written wrongly (RFC 6068).

    The address must be bare, the fields are `subject`, `body`, `cc` and `bcc`, spaces are `%20`.
    """
    yield from _contact(links, ("mailto",))


@rule(severity="error")
@bad(html='<a href="tel://+31201234567">Call</a>', at="//", fixed='<a href="tel:+31201234567">Call</a>')
@bad(html='<a href="tel:+31 (0)20 123 4567">Call</a>', at="+31 (0)20 123 4567")
@bad(html='<a href="tel:call us">Call</a>', at="call us")
@good(html='<a href="tel:+31-20-123-4567">Call</a> <a href="sms:+31612345678?body=Yes">Text</a>')
def phone(links: Links) -> Problems:
    """A link that calls or texts cannot be dialled (RFC 3966 and RFC 5724).

    After `tel:` or `sms:` stands the number, best with a plus and the country code, without letters and without `(0)`.
    """
    yield from _contact(links, ("tel", "sms"))


def _contact(links: Links, schemes: tuple[str, ...]) -> Problems:
    wanted = (link for link in links.of_kind("link") if link.scheme in schemes and not nowhere(link))
    for group in grouped((link for link in wanted if not placeholder_in(link)), lambda link: link.shape):
        check = link_contact.mailto if schemes == ("mailto",) else link_contact.phone
        for fault in check(group.first):
            instead = fault.instead
            edits = () if instead is None else tuple((link.at(fault.at), instead) for link in group.in_one_part)
            yield Problem(
                mask_addresses(fault.message) + group.more(),
                at=group.first.at(fault.at),
                fix=Fix(edits, safe=fault.sure) if edits else None,
                severity=None if fault.sure else "warning",
                data=group.data,
            )
