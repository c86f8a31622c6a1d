"""MJML source → HTML, in process, with mrml (`pip install 'mailcheck-lint[mjml]'`).

mrml reads XML, and merge tags are none: before it sees the source, each of them (and each path of an
`mj-include`, so that only files of the same folder are ever read) is replaced by a word, and put back
afterwards.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from msgspec import Struct, field

from mailcheck.campaign import Fault, Origin, Part
from mailcheck.reading.blank import blank_html
from mailcheck.reading.charset import decode_template
from mailcheck.reading.limits import LIMITS, Limits
from mailcheck.reading.source import OverLimit, ReadingError, inside, load_found

_MAX_INCLUDES = 100
_MAX_NESTED = 10
# Within each syntax its own opening may not come again, so that unclosed ones take linear time.
_TAG = r"""\{\{(?:(?!\{\{|\}\}).){0,2000}+\}\}+ | \{%(?:(?!\{%|%\}).){0,2000}+%\} | \{\#(?:(?!\{\#|\#\}).){0,2000}+\#\}
  | <%(?:(?!<%|%>).){0,2000}+%> | %%[^\s%](?:(?!%%).){0,500}+%% | \*\|(?:(?!\*\||\|\*).){0,500}+\|\*
  | \[\[(?:(?!\[\[|\]\]).){0,500}+\]\] | [$\#@]\{[^{}]{0,500}+\}
  | [^\x00-\x7f](?=[^<>]{0,3}>)"""  # the last: mrml panics at it, where it is text
_COMMENT = r"<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)"
_MASKED = re.compile(
    rf"""{_COMMENT}|(?P<include><mj-include\b[^<>]*?\spath\s*+=\s*+)(?P<path>"[^"<]*"|'[^'<]*')|(?P<tag>{_TAG})""",
    re.DOTALL | re.VERBOSE,
)
_INCLUDE = re.compile(
    rf"""{_COMMENT}|<mj-include\b[^<>]*?\spath\s*+=\s*+(?P<path>"[^"<]*"|'[^'<]*')[^<>]*+>""", re.DOTALL
)
_WRAPPING = re.compile(r"</?(?:mjml|mj-body)\b[^<>]*+>|<mj-head>(?:[^<]++|<(?!/mj-head>))*+</mj-head>")
_STYLE = re.compile(r"\stype\s*+=\s*+[\"']?css", re.IGNORECASE)
_NO_MJML = re.compile(r"\stype\s*+=\s*+[\"']?(?:css|html)", re.IGNORECASE)
_NESTED = re.compile(r"<(?:mj-include|mjml|mj-body)\b")
_ROOT = re.compile(r"<mjml[\s>/]", re.IGNORECASE)
# Where white space between elements does not start with a line feed, mrml takes it for text.
_BLANK = re.compile(r"(?<=>)[ \t\r](?=\s*<)")
# Comments are skipped; every other `<` before a name counts, even when the rest of the tag is broken.
_ELEMENT = re.compile(
    rf"{_COMMENT}"
    r"|<(?P<end>/?)(?P<name>[^\s\"'<>/=!?]++)"
    r"(?:(?:\s++[^\s\"'<>/=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))?+)*+\s*+(?P<empty>/?)>)?"
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_PLACE = re.compile(r"(?: from \"(?P<file>[^\"]*)\")? at position (?P<start>\d+)(?::\d+)?")


class _Masking(Struct):
    """The words that stand for merge tags and includes in everything handed to mrml."""

    folder: Path | None
    limits: Limits
    stem: str
    words: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    size: int = 0
    open: list[Path] = field(default_factory=list)
    sources: dict[Path, str] = field(default_factory=dict)  # of the included files, as they stand
    place: tuple[int, int] = (0, 0)  # of the last include, in the part itself

    def mask(self, text: str) -> str:
        words = _MASKED.sub(self._replace, text)
        # Between elements mrml takes comments in more places than words, but not where only text may stand.
        no_text = "".join(f"(?<!<mj-{name}>)" for name in ("title", "style", "preview"))
        between = re.sub(rf"{no_text}(?<=>)((?:\s*{self.stem}x\d+x)++)(?=\s*<)", self._as_comments, words)
        about = rf"\A(?:\s*{self.stem}x\d+x)++(?=\s*<)|(?<=</mjml>)(?:\s*{self.stem}x\d+x)++(?=\s*\Z)"
        return _BLANK.sub("\n", re.sub(about, self._as_comments, between))

    def unmask(self, text: str) -> str:
        word = rf"{self.stem}x(\d+)x"
        return re.sub(rf"<!--{word}-->|{word}", lambda match: self.words[int(match[1] or match[2])], text)

    def _replace(self, match: re.Match[str]) -> str:
        if match["tag"]:
            return self._word(match["tag"])
        if match["path"] is None:
            return match[0]
        if not self.open:
            self.place = match.start("path") + 1, match.end("path") - 1
        word = self._word(match["path"][1:-1])
        self._include(match["path"][1:-1], word)
        return f'{match["include"]}"{word}"'

    def _word(self, text: str) -> str:
        self.words.append(text)
        return f"{self.stem}x{len(self.words) - 1}x"

    def _as_comments(self, match: re.Match[str]) -> str:
        return re.sub(rf"{self.stem}x\d+x", r"<!--\g<0>-->", match[0])

    def expanded(self, match: re.Match[str], folder: Path) -> str:
        """What stands in the place of an `mj-include` (or a comment) in a file of this folder."""
        if match["path"] is None:
            return match[0]
        path = inside(self.folder, str(folder / match["path"][1:-1])) if self.folder else None
        if path not in self.sources or _STYLE.search(match[0]):
            return match[0]
        return _INCLUDE.sub(lambda inner: self.expanded(inner, path.parent), self.sources[path])

    def flat(self, masked: str) -> str:
        """Masked source with the masked includes in their places."""

        def text(match: re.Match[str]) -> str:
            word = "" if match["path"] is None else match["path"][1:-1]
            if word not in self.files or _NO_MJML.search(match[0]):
                return match[0]
            return self.flat(_WRAPPING.sub("", self.files[word]))

        return _INCLUDE.sub(text, masked)

    def _include(self, name: str, word: str) -> None:
        folder = self.open[-1].parent if self.open else self.folder
        path = inside(self.folder, str(folder / name)) if self.folder and folder else None
        if path is None:
            raise ReadingError(f"mj-include {name!r} is not in the folder of the file; copy it there")
        if path in self.open:
            raise ReadingError(f"mj-include {name!r} includes itself; break the circle")
        if len(self.files) >= _MAX_INCLUDES or len(self.open) >= _MAX_NESTED:
            raise OverLimit(f"There are more than {_MAX_INCLUDES} mj-includes, or {_MAX_NESTED} within each other.")
        try:
            text = decode_template(load_found(path, name, self.limits)).text
        except ReadingError as error:
            raise ReadingError(f"mj-include {name!r}: {error.message}") from None
        self.size += len(text)
        if self.size > self.limits.bytes:
            raise OverLimit(f"The mj-includes have more than {self.limits.bytes:,} bytes together; include less.")
        self.sources[path] = text
        self.open.append(path)
        self.files[word] = self.mask(text)
        self.open.pop()


def compile_mjml(part: Part, *, limits: Limits = LIMITS) -> Part | Fault:
    """The HTML that a part of MJML source becomes, or why it becomes none.

    Args:
        part: its path names the folder that `mj-include` may read from; there is none without a path.
        limits: bounds for included files and for the depth of elements, which mrml survives only so far.
    """
    return _compile(part, _masking(part, limits))


def judged_source(part: Part, limits: Limits) -> tuple[Part, tuple[Fault, ...]]:
    """The source as it is to be judged, with what it includes, and why it cannot be compiled.

    Places in an included file are those of the `mj-include`. A source without `<mjml>` is a piece that others
    include; it is judged as it stands.
    """
    if not _ROOT.search(part.text):
        return part, ()
    masking = _masking(part, limits)
    result = _compile(part, masking)
    if isinstance(result, Fault):
        return part, (result,)
    blank = blank_html(result)
    if blank:
        return part, (Fault(blank.name, blank.message.replace("The HTML", "The MJML"), part.span),)
    return (_with_includes(part, masking) if masking.sources else part), ()


def _masking(part: Part, limits: Limits) -> _Masking:
    folder = Path(part.path).parent.resolve() if part.path not in {"", "-"} else None
    return _Masking(folder, limits, "mc" + sha256(part.text.encode()).hexdigest()[:12])


def _with_includes(part: Part, masking: _Masking) -> Part:
    origin = part.origin or Origin(part.text, range(len(part.text) + 1))
    pieces: list[str] = []
    offsets = array("I")
    end = 0
    for match in _INCLUDE.finditer(part.text):
        if match["path"] is not None and masking.folder is not None:
            text = masking.expanded(match, masking.folder)
            pieces += part.text[end : match.start()], text
            offsets.extend(origin.offsets[end : match.start()])
            offsets.extend([origin.offsets[match.start()]] * len(text))
            end = match.end()
    pieces.append(part.text[end:])
    offsets.extend(origin.offsets[end : len(part.text) + 1])
    return Part(part.name, "".join(pieces), part.path, part.media, Origin(origin.source, offsets))


def _compile(part: Part, masking: _Masking) -> Part | Fault:
    try:
        import mrml
    except ImportError:
        message = "MJML cannot be compiled without mrml; run pip install 'mailcheck-lint[mjml]'."
        return Fault("compile", message, part.span)
    try:
        masked = masking.mask(part.text)
        _check_depth((masked, *masking.files.values()), masking.limits.html_depth)
    except ReadingError as error:
        return Fault("compile", f"The MJML cannot be compiled: {error.message}.", part.at(*masking.place))
    except OverLimit as error:
        return Fault("limit", str(error), part.at(*masking.place))
    options = mrml.ParserOptions(include_loader=mrml.memory_loader(masking.files))
    try:
        html = mrml.to_html(masked, options).content
    except OSError as error:
        if not any(map(_NESTED.search, masking.files.values())):
            return _fault(str(error), part, masked, masking)
        try:  # of includes within includes, and of those with a root of their own, mrml knows nothing
            html = mrml.to_html(masking.flat(masked), options).content
        except OSError:
            return _fault(str(error), part, masked, masking)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # mrml is Rust, and its panics are no `Exception`
            raise
        return Fault("compile", "The MJML cannot be compiled: mrml failed; correct the MJML.", part.span)
    return Part("html", masking.unmask(html), part.path, "html")


def _check_depth(texts: Iterable[str], limit: int) -> None:
    if any(_depth(text) > limit for text in texts):
        raise OverLimit(f"More than {limit} elements stand within each other; nest less.")


def _depth(text: str) -> int:
    """The greatest number of elements within each other; an upper bound where the source is broken."""
    names: list[str] = []
    deepest = 0
    for match in _ELEMENT.finditer(text):
        name = match["name"]
        if name and not match["end"]:
            if match["empty"] != "/" and name.lower() not in _VOID:
                names.append(name)
                deepest = max(deepest, len(names))
        elif names and names[-1] == name:
            names.pop()
    return deepest


def _fault(reason: str, part: Part, masked: str, masking: _Masking) -> Fault:
    place = _PLACE.search(reason)
    what = masking.unmask(_PLACE.sub("", reason).replace(" in root template", ""))
    included = place["file"] if place else None
    if included:
        return Fault(
            "compile", f"The MJML cannot be compiled: {what} in the mj-include {masking.unmask(included)!r}.", part.span
        )
    offset = len(masked.encode()[: int(place["start"])].decode("utf-8", "ignore")) if place else _xml_error(masked)
    start = 0 if offset is None else len(masking.unmask(masked[:offset]))
    start += len(part.text[start:]) - len(part.text[start:].lstrip())
    end = len(part.text) if offset is None else start + 1
    return Fault("compile", f"The MJML cannot be compiled: {what}; correct the MJML here.", part.at(start, end))


def _xml_error(masked: str) -> int | None:
    """Where the source stops being XML; mrml does not always say."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    with suppress(etree.XMLSyntaxError, ValueError):
        etree.fromstring(masked.encode(), parser)
    for error in parser.error_log:
        if error.type_name != "ERR_UNDECLARED_ENTITY":
            before = sum(len(line) + 1 for line in masked.split("\n")[: int(error.line) - 1])
            return min(before + max(int(error.column) - 1, 0), len(masked))
    return None
