"""The token scan: every tag, comment and doctype of an HTML text, with exact offsets.

One linear pattern, made after the tokenisation chapter of the WHATWG HTML standard, reads one token at a
time and never goes back. Text is what lies between the tokens.
"""

from __future__ import annotations

import re

from mailcheck.content.masking import OUTPUT
from mailcheck.content.vocabulary import BREAKOUT, RAWTEXT, VOID

START, END, COMMENT, DOCTYPE, BOGUS, CDATA = 1, 2, 3, 4, 5, 6

Token = tuple[int, int, int, str]
"""Kind, start, end (offsets), and for `START` and `END` the name in lower case (empty otherwise)."""

SPACE = r"[ \t\n\f\r]"
_DONE = 1 << 62


def _pattern(*, name: str, attributes: str) -> re.Pattern[str]:
    """The groups are the kinds of token, in their order."""
    return re.compile(
        rf"<(?:({name}){attributes}>?"
        rf"|/({name})(?:{SPACE}*+>|{attributes}>?)"
        r"|(!--)(?>-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?)"
        r"|(![dD][oO][cC][tT][yY][pP][eE])[^>]*+>?"
        r"|([!?]|/(?![a-zA-Z]|\Z))[^>]*+>?)"
    )


def _attributes(quoted: str, *, stop: str = ">") -> str:
    """Attributes up to one of the characters `stop` outside of quotes; `quoted` is the pattern of quoted values."""
    value = rf"""(?:{quoted}|[^ \t\n\f\r{stop}"'][^ \t\n\f\r{stop}]*+|(?!["']))"""
    return (
        rf"(?:[ \t\n\f\r/]++|[^ \t\n\f\r/{stop}][^ \t\n\f\r/{stop}=]*+(?:{SPACE}*+={SPACE}*+{value}|(?!{SPACE}*+=)))*+"
    )


_NAME = rf"[a-zA-Z][^ \t\n\f\r/>{OUTPUT}]*+"
# What nearly all attributes look like is tried first; it only saves time.
_USUAL = rf"""(?:{SPACE}++[a-zA-Z:\-]++="[^"]*+")*+"""
_TOKEN = _pattern(name=_NAME, attributes=_USUAL + _attributes(r""""[^"]*+"?|'[^']*+'?"""))
_FINISHED = re.compile(rf"""</?{_NAME}{_attributes(r'"[^"]*+"|' + r"'[^']*+'")}>\Z""")
# After a tag that never ends: a `<` outside of quotes begins the next tag, and a value whose quote is not
# closed ends at the next `<` or `>`.
_CUT_TOKEN = _pattern(
    name=rf"[a-zA-Z][^ \t\n\f\r/<>{OUTPUT}]*+",
    attributes=_attributes(r""""[^"]*+"|'[^']*+'|"[^<>"]*+|'[^<>']*+""", stop="<>"),
)
_SCRIPT = re.compile(r"<!--|-->|<(/?)script(?=[ \t\n\f\r/>])", re.IGNORECASE)
_ENDS_SVG = (BREAKOUT - {"body", "embed", "head", "hr", "img", "meta"}) | frozenset(
    ("a", "form", "td", "th", "tr", "tbody", "thead", "tfoot", "font", "section")
)
_HTML_INSIDE = {
    "svg": frozenset(("foreignobject", "desc", "title")),
    "math": frozenset(("mi", "mo", "mn", "ms", "mtext", "annotation-xml")),
}
_FONT = re.compile(r"[\s/](?:color|face|size)(?![^\s/>=])", re.IGNORECASE)


class _Names(dict[str, str]):
    """Names in lower case, each of them once: they are most of what a scan would have to keep."""

    def __missing__(self, name: str) -> str:
        lowered = self[name] = name.lower()
        return lowered


class Scan:
    """The tokens of a text.

    Args:
        text: the masked text.
        mjml: whether `mj-style` holds raw text.

    `unfinished` holds the indexes of the tags that have no `>`, or a value whose quote is never closed. A
    browser drops such a tag and everything behind it; here the scan goes on at the next `<` or `>`, since the
    author meant something by the rest.
    """

    __slots__ = ("_foreign", "_inside", "_names", "_rawtext", "_special", "_token", "text", "tokens", "unfinished")

    def __init__(self, text: str, *, mjml: bool = False) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.unfinished: list[int] = []
        self._names = _Names()
        self._token = _TOKEN
        self._rawtext = RAWTEXT | {"mj-style"} if mjml else RAWTEXT
        self._special = self._rawtext | {"svg", "math"}
        # The elements open since the outermost svg or math, what their content is, and how many there are of each.
        self._foreign: list[tuple[str, str]] = []
        self._inside: dict[str, int] = {}
        at = 0
        while at < _DONE:
            at = self._in_foreign(at) if self._foreign else self._in_html(at)

    def _in_html(self, at: int) -> int:
        """Read tokens until one changes how the text behind it is read; the offset at which to go on."""
        text, add, size = self.text, self.tokens.append, len(self.text)
        special, cut, names = self._special, self._token is _CUT_TOKEN, self._names
        for match in self._token.finditer(text, at):
            kind = match.lastindex or BOGUS
            start, end = match.span()
            if kind > END:
                add((kind, start, end, ""))
                continue
            name = names[match[kind]]
            if (cut or end == size or text[end - 1] != ">") and not _FINISHED.match(text, start, end):
                if not cut:
                    self._token = _CUT_TOKEN
                    return start
                self.unfinished.append(len(self.tokens))
            add((kind, start, end, name))
            if name in special and kind == START:
                return self._enter(name, start, end)
        return _DONE

    def _enter(self, name: str, start: int, end: int) -> int:
        """Go on behind the start tag of a `svg`, a `math`, or an element with raw text."""
        if name in self._rawtext:
            return rawtext_end(self.text, name, end)
        if not self_closed(self.text, start, end):
            self._push(name, name)
        return end

    def _in_foreign(self, at: int) -> int:
        """Read one token inside of SVG or MathML."""
        match = self._token.search(self.text, at)
        if match is None:
            return _DONE
        kind, (start, end) = match.lastindex or BOGUS, match.span()
        language = self._foreign[-1][1]
        if kind > END:
            if language != "html" and self.text.startswith("<![CDATA[", start):
                close = self.text.find("]]>", start)
                kind, end = CDATA, close + 3 if close >= 0 else len(self.text)
            self.tokens.append((kind, start, end, ""))
            return end
        if end == len(self.text) or self.text[end - 1] != ">" or self._token is _CUT_TOKEN:
            # A tag that may never end: leave the details to the other reader.
            self._foreign.clear()
            self._inside.clear()
            return start
        name = self._names[match[kind]]
        self.tokens.append((kind, start, end, name))
        if kind == END:
            self._leave(name)
            return end
        return self._start_in_foreign(name, start, end, language)

    def _start_in_foreign(self, name: str, start: int, end: int, language: str) -> int:
        stack = self._foreign
        if language != "html" and (name in BREAKOUT or (name == "font" and _FONT.search(self.text, start, end))):
            while stack and stack[-1][1] != "html":
                self._pop()
            if not stack:
                return end
            language = "html"
        if language == "html":
            if name in self._special:
                return self._enter(name, start, end)
            if name not in VOID:
                self._push(name, "html")
        elif not self_closed(self.text, start, end):
            inside = "html" if name in _HTML_INSIDE[language] else name if name in _HTML_INSIDE else language
            self._push(name, inside)
        return end

    def _push(self, name: str, inside: str) -> None:
        self._foreign.append((name, inside))
        self._inside[name] = self._inside.get(name, 0) + 1

    def _pop(self) -> str:
        name, _ = self._foreign.pop()
        self._inside[name] -= 1
        return name

    def _leave(self, name: str) -> None:
        if self._inside.get(name):
            while self._pop() != name:
                pass
        elif name in _ENDS_SVG and self._foreign[-1][1] != "html":
            self._foreign.clear()
            self._inside.clear()


def self_closed(text: str, start: int, end: int) -> bool:
    """Whether a start tag ends in `/>`, and the slash is not part of a value without quotes."""
    if not text.endswith("/>", start, end):
        return False
    last = text[start:end].rsplit(maxsplit=1)[-1]
    return "=" not in last or last[-3:-2] in ('"', "'")


def rawtext_end(text: str, name: str, at: int) -> int:
    """Where the end tag of the raw text element that began before `at` stands; behind everything without one."""
    if name == "plaintext":
        return _DONE
    if name == "script":
        return _script_end(text, at)
    closing = re.compile(rf"</{re.escape(name)}(?=[ \t\n\f\r/>])", re.IGNORECASE).search(text, at)
    return closing.start() if closing else _DONE


def _script_end(text: str, at: int) -> int:
    """The end tag of a script, by the standard's rules for `<!--` and a `<script` inside of it."""
    escaped = doubly = False
    match = _SCRIPT.search(text, at)
    while match is not None:
        at = match.end()
        if match[0] == "<!--":
            at -= 2  # `<!-->` opens and closes: its dashes may be those of a `-->`
            escaped = True
        elif match[0] == "-->":
            escaped = doubly = False
        elif match[1] and not doubly:
            return match.start()
        else:
            doubly = escaped and not match[1]
        match = _SCRIPT.search(text, at)
    return _DONE
