"""HTML written so that forgetting to escape is not possible: a plain string is always text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from mailcheck.reporters.text import visible

VOID = frozenset({"br", "hr", "img", "link", "meta", "wbr"})


class Html(str):
    """A string that is HTML already."""

    __slots__ = ()


Node = str | Html | Iterable["Node"] | None


def text(value: str) -> Html:
    """Text as HTML, every unseen character spelled out; line breaks and tabs stay."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = "\n".join("\t".join(visible(piece) for piece in line.split("\t")) for line in lines)
    return Html(escape(shown, quote=True))


def join(nodes: Node) -> Html:
    """The nodes one after the other."""
    if nodes is None:
        return Html("")
    if isinstance(nodes, Html):
        return nodes
    if isinstance(nodes, str):
        return text(nodes)
    return Html("".join(join(node) for node in nodes))


def element(name: str, attributes: Mapping[str, str | bool] | None = None, *children: Node) -> Html:
    """An element. An attribute that is `True` stands alone, one that is `False` is left out."""
    written = "".join(_attribute(key, value) for key, value in (attributes or {}).items() if value is not False)
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def _attribute(name: str, value: str | bool) -> str:
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'
