"""Whose tags they are: the declared dialect's, or the one that the tags themselves tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from msgspec.structs import replace

from mailcheck.campaign import Part
from mailcheck.content.dialects import JOIN, NO_TAGS, Dialect, Dialects
from mailcheck.content.guards import assigned_names
from mailcheck.content.lazily import lazy
from mailcheck.content.stretches import Stretch
from mailcheck.content.tags import Tag, Tags
from mailcheck.content.tagscan import Vocabulary, scan

_BRIDGES = frozenset({"mandrill", "spreadsheet-merge-addons", "mjml", "none"})


def settle(tags: Sequence[Tag], dialects: Dialects, declared: str | None, texts: Iterable[str]) -> Tags:
    """The tags with `own` set, and the dialect.

    Args:
        tags: every tag of the message.
        declared: id of the dialect that somebody named, or `None`.
        texts: the texts of the message, for fingerprints.
    """
    dialect = dialects.get(declared)
    names = local_names(tags)
    if dialect is not None:
        return Tags(_claim(tags, dialect), dialect, declared=True, local_names=names)
    # Tags shown on purpose, weak tags and broken ones say nothing about the sending service.
    telling = [
        tag for tag in tags if tag.strong and not tag.breakage and not tag.place.quoted and tag.kind != "comment"
    ]
    if not telling:
        return Tags(tuple(tags), candidates=_of_brackets(tags, dialects, texts), local_names=names)
    owners = [dialects.owners(" ".join(tag.text.split())) for tag in telling]
    if len({tag.family for tag in telling}) > 1:
        # A service that speaks two syntaxes explains a mix only when something else speaks for it too.
        owners = [owner - _BRIDGES for owner in owners]
    fitting = frozenset.intersection(*owners)
    joined = "\n".join(texts)
    if fitting:
        scores = _fingerprints(joined, tags, dialects, fitting) if len(fitting) > 1 else {}
        winner = _winner(fitting, scores, dialects)
        chosen = dialects.get(winner)
        items = _claim(tags, chosen) if chosen else tuple(tags)
        return Tags(items, chosen, candidates=_ranked(fitting, scores, dialects), local_names=names)
    scores = _fingerprints(joined, tags, dialects, frozenset(dialects.by_id))
    return _divided(tags, telling, owners, scores, dialects, names)


def _of_brackets(tags: Sequence[Tag], dialects: Dialects, texts: Iterable[str]) -> tuple[str, ...]:
    """The dialects, when several, that could fill in the brackets in the addresses of a mail without other tags."""
    owners = [dialects.owners(tag.text) for tag in tags if tag.is_in_brackets]
    fitting = frozenset.intersection(*owners) if owners else frozenset()
    if len(fitting) < 2:
        return ()
    return _ranked(fitting, _fingerprints("\n".join(texts), tags, dialects, fitting), dialects)


def _divided(
    tags: Sequence[Tag],
    telling: Sequence[Tag],
    owners: Sequence[frozenset[str]],
    scores: dict[str, int],
    dialects: Dialects,
    names: frozenset[str],
) -> Tags:
    """No dialect fills in all: the one that fills in most, and the tags that are strange to it."""
    families = _families(dialects)
    alike = Counter((tag.family, owner) for tag, owner in zip(telling, owners, strict=True))
    counts = {
        name: sum(times for (family, owner), times in alike.items() if family in owned or name in owner)
        for name, owned in families.items()
    }
    best = max(counts, key=lambda name: (counts[name], scores.get(name, 0), dialects.by_id[name].confirmed))
    dialect = dialects.by_id[best]
    strangers = tuple(
        tag
        for tag, owner in zip(telling, owners, strict=True)
        if tag.family not in families[best] and best not in owner
    )
    top = [name for name in counts if counts[name] == counts[best]]
    known = dialect if len(top) == 1 or scores.get(best, 0) > 0 else None
    items = _claim(tags, known) if known else tuple(tags)
    return Tags(
        items, known, candidates=_ranked(frozenset(top), scores, dialects), strangers=strangers, local_names=names
    )


def _claim(tags: Sequence[Tag], dialect: Dialect | None) -> tuple[Tag, ...]:
    if dialect is None or dialect.id == NO_TAGS:
        return tuple(tags)
    if dialect.id == "mjml":
        # MJML is markup for whatever service comes behind it; it says nothing about tags.
        return tuple(replace(tag, own=True) for tag in tags)
    families = families_of(dialect)
    return tuple(
        replace(tag, own=True) if tag.family in families or dialect.owns(" ".join(tag.text.split())) else tag
        for tag in tags
    )


_ALSO = {
    "statement": ("hash_comment",),
    "smarty": ("smarty_block",),
    "ampscript": ("ampscript_block",),
    "ampscript_block": ("ampscript",),
}
_ENGINES = {
    "laravel-blade": ("blade_raw", "php", "dollar_word"),
    "mautic": ("braces", "statement", "hash_comment"),
    "civimail": ("smarty", "smarty_block"),
    "sfmc": ("percent2", "ampscript", "ampscript_block"),
    "adobe-campaign": ("erb",),
    "sailthru": ("brace1", "smarty_block"),
    "twig": ("hash_comment",),
    "aweber": ("brace_bang",),
    "mandrill": ("braces", "star_pipe"),
    "code-format-strings": ("brace1",),
}


@lru_cache(maxsize=8)
def _families(dialects: Dialects) -> dict[str, frozenset[str]]:
    return {name: families_of(dialect) for name, dialect in dialects.by_id.items() if name not in _BRIDGES}


@cache
def families_of(dialect: Dialect) -> frozenset[str]:
    """The families of tags that a dialect uses, as its own examples show."""
    examples = (*dialect.fields, *dialect.defaults, *dialect.blocks, *dialect.comments, *dialect.unsubscribe)
    examples = (*examples, *dialect.view_online, *dialect.address, *dialect.preferences, *dialect.system)
    from mailcheck.content.dialects import builtin

    vocabulary = Vocabulary(builtin())
    found = {tag.family for example in examples for tag in scan(Stretch(Part("text", example)), vocabulary)}
    for family in tuple(found):
        found.update(_ALSO.get(family, ()))
    for part in dialect.id.split(JOIN):
        found.update(_ENGINES.get(part, ()))
    return frozenset(found)


def _fingerprints(joined: str, tags: Sequence[Tag], dialects: Dialects, names: frozenset[str]) -> dict[str, int]:
    """How many marks of each of these dialects the message carries; its own links count double."""
    scores = Counter(owner for tag in tags for _, owner in tag.purposes for _ in range(2) if owner in names)
    scores.update(dialects.fingerprints_in(joined, names))
    return dict(scores)


def _winner(fitting: frozenset[str], scores: dict[str, int], dialects: Dialects) -> str | None:
    """The only dialect that fits, or the only one with the most fingerprints."""
    if len(fitting) == 1:
        return next(iter(fitting))
    ranked = _ranked(fitting, scores, dialects)
    best = scores.get(ranked[0], 0)
    if best and (len(ranked) == 1 or scores.get(ranked[1], 0) < best):
        return ranked[0]
    return None


def _ranked(names: frozenset[str], scores: dict[str, int], dialects: Dialects) -> tuple[str, ...]:
    def key(name: str) -> tuple[int, bool, bool, str]:
        dialect = dialects.by_id[name]
        return (-scores.get(name, 0), dialect.kind == "esp-tail", not dialect.confirmed, name)

    return tuple(sorted(names, key=key))


_ASSIGNED = (
    lazy(r"\s*-?\s*(?:assign|set|capture|let)\s+([A-Za-z_]\w*)"),
    lazy(r"\s*-?\s*(?:for|foreach|tablerow)\s+(?:\(?\s*)?\$?([A-Za-z_]\w*)(?:\s*,\s*([A-Za-z_]\w*))?\s+in\b"),
    lazy(r".*\bas\s+\|?\s*\$?([A-Za-z_]\w*)(?:\s+(?:=>\s*\$?)?([A-Za-z_]\w*))?\s*\|?"),
    lazy(r"\s*-?\s*with\s+([A-Za-z_]\w*)\s*="),
    lazy(r"\s*-?\s*\$([A-Za-z_]\w*)\s*:?="),
    lazy(r"\s*#?(?:assign|global|local)\s+([A-Za-z_]\w*)\s*="),
    lazy(r"(?:set|foreach)\s?\(\s*\$!?\{?([A-Za-z_]\w*)"),
)


_ASSIGNING = frozenset({"statement", "braces", "bracket_percent", "smarty_block", "freemarker", "velocity_block"})


def local_names(tags: Iterable[Tag]) -> frozenset[str]:
    """Names that the template itself gives values to."""
    names: set[str] = set()
    for tag in tags:
        if tag.family in _ASSIGNING and (tag.kind != "field" or ":=" in tag.inner):
            for pattern in _ASSIGNED:
                if match := pattern.match(tag.inner):
                    names.update(name for name in match.groups() if name)
        elif tag.family == "ampscript_block":
            names.update(re.findall(r"@(\w+)", tag.inner))
        elif tag.family == "erb" and tag.kind != "field":
            names.update(assigned_names(tag))
    return frozenset(names)
