"""Rules `links/*` about where a link leads."""

from __future__ import annotations

import re

from pydantic import Field

from mailcheck import Fix, Problem, Problems, bad, good, rule
from mailcheck.content import link_form, link_hosts
from mailcheck.content.link_address import TAG
from mailcheck.content.link_groups import grouped, is_dummy_picture, is_settled
from mailcheck.content.link_hosts import shortener
from mailcheck.content.link_personal import is_personal
from mailcheck.content.link_targets import bad_scheme, nowhere
from mailcheck.content.link_targets import placeholder as placeholder_in
from mailcheck.content.link_targets import relative as relative_of
from mailcheck.content.link_wrappers import wrapped
from mailcheck.content.links import Link, Links
from mailcheck.content.markup import Markup
from mailcheck.rule import Severity
from mailcheck.run import Run
from mailcheck_rules._words import Options


def said(link: Link) -> str:
    """The text of a link, short, for a message."""
    text = link.text
    shown = text if len(text) <= 40 else f"{text[:39]}…"
    return f"The link “{shown}”" if shown else "This link"


@rule(severity="error")
@bad(html='<a href="#">Shop now</a>', at="#")
@bad(html='<a href="">Shop now</a>', at='href=""')
@bad(html='<a href="javascript:void(0)">Shop now</a>', at="javascript:void(0)")
@bad(html='<a href="https://">Shop now</a>', at="https://")
@good(html='<a href="https://shop.example/">Shop now</a> <a href="#offers">Offers</a> <a id="offers">Here</a>')
@good(html='<a href="{{ shop_url }}">Shop now</a>')
def empty(links: Links) -> Problems:
    """A link leads nowhere: it has no address, only `#`, or a script.

    Somebody meant to fill it in. A script does nothing: every mail client takes it out.
    """
    shown = {link.shape for link in links.followed if not link.outlook}
    for link in links.followed:
        if link.outlook and link.shape in shown:
            continue  # the button for Outlook beside the same button for everybody else
        why = nowhere(link)
        if why and not _holds_label(link):
            yield Problem(f"{said(link)} {why}; put in the address of the page.", at=link)


def _holds_label(link: Link) -> bool:
    """Whether the link is the switch of a carousel: what works is the `label` in it."""
    return link.element is not None and link.shape.startswith("#") and "<label" in link.element.content.text.lower()


@rule(severity="error")
@bad(html='<a href="file:///C:/mail/offer.html">Offer</a>', at="file:///C:/mail/offer.html")
@bad(html='<a href="htps://shop.example/">Shop</a>', at="htps", fixed='<a href="https://shop.example/">Shop</a>')
@bad(html='<a href="myapp://cart">Cart</a>', at="myapp://cart")
@good(html='<a href="https://shop.example/">Shop</a> <a href="tel:+31201234567">Call</a>')
def scheme(links: Links) -> Problems:
    """A link begins with something that mail clients do not follow: `file:`, `data:`, an app, a slip.

    Only `https:`, `mailto:`, `tel:` and `sms:` work everywhere. Links into apps are taken out by webmail, so they are a
    warning; use a web address that opens the app.
    """
    for group in grouped((link for link in links.followed if bad_scheme(link)), lambda link: link.shape):
        link = group.first
        fault = bad_scheme(link)
        if fault is None or placeholder_in(link):
            continue
        place = link.scheme_span if fault.meant else link
        edits = tuple((one.scheme_span, fault.meant) for one in group.in_one_part)
        fix = Fix(edits, safe=False) if fault.meant else None
        message = fault.message + group.more()
        yield Problem(message, at=place, fix=fix, severity=None if fault.sure else "warning", data=group.data)


@rule(severity="error")
@bad(html='<a href="offers/spring.html">Spring</a>', at="offers/spring.html")
@bad(html='<a href="//shop.example/">Shop</a>', at="//shop.example/", fixed='<a href="https://shop.example/">Shop</a>')
@bad(
    html='<a href="www.shop.example">Shop</a>',
    at="www.shop.example",
    fixed='<a href="https://www.shop.example">Shop</a>',
)
@bad(
    html='<a href="help@shop.example">Write</a>',
    at="help@shop.example",
    fixed='<a href="mailto:help@shop.example">Write</a>',
)
@good(html='<a href="https://shop.example/offers">Shop</a> <a href="{{ url }}/offers">Offers</a>')
def relative(links: Links) -> Problems:
    """A link does not say where it begins: `offers.html`, `//shop.example`, `www.shop.example`.

    A page has an address that such a link can lean on; a mail has none.
    """
    found = (
        link
        for link in links.of_kind("link")
        if not nowhere(link) and not placeholder_in(link) and not link_form.is_misread(link) and relative_of(link)
    )
    for group in grouped(found, lambda link: link.shape):
        fault = relative_of(group.first)
        if fault is None:
            continue
        missing = fault.missing
        edits = tuple((one.at((0, 0)), missing) for one in group.in_one_part)
        fix = Fix(edits, safe=fault.safe) if missing else None
        yield Problem(fault.message + group.more(), at=group.first, fix=fix, data=group.data)


@rule(severity="error")
@bad(html='<a href="https://www.yourdomain.com/">Shop</a>', at="https://www.yourdomain.com/")
@bad(html='<a href="INSERT_URL">Shop</a>', at="INSERT_URL")
@bad(html='<a href="https://facebook.com/your-page">Facebook</a>', at="https://facebook.com/your-page")
@bad(text="Shop: https://example.com/sale", at="https://example.com/sale")
@good(html='<a href="https://shop.example/your-account">Shop</a>')
@good(html='<a href="https://facebook.com/fernhill">Facebook</a>')
def placeholder(links: Links) -> Problems:
    """A link or picture still has a placeholder for an address: `yourdomain.com`, `example.org`, `INSERT_URL`.

    Templates come with them, and they must be replaced before a send. Names that end in `.example` are left alone, since
    documentation is written with them. Prompts in brackets and pictures of placeholder services are for
    `copy/placeholder`.
    """
    wanted = links.of_kind("link", "text", "image", "form", "unsubscribe")
    found = (link for link in wanted if not nowhere(link) and placeholder_in(link) and not _told_elsewhere(link))
    for group in grouped(found, lambda link: link.shape):
        fault = placeholder_in(group.first)
        if fault is not None:
            yield Problem(f"{fault[0]}; put in the real one.{group.more()}", at=group.first, data=group.data)


_IN_BRACKETS = re.compile(r"[\[(<{]")


def _told_elsewhere(link: Link) -> bool:
    """Whether `copy/placeholder` speaks of the address."""
    return any(tag.human for tag in link.tags) or bool(_IN_BRACKETS.match(link.written)) or is_dummy_picture(link)


class StagingOptions(Options):
    allow: tuple[str, ...] = Field((), description="hosts that look like it and are yours, with all below them")


@rule(severity="warning")
@bad(html='<a href="http://localhost:3000/sale">Sale</a>', at="http://localhost:3000/sale")
@bad(html='<img src="https://staging.shop.example/a.png" alt="Tulips">', at="https://staging.shop.example/a.png")
@bad(html='<a href="https://shop-git-main.vercel.app/">Sale</a>', at="https://shop-git-main.vercel.app/")
@bad(html='<a href="https://192.168.1.20/sale">Sale</a>', at="https://192.168.1.20/sale")
@good(html='<a href="https://www.shop.example/staging-a-home">Sale</a>')
@good(html='<a href="https://shop.vercel.app/">Sale</a>', options={"allow": ["shop.vercel.app"]})
def staging(links: Links, options: StagingOptions, run: Run) -> Problems:
    """A link or picture leads to a place that recipients do not see: staging, a preview, this computer.

    Hosts that nobody outside can reach (`localhost`, private addresses, `.local`) are errors; those that are named like a
    staging or preview host are warnings, which the option `allow` takes back. A host that `allow` of the table `[web]` names
    is a preview of yours and not told; only before a send (profile `send`) there is a hint when nobody outside can reach it.
    """
    wanted = links.of_kind("link", "text", "image", "form", "unsubscribe")
    found = ((link, _staged(link, options)) for link in wanted if link.is_web and not is_settled(link))
    reasons = {link: reason for link, reason in found if reason}
    for group in grouped(reasons, lambda link: (link.host, link.address.get(link.address.port))):
        message, sure = reasons[group.first]
        severity: Severity | None = "error" if sure else None
        if is_allowed(group.first, run):
            if run.profile != "send" or not sure:
                continue
            severity, message = "info", f"{message} It is named in web.allow, so it counts as a preview of yours."
        yield Problem(message + group.more(), at=group.first, severity=severity, data=group.data)


def is_allowed(link: Link, run: Run) -> bool:
    """Whether the settings name the host of a link as one that may be private (`allow` of the table `[web]`)."""
    allowed = run.tables.get("web", {}).get("allow", ())
    port = link.address.get(link.address.port)
    usual = {"http": "80", "https": "443"}.get(link.scheme, "")
    names = {f"{link.host}:{port or usual}", *((link.host,) if port in ("", usual) else ())}
    return isinstance(allowed, list | tuple) and not names.isdisjoint(allowed)


def _staged(link: Link, options: StagingOptions) -> tuple[str, bool] | None:
    host = link.host
    if any(host == one or host.endswith(f".{one}") for one in map(str.lower, options.allow)) or TAG in host:
        return None
    private = link_form.private(link)
    if private:
        return f"Recipients cannot reach “{host}”: {private}. Use the public address.", True
    kind = link_hosts.staging(host)
    if kind:
        return f"“{host}” is {kind} by its name; use the address that recipients know.", False
    port = link.address.get(link.address.port)
    if port and port not in ("80", "443") and TAG not in port and port.isdigit():
        return f"Port {port} of “{host}” looks like that of a test server; many networks block it.", False
    return None


@rule(severity="warning")
@bad(
    html='<a href="http://shop.example/">Shop</a>',
    at="http://shop.example/",
    fixed='<a href="https://shop.example/">Shop</a>',
)
@bad(
    html='<a href="http://shop.example/a">A</a> <img src="http://shop.example/b.png" alt="B">',
    at="http://shop.example/a",
    fixed='<a href="https://shop.example/a">A</a> <img src="https://shop.example/b.png" alt="B">',
)
@good(html='<a href="https://shop.example/">Shop</a>')
def insecure(links: Links) -> Problems:
    """Links or pictures use http, not https.

    Mail clients warn about plain http, some load no such pictures, and anyone on the way can change the page. Told once for
    each host. The fix is not applied by itself: look first whether the host answers to https.
    """
    found = (
        link
        for link in links
        if link.scheme == "http" and link.address.host and not is_settled(link) and not link_form.private(link)
        if not (link.path.endswith(".dtd") or shortener(link.host) or wrapped(link.written, link.host))
        if links.rendered or not is_personal(link)
    )
    for group in grouped(found, lambda link: link.host):
        host = group.first.at(group.first.address.host or (0, 0)).text
        count = len(group.links)
        places = "1 place" if count == 1 else f"{count:,} places"
        fix = Fix(tuple((link.scheme_span, "https") for link in group.in_one_part), safe=False)
        yield Problem(f"{host} is called with http in {places}; use https.", at=group.first, fix=fix, data=group.data)


_INCLUDES = re.compile(
    r"include|import|partial|extends|yield|render|block|template|section|\{\{>|content|slot", re.IGNORECASE
)


@rule(severity="warning")
@bad(html='<body><a href="#offers">Offers</a><p id="offer">Tulips</p></body>', at="#offers")
@good(html='<body><a href="#offers">Offers</a> <a href="#top">Up</a><p id="offers">Tulips</p></body>')
@good(html='<body><a href="#offers">Offers</a> <a name="offers"></a></body>')
def fragment(links: Links, markup: Markup) -> Problems:
    """A link jumps to a place in the mail that is not there.

    Nothing in the mail has that `id` or `name`. (Such jumps do not work in every client either: the Gmail app for iOS and
    Samsung Mail ignore them.)
    """
    if not markup.named("body", "html") or any(
        _INCLUDES.search(markup.source, *span[:2]) for span in markup.mask.spans
    ):
        return
    jumps = [
        link
        for link in links.of_kind("link")
        if link.span.part is markup.part
        and link.shape.startswith("#")
        and link.fragment.strip("!/")
        and not link.has_tags
    ]
    places = _places(markup) if jumps else frozenset()
    for group in grouped(jumps, lambda link: link.fragment):
        name = group.first.fragment
        if name not in places and name.lower() != "top" and not _holds_label(group.first):
            message = f"Nothing in the mail is called “{name}”, so this jump leads nowhere.{group.more()}"
            yield Problem(message, at=group.first, data=group.data)


def _places(markup: Markup) -> frozenset[str]:
    """Every name in a message that a link can jump to."""
    return frozenset(
        (element.get(name) or "").strip()
        for view in (markup, markup.view("outlook"))
        for element in view.elements
        for name in ("id", "name")
        if name == "id" or element.name in ("a", "map")
    )
