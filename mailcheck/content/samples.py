"""Samples that were to be replaced: pictures whose names say so, addresses of nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailcheck.content.lazily import lazy
from mailcheck.content.stretches import Stretch
from mailcheck.domains import registrable

_PICTURE = lazy(r"(?<![a-z])place[_-]?holders?(?![a-z])")
_BEFORE = lazy(r"[\w%-]*\Z")
_BEHIND = lazy(r"([\w%-]{0,80})\.(?:png|jpe?g|gif|webp|svg|avif|bmp)(?![\w.-])")
_PARAMETER = lazy(r"[?&;]\w{1,20}=\Z")
_SHOWN_IN = ("src", "background", "srcset", "href")


def picture_names(address: str) -> Iterator[tuple[int, int]]:
    """Where an address, in lower case, calls a picture a placeholder: `hero_placeholder.jpg`, `?method=placeholder`."""
    for match in _PICTURE.finditer(address):
        before = address[max(0, match.start() - 80) : match.start()]
        if behind := _BEHIND.match(address, match.end()):
            start = _BEFORE.search(before)
            yield match.start() - (len(start[0]) if start else 0), behind.end(1)
        elif _PARAMETER.search(before) and address[match.end() : match.end() + 1] in ("", "&", "#", "\n"):
            yield match.span()


def pictures(stretch: Stretch, hosts: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the text names a picture of one of the `hosts`, or one called a placeholder; once for an address."""
    if stretch.markup is None:
        return
    text = stretch.text.lower()
    told: set[int] = set()
    for host in hosts:
        position = text.find(host)
        while position >= 0:
            end = position + len(host)
            piece = stretch.readable.piece(position)
            if piece.attribute in _SHOWN_IN:
                told.add(piece.source)
                yield position, end
            position = text.find(host, end)
    for start, end in picture_names(text) if "holder" in text else ():
        piece = stretch.readable.piece(start)
        if piece.attribute in _SHOWN_IN and piece.source not in told:
            told.add(piece.source)
            yield start, end


_DUMMY_SENDER = lazy(
    r"(?:[\w.+-]{1,40}@(?:your-?(?:domain|company|website|site|brand)|mydomain|mycompany|domain|company)\.(?:com|net|org|tld|nl|no|de|fr)"
    r"|(?:john|jane)[._]?doe@[\w.-]{1,60}|test@test\.[a-z]{2,3})(?![\w.-]*\w@)",
    2,
)  # 2: IGNORECASE


def senders(text: str) -> Iterator[tuple[int, int]]:
    """Addresses that stand where the sender's belongs."""
    yield from (match.span() for match in _DUMMY_SENDER.finditer(text))


_ADDRESS = lazy(r"(?<![\w.+%@:/-])[\w.+%-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})(?![\w@-])")
_MEANT = lazy(
    r"(?:e\.?\s?g\.?|i\.e\.|such as|like|for (?:example|instance)|format|z\.\s?B\.|zum beispiel|wie|bijv\.|bv\."
    r"|bijvoorbeeld|par exemple|p\.\s?ex\.|ex\.|por (?:ejemplo|exemplo)|p\.\s?ej\.|(?:ad|per) esempio"
    r"|f\.?\s?eks\.|t\.?\s?ex\.|np\.|esim\."
    r"|message-id|content-id|in-reply-to|references)[\s:,(<\"'“„«]{0,4}\Z",
    2,
)
_LINKED = lazy(r"mailto:([\w.+%-]{1,64}@[\w.-]{1,255})")
_SAMPLE_HOSTS = frozenset({"example.com", "example.org", "example.net", "example.edu", "xyz.com"})
"""Hosts nobody has an address at (RFC 2606), and one that is written for them."""


def addresses(stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Addresses at `example.com` and the like that readers see, each once, unless the copy gives it as an example."""
    if "@" not in stretch.text:
        return
    told = {match[1] for match in _LINKED.finditer(stretch.source.lower())}  # which is for `links/placeholder`
    for match in _ADDRESS.finditer(stretch.text):
        sample = registrable(match[1].lower()) in _SAMPLE_HOSTS
        if not sample or _MEANT.search(stretch.text[max(0, match.start() - 25) : match.start()]):
            continue
        if stretch.markup is not None and stretch.readable.piece(match.start()).kind == "attribute":
            continue
        address = match[0].lower()
        if address not in told:
            told.add(address)
            yield match.span()
