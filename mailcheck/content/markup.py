"""One HTML, MJML or AMP text, read for rules: tokens, elements, text, links, trees.

Everything is computed when it is asked for and kept. All offsets are offsets of the part's text, in every
view. Nothing here fetches, renders or changes anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from mailcheck.campaign import Fault, Part, Span
from mailcheck.content import conditionals as conditional_comments
from mailcheck.content import natural
from mailcheck.content.attributes import Attribute, split_attributes
from mailcheck.content.conditionals import Conditional
from mailcheck.content.elements import Element
from mailcheck.content.entities import Decoder
from mailcheck.content.masking import OUTPUT, Mask, mask
from mailcheck.content.natural import Sample
from mailcheck.content.scanning import END, START, Scan, Token
from mailcheck.content.structure import Structure, build
from mailcheck.content.texts import Block, Run, Text, hidden_elements, inherited_flags, lines
from mailcheck.content.views import Context, Image, Link, context, own_images, own_links
from mailcheck.content.vocabulary import origin

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from lxml.html import HtmlElement

View = Literal["default", "outlook"]
_Found = TypeVar("_Found", Link, Image)


class Markup:
    """The markup of one part.

    Args:
        part: the text; its `media` says whether it is HTML, MJML or AMP.
        dialect: id of the sending service or template engine, if known.
    """

    def __init__(self, part: Part, dialect: str | None = None) -> None:
        self.part = part
        self.dialect = dialect
        self._attributes: dict[int, tuple[Attribute, ...]] = {}

    def __repr__(self) -> str:
        return f"<Markup of {self.part.name}, {len(self.source)} characters>"

    # -- the text and its tokens

    @property
    def source(self) -> str:
        """The text as written."""
        return self.part.text

    @cached_property
    def mask(self) -> Mask:
        """The text with its template tags covered."""
        return mask(self.source, dialect=self.dialect)

    @cached_property
    def masked(self) -> str:
        """The text that was scanned; as long as the source."""
        return self.mask.text

    @cached_property
    def _scan(self) -> Scan:
        return Scan(self.masked, mjml=self.part.media == "mjml")

    @property
    def tokens(self) -> Sequence[Token]:
        """Every tag, comment and doctype: kind, start, end, name. Text is what lies between them."""
        return self._scan.tokens

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all tags, in lower case."""
        return frozenset(token[3] for token in self.tokens if token[3])

    @cached_property
    def structure(self) -> Structure:
        """Which element is inside which."""
        return build(self.masked, self.tokens)

    def attributes(self, token: Token) -> tuple[Attribute, ...]:
        """The attributes of a tag, in order; of repeated ones browsers keep the first."""
        found = self._attributes.get(token[1])
        if found is None:
            found = split_attributes(self.part, self.masked, token[1], token[2]) if token[0] in (START, END) else ()
            self._attributes[token[1]] = found
        return found

    @cached_property
    def unclosed_quotes(self) -> tuple[Span, ...]:
        """Attribute values, from their quote on, whose closing quote is missing.

        Either no such quote follows at all, or the value runs on to the quote of a later attribute.
        """
        unfinished, masked = set(self._scan.unfinished), self.masked
        return tuple(
            Span(self.part, attribute.value_start - 1, attribute.value_end)
            for number, token in enumerate(self.tokens)
            if token[0] == START and (number in unfinished or masked.find("<", token[1] + 1, token[2]) >= 0)
            for attribute in self.attributes(token)
            if attribute.quote and not (attribute.closed and not attribute.swallowed)
        )

    @cached_property
    def unclosed_tags(self) -> tuple[Span, ...]:
        """Tags that have no `>`."""
        tokens = (self.tokens[number] for number in self._scan.unfinished)
        return tuple(Span(self.part, start, end) for _, start, end, _ in tokens if self.masked[end - 1] != ">")

    # -- views

    @cached_property
    def conditionals(self) -> tuple[Conditional, ...]:
        """The conditional comments."""
        return tuple(conditional_comments.conditionals(self.masked, self.tokens))

    def view(self, name: View) -> Markup:
        """The markup as browsers read it (`default`), or as Outlook for Windows does (`outlook`)."""
        return self._outlook if name == "outlook" else self

    @cached_property
    def _outlook(self) -> Markup:
        if not self.conditionals:
            return self
        view = Markup(self.part, self.dialect)
        view.__dict__["mask"] = self.mask
        view.__dict__["masked"] = conditional_comments.as_outlook(self.masked, self.conditionals)
        view.__dict__["_outlook"] = view
        return view

    # -- elements

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Every start tag, in order."""
        return tuple(Element(self, index) for index in range(len(self.structure.tokens)))

    def named(self, *names: str) -> tuple[Element, ...]:
        """The elements of these names, in order."""
        tokens = self.tokens
        return tuple(
            Element(self, index) for index, number in enumerate(self.structure.tokens) if tokens[number][3] in names
        )

    @cached_property
    def unknown_elements(self) -> tuple[Element, ...]:
        """Elements that nobody defined: not in HTML, SVG, MathML, MSO, AMP, MJML nor a template language."""
        names = {token[3] for token in self.tokens if token[0] == START}
        found = self.named(*(name for name in names if origin(name) is None))
        # `<h{{ level }}>`: the template makes the rest of the name.
        return tuple(one for one in found if not self.masked.startswith(OUTPUT, one.token[1] + 1 + len(one.name)))

    @cached_property
    def stray_end_tags(self) -> tuple[Span, ...]:
        """End tags that close nothing."""
        tokens = (self.tokens[number] for number in self.structure.stray)
        return tuple(Span(self.part, start, end) for _, start, end, _ in tokens)

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """The elements whose text a template engine puts in the place of a sample: `th:text="${name}"`."""
        return natural.samples(self)

    # -- text

    @cached_property
    def flags(self) -> list[int]:
        """For each element what holds for the text in it; see `texts`."""
        return inherited_flags(self)

    @cached_property
    def hidden(self) -> list[bool]:
        """For each element whether its text is hidden."""
        return hidden_elements(self)

    @cached_property
    def _lines(self) -> tuple[list[Run], ...]:
        return tuple(lines(self))

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The visible runs of text, and the title."""
        source = self.source
        return tuple(
            Text(self, start, end, owner)
            for line in self._lines
            for start, end, owner in line
            if not source[start:end].isspace()
        )

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The visible lines of text, joined over inline elements."""
        return tuple(Block(tuple(Text(self, *run) for run in line)) for line in self._lines)

    @cached_property
    def _run_starts(self) -> tuple[list[int], list[Run]]:
        runs = [run for line in self._lines for run in line]
        return [run[0] for run in runs], runs

    def text_between(self, start: int, end: int) -> str:
        """The decoded visible text of a stretch of the source."""
        starts, runs = self._run_starts
        decoder = Decoder(self.source)
        for index in range(max(0, bisect_right(starts, start) - 1), bisect_right(starts, end)):
            begin, finish, _ = runs[index]
            if begin < end and finish > start:
                decoder.add(max(begin, start), min(finish, end))
        return decoder.done().text

    # -- links and images

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links, in order; those that only Outlook shows included."""
        return self._in_both_views(own_links)

    @cached_property
    def images(self) -> tuple[Image, ...]:
        """The images, in order; those that only Outlook shows included."""
        return self._in_both_views(own_images)

    def _in_both_views(self, find: Callable[[Markup], Iterable[_Found]]) -> tuple[_Found, ...]:
        from msgspec.structs import replace

        found = list(find(self))
        outlook = self.view("outlook")
        if outlook is not self:
            seen = {one.span.start for one in found}
            found += (replace(one, outlook=True) for one in find(outlook) if one.span.start not in seen)
            found.sort(key=lambda one: one.span.start)
        return tuple(found)

    # -- places

    @cached_property
    def token_starts(self) -> list[int]:
        """Where each token starts."""
        return [token[1] for token in self.tokens]

    def context(self, offset: int) -> Context:
        """What kind of place the character at `offset` is; takes logarithmic time."""
        return context(self, offset)

    def tags_with(self, word: str) -> set[int]:
        """Numbers of the start tags that hold a word, wherever they hold it; in one case, or capitalised."""
        tokens, masked, found = self.tokens, self.masked, set()
        for needle in (word, word.upper(), word.capitalize()):
            at = masked.find(needle)
            while at >= 0:
                number = bisect_right(self.token_starts, at) - 1
                if number >= 0 and tokens[number][0] == START and at < tokens[number][2]:
                    found.add(number)
                    at = tokens[number][2] - 1
                at = masked.find(needle, at + 1)
        return found

    # -- limits

    def limits_exceeded(self, *, depth: int = 200, attributes: int = 500, tokens: int = 1_000_000) -> tuple[Fault, ...]:
        """What is too much to be judged, counted on tokens before any tree is built.

        Args:
            depth: elements within each other. libxml2 drops everything below 256.
            attributes: attributes of one tag.
            tokens: tags and comments in all.
        """
        from mailcheck.content.limits import exceeded

        return exceeded(self, depth=depth, attributes=attributes, tokens=tokens)

    # -- trees

    @cached_property
    def tree(self) -> HtmlElement:
        """The markup as an lxml tree.

        Raises:
            TooComplexError: a limit is exceeded.
        """
        from mailcheck.content.trees import build_tree

        return build_tree(self)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The markup as a BeautifulSoup; tags know their `sourceline` and `sourcepos`.

        Raises:
            TooComplexError: a limit is exceeded.
        """
        from mailcheck.content.trees import build_soup

        return build_soup(self)

    def span_of(self, node: HtmlElement | Tag) -> Span:
        """The start tag, in the source, of an element of `tree` or of `soup`."""
        return self.element_of(node).span

    def element_of(self, node: HtmlElement | Tag) -> Element:
        """The element that a node of `tree` or of `soup` was made from.

        An element that the parser added (`tbody`, `body` …) leads to the first one inside of it.

        Raises:
            LookupError: the node is not from here.
        """
        from mailcheck.content.trees import element_of

        return element_of(self, node)
