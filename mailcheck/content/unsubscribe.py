"""Which links do something to a recipient as soon as they are requested, and so are never requested.

Requests of scanners have unsubscribed people, confirmed sign-ups and used up links that work once; a HEAD does as much
as a GET. So a link is looked at before: is it the one of the header `List-Unsubscribe`, is it of a known sending service,
what do its words say, is there something in it that stands for one recipient, what does its text say? The words are
in `data/actions.json`.

A link that is held back without need costs a note in the report; one that is requested without need may cost a
recipient. Pages about such things, `/blog/how-to-unsubscribe`, are told apart by standing among pages and by having
nothing in them that stands for a recipient.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Literal
from urllib.parse import unquote

from msgspec import Struct

from mailcheck.content import link_effect_words
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, Address, split
from mailcheck.content.link_effect_tokens import (
    answers,
    carries_code,
    has_code,
    is_content,
    is_personal_page,
    is_public,
    is_wordless,
    leads_on,
    longest_token,
    may_name_recipient,
    names_recipient,
    pairs,
    segments,
    works_once,
)
from mailcheck.content.link_effect_words import Words, fold, words_of
from mailcheck.content.links import Link, Links

Sort = Literal["unsubscribe", "preferences", "confirmation", "one-time", "answer", "tracked", "form"]

SAID: dict[Sort, str] = {
    "unsubscribe": "it may unsubscribe a recipient",
    "preferences": "it may change what a recipient has chosen",
    "confirmation": "it may confirm something in the name of a recipient",
    "one-time": "it may only work once, for one recipient",
    "answer": "it may be counted as a recipient's answer",
    "tracked": "it counts the click of a recipient",
    "form": "it receives a form",
}


class Effect(Struct, frozen=True):
    """Why a link is not requested. `why` names what told it, for a sentence."""

    sort: Sort
    why: str

    def __str__(self) -> str:
        return f"{SAID[self.sort]} ({self.why})"


def effect_of(link: Link, links: Links | None = None) -> Effect | None:
    """What requesting a link of a message does, or `None` when it does nothing.

    Args:
        link: the link.
        links: all links of the message, for what its `List-Unsubscribe` header says.
    """
    header = [one.shape for one in links.of_kind("unsubscribe")] if links is not None else []
    if link.kind == "form":
        return Effect("form", "forms are sent to it")
    if link.kind == "unsubscribe":
        return Effect("unsubscribe", "it stands in the List-Unsubscribe header")
    text = link.text if link.kind == "link" else ""
    return effect(link.shape, text=text, header=header, is_page=link.kind != "image")


def effect(url: str, *, text: str = "", header: Collection[str] = (), is_page: bool = True) -> Effect | None:
    """What requesting a web address does, or `None` when it does nothing.

    Args:
        url: the address; merge tags in it may be covered by `TAG`.
        text: the text of the link, if there is one.
        header: the addresses of the `List-Unsubscribe` header.
        is_page: a reader opens it; pictures are only looked at for what counts them.
    """
    address = split(url.strip())
    if address.get(address.scheme).lower() not in ("http", "https", "") or address.host is None:
        return None
    return (
        _of_header(address, header)
        or _of_service(address)
        or (_of_address(address) or _of_text(address, text) if is_page else None)
        or (_of_ticket(address) if is_page else None)
        or _of_tracking(address)
        or (_of_inner(address, text) if is_page else None)
        or (_of_person(address) if is_page else None)
    )


def _of_header(address: Address, header: Collection[str]) -> Effect | None:
    here = (address.host_name, address.get(address.path).rstrip("/"))
    for one in map(split, header):
        same_place = (one.host_name, one.get(one.path).rstrip("/")) == here and len(here[1]) > 1
        if one.text == address.text or same_place:
            return Effect("unsubscribe", "the List-Unsubscribe header has the same address")
    return None


def _of_service(address: Address) -> Effect | None:
    host = address.host_name
    rest = address.text[address.authority[1] :] if address.authority else ""
    for hosts, path, sort in link_effect_words.services():
        if path.match(rest) and hosts.fullmatch(host):
            return Effect(_sort(sort), "links of a sending service look like it")
    return None


def _sort(name: str) -> Sort:
    return next(sort for sort in SAID if sort == name)


class _Piece(Struct, frozen=True):
    """A part of an address that can say something: a label of the host, a segment, a name or value of the query."""

    text: str
    place: Literal["host", "path", "name", "value"]


def _pieces(address: Address) -> Iterator[_Piece]:
    if address.get(address.path).strip("/") or address.query is not None:
        yield from (_Piece(label, "host") for label in address.host_name.split(".")[:-2])
    for segment in segments(address):
        yield _Piece(_EXTENSION.sub("", segment), "path")
    free = link_effect_words.word_set("free_keys")
    for name, value in pairs(address):
        if not name.startswith("utm_"):
            yield _Piece(name, "name")
            if name not in free and "://" not in value:
                yield _Piece(value, "value")
    fragment = address.get(address.fragment)
    if fragment.startswith(("/", "!/")):
        yield from (
            _Piece(unquote(piece), "path") for piece in re.split(r"[/?]", fragment.lstrip("!/")) if "=" not in piece
        )


_EXTENSION = lazy(r"\.(?:php\d?|html?|aspx?|jsp|do|cgi|cfm|action)\Z", re.IGNORECASE)


def _of_address(address: Address) -> Effect | None:
    sure = names_recipient(address)
    personal = sure or may_name_recipient(address)
    acts, coded = personal or _is_script(address), has_code(address)
    pieces = list(_pieces(address))
    among_articles = not sure and any(_is_article(piece) for piece in pieces)
    beside = frozenset(word for piece in pieces if piece.place == "path" for word in words_of(piece.text))
    for sort, words in link_effect_words.always().items():
        for piece in pieces:
            if _says(piece, words, beside, personal=acts) and not among_articles:
                return Effect(_sort(sort), f"“{_short(piece.text)}” says so")
    if not personal:
        return None
    if not among_articles and _ends_list(pieces):
        return Effect("unsubscribe", "its words end a newsletter, and something in it stands for one recipient")
    for sort, words in _with_token():
        for piece in pieces:
            if (coded or sort != "one-time") and not among_articles and _says_only(piece, words):
                return Effect(
                    _sort(sort), f"“{_short(piece.text)}” says so, and something in it stands for one recipient"
                )
    return None


def _is_script(address: Address) -> bool:
    """Whether a program is called with something: `/unsubscribe.php?a=1`; articles are `.html`, or nothing."""
    free = link_effect_words.word_set("free_keys")
    asked = any(name not in free and not name.startswith("utm_") for name, _ in pairs(address))
    return asked and _SCRIPT.search(address.get(address.path)) is not None


_SCRIPT = lazy(r"\.(?:php\d?|aspx?|jsp|do|cgi|pl|cfm|action)\Z", re.IGNORECASE)


def _with_token() -> Iterator[tuple[str, Words]]:
    yield from link_effect_words.with_token().items()
    yield from link_effect_words.alone_with_token().items()


def _ends_list(pieces: Collection[_Piece]) -> bool:
    """Whether the segments of a path, one beside the other, speak of ending a newsletter: `nyhetsbrev/avslutt`."""
    said = [words_of(piece.text) for piece in pieces if piece.place in ("path", "value")]
    near = [first + second for first, second in pairwise([*said, []])]
    return any(len(words) <= 7 and link_effect_words.ends_list(words) for words in near)


def _is_article(piece: _Piece) -> bool:
    return piece.place in ("path", "host") and fold(piece.text) in link_effect_words.word_set("articles")


def _says(piece: _Piece, words: Words, beside: Collection[str], *, personal: bool) -> bool:
    """Whether a piece says it: the words alone, with words that say nothing else, or in a personal address."""
    folded = fold(piece.text)
    if words.in_script(folded):
        return (personal or len(piece.text) <= 40) and not link_effect_words.asks_in_script(folded)
    said = words_of(piece.text)
    found = words.found(said)
    if not found:
        alone = "".join(said) in words.alone and piece.place in ("path", "value", "host")
        return alone and (personal or bool(_LISTS & set(beside)))
    if piece.place == "value" and len(said) > 8:
        return False
    others = [word for place, word in enumerate(said) if place not in found and len(word) > 1]
    strangers = [word for word in others if word not in link_effect_words.companions()]
    # Two words of something else are a title, whatever number stands behind it.
    return not strangers or (personal and sum(len(word) > 3 for word in strangers) < 2)


_LISTS = frozenset(
    ("newsletter", "newsletters", "nieuwsbrief", "nyhetsbrev", "nyhedsbrev", "boletin", "mailing", "mailings", "email", "emails", "mail", "lista", "list", "uutiskirje", "hirlevel", "bulten", "subscription", "subscriptions", "subscriber")
)  # fmt: skip


def _says_only(piece: _Piece, words: Words) -> bool:
    """Whether a piece says nothing else: `confirm-your-email`, and not `confirmation-bias-explained`."""
    if words.in_script(fold(piece.text)):
        return len(piece.text) <= 40
    said = words_of(piece.text)
    found = words.found(said)
    if not found or len(said) > 7:
        return False
    others = (word for place, word in enumerate(said) if place not in found and len(word) > 1)
    return all(word in link_effect_words.companions() or word in _OBJECTS for word in others)


_OBJECTS = frozenset(
    ("address", "account", "konto", "compte", "cuenta", "conto", "conta", "registration", "registrierung", "registratie", "order",
     "registro", "registo", "cadastro", "inscripcion", "iscrizione", "inscricao", "anmeldung", "aanmelding", "rejestracja", "booking", "appointment", "reservation", "identity", "signup", "sign", "up", "adresse", "adres", "direccion", "indirizzo",
     "endereco", "token", "code", "link", "login", "event", "meeting", "invite", "yes", "no", "ja", "nein", "nee", "oui", "non",
     "si", "nej", "user", "team", "invoice", "bill", "gift", "card", "coupon", "voucher", "reward", "points", "survey", "umfrage",
     "enquete", "encuesta", "dati", "daten", "datos", "donnees", "dados", "gegevens", "data", "tiedot", "dane", "udaje", "adatok", "veriler", "sondaggio", "device", "request", "complete", "finish", "start", "submit", "send", "get", "set", "new")
)  # fmt: skip


def _of_text(address: Address, text: str) -> Effect | None:
    said = words_of(text)
    folded = fold(text)
    if len(said) > 14 or len(text) > 160 or (said and said[0] in _ASKING) or link_effect_words.asks_in_script(folded):
        return None
    personal, coded = names_recipient(address), has_code(address)
    if not personal and (any(_is_article(piece) for piece in _pieces(address)) or _is_title(address, said)):
        return None
    for sort, words in link_effect_words.always().items():
        if words.found(said) or words.in_script(folded) or (personal and " ".join(said) in words.alone):
            return Effect(_sort(sort), f"its text is “{_short(text)}”")
    if (len(said) <= 9 and link_effect_words.ends_list(said)) or link_effect_words.ends_list_in_script(folded):
        return Effect("unsubscribe", f"its text is “{_short(text)}”")
    if personal and link_effect_words.says_here(folded) and not is_content(address):
        return Effect("one-time", f"its text is only “{_short(text)}”, and something in it stands for one recipient")
    if len(said) > 8 or not may_name_recipient(address):
        return None
    for sort, words in link_effect_words.with_token().items():
        if sort == "one-time" and not coded:
            continue
        if words.found(said) or (words.in_script(folded) and len(text) <= 40):
            return Effect(_sort(sort), f"its text is “{_short(text)}”, and something in it stands for one recipient")
    room = 6 if link_effect_words.names_list(said) else 3
    for sort, words in link_effect_words.alone_with_token().items():
        if coded and ((len(said) <= room and words.found(said)) or (words.in_script(folded) and len(text) <= 20)):
            return Effect(_sort(sort), f"its text is “{_short(text)}”, and something in it stands for one recipient")
    return None


def _is_title(address: Address, said: Collection[str]) -> bool:
    """Whether a text is the title of a page: the address has the same words, and has been judged by them."""
    last = words_of(unquote(address.get(address.path)).rstrip("/").rpartition("/")[2])
    return len(last) > 1 and set(said) <= set(last)


_ASKING = frozenset(
    ("how", "why", "wie", "warum", "hoe", "waarom", "comment", "pourquoi", "como", "come", "hvordan", "hvorfor", "hur")
)


def _of_ticket(address: Address) -> Effect | None:
    if works_once(address):
        return Effect("one-time", "it carries a token")
    if answers(address) and not is_public(address):
        return Effect("answer", "it carries an answer, and something in it stands for one recipient")
    return None


def _of_tracking(address: Address) -> Effect | None:
    length = longest_token(address)
    labels = {_DIGITS.sub("", word) for label in address.host_name.split(".")[:-2] for word in label.split("-")}
    is_counter = bool(labels & link_effect_words.word_set("tracking_labels"))
    ways = link_effect_words.word_set("tracking_paths")
    paths = {segment.lower() for segment in segments(address)[:-1]} & ways
    paths |= {segment.partition(".")[0].lower() for segment in segments(address)[-1:]} & _COUNTERS
    told = "its host or path counts clicks, and something in it stands for one recipient"
    if (length >= 20 and (is_counter or paths & _COUNTERS)) or (length >= 32 and paths & _WAYS):
        return Effect("tracked", told)
    if length >= 20 and len(segments(address)) == 1 and segments(address)[0].lower() in ways:
        return Effect("tracked", told)
    if has_code(address) and _OPENED.search(address.get(address.path)):
        return Effect("tracked", told)
    if is_counter and names_recipient(address) and (paths or segments(address)[-1:] == ["r"]):
        return Effect("tracked", told)
    if _counts_codes(segments(address), is_counter=is_counter):
        return Effect("tracked", told)
    if leads_on(address) or (paths & _COUNTERS and any(_WEB.match(piece) for piece in segments(address))):
        return Effect("tracked", "it counts a click and leads on to another address")
    return None


def _counts_codes(path: list[str], *, is_counter: bool) -> bool:
    """Whether a path is nothing but codes behind a name of counters: `/click/9kqzr/hxj2vd`, `/l/Qx7/3345a8`."""
    names = link_effect_words.word_set("tracking_paths")
    place = next((place for place, piece in enumerate(path) if piece.lower() in names), None)
    if place is not None and (place == 0 or path[place].lower() in _COUNTERS):
        return is_wordless(path[place + 1 :])
    return is_counter and len(path) > 2 and is_wordless(path)


_WEB = lazy(r"https?://", re.IGNORECASE)
_OPENED = lazy(
    r"/(?:(?:o|open|opens|opened|pixel|beacon|track|spacer)|(?:open|opens|pixel|beacon)/\w+)\.(?:gif|png|php|aspx?)\Z",
    re.IGNORECASE,
)
_DIGITS = lazy(r"\d+\Z")
_COUNTERS = frozenset(("click", "clicks", "clk", "ctt", "trk", "redirect", "redir", "lnk", "ct", "pixel", "beacon"))
_WAYS = frozenset(("track", "tracking", "open", "opens", "go", "out"))


def _of_person(address: Address) -> Effect | None:
    if any(map(_is_article, _pieces(address))):
        return None
    if is_personal_page(address):
        return Effect("one-time", "its path was made for one recipient")
    return Effect("one-time", "something in it stands for one recipient") if carries_code(address) else None


def _of_inner(address: Address, text: str) -> Effect | None:
    """What an address does that this one leads on to."""
    for _, value in pairs(address):
        if value.lower().startswith(("http://", "https://")) and len(value) < len(address.text):
            inner = effect(value, text="" if text else text)
            if inner is not None:
                return inner
    return None


def _short(text: str) -> str:
    folded = " ".join(text.replace(TAG, "…").split())
    return folded if len(folded) <= 40 else f"{folded[:39]}…"
