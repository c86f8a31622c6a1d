"""Finds every merge tag of a part: the well-formed ones and the broken ones."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.campaign import Span
from mailcheck.content import blockpairs, codeblocks
from mailcheck.content.breakage import breakage, inner_fault, plain
from mailcheck.content.broken import scan_broken, scan_source
from mailcheck.content.crossings import crossings
from mailcheck.content.dialects import Dialect, Dialects, fold
from mailcheck.content.greeting import greets_before
from mailcheck.content.guards import with_guards
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort, squeeze
from mailcheck.content.pairs import Found, scan_pairs
from mailcheck.content.shapes import scan_families
from mailcheck.content.shown import without_shown
from mailcheck.content.slots import is_slot
from mailcheck.content.stretches import Stretch
from mailcheck.content.syntax import parse
from mailcheck.content.tags import VISIBLE, Place, Tag
from mailcheck.content.wordblocks import scan_words

STRONG_PAIRS = frozenset(
    {
        "braces",
        "statement",
        "erb",
        "ampscript",
        "ampscript_block",
        "percent_brace",
        "php",
        "blade_raw",
        "freemarker",
        "bracket_percent",
    }
)
_DELIMITERS = lazy(r"\A(?:\{\{\{*(?=!?--)|\{\{\{*[~-]?|\{%[-+]?|\{#|<%|%%\[|%%=|%%\{|<\?(?:php|=)|\{!!|\[%-?|<)")
_CLOSERS = lazy(r"(?:--\}\}|[~-]?\}\}\}*|[-+]?%\}|#\}|[-_]?%>|\]%%|=%%|\}%%|\?>|!!\}|-?%\]|>)\Z")


class Vocabulary(Struct, frozen=True):
    """What makes a weak tag certain: the dialects' own tags and the audience's fields."""

    dialects: Dialects
    fields: frozenset[str] = frozenset()
    declared: Dialect | None = None
    families: frozenset[str] = frozenset()
    rendered: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Squeezed names of the tags that services fill in themselves, and of the audience's fields."""
        return _system_names(self.dialects) | self.fields

    def knows(self, tag: str) -> bool:
        """Whether a tag, as written, is filled in by some service, or is a field of this audience or dialect."""
        label = self.declared is None and _LABEL.match(tag) is not None
        if (fold(tag) in self.dialects.known and not label) or (
            self.declared is not None and tag in self.declared.fields
        ):
            return True
        if self.rendered and (_LEFT_OVER.match(tag) or _is_braced_word(tag)):
            return True
        return bool(self.fields) and squeeze(tag.strip("{}[]%*|@#$~«»!<> ").partition("|")[0]) in self.fields


# `[Unsubscribe]` is how links are written in text; services write theirs in small or in capital letters.
_LABEL = lazy(r"\[[A-Z][a-z]+\]\Z")
_BRACED_WORD = lazy(r"(?:\{[A-Za-z_]+\}|\[\[[A-Za-z_]+\]\]|#[a-z_]+#|%[a-z_]+%)\Z")
# What nobody writes in a sentence: names with underscores in brackets or braces, numbers and paths in braces.
_LEFT_OVER = lazy(
    r"(?:\[[A-Z]+(?:_[A-Z0-9]+)+\]|\{\d{1,2}\}|\{[a-z]\w*(?:\.[A-Za-z]\w*)+\}|\{[a-z]+(?:_[a-z0-9]+)+\}|\{[a-z]{2,}(?:[A-Z][a-z0-9]+)+\}|#\{\w+\}|\$!?[A-Za-z]+\.[\w.]+)\Z"
)


def _is_braced_word(tag: str) -> bool:
    return _BRACED_WORD.match(tag) is not None and field_sort(tag.strip("{}[]#%")) is not None


@lru_cache(maxsize=8)
def _system_names(dialects: Dialects) -> frozenset[str]:
    bare = (tag.strip("{}[]%*|@#$~«»!<>= ") for tag in dialects.known)
    return frozenset(squeeze(name) for name in bare if "_" in name and name.replace("_", "").isalnum())


def scan(stretch: Stretch, vocabulary: Vocabulary) -> list[Tag]:
    """Every tag of a part, in order.

    Args:
        stretch: the part.
        vocabulary: names that make weak tags certain.
    """
    source = stretch.source
    pairs = list(scan_pairs(source))
    tags = [_pair_tag(stretch, found, vocabulary) for found in pairs]
    tags.extend(_family_tags(stretch, pairs, vocabulary))
    words = list(_word_blocks(stretch, vocabulary))
    tags.extend(words)
    tags.extend(tag for tag in _own_shapes(stretch, vocabulary) if not (words and "#" in tag.text[:2]))
    tags.extend(_elements(stretch, vocabulary))
    kept = without_shown(source, _without_overlaps([tag for tag in tags if tag is not None]))
    ordered = blockpairs.pair(_merge(kept, _broken(stretch, vocabulary, kept)))
    ordered = with_guards(source, ordered)
    damaged = {tag.span.start: tag for tag in codeblocks.faults(ordered)}
    ordered = [damaged.get(tag.span.start, tag) for tag in ordered] if damaged else ordered
    if stretch.markup is not None and any(tag.kind == "close" for tag in ordered):
        crossed = {tag.span.start: tag for tag in crossings(stretch.markup, ordered)}
        ordered = [crossed.get(tag.span.start, tag) for tag in ordered] if crossed else ordered
    blocks = [tag for tag in ordered if tag.family == "ampscript_block" and tag.breakage is None]
    if not blocks:
        return ordered
    return sorted((*ordered, *blockpairs.ampscript_faults(blocks)), key=lambda tag: tag.span.start)


def _family_tags(stretch: Stretch, pairs: list[Found], vocabulary: Vocabulary) -> Iterator[Tag]:
    """Tags of the one-pattern families: most in what is read, a few strong ones in styles and tags too."""
    starts, ends = [found.start for found in pairs], [found.end for found in pairs]

    def is_free(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index < 0 or offset >= ends[index]

    single = "percent1" in vocabulary.families and "percent2" not in vocabulary.families
    greets = greets_before if vocabulary.rendered else None
    spoken = vocabulary.families & _TELLING_WHEN_SPOKEN
    for found, inner, strong, certain in scan_families(stretch.text, vocabulary.knows, greets=greets):
        # `%A%%B%` are two tags where single signs are spoken.
        if single and found.family == "percent2" and stretch.text[found.start - 1 : found.start].isalnum():
            continue
        span = stretch.readable.span(found.start, found.end)
        sure = certain or (found.family in spoken and _WORD_ALONE.match(inner) is not None)
        sure = sure or is_slot(stretch, found, inner, vocabulary.families)
        if is_free(span.start):
            yield _tag(span, found, inner, stretch.place_here(found.start), vocabulary, strong=strong, certain=sure)
    if stretch.markup is None:
        return
    for found, inner, _, _ in scan_families(stretch.source, vocabulary.knows, only=_IN_CODE):
        if is_free(found.start):
            place = stretch.place(found.start)
            if place.kind in ("tag", "style", "conditional"):
                span = stretch.part.at(found.start, found.end)
                yield _tag(span, found, inner, place, vocabulary, strong=True, certain=True)


_TELLING_WHEN_SPOKEN = frozenset({"bracket2", "hash1"})
"""Weak families whose delimiters are a tag's where the declared dialect uses them."""
_WORD_ALONE = lazy(r"[A-Za-z][\w.:]*\Z")
_IN_CODE = frozenset({"star_pipe", "percent2", "smarty"})
"""One-pattern families that services also fill in within styles and between attributes."""


def _own_shapes(stretch: Stretch, vocabulary: Vocabulary) -> Iterator[Tag]:
    """Tags of the declared dialect whose shape no family covers, such as `VAR_FIRST_NAME`."""
    if vocabulary.declared is None or vocabulary.declared.id not in SHAPELESS:
        return
    for pattern in vocabulary.declared.compiled():
        for match in pattern.finditer(stretch.source):
            place, inner = stretch.place(match.start()), match[0].strip("!<>*-_~[]$ ")
            if match[0].startswith("</") or not (place.kind in VISIBLE or match[0].startswith("<")):
                continue
            # A word in brackets, or behind a dollar sign, is a tag only by its name.
            bare = match[0][0] in "[$" and "(" not in match[0] and "fallback" not in inner and "." not in inner
            certain = not bare or field_sort(inner) is not None or vocabulary.knows(match[0])
            found = Found("own_shape", match.start(), match.end())
            span = stretch.part.at(match.start(), match.end())
            yield _tag(span, found, inner, place, vocabulary, strong=False, certain=certain)


_ELOQUA = lazy(r"<span\s+class=[\"']?eloquaemail[\"']?\s*>[^<>]{0,80}</span>")
_ELEMENT = lazy(r"<(unsubscribe|webversion|preferences|forwardtoafriend|currentyear|currentmonthname)\b[^<>]{0,200}>")


def _elements(stretch: Stretch, vocabulary: Vocabulary) -> Iterator[Tag]:
    """Elements that Campaign Monitor and Sendy replace; where they are declared, `_own_shapes` finds them."""
    if stretch.markup is None or (vocabulary.declared is not None and vocabulary.declared.id in SHAPELESS):
        return
    for match in _ELEMENT.finditer(stretch.source):
        if stretch.place(match.start()).kind == "tag":
            found = Found("element", match.start(), match.end())
            span = stretch.part.at(match.start(), match.end())
            place = Place("tag", match[1])
            yield _tag(span, found, match[1], place, vocabulary, strong=True, certain=True)
    for match in _ELOQUA.finditer(stretch.source) if "eloquaemail" in stretch.source else ():
        span, found = stretch.part.at(match.start(), match.end()), Found("element", match.start(), match.end())
        yield _tag(span, found, "eloquaemail", Place("tag", "span"), vocabulary, strong=True, certain=True)


def _word_blocks(stretch: Stretch, vocabulary: Vocabulary) -> Iterator[Tag]:
    for found, inner in scan_words(stretch.source):
        place = stretch.place(found.start)
        if place.kind not in ("style", "script", "comment"):
            span = stretch.part.at(found.start, found.end)
            yield _tag(span, found, inner, place, vocabulary, strong=True, certain=True)


SHAPELESS = frozenset(
    {"e-goi", "icommkt", "mindbody", "listrak", "sendlane", "autopilot", "traction-next", "campaign-monitor", "sendy", "eloqua",
     "responsys", "velocity", "acoustic"}
)  # fmt: skip
"""Dialects with tags that look like nothing else: elements, bare words, addresses."""


def _pair_tag(stretch: Stretch, found: Found, vocabulary: Vocabulary) -> Tag | None:
    source, place = stretch.source, stretch.place(found.start)
    text = source[found.start : found.end]
    if source[found.start - 1 : found.start] in ("\\", "@") and found.family in ("braces", "blade_raw"):
        # Handlebars' and Blade's way to show braces on purpose.
        place = replace(place, quoted=True)
    if found.family == "braces" and not _is_braces_tag(source, found, text, place):
        return None
    if found.broken and place.kind not in VISIBLE and place.kind != "tag":
        return None
    opener = _DELIMITERS.match(text)
    inner = _CLOSERS.sub("", text[opener.end() :] if opener else text)
    span = stretch.part.at(found.start, found.end)
    return _tag(span, found, inner, place, vocabulary, strong=found.family in STRONG_PAIRS, certain=True)


_CODE_OBJECT = lazy(r"\{\{\s*[A-Za-z_\"'][\w\-\"']*\s*:\s*(?:['\"]?[\w#.%-]+['\"]?)\s*(?:,|\}\})")
_CODE_NUMBER = lazy(r"\{\{\s*[a-z][A-Za-z]*\s*:\s*-?\d[\w.%]*\s*\}\}")
_IDENTIFIER = lazy(
    r"\{\{+[~-]?\s*(?:[&!>=@]|[#/^]\s*[*>=]?)?\s*(?:[^\W\d]|[$.\"'(]|\{\s*[A-Za-z\"']|\d+\b|\[[\"'\w]|\^?\s*~?\}\})"
)


def _is_braces_tag(source: str, found: Found, text: str, place: Place) -> bool:
    """Whether a pair of double braces is a tag, and not an object in code."""
    if source[found.start - 1 : found.start] == "=" and not place.is_url and _CODE_OBJECT.match(text):
        return False
    if _CODE_NUMBER.match(text):
        return False
    if not text.strip("{} \u00a0"):
        return place.kind == "text"
    if _IDENTIFIER.match(text) is None and _IDENTIFIER.match(plain(text)) is None:
        return False
    return place.kind not in ("script", "style") or not _CODE_OBJECT.match(text)


def _tag(
    span: Span, found: Found, inner: str, place: Place, vocabulary: Vocabulary, *, strong: bool, certain: bool
) -> Tag:
    text = span.text
    parsed = parse(found.family, inner)
    code = found.broken or inner_fault(found.family, text)
    if code == "markup" and parsed.kind in ("open", "close", "middle", "comment"):
        code = ""
    return Tag(
        span=span,
        family=found.family,
        kind=parsed.kind,
        name=parsed.name,
        inner=inner,
        default=parsed.default,
        purposes=vocabulary.dialects.purposes(text),
        place=place,
        strong=strong,
        certain=certain,
        breakage=breakage(code, text, meant=_meant(code, text)) if code else None,
    )


def _meant(code: str, text: str) -> str | None:
    if code in ("nbsp", "zero_width", "curly_quotes", "markup"):
        return plain(text.replace("=\r\n", "").replace("=\n", ""))
    if code in ("one_close", "mixed_delimiters") and text.startswith("{{"):
        return f"{{{{ {text.strip('{}% ')} }}}}"
    if code == "brace_too_many_open":
        return f"{{{{{text.strip('{}')}}}}}"
    return None


def _without_overlaps(tags: Iterable[Tag]) -> list[Tag]:
    """The tags in order; of two that overlap the longer stays."""
    result: list[Tag] = []
    for tag in sorted(tags, key=lambda tag: (tag.span.start, -tag.span.end)):
        if result and tag.span.start < result[-1].span.end:
            if tag.certain and not result[-1].certain:
                result[-1] = tag
            continue
        result.append(tag)
    return result


def _broken(stretch: Stretch, vocabulary: Vocabulary, kept: list[Tag]) -> Iterator[Tag]:
    @lru_cache(maxsize=256)
    def reads(text: str) -> str:
        return reads_as(text, vocabulary)

    here = {squeeze(tag.name) for tag in kept if tag.kind == "field" and tag.breakage is None and "_" in tag.name}
    names = frozenset(vocabulary.names | here)
    for found, meant in scan_broken(stretch.text, reads, names, vocabulary.families):
        span, place = stretch.readable.span(found.start, found.end), stretch.place_here(found.start)
        # Only links are URL-encoded; elsewhere the same characters are text.
        if found.family == "encoded" and place.kind == "attribute" and not place.is_url:
            continue
        yield _broken_tag(span, found, meant, place, vocabulary)
    for found, meant in scan_source(stretch.source, stretch.text, reads):
        place = stretch.place(found.start)
        if place.kind in VISIBLE:
            yield _broken_tag(stretch.part.at(found.start, found.end), found, meant, place, vocabulary)


def _broken_tag(span: Span, found: Found, meant: str, place: Place, vocabulary: Vocabulary) -> Tag:
    parsed = parse(*_reading(meant, vocabulary)) if meant else parse("plain", span.text.strip("{}[]%*|@#$~«»¦ "))
    return Tag(
        span=span,
        family=found.family,
        kind=parsed.kind,
        name=parsed.name,
        inner=span.text,
        default=parsed.default,
        purposes=vocabulary.dialects.purposes(meant) if meant else (),
        place=place,
        strong=True,
        certain=True,
        breakage=breakage(found.broken, span.text, meant=meant or None),
    )


def _reading(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """Family and inner text of a text that is one tag."""
    for found in scan_pairs(text):
        inner = _CLOSERS.sub("", _DELIMITERS.sub("", text))
        return found.family, inner
    for found, inner, _strong, _certain in scan_families(text, vocabulary.knows):
        return found.family, inner
    return "plain", text.strip("{}[]%*|@#$~<> ")


def reads_as(text: str, vocabulary: Vocabulary) -> str:
    """The family of a text that is exactly one well-formed, certain tag, else an empty string."""
    text = text.strip()
    for found in scan_pairs(text):
        whole = found.start == 0 and found.end == len(text) and not found.broken
        return found.family if whole and _has_name(found.family, text) else ""
    for found, _inner, _strong, certain in scan_families(text, vocabulary.knows):
        if found.start == 0 and found.end == len(text) and certain:
            return found.family
    return ""


def _has_name(family: str, text: str) -> bool:
    inner = _CLOSERS.sub("", _DELIMITERS.sub("", text))
    parsed = parse(family, inner)
    if family == "braces" and re.match(r"\s*\"[^\"]*\"\s*:", inner):
        return False
    return bool(parsed.name) or parsed.kind != "other"


def _merge(kept: list[Tag], broken: Iterable[Tag]) -> list[Tag]:
    """Well-formed and broken tags in one order; a broken reading gives way to a tag at the same place."""
    result = list(kept)
    starts = [tag.span.start for tag in result]
    for tag in broken:
        first = bisect_right(starts, tag.span.start)
        if first and result[first - 1].span.end > tag.span.start:
            first -= 1
        last = first
        while last < len(result) and result[last].span.start < tag.span.end:
            last += 1
        if _gives_way(tag, result[first:last]):
            continue
        result[first:last] = [tag]
        starts[first:last] = [tag.span.start]
    return result


_BARE = frozenset({"dollar_word", "dollar_path", "at_word"})
"""Families of a sign and a word: `$name` in `{$name` is what is left of a tag."""


def _gives_way(broken: Tag, rivals: list[Tag]) -> bool:
    if broken.text.startswith("{"):
        rivals = [one for one in rivals if one.family not in _BARE and not _is_spaced(one)]
    if not any(one.certain and (one.breakage is None or len(one.text) >= len(broken.text)) for one in rivals):
        return False
    return not any(one.breakage is None and _reaches_past(broken, one) for one in rivals)


def _is_spaced(tag: Tag) -> bool:
    """`{ name }`, which is what is left in the middle of `{<b>{ name }</b>}`, too."""
    return tag.family == "brace1" and tag.text.startswith("{ ")


_WINS = frozenset({"doubled", "spaced", "default_form", "brace_too_many", "escaped", "full_width"})


def _reaches_past(broken: Tag, tag: Tag) -> bool:
    """Whether a broken form takes in more than the tag that was found inside it."""
    inside = broken.span.start <= tag.span.start and tag.span.end <= broken.span.end
    return inside and broken.breakage is not None and broken.breakage.code in _WINS
