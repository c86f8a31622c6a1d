"""Whether there is anything in an HTML text that a reader could see."""

from __future__ import annotations

import re

from mailcheck.campaign import Fault, Part
from mailcheck.content.natural import FILLS_SOMETHING

_HIDING = "|".join(
    rf"<{name}\b(?:[^<]++|<(?!/{name}\b))*+(?:</{name}\b[^>]*+>|\Z)"
    for name in ("style", "script", "title", "noembed", "iframe")
)
# What shows nothing by itself; a tag that is not in this list, and any character of text, may show something.
_BLANK = re.compile(
    rf"""(?: [\s\u200b-\u200f\u2060\ufeff\u00ad]++
    | &(?:nbsp|zwnj|zwj|ensp|emsp|thinsp|shy|\#160|\#8203|\#xa0|\#x200b|\#173);
    | <!--(?:[^-]++|-(?!->))*+(?:-->|\Z)
    | <!(?!--)[^>]*+(?:>|\Z)
    | {_HIDING}
    | </?(?:html|head|body|table|tbody|thead|tfoot|tr|td|th|div|p|span|center|br|meta|link|font|a|b|i|u|em|strong|small
      |h[1-6]|ul|ol|li|section|article|header|footer|main)\b(?:[^>"']++|"[^"]*+"|'[^']*+')*+>
    )*+""",
    re.VERBOSE | re.IGNORECASE,
)
_PICTURE = re.compile(r"\bbackground\b|\burl\s*\(", re.IGNORECASE)
_WHOLE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_OF_A_PARTIAL = re.compile(r"<(?:style|script|title|xml)\b|<!--\[if|\{\{|\{%|<%|%%|\*\|", re.IGNORECASE)


def blank_html(part: Part, *, partial: bool = False) -> Fault | None:
    """That an HTML text shows a reader nothing: it is empty, or all of it is comments and empty elements.

    Args:
        partial: the text may be a piece of a template, such as its styles, which shows nothing by itself.
    """
    if partial and _OF_A_PARTIAL.search(part.text) and not _WHOLE.search(part.text):
        return None
    end = _BLANK.match(part.text)
    if end is None or end.end() < len(part.text) or _PICTURE.search(part.text) or FILLS_SOMETHING.search(part.text):
        return None
    message = "The HTML has no text and no image that a reader could see, so nothing was checked; write the mail."
    return Fault("unreadable", message, part.span)
