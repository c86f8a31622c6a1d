"""Slips in the syntax of one service: forms that look right, and that this service reads differently or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from mailcheck.content.dialects import JOIN, Dialect
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import person_sort
from mailcheck.content.tags import Tag

Meant = Callable[[re.Match[str]], str]
_LIQUID = ("liquid", "customerio", "kit", "drip", "braze", "keila", "bento", "ortto")
_DJANGO = ("django", "klaviyo", "jinja2", "bloomreach", "hubspot", "brevo", "ometria")


def _write(form: str) -> Meant:
    return lambda match: match.expand(form)


_SLIPS: tuple[tuple[tuple[str, ...], str, re.Pattern[str], Meant], ...] = (
    (("klaviyo",), "wrong_form", lazy(r"\{\{\s*(unsubscribe_link|manage_preferences_link|web_view_link)\s*\}\}"), _write(r"{% \1 %}")),
    (("customerio",), "wrong_form", lazy(r"\{\{\s*(unsubscribe_url|view_in_browser_url)\s*\}\}"), _write(r"{% \1 %}")),
    (("iterable",), "wrong_form", lazy(r"\{\{\s*(?!unsubscribeUrl)(?i:unsubscribeurl)\s*\}\}"), _write("{{unsubscribeUrl}}")),
    (("postmark",), "wrong_form", lazy(r"\{\{\s*(pm:unsubscribe)\s*\}\}(?!\})"), _write(r"{{{ \1 }}}")),
    (("postmark",), "wrong_form", lazy(r"\{\{\s*/(\w+)\s+\}\}|\{\{\s+/(\w+)\s*\}\}"), lambda match: f"{{{{/{match[1] or match[2]}}}}}"),
    (("mailjet",), "wrong_form", lazy(r"\{\{\s*(var|data)(?:\s+:\s*|\s*:\s+)(\w+)\s*\}\}"), _write(r"{{\1:\2}}")),
    (("mailjet",), "wrong_form", lazy(r"\[\[\s*(var|data)(?:\s+:\s*|\s*:\s+)(\w+)\s*\]\]"), _write(r"[[\1:\2]]")),
    (("brevo",), "wrong_form", lazy(r"\{\{\s*unsubscribe_(?:url|link)\s*\}\}"), _write("{{ unsubscribe }}")),
    (("hubspot",), "token_filter", lazy(r"\{\{\s*(contact\.\w+)\s*\|\s*default\s*[(:]\s*([\"'][^\"']*[\"'])\s*\)?\s*\}\}"),
     _write(r"{{ personalization_token('\1', \2) }}")),
    (("hubspot",), "wrong_form", lazy(r"\{\{\s*contact\.(first|last)_name\s*\}\}"), _write(r"{{ contact.\1name }}")),
    (("sfmc",), "wrong_form", lazy(r"%%(?i:Member_Address)%%"), _write("%%Member_Addr%%")),
    (("pardot-hml",), "wrong_form", lazy(r"\{\{\{\s*((?:Recipient|Sender)\.\w+)\s*\}\}\}"), _write(r"{{\1}}")),
    (("marketo",), "wrong_form", lazy(r"\{\{lead\.(First|Last|Middle|Full)Name((?::default=[^{}]*)?)\}\}"), _write(r"{{lead.\1 Name\2}}")),
    (("emarsys",), "wrong_form", lazy(r"\{\{\s*contact\.(?:firstname|first_name|firstName)\b([^{}]*)\}\}"), _write(r"{{ contact.1\1}}")),
    (("emarsys",), "wrong_form", lazy(r"\{\{\s*contact\.(?:lastname|last_name|lastName)\b([^{}]*)\}\}"), _write(r"{{ contact.2\1}}")),
    (("emarsys",), "wrong_form", lazy(r"\{\{\s*contact\.(?:email|e_mail)\b([^{}]*)\}\}"), _write(r"{{ contact.3\1}}")),
    (("mailerlite",), "default_form", lazy(r"\{\$(\w+)\s*\|\s*default\(\s*([^\"'()]{1,60})\)\}"), _write(r"{$\1|default('\2')}")),
    (("listmonk",), "wrong_form", lazy(r"\{\{(-?\s*)((?:Subscriber|Campaign|Tx)\.[\w.]+)([^{}]*)\}\}"), _write(r"{{\1.\2\3}}")),
    (("listmonk",), "wrong_form", lazy(r"\{\{\s*\.(UnsubscribeURL|MessageURL|TrackView)\s*\}\}"), _write(r"{{ \1 }}")),
    (("mautic",), "space_in_name", lazy(r"\{(contactfield|leadfield)=(\w+)[ ](\w+)\}"), _write(r"{\1=\2\3}")),
    (("ghost",), "wrong_form", lazy(r"\{(?i:firstname)\}"), _write("{first_name}")),
    (_LIQUID, "wrong_form", lazy(r"\{%(-?)\s*(?:elseif|elif|else if)\b((?:[^{}]|\$\{[^{}]*\})*)%\}"), _write(r"{%\1 elsif\2%}")),
    (_DJANGO, "wrong_form", lazy(r"\{%(-?)\s*(?:elseif|elsif|else if)\b([^{}]*)%\}"), _write(r"{%\1 elif\2%}")),
    (("twig", "emarsys"), "wrong_form", lazy(r"\{%(-?)\s*(?:elsif|elif|else if)\b([^{}]*)%\}"), _write(r"{%\1 elseif\2%}")),
)  # fmt: skip
"""Dialects, code of the breakage, the whole tag as it is slipped, and how it was meant."""
_BARE = lazy(r"\{\{\s*([a-z_]+)\s*(\|[^{}]*)?\}\}")


@cache
def _of(dialect: Dialect) -> tuple[tuple[str, re.Pattern[str], Meant], ...]:
    return tuple((code, pattern, meant) for ids, code, pattern, meant in _SLIPS if dialect.id in ids)


def slip(tag: Tag, dialect: Dialect, local: frozenset[str]) -> tuple[str, str] | None:
    """Code and form as meant of a slip, or `None`; `local` are the names that the template itself gives values to."""
    if JOIN in dialect.id:
        return None
    for code, pattern, meant in _of(dialect):
        if match := pattern.fullmatch(tag.text):
            return code, meant(match)
    bare = _BARE.fullmatch(tag.text) if dialect.id == "braze" and not tag.scoped else None
    if bare is None or bare[1] in local or person_sort(bare[1]) not in ("first", "other"):
        return None
    return "wrong_form", f"{{{{ ${{{bare[1]}}} {bare[2] or ''}}}}}"
