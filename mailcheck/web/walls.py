"""Marks of the walls that keep robots out: then the link is fine for people, or not, and we cannot tell.

Header and page marks are in part those of is-antibot (MIT), less what also occurs on pages that were let through:
a cookie of a wall, or a captcha beside a form, says nothing about a page that answered 200.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailcheck.web.answers import Answer
from mailcheck.web.pages import Page

_WALLED = """
linkedin.com lnkd.in twitter.com x.com t.co facebook.com fb.com fb.me instagram.com reddit.com tiktok.com
threads.net pinterest.com quora.com researchgate.net medium.com glassdoor.com indeed.com yelp.com trustpilot.com
tripadvisor.com booking.com
"""
WALLED = frozenset(_WALLED.split())
"""Sites that turn away whoever is no browser, by status or by a login."""

REFUSING = frozenset((403, 405, 406, 418, 429, 503, 999))

# Name of a header and how its value begins; whatever the status.
_CHALLENGES = (
    ("cf-mitigated", "challenge"),
    ("x-vercel-mitigated", ""),
    ("x-amzn-waf-action", ""),
    ("x-kasada-challenge", ""),
)
# The same, for answers that refuse.
_REFUSALS = (
    ("x-datadome", ""),
    ("x-datadome-cid", ""),
    ("x-px-authorization", ""),
    ("x-kasada", ""),
    ("x-iinfo", ""),
    ("x-cdn", "incapsula"),
    ("x-sucuri-block", ""),
    ("x-akamai-session-info", ""),
    ("akamai-cache-status", "error"),
    ("x-dd-b", ""),
    ("x-cache", "error from cloudfront"),
)
_COOKIES = (
    "_abck=",
    "datadome=",
    "_px3=",
    "_pxhd=",
    "incap_ses_",
    "visid_incap_",
    "reese84=",
    "rbzid=",
    "aws-waf-token=",
)
_CHALLENGE_PAGE = """
_cf_chl_opt
/cdn-cgi/challenge-platform/h/
id="anubis_challenge"
/.within.website/x/cmd/anubis/
_incapsula_resource?
x5secdata
window._pxappid
captcha-delivery.com
/_sec/cp_challenge/
awswafcookiedomainlist
gokuprops
sina visitor system
csm-captcha-instrumentation
sucuri website firewall - cloudproxy
blocked by network security.
_fs-ch-
"""
_REFUSAL_PAGE = """
g-recaptcha
h-captcha
hcaptcha.com
cf-turnstile
challenges.cloudflare.com
arkoselabs.com
geetest.com
frc-captcha
captchaeu
tencentcaptcha
__kasada
kasada.js
bmak.
protected by reblaze
the request could not be satisfied
attention required! | cloudflare
reference&#32;&#35;
request unsuccessful. incapsula
are you human
are you a human
are you a robot
unusual traffic
enable javascript and cookies
verify you are human
verify that you are human
verifying you are human
"""
_CHALLENGE_MARKS = tuple(_CHALLENGE_PAGE.strip().splitlines())
_REFUSAL_MARKS = tuple(_REFUSAL_PAGE.strip().splitlines())
_SHORT = 30_000
"""Characters up to which a page can be nothing but a wall."""


def is_wall(answer: Answer, page: Page | None) -> bool:
    """Whether it was not the page that answered, but something before it that looks for robots.

    Args:
        page: what came with the answer; `None` when it is no page.
    """
    if _has(answer, _CHALLENGES):
        return True
    lowered = "" if page is None else page.lowered
    if answer.status < 400:
        may_be = page is not None and len(lowered) < _SHORT and not page.is_rich
        return may_be and answer.status in (200, 202) and _marked(lowered, _CHALLENGE_MARKS)
    if _marked(lowered, _CHALLENGE_MARKS):
        return True
    if answer.status not in REFUSING:
        return False
    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    return (
        answer.status == 999
        or _has(answer, _REFUSALS)
        or any(cookie.startswith(_COOKIES) for cookie in cookies)
        or _marked(lowered[:_SHORT], _REFUSAL_MARKS)
    )


def is_walled(host: str) -> bool:
    """Whether a site turns away whoever is no browser."""
    labels = host.removesuffix(".").split(".")
    return any(".".join(labels[place:]) in WALLED for place in range(len(labels)))


def _marked(lowered: str, marks: Iterable[str]) -> bool:
    return any(mark in lowered for mark in marks)


def _has(answer: Answer, marks: Iterable[tuple[str, str]]) -> bool:
    starts = dict(marks)
    return any(name in starts and value.lower().startswith(starts[name]) for name, value in answer.headers)
