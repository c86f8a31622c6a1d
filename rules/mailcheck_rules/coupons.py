"""Coupon codes that will not work at the checkout, or that promise another discount than the mail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.content.coupon_letters import odd_letters, same_looks, uncertain
from mailcheck.content.coupons import Coupon, Coupons
from mailcheck.content.lazily import lazy
from mailcheck.content.prices_located import Prices
from mailcheck.suggest import did_you_mean

_PARTS = {"subject": "subject", "preheader": "preheader", "html": "HTML", "mjml": "HTML", "text": "text part"}
_DIGITS = lazy(r"\d+")


def _says(one: Coupon) -> str:
    where = {"link": "a link", "image": "the text of a picture"}.get(one.source, "")
    part = _PARTS.get(one.part, one.part)
    return f"{part}{', ' if where else ''}{where}: “{one.code}”"


# one place against another


@rule(severity="error")
@bad(subject="20 % off with code SPRING20", html="<p>Use code SPRING25 at the checkout.</p>", at="SPRING20")
@bad(html="<p>Your code: SPRING20</p>", text="Your promo code: SPRING15", at="SPRING15")
@bad(
    html='<p>Use code SPRING20.</p><p><a href="https://shop.example/?coupon=SPRNG20">Shop</a></p>',
    at="SPRNG20",
)
@bad(html="<p>Promo code: GARDEN20</p><p>Remember: promo code GRADEN20!</p>", at="GRADEN20")
@good(subject="SPRING20 is your code", html="<p>Use code SPRING20 to save</p>", text="Code: SPRING20, 20 % off")
@good(html="<p>Promo code SAVE10 for £10 off, promo code SAVE20 for £20 off.</p>", text="Promo code: SAVE20")
@good(html="<p>Promo code SPRING20</p>", text="Promo code *|CODE|*")
def parts_disagree(coupons: Coupons) -> Problems:
    """The coupon code differs between subject, HTML, text part and links.

    Whatever part somebody reads, the code must be the one that works. Compared is what stands in copy, in the alternative
    texts of pictures and in the addresses of links; a code that one part leaves out is no contradiction, and neither are
    several codes that all parts name. Two codes in one part of which one is most likely a slip of the other are reported too.
    """
    told: set[Coupon] = set()
    body = [one for one in coupons.of("copy") if one.part in ("html", "mjml")]
    body = body or [one for one in coupons.of("copy") if one.part == "text"]
    for others in _compared(coupons, body):
        for one, other in _contradictions(others, body):
            told.add(one)
            link = one.source == "link" and not _is_slip(one.key, other.key)
            yield Problem(
                f"The coupon codes differ: {_says(one)} · {_says(other)}. Make them the same.",
                at=one,
                severity="warning" if link else "error",
                data={"code": one.code, "other": other.code},
            )
    yield from _slips(coupons, told)


def _compared(coupons: Coupons, body: Sequence[Coupon]) -> Iterator[list[Coupon]]:
    """The groups of codes that have to agree with those of the body."""
    own = {one.part for one in body}
    for part in ("subject", "preheader", "text"):
        if part not in own:
            yield [one for one in coupons.of("copy") if one.part == part]
    yield list(coupons.of("image"))
    yield list(coupons.of("link"))


def _contradictions(others: Sequence[Coupon], body: Sequence[Coupon]) -> Iterator[tuple[Coupon, Coupon]]:
    """Codes that only one side names, each with its counterpart; the likeliest one first."""
    there = {one.key for one in body}
    here = {one.key for one in others}
    spare = [one for one in body if one.key not in here]
    seen: set[str] = set()
    for one in others:
        if one.key in there or one.key in seen or not spare:
            continue
        seen.add(one.key)
        other = next((each for each in spare if _is_slip(one.key, each.key)), spare[0])
        spare = [each for each in spare if each.key != other.key]
        yield one, other


def _slips(coupons: Coupons, told: set[Coupon]) -> Iterator[Problem]:
    """Codes of one part of which one is a slip of the other: the letters differ, not the digits."""
    copy = [one for one in coupons.of("copy") if one not in told]
    first: dict[tuple[str, str], Coupon] = {}
    for one in copy:
        known = first.setdefault((one.part, one.key), one)
        if known is not one:
            continue
        for (part, key), other in first.items():
            if part == one.part and key != one.key and _is_slip(key, one.key):
                yield Problem(
                    f"“{one.code}” looks like a slip of “{other.code}”, which the same part names; correct one of them.",
                    at=one,
                    data={"code": one.code, "other": other.code},
                )
                break


def _is_slip(one: str, other: str) -> bool:
    """Whether two codes differ by one letter lost, added, changed, or two exchanged; with the same digits."""
    if len(one) < 6 or _DIGITS.findall(one) != _DIGITS.findall(other) or abs(len(one) - len(other)) > 1:
        return False
    return _distance_is_one(one, other)


def _distance_is_one(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    return short[start + 1 :] == long[start + 1 :] or (
        short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    )


# letters


@rule(severity="error")
@bad(text="20 % off with code SАVE20", at="SАVE20")
@bad(text="Promo code: SAVE2O", at="SAVE2O")
@bad(text="Promo code: SPR0UT. Enter promo code SPROUT at the checkout.", at="SPROUT")
@good(text="Promo code: SAVE20. По промокоду ВЕСНА20, promo code HELLO10, promo code B4Z7K0")
def look_alike(coupons: Coupons) -> Problems:
    """A coupon code has a character that looks like another: O and 0, I and 1, a Cyrillic А in a Latin word.

    Readers type what they see, and the checkout says that the code is not valid. Letters of two scripts in one code, and two
    spellings of one code, are errors; a letter where a digit is expected is a warning.
    """
    first: dict[str, Coupon] = {}
    alike: dict[str, set[str]] = {}
    for one in coupons:
        alike.setdefault(same_looks(one.code), set()).add(one.key)
    for one in _each_once(coupons):
        looks = same_looks(one.code)
        twin = first.setdefault(looks, one)
        if odd := odd_letters(one.code):
            yield Problem(
                f"The code “{one.code}” has {odd} in it; readers will type the Latin one. Write the code anew on a keyboard.",
                at=one,
                data={"code": one.code, "looks": looks},
            )
        elif twin.key != one.key:
            yield Problem(
                f"“{one.code}” and “{twin.code}” look the same but are two codes; write the one that the shop knows.",
                at=one,
                data={"code": one.code, "other": twin.code},
            )
        elif len(alike[looks]) == 1 and (doubt := uncertain(one.code)):
            yield Problem(
                f"The code “{one.code}” has {doubt}; make sure that it is the one that the shop knows.",
                at=one,
                severity="warning",
                data={"code": one.code},
            )


def _each_once(coupons: Coupons) -> Iterator[Coupon]:
    """The first place of every spelling."""
    seen: set[str] = set()
    for one in coupons:
        if one.code not in seen:
            seen.add(one.code)
            yield one


# the number in the code


@rule(severity="warning")
@bad(html="<p>25 % off everything with code SAVE20</p>", at="SAVE20")
@bad(subject="Now 30 % off", html="<p>Everything you like.</p><p>Use promo code: SPAR25</p>", at="SPAR25")
@good(html="<p>20 % off everything with code SAVE20</p>")
@good(
    html="<p>15 % off and £20 for you with code SAVE20. 30 % off with promo code TAKE30, 10 % with promo code TAKE10</p>"
)
@good(html="<p>25 % off with promo code SPRING24H, promo code WELCOME1 or promo code MAY12</p>")
def number_contradicts(coupons: Coupons, prices: Prices) -> Problems:
    """The number in a coupon code is not the percentage that the mail announces.

    “25 % off with code SAVE20”: one of the two was left standing from another campaign, or readers will think so. A number that
    stands anywhere in the offer, as an amount, a day or a percentage, is no contradiction; neither is that of a year.
    """
    said = {f"{price.found.amount:f}" for price in prices}
    reported: set[str] = set()
    for one in coupons.of("copy", "image"):
        number = _discount_in(one.code, coupons.year)
        percents = set(one.percents) or (coupons.percents if len(coupons.written) == 1 else set())
        if number is None or len(percents) != 1 or one.up_to or one.key in reported:
            continue
        (percent,) = percents
        if percent == int(number) or number in one.numbers or number in said:
            continue
        reported.add(one.key)
        yield Problem(
            f"The code “{one.code}” says {number}, but the mail announces {percent} %; correct the code or the percentage.",
            at=one,
            data={"code": one.code, "announced": str(percent)},
        )


def _discount_in(code: str, year: int) -> str | None:
    """The number of a code that readers take for a percentage: a multiple of five or behind a word like SAVE, not a year."""
    numbers = _DIGITS.findall(code)
    if len(numbers) != 1 or not (code.endswith(numbers[0]) or code.startswith(numbers[0]) or "OFF" in code.upper()):
        return None
    (number,) = numbers
    years = {f"{one % 100:02d}" for one in (year - 1, year, year + 1)}
    if len(number) != 2 or number[0] == "0" or int(number) > 90:
        return None
    saves = _SAVES.search(code) is not None
    if number in years and not saves:
        return None
    return number if saves or int(number) % 5 == 0 else None


_SAVES = lazy(
    r"SAVE|OFF|SPAR|RABAT|EXTRA|TAKE|GET|PROMO|DISCOUNT|DEAL|KORTING|REMISE|AHORRA|DESC|SCONTO|ZNIZKA|SLEVA|ALE\b",
    re.IGNORECASE,
)


# the offer


@rule(severity="error")
@bad(offer={"codes": ["SPRING20"]}, html="<p>Use code SPRNG20 and save</p>", at="SPRNG20")
@bad(offer={"codes": ["SPRING20"]}, html="<p>Use code Spring20 and save 20 %</p>", at="Spring20")
@good(offer={"codes": ["SPRING20", "CLUB25"]}, html="<p>Use code SPRING20 and save</p>")
def not_declared(coupons: Coupons, campaign: Campaign) -> Problems:
    """The mail shows a coupon code that is not one of the offer.

    The codes of the offer are those of `codes` in the table `[offer]` of the manifest. Upper and lower case count, since some shops
    tell them apart; a code that differs in nothing else is a warning. In links case does not count.
    """
    listed = (campaign.offer or {}).get("codes")
    declared = [str(code) for code in listed] if isinstance(listed, list | tuple) else []
    if not declared:
        skip("nobody said which codes belong to the offer (`codes` in the table [offer] of the manifest)")
    folded = {code.upper(): code for code in declared}
    seen: set[tuple[str, str]] = set()
    for one in coupons:
        if one.code in declared or (one.source == "link" and one.key in folded) or (one.part, one.code) in seen:
            continue
        seen.add((one.part, one.code))
        near = folded.get(one.key)
        hint = f"; the offer writes it “{near}”." if near else f"{did_you_mean(one.code, declared) or '; correct it.'}"
        yield Problem(
            f"“{one.code}” is no code of the offer{hint}",
            at=one,
            severity="warning" if near else "error",
            data={"code": one.code, "declared": declared},
        )
