"""Finds what was meant as a merge tag and is none: halves, spaced, full-width, escaped, encoded forms.

Every detector works on the source, is bounded and is asked only when a telling character is there at all.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from mailcheck.content.breakage import plain
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort, squeeze, technical_tokens
from mailcheck.content.pairs import Found

IsField = Callable[[str], bool]
Reads = Callable[[str], str]
"""The family of a text that is exactly one certain tag, else an empty string."""

_NAME = r"[A-Za-z_][\w.:\- ]{0,60}?"


def scan_broken(
    source: str, reads: Reads, names: frozenset[str] = frozenset(), families: frozenset[str] = frozenset()
) -> Iterator[tuple[Found, str]]:
    """`(found, meant)` for every broken form; `found.broken` is its code, `meant` the tag or empty.

    Args:
        reads: tells a tag from text.
        names: squeezed names that well-formed tags here, or some service's own tags, carry.
        families: what the declared dialect uses; its delimiters around any identifier were meant as a tag.
    """

    def is_field(name: str) -> bool:
        return field_sort(name) == "technical" or squeeze(name) in names

    def is_own(name: str) -> bool:
        return is_field(name) or _IDENTIFIER_LIKE.match(name) is not None

    yield from _spaced(source, reads, is_field)
    yield from _stray_braces(source)
    yield from _stray_erb(source)
    yield from _halves(source, is_own if families & {"percent2", "star_pipe", "zoho"} else is_field)
    yield from _nasty(source, reads)
    yield from _full_width(source, reads)
    yield from _escaped(source, reads)
    yield from _encoded(source, reads)
    yield from _near_names(source, names)


_LEFT_OPEN = lazy(r"(?m)[\[{%*$!|][\w ,.=]{0,60}$")


def scan_source(source: str, readable: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """Broken forms that markup takes part in; looked for in the whole source.

    Args:
        readable: the readable text, one piece a line: markup inside a tag leaves an opener at the end of a line.
    """
    yield from _ampscript_close(source)
    if "<" in source and _LEFT_OPEN.search(readable):
        yield from _split_by_markup(source, reads)


_IDENTIFIER_LIKE = lazy(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+\Z|[A-Za-z]+(?:_[A-Za-z]+)+\Z|[A-Z]{3,}\Z")

_SP = "[ \u00a0]{1,3}"
_SPACED = (
    ("{ {", lazy(rf"\{{{_SP}\{{\s?([.$A-Za-z_#/][^{{}}\r\n]{{0,100}}?)\s?\}}{_SP}?\}}")),
    ("} }", lazy(rf"(?<!\{{)\{{\{{\s?([.$A-Za-z_#/][^{{}}\r\n]{{0,100}}?)\s?\}}{_SP}\}}")),
    ("%", lazy(rf"\{{{_SP}%\s?((?:if|else|elif|elsif|elseif|endif|for|endfor|unless|endunless|unsubscribe|assign)\b[^{{}}%\r\n]{{0,80}})%{_SP}?\}}")),
    ("% }", lazy(rf"\{{%\s?((?:if|else|elif|elsif|elseif|endif|for|endfor|unless|endunless|unsubscribe|assign)\b[^{{}}%\r\n]{{0,80}})%{_SP}\}}")),
    ("*", lazy(rf"\*{_SP}\|\s?([A-Z][A-Z0-9_:]{{1,40}})\s?\|{_SP}?\*")),
    ("| *", lazy(rf"\*\|([A-Z][A-Z0-9_:]{{1,40}})\|{_SP}\*")),
    ("% %", lazy(rf"%{_SP}%\s?({_NAME})\s?%{_SP}?%")),
    ("[ [", lazy(rf"\[{_SP}\[\s?({_NAME})\s?\]{_SP}?\]")),
    ("< %", lazy(rf"<{_SP}%[=@-]?\s?([\w.@ ]{{1,60}}?)\s?%{_SP}?>")),
)  # fmt: skip


def _spaced(source: str, reads: Reads, is_field: IsField) -> Iterator[tuple[Found, str]]:
    for hint, pattern in _SPACED:
        if hint[0] not in source or hint[-1] not in source:
            continue
        for match in pattern.finditer(source):
            meant = _close_up(match[0])
            weak = hint in ("% %", "[ [")
            if not weak or is_field(match[1]) or (reads(meant) and field_sort(match[1])):
                yield Found("spaced", match.start(), match.end(), "spaced"), meant


def _close_up(text: str) -> str:
    """The tag without the spaces between its delimiter characters."""
    text = re.sub("(?<=[{*%\\[<])[ \u00a0]+(?=[{|%\\[])", "", text)
    return re.sub("(?<=[}|%\\]])[ \u00a0]+(?=[}*%\\]>])", "", text)


_STRAY = lazy(r"(?<![{$\w])\{(?!\{)[ ]?([A-Za-z_.$](?:[^{}\r\n<>;]|->){0,80}?)[ ]?\}\}(?!\})")


def _stray_braces(source: str) -> Iterator[tuple[Found, str]]:
    if "}}" not in source:
        return
    for match in _STRAY.finditer(source):
        yield Found("braces", match.start(), match.end(), "one_open"), "{" + match[0]


_STRAY_ERB = lazy(r"(?<![<%\w\d])%[=-]?\s([\w.@:]{2,60}[^<>%\r\n]{0,80})\s-?%>")


def _stray_erb(source: str) -> Iterator[tuple[Found, str]]:
    if "%>" not in source:
        return
    for match in _STRAY_ERB.finditer(source):
        yield Found("erb", match.start(), match.end(), "one_open_erb"), "<" + match[0]


_INVISIBLE = lazy("[\u200b-\u200d\u2060\ufeff\u00ad]|&(?:zwnj|zwj|shy|#820[345]|#x200[bcdBCD]|#173);")
_HARD_SPACE = lazy("[\u00a0\u202f\u2007]|&(?:nbsp|#160|#[xX]0*[aA]0);")
_WINDOW = 90
_AT_MOST = 400


def _nasty(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """Tags that only read as tags once an invisible character or a hard space is taken out."""
    if source.isascii() and "&" not in source:
        return
    done = -1
    for pattern, code in ((_INVISIBLE, "zero_width"), (_HARD_SPACE, "nbsp")):
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


_LEFT = lazy(r"(?:\{\{\{?|\{%|%%=?|\*\||\[\[|\$\{|\{\$|##|\{|\[|(?<!%)%|<%=?)(?=[^{}%*<>\r\n]*\Z)")
_RIGHT = lazy(r"[^{}%*<>\r\n]*?(?:\}\}\}?|%\}|=?%%|\|\*|\]\]|\}|##|\]|%>|%(?!\w))")


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


_STAR_HALVES = (
    (lazy(r"\*\|([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\*(?!\|)"), "*|{}|*"),
    (lazy(r"(?<![|*\w])\*([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\|\*"), "*|{}|*"),
    (lazy(r"\*\|([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\|(?!\*)(?![ \u00a0]{1,3}\*)(?=[\s,.!?<\"'/&])"), "*|{}|*"),
    (lazy(r"(?<!\*)(?<!\*[ \u00a0])\|([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\|\*"), "*|{}|*"),
    (lazy(r"\*\|([A-Z][A-Z0-9_]{1,40})(?![\w|:*])"), "*|{}|*"),
    (lazy(r"(?<!\|)\*\*\|([A-Z][A-Z0-9_]{1,40})\|\*\*(?!\|)"), "*|{}|*"),
)
_LOOK_ALIKE = lazy("\\*[\u00a6\u01c0\u2223\uff5c]([A-Za-z][\\w:]{1,40})[\u00a6\u01c0\u2223\uff5c|]\\*")
_LETTER_BARS = lazy(r"(?<![\w*])\*[lI1]([A-Z][A-Z_]{2,40})[lI1]\*(?![\w*])")
_PERCENT_HALVES = (
    (lazy(r"%%(?<!%%%)([A-Za-z_][\w ]{1,40}?)%(?![%\w])"), "%%{}%%"),
    (lazy(r"%(?<![%\w]%)([A-Za-z_][\w ]{1,40}?)%%(?!%)"), "%%{}%%"),
    (lazy(r"%%(?<!%%%)([A-Za-z_]\w{1,40})(?![\w%:.\-]| %)"), "%%{}%%"),
)
_AMP_CALL = lazy(r"%%(v\(@\w{1,40}\))=?%%|(?<!%)%=([A-Za-z_]\w*\([^%\r\n<>]{1,200})=%%")
_ZOHO_HALVES = lazy(r"\$\[([A-Z][A-Z0-9_:]{1,40})\](?!\$)|(?<!\$)\[([A-Z][A-Z0-9_]{1,40})\]\$(?![\w\[])")
_DOLLAR_HALVES = lazy(r"\$[ ]\{([A-Za-z_][\w.]{1,60})\}|(?<!\$)\$\{([A-Za-z_][\w.]{1,60})(?=[\s,!<\"]|$)")
_DOLLAR_OPEN = lazy(r"(?<![$`])\$\{[A-Za-z_][^{}\r\n<>]{0,100}(?=[<\r\n]|\Z)")
_SMARTY_HALVES = lazy(r"(?<![\w$])\{[ ]\$([A-Za-z_][\w.]{1,40})[ ]?\}|(?<![\w$])\{\$([A-Za-z_]\w{1,40})(?=[\s,!<])(?![^{}\r\n]{0,100}\})")
_SMARTY_OPEN = lazy(r"(?<![\w$])\{\$[A-Za-z_][\w.]{1,60}(?=[ \t]*[<\r\n]|[ \t]+\{|\Z)|(?<![{\w$>.])\$[A-Za-z_][\w.]{0,60}(?:\|[\w.:]{1,40}){0,2}\}(?!\})")
_SMARTY_DEFAULT = lazy(r"\{\$([A-Za-z_][\w.]{0,40})\s+default\s*=\s*[\"']([^\"'{}]{0,60})[\"']\}")
_BRACKET_HALVES = lazy(r"(?<!\[)\[\[([A-Za-z_][\w.|\-]{1,40})\](?!\])|(?<!\[)\[([A-Za-z_][\w.\-]{1,40})\]\](?!\])")
_FALLBACK_FORM = lazy(r"\[([A-Za-z]\w{1,40})\s+fallback\s*=\s*([^\[\]\r\n]{0,60})\]")
_MARKETO_DEFAULT = lazy(r"\{\{((?:lead|company|my)\.[\w ]{1,40})=([^{}\r\n]{0,60})\}\}")
_HASH_HALVES = lazy(r"(?<![#\w])##([A-Za-z_]\w{1,40})#(?![#\w])|(?<![#\w&])#([A-Za-z_]\w{1,40})##(?!#)")


def _halves(source: str, is_field: IsField) -> Iterator[tuple[Found, str]]:
    if "*" in source and ("|" in source or "\u00a6" in source or "\u01c0" in source or "*l" in source):
        yield from _star_halves(source, is_field)
    if "%%" in source:
        yield from _lexicon_halves(_PERCENT_HALVES, source, "percent2", is_field)
        for match in _AMP_CALL.finditer(source):
            yield Found("ampscript", match.start(), match.end(), "ampscript_equals"), f"%%={match[1] or match[2]}=%%"
    if "$[" in source or "]$" in source:
        for match in _ZOHO_HALVES.finditer(source):
            name = match[1] or match[2]
            if is_field(name) or name.startswith("LI:") or name in ("FNAME", "LNAME", "EMAIL"):
                yield Found("zoho", match.start(), match.end(), "half"), f"$[{name}]$"
    yield from _named_halves(source, is_field)


def _star_halves(source: str, is_field: IsField) -> Iterator[tuple[Found, str]]:
    for number, (pattern, form) in enumerate(_STAR_HALVES):
        for match in pattern.finditer(source):
            if number in (3, 4) and not (_star_known(match[1]) or is_field(match[1])):
                continue
            code = "doubled" if number == 5 else "half"
            yield Found("star_pipe", match.start(), match.end(), code), form.format(match[1])
    for match in _LOOK_ALIKE.finditer(source):
        yield Found("star_pipe", match.start(), match.end(), "look_alike"), f"*|{match[1]}|*"
    for match in _LETTER_BARS.finditer(source):
        if _star_known(match[1]):
            yield Found("star_pipe", match.start(), match.end(), "look_alike"), f"*|{match[1]}|*"


def _star_known(name: str) -> bool:
    system = ("UNSUB", "ARCHIVE", "UPDATE_PROFILE", "EMAIL", "NAME", "CURRENT_YEAR", "FORWARD")
    return field_sort(name) == "technical" or name in system or ":" in name or name.startswith(("LIST", "MC", "IF", "END", "MERGE"))


def _lexicon_halves(
    patterns: tuple[tuple[re.Pattern[str], str], ...], source: str, family: str, is_field: IsField
) -> Iterator[tuple[Found, str]]:
    for pattern, form in patterns:
        for match in pattern.finditer(source):
            if is_field(match[1]) or re.search(r"unsub|view_?(?:online|email)|web_?version", match[1], re.IGNORECASE):
                yield Found(family, match.start(), match.end(), "half"), form.format(match[1])


_NAMED = (
    ("${", _DOLLAR_HALVES, "dollar_brace", "${{{}}}", "half"),
    ("$ {", _DOLLAR_HALVES, "dollar_brace", "${{{}}}", "half"),
    ("{ $", _SMARTY_HALVES, "smarty", "{{${}}}", "half"),
    ("{$", _SMARTY_HALVES, "smarty", "{{${}}}", "half"),
    ("[[", _BRACKET_HALVES, "bracket2", "[[{}]]", "half"),
    ("]]", _BRACKET_HALVES, "bracket2", "[[{}]]", "half"),
    ("##", _HASH_HALVES, "hash2", "##{}##", "half"),
)


def _named_halves(source: str, is_field: IsField) -> Iterator[tuple[Found, str]]:
    for hint, pattern, family, form, code in _NAMED:
        if hint not in source:
            continue
        for match in pattern.finditer(source):
            name = match[1] or match[2]
            if is_field(name) or "unsub" in name.lower():
                yield Found(family, match.start(), match.end(), code), form.format(name)
    if "${" in source:
        for match in _DOLLAR_OPEN.finditer(source):
            yield Found("dollar_brace", match.start(), match.end(), "never_closed"), ""
    for match in _SMARTY_OPEN.finditer(source) if "$" in source else ():
        line = source[max(0, match.start() - 300) : match.start()]
        if line.rfind("{") > line.rfind("}"):
            continue
        yield Found("smarty", match.start(), match.end(), "never_closed" if match[0].startswith("{") else "half"), f"{{{match[0].strip('{}')}}}"
    if "{$" in source and "default" in source:
        for match in _SMARTY_DEFAULT.finditer(source):
            yield Found("smarty", match.start(), match.end(), "default_form"), f"{{${match[1]}|default:'{match[2]}'}}"
    if "fallback" in source:
        for match in _FALLBACK_FORM.finditer(source):
            yield Found("bracket1", match.start(), match.end(), "default_form"), f"[{match[1]},fallback={match[2]}]"
    if "{{" in source and "=" in source:
        for match in _MARKETO_DEFAULT.finditer(source):
            yield Found("braces", match.start(), match.end(), "default_form"), f"{{{{{match[1]}:default={match[2]}}}}}"


_AMP_BLOCK_EDGE = lazy(r"%%\[|\]%%")


def _ampscript_close(source: str) -> Iterator[tuple[Found, str]]:
    if "]%%" not in source:
        return
    is_open = False
    for match in _AMP_BLOCK_EDGE.finditer(source):
        if match[0] == "%%[":
            is_open = True
        elif is_open:
            is_open = False
        else:
            yield Found("ampscript_block", match.start(), match.end(), "ampscript_close"), ""


_TAGS = r"(?:</?[a-zA-Z][^<>]{0,160}>\s?){1,4}"
_SPLIT = lazy(rf"(?:\{{{_TAGS}\{{|\*{_TAGS}\||%{_TAGS}%|\[{_TAGS}\[|\{{{_TAGS}[%$!])")
_SPLIT_HINTS = ("{<", "*<", "%<", "[<", "{ <", "* <", "% <", "[ <")
_HOLDS_MARKUP = (
    ("*|", lazy(rf"\*\|[^|*<>\r\n]{{0,60}}{_TAGS}[^|*<>\r\n]{{0,60}}(?:{_TAGS})?\|(?:{_TAGS})?\*")),
    ("%%", lazy(rf"%%[A-Za-z_ ]{{0,40}}{_TAGS}\w[\w ]{{0,40}}(?:{_TAGS})?%(?:{_TAGS})?%")),
    ("[", lazy(rf"\[[\w ,]{{0,40}}{_TAGS}[\w ,=]{{0,40}}(?:{_TAGS})?[\w ,=]{{0,40}}\]")),
    ("${", lazy(rf"\$\{{[\w. ]{{0,60}}{_TAGS}[^{{}}<>\r\n]{{0,60}}(?:{_TAGS})?\}}")),
    ("{!", lazy(rf"\{{![\w. ]{{0,60}}{_TAGS}[\w. ]{{0,60}}(?:{_TAGS})?\}}")),
    ("{$", lazy(rf"\{{\$[\w. ]{{0,60}}{_TAGS}[\w. ]{{0,60}}(?:{_TAGS})?\}}")),
    ("{", lazy(rf"\{{(?<![\w{{$#]\{{)[\w. =]{{0,60}}{_TAGS}[\w. ]{{0,60}}(?:{_TAGS})?\}}")),
)


def _split_by_markup(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    for match in _SPLIT.finditer(source) if any(hint in source for hint in _SPLIT_HINTS) else ():
        window = source[match.start() : match.start() + 500]
        for end in (m.end() for m in re.finditer(r"[}\]*%](?:\s?</?[a-zA-Z][^<>]{0,160}>)?[}\]*%]|\}", window)):
            meant = plain(window[:end])
            if reads(meant):
                yield Found("markup", match.start(), match.start() + end, "markup"), meant
                break
    for hint, pattern in _HOLDS_MARKUP:
        if hint not in source:
            continue
        for match in pattern.finditer(source):
            meant = plain(match[0])
            if len(match[0]) > len(meant) and reads(meant):
                start = match.start() + len(match[0]) - len(match[0].lstrip())
                yield Found("markup", start, match.end(), "markup"), meant


_WIDE = "｛％＊［＠＜＄＃｜￥"
_WIDE_TAG = lazy(
    r"(?:[｛]{1,3}[％$＄!！]?|｛\{|\{｛|％{1,2}[＝\[［]?|%％|％%|＊[｜|]|\*｜|［{1,2}|\[［|＄[｛\[［{]|\$[｛［]|＃{1,2}|＜％[＝]?)[^\r\n<>]{1,80}?"
    r"(?:[％]?｝{1,3}|\}｝|｝\}|[＝］]?％{1,2}(?:＞)?|%％|％%|[｜|]＊|｜\*|］{1,2}|\]］|＃{1,2}|％＞)"
    r"|＠[A-Z][A-Z0-9_]{1,40}＠|＄[A-Za-z][A-Za-z0-9_]{1,40}＄"
)


def _full_width(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
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
_ENTITIES = lazy(
    rf"\$?(?:{_ENTITY}){{1,3}}[{{%|\[=]?{_IN_ESCAPED}(?:[}}%\]|]?(?:{_ENTITY}){{1,3}}|\}}\}}|%\}}|\|\*|%%|\]\]|\]|\}}|%>)"
    rf"|[{{%*\[]{{1,2}}(?=[\w$.])[^<>\r\n&{{}}%*\[\]]{{1,80}}(?:{_ENTITY}){{1,3}}"
)
_FIRST_ENTITY = lazy(_ENTITY)


def _escaped(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    if "&" not in source or not _FIRST_ENTITY.search(source):
        return
    for match in _ENTITIES.finditer(source):
        if not _FIRST_ENTITY.search(match[0]):
            continue
        meant = html.unescape(match[0])
        if reads(meant):
            yield Found("escaped", match.start(), match.end(), "escaped"), meant


_ENCODED = lazy(r"%(?:25)*(?:7[bB]|5[bB]|2[45aA]|40|23|3[cC])|\*%(?:25)*7[cC]")
_URL_EDGE = lazy(r"[\s\"'<>]")
_ENCODED_TAG = lazy(
    r"%(?:25)*7[bB]%(?:25)*(?:7[bB]|25)[^\s\"'<>]{1,240}?%(?:25)*(?:7[dD]|25)%(?:25)*7[dD](?:%(?:25)*7[dD])?"
    r"|(?:\*|%(?:25)*2[aA])%(?:25)*7[cC][^\s\"'<>|]{1,120}?%(?:25)*7[cC](?:\*|%(?:25)*2[aA])"
    r"|%(?:25)*5[bB]%(?:25)*5[bB][^\s\"'<>]{1,120}?%(?:25)*5[dD]%(?:25)*5[dD]"
    r"|%(?:25)*5[bB][^\s\"'<>%]{1,80}?%(?:25)*5[dD]"
    r"|%(?:25)*7[bB](?:%(?:25)*24)?[^\s\"'<>%]{1,80}?%(?:25)*7[dD]"
    r"|%(?:25)*24(?:%(?:25)*7[bB])?[^\s\"'<>%]{1,80}?(?:%(?:25)*7[dD]|%(?:25)*24)"
    r"|%(?:25)*24%(?:25)*5[bB][^\s\"'<>]{1,80}?%(?:25)*5[dD]%(?:25)*24"
    r"|%25%25[A-Za-z_]\w{1,60}%25%25|(?<!%25)%25(?:25)*[A-Za-z_]\w{2,60}%25(?:25)*(?!%25)"
    r"|%(?:25)*40[A-Z][A-Z0-9_]{1,40}%(?:25)*40|%(?:25)*3[cC]%25[^\s\"'<>]{1,120}?%25%(?:25)*3[eE]"
    r"|%(?:25)*23%(?:25)*23\w{2,50}%(?:25)*23%(?:25)*23"
)


def _encoded(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    if "%" not in source or not _ENCODED.search(source):
        return
    for match in _ENCODED_TAG.finditer(source):
        once = unquote(match[0])
        twice = unquote(once)
        if reads(once):
            yield Found("encoded", match.start(), match.end(), "url_encoded"), once
        elif twice != once and reads(twice):
            yield Found("encoded", match.start(), match.end(), "double_encoded"), twice


_DELIMITERS = "{}[]%*|@#$~«»¦"
_OPENERS = lazy(r"[{\[%*|@#$~«¦<]{1,3}[ \u00a0]?$")
_CLOSERS = lazy(r"[ \u00a0]?[}\]%*|@#$~»¦>]{1,3}")
_PAIRS_OF_TEXT = {("*", "*"), ("|", "|"), ("[", "]"), ("{", "}"), ("<", ">"), ("@", ""), ("#", ""), ("$", ""), ("*", ""), ("|", "")}
_FREE_BEFORE = lazy(r"(?:\A|[\s\"'(]|(?<!-)>|&nbsp;)\Z")
_FREE_BEHIND = lazy(r"\Z|[\s,.!?;\"')<&]")
_WORDISH = lazy(r"[\w]")
_TOKEN = lazy(r"[\w\-]{4,40}+")


def _near_names(source: str, names: frozenset[str]) -> Iterator[tuple[Found, str]]:
    """Technical field names with delimiters on either side that make no tag."""
    lowered = source.casefold()
    if len(lowered) != len(source):
        lowered = source.lower()
        if len(lowered) != len(source):
            return
    tokens = set(_TOKEN.findall(lowered))
    words = technical_tokens() & tokens
    if names:
        words |= {token for token in tokens if "_" in token and squeeze(token) in names}
    for word in words:
        position = lowered.find(word)
        while position >= 0:
            found = _near_name(source, position, position + len(word))
            if found is not None:
                yield found
            position = lowered.find(word, position + len(word))


def _near_name(source: str, start: int, end: int) -> tuple[Found, str] | None:
    before, behind = source[max(0, start - 4) : start], source[end : end + 4]
    left, right = _OPENERS.search(before), _CLOSERS.match(behind)
    if left is None and (right is None or not _FREE_BEFORE.search(before)):
        return None
    if right is None and (left is None or not _FREE_BEHIND.match(behind)):
        return None
    opener, closer = left[0] if left else "", right[0] if right else ""
    first = max(0, start - 4) + left.start() if left else start
    if _WORDISH.match(source[first - 1 : first]) or source[first - 1 : first] in tuple("&/="):
        return None
    last = end + (len(closer) if right else 0)
    if not _is_half(opener.strip("\u00a0 "), closer.strip("\u00a0 "), source[start:end]):
        return None
    return Found("half", first, last, "half"), ""


_BALANCED = {"{": "}", "[": "]", "%": "%", "@": "@", "#": "#", "$": "$", "~": "~", "«": "»", "<": ">", "*": "*", "|": "|"}


def _mirror(opener: str) -> str:
    return "".join(_BALANCED.get(character, character) for character in reversed(opener))


def _is_half(opener: str, closer: str, name: str) -> bool:
    """Whether delimiters around a technical name were meant as a tag but make none."""
    if not opener and closer in ("]", "}", "%", "]]", "}}", "%%", "|*", "]$", "=%%", "@", "##", "~"):
        return closer != "@" or name.isupper()
    if not closer and opener in ("{", "[", "{{", "[[", "%", "%%", "*|", "{$", "${", "$[", "{!", "@", "##"):
        return opener not in ("%", "@") or name.isupper()
    if not opener or not closer:
        return False
    if (opener, closer) in (("|", "|"), ("*", "*")):
        return name.isupper()
    if _mirror(opener[-len(closer) :]) == closer or closer[: len(opener)] == _mirror(opener):
        # A pair that fits stands inside: `[{name}` is a bracket before a tag.
        return False
    mirrored = _mirror(opener)
    if mirrored == closer or opener in ("|", "*", "#", "@", "$", "<") or closer in ("|", "*", "#", ">"):
        return mirrored != closer and not (opener in ("|", "*", "#", "@", "$", "<") and closer in ("|", "*", "#", ">", "%"))
    return True
