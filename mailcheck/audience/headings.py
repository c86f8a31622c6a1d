"""Names of columns: compared without what lists write differently, and told only where they are names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from msgspec import Struct

MOST_SHOWN = 12

_ACCENTS = re.compile("([a-z])[\u0300-\u036f]+")
_PART = re.compile(r"[^\W\d_]?[^\WA-Z\d_]+|[A-Z]+")
_DIGIT = re.compile(r"\d")
_MANY_DIGITS = 6
"""From so many on, a cell is a date, a telephone number or the number of a customer, and no heading."""


def squeezed(name: str) -> str:
    """A name of a column without case, the accents of Latin letters, and punctuation.

    Letters, digits and vowel signs of any script stay, in their compatibility form (NFKC).

    Returns:
        an empty text for a name of nothing but marks, which is the same as no other name.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    composed = unicodedata.normalize("NFKC", _ACCENTS.sub(r"\1", plain))
    return "".join(letter for letter in composed if unicodedata.category(letter)[0] in "LNM")


_TEXT = """
name first last full middle firstname lastname fullname fname lname surname title salutation anrede
vorname nachname voornaam achternaam naam prenom nom nombre apellido apellidos nome cognome fornavn etternavn namn
imie nazwisko id uid uuid guid key nr number nummer no index row column field value
email mail epost courriel correo address adresse adres contact kontakt
date datum fecha time timestamp at on created updated added modified
birthday birthdate birth born dob geburtstag geburtsdatum geboortedatum age
phone mobile telephone tel telefon telefoon sms city ort stadt plaats ville zip plz postcode
country land pays pais region language lang locale taal sprache langue gender sex geschlecht company firma
status state type source subscribed unsubscribed subscriber optin optout opt consent reason bounce bounced
tag tags list segment group score points count total amount code url link open click opens clicks
hash md5 sha sha1 sha256 domain domains host
имя фамилия отчество почта город дата телефон страна язык ім'я прізвище
姓 名 姓名 氏名 名前 メール メールアドレス 邮箱 電子郵件 电子邮件 이름 이메일 όνομα επώνυμο שם דואל الاسم البريد
"""
_WORDS = frozenset(map(squeezed, _TEXT.split()))
"""Words that stand in headings, in several languages, and hardly ever in the data of people."""


class Shown(Struct, frozen=True):
    """What a sentence may tell of the columns of a list.

    Args:
        text: such as `it has email, name`, or how many columns there are.
        are_headings: whether the names are surely headings, so that they may be told.
    """

    text: str
    are_headings: bool


def shown_columns(names: Collection[str]) -> Shown:
    """What is told of the names of columns: in a list without headings, the first row holds somebody's data."""
    if are_headings(names):
        return Shown(f"it has {', '.join(list(names)[:MOST_SHOWN])}", True)
    columns = "1 column, whose name is" if len(names) == 1 else f"{len(names):,} columns, whose names are"
    return Shown(f"it has {columns} not told here, as the first row may be somebody's data and no headings", False)


def are_headings(names: Collection[str]) -> bool:
    """Whether names of columns are names: one at least is known, and none looks like a value."""
    if any("@" in name or len(_DIGIT.findall(name)) >= _MANY_DIGITS for name in names):
        return False
    return any(map(_is_known, names))


def _is_known(name: str) -> bool:
    parts = [squeezed(part) for part in _PART.findall(name)]
    return squeezed(name) in _WORDS or (bool(parts) and all(part in _WORDS for part in parts))
