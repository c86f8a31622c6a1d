"""Blocks that are words behind a sign: Velocity's `#if(…) … #end`, Blade's `@if (…) … @endif`.

A word alone proves nothing (`#end` may be a hashtag, `@empty` a handle), so they count only in a text that
opens a block with a condition on a variable: `#if($`, `@foreach ($`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailcheck.content.lazily import lazy
from mailcheck.content.pairs import Found

_LONGEST = 2_000
_SYNTAXES = (
    (
        "velocity_block",
        "#",
        lazy(r"#\{?(?:if|elseif|foreach|set)\}?\s?\(\s*!?\s*\(?\s*\$"),
        lazy(r"#(?:\{(else|end)\}|(if|elseif|foreach|macro|set|define)(?=\s?\()|(else|end)(?!\w))"),
        frozenset({"if", "elseif", "foreach", "macro", "set", "define"}),
    ),
    (
        "blade_block",
        "@",
        lazy(r"@(?<![\w@.]@)(?:if|elseif|foreach|forelse|unless|isset|empty|while|switch)\s?\(\s*!?\s*\(?\s*(?:\$|count\(|isset\()"),
        lazy(
            r"@(?<![\w@.]@)(?:(if|elseif|foreach|forelse|for|unless|isset|empty|while|switch)(?=\s?\()"
            r"|(else|empty|end(?:if|foreach|forelse|for|unless|isset|empty|while|switch))(?!\w|\())"
        ),
        frozenset({"if", "elseif", "foreach", "forelse", "for", "unless", "isset", "empty", "while", "switch"}),
    ),
)  # fmt: skip
_PIECE = lazy(r"\"[^\"\r\n]*+\"|'[^'\r\n]*+'|[()]")


def scan_words(source: str) -> Iterator[tuple[Found, str]]:
    """`(found, inner)` for every part of such a block."""
    for family, sign, telling, pattern, called in _SYNTAXES:
        if sign not in source or not telling.search(source):
            continue
        for match in pattern.finditer(source):
            if sign == "#" and "##" in source[source.rfind("\n", 0, match.start()) + 1 : match.start() + 2]:
                continue  # a comment
            word = next(group for group in match.groups() if group is not None)
            calls = word in called and source[match.end() : match.end() + 2].lstrip().startswith("(")
            end = _behind_arguments(source, match) if calls else match.end()
            if end:
                yield Found(family, match.start(), end), word + source[match.end() : end]


def _behind_arguments(source: str, match: re.Match[str]) -> int:
    """Where the parentheses behind a keyword end, or 0 when they do not."""
    depth = 0
    for piece in _PIECE.finditer(source, match.end(), match.end() + _LONGEST):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if depth == 0:
            return piece.end()
    return 0
