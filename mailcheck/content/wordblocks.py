"""Blocks that are words behind a sign: Velocity's `#if(…) … #end`, Blade's `@if (…) … @endif`.

A word alone proves nothing (`#end` may be a hashtag, `@empty` a handle), so they count only in a text that
opens a block with a condition on a variable: `#if($`, `@foreach ($`.
"""

from __future__ import annotations

from collections.abc import Iterator

from mailcheck.content.lazily import lazy
from mailcheck.content.pairs import Found

_ARGUMENTS = r"\((?:[^()\r\n]++|\((?:[^()\r\n]++|\([^()\r\n]*+\))*+\))*+\)"
_SYNTAXES = (
    (
        "velocity_block",
        "#",
        lazy(r"#\{?(?:if|elseif|foreach|set)\}?\s?\(\s*!?\s*\(?\s*\$"),
        lazy(rf"#\{{?(?P<word>if|elseif|foreach|macro|set|define)\}}?\s?(?P<rest>{_ARGUMENTS})|#(?:\{{(?P<braced>else|end)\}}|(?P<bare>else|end)\b)"),
    ),
    (
        "blade_block",
        "@",
        lazy(r"(?<![\w@.])@(?:if|elseif|foreach|forelse|unless|isset|empty|while|switch)\s?\(\s*!?\s*\(?\s*(?:\$|count\(|isset\()"),
        lazy(
            r"(?<![\w@.])@(?:(?P<word>if|elseif|foreach|forelse|for|unless|isset|empty|while|switch)\s?"
            rf"(?P<rest>{_ARGUMENTS})|(?P<bare>else|empty|end(?:if|foreach|forelse|for|unless|isset|empty|while|switch))\b(?!\())"
        ),
    ),
)  # fmt: skip


def scan_words(source: str) -> Iterator[tuple[Found, str]]:
    """`(found, inner)` for every part of such a block."""
    for family, sign, telling, pattern in _SYNTAXES:
        if sign not in source or not telling.search(source):
            continue
        for match in pattern.finditer(source):
            groups = match.groupdict()
            inner = f"{groups['word']}{groups['rest']}" if groups["word"] else groups.get("braced") or groups["bare"]
            yield Found(family, match.start(), match.end()), inner
