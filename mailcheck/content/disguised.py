"""Disguised tags: full-width, escaped, URL-encoded, or with something invisible inside."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from mailcheck.content.breakage import plain
from mailcheck.content.lazily import lazy
from mailcheck.content.pairs import Found

Reads = Callable[[str], str]
"""The family of a text that is exactly one certain tag, else an empty string."""

_INVISIBLE_NAMES = "&(?:zwnj|zwj|shy|#820[345]|#x200[bcdBCD]|#173);"
_INVISIBLE_ENTITY = lazy(_INVISIBLE_NAMES)
_INVISIBLE = lazy(f"[\u200b-\u200d\u2060\ufeff\u00ad]|{_INVISIBLE_NAMES}")
_HARD_NAMES = "&(?:nbsp|#160|#[xX]0*[aA]0);"
_HARD_ENTITY = lazy(_HARD_NAMES)
_HARD_SPACE = lazy(f"[\u00a0\u202f\u2007]|{_HARD_NAMES}")
_WINDOW = 90
_AT_MOST = 400


def nasty(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """Tags that only read as tags once an invisible character or a hard space is taken out."""
    if source.isascii():
        patterns = ((_INVISIBLE_ENTITY, "zero_width"), (_HARD_ENTITY, "nbsp")) if "&" in source else ()
    else:
        patterns = ((_INVISIBLE, "zero_width"), (_HARD_SPACE, "nbsp"))
    done = -1
    for pattern, code in patterns:
        for number, match in enumerate(pattern.finditer(source)):
            if number >= _AT_MOST:
                break
            if match.start() < done:
                continue
            found = _around(source, match.start(), match.end(), reads)
            if found is not None:
                start, end, meant = found
                done = end
                yield Found("nasty", start, end, code), meant


_LEFT = lazy(r"(?:\{\{\{?|\{%|%%=?|\*\||\[\[|\$\[|\$\{|\{\$|##|\{|\[|(?<!%)%|<%=?|(?<![\w@.])@)(?=[^{}%*<>\r\n]*\Z)")
_RIGHT = lazy(r"[^{}%*<>\r\n]*?(?:\}\}\}?|%\}|=?%%|\|\*|\]\]|\]\$|\}|##|\]|%>|%(?!\w)|@(?!\w))")


def _around(source: str, start: int, end: int, reads: Reads) -> tuple[int, int, str] | None:
    """The tag that the characters `start:end` stand in, as `(start, end, meant)`."""
    begin = max(0, start - _WINDOW)
    left = _LEFT.search(source, begin, start)
    right = _RIGHT.match(source, end, min(len(source), end + _WINDOW))
    if left is None or right is None:
        return None
    text = source[left.start() : right.end()]
    meant = re.sub(r"(?<=[{}%*|\[\]$#])\s+|\s+(?=[{}%*|\[\]$#])", "", plain(text)) if "{{" not in text else plain(text)
    return (left.start(), right.end(), meant) if reads(meant) else None


_WIDE = "｛％＊［＠＜＄＃｜￥"
_WIDE_TAG = lazy(
    r"(?:[｛]{1,3}[％$＄!！]?|｛\{|\{｛|％{1,2}[＝\[［]?|%％|％%|＊[｜|]|\*｜|［{1,2}|\[［|＄[｛\[［{]|\$[｛［]|＃{1,2}|＜[％%][＝=]?|<％[＝=]?)[^\r\n<>]{1,80}?"
    r"(?:[％]?｝{1,3}|\}｝|｝\}|[＝］]?％{1,2}(?:＞)?|%％|％%|[｜|]＊|｜\*|］{1,2}|\]］|[\]］][＄$]|＃{1,2}|[％%]＞|％>)"
    r"|＠[A-Z][A-Z0-9_]{1,40}＠|＄[A-Za-z][A-Za-z0-9_]{1,40}＄"
)


def full_width(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """Tags written with full-width characters."""
    if not any(character in source for character in _WIDE):
        return
    for match in _WIDE_TAG.finditer(source):
        text = match[0]
        if not any(character in _WIDE + "｝］＞" for character in text):
            continue
        meant = unicodedata.normalize("NFKC", text)
        if reads(meant):
            yield Found("full_width", match.start(), match.end(), "full_width"), meant


_ENTITY = (
    r"&(?:lcub|lbrace|rcub|rbrace|percnt|ast|midast|verbar|vert|VerticalLine|lbrack|lsqb|rbrack|rsqb|commat|dollar|num|lt|gt"
    r"|#0{0,4}(?:123|125|37|42|124|91|93|64|36|35|60|62)|#[xX]0{0,4}(?:7[bBcCdD]|25|2[aA]|5[bBdD]|40|24|23|3[cCeE]));"
)
_IN_ESCAPED = r"(?:[^<>\r\n&]|->|&(?:quot|nbsp|apos|#39|amp);){1,120}?"
# Only the opening escaped is how people show braces on purpose; a tool that escapes does it to both ends.
_BAR = r"&(?:verbar|vert|VerticalLine|#0{0,4}124|#[xX]0{0,4}7[cC]);"
_STAR = r"&(?:ast|midast|#0{0,4}42|#[xX]0{0,4}2[aA]);"
_ENTITIES = lazy(
    rf"(?:\*|{_STAR})(?:\||{_BAR})[^<>\r\n&*|]{{1,80}}(?:\||{_BAR})(?:\*|{_STAR})|\$(?:&(?:lsqb|lbrack|#91);)[^<>\r\n&]{{1,80}}(?:&(?:rsqb|rbrack|#93);)\$|"
    rf"\$?(?:{_ENTITY}){{1,3}}[{{%|\[=]?{_IN_ESCAPED}(?:[}}%\]|]?(?:{_ENTITY}){{1,3}})"
    rf"|[{{%*\[]{{1,2}}(?=[\w$.])[^<>\r\n&{{}}%*\[\]]{{1,80}}(?:{_ENTITY}){{1,3}}"
)
_FIRST_ENTITY = lazy(_ENTITY)


def escaped(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """Tags whose delimiters are HTML entities."""
    if "&" not in source or not _FIRST_ENTITY.search(source):
        return
    match = _ENTITIES.search(source)
    while match is not None:
        meant = html.unescape(match[0]) if _FIRST_ENTITY.search(match[0]) else ""
        found = bool(meant and reads(meant))
        if found:
            yield Found("escaped", match.start(), match.end(), "escaped"), meant
        # What is no tag may hold the beginning of one: `&lt;3 &#42;|FNAME|&#42;`.
        match = _ENTITIES.search(source, match.end() if found else match.start() + 1)


_ENCODED = lazy(r"%(?:25)*(?:7[bB]|5[bB]|2[45aA]|40|23|3[cC])")
_ENCODED_BAR = lazy(r"\*%(?:25)*7[cC]")
_URL_EDGE = lazy(r"[\s\"'<>]")
_ENCODED_TAG = lazy(
    r"%(?:25)*7[bB]%(?:25)*(?:7[bB]|25)[^\s\"'<>]{1,240}?%(?:25)*(?:7[dD]|25)%(?:25)*7[dD](?:%(?:25)*7[dD])?"
    r"|(?:\*|%(?:25)*2[aA])%(?:25)*7[cC][^\s\"'<>|]{1,120}?%(?:25)*7[cC](?:\*|%(?:25)*2[aA])"
    r"|%(?:25)*5[bB]%(?:25)*5[bB][^\s\"'<>]{1,120}?%(?:25)*5[dD]%(?:25)*5[dD]"
    r"|(?<!\w)%(?:25)*5[bB][^\s\"'<>%]{1,80}?%(?:25)*5[dD](?!=|&|%5[bB])"
    r"|%(?:25)*7[bB](?:%(?:25)*24)?[^\s\"'<>%]{1,80}?%(?:25)*7[dD]"
    r"|%(?:25)*24(?:%(?:25)*7[bB])?[^\s\"'<>%]{1,80}?(?:%(?:25)*7[dD]|%(?:25)*24)"
    r"|%(?:25)*24%(?:25)*5[bB][^\s\"'<>]{1,80}?%(?:25)*5[dD]%(?:25)*24"
    r"|%25%25[A-Za-z_]\w{1,60}%25%25|(?<!%25)(?<!\w)%25(?:25)*[A-Za-z_]\w{2,60}%25(?:25)*(?!%25)"
    r"|%(?:25)*40[A-Z][A-Z0-9_]{1,40}%(?:25)*40|%(?:25)*3[cC]%25[^\s\"'<>]{1,120}?%25%(?:25)*3[eE]"
    r"|%(?:25)*23%(?:25)*23\w{2,50}%(?:25)*23%(?:25)*23"
)


_NUMBERED = lazy(r"%(?:25)*7[bB]\d+%(?:25)*7[dD]")


def encoded(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """URL-encoded tags, once or twice."""
    if not _ENCODED.search(source) and not ("*%" in source and _ENCODED_BAR.search(source)):
        return
    for match in _ENCODED_TAG.finditer(source):
        if _NUMBERED.fullmatch(match[0]):
            continue
        once = unquote(match[0])
        twice = unquote(once)
        if reads(once):
            yield Found("encoded", match.start(), match.end(), "url_encoded"), once
        elif twice != once and reads(twice):
            yield Found("encoded", match.start(), match.end(), "double_encoded"), twice
