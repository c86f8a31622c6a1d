"""Finds every merge tag of a part: the well-formed ones, the broken ones and the pseudo elements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mailcheck.campaign import Part, Span
from mailcheck.content import blockpairs
from mailcheck.content.breakage import breakage, inner_fault, plain
from mailcheck.content.broken import scan_broken
from mailcheck.content.dialects import Dialect, Dialects, fold
from mailcheck.content.lexicon import field_sort, squeeze
from mailcheck.content.markup import Markup
from mailcheck.content.pairs import Found, scan_pairs
from mailcheck.content.shapes import scan_families
from mailcheck.content.syntax import parse
from mailcheck.content.tags import VISIBLE, Place, Tag

PlaceOf = Callable[[int], Place]

STRONG_PAIRS = frozenset(
    {"braces", "statement", "erb", "ampscript", "ampscript_block", "percent_brace", "php", "blade_raw", "freemarker", "bracket_percent"}
)
_DELIMITERS = re.compile(
    r"\A(?:\{\{\{*!--|\{\{\{*[~-]?|\{%[-+]?|\{#|<%|%%\[|%%=|%%\{|<\?(?:php|=)|\{!!|\[%-?|<)"
)
_CLOSERS = re.compile(r"(?:--\}\}|[~-]?\}\}\}*|[-+]?%\}|#\}|[-_]?%>|\]%%|=%%|\}%%|\?>|!!\}|-?%\]|>)\Z")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What makes a weak tag certain: the dialects' own tags and the audience's fields."""

    dialects: Dialects
    fields: frozenset[str] = frozenset()
    declared: Dialect | None = None

    def knows(self, tag: str) -> bool:
        if fold(tag) in self.dialects.known:
            return True
        return bool(self.fields) and squeeze(tag.strip("{}[]%*|@#$~«»!<> ").partition("|")[0]) in self.fields


def scan(part: Part, place_of: PlaceOf, vocabulary: Vocabulary) -> list[Tag]:
    """Every tag of a part, in order.

    Args:
        part: the text.
        place_of: what surrounds an offset.
        vocabulary: names that make weak tags certain.
    """
    source = part.text
    pairs = list(scan_pairs(source))
    tags = [_pair_tag(part, found, place_of, vocabulary) for found in pairs]
    for found, inner, strong, certain in scan_families(source, pairs, vocabulary.knows):
        place = place_of(found.start)
        if place.kind in VISIBLE or (strong and place.kind in ("tag", "style") and found.family in _IN_CODE):
            tags.append(_tag(part, found, inner, place, vocabulary, strong=strong, certain=certain))
    tags.extend(_own_shapes(part, place_of, vocabulary))
    kept = _without_overlaps([tag for tag in tags if tag is not None])
    broken = _broken(part, place_of, vocabulary, kept)
    ordered = blockpairs.pair(_merge(kept, broken))
    blocks = [tag for tag in ordered if tag.family == "ampscript_block" and tag.breakage is None]
    if not blocks:
        return ordered
    return sorted((*ordered, *blockpairs.ampscript_faults(blocks)), key=lambda tag: tag.span.start)


_IN_CODE = frozenset({"star_pipe", "percent2", "smarty"})
"""One-pattern families that services also fill in within styles and between attributes."""


def _own_shapes(part: Part, place_of: PlaceOf, vocabulary: Vocabulary) -> Iterator[Tag]:
    """Tags of the declared dialect whose shape no family covers, such as `VAR_FIRST_NAME`."""
    if vocabulary.declared is None or vocabulary.declared.id not in SHAPELESS:
        return
    for pattern in vocabulary.declared.compiled():
        for match in pattern.finditer(part.text):
            place = place_of(match.start())
            if place.kind in VISIBLE:
                found = Found("own_shape", match.start(), match.end())
                yield _tag(part, found, match[0].strip("!<>*-_~[]"), place, vocabulary, strong=False, certain=True)


SHAPELESS = frozenset(
    {"e-goi", "icommkt", "mindbody", "listrak", "sendlane", "autopilot", "traction-next", "campaign-monitor", "sendy", "eloqua",
     "responsys", "velocity", "acoustic"}
)  # fmt: skip
"""Dialects with tags that look like nothing else: elements, bare words, addresses."""


def _pair_tag(part: Part, found: Found, place_of: PlaceOf, vocabulary: Vocabulary) -> Tag | None:
    place = place_of(found.start)
    text = part.text[found.start : found.end]
    if part.text[found.start - 1 : found.start] in ("\\", "@") and found.family in ("braces", "blade_raw"):
        # Handlebars' and Blade's way to show braces on purpose.
        place = replace(place, quoted=True)
    if found.family == "braces" and not _is_braces_tag(part.text, found, text, place):
        return None
    if found.broken and place.kind not in VISIBLE and place.kind != "tag":
        return None
    opener = _DELIMITERS.match(text)
    inner = text[opener.end() : ] if opener else text
    inner = _CLOSERS.sub("", inner)
    return _tag(part, found, inner, place, vocabulary, strong=found.family in STRONG_PAIRS, certain=True)


_CODE_OBJECT = re.compile(r"\{\{\s*[A-Za-z_\"'][\w\-\"']*\s*:\s*(?:['\"]?[\w#.%-]+['\"]?)\s*(?:,|\}\})")
_CODE_NUMBER = re.compile(r"\{\{\s*[a-z][A-Za-z]*\s*:\s*-?\d[\w.%]*\s*\}\}")
_IDENTIFIER = re.compile(r"\{\{+\s*[~&#/^!>-]?\s*[A-Za-z_$.@À-ɏ\"']")


def _is_braces_tag(source: str, found: Found, text: str, place: Place) -> bool:
    """Whether a pair of double braces is a tag, and not an object in code."""
    if source[found.start - 1 : found.start] == "=" and _CODE_OBJECT.match(text):
        return False
    if _CODE_NUMBER.match(text):
        return False
    if place.kind in ("script", "style"):
        return _IDENTIFIER.match(text) is not None and not _CODE_OBJECT.match(text)
    return True


def _tag(
    part: Part, found: Found, inner: str, place: Place, vocabulary: Vocabulary, *, strong: bool, certain: bool
) -> Tag:
    text = part.text[found.start : found.end]
    parsed = parse(found.family, inner)
    code = found.broken or inner_fault(found.family, text)
    if code == "markup" and parsed.kind in ("open", "close", "middle", "comment"):
        code = ""
    purposes = vocabulary.dialects.purposes(text)
    fault = breakage(code, text, meant=_meant(code, text)) if code else None
    return Tag(
        span=Span(part, found.start, found.end),
        family=found.family,
        kind=parsed.kind,
        name=parsed.name,
        inner=inner,
        default=parsed.default,
        purposes=purposes,
        place=place,
        strong=strong,
        certain=certain,
        breakage=fault,
    )


def _meant(code: str, text: str) -> str | None:
    if code in ("nbsp", "zero_width", "curly_quotes", "markup", "line_break"):
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


def _broken(part: Part, place_of: PlaceOf, vocabulary: Vocabulary, kept: list[Tag]) -> Iterator[Tag]:
    @lru_cache(maxsize=256)
    def reads(text: str) -> str:
        return reads_as(text, vocabulary)

    for found, meant in scan_broken(part.text, reads):
        place = place_of(found.start)
        if place.kind not in VISIBLE:
            continue
        # Only links are URL-encoded; elsewhere the same characters are text.
        if found.family == "encoded" and place.kind == "attribute" and not place.is_url:
            continue
        text = part.text[found.start : found.end]
        fault = breakage(found.broken, text, meant=meant or None)
        parsed = parse(*_reading(meant, vocabulary)) if meant else parse("plain", text.strip("{}[]%*|@#$~«»¦ "))
        yield Tag(
            span=Span(part, found.start, found.end),
            family=found.family,
            kind=parsed.kind,
            name=parsed.name,
            inner=text,
            default=parsed.default,
            purposes=vocabulary.dialects.purposes(meant) if meant else (),
            place=place,
            strong=True,
            certain=True,
            breakage=fault,
        )


def _reading(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """Family and inner text of a text that is one tag."""
    for found in scan_pairs(text):
        inner = _CLOSERS.sub("", _DELIMITERS.sub("", text))
        return found.family, inner
    for found, inner, _strong, _certain in scan_families(text, (), vocabulary.knows):
        return found.family, inner
    return "plain", text.strip("{}[]%*|@#$~<> ")


def reads_as(text: str, vocabulary: Vocabulary) -> str:
    """The family of a text that is exactly one well-formed, certain tag, else an empty string."""
    text = text.strip()
    for found in scan_pairs(text):
        whole = found.start == 0 and found.end == len(text) and not found.broken
        return found.family if whole and _has_name(found.family, text) else ""
    for found, _inner, _strong, certain in scan_families(text, (), vocabulary.knows):
        if found.start == 0 and found.end == len(text) and certain:
            return found.family
    return ""


def _has_name(family: str, text: str) -> bool:
    inner = _CLOSERS.sub("", _DELIMITERS.sub("", text))
    parsed = parse(family, inner)
    if family == "braces" and ('"' in inner[:2] or ":" in inner.partition("|")[0] and '"' in inner):
        return False
    return bool(parsed.name) or parsed.kind != "other"


def _merge(kept: list[Tag], broken: Iterable[Tag]) -> list[Tag]:
    """Well-formed and broken tags in one order; a broken reading gives way to a tag at the same place."""
    result = list(kept)
    for tag in broken:
        rivals = [one for one in result if one.span.start < tag.span.end and tag.span.start < one.span.end]
        if any(one.certain and (one.breakage is None or len(one.text) >= len(tag.text)) for one in rivals):
            if not any(one.breakage is None and _reaches_past(tag, one) for one in rivals):
                continue
        result = [one for one in result if one not in rivals]
        result.append(tag)
    return sorted(result, key=lambda tag: tag.span.start)


_WINS = frozenset({"doubled", "spaced", "default_form", "brace_too_many", "escaped"})


def _reaches_past(broken: Tag, tag: Tag) -> bool:
    """Whether a broken form takes in more than the tag that was found inside it."""
    inside = broken.span.start <= tag.span.start and tag.span.end <= broken.span.end
    return inside and broken.breakage is not None and broken.breakage.code in _WINS


_HUMPS = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]+(?:_?[A-ZÀ-Þ][a-zà-ÿ]+)+\Z|[A-Z]+(?:_[A-Z]+)+\Z|[a-z]+(?:_[a-z]+)+\Z")


@dataclass(frozen=True, slots=True)
class PseudoElement:
    """`<FirstName>`: the name of a field in angle brackets, which readers never see.

    `escaped`: written with entities, so readers do see it.
    """

    span: Span
    name: str
    escaped: bool
    quoted: bool


@lru_cache(maxsize=4096)
def is_pseudo_name(name: str) -> bool:
    """Whether the name of an element that HTML does not know is that of a field."""
    return field_sort(name) is not None or _HUMPS.match(name) is not None


_ANGLES = re.compile(r"<{1,2}(?!/)\s?([^\W\d_][\w .\-]{1,40}?)\s?>{1,2}")
_ESCAPED_ANGLES = re.compile(
    r"(?:&(?:lt|#0{0,4}60|#[xX]0{0,4}3[cC]);){1,2}\s?([^\W\d_][\w .\-]{1,40}?)\s?(?:&(?:gt|#0{0,4}62|#[xX]0{0,4}3[eE]);){1,2}"
)
_WIDE_ANGLES = re.compile(r"[＜‹〈]([^\W\d_][\w .\-]{1,40}?)[＞›〉]")


def pseudo_elements(part: Part, markup: Markup | None, place_of: PlaceOf) -> Iterator[PseudoElement]:
    """Every pseudo element of a part, in order."""
    found = [*_in_markup(part, markup), *_escaped_angles(part, place_of)] if markup else list(_in_text(part, place_of))
    yield from sorted(found, key=lambda one: one.span.start)


def _in_markup(part: Part, markup: Markup) -> Iterator[PseudoElement]:
    for element in markup.unknown_elements:
        inner = part.text[element.span.start : element.span.end].strip("</> \t\r\n")
        valued = any(attribute.value is not None for attribute in element.attributes)
        name = " ".join(inner.split())
        if valued or not is_pseudo_name(name) or (field_sort(name) is None and element.end_tag is not None):
            continue
        start, end = element.span.start, element.span.end
        while part.text[start - 1 : start] == "<":
            start -= 1
        while part.text[end : end + 1] == ">":
            end += 1
        quoted = markup.context(element.span.start).quoted
        yield PseudoElement(part.at(start, end), name, escaped=False, quoted=quoted)
    # A name that begins with a letter outside ASCII is text to HTML, and shown.
    for match in _ANGLES.finditer(part.text) if not part.text.isascii() else ():
        if not match[1][0].isascii() and field_sort(match[1]):
            yield PseudoElement(part.at(match.start(), match.end()), match[1], escaped=True, quoted=False)


def _escaped_angles(part: Part, place_of: PlaceOf) -> Iterator[PseudoElement]:
    for pattern, hint in ((_ESCAPED_ANGLES, "&"), (_WIDE_ANGLES, "")):
        if hint and hint not in part.text or (not hint and part.text.isascii()):
            continue
        for match in pattern.finditer(part.text):
            place = place_of(match.start())
            if place.kind in VISIBLE and is_pseudo_name(match[1]):
                yield PseudoElement(part.at(match.start(), match.end()), match[1], escaped=True, quoted=place.quoted)


def _in_text(part: Part, place_of: PlaceOf) -> Iterator[PseudoElement]:
    if "<" in part.text:
        for match in _ANGLES.finditer(part.text):
            if field_sort(match[1]) is not None or _HUMPS.match(match[1]):
                yield PseudoElement(part.at(match.start(), match.end()), match[1], escaped=True, quoted=False)
    yield from _escaped_angles(part, place_of)
