"""The delimiters of template languages, as far as reading HTML needs to know them.

A delimiter says how a tag opens, where it ends, and whether it prints something. It says nothing about what
the tag means: that is the business of the merge-tag scanner.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import ClassVar

from mailcheck.values import Brief

NEVER = 1 << 62
_OUTPUT = 2_000
_STATEMENT = 10_000
_CODE = 100_000


class Finder:
    """`str.find` and `re.search` over one text, remembering the last hit.

    Asked with rising offsets, as a scan does, the total work is one pass over the text for each needle,
    however often a closer is missing. `budget` bounds what the patterns that read a whole tag may waste.
    """

    __slots__ = ("_hits", "budget", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.budget = 1_000_000 + 64 * len(text)
        self._hits: dict[str | re.Pattern[str], tuple[int, int]] = {}

    def after(self, needle: str | re.Pattern[str], offset: int) -> tuple[int, int]:
        """Start and end of the first hit at or behind `offset`; `(NEVER, NEVER)` when there is none."""
        hit = self._hits.get(needle, (-1, -1))
        if hit[0] < offset:
            if isinstance(needle, str):
                start = self.text.find(needle, offset)
                hit = (start, start + len(needle)) if start >= 0 else (NEVER, NEVER)
            else:
                match = needle.search(self.text, offset)
                hit = match.span() if match else (NEVER, NEVER)
            self._hits[needle] = hit
        return hit


Ends = Callable[[Finder, int, int], int]
"""From the start and the end of an opener to the offset behind its tag, or -1 when it is not closed."""


class Delimiter(Brief, frozen=True):
    """One pair of delimiters.

    Args:
        name: what `Mask.spans` calls it.
        opener: pattern of the opener, without groups.
        hint: what `openers_in` finds in every text with such a tag; empty: always looked for.
        ends: finds the end.
        prints: matched at the opener of tags that print something; the others are statements.
        dialects: ids of the dialects that must be declared for it to be read; empty: always.
    """

    unshown: ClassVar[tuple[str, ...]] = ("ends",)

    name: str
    opener: str
    hint: str
    ends: Ends
    prints: re.Pattern[str] | None = None
    dialects: frozenset[str] = frozenset()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the table below, compiled when the first tag of its kind is met."""
    return re.compile(pattern)


def until(closer: str, *, again: str | None = None, limit: int = _OUTPUT) -> Ends:
    """A tag that ends at the first `closer`, before the opener comes `again`, within `limit` characters."""

    def ends(finder: Finder, start: int, inside: int) -> int:
        close, end = finder.after(closer, inside)
        if close > start + limit or (again is not None and finder.after(again, inside)[0] < close):
            return -1
        return end

    return ends


def shaped(pattern: str, closer: str, *, limit: int = _OUTPUT) -> Ends:
    """A tag whose text matches `pattern` from its opener on; without a `closer` nearby nothing is tried."""

    def ends(finder: Finder, start: int, inside: int) -> int:
        if finder.budget < 0 or finder.after(closer, inside)[0] > start + limit:
            return -1
        found = _compiled(pattern).match(finder.text, start, min(start + limit, len(finder.text)))
        if found is None:
            finder.budget -= limit
            return -1
        return found.end()

    return ends


def only(condition: str, then: Ends) -> Ends:
    """`then`, for tags of which the text from the opener on matches `condition`."""

    def ends(finder: Finder, start: int, inside: int) -> int:
        return then(finder, start, inside) if _compiled(condition).match(finder.text, start) else -1

    return ends


def first(*ways: Ends) -> Ends:
    """The first of several ways that finds an end."""

    def ends(finder: Finder, start: int, inside: int) -> int:
        for way in ways:
            end = way(finder, start, inside)
            if end >= 0:
                return end
        return -1

    return ends


def extended(ends: Ends) -> Ends:
    """With as many more closing braces as there were more than two opening ones: `{{{x}}}`."""

    def longer(finder: Finder, start: int, inside: int) -> int:
        end = ends(finder, start, inside)
        for _ in range(inside - start - 2):
            if end < 0 or not finder.text.startswith("}", end):
                break
            end += 1
        return end

    return longer


def paired(ends: Ends, opener: str, closer: str) -> Ends:
    """Up to the `closer` behind a tag that is an `opener`: comments that are a pair of tags."""

    def longer(finder: Finder, start: int, inside: int) -> int:
        end = ends(finder, start, inside)
        if end < 0 or not _compiled(opener).match(finder.text, start):
            return end
        close, last = finder.after(_compiled(closer), end)
        return last if close <= start + _CODE and finder.after(_compiled(opener), end)[0] > close else end

    return longer


# A `<` that begins markup: a tag that was broken off (`{{ name }</p>`) must not reach for a later closer.
_MARKUP = r"/?[a-zA-Z][\w:-]*+(?:\s*+/?>|\s++[\w:-]++\s*+=)|/[a-zA-Z]|!--"
_PLAIN = rf"<(?!{_MARKUP})|-(?!->)|[\"'`]"
_NOT_BLANK = r"(?:\r\n|[\r\n])(?![ \t]*+[\r\n])"


def _strings(close: str) -> str:
    """Quoted strings of one line. One that holds the closer is believed only when it holds little else."""
    kinds = []
    for quote in ('"', r"(?<!\w)'", "`"):
        mark = quote[-1]
        kinds.append(rf"{quote}(?:[^{mark}\\\r\n{close[0]}]++|\\[^\r\n]|{close[0]}(?!{close[1]}))*+{mark}")
        kinds.append(rf"{quote}(?:\{{\{{[^{mark}{{}}\r\n]*+)?\}}\}}{mark}")
    return "|".join(kinds)


_CURLY = rf"[^\"'`{{}}<\-\r\n]++|\{{[^{{}}\r\n]*+\}}|\{{(?!\{{)|\}}(?!\}})|{_PLAIN}|{_NOT_BLANK}"
_PERCENT = rf"[^\"'`%{{<\-]++|%(?!\}})|\{{(?!%)|{_PLAIN}"
_SINGLE = rf"{_strings('}}')}|[^\"'`{{}}<\-\r\n]++|\{{[^{{}}\r\n]*+\}}|{_PLAIN}"
_PARENTHESES = r"\((?:[^()]++|\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\))*+\)"
_ANGLE = rf"(?:{_strings('}}')}|{_PARENTHESES}|[^\"'`()<>]++|<(?!{_MARKUP}|/?[@#])|[(\"'`])*+>"
_DIRECTIVE = (
    "if|elseif|else|list|items|sep|assign|local|global|macro|nested|return|include|import|function|switch|case|on|default"
    "|break|continue|attempt|recover|visit|recurse|fallback|ftl|setting|t|lt|rt|nt|noparse|compress|escape|noescape"
    "|autoesc|noautoesc|outputformat|flush|stop|data"
)
_SMARTY = (
    "if|else|elseif|foreach|foreachelse|for|forelse|section|sectionelse|while|assign|include|capture|literal|strip|block"
    "|extends|function|call|ldelim|rdelim|nocache|append|setfilter|insert|php|eval|counter|cycle|math|textformat"
)
_ALWAYS = re.compile("")
_CONDITION = re.compile(r"\*\|(?!(?:IF|IFNOT|ELSE|ELSEIF|END)\b)")


def _ids(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BRACES = Delimiter(
    "{{",
    r"\{\{++",
    "{{",
    extended(
        first(
            only(r"\{\{[~-]?!--|\{\{--", until("--}}", limit=_CODE)),
            only(r"\{\{-?\s*+/\*", until("}}", limit=_CODE)),
            only(r"\{\{[~-]?!", until("}}", again="{{")),
            shaped(rf"\{{\{{++(?:{_strings('}}')}|{_CURLY})*+\}}\}}", "}}"),
            shaped(rf"\{{\{{++(?:{_CURLY})*+\}}\}}", "}}"),
        )
    ),
    prints=re.compile(
        r"\{\{++(?![~\-\s]*+(?:[#/^!]|--|\$\w++\s*+:?="
        r"|(?:else|end|if|elseif|unless|range|with|define|block|depend)(?=[\s~\-}])))"
    ),
)
_PERCENTS = Delimiter(
    "{%",
    r"\{%",
    "{%",
    paired(
        first(
            shaped(rf"\{{%(?:{_strings('%}')}|{_PERCENT})*+%\}}", "%}", limit=_STATEMENT),
            shaped(rf"\{{%(?:{_PERCENT})*+%\}}", "%}", limit=_STATEMENT),
        ),
        r"\{%-?\s*+comment\b",
        r"\{%-?\s*+endcomment\s*+-?%\}",
    ),
    prints=re.compile(r"\{%="),
)
_ANGLES = Delimiter(
    "<%",
    r"<%",
    "<%",
    first(only("<%--", until("--%>", limit=_CODE)), until("%>", again="<%", limit=_CODE)),
    prints=re.compile(r"<%(?:[=\-](?!-)|@\s*+include\b|[\w.]++%>)"),
)

DELIMITERS: tuple[Delimiter, ...] = (
    _BRACES,
    _PERCENTS,
    _ANGLES,
    Delimiter("%%[", r"%%\[", "%%[", until("]%%", again="%%[", limit=2 * _CODE)),
    Delimiter("%%=", r"%%=", "%%=", until("=%%", again="%%="), _ALWAYS),
    Delimiter(
        "<?",
        r"<\?(?:php\b|=)",
        "<?",
        until("?>", again="<?", limit=_CODE),
        re.compile(r"<\?(?:=|php\s++(?:echo|print)\b)"),
    ),
    Delimiter("{!!", r"\{!!", "{!", until("!!}", again="{!!"), _ALWAYS),
    Delimiter("<#--", r"<#--", "<#", until("-->", limit=_CODE)),
    Delimiter("<#", rf"</?#(?:{_DIRECTIVE})(?=[\s/>(])", "<#", shaped(rf"</?#{_ANGLE}", ">")),
    Delimiter("<@", r"</?@[a-zA-Z_][\w.]*+(?=[\s/>])", "<@", shaped(rf"</?@{_ANGLE}", ">")),
    Delimiter(
        "{#",
        r"\{#",
        "{#",
        until("#}", again="{#", limit=_CODE),
        dialects=_ids("klaviyo brevo hubspot emarsys bloomreach jinja2 django twig nunjucks mautic mailjet ometria"),
    ),
    Delimiter("{#", r"\{#(?=[\s-])", "{#", until("#}", again="{#", limit=_STATEMENT)),
    Delimiter(
        "[[",
        r"\[\[",
        "[",
        shaped(rf"\[\[(?:{_strings('}}')}|[^\"'`\[\]<\-\r\n]++|{_PLAIN})*+\]\]", "]]"),
        _ALWAYS,
        _ids(
            "iterable mailjet constant-contact getresponse omnisend maileon sendmachine dialog-insight luminate salsa"
        ),
    ),
    Delimiter(
        "[[",
        r"\[\[(?=[a-zA-Z_])",
        "[",
        shaped(r"\[\[(?:\"[^\"<>\[\]\r\n]*+\"|'[^'<>\[\]\r\n]*+'|[^\"'<>\[\]\r\n]++)*+\]\]", "]]", limit=200),
        _ALWAYS,
    ),
    Delimiter(
        "${",
        r"\$!?\{",
        "$",
        shaped(rf"\$!?\{{(?:{_SINGLE})*+\}}", "}"),
        _ALWAYS,
        _ids("responsys mapp freemarker velocity marketo adobe-campaign code-format-strings"),
    ),
    Delimiter(
        "${",
        r"\$\{(?=[a-zA-Z_(])",
        "$",
        shaped(r"\$\{(?:\"[^\"{}\r\n]*+\"|'[^'{}\r\n]*+'|[^\"'{}<>\r\n]++)*+\}", "}", limit=300),
        _ALWAYS,
    ),
    Delimiter(
        "*|",
        r"\*\|(?=[A-Z])",
        "*",
        shaped(r"\*\|[A-Z][\w:]*+(?:[^|*<>\r\n]++|[<>]=?(?=[ \w]))*+\|\*", "|*", limit=300),
        _CONDITION,
    ),
    Delimiter(
        "*|",
        r"\*\|",
        "*",
        shaped(r"\*\|[^|*<\r\n]++\|\*", "|*", limit=300),
        _CONDITION,
        _ids("mailchimp mandrill rd-station spreadsheet-merge-addons"),
    ),
    Delimiter("[%", r"\[%", "", until("%]", again="[%"), dialects=_ids("omnisend emma")),
    Delimiter("[*", r"\[\*", "", until("*]", again="[*"), _ALWAYS, _ids("adestra")),
    Delimiter("<*", r"<\*", "", until("*>", again="<*"), _ALWAYS, _ids("icommkt")),
    Delimiter(
        "{*",
        r"\{\*",
        "",
        until("*}", again="{*", limit=_CODE),
        dialects=_ids("smarty copernica sailthru cordial"),
    ),
    Delimiter(
        "{",
        rf"\{{(?:/?(?:{_SMARTY})(?=[\s}}])|(?=\$[a-zA-Z_]))",
        "",
        shaped(rf"\{{(?:{_SINGLE})*+\}}", "}"),
        re.compile(r"\{\$"),
        _ids("smarty copernica cordial mailerlite sharpspring sailthru infobip sender-net remarkety optipub"),
    ),
    Delimiter(
        "#(",
        r"#(?:if|elseif|foreach|set|macro|parse|include|evaluate|define)\s*+(?=\()",
        "",
        shaped(rf"#\w++\s*+{_PARENTHESES}", ")"),
        dialects=_ids("velocity marketo"),
    ),
    Delimiter(
        "@(",
        r"(?<![\w@.])@(?!(?:media|supports|import|layer|container)\b)(?:[a-zA-Z_][\w.]*+)?\s?(?=\()",
        "",
        shaped(rf"@[\w.]*+\s?{_PARENTHESES}", ")"),
        re.compile(r"@(?:\(|[A-Z])"),
        _ids("laravel-blade razor"),
    ),
)

_LEADS = tuple(
    # One leading character each: such a pattern is searched as fast as memory is read.
    re.compile(pattern)
    for pattern in (r"\{[{%!#]", r"<[%?#@]", r"%%[\[=]", r"\[(?=\[)", r"\*(?=\|)", r"\$(?=!?\{)")
)


def openers_in(source: str) -> frozenset[str]:
    """The `hint` of every kind of tag that may be in a text."""
    return frozenset(["", *(opener for lead in _LEADS for opener in lead.findall(source))])
