"""What is written between the delimiters: keyword or field, name, fallback."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.tags import Kind


class Parsed(Struct, frozen=True):
    """The reading of one tag. `condition` is what a block asks for."""

    kind: Kind
    name: str
    default: str | None = None
    condition: str = ""


_QUOTED = r"(?:\"([^\"]*)\"|'([^']*)'|\\?&quot;(.*?)&quot;|[‘’‚“”„]([^‘’“”]*)[’”“]|([^|}\]%)]*))"
_DEFAULTS = (
    lazy(r"\|\s*(?:default|default_if_none|fallback|e?if_?null)\s*[:(]?\s*" + _QUOTED),
    lazy(r"\bdefault\s*=\s*" + _QUOTED),
    lazy(r"[,\s]\s*fallback\s*=\s*" + _QUOTED),
    lazy(r"(?:\?\?|\|\||\?:|\bor\b|!(?==?[\"'(]|[\"'(]))\s*" + _QUOTED),
    lazy(r":default(?:value)?:\s*" + _QUOTED),
)
_CALLED_DEFAULT = lazy(
    r"(?:insert|defaultIfEmpty|default|or|personalization_token|CONTACT|coalesce|IIF|NULLVALUE|firstNonEmpty)\b[\s(]"
    r"[^\"']*(?:[\"'][^\"']*[\"'][^\"']*)?[\"'](?:default=)?([^\"']*)[\"']\s*\)?",
    re.IGNORECASE,
)
_NAME = lazy(r"[$@.&]*\s*\{?\s*\$?\{?\s*([^\W\d][\w.\-]*(?:\[[\w'\"]+\])?(?:[ ][\w\-]+){0,3}|\d+)")
# What stands without quotes behind a filter or an operator of these is no text: `default: name`, `?? name`.
_NAMED_DEFAULT = lazy(
    r"(?:\|\s*(?:default|default_if_none|fallback|e?if_?null)\s*[:(]?|\?\?|\|\||\?:|\bor\b|!)\s*([A-Za-z_][\w.]*)\s*(?=[|})\s]|\Z)"
)
_NOTHING = frozenset({"nil", "null", "none", "None", "undefined"})
_CODE_FAMILIES = frozenset({"braces", "dollar_brace", "blade_raw", "erb"})
_DOLLAR_BRACES = lazy(r"\$\{([^{}]*)\}")
_STATEMENT = lazy(r"[-+~]?\s*([=#/@]?)\s*([A-Za-z_][\w\-]*)(.*)", re.DOTALL)
_GO = frozenset({"if", "range", "with", "define", "block"})
_MIDDLE = frozenset({"else", "elif", "elsif", "elseif", "elseunless", "when", "empty", "foreachelse", "plural"})


@lru_cache(maxsize=16384)
def parse(family: str, inner: str) -> Parsed:
    """Read the inner text of a tag of a family."""
    reader = _READERS.get(family)
    return reader(inner) if reader else _output(inner)


def default_of(inner: str) -> str | None:
    """The fallback text of an output tag, or `None`."""
    for pattern in _DEFAULTS:
        if match := pattern.search(inner):
            said = next((group for group in match.groups() if group is not None), "").strip()
            return "" if said in _NOTHING and names_its_default("braces", inner, said) else said
    if match := _CALLED_DEFAULT.search(inner):
        return match[1]
    return None


def names_its_default(family: str, inner: str, default: str) -> bool:
    """Whether the fallback of a tag is another variable, or a constant such as `nil`, and not a text that is printed."""
    return family in _CODE_FAMILIES and any(match[1] == default for match in _NAMED_DEFAULT.finditer(inner))


def _output(inner: str) -> Parsed:
    plain = _DOLLAR_BRACES.sub(r"\1", inner).replace("->", ".") if "${" in inner or "->" in inner else inner
    match = _NAME.match(plain.strip().lstrip("{"))
    name = match[1].strip() if match else ""
    call = re.match(r"[\w.]+\s*\(\s*[\"']([\w. ]+)[\"']", inner.strip())
    helper = re.match(r"(?:insert|default|defaultIfEmpty|or)\s+([.\w]+)", inner.strip())
    if call:
        name = call[1]
    elif helper:
        name = helper[1].lstrip(".")
    elif default_of(inner) is not None:
        name = re.split(r"\s+or\b", name)[0]
    return Parsed("field" if name else "other", name, default_of(inner))


def _braces(inner: str) -> Parsed:
    if inner.startswith("--") or inner.lstrip("{").startswith("!") or inner.strip("{}- ").startswith("/*"):
        return Parsed("comment", "")
    text = inner.strip().strip("{}~-").strip()
    if text.startswith("!"):
        return Parsed("comment", "")
    if not text:
        return Parsed("other", "")
    if text[:1] in ("#", "^"):
        body = text[1:].lstrip("#*>= ").strip()
        word = re.match(r"[\w.@/\-$:\[\]]*", body)
        name = word[0] if word else ""
        return Parsed("open" if name else "middle", name, condition=body)
    if text[:1] == "/":
        return Parsed("close", text[1:].strip())
    if text[:1] in ">=&*%" or text[:1] == "@":
        return _output(text[1:]) if text[:1] == "&" else Parsed("other", text[:1])
    return _go_or_output(text)


def _go_or_output(text: str) -> Parsed:
    word = text.split(None, 1)[0] if text else ""
    if word == "else" or word.upper() in ("ELSE", "ELSEIF"):
        return Parsed("middle", "else")
    if word in ("end", "ENDIF"):
        return Parsed("close", word)
    if word == "IF" or (word in _GO and re.match(r"\w+\s+[\w.$(\"!]", text)):
        return Parsed("open", word, condition=text)
    if word in ("template", "include", "set", "mj"):
        return Parsed("other", word)
    named = re.match(r"(?:var|data|mj|segmentation|personalizationResult)[: ]\s*([\w.\- ]+)(?::(.*))?", text)
    if named:
        fallback = named[2].strip().strip("\"'‘’“”") if named[2] is not None else None
        return Parsed("field", named[1].strip(), fallback)
    listed = re.match(r"([\w ]+),\s*([\w ]+)\Z", text) or re.match(r"([\w.]+)\s\|\s(there|friend|you)\Z", text)
    if listed:
        return Parsed("field", listed[1].strip(), listed[2].strip())
    return _output(text)


def _statement(inner: str) -> Parsed:
    text = inner.strip().strip("-+~").strip()
    match = _STATEMENT.match(text)
    if not match:
        return Parsed("other", "")
    sigil, word, rest = match.groups()
    if text[:2] == "# ":
        return Parsed("comment", "")
    if sigil == "=":
        return _output(word + rest)
    if sigil == "/":
        return Parsed("close", word)
    if word in _MIDDLE:
        return Parsed("middle", word, condition=rest)
    if word.startswith("end") and word != "end":
        return Parsed("close", word.removeprefix("end").lstrip("_"))
    if word == "end" and not rest.strip("-+~ "):
        return Parsed("close", "")
    return Parsed("open" if sigil == "#" or opens(word, rest) else "other", word, condition=rest)


_ALWAYS_OPEN = frozenset(
    {
        "if", "unless", "for", "foreach", "case", "switch", "capture", "comment", "raw", "verbatim", "tablerow", "autoescape",
        "filter", "spaceless", "macro", "call", "blocktrans", "blocktranslate", "ifchanged", "ifequal", "ifnotequal", "while",
        "paginate", "asyncEach", "asyncAll", "schema", "stylesheet", "javascript", "embed", "sandbox", "apply", "with", "language", "localize", "section",
    }
)  # fmt: skip
SOMETIMES_OPEN = {"set": "=", "block": "'\"", "trans": "'\"", "translate": "'\"", "form": "'\""}


def opens(word: str, rest: str) -> bool:
    """Whether a statement keyword begins a block that must be closed."""
    if word in _ALWAYS_OPEN:
        return True
    marks = SOMETIMES_OPEN.get(word)
    if marks is None:
        return False
    if word == "block":
        return not rest.split()[1:] or set(rest.split()[1:]) <= {"scoped", "required"}
    if word in ("trans", "translate"):
        # Django's inline form begins with the text; Jinja's block form may hold quoted arguments.
        return rest.strip()[:1] not in ("'", '"', "_")
    return not any(mark in rest for mark in marks)


def _star_pipe(inner: str) -> Parsed:
    upper = inner.strip().upper()
    head, _, rest = inner.strip().partition(":")
    head = head.upper()
    if head in ("IF", "IFNOT", "INTERESTED", "NOTINTERESTED"):
        return Parsed("open", "IF" if head.startswith("IF") else head, condition=rest)
    if head in ("ELSEIF", "ELSE"):
        return Parsed("middle", head, condition=rest)
    if head == "END":
        return Parsed("close", rest.upper() or "IF")
    field, _, fallback = inner.partition("|")
    return Parsed("field", field.strip() if upper else "", fallback or None)


def _ampscript(inner: str) -> Parsed:
    match = re.match(
        r"\s*(?:v|Lookup|ProperCase|TreatAsContent|AttributeValue)\s*\(\s*[@\"']?(\w+)", inner, re.IGNORECASE
    )
    fallback = "" if re.search(r"\b(?:IIF|EMPTY|IsNull)\b", inner, re.IGNORECASE) else None
    return Parsed("field" if match else "other", match[1] if match else "", fallback)


def _smarty_block(inner: str) -> Parsed:
    text = inner.strip()
    word = re.match(r"/?(\w+)", text)
    name = word[1] if word else ""
    if text.startswith("/"):
        return Parsed("close", name)
    if name in ("else", "elseif", "foreachelse"):
        return Parsed("middle", name, condition=text)
    return Parsed("open", name, condition=text)


def _freemarker(inner: str) -> Parsed:
    match = re.match(r"(/?)([#@][\w.]+)(.*)", inner.strip(), re.DOTALL)
    if not match:
        return Parsed("other", "")
    closing, word, rest = match.groups()
    word = word.lstrip("#")
    if closing:
        return Parsed("close", word)
    if word in ("else", "elseif", "case", "default"):
        return Parsed("middle", word, condition=rest)
    if word in ("assign", "global", "local"):
        return Parsed("other" if "=" in rest else "open", word, condition=rest)
    opening = word in (
        "sep",
        "if",
        "list",
        "switch",
        "macro",
        "function",
        "data",
        "noparse",
        "compress",
        "escape",
        "attempt",
        "items",
    )
    return Parsed("open" if opening and not rest.rstrip().endswith("/") else "other", word, condition=rest)


def _percent_if(inner: str) -> Parsed:
    if inner == "/IF":
        return Parsed("close", "IF")
    if inner.startswith("IF"):
        return Parsed("open", "IF", condition=inner)
    return Parsed("middle", "ELSE", condition=inner)


def _bracket_block(inner: str) -> Parsed:
    word = re.match(r"\w+", inner)
    if word and word[0] == "endif":
        return Parsed("close", "if")
    return Parsed("open" if inner.startswith("if") else "middle", "if", condition=inner)


def _bracket2(inner: str) -> Parsed:
    if re.match(r"IF:|ELSE\Z|ENDIF\Z", inner):
        kind: Kind = "open" if inner.startswith("IF:") else "close" if inner == "ENDIF" else "middle"
        return Parsed(kind, "IF", condition=inner)
    contact = re.match(r"(?:CONTACT|ACCOUNT|MAILING)\|([^|]+)(?:\|(.*))?", inner)
    if contact:
        return Parsed("field", contact[1], contact[2])
    return _go_or_output(inner.strip())


def _bracket1(inner: str) -> Parsed:
    head = re.split(r"[,/%|]|:filter:", inner, maxsplit=1)
    fallback = default_of(inner)
    if fallback is None and len(head) > 1:
        fallback = head[1].strip("% ")
    return Parsed("field", head[0].strip(), fallback)


def _plain(inner: str) -> Parsed:
    name, bar, fallback = inner.partition("|")
    name, comma, second = name.partition(",")
    return Parsed("field", name.strip(), fallback if bar else second.strip().strip('"') if comma else default_of(inner))


def _velocity_block(inner: str) -> Parsed:
    word, rest = _keyword(inner)
    if word == "end":
        return Parsed("close", "")
    if word in ("else", "elseif"):
        return Parsed("middle", word, condition=rest)
    return Parsed("open" if word in ("if", "foreach", "macro", "define") else "other", word, condition=rest)


def _blade_block(inner: str) -> Parsed:
    word, rest = _keyword(inner)
    if word.startswith("end"):
        return Parsed("close", word.removeprefix("end"))
    if word in ("else", "elseif") or (word == "empty" and not rest):
        return Parsed("middle", word, condition=rest)
    return Parsed("open", word, condition=rest)


def _keyword(inner: str) -> tuple[str, str]:
    word = re.match(r"\w+", inner)
    return (word[0], inner[word.end() :]) if word else ("", inner)


def _nothing(_inner: str) -> Parsed:
    return Parsed("other", "")


def _comment(_inner: str) -> Parsed:
    return Parsed("comment", "")


def _erb(inner: str) -> Parsed:
    return _output(inner.lstrip("=-# ")) if inner[:1] in ("=", "-") else _nothing(inner)


_READERS: dict[str, Callable[[str], Parsed]] = {
    "braces": _braces,
    "statement": _statement,
    "bracket_percent": _statement,
    "star_pipe": _star_pipe,
    "ampscript": _ampscript,
    "ampscript_block": _nothing,
    "smarty_block": _smarty_block,
    "freemarker": _freemarker,
    "percent_if": _percent_if,
    "bracket_block": _bracket_block,
    "bracket2": _bracket2,
    "bracket1": _bracket1,
    "brace1": _plain,
    "zoho": _plain,
    "percent_brace": _plain,
    "velocity_block": _velocity_block,
    "blade_block": _blade_block,
    "hash_comment": _comment,
    "php": _nothing,
    "erb": _erb,
}
