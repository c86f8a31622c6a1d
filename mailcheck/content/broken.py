"""Finds what was meant as a merge tag and is none: halves, spaced, full-width, escaped, encoded forms.

Every detector works on the source, is bounded and is asked only when a telling character is there at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailcheck.content.breakage import plain
from mailcheck.content.disguised import Reads, encoded, escaped, full_width, nasty
from mailcheck.content.halves import IsField, halves, lost_bangs, lost_braces, lost_dollars, near_names
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort, squeeze
from mailcheck.content.pairs import Found
from mailcheck.content.quick import carries

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
    yield from _padded(source, is_own)
    yield from _stray_braces(source)
    yield from _stray_erb(source)
    percent = "percent2" in families or "percent1" not in families
    spoken = families & {"percent2", "zoho", "star_pipe"}
    yield from halves(source, is_own if spoken else is_field, percent=percent, single="percent1" in families)
    yield from nasty(source, reads)
    yield from full_width(source, reads)
    yield from escaped(source, reads)
    yield from encoded(source, reads)
    yield from near_names(source, names, families)
    if "dollar_brace" in families and not families & {"brace1", "smarty", "smarty_block"}:
        yield from lost_dollars(source)
    if "brace_bang" in families:
        yield from lost_bangs(source)
    if "braces" in families and not families & {"brace1", "smarty", "smarty_block"}:
        yield from lost_braces(source)
    if "braces" in families and not families & {"brace1", "smarty"}:
        yield from _stray_after_text(source)


_LEFT_OPEN = lazy(r"(?m)[\[{%*$!|@#][\w ,.=]{0,60}$")


def scan_source(source: str, readable: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    """Broken forms that markup takes part in; looked for in the whole source.

    Args:
        readable: the readable text, one piece a line: markup inside a tag leaves an opener at the end of a line.
    """
    yield from _ampscript_close(source)
    if "<" in source and _LEFT_OPEN.search(readable):
        yield from _split_by_markup(source, reads)


_IDENTIFIER_LIKE = lazy(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+\Z|[A-Za-z]+(?:_[A-Za-z]+)+\Z|[A-Z]{3,}\Z|[A-Z][a-z]{2,}\Z")

_SP = "[ \u00a0]{1,3}"
_MAYBE = "[ \u00a0]{0,3}"
_SPACED = (
    ("{ {", lazy(rf"\{{(?<!\{{\{{){_SP}\{{\s?([.$A-Za-z_#/][^{{}}\r\n]{{0,100}}?)\s?\}}{_MAYBE}\}}")),
    ("} }", lazy(rf"(?<!\{{)\{{\{{\s?([.$A-Za-z_#/][^{{}}\r\n]{{0,100}}?)\s?\}}{_SP}\}}")),
    ("{ %", lazy(rf"\{{{_SP}%\s?((?:if|else|elif|elsif|elseif|endif|for|endfor|unless|endunless|unsubscribe|assign)\b[^{{}}%\r\n]{{0,80}})%{_MAYBE}\}}")),
    ("% }", lazy(rf"\{{%\s?((?:if|else|elif|elsif|elseif|endif|for|endfor|unless|endunless|unsubscribe|assign)\b[^{{}}%\r\n]{{0,80}})%{_SP}\}}")),
    ("*", lazy(rf"\*{_SP}\|\s?([A-Z][A-Z0-9_:]{{1,40}})\s?\|{_MAYBE}\*")),
    ("| *", lazy(rf"\*\|([A-Z][A-Z0-9_:]{{1,40}})\|{_SP}\*")),
    ("% %", lazy(rf"%(?<![\w%]%){_SP}%\s?({_NAME})\s?%{_MAYBE}%")),
    ("[ [", lazy(rf"\[{_SP}\[\s?({_NAME})\s?\]{_MAYBE}\]")),
    ("$ {", lazy(r"\$[ ]\{([A-Za-z_][\w.]{1,60})\}")),
    ("$ [", lazy(r"\$[ ]\[([A-Z][A-Z0-9_:]{1,40})\]\$?")),
    ("< %", lazy(rf"<{_SP}%[=@-]?\s?([\w.@ ]{{1,60}}?)\s?%{_MAYBE}>")),
)  # fmt: skip


def _spaced(source: str, reads: Reads, is_field: IsField) -> Iterator[tuple[Found, str]]:
    for hint, pattern in _SPACED:
        if hint[0] not in source or hint[-1] not in source:
            continue
        for match in pattern.finditer(source):
            meant = _close_up(match[0])
            weak = hint in ("% %", "[ [")
            if not weak or is_field(match[1]) or (reads(meant) and field_sort(match[1])):
                yield Found("spaced", match.start(), match.end(), "spaced"), meant if reads(meant) else ""


_PADDED = (
    ("%%", lazy(r"%%(?<!%%%)[ \u00a0]{1,3}([A-Za-z_][\w ]{1,40}?)[ \u00a0]{1,3}%%(?!%)"), "%%{}%%"),
    ("@ ", lazy(r"@(?<![\w@]@)[ \u00a0]{1,3}([A-Z][A-Z0-9_]{1,40})[ \u00a0]{1,3}@(?!\w)"), "@{}@"),
    ("% ", lazy(r"%(?<![\w%]%)[ \u00a0]{1,3}([A-Z][A-Z0-9_]{2,40})[ \u00a0]{1,3}%(?![\w%])"), "%{}%"),
    ("{ $", lazy(r"\{[ \u00a0]{1,3}\$([A-Za-z_][\w.]{1,40})[ \u00a0]{0,3}\}"), "{{${}}}"),
    ("*| ", lazy(r"\*\|[ \u00a0]{1,3}([A-Z][A-Z0-9_:]{1,40})[ \u00a0]{0,3}\|\*"), "*|{}|*"),
)  # fmt: skip


def _padded(source: str, is_own: IsField) -> Iterator[tuple[Found, str]]:
    """Spaces between delimiters and name, in syntaxes that allow none."""
    for hint, pattern, form in _PADDED:
        for match in pattern.finditer(source) if hint in source else ():
            if is_own(match[1]):
                yield Found("padded", match.start(), match.end(), "padded"), form.format(match[1])


def _close_up(text: str) -> str:
    """The tag without the spaces between its delimiter characters."""
    text = re.sub("(?<=[{*%\\[<$])[ \u00a0]+(?=[{|%\\[])", "", text)
    return re.sub("(?<=[}|%\\]])[ \u00a0]+(?=[}*%\\]>])", "", text)


_STRAY = lazy(r"(?<![{$\w:,])\{(?!\{)[ ]?([A-Za-z_.$](?:[^{}\r\n<>;]|->){0,80}?)[ ]?\}\}(?!\})")


def _stray_braces(source: str) -> Iterator[tuple[Found, str]]:
    if "}}" not in source:
        return
    for match in _STRAY.finditer(source):
        yield Found("braces", match.start(), match.end(), "one_open"), "{" + match[0]


_STRAY_AFTER_TEXT = lazy(r"(?<=[\w:,])\{(?!\{)[ ]?([A-Za-z_][\w.]{0,60}(?:[ ]?\|[^{}\r\n<>;]{1,60})?)[ ]?\}\}(?!\})")


def _stray_after_text(source: str) -> Iterator[tuple[Found, str]]:
    """`check{ count|pluralize }}`, behind a word: only where braces are spoken, for JSON and CSS close two of them, too."""
    for match in _STRAY_AFTER_TEXT.finditer(source) if "}}" in source else ():
        if "{" not in source[max(0, match.start() - 200) : match.start()].rpartition("}")[2]:
            yield Found("braces", match.start(), match.end(), "one_open"), "{" + match[0]


_STRAY_ERB = lazy(r"(?<![<%\w\d])%[=-]?\s([\w.@:]{2,60}(?:[^<>%\r\n]|%(?!>)){0,80})\s-?%>")


def _stray_erb(source: str) -> Iterator[tuple[Found, str]]:
    if "%>" not in source:
        return
    for match in _STRAY_ERB.finditer(source):
        yield Found("erb", match.start(), match.end(), "one_open_erb"), "<" + match[0]


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
_SPLIT_HINTS = ("{<", "*<", "%<", "[<")
_HOLDS_MARKUP = (
    ("*|", lazy(rf"\*\|[^|*<>\r\n]{{0,60}}{_TAGS}[^|*<>\r\n]{{0,60}}(?:{_TAGS})?\|(?:{_TAGS})?\*")),
    ("%%", lazy(rf"%%[A-Za-z_ ]{{0,40}}{_TAGS}\w[\w ]{{0,40}}(?:{_TAGS})?%(?:{_TAGS})?%")),
    ("%<", lazy(rf"%(?<![\w%]%){_TAGS}[A-Z_]{{3,40}}(?:{_TAGS})?%(?![\w%])")),
    ("@<", lazy(rf"@(?<![\w@.]@){_TAGS}[A-Z_]{{2,40}}(?:{_TAGS})?@(?![\w@])")),
    ("##<", lazy(rf"##{_TAGS}\w{{2,40}}(?:{_TAGS})?##(?!#)")),
    ("$[", lazy(rf"\$\[[\w :|]{{0,40}}{_TAGS}[\w :|]{{0,40}}(?:{_TAGS})?[\w :|]{{0,40}}\]\$")),
    ("[[", lazy(rf"\[\[[\w ,.]{{0,40}}{_TAGS}[\w ,.]{{0,40}}(?:{_TAGS})?[\w ,.]{{0,40}}\]\]")),
    ("[", lazy(rf"\[(?<![$\[]\[)[\w ,=]{{0,40}}{_TAGS}[\w ,=]{{0,40}}(?:{_TAGS})?[\w ,=]{{0,40}}\]")),
    ("${", lazy(rf"\$\{{[\w. ]{{0,60}}{_TAGS}[^{{}}<>\r\n]{{0,60}}(?:{_TAGS})?\}}")),
    ("{!", lazy(rf"\{{![\w. ]{{0,60}}{_TAGS}[\w. ]{{0,60}}(?:{_TAGS})?\}}")),
    ("{$", lazy(rf"\{{\$[\w. ]{{0,60}}{_TAGS}[\w. |:$]{{0,60}}(?:{_TAGS})?\}}")),
    ("{", lazy(rf"\{{(?<![\w{{$#]\{{)[\w. =]{{0,60}}{_TAGS}[\w. ]{{0,60}}(?:{_TAGS})?\}}")),
)


def _splits(source: str) -> Iterator[re.Match[str]]:
    """The places of `_SPLIT`; looking for its first two characters is ten times as fast as looking for it."""
    for hint in _SPLIT_HINTS:
        at = source.find(hint)
        while at >= 0:
            if match := _SPLIT.match(source, at):
                yield match
            at = source.find(hint, match.end() if match else at + 1)


def _split_by_markup(source: str, reads: Reads) -> Iterator[tuple[Found, str]]:
    for match in _splits(source):
        window = source[match.start() : match.start() + 500]
        for end in (m.end() for m in re.finditer(r"[}\]*%](?:\s?</?[a-zA-Z][^<>]{0,160}>)?[}\]*%]|\}", window)):
            meant = plain(window[:end])
            if reads(meant):
                yield Found("markup", match.start(), match.start() + end, "markup"), meant
                break
    for hint, pattern in _HOLDS_MARKUP:
        if not carries(source, hint):
            continue
        for match in pattern.finditer(source):
            meant = plain(match[0])
            if len(match[0]) > len(meant) and reads(meant):
                start = match.start() + len(match[0]) - len(match[0].lstrip())
                yield Found("markup", start, match.end(), "markup"), meant
