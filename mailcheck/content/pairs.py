"""Tags with an opener and a closer of their own that may hold anything: `{{ }}`, `{% %}`, `<% %>`, AMPscript.

One pass from the left; the first opener wins, so a brace inside a statement is not a tag of its own. All
searches are bounded, and an opener whose closer does not come is reported as broken instead of
swallowing the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from mailcheck.content.quick import carries

OUTPUT_LIMIT = 2_000
BLOCK_LIMIT = 60_000

_OPENERS = ("{{", "{%", "{#", "<%", "%%", "<?", "{!!", "[%", "<#", "</#", "<@", "</@")
_OPENER = re.compile(r"\{\{\{*|\{%|\{#|<%|%%\[|%%=|%%\{|<\?(?:php\b|=)|\{!!|\[%|<(?=/?[#@][a-zA-Z]|#--)")
_TEXT_OR_STRING = r"[^\"'{}]++|\"[^\"\r\n]*+\"|'[^'\r\n]*+'"
_LOST_BRACE = re.compile(r"\{\{\s?\$[\w.]{1,60}\}[^{}<>]{0,120}\}\}")
_NESTED_BRACES = re.compile(
    rf"\{{\{{ (?:{_TEXT_OR_STRING}|\{{(?:{_TEXT_OR_STRING}|\{{[^{{}}\r\n]*+\}})*+\}})*+ ?\}}\}}(?!\}})"
)
_REST_OF_LINE = re.compile(r"(?:->|[^{}<>\r\n]){0,120}")
_DOUBLED_STATEMENT = re.compile(r"\{\{%[^{}%\r\n]{1,120}%\}\}")
_STRINGS = re.compile(r"\"[^\"\r\n]*+\"|'[^'\r\n]*+'")
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_NAME_AHEAD = re.compile(r"\s{0,3}[#/^>!&~-]?\s{0,2}[.$@]?[^\W\d](?:[\w.$]|->|::?\w){0,80}")
# Strings may hold anything, delimiters too; a quote that is never closed makes these fail, and a plain search decides.
_WHOLE_STATEMENT = re.compile(r"\{%(?:[^\"'%{]++|\"[^\"\r\n]*+\"|'[^'\r\n]*+'|%(?!\})|\{(?!%))*+%\}")
# Formatters of code break the line behind the delimiter and indent as deep as the markup goes.
_WRAPPED_STATEMENT = re.compile(r"(\s*+)[A-Za-z]{2,20}\b(?:[^\"'%{}]++|\"[^\"\r\n]*+\"|'[^'\r\n]*+'|[\"'%](?!\}))*+%\}")
_REST_OF_AMPSCRIPT = re.compile(r"[^<>\r\n%]{0,200}")
_KEYWORD_AHEAD = re.compile(r"[-+~]?\s*[#/=]?\s*[A-Za-z_]\w*(?:[ ]+[\w.]+)?")
_ERB_BY_ANGLE = re.compile(r"[=\-]?[^<>\r\n]{1,80}>")
_CODE_AHEAD = re.compile(r"[=\-#@!]?\s*[@$]?[A-Za-z_][\w.]*")
_WHOLE_BRACES = re.compile(r"\{\{(?:[^\"'{}]++|\"[^\"\r\n]*+\"|'[^'\r\n]*+'|\}(?!\}))*+\}\}(?!\})")
_ATTRIBUTE_AHEAD = re.compile(r"\s?\$\{[\w. ]{1,80}\}[^{}<>\r\n]{0,120}")
_NOTE_AHEAD = re.compile(r" [A-Za-z][^{}#<>\r\n]{2,80}(?=[<\r\n])")
_RAW_BLOCK = re.compile(r"\{%-?\s*(raw|verbatim|comment)\b[^%]{0,60}-?%\}")
_HANDLEBARS_COMMENT = re.compile(r"\{\{\{?[~]?!?--")


class Found(Struct, frozen=True):
    """A stretch that is, or was meant to be, a tag. `broken` is a code of `breakage.MESSAGES`, or empty."""

    family: str
    start: int
    end: int
    broken: str = ""


_LONG = 400
"""Characters from which on it is quicker to ask for every opener by itself first."""


def scan_pairs(source: str) -> Iterator[Found]:
    """Every tag of the pair families, in order, not overlapping."""
    if len(source) > _LONG and not any(carries(source, opener) for opener in _OPENERS):
        return
    position = 0
    while match := _OPENER.search(source, position):
        found = _HANDLERS[match[0][:2]](source, match.start(), match.end())
        if found is None:
            position = match.end()
            continue
        yield found
        position = max(found.end, match.end())
        if found.family == "statement" and (raw := _RAW_BLOCK.match(source, found.start)):
            position = _skip_raw(source, position, raw[1])


def _skip_raw(source: str, position: int, keyword: str) -> int:
    """Behind the content of a raw, verbatim or comment block, up to its closing tag."""
    closing = re.compile(rf"\{{%-?\s*end{keyword}\b").search(source, position)
    return closing.start() if closing else position


def _until(source: str, closer: str, start: int, limit: int, rivals: tuple[str, ...] = ()) -> int:
    """Where `closer` stands, or -1 when a rival opener or the limit comes first."""
    stop = start + limit
    for rival in rivals:
        other = source.find(rival, start, stop)
        while other >= 0 and _in_quotes(source, other, len(rival)):
            other = source.find(rival, other + 1, stop)
        if other >= 0:
            stop = other
    return source.find(closer, start, stop)


def _in_quotes(source: str, at: int, length: int) -> bool:
    before, behind = source[at - 1 : at], source[at + length : at + length + 1]
    return before in ("'", '"') and before == behind


def _braces(source: str, start: int, inner: int) -> Found | None:
    count = inner - start
    if _HANDLEBARS_COMMENT.match(source, start):
        end = source.find("--}}", inner)
        if end < 0:
            return Found("braces", start, min(inner + 2, len(source)), "comment_open")
        return Found("braces", start, _run(source, end + 2))
    if count == 4 and (raw := source.find("{{{{/", inner)) >= 0:
        # Handlebars' raw block: nothing in it is a tag.
        end = source.find("}}}}", raw)
        return Found("hash_comment", start, end + 4) if end >= 0 else None
    if count > 4:
        return None
    if count == 2 and (doubled := _DOUBLED_STATEMENT.match(source, start)):
        return Found("statement", start, doubled.end(), "doubled")
    if (
        count == 2
        and (whole := _WHOLE_BRACES.match(source, start, start + OUTPUT_LIMIT))
        and not _BLANK_LINE.search(whole[0])
    ):
        return Found("braces", start, whole.end(), "brace_missing" if _LOST_BRACE.fullmatch(whole[0]) else "")
    if count == 2 and (nested := _NESTED_BRACES.match(source, start, start + OUTPUT_LIMIT)) and "\n\n" not in nested[0]:
        return Found("braces", start, nested.end())
    close = _until(source, "}}", inner, OUTPUT_LIMIT, ("{{", "{%"))
    if close < 0 and "${" in source[start : inner + 80]:
        close = _until(source, "}}", inner, OUTPUT_LIMIT)
    blank = _BLANK_LINE.search(source, inner, close) if close >= 0 else None
    if close < 0 or blank:
        return _unclosed_braces(source, start, inner)
    return _balanced(source, start, inner, close)


def _run(source: str, close: int) -> int:
    """Behind the run of closing braces that starts at `close`."""
    end = close
    while end < len(source) and source[end] == "}":
        end += 1
    return end


def _balanced(source: str, start: int, inner: int, close: int) -> Found:
    count, end = inner - start, _run(source, close)
    body = _STRINGS.sub("", source[inner:close])
    spare = body.count("{") - body.count("}")
    closers = end - close - max(spare, 0)
    if closers == count or (count == 3 and closers == 3):
        return Found("braces", start, end)
    if closers > count:
        # `{"a":{{ x }}}` closes an object of JSON or CSS behind the tag.
        outer = source.rfind("{", max(0, start - 400), start) > source.rfind("}", max(0, start - 400), start)
        return Found(
            "braces", start, close + count + max(spare, 0) if outer else end, "" if outer else "brace_too_many"
        )
    if count == 3 and closers == 2:
        return Found("braces", start, end, "brace_too_many_open")
    return Found("braces", start, end, "brace_missing")


def _unclosed_braces(source: str, start: int, inner: int) -> Found | None:
    if attribute := _ATTRIBUTE_AHEAD.match(source, inner):
        # `{{${first_name} | default: 'you'}`: the braces of the attribute are closed, those of the tag are not.
        closed = source.startswith("}", attribute.end())
        return Found("braces", start, attribute.end() + closed, "brace_missing" if closed else "never_closed")
    ahead = _NAME_AHEAD.match(source, inner)
    if ahead is None:
        return None
    line = _REST_OF_LINE.match(source, inner)
    end = line.end() if line else ahead.end()
    nearby = source[end : end + 3]
    if nearby.startswith("}"):
        return Found("braces", start, end + 1, "one_close")
    if nearby[:1] == "%" or source[inner:end].rstrip().endswith("%"):
        return Found("braces", start, end, "mixed_delimiters")
    return Found("braces", start, ahead.end(), "never_closed")


def _statement(source: str, start: int, inner: int) -> Found | None:
    if source[inner : inner + 1] in ("\n", "\r", "}", ""):
        wrapped = _WRAPPED_STATEMENT.match(source, inner, start + OUTPUT_LIMIT * 2)
        blank = wrapped and _BLANK_LINE.search(source, wrapped.end(1), wrapped.end())
        return Found("statement", start, wrapped.end()) if wrapped and not blank else None
    whole = _WHOLE_STATEMENT.match(source, start, start + OUTPUT_LIMIT * 2)
    if whole and not _BLANK_LINE.search(whole[0]):
        return Found("statement", start, whole.end())
    close = _until(source, "%}", inner, OUTPUT_LIMIT * 2, ("{%",))
    if close >= 0 and not _BLANK_LINE.search(source, inner, close):
        return Found("statement", start, close + 2)
    ahead = re.compile(r"[-+~]?\s*(?:[#/=]?\s*[A-Za-z_]\w*)[^{}%<>\r\n]{0,120}").match(source, inner)
    if ahead is None:
        return None
    end = ahead.end()
    if source.startswith("}}", end):
        return Found("statement", start, end + 2, "mixed_delimiters")
    if source[end : end + 1] in ("}", "%"):
        return Found("statement", start, end + 1, "one_close_statement")
    keyword = _KEYWORD_AHEAD.match(source, inner)
    return Found("statement", start, keyword.end() if keyword else end, "never_closed")


def _hash_comment(source: str, start: int, inner: int) -> Found | None:
    close = _until(source, "#}", inner, BLOCK_LIMIT)
    if close < 0 and _NOTE_AHEAD.match(source, inner):
        return Found("hash_comment", start, inner, "comment_open")
    # `{#id` and `{#fff` are CSS; a template comment has a space, and CSS has none before `#}`.
    if close < 0 or source[inner : inner + 1] not in (" ", "-", "\n", "\r", "\t"):
        return None
    return Found("hash_comment", start, close + 2)


def _erb(source: str, start: int, inner: int) -> Found | None:
    if source.startswith(("%%[", "%%="), start + 1):
        # `<%%[ … ]%%>`: AMPscript between angle brackets that are no part of it.
        inside = _ampscript(source, start + 1, start + 4)
        if inside is not None and not inside.broken:
            return inside
    close = _until(source, "%>", inner, BLOCK_LIMIT, ("<%",))
    if close >= 0:
        return Found("erb", start, close + 2)
    ahead = _CODE_AHEAD.match(source, inner)
    if ahead is None:
        return None
    closed = _ERB_BY_ANGLE.match(source, inner)
    return Found("erb", start, closed.end() if closed else ahead.end(), "never_closed")


def _ampscript(source: str, start: int, inner: int) -> Found | None:
    kind = source[start + 2]
    if kind == "{":
        close = _until(source, "}%%", inner, 200)
        return Found("percent_brace", start, close + 3) if close >= 0 else None
    closer = "]%%" if kind == "[" else "=%%"
    rivals = ("%%[", "%%=") if kind == "[" else ("%%=", "%%[", "<")
    family = "ampscript_block" if kind == "[" else "ampscript"
    close = _until(source, closer, inner, BLOCK_LIMIT if kind == "[" else OUTPUT_LIMIT, rivals)
    if kind == "=" and close < 0:
        close = _until(source, closer, inner, OUTPUT_LIMIT, ("%%=", "%%["))
    if close >= 0:
        return Found(family, start, close + 3)
    if kind == "=" and not re.match(r"\s*[A-Za-z_]\w*\s*\(", source[inner : inner + 80]):
        return None
    if kind == "[":
        return Found(family, start, inner, "ampscript_open")
    line = _REST_OF_AMPSCRIPT.match(source, inner)
    end = line.end() if line else inner
    while source.startswith("%", end):
        end += 1
    return Found(family, start, end, "ampscript_equals")


def _php(source: str, start: int, inner: int) -> Found | None:
    close = source.find("?>", inner)
    return Found("php", start, close + 2 if close >= 0 else len(source))


def _blade(source: str, start: int, inner: int) -> Found | None:
    close = _until(source, "!!}", inner, OUTPUT_LIMIT, ("{!!",))
    if close >= 0:
        return Found("blade_raw", start, close + 3)
    return Found("blade_raw", start, inner, "never_closed") if _NAME_AHEAD.match(source, inner) else None


def _bracket_percent(source: str, start: int, inner: int) -> Found | None:
    close = _until(source, "%]", inner, 400, ("[%",))
    return Found("bracket_percent", start, close + 2) if close >= 0 else None


def _freemarker(source: str, start: int, _inner: int) -> Found | None:
    if source.startswith("<#--", start):
        close = source.find("-->", start)
        return Found("hash_comment", start, close + 3 if close >= 0 else len(source))
    if source.startswith("<#noparse>", start) and (close := source.find("</#noparse>", start)) >= 0:
        return Found("hash_comment", start, close + 11)
    match = _FREEMARKER.match(source, start)
    return Found("freemarker", start, match.end()) if match else None


_FREEMARKER = re.compile(
    r"</?(?:#(?:if|elseif|else|list|items|sep|assign|global|local|switch|case|default|macro|function|data|filter|fields"
    r"|include|import|break|return|skip|abort|setting|noparse|compress|escape|noescape|attempt|recover|nested|t|lt|rt|ftl)\b"
    r"|@[A-Za-z](?![\w.\-]*[,@:]))(?:[^<>\"']++|\"[^\"]{0,2000}+\"|'[^']{0,2000}+')*+>"
)

_HANDLERS = {
    "{{": _braces,
    "{%": _statement,
    "{#": _hash_comment,
    "<%": _erb,
    "%%": _ampscript,
    "<?": _php,
    "{!": _blade,
    "[%": _bracket_percent,
    "<": _freemarker,
}
