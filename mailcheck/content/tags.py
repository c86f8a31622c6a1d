"""What a merge tag is, once it has been found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.dialects import Dialect, Purpose
from mailcheck.values import Brief

Kind = Literal["field", "open", "middle", "close", "comment", "other"]
PlaceKind = Literal[
    "text",
    "attribute",
    "title",
    "plain",
    "header",
    "tag",
    "comment",
    "conditional",
    "style",
    "script",
    "doctype",
    "raw",
]

SEEN: frozenset[str] = frozenset(
    {"text", "attribute", "title", "plain", "header", "conditional", "tag", "style", "script"}
)
"""Places in which a service fills tags in."""

VISIBLE: frozenset[str] = frozenset({"text", "attribute", "title", "plain", "header", "conditional"})
"""Places whose text reaches a reader, or a link that a reader follows."""


WHOLE = frozenset(
    {"escaped", "url_encoded", "double_encoded", "full_width", "nbsp", "zero_width", "curly_quotes", "markup",
     "line_break", "case", "padded", "doubled", "scheme_glued", "quotes_in_attribute", "default_form",
     "dummy_default", "space_in_name", "anchor_in_href", "url_as_text", "block_open", "block_close", "block_order",
     "block_middle", "quote_open", "block_crosses", "parameter_glued", "in_comment", "foreign_syntax", "wrong_form",
     "token_filter"}
)  # fmt: skip
"""Codes of damage that leaves a tag readable: both delimiters are there."""


class Place(Struct, frozen=True):
    """What surrounds a tag. `quoted`: inside `code`, `pre`, `kbd` or `samp`, where tags are shown on purpose."""

    kind: PlaceKind
    element: str = ""
    attribute: str = ""
    quoted: bool = False

    @property
    def is_url(self) -> bool:
        return self.attribute in ("href", "src", "action", "background", "srcset", "data-href", "xlink:href")


class Breakage(Struct, frozen=True):
    """Why a tag will not be filled in.

    Args:
        code: a stable word for machines, `one_close`.
        message: what is wrong and what to do, one sentence.
        meant: the tag as it should be, when that is certain.
    """

    code: str
    message: str
    meant: str | None = None


class Tag(Struct, frozen=True):
    """One merge tag, or what was meant as one.

    Args:
        span: where it stands.
        family: its delimiters: `braces`, `statement`, `star_pipe`, `percent2` …
        kind: `field` prints a value; `open`, `middle` and `close` make blocks.
        name: the field's name, or the keyword of a block.
        inner: the text between the delimiters.
        default: the fallback text; `None` when there is none.
        purposes: what it is known for, as `(purpose, dialect id)`.
        place: what surrounds it.
        strong: its delimiters alone make it a tag; a weak one is a tag only by its name.
        certain: a weak one whose name is known, or a strong one.
        guarded: a surrounding block asks whether the value exists.
        scoped: inside a loop or section, where names mean its items.
        own: the message's dialect fills it in.
        foreign: a dialect was declared, and it does not fill this tag in.
        owners: of a foreign tag, ids of the dialects that would.
        greeted: it stands behind a greeting word: `Hi {{ name }}`.
        human: brackets typed for a person to replace, `[Customer Name]`, and no tag of the dialect.
        breakage: what is wrong with it, or `None`.
    """

    span: Span
    family: str
    kind: Kind
    name: str
    inner: str
    default: str | None
    purposes: tuple[tuple[Purpose, str], ...]
    place: Place
    strong: bool
    certain: bool
    guarded: bool = False
    scoped: bool = False
    own: bool = False
    foreign: bool = False
    owners: frozenset[str] = frozenset()
    greeted: bool = False
    human: bool = False
    breakage: Breakage | None = None

    @property
    def text(self) -> str:
        return self.span.text

    @property
    def is_seen(self) -> bool:
        """Whether it counts: it reaches a reader, or stands where the service should have filled it in."""
        return self.certain and not self.human and self.kind != "comment" and self.place.kind in SEEN

    @property
    def is_in_brackets(self) -> bool:
        """Whether it is a name in brackets in an address, where brackets have no meaning of their own."""
        named = self.family == "bracket1" and self.certain and not self.human
        return named and self.place.is_url and self.breakage is None

    @property
    def is_whole(self) -> bool:
        """Whether it can be read as a tag, whatever else is wrong with it; half a tag cannot."""
        return self.breakage is None or self.breakage.code in WHOLE

    @property
    def is_shown_comment(self) -> bool:
        """A comment of the template where recipients read it, once nothing takes it out any more."""
        return self.kind == "comment" and self.place.kind in ("text", "title", "plain", "header")

    @property
    def is_left_over(self) -> bool:
        """Whether recipients of a rendered mail meet it: it can be read as a tag, and stands where it reaches them."""
        return self.is_whole and (self.is_seen or self.is_shown_comment)

    def is_for(self, *purposes: Purpose) -> bool:
        return any(purpose in purposes for purpose, _ in self.purposes)


class Tags(Brief, frozen=True):
    """Every tag of a message, in order, and whose they are.

    Args:
        items: the tags of all parts.
        dialect: the declared dialect, or the one that the tags themselves tell; `None` when unknown.
        declared: somebody said which dialect it is.
        candidates: ids of the dialects that could fill in every tag, when none was declared.
        strangers: the tags that the most likely dialect does not fill in, when none was declared and
            no dialect fills in all.
    """

    unshown: ClassVar[tuple[str, ...]] = ("local_names",)

    items: tuple[Tag, ...] = ()
    dialect: Dialect | None = None
    declared: bool = False
    candidates: tuple[str, ...] = ()
    strangers: tuple[Tag, ...] = ()
    local_names: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Tag]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
