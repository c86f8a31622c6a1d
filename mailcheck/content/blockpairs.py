"""Blocks: which openers have no closer, which closers have no opener, and what a block asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from mailcheck.campaign import Span
from mailcheck.content.breakage import breakage
from mailcheck.content.lazily import lazy
from mailcheck.content.syntax import SOMETIMES_OPEN, parse
from mailcheck.content.tags import Breakage, Tag


class _Open(Struct, frozen=True):
    index: int
    name: str
    condition: str
    optional: bool = False


class _Stack(Struct):
    """The open blocks of one syntax, and names of blocks about which something was said already."""

    open: list[_Open] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


_GROUPS = {
    "braces": "braces",
    "statement": "statement",
    "bracket_percent": "bracket_percent",
    "star_pipe": "star_pipe",
    "smarty_block": "smarty",
    "freemarker": "freemarker",
    "percent_if": "percent_if",
    "bracket_block": "bracket_block",
    "bracket2": "bracket2",
    "velocity_block": "velocity_block",
    "blade_block": "blade_block",
}


def pair(tags: Sequence[Tag]) -> list[Tag]:
    """The tags of one part with block faults added and guarded fields marked."""
    result = list(tags)
    stacks: dict[str, _Stack] = {group: _Stack() for group in set(_GROUPS.values())}
    go = _uses_go(tags)
    closed = {(_GROUPS.get(tag.family), tag.name) for tag in tags if tag.kind == "close"}
    conditions: list[tuple[str, str]] = []
    for index, tag in enumerate(tags):
        group = _GROUPS.get(tag.family)
        if tag.breakage is not None:
            _silently(stacks, index, tag)
            continue
        if group is not None and (opened := _custom_block(tag, group, closed)):
            stacks[group].open.append(_Open(index, opened, ""))
            continue
        if tag.kind == "field":
            guarded = any(asks_for(condition, tag.name) for _, condition in conditions)
            scoped = any(name not in _CONDITIONALS for name, _ in conditions)
            if guarded or scoped:
                result[index] = replace(tag, guarded=guarded, scoped=scoped)
            continue
        if group is None or tag.place.kind in ("comment", "script"):
            continue
        fault = _step(stacks[group], index, tag, go=go)
        if fault is not None:
            result[index] = replace(tag, breakage=fault)
        conditions = [(stacked.name, stacked.condition) for stack in stacks.values() for stacked in stack.open]
    for stack in stacks.values():
        for left in stack.open:
            tag = tags[left.index]
            if tag.breakage is None and _must_close(tag, go=go, tags=tags):
                meant = _closer(tag, left.name)
                result[left.index] = replace(tag, breakage=breakage("block_open", tag.text, meant=meant))
    return result


_CONDITIONALS = frozenset(
    {
        "if",
        "IF",
        "unless",
        "ifEq",
        "equals",
        "notEquals",
        "greaterThan",
        "lessThan",
        "and",
        "or",
        "eq",
        "case",
        "switch",
        "block",
    }
)


def _silently(stacks: dict[str, _Stack], index: int, tag: Tag) -> None:
    """Let a damaged opener or closer do its part, so that one fault is not told twice."""
    group = _GROUPS.get(tag.family) or ("statement" if "%" in tag.text[:4] and "{" in tag.text[:4] else "braces")
    if tag.kind == "open":
        stacks[group].open.append(_Open(index, tag.name, ""))
    elif tag.kind == "close" and stacks[group].open:
        stacks[group].open.pop()


_FIRST_WORD = lazy(r"\s*[-~.]?\s*([\w.@]+)")


def _custom_block(tag: Tag, group: str | None, closed: set[tuple[str | None, str]]) -> str:
    """The keyword of a tag that is no known opener, but whose closer stands in this part."""
    if group is None or tag.kind not in ("other", "field"):
        return ""
    word = _FIRST_WORD.match(tag.inner)
    name = word[1].lstrip("#") if word else ""
    if (group == "statement" and name in SOMETIMES_OPEN) or (tag.kind == "field" and name == tag.inner.strip()):
        return ""
    return (
        name if any(map(str.isalpha, name)) and (group, name) in closed and not tag.inner.rstrip().endswith("/") else ""
    )


def _uses_go(tags: Sequence[Tag]) -> bool:
    opened = any(
        tag.family == "braces"
        and (tag.inner.lstrip("- ").startswith(".") or (tag.kind == "open" and tag.name in ("if", "range", "with")))
        for tag in tags
    )
    return opened and any(tag.family == "braces" and tag.kind == "close" and tag.name == "end" for tag in tags)


def _parsed(tag: Tag) -> str:
    return parse(tag.family, tag.inner).condition


def _step(stack: _Stack, index: int, tag: Tag, *, go: bool) -> Breakage | None:
    if tag.kind == "open":
        stack.open.append(_Open(index, tag.name, _parsed(tag), _is_optional(tag)))
    elif tag.kind == "middle":
        # Handlebars' bare `{{^}}` and Mustache inversions are told apart from an else by their block.
        if not stack.open and tag.name != "empty" and tag.certain:
            return breakage("block_middle", tag.text)
        if stack.open:
            last = stack.open[-1]
            stack.open[-1] = replace(last, condition=f"{last.condition} {_parsed(tag)}")
    elif tag.kind == "close":
        return _close(stack, tag, go=go)
    return None


def _close(stack: _Stack, tag: Tag, *, go: bool) -> Breakage | None:
    name, opened = tag.name, stack.open
    if name in ("", "end", "ENDIF"):
        if opened:
            opened.pop()
            return None
        # A variable may be called `end`; without any Go block it is one.
        return breakage("block_close", tag.text) if go or name != "end" else None
    matching = next((at for at in range(len(opened) - 1, -1, -1) if _same(opened[at].name, name)), None)
    if matching is None and name in stack.told:
        # Its opener was closed too early, which has been said.
        stack.told.remove(name)
        return None
    if matching is None and opened and not opened[-1].optional:
        wrong = opened.pop()
        stack.told.append(wrong.name)
        return breakage("block_order", tag.text, meant=f"the block {wrong.name!r}")
    if matching is None:
        return breakage("block_close", tag.text) if tag.certain else None
    # Keywords that only sometimes open a block (`set`, `block`) leave nothing behind.
    must = [one for one in opened[matching + 1 :] if not one.optional]
    del opened[matching:]
    if must:
        stack.told.extend(one.name for one in must)
        return breakage("block_order", tag.text, meant=f"the block {must[-1].name!r}")
    return None


def _same(opened: str, closed: str) -> bool:
    if opened == closed:
        return True
    pairs = {("trans", "translate"), ("comment", "note"), ("asyncEach", "each"), ("asyncAll", "all")}
    return opened.split(" ", maxsplit=1)[0] == closed.split(" ", maxsplit=1)[0] or (opened, closed) in pairs


_OPTIONAL = frozenset(
    {"set", "block", "trans", "translate", "form", "with", "section", "macro", "filter", "items", "data", "sep"}
)
_WITH_OPTIONAL = frozenset({"statement", "bracket_percent", "smarty_block", "freemarker"})


def _is_optional(tag: Tag) -> bool:
    """Whether a keyword opens a block only sometimes; in Mustache every name may."""
    return tag.family in _WITH_OPTIONAL and tag.name in _OPTIONAL


def _must_close(tag: Tag, *, go: bool, tags: Sequence[Tag]) -> bool:
    if tag.family == "braces" and not tag.inner.strip().lstrip("{~-").startswith(("#", "^")):
        # `{{ if … }}` is a block of Go templates and GetResponse; elsewhere `if` may be a helper.
        return go or tag.name == "IF" or re.match(r"\s*-?\s*(?:if|range|with)\s+[.$(]", tag.inner) is not None
    if _is_optional(tag):
        return any(other.kind == "close" and _same(tag.name, other.name) for other in tags)
    return True


_CLOSERS = {
    "statement": "{{% end{name} %}}",
    "bracket_percent": "[% end{name} %]",
    "star_pipe": "*|END:{name}|*",
    "smarty_block": "{{/{name}}}",
    "freemarker": "</#{name}>",
    "percent_if": "%/IF%",
    "bracket_block": "[endif]",
    "bracket2": "[[ENDIF]]",
    "velocity_block": "#end",
    "blade_block": "@end{name}",
}


def _closer(tag: Tag, name: str) -> str:
    if tag.family == "statement" and tag.inner.lstrip("-+~ ").startswith("#"):
        return f"{{%/{name}%}}"
    if tag.family == "braces":
        sharp = tag.inner.strip().lstrip("{~-").startswith(("#", "^"))
        return f"{{{{/{name}}}}}" if sharp else "{{ENDIF}}" if name == "IF" else "{{ end }}"
    return _CLOSERS[tag.family].format(name=name)


def asks_for(condition: str, name: str) -> bool:
    """Whether a condition names the field, as a word of its own."""
    last = _LAST.split(name.strip())[-1].casefold()
    text = condition.casefold()
    position = text.find(last) if last else -1
    while position >= 0:
        before, behind = text[position - 1 : position], text[position + len(last) : position + len(last) + 1]
        if not (before.isalnum() or behind.isalnum()):
            return True
        position = text.find(last, position + 1)
    return False


_LAST = lazy(r"[.\s]")
_AMP_WORD = lazy(r"(?<!\[)\b(IF|ELSEIF|ENDIF|FOR|NEXT)\b", re.IGNORECASE)
_AMP_THEN = lazy(r"\b(THEN|IF|ELSEIF|ELSE|ENDIF|SET|VAR|FOR|NEXT)\b|\]%%|\Z", re.IGNORECASE)
_AMP_NOISE = lazy(r"/\*.*?\*/|\"[^\"\r\n]*+\"|'[^'\r\n]*+'", re.DOTALL)


def _lacks_then(code: str, behind: int) -> bool:
    """Whether another statement comes before the THEN of the condition that begins at `behind`."""
    following = _AMP_THEN.search(code, behind)
    return following is not None and following[0].upper() != "THEN" and bool(code[behind : following.start()].strip())


def ampscript_faults(blocks: Sequence[Tag]) -> Iterator[Tag]:
    """Faults of IF/ENDIF and FOR/NEXT over all AMPscript blocks of a part, told at the word."""
    stack: list[tuple[str, Span]] = []
    for block in blocks:
        part, base = block.span.part, block.span.start
        if part.text[base - 1 : base] == "<" and part.text.startswith(">", block.span.end):
            fault = breakage("stray_angles", block.text)
            yield replace(block, span=Span(part, base - 1, block.span.end + 1), kind="other", breakage=fault)
        text = _AMP_NOISE.sub(lambda match: " " * len(match[0]), block.text)
        for match in _AMP_WORD.finditer(text):
            word, span = match[1].upper(), Span(part, base + match.start(), base + match.end())
            if word in ("IF", "ELSEIF") and _lacks_then(text, match.end()):
                yield replace(block, span=span, kind="other", breakage=breakage("then_missing", match[0]))
            if word in ("IF", "FOR"):
                stack.append((word, span))
            if word in ("IF", "FOR", "ELSEIF"):
                continue
            wanted = "IF" if word == "ENDIF" else "FOR"
            if stack and stack[-1][0] == wanted:
                stack.pop()
            else:
                code = "block_order" if any(name == wanted for name, _ in stack) else "block_close"
                meant = f"the block {stack[-1][0]!r}" if stack else None
                yield replace(block, span=span, kind="other", breakage=breakage(code, match[0], meant=meant))
                stack = [one for one in stack if one[0] != wanted] if code == "block_order" else stack
    for word, span in stack:
        meant = "ENDIF" if word == "IF" else "NEXT"
        yield replace(blocks[0], span=span, kind="other", breakage=breakage("block_open", word, meant=meant))
