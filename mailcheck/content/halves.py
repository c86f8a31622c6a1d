"""Halves: delimiters that do not match, around names that nobody writes in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort, squeeze, technical_tokens
from mailcheck.content.pairs import Found

IsField = Callable[[str], bool]
"""Whether a name is that of a field."""

_STAR_HALVES = (
    (lazy(r"\*\|([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\*(?!\|)"), "*|{}|*"),
    (lazy(r"(?<![|*\w])\*([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\|\*"), "*|{}|*"),
    (lazy(r"\*\|([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\|(?!\*)(?![ \u00a0]{1,3}\*)(?=[\s,.!?<\"'/&)]|\Z)"), "*|{}|*"),
    (lazy(r"(?<!\*)(?<![^|]\*[ \u00a0])\|([A-Z][A-Z0-9_]{1,40}(?::[\w ]{1,40})?)\|\*"), "*|{}|*"),
    (lazy(r"\*\|([A-Z][A-Z0-9_]{1,40})(?![\w|:*])"), "*|{}|*"),
    (lazy(r"\*\|\|([A-Z][A-Z0-9_]{1,40})\|\|\*"), "*|{}|*"),
    (lazy(r"\*\\\|([A-Z][A-Z0-9_]{1,40})\\\|\*"), "*|{}|*"),
    (lazy(r"(?<!\|)\*\*\|([A-Z][A-Z0-9_]{1,40})\|\*\*(?!\|)"), "*|{}|*"),
    (lazy(r"(?<![*|])\|\*([A-Z][A-Z0-9_]{1,40})\*\|(?![*|])"), "*|{}|*"),
)
_LOOK_ALIKE = lazy("\\*[\u00a6\u01c0\u2223\uff5c]([A-Za-z][\\w:]{1,40})[\u00a6\u01c0\u2223\uff5c|]\\*")
_LETTER_BARS = lazy(r"(?<![\w*])\*[lI1]([A-Z][A-Z_]{2,40})[lI1]\*(?![\w*])")
_PERCENT_HALVES = (
    (lazy(r"%%(?<!%%%)([A-Za-z_][\w ]{1,40}?)%(?![%\w])"), "%%{}%%"),
    (lazy(r"%(?<![%\w]%)([A-Za-z_][\w ]{1,40}?)%%(?!%)"), "%%{}%%"),
    (lazy(r"%%(?<!%%%)([A-Za-z_]\w{1,40})(?![\w%:.\-]| %)"), "%%{}%%"),
)
_SINGLE_AND_DOUBLE = lazy(
    r"%(?<![\w%]%)([A-Z][A-Z0-9_]{2,40})%%(?![\w%])|%%(?<!%%%)(?<!\w%%)([A-Z][A-Z0-9_]{2,40})%(?![\w%])"
)
_AMP_CALL = lazy(r"%%(v\(@\w{1,40}\))=?%%|(?<!%)%=([A-Za-z_]\w*\([^%\r\n<>]{1,200})=%%")
_ZOHO_HALVES = lazy(r"\$\[([A-Z][A-Z0-9_:]{1,40})\](?!\$)|(?<!\$)\[([A-Z][A-Z0-9_]{1,40})\]\$(?![\w\[])")
_DOLLAR_HALVES = lazy(r"\$[ ]\{([A-Za-z_][\w.]{1,60})\}|(?<!\$)\$\{([A-Za-z_][\w.]{1,60})(?=[\s,!<\"]|$)")
_DOLLAR_OPEN = lazy(r"(?<![$`])\$\{[A-Za-z_][^{}\r\n<>]{0,100}(?=[<\r\n]|\Z)")
_SMARTY_HALVES = lazy(
    r"(?<![\w$])\{[ ]\$([A-Za-z_][\w.]{1,40})[ ]?\}|(?<![\w$])\{\$([A-Za-z_]\w{1,40})(?=[\s,.!?)<]|\Z)(?![^{}\r\n]{0,100}\})"
)
_SMARTY_OPEN = lazy(
    r"(?<![\w$])\{\$[A-Za-z_][\w.]{1,60}(?=[ \t]*[<\r\n]|[ \t]+\{|\Z)"
    r"|(?<![\w$])\{\$[A-Za-z_][\w.]{1,60}\s?\|\s?default(?:\([^(){}<>\r\n]{0,40}\)|:\s?(?:\"[^\"{}<>\r\n]{0,40}\"|'[^'{}<>\r\n]{0,40}'))(?!\s?[}|])|(?<![{\w$>.])\$[A-Za-z_][\w.]{0,60}(?:\|[\w.:]{1,40}){0,2}\}(?!\})"
)
_SMARTY_DEFAULT = lazy(r"\{\$([A-Za-z_][\w.]{0,40})\s+default\s*=\s*[\"']([^\"'{}]{0,60})[\"']\}")
_BRACKET_HALVES = lazy(r"(?<!\[)\[\[([A-Za-z_][\w.|\-]{1,40})\](?!\])|(?<!\[)\[([A-Za-z_][\w.\-]{1,40})\]\](?!\])")
_FALLBACK_FORM = lazy(r"\[([A-Za-z]\w{1,40})\s+fallback\s*=\s*([^\[\]\r\n]{0,60})\]")
_MARKETO_DEFAULT = lazy(r"\{\{((?:lead|company|my)\.[\w ]{1,40})=([^{}\r\n]{0,60})\}\}")
_HASH_HALVES = lazy(r"(?<![#\w])##([A-Za-z_]\w{1,40})#(?![#\w])|(?<![#\w&])#([A-Za-z_]\w{1,40})##(?!#)")


def halves(
    source: str, is_field: IsField, *, percent: bool = True, single: bool = False
) -> Iterator[tuple[Found, str]]:
    """Halves of the families that are told by their delimiters, and forms that are nearly right."""
    if "*" in source and ("|" in source or "\u00a6" in source or "\u01c0" in source or "*l" in source):
        yield from _star_halves(source, is_field)
    if "%%" in source and percent:
        yield from _lexicon_halves(_PERCENT_HALVES, source, "percent2", is_field)
        for match in _AMP_CALL.finditer(source):
            yield Found("ampscript", match.start(), match.end(), "ampscript_equals"), f"%%={match[1] or match[2]}=%%"
    if single and "%%" in source:
        for match in _SINGLE_AND_DOUBLE.finditer(source):
            name = match[1] or match[2]
            yield Found("percent1", match.start(), match.end(), "half"), f"%{name}%"
    if "$[" in source or "]$" in source:
        for match in _ZOHO_HALVES.finditer(source):
            name = match[1] or match[2]
            if is_field(name) or name.startswith("LI:") or name in ("FNAME", "LNAME", "EMAIL"):
                yield Found("zoho", match.start(), match.end(), "half"), f"$[{name}]$"
    yield from _named_halves(source, is_field)
    yield from _brace_halves(source)


def _star_halves(source: str, is_field: IsField) -> Iterator[tuple[Found, str]]:
    for number, (pattern, form) in enumerate(_STAR_HALVES):
        for match in pattern.finditer(source):
            if number in (3, 4, 8) and not (_star_known(match[1]) or is_field(match[1])):
                continue
            code = "doubled" if number in (5, 7) else "half"
            yield Found("star_pipe", match.start(), match.end(), code), form.format(match[1])
    for match in _LOOK_ALIKE.finditer(source):
        yield Found("star_pipe", match.start(), match.end(), "look_alike"), f"*|{match[1]}|*"
    for match in _LETTER_BARS.finditer(source):
        if _star_known(match[1]):
            yield Found("star_pipe", match.start(), match.end(), "look_alike"), f"*|{match[1]}|*"


def _star_known(name: str) -> bool:
    system = ("UNSUB", "ARCHIVE", "UPDATE_PROFILE", "EMAIL", "NAME", "CURRENT_YEAR", "FORWARD")
    return (
        field_sort(name) == "technical"
        or name in system
        or ":" in name
        or name.startswith(("LIST", "MC", "IF", "END", "MERGE"))
    )


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


_CONTACTFIELD = lazy(
    r"\{\s?((?:contact|owner|lead|form)field|pagelink|assetlink|dynamiccontent)(?:\s+=\s*|\s*=\s+)([\w.|\" ]{1,60}?)\s?\}"
)
_PERCENT_BRACE = lazy(
    r"(?<!%)(%{0,2})\{([a-z]+_[a-z_]+(?:,\s?[\"'‘’“”][^\"'‘’“”{}\r\n]{0,60}[\"'‘’“”])?)\}(%{0,2})(?!%)"
)


_CALL_IN_BRACES = lazy(
    r"(?<![\w$#{\\%])\{([A-Za-z_]\w*(?:\.\w+)*\([^(){}\r\n]{0,120}\)(?:[?!][^{}\r\n]{0,40})?|[A-Za-z]\w*(?:\.\w+)+|[A-Za-z]\w*\[\d+\])\}(?!\})"
)


_BANG_HALVES = lazy(r"\{ !([A-Za-z_][\w.]{2,60})\}|(?<![\w{$])\{!([A-Za-z_][\w.]{2,60})(?![\w.}]|[^{}<>\r\n]{0,80}\})")
_SINGLE_BRACES = lazy(
    r"(?<![\w$#{\\%])\{\s?((?:lead|contact|customer|person|subscriber|profile|company|recipient|member)\.\w[\w ]{0,60}"
    r"(?::default=[^{}<>\r\n]{0,40}|\s?\|[^{}<>\r\n]{1,60})?)\}(?!\})"
)


def lost_bangs(source: str) -> Iterator[tuple[Found, str]]:
    """`{!firstname`, `{ !firstname}`: where `{!…}` is spoken, any name behind it was meant as a tag."""
    for match in _BANG_HALVES.finditer(source) if "!" in source else ():
        yield Found("brace_bang", match.start(), match.end(), "half"), f"{{!{match[1] or match[2]}}}"


def lost_braces(source: str) -> Iterator[tuple[Found, str]]:
    """`{contact.name}`: where `{{ … }}` is spoken, a brace of each pair has been lost."""
    for match in _SINGLE_BRACES.finditer(source) if "{" in source else ():
        yield Found("braces", match.start(), match.end(), "half"), f"{{{{{match[1]}}}}}"


def lost_dollars(source: str) -> Iterator[tuple[Found, str]]:
    """`{msg("x")}`, `{user.name}`: where `${…}` is spoken, the sign has been lost."""
    for match in _CALL_IN_BRACES.finditer(source) if "{" in source else ():
        yield Found("dollar_brace", match.start(), match.end(), "half"), f"${match[0]}"


def _brace_halves(source: str) -> Iterator[tuple[Found, str]]:
    """Ghost's `%%{first_name}%%` with signs lost, Mautic's `{contactfield=x}` with spaces."""
    if "%{" in source or "}%" in source:
        for match in _PERCENT_BRACE.finditer(source):
            if len(match[1]) + len(match[3]) == 3 or {match[1], match[3]} == {"%%", ""}:
                yield Found("percent_brace", match.start(), match.end(), "half"), f"%%{{{match[2]}}}%%"
    if "{" in source and ("field" in source or "link" in source or "dynamiccontent" in source) and "=" in source:
        for match in _CONTACTFIELD.finditer(source):
            yield Found("brace1", match.start(), match.end(), "padded"), f"{{{match[1]}={match[2]}}}"


def _named_halves(source: str, is_field: IsField) -> Iterator[tuple[Found, str]]:
    for hint, pattern, family, form, code in _NAMED:
        if hint not in source:
            continue
        for match in pattern.finditer(source):
            name = match[1] or match[2]
            if is_field(name) or "unsub" in name.lower() or (hint in ("{$", "{ $") and field_sort(name) is not None):
                yield Found(family, match.start(), match.end(), code), form.format(name)
    if "${" in source:
        for match in _DOLLAR_OPEN.finditer(source):
            yield Found("dollar_brace", match.start(), match.end(), "never_closed"), ""
    for match in _SMARTY_OPEN.finditer(source) if "$" in source else ():
        line = source[max(0, match.start() - 300) : match.start()]
        if line.rfind("{") > line.rfind("}"):
            continue
        yield (
            Found("smarty", match.start(), match.end(), "never_closed" if match[0].startswith("{") else "half"),
            f"{{{match[0].strip('{}')}}}",
        )
    if "{$" in source and "default" in source:
        for match in _SMARTY_DEFAULT.finditer(source):
            yield Found("smarty", match.start(), match.end(), "default_form"), f"{{${match[1]}|default:'{match[2]}'}}"
    if "fallback" in source:
        for match in _FALLBACK_FORM.finditer(source):
            yield Found("bracket1", match.start(), match.end(), "default_form"), f"[{match[1]},fallback={match[2]}]"
    if "{{" in source and "=" in source:
        for match in _MARKETO_DEFAULT.finditer(source):
            yield Found("braces", match.start(), match.end(), "default_form"), f"{{{{{match[1]}:default={match[2]}}}}}"


_DELIMITERS = "{}[]%*|@#$~«»¦"
_OPENERS = lazy(r"[{\[%*|@#$~«¦<!]{1,3}(?:[ \u00a0]|&nbsp;)?$")
_CLOSERS = lazy(r"[ \u00a0]?[}\]%*|@#$~»¦>]{1,3}")
_PAIRS_OF_TEXT = {
    ("*", "*"),
    ("|", "|"),
    ("[", "]"),
    ("{", "}"),
    ("<", ">"),
    ("@", ""),
    ("#", ""),
    ("$", ""),
    ("*", ""),
    ("|", ""),
}
_FREE_BEFORE = lazy(r"(?:\A|[\s\"'(=]|(?<!-)>|&nbsp;)\Z")
_FREE_BEHIND = lazy(r"\Z|[\s,.!?;\"')<&]")
_FALLBACK_BEHIND = lazy(r"[,;]\s?fallback=[^\[\]<>\r\n,]{0,40}\]?")
_WORDISH = lazy(r"[\w]")
_PREFIXES = frozenset({"recipient", "contactfield", "ownerfield", "leadfield", "subscriber", "contact", "action"})
_PREFIXED = lazy(
    rf"(?<![\w.\-/@])(?:{'|'.join(sorted(_PREFIXES))}|Contact)[.:=]"
    r"(?:first_?name|last_?name|firstname|FirstName|LastName|email|Email|fname|name|first|last|unsubscribe\w*|optOut\w*)(?![\w.@])"
)
_FIELD_TOKEN = lazy(r"(?:contact|owner|lead)field=\w{2,40}(?![\w.@])")
_TOKEN = lazy(r"[\w\-]{4,40}+")


def near_names(
    source: str, names: frozenset[str], families: frozenset[str] = frozenset()
) -> Iterator[tuple[Found, str]]:
    """Technical field names with delimiters on either side that make no tag; `families` are those of the declared dialect."""
    hashes = "hash1" in families
    lowered = source.casefold()
    if len(lowered) != len(source):
        lowered = source.lower()
        if len(lowered) != len(source):
            return
    tokens = set(_TOKEN.findall(lowered))
    words = technical_tokens() & tokens
    if names:
        words |= {token for token in tokens if "_" in token and squeeze(token) in names}
    for match in () if tokens.isdisjoint(_PREFIXES) else _PREFIXED.finditer(source):
        found = _near_name(source, match.start(), match.end(), hashes=hashes)
        if found is not None:
            yield found
    for match in _FIELD_TOKEN.finditer(source) if "field=" in source else ():
        found = _near_name(source, match.start(), match.end(), hashes=hashes)
        if found is not None:
            yield found
    for word in words:
        position = lowered.find(word)
        while position >= 0:
            found = _near_name(source, position, position + len(word), hashes=hashes)
            if found is not None:
                yield found
            position = lowered.find(word, position + len(word))


def _near_name(source: str, start: int, end: int, *, hashes: bool) -> tuple[Found, str] | None:
    before, behind = source[max(0, start - 9) : start], source[end : end + 4]
    left, right = _OPENERS.search(before), _CLOSERS.match(behind)
    if left is None and (right is None or not _FREE_BEFORE.search(before)):
        return None
    if right is None and (left is None or not _FREE_BEHIND.match(behind)):
        return None
    opener, closer = left[0] if left else "", right[0] if right else ""
    first = max(0, start - 9) + left.start() if left else start
    outside = source[first - 1 : first]
    if (
        _WORDISH.match(outside)
        or outside == "/"
        or (outside == "=" and "$" in opener)
        or (outside == "&" and opener.startswith("#"))
    ):
        return None
    last = end + (len(closer) if right else 0)
    bare = opener.replace("&nbsp;", "").strip("\u00a0 ")
    sides = (bare, closer.strip("\u00a0 "))
    if not _is_half(*sides, source[start:end]) and not (hashes and sides in (("#", ""), ("", "#"))):
        return None
    if bare == "[" and not right and (fallback := _FALLBACK_BEHIND.match(source, end)):
        last = fallback.end()
    return Found("half", first, last, "half"), ""


_BALANCED = {
    "{": "}",
    "[": "]",
    "%": "%",
    "@": "@",
    "#": "#",
    "$": "$",
    "~": "~",
    "«": "»",
    "<": ">",
    "*": "*",
    "|": "|",
}


def _mirror(opener: str) -> str:
    return "".join(_BALANCED.get(character, character) for character in reversed(opener))


def _is_half(opener: str, closer: str, name: str) -> bool:
    """Whether delimiters around a technical name were meant as a tag but make none."""
    if "!" in opener and opener != "{!":
        return False
    if not opener and closer in ("]", "}", "%", "]]", "}}", "%%", "|*", "]$", "=%%", "@", "##", "~", "!}"):
        return closer != "@" or name.isupper()
    if not closer and opener in ("{", "[", "{{", "[[", "%", "%%", "*|", "{$", "${", "$[", "{!", "@", "##", "«", "~"):
        return opener not in ("%", "@") or name.isupper() or "." in name
    if not opener or not closer:
        return False
    if (opener, closer) in (("|", "|"), ("*", "*")):
        return name.isupper()
    if _mirror(opener[-len(closer) :]) == closer or closer[: len(opener)] == _mirror(opener):
        # A pair that fits stands inside: `[{name}` is a bracket before a tag.
        return False
    mirrored = _mirror(opener)
    if mirrored == closer or opener in ("|", "*", "#", "@", "$", "<") or closer in ("|", "*", "#", ">"):
        return mirrored != closer and not (
            opener in ("|", "*", "#", "@", "$", "<") and closer in ("|", "*", "#", ">", "%")
        )
    return True
