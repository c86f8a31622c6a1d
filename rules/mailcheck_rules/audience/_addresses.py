"""What the addresses look like: broken, twice there, of a post, thrown away, misspelt, typed for a test."""

from __future__ import annotations

from pydantic import Field

from mailcheck import Message, Problem, Problems, bad, good, rule
from mailcheck.audience.addresses import FAULTS
from mailcheck.audience.mailboxes import Mailboxes
from mailcheck.audience.people import Audience
from mailcheck_rules._words import Options, begin, count, has_have, is_are, listed, of_all, percent, such_as

_PEOPLE = tuple(f"person.{number}@shop.example" for number in range(40))


def _with(*more: str) -> dict[str, object]:
    return {"people": [*_PEOPLE, *more]}


class InvalidOptions(Options):
    share: float = Field(0.005, ge=0, le=1, description="share of rows with a broken address from which it is told")
    most: float = Field(0.1, ge=0, le=1, description="share from which the list as a whole is taken for broken")


@rule(severity="warning")
@bad(audience=_with("ann@shop,example", "ben.shop.example"), html="<p>x</p>", at="people")
@bad(audience={"people": ["Ann Lee", "Ben Moor", "cem@shop.example"]}, html="<p>x</p>", at="people")
@good(audience=_with(" Ann@Shop.example ", "bl\u00e5b\u00e6r@bl\u00e5b\u00e6r.example"), html="<p>x</p>")
def invalid(audience: Audience, options: InvalidOptions) -> Problems:
    """Addresses that no mail server takes: no @, a comma for a dot, two in one field, a name around one.

    They bounce, and mailbox providers take bounces for the mark of a bought list. A few are in every list; told is a share
    that is not usual, with what is wrong. Where a tenth of the list is broken, the wrong column is read, or the export is
    damaged: that is an error. The syntax is that of the email-validator library; spaces at the ends and capitals are no
    fault.
    """
    found = audience.invalid
    broken = sum(tally.count for tally in found.values()) + audience.blank
    if not broken or broken < options.share * audience.rows:
        return
    parts = sorted(found.items(), key=lambda one: -one[1].count)
    reasons = [f"{tally.count:,} {FAULTS[fault]}" for fault, tally in parts]
    reasons += [f"{audience.blank:,} {is_are(audience.blank)} blank"] if audience.blank else []
    examples = [example for _, tally in parts for example in tally.examples[:1]]
    whole = broken >= options.most * audience.rows
    todo = "look whether the right column is read, and export the list again" if whole else "correct or remove them"
    yield Problem(
        f"{begin(of_all(broken, audience.rows, 'rows'))} ({percent(broken, audience.rows)}) {has_have(broken)} no usable "
        f"address: {listed(reasons, 5)}{such_as(examples)}; {todo}.",
        evidence=audience.shown,
        severity="error" if whole else None,
        data={
            "rows": audience.rows,
            "invalid": broken,
            "blank": audience.blank,
            "faults": {fault: tally.count for fault, tally in parts},
            "examples": examples,
        },
    )


class DuplicateOptions(Options):
    share: float = Field(0.005, ge=0, le=1, description="share of rows too many from which it is told")
    mailboxes: float = Field(0.01, ge=0, le=1, description="the same for Gmail addresses that reach one mailbox")


@rule(severity="warning")
@bad(audience=_with("ann@shop.example", " ANN@shop.example"), html="<p>x</p>", at="people")
@bad(audience=_with("ann.lee@gmail.com", "annlee+shop@gmail.com"), html="<p>x</p>", at="gmail.com")
@good(audience=_with("ann@shop.example", "anne@shop.example"), html="<p>x</p>")
def duplicate(audience: Audience, options: DuplicateOptions) -> Problems:
    """Addresses stand in the list more than once, so that people get the mail twice, or figures are wrong.

    Compared is the normal form: no spaces at the ends, small letters, domains in ASCII. Many services send once to each
    address all the same; then the number of recipients is smaller than the number of rows. Gmail ignores dots and what
    follows a plus, so addresses there can differ and reach one mailbox.
    """
    if audience.surplus and audience.surplus >= options.share * audience.rows:
        yield Problem(
            f"{count(audience.repeated, 'address', 'addresses')} stand{'s' if audience.repeated == 1 else ''} in the list "
            f"more than once{such_as(audience.repeated_examples())}: {count(audience.surplus, 'row')} of the "
            f"{audience.rows:,} ({percent(audience.surplus, audience.rows)}) {is_are(audience.surplus)} too many. Remove "
            "them, unless your service sends once to each address.",
            evidence=audience.shown,
            data={"rows": audience.rows, "repeated": audience.repeated, "surplus": audience.surplus},
        )
    same = audience.same_mailbox()
    if same and same.count >= options.mailboxes * audience.rows:
        yield Problem(
            f"{count(same.count, 'Gmail address', 'Gmail addresses')} reach{'es' if same.count == 1 else ''} a mailbox that "
            f"another address of the list reaches, too{such_as(same.examples)}; dots and what follows a plus do not count "
            "there.",
            evidence="gmail.com",
            severity="info",
            data={"rows": audience.rows, "same_mailbox": same.count},
        )


class RoleOptions(Options):
    share: float = Field(0.1, ge=0, le=1, description="share of addresses of a post from which it is told")
    unattended: float = Field(0.005, ge=0, le=1, description="the same for names that nobody reads")


@rule(severity="warning")
@bad(audience={"people": ["info@a.example", "sales@b.example", "ann@c.example"]}, html="<p>x</p>", at="info, sales")
@bad(audience=_with("noreply@a.example", "mailer-daemon@b.example"), html="<p>x</p>", at="mailer-daemon, noreply")
@good(audience=_with("info@a.example", "ann@b.example"), html="<p>x</p>")
def role(audience: Audience, mailboxes: Mailboxes, options: RoleOptions) -> Problems:
    """Many addresses are of a post, `info@`, `sales@`, or of a program that reads nothing, `noreply@`.

    Behind a post stand several people, of whom not all agreed, and complaints are frequent. A list with many was often
    gathered from web pages. Lists of businesses have more of them: raise `share` there.
    """
    unattended, posts = mailboxes.named("unattended"), mailboxes.named("role")
    posts = {name: number for name, number in posts.items() if name not in unattended}
    told = (
        (posts, options.share, "are of a post, not of a person", "ask whether these people agreed to get it"),
        (unattended, options.unattended, "are read by nobody", "remove them"),
    )
    for names, least, what, todo in told:
        number = sum(names.values())
        if not number or number < least * audience.rows:
            continue
        said = what.replace("are", is_are(number), 1)
        yield Problem(
            f"{begin(of_all(number, audience.rows, 'addresses'))} ({percent(number, audience.rows)}) {said} "
            f"({listed([f'{name}@' for name in names])}); {todo}.",
            evidence=", ".join(list(names)[:3]),
            data={"rows": audience.rows, "addresses": number, "names": dict(list(names.items())[:20])},
        )


class DisposableOptions(Options):
    share: float = Field(0.01, ge=0, le=1, description="share of throw-away addresses from which it is told")


@rule(severity="warning")
@bad(audience=_with("a1b2@yopmail.com"), html="<p>x</p>", at="yopmail.com")
@good(audience=_with("ann@gmail.com", "ben@gmx.de"), html="<p>x</p>")
def disposable(audience: Audience, mailboxes: Mailboxes, options: DisposableOptions) -> Problems:
    """Addresses at domains whose mailboxes are thrown away after minutes.

    Somebody wanted the voucher, not the mails. Every list has a few; told is a share that is not usual. The domains are
    those of the public list disposable-email-domains; forwarding services that protect an address are not among them.
    """
    found = mailboxes.disposable
    number = sum(found.values())
    if not number or number < options.share * audience.rows:
        return
    yield Problem(
        f"{begin(of_all(number, audience.rows, 'addresses'))} ({percent(number, audience.rows)}) {is_are(number)} at "
        f"throw-away domains ({listed(found)}); remove them, and look at the form where they were given.",
        evidence=", ".join(list(found)[:3]),
        data={"rows": audience.rows, "addresses": number, "domains": dict(list(found.items())[:20])},
    )


class TypoOptions(Options):
    share: float = Field(0.0005, ge=0, le=1, description="share of misspelt addresses from which it is told")
    ignore: tuple[str, ...] = Field((), description="domains that are meant as they are written")


@rule(severity="warning")
@bad(audience=_with("ann@gmial.com", "ben@gmial.com", "cem@hotmail.con"), html="<p>x</p>", at="gmial.com, hotmail.con")
@good(audience=_with("ann@ymail.com", "ben@mail.com", "cem@hotmail.co.uk", "dee@gmx.at"), html="<p>x</p>")
@good(audience=_with("ann@gmial.com"), options={"ignore": ["gmial.com"]}, html="<p>x</p>")
def typo_domain(audience: Audience, mailboxes: Mailboxes, options: TypoOptions) -> Problems:
    """Domains that are a slip of the finger from a provider's: `gmial.com`, `hotmail.con`.

    The mails bounce, or reach whoever bought the misspelt domain. Told are slips from the big providers, and from smaller
    ones where the provider itself is frequent in the list; a domain that exists in its own right (`ymail.com`, `mail.com`)
    is none.
    """
    found = [one for one in mailboxes.misspelt if one.written not in options.ignore]
    number = sum(one.count for one in found)
    if not found or number < options.share * audience.rows:
        return
    said = [f"{one.written} for {one.meant} ({one.count:,})" for one in found]
    examples = audience.in_domains(one.written for one in found).examples
    yield Problem(
        f"{count(number, 'address', 'addresses')} {has_have(number)} a misspelt domain: {listed(said, 5)}"
        f"{such_as(examples)}. Correct them, or ask these people again.",
        evidence=", ".join(one.written for one in found[:3]),
        data={
            "rows": audience.rows,
            "addresses": number,
            "domains": [{"written": one.written, "meant": one.meant, "count": one.count} for one in found[:50]],
        },
    )


class TestOptions(Options):
    share: float = Field(0.002, ge=0, le=1, description="share of test addresses from which it is told")


@rule(severity="warning")
@bad(audience=_with("test@shop.example"), html="<p>x</p>", sender="news@shop.example", at="people")
@bad(audience={"people": ["ann@example.com", "asdf@asdf.com", "foo@bar.com"]}, html="<p>x</p>", at="people")
@good(audience=_with("tess@shop.example", "test.kitchen@shop.example"), html="<p>x</p>", sender="news@shop.example")
def test_addresses(audience: Audience, mailboxes: Mailboxes, message: Message, options: TestOptions) -> Problems:
    """Addresses that somebody typed to try a form: `test@`, `asdf@asdf.com`, `foo@example.com`.

    A few are in every list. Many say that a test list, or one out of a test system, is about to be mailed. Domains that
    are reserved for examples or for machines (`.test`, `.local`) count; those below `.example` do not where the sender itself is there, as in a demonstration.
    """
    sender = message.sender.text.rstrip("> \t\r\n").casefold() if message.sender is not None else ""
    found = mailboxes.tests(reserved=not sender.endswith(".example"))
    if not found or found.count < options.share * audience.rows:
        return
    yield Problem(
        f"{begin(of_all(found.count, audience.rows, 'addresses'))} ({percent(found.count, audience.rows)}) "
        f"{'is' if found.count == 1 else 'are'} a test, or at a domain that nobody can have{such_as(found.examples)}; make "
        "sure that this is the real list, and remove them.",
        evidence=audience.shown,
        data={"rows": audience.rows, "addresses": found.count, "examples": list(found.examples)},
    )
