"""What a link says by the words around it, where its own are only "here".

In a plain text an address has no words of its own at all, so the ones in front of it count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from mailcheck.content.elements import Element
from mailcheck.content.lazily import lazy
from mailcheck.content.link_effect_words import words_of
from mailcheck.content.links import Link, Links
from mailcheck.content.texts import Block
from mailcheck.content.unsubscribe import Effect, effect, effect_of

_NEAR = 70
"""Characters on each side that belong to a link."""
_FEW = 7
"""Words on each side that do."""
_SENTENCE = lazy(r"[.!?](?=\s|\Z)|[。！？|•·\n]")
_WEB = lazy(r"https?://\S+", re.IGNORECASE)
_HERE = """
here click press tap link this the please follow button on
hier klicken klick klicke sie bitte link diesen auf den
ici cliquez clique cliquer lien ce sur
aqui clic haga haz pulse pincha enlace este en
qui clicca cliccare cliccando questo su
clique neste no
klik klikken deze druk op hierop
har klicka lanken denna pa
her klikk klikke trykk lenken denne
tasta tassa klikkaa taalta linkki
tutaj kliknij tu w ten
zde kliknete klikni sem tento odkaz na
ide kattintson itt
aici apasa apasati faceti
buraya burada tiklayin tiklayiniz
здесь тут сюда нажмите нажать кликните щелкните ссылке ссылку по на эту этой
тут натисніть сюди
εδω κλικ καντε πατηστε
כאן לחצו לחץ הקליקו
هنا اضغط انقر
यहां यहाँ क्लिक करें
ที่นี่ คลิก คลิกที่นี่
vao nhan tai day bam
di sini klik
这里 此处 点击 点此 请点击 请点击这里 点击这里 点击此处 這裡 此處 點擊 點此 按此 請按此 點擊這裡 點擊此處
こちら ここ クリック こちらをクリック ここをクリック こちらから
여기 클릭 여기를 클릭하세요 여기를클릭
ovdje kliknite tukaj kliknite
тук щракнете кликнете
"""
_ONLY_HERE = frozenset(word for listed in _HERE.split() for word in words_of(listed))


def effect_in_place(link: Link, links: Links) -> Effect | None:
    """What requesting a link does, by its address, its text and the words around it; `None` when nothing.

    Args:
        link: one of `links`.
        links: all links of the message.
    """
    found = effect_of(link, links)
    if found is not None or not link.is_web:
        return found
    said = (effect(link.shape, text=text) for text in _around(link) if text)
    return next((one for one in said if one is not None), None)


def _around(link: Link) -> Iterator[str]:
    if link.kind == "text":
        yield _in_text(link)
    elif link.kind == "link" and link.element is not None:
        yield from _names(link.element)
        if says_only_here(link.text):
            yield _in_markup(link)


def _names(element: Element) -> Iterator[str]:
    """What a link is called besides its text: for screen readers, and by the pictures in it."""
    for name in ("title", "aria-label"):
        yield element.get(name) or ""
    markup, end = element.markup, element.whole.end
    for index in range(element.index + 1, len(markup.structure.tokens)):
        inside = Element(markup, index)
        if inside.span.start >= end:
            return
        yield (inside.get("alt") or "") if inside.name in ("img", "amp-img") else ""


def says_only_here(text: str) -> bool:
    """Whether the text of a link says no more than that one may click."""
    words = words_of(text)
    return bool(words) and len(words) <= 6 and all(word in _ONLY_HERE for word in words)


def _in_text(link: Link) -> str:
    """The words in front of an address, on its line or the one above."""
    text, start = link.span.part.text, link.span.start
    line = text.rfind("\n", 0, start) + 1
    before = _WEB.split(text[line:start])[-1]
    if not words_of(before):
        above = text[max(0, line - 4 * _NEAR) : line].rstrip()
        before = _WEB.split(above.rpartition("\n")[2])[-1]
    return _last(before)


def _in_markup(link: Link) -> str:
    """The sentence around a link: what is before and behind it in its line."""
    element = link.element
    block = None if element is None else _block_at(element.markup.blocks, link.span.start)
    if element is None or block is None:
        return link.text
    whole, markup = element.whole, element.markup
    before = markup.text_between(block.span.start, whole.start)
    behind = markup.text_between(whole.end, block.span.end)
    return f"{_last(before)} {_first(behind)}"


def _block_at(blocks: tuple[Block, ...], offset: int) -> Block | None:
    number = bisect_right(blocks, offset, key=lambda block: block.span.start) - 1
    for block in blocks[max(0, number) : number + 2]:
        # The tag of a link may stand before the first text of its line.
        if block.span.end > offset:
            return block
    return None


def _last(text: str) -> str:
    sentence = _SENTENCE.split(" ".join(text.split()).rstrip(" .:"))[-1][-_NEAR:]
    return " ".join(sentence.split()[-_FEW:])


def _first(text: str) -> str:
    sentence = _SENTENCE.split(" ".join(text.split()))[0][:_NEAR]
    return " ".join(sentence.split()[:_FEW])
