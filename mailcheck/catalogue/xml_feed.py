"""XML feeds: RSS and Atom with Google's `g:` names, item by item, without entities, DTDs or the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mailcheck.catalogue.fields import ALIASES, fold
from mailcheck.catalogue.files import FeedFile
from mailcheck.rule import Unusable

if TYPE_CHECKING:
    from lxml.etree import _Element

ITEMS = ("item", "entry", "product", "offer")
"""What a product is called: in RSS, in Atom, and in feeds of everybody else."""
_LONGEST = 20_000


def records(file: FeedFile, columns: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The products of an XML feed, with the line of each.

    Args:
        columns: names of elements, by field, where they are not called as in Google's feeds.

    Raises:
        Unusable: it is not well formed, cut off, or declares entities; one sentence with file and line.
    """
    from lxml import etree

    names = _names(columns)
    try:
        with file.open() as stream:
            events = etree.iterparse(
                stream,
                events=("end",),
                tag=tuple(f"{{*}}{name}" for name in ITEMS),
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
            first = True
            for _, element in events:
                if first:
                    _refuse_entities(element, file.shown)
                    first = False
                yield element.sourceline or 0, _values(element, names)
                _forget(element)
    except etree.XMLSyntaxError as error:
        line = (error.position or (0, 0))[0]
        reason = " ".join((error.msg or "it is not well formed").partition(", line")[0].split())
        raise Unusable(
            f"{file.shown}:{line}: this is no XML ({reason[:100]}); export the feed again, it may be cut off"
        ) from None
    except EOFError:
        raise Unusable(f"{file.shown} is cut off, so it cannot be unpacked to its end; download it again") from None
    except (OSError, LookupError) as error:
        raise Unusable(f"{file.shown} cannot be read ({error}); download it again") from None


def _names(columns: Mapping[str, str]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for field, aliases in ALIASES["merchant"].items():
        for alias in aliases.split():
            names.setdefault(alias, field)
    return {**names, **{fold(said): field for field, said in columns.items()}}


def _refuse_entities(element: _Element, shown: str) -> None:
    dtd: Any = element.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise Unusable(f"{shown}:1: the feed declares entities, which are not followed; export it without a DOCTYPE")


def _values(element: _Element, names: Mapping[str, str]) -> Mapping[str, str]:
    """The values of an item; of several elements of one name, and of several names of one field, the first."""
    found: dict[str, str] = {}
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        namespace, _, local = tag.rpartition("}")
        field = names.get(local.lower() if local.islower() else fold(local))
        if field is None:
            continue
        value = (child.text or "") if not len(child) else "".join(map(str, child.itertext()))
        if not value.strip() and field == "link":
            value = child.get("href") or ""
            if (child.get("rel") or "alternate") != "alternate":
                continue
        if value.strip() and (field not in found or (namespace and field != "link")):
            found[field] = value.strip()[:_LONGEST]
    return found


def _forget(element: _Element) -> None:
    """Let go of an item and of what stands before it, so that a feed of any length takes as little memory."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
