"""Stretches whose tags the sending service lets alone: printed as they stand, or filled in by the mail client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from mailcheck.content.lazily import lazy
from mailcheck.content.tags import Tag

_RAW = (
    ("endraw", lazy(r"\{%-?\s*raw\b[^%]{0,20}%\}"), lazy(r"\{%-?\s*endraw\b")),
    ("endverbatim", lazy(r"\{%-?\s*verbatim\b[^%]{0,60}%\}"), lazy(r"\{%-?\s*endverbatim\b")),
    ("endcomment", lazy(r"\{%-?\s*comment\b[^%]{0,60}%\}"), lazy(r"\{%-?\s*endcomment\b")),
    ("{/literal}", lazy(r"\{literal\}"), lazy(r"\{/literal\}")),
    ("@endverbatim", lazy(r"@verbatim\b"), lazy(r"@endverbatim\b")),
)
_AMP = lazy(
    r"<(template|script)\b[^<>]{0,200}\bamp-mustache\b[^<>]{0,200}>(.*?)</\1\s*>", 18
)  # 18: IGNORECASE | DOTALL


def without_shown(source: str, tags: list[Tag]) -> list[Tag]:
    """The tags, with those marked as quoted that the template prints as they stand, less those that AMP fills in."""
    raw, amp = list(_raw(source)), list(_amp(source))
    if "{{=" in source:
        tags = [replace(tag, family="braces") if _is_in(tag, _redelimited(source)) else tag for tag in tags]
    if not raw and not amp:
        return tags
    kept = [tag for tag in tags if not (tag.family == "braces" and _is_in(tag, amp))]
    return [replace(tag, place=replace(tag.place, quoted=True)) if _is_in(tag, raw) else tag for tag in kept]


def _is_in(tag: Tag, regions: Iterable[tuple[int, int]]) -> bool:
    return any(start <= tag.span.start < end for start, end in regions)


def _raw(source: str) -> Iterator[tuple[int, int]]:
    for hint, opener, closer in _RAW:
        if hint not in source:
            continue
        opened = opener.search(source)
        while opened is not None:
            closed = closer.search(source, opened.end())
            if closed is None:
                break
            yield opened.end(), closed.start()
            opened = opener.search(source, closed.end())


_SET_DELIMITERS = lazy(r"\{\{=\s*(\S{1,10})\s+(\S{1,10})\s*=\}\}")


def _redelimited(source: str) -> list[tuple[int, int]]:
    """Behind Mustache's `{{=<% %>=}}`, tags have the delimiters that it names."""
    match = _SET_DELIMITERS.search(source)
    return [(match.end(), len(source))] if match else []


def _amp(source: str) -> Iterator[tuple[int, int]]:
    """AMP's Mustache templates, which the mail client fills in."""
    if "amp-mustache" in source:
        yield from (match.span(2) for match in _AMP.finditer(source))
