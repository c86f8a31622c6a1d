"""How tags break: what each fault is called, and how it is told to people."""

from __future__ import annotations

import re
import unicodedata

from mailcheck.content.lazily import lazy
from mailcheck.content.tags import Breakage

MESSAGES: dict[str, str] = {
    "one_close": "The tag {tag} is closed with one brace instead of two; write {{{{ … }}}}.",
    "one_open": "The tag {tag} is opened with one brace but closed with two; write {{{{ … }}}}.",
    "one_open_erb": "The tag {tag} has lost the < of its opening <%.",
    "brace_missing": "The tag {tag} has fewer closing than opening braces; balance them.",
    "brace_too_many": "The tag {tag} has more closing than opening braces; balance them.",
    "brace_too_many_open": "The tag {tag} is opened with three braces but closed with two; balance them.",
    "one_close_statement": "The tag {tag} is not closed properly; a statement ends with %}}.",
    "mixed_delimiters": "The tag {tag} opens and closes with different delimiters; use the same pair.",
    "never_closed": "The tag {tag} is never closed; add its closing delimiter.",
    "comment_open": "The comment {tag} is never closed; everything behind it may vanish or show.",
    "ampscript_open": "The AMPscript block {tag} is never closed; end it with ]%%.",
    "ampscript_equals": "The inline AMPscript {tag} must end with =%%.",
    "ampscript_close": "The closing ]%% has no %%[ before it; remove it or open the block.",
    "stray_angles": "The angle brackets around the AMPscript block {tag} are no part of it, so recipients read <>; take them out.",
    "half": "{tag} is half a merge tag: its delimiters do not match, so it is mailed as it stands; write {meant}.",
    "spaced": "There is a space between the delimiters of {tag}; write {meant}.",
    "look_alike": "{tag} uses a look-alike of the vertical bar; write {meant}.",
    "full_width": "{tag} is written with full-width characters; write {meant}.",
    "escaped": "The delimiters of {tag} are HTML entities, so readers see the tag as text; write {meant}.",
    "url_encoded": "The tag in this link is URL-encoded ({tag}); write {meant}.",
    "double_encoded": "The tag in this link is URL-encoded twice ({tag}); write {meant}.",
    "curly_quotes": "{tag} holds typographic quotes, which the service does not understand; use straight quotes.",
    "nbsp": "{tag} holds a non-breaking space; use a plain one.",
    "zero_width": "{tag} holds an invisible character; type the tag again.",
    "markup": "There is HTML markup inside the tag {tag}, so it is not recognised; take the markup out.",
    "line_break": "A line break splits the tag {tag}; write it on one line.",
    "case": "{tag} must be written in capitals: {meant}.",
    "scheme_glued": "{tag} already gives a whole link, so the address before it breaks it; put the tag alone.",
    "quotes_in_attribute": "The double quotes inside {tag} end the HTML attribute in editors and previews; use single quotes inside.",
    "default_form": "The fallback of {tag} is not written the way {dialect} reads it; write {meant}.",
    "dummy_default": "The fallback of {tag} is itself a placeholder; recipients without a value will read it.",
    "space_in_name": "The name in {tag} holds a space, which {dialect} does not allow; use an underscore.",
    "anchor_in_href": "{tag} prints a whole link, so it must not stand inside an attribute; use the tag for the address alone.",
    "url_as_text": "{tag} prints a bare address, and here it stands in the text; put it into the href of a link.",
    "block_open": "The block {tag} is never closed; add {meant}.",
    "block_close": "{tag} closes a block that was never opened; remove it, or open the block.",
    "block_order": "{tag} closes the wrong block: {meant} must be closed first.",
    "block_middle": "{tag} stands outside any block; it belongs between an if and its end.",
    "block_crosses": "The block {tag} holds only one half of a {meant} whose other half stands outside of it, so the layout "
    "breaks when the condition does not hold; put both inside, or both outside.",
    "parameter_glued": "{tag} gives a whole link, which may hold a ? already; begin what you add with & instead.",
    "in_comment": "{dialect} runs {tag} although it stands in an HTML comment, and mails what comes out; delete the comment.",
    "wrong_form": "{tag} is not how {dialect} writes it; write {meant}.",
    "token_filter": "{dialect} does not apply filters to {tag} in e-mail; write {meant}.",
    "then_missing": "The {tag} has no THEN behind its condition; AMPscript wants IF … THEN.",
    "padded": "There are spaces between the delimiters and the name in {tag}; write {meant}.",
    "empty": "The tag {tag} is empty; put a field in it, or remove it.",
    "quote_open": "A quote inside {tag} is never closed, so the fallback cannot be read; close it with the same quote.",
    "doubled": "{tag} has its delimiters doubled; write {meant}.",
    "foreign_syntax": "{tag} is not written the way {dialect} reads it.",
}


def shorten(text: str, length: int = 60) -> str:
    """A tag as it is quoted in a message."""
    folded = " ".join(text.split())
    return folded if len(folded) <= length else f"{folded[: length - 1]}…"


def breakage(code: str, tag: str, *, meant: str | None = None, dialect: str = "your service") -> Breakage:
    """The fault `code` of a tag, told to people."""
    said = MESSAGES[code].format(
        tag=shorten(tag), meant=meant or "it with its proper delimiters", dialect=dialect.partition(" (")[0]
    )
    return Breakage(code, said, meant)


_CURLY = lazy("[\u2018\u2019\u201a\u201c\u201d\u201e\u2032\u2033\u00ab\u00bb]")
# `[the “Company”]`: in brackets, and with nothing of a tag about it, quotes are quotes.
_QUOTED_WORDS = lazy(r"\[[^\[\],=|:]*[\w.] [‘“„«][^\[\],=|:]*\]")
_NBSP = lazy("[\u00a0\u202f\u2007]|&nbsp;|&#160;|&#x0*a0;|&#8239;", re.IGNORECASE)
_ZERO_WIDTH = lazy(
    "[\u200b-\u200d\u2060\ufeff\u00ad]|&zwnj;|&zwj;|&shy;|&#820[345];|&#x200[bcd];|&#173;", re.IGNORECASE
)
_MARKUP = lazy(r"</?[a-zA-Z][a-zA-Z0-9:]*(?:\s[^<>]*+)?/?>")
_STRINGS = lazy(r"\"[^\"\r\n]*+\"|'[^'\r\n]*+'")
_SOFT_BREAK = lazy(r"\w=\r?\n\w")
_FALLBACK_TEXT = lazy(r"(?:default|fallback)[^\"'\r\n]{0,12}(?:\"[^\"\r\n]*+\"|'[^'\r\n]*+')")
_LONE_QUOTE = lazy(r"(?:default|fallback)[^\"']{0,20}[\"']")
_SPLIT_NAME = lazy(r"\w_\r?\n[ \t]*\w|\w\r?\n[ \t]*_\w")
# Tags that hold code of their own, where quotes, markup and line breaks are at home.
_CODE = frozenset({"erb", "ampscript", "php", "ampscript_block", "hash_comment", "freemarker", "blade_raw"})


def inner_fault(family: str, text: str) -> str:
    """The code of what is wrong inside a tag that is closed well, or an empty string."""
    if family in ("own_shape", "element", "angle_path"):
        return "markup" if text.startswith("[") and _MARKUP.search(text) else ""
    if family in _CODE:
        return _code_fault(text)
    # A fallback is text that readers see: an emoji or a soft hyphen is at home in it.
    told = _FALLBACK_TEXT.sub("", text)
    if _ZERO_WIDTH.search(told):
        return "zero_width"
    if _NBSP.search(told):
        return "nbsp"
    bare = _STRINGS.sub("", text)
    if _CURLY.search(bare) and family != "guillemets" and not (family == "bracket1" and _QUOTED_WORDS.match(text)):
        return "curly_quotes"
    if _MARKUP.search(bare):
        return "markup"
    if _LONE_QUOTE.search(bare):
        return "quote_open"
    if _SOFT_BREAK.search(text) or _SPLIT_NAME.search(text):
        return "line_break"
    return ""


_AMP_COMMENT = lazy(r"/\*.*?\*/", re.DOTALL)
_INLINE = lazy(r"</?(?:span|b|i|u|em|strong|font|o:p|br|a|small)(?:\s[^<>]*+)?/?>")


def _code_fault(text: str) -> str:
    """What is wrong in a tag that holds program code: only what no program can hold outside its strings."""
    bare = _STRINGS.sub("", text)
    if "\n" in text:
        return "curly_quotes" if text.startswith("%%") and _CURLY.search(_AMP_COMMENT.sub("", bare)) else ""
    if _ZERO_WIDTH.search(bare):
        return "zero_width"
    if "&nbsp;" in bare:
        return "nbsp"
    if _INLINE.search(bare):
        return "markup"
    return "curly_quotes" if text.startswith("%%") and _CURLY.search(bare) else ""


_TO_PLAIN = str.maketrans(
    dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
    | dict.fromkeys("\u00a0\u202f\u2007", " ")
    | dict.fromkeys("\u2018\u2019\u201a\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
    | dict.fromkeys("\u00a6\u01c0", "|")
)


def plain(text: str) -> str:
    """A tag as it was meant: ASCII delimiters, straight quotes, plain spaces, nothing invisible, no markup."""
    import html

    bare = _MARKUP.sub("", html.unescape(text))
    return " ".join(unicodedata.normalize("NFKC", bare.translate(_TO_PLAIN)).split())
