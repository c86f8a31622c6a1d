"""Marks of the walls that keep robots out: then the link is fine for people, or not, and we cannot tell.

Header and page marks are in part those of is-antibot (MIT), less what also occurs on pages that were let through:
a cookie of a wall, or a captcha beside a form, says nothing about a page that answered 200.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailcheck.web.answers import Answer

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
_CHALLENGE_PAGE = re.compile(
    r"_cf_chl_opt|/cdn-cgi/challenge-platform/h/|"
    r"id=\"anubis_challenge\"|/\.within\.website/x/cmd/anubis/|"
    r"_Incapsula_Resource\?|x5secdata|window\._pxAppId|captcha-delivery\.com|/_sec/cp_challenge/|"
    r"awsWafCookieDomainList|gokuProps|Sina Visitor System|csm-captcha-instrumentation|"
    r"Sucuri WebSite Firewall - CloudProxy|"
    r"blocked by network security\.|_fs-ch-",
    re.IGNORECASE,
)
_REFUSAL_PAGE = re.compile(
    r"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|challenges\.cloudflare\.com|arkoselabs\.com|geetest\.com|"
    r"frc-captcha|captchaeu|TencentCaptcha|__kasada|kasada\.js|bmak\.|Protected by Reblaze|"
    r"The request could not be satisfied|"
    r"Attention Required! \| Cloudflare|Access Denied.{0,2000}Reference&#32;&#35;|Request unsuccessful\. Incapsula|"
    r"are you (?:a )?(?:human|robot)|unusual traffic|"
    r"enable javascript and cookies|verify(?:ing)? (?:that )?you are human",
    re.IGNORECASE | re.DOTALL,
)


def is_wall(answer: Answer, source: str) -> bool:
    """Whether it was not the page that answered, but something before it that looks for robots.

    Args:
        source: the page that came with the answer, as text.
    """
    if _has(answer, _CHALLENGES) or (answer.status in (200, 202) and len(source) < 30_000 and _challenged(source)):
        return True
    if answer.status not in REFUSING:
        return answer.status >= 400 and _challenged(source)
    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    return (
        answer.status == 999
        or _has(answer, _REFUSALS)
        or any(cookie.startswith(_COOKIES) for cookie in cookies)
        or _challenged(source)
        or _REFUSAL_PAGE.search(source[:30_000]) is not None
    )


def is_walled(host: str) -> bool:
    """Whether a site turns away whoever is no browser."""
    labels = host.removesuffix(".").split(".")
    return any(".".join(labels[place:]) in WALLED for place in range(len(labels)))


def _challenged(source: str) -> bool:
    return _CHALLENGE_PAGE.search(source) is not None


def _has(answer: Answer, marks: Iterable[tuple[str, str]]) -> bool:
    return any(
        name == known and value.lower().startswith(start) for name, value in answer.headers for known, start in marks
    )
