"""From what came back to a verdict. Only what is dead for everybody is `broken`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus

from msgspec.structs import replace

from mailcheck.domains import is_one_site
from mailcheck.ip_addresses import ends_in_number
from mailcheck.urls import InvalidUrl, Url, parse
from mailcheck.web import signs
from mailcheck.web.answers import Answer, Failure, FailureKind, State, Verdict
from mailcheck.web.chain import REDIRECTS
from mailcheck.web.pages import Page, page_of
from mailcheck.web.policy import Policy
from mailcheck.web.retrying import is_server_error
from mailcheck.web.walls import is_wall, is_walled

_FAILED: dict[FailureKind, State] = {
    "invalid-url": "broken",
    "sloppy-url": "suspect",
    "userinfo": "broken",
    "port": "broken",
    "special-use-name": "broken",
    "private-address": "broken",
    "not-requested": "not-requested",
    "no-such-host": "broken",
    "dns": "unverifiable",
    "unreachable": "unverifiable",
    "refused": "broken",
    "reset": "broken",
    "timeout": "unverifiable",
    "deadline": "unverifiable",
    "tls-expired": "broken",
    "tls-host": "broken",
    "tls-self-signed": "broken",
    "tls-incomplete-chain": "suspect",
    "tls": "suspect",
    "redirect-loop": "broken",
    "malformed": "suspect",
}
_NEEDS_TRIES: dict[FailureKind, int] = {"no-such-host": 2, "refused": 3, "reset": 3}
"""How often these must have happened; once is an accident."""

Judged = tuple[State, str, str]


def judge(answer: Answer, policy: Policy, now: datetime) -> Verdict:
    """The verdict on an answer.

    Args:
        now: with a zone; certificates are judged by it.
    """
    state, reason, message = _judged(answer, policy, now)
    return Verdict(state, reason, message, replace(answer, body=b""))


def _judged(answer: Answer, policy: Policy, now: datetime) -> Judged:
    url = parse(answer.final_url) if answer.final_url else None
    if answer.failure is not None:
        return _failed(answer, answer.failure)
    if url is not None and policy.accepts(url, answer.status):
        return "ok", "accepted", f"Answers {_named(answer.status)}, which the settings accept."
    return _answered(answer, url, policy, now)


def _failed(answer: Answer, failure: Failure) -> Judged:
    state = _FAILED[failure.kind]
    if state == "broken" and answer.tries < _NEEDS_TRIES.get(failure.kind, 1):
        state = "unverifiable"
    return state, failure.kind, failure.message


def _answered(answer: Answer, url: Url | None, policy: Policy, now: datetime) -> Judged:
    if url is None:
        return "unverifiable", "deadline", "Nothing was asked."
    page = page_of(answer)
    if is_wall(answer, page):
        return "unverifiable", "bot-wall", f"{url.unicode_host} keeps out programs, so nobody but a person can tell."
    if not 200 <= answer.status < 300:
        return _refused(answer, url)
    signs_ = (*_leads_elsewhere(answer, url, page), *_says_otherwise(page), *_parked(answer, url, page))
    parked = [sign for sign in signs_ if sign[1] == "parked"]
    if len(parked) > 1:
        return "broken", "parked", parked[0][2]
    return next(iter((*signs_, *_certificate(answer, url, policy, now))), ("ok", "status", "Answers."))


def _refused(answer: Answer, url: Url) -> Judged:
    status, named = answer.status, _named(answer.status)
    if status in (404, 410):
        return "broken", "status", f"The page does not exist: {url.unicode_host} answers {named}."
    if is_walled(url.host):
        return "unverifiable", "bot-wall", f"{url.unicode_host} keeps out programs, so nobody but a person can tell."
    if status in (401, 407):
        return "suspect", "login", f"{url.unicode_host} asks for a password ({named}); recipients cannot open the page."
    if is_server_error(status):
        return _server_error(answer, url)
    if status in (402, 403, 405, 406, 408, 418, 425, 429, 451, 503):
        return "unverifiable", "status", f"{url.unicode_host} does not let our program in ({named}); try it by hand."
    if status in REDIRECTS or 300 <= status < 400:
        return "suspect", "status", f"{url.unicode_host} answers {named}, but does not say where to go."
    return "suspect", "status", f"{url.unicode_host} answers {named}; try it by hand."


def _server_error(answer: Answer, url: Url) -> Judged:
    named = _named(answer.status)
    if answer.tries >= 3:
        return "broken", "status", f"The server of {url.unicode_host} fails every time ({named})."
    return "unverifiable", "status", f"The server of {url.unicode_host} fails at the moment ({named})."


def _leads_elsewhere(answer: Answer, url: Url, page: Page | None) -> Iterator[Judged]:
    """Signs in where the link leads: to a login, to the front page, to a page of errors."""
    try:
        asked = parse(answer.url)
    except InvalidUrl:
        return
    moved = answer.redirected and (asked.host, asked.path) != (url.host, url.path)
    login = (moved and signs.LOGIN_PATH.search(url.target) is not None) or _asks_to_sign_in(page)
    if login and not signs.ACCOUNT_PATH.search(asked.host + asked.target):
        if is_walled(url.host):
            yield "unverifiable", "bot-wall", f"{url.unicode_host} shows a login to programs; try it by hand."
        yield "suspect", "login", f"The link leads to a login on {url.unicode_host}; recipients cannot open the page."
    if not moved:
        return
    if signs.NOT_FOUND_PATH.search(url.path):
        yield "suspect", "soft-404", f"The link redirects to a page of errors ({url.path[:60]})."
    if same_site(asked.host, url.host) and is_home(url) and not is_home(asked):
        yield "suspect", "home", f"The link redirects to the front page of {url.unicode_host}: the page is gone."


def _asks_to_sign_in(page: Page | None) -> bool:
    return page is not None and bool(signs.LOGIN_TITLE.fullmatch(page.title)) and page.words < signs.SHORT_PAGE


def _says_otherwise(page: Page | None) -> Iterator[Judged]:
    if page is None:
        return
    for heading in (page.title, page.heading):
        if heading and signs.says_not_found(heading) and page.words < signs.LONG_PAGE:
            yield "suspect", "soft-404", f"The page says “{heading[:60]}”, though its server says that all is well."
            return


def _parked(answer: Answer, url: Url, page: Page | None) -> Iterator[Judged]:
    """Every sign that a domain is for sale; one of them may err."""
    sign: Judged = ("suspect", "parked", f"{url.unicode_host} looks like a parked domain that is for sale.")
    if signs.PARKED_HOSTS.search(url.host) or url.path.rstrip("/") == "/lander":
        yield sign
    if page is None or page.is_rich:
        return
    if signs.has_parked_source(page.lowered) and page.words < signs.LONG_PAGE:
        yield sign
    if "parking" in answer.notes and page.words < signs.SHORT_PAGE:
        yield sign
    if (
        signs.may_be_for_sale(page.lowered)
        and page.words < signs.SHORT_PAGE
        and signs.PARKED_TEXT.search(f"{page.title} {page.text}")
    ):
        yield sign


def _certificate(answer: Answer, url: Url, policy: Policy, now: datetime) -> Iterator[Judged]:
    ends = answer.certificate_ends
    if ends is not None and ends < now + timedelta(days=policy.certificate_days):
        message = f"A certificate on the way to {url.unicode_host} ends on {ends:%Y-%m-%d}; renew it before the send."
        yield "suspect", "certificate-ends", message


def is_home(url: Url) -> bool:
    """Whether a URL is the front page of its site."""
    return signs.HOME_PATH.fullmatch(url.path or "/") is not None and not url.query


def same_site(one: str, other: str) -> bool:
    """Whether two hosts belong together, as far as their names tell."""
    first, second = (host.removesuffix(".").removeprefix("www.") for host in (one, other))
    if first == second or first.endswith(f".{second}") or second.endswith(f".{first}"):
        return True
    return not (ends_in_number(first) or ends_in_number(second)) and is_one_site(first, second)


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
