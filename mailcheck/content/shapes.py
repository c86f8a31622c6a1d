"""Tags that one pattern can tell: `*|FNAME|*`, `%%Name%%`, `[firstname]`, `{$name}` …

A strong family is a tag by its delimiters. A weak one shares its delimiters with ordinary text
(`[video]`, `#top`, `{a}`) and is a tag only when the name between them is known: in the field lexicon,
among the audience's fields, or as a tag that some service fills in itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort
from mailcheck.content.pairs import Found
from mailcheck.content.prompts import is_order


class Family(Struct, frozen=True):
    """One shape of tag.

    Args:
        id: its name.
        hint: a string without which it cannot occur; checked before the pattern.
        pattern: group 1 is the inner text.
        strong: its delimiters alone make it a tag.
        plain: also looked for outside HTML.
        certain: for weak ones, inner texts that make it a tag.
    """

    id: str
    hint: str
    pattern: re.Pattern[str]
    strong: bool
    certain: Callable[[str], bool] = lambda _inner: False


def _technical(inner: str) -> bool:
    return field_sort(inner) == "technical"


def _lexicon(inner: str) -> bool:
    return field_sort(inner) is not None


def _upper_lexicon(inner: str) -> bool:
    return inner.isupper() and (_technical(inner) or inner in ("NAME", "EMAIL", "FNAME", "LNAME"))


_HEX = lazy(r"[0-9A-Fa-f]{2}")


FAMILIES: tuple[Family, ...] = (
    Family("star_pipe", "*|", lazy(r"\*\|(?! [a-z])((?:[^|*<>\r\n]|[<>]=?(?=[ \d])){1,160}(?:\|[^|*<>\r\n]{0,40})?)\|\*"), True),
    Family("percent2", "%%", lazy(r"%%(?<!%%%)([^\W\d][\w .:\-]{0,60}|[$!@][A-Za-z_][\w .]{0,60})%%(?!%)"), True),
    Family("bracket2", "[[", lazy(r"\[\[(?<!\[\[\[)([^\[\]\r\n<>]{1,160})\]\](?!\])"), False,
           lambda inner: _technical(inner) or bool(re.match(
               r"(?:var|data|contact|subscriber|customer|member|recipient|user)[:.]|CONTACT\||=|\w+ mode=\"|IF:\w|ENDIF\Z|ELSE\Z|S\d{1,2}\.\w|[A-Z][A-Z0-9]+(?:[_-][A-Z0-9]+)+\Z|\w+ OR \""
               r"|[a-z]+_[a-z_]+\Z", inner))),
    Family("bracket_star", "*", lazy(r"(?:\[\*\s?([A-Za-z][^\[\]*\r\n<>]{1,120}?)\s?\*\]|\*\[([A-Za-z]\w{2,40})\]\*)"), False,
           lambda inner: bool(re.match(r"data\(|link\.|\w*_\w+\Z", inner)) or _technical(inner)),
    Family("smarty", "{$", lazy(r"\{\$(?<![\w$#]\{\$)([^\W\d](?:[\w.\[\]'\->]|\['[\w ]{1,40}'\]){0,80}(?:\s?\|[^{}\r\n<>]{1,80})?)\}"), True),
    Family("zoho", "$[", lazy(r"\$\[([A-Z][A-Za-z0-9_:|. ]{0,80})\]\$"), True),
    Family("dollar_brace", "${", lazy(r"\$(?<![$#{\w]\$)!?\{([^\W\d][^{}\r\n<>]{0,200}|[(.][^{}\r\n<>]{1,200})\}"), True),
    Family("dollar_pair", "$", lazy(r"\$(?<![\w$]\$)([A-Za-z][A-Za-z0-9_ ]{1,30})\$(?![\w$])"), False,
           lambda inner: _lexicon(inner) or inner in ("UNSUB", "CANTREAD", "FORWARD", "PROFILE", "UPDATE")),
    Family("dollar_call", "$", lazy(r"\$(?<![\w$]\$)([a-z]{3,20}\([^)\r\n<>]{0,120}\))\$(?![\w$])"), True),
    Family("at_pair", "@", lazy(r"@(?<![\w@.]@)([A-Z][A-Z0-9_]{1,40})@(?![\w@])"), True),
    Family("hash2", "##", lazy(r"#(?<![#\w]#)#(/?[A-Za-z_][\w.:]{1,50})##(?!#)"), True),
    Family("hash1", "#", lazy(r"#(?<![\w#&]#)([A-Za-z][\w:.\- ]{1,60}?)#(?![\w#])"), False,
           lambda inner: _technical(inner) or bool(re.match(
               r"(?:recipient|campaign|recipientlist|sender|date|customfield|mailinglist|pf):\w", inner))
           or inner in ("unsubscribeLink", "unsubscribe", "show_in_browser", "update", "trackingDomain")),
    Family("hash_bracket", "#[", lazy(r"#\[([A-Z][A-Z0-9_]{1,40})\]#"), True),
    Family("tilde2", "~~", lazy(r"~~(eloqua\.\.[^~\s\"'<>]{1,200}|[A-Z][A-Z0-9_]{1,30})~~"), True),
    Family("tilde1", "~", lazy(r"~(?<![\w~]~)([A-Z][A-Za-z0-9]{1,20}\.[A-Za-z0-9_.]{1,40}|MAIL)~(?![\w~])"), True),
    Family("brace_bang", "{!", lazy(r"\{!(?!!)\s*((?:global\s+)?[A-Za-z_][^{}\r\n!<>]{0,80})\}"), True),
    Family("brace_tilde", "{~", lazy(r"\{~([A-Za-z][\w ]{1,40})~\}"), True),
    Family("bracket_bang", "[!", lazy(r"\[!([A-Za-z][\w ]{1,40})!\]"), True),
    Family("angle_star", "<*", lazy(r"<\*([^\W\d]\w{1,40})\*>"), False, _lexicon),
    Family("angle_path", "<<", lazy(r"<<([A-Za-z][\w ]{1,60}\\[A-Za-z][\w ]{1,60})>>"), True),
    Family("silverpop", "#SP", lazy(r"#(SP(?:ONECLICK|CUSTOM)?OPTOUT|SPONECLICKOPTOUT|SPFORWARDTOAFRIEND|SPVIEWASWEBPAGE)\b"), True),
    Family("track_link", "@TrackLink", lazy(r"@(TrackLink)\b"), True),
    Family("var_word", "VAR_", lazy(r"\bVAR_([A-Z][A-Z_]{2,40})\b"), False, _technical),
    Family("brace_number", "{", lazy(r"\{(?<![\w\\{}$#%@]\{)(\d{1,2})\}(?![\w{}])"), False),
    Family("dollar_path", "$", lazy(r"\$(?<![\w$\\]\$)!?((?i:lead|user|contact|customer|subscriber|member|recipient|person|profile)\.[A-Za-z]\w{1,40}(?:\.\w{1,40}){0,6})"), False),
    Family("brace_query", "{?", lazy(r"\{\?(\$?[A-Za-z][\w ]{1,40})\?\}"), True),
    Family("brace1", "{", lazy(r"\{(?<![{$#\w\\%]\{) ?((?:[^\W\d]|/)[\w.=:|\"'‘’“”, \-/]{1,100})\}(?!\})"), False,
           lambda inner: _technical(inner.partition("|")[0].partition(",")[0].strip()) or bool(re.match(
               r"(?:contactfield|leadfield|ownerfield|pagelink|assetlink|dynamiccontent|dwc)=|"
               r"(?:contact|action|domain|mailing|event|membership|contribution|participant|subscriber|customer|user|recipient)"
               r"\.\w+|SUBJ:|ERROR\Z", inner))),
    Family("bracket_block", "[", lazy(r"\[(?<!!\[)((?:if|elseif):\w[^\[\]\r\n<>]{0,80}|else|endif)\]"), False,
           lambda inner: ":" in inner),
    Family("bracket1", "[", lazy(r"\[(?<![\[\w\]\\*#$]\[)(?![-!=])([^\W\d_][^\[\]\r\n<>]{1,80}|!?[A-Za-z][\w ]{1,40}!?)\](?![\](\[*#$:])"), False,
           lambda inner: _bracket_field(inner)),
    Family("bracket_dash", "[-", lazy(r"\[-([A-Z][A-Z0-9_]{1,40})-\]"), True),
    Family("percent1", "%", lazy(r"%(?<![%\w\\]%)((?:[^\W\d_]|[/$])[\w.\-|$/]{2,50})%(?![%\w])"), False,
           lambda inner: _percent_field(inner)),
    Family("percent_if", "%", lazy(r"%(?<![%\w]%)((?:IF|ELSEIF)\s[^%\r\n<>]{1,160}|ELSE|/IF)%(?![%\w])"), True),
    Family("percent_format", "%(", lazy(r"%(?<![\w%]%)\(([A-Za-z_]\w{0,40})\)[sd](?!\w)"), True),
    Family("underscores", "__", lazy(r"_(?<![\w]_)_([A-Z][A-Z0-9_]{2,40}?)__(?!\w)"), False,
           lambda inner: _technical(inner) or "UNSUB" in inner or "NAME" in inner),
    Family("dashes", "-", lazy(r"-(?<![\w-]-)-?([A-Z][A-Z0-9_]{2,30}|(?<=--)[A-Z][a-z]{1,20} [A-Z][a-z]{1,20}(?=--))--?(?![\w-])"), False,
           lambda inner: _upper_lexicon(inner) or (" " in inner and _technical(inner))),
    Family("hash_brace", "#{", lazy(r"#(?<![\w#&]#)\{([A-Za-z_@][^{}\r\n<>;:]{0,80})\}"), False,
           lambda inner: _technical(inner) or bool(re.match(r"@?\w+\.\w", inner))),
    Family("at_word", "@", lazy(r"@(?<![\w@./]@)(firstname|lastname|surname|fullname)\b(?![.@-])"), True),
    Family("at_code", "@", lazy(r"@(?<![\w@.]@)((?:Model|ViewBag|ViewData|Html)\.[\w.\[\]]{1,80}|\((?:Model|ViewBag)[^()\r\n]{1,120}\))"), True),
    Family("dollar_word", "$", lazy(r"\$(?<![\w$\\]\$)!?([A-Za-z]\w{3,40})\b(?!\$)"), False, _technical),
    Family("dollar_bang", "$!", lazy(r"\$(?<![\w$]\$)!\{?([A-Za-z][\w.]{1,60})\}?"), True),
    Family("guillemets", "«", lazy(r"«([^«»\r\n<>]{1,60})»"), False,
           lambda inner: (inner == inner.strip() and _lexicon(inner)) or bool(re.fullmatch(
               r"[A-Z][a-z]+(?:_?[A-Z][a-z]+)+|Next Record|AddressBlock|GreetingLine", inner))),
    Family("merge_field", "MERGEFIELD", lazy(r"\{\s?(MERGEFIELD\s+[^{}\r\n]{1,80})\}"), True),
    Family("bracket_equals", "[=", lazy(r"\[=(?<!\[\[=)([A-Za-z_][^\[\]\r\n<>]{1,120})\]"), True),
    Family("parenthesis", "(", lazy(r"\((?<![\w(\]]\()(firstname|first_name|fname|lastname|last_name|FNAME|FIRSTNAME|voornaam|fornavn|förnamn|vorname|prénom|prenom)\)"), True),
    Family("smarty_block", "{", lazy(r"\{(?<![{$#]\{)(/?(?:if|elseif|else|foreach|foreachelse|literal|capture|section)\b[^{}\r\n]{0,300})\}"), False,
           lambda inner: bool(re.match(r"(?:if|elseif|foreach|section)\s+\(?!?[$\w]|/(?:if|foreach|literal|capture|section)\Z|else\Z|literal\Z|capture\b", inner))),
)  # fmt: skip


def _bracket_field(inner: str) -> bool:
    if "://" in inner or inner in _LABELS:
        return False  # `[unsubscribe: https://…]`, `[Unsubscribe]`: how links are written in a text
    head = re.split(r"[,/%|:]| fallback=", inner, maxsplit=1)[0]
    if field_sort(head) == "technical" or ",fallback=" in inner.replace(" ", ""):
        return True
    known = re.match(
        r"(?:[Ss]ubscriber|link|newsletter|contact_attribute|Field|Contact|member|user|date|site|custom|woocommerce):\s?[\w ]|\w+:filter:",
        inner,
    )
    if known:
        return True
    # A word like `Name` in brackets is a field only when nothing else stands there.
    return field_sort(head) == "word" and head == inner and (inner.isupper() or inner.islower() or inner.istitle())


_LABELS = frozenset(
    (
        "Unsubscribe",
        "Preferences",
        "Webversion",
        "Afmelden",
        "Webversie",
        "Abmelden",
        "Avmeld",
        "Nettversjon",
        "Avregistrera",
    )
)


def _percent_field(inner: str) -> bool:
    if _HEX.match(inner) and len(inner) <= 3:
        return False
    if re.match(r"recipient(?:[._]\w+)?\Z|(?:tag_|mailing_list_)?unsubscribe_(?:url|email)\Z", inner):
        return True
    if _technical(inner.strip("$|")):
        return True
    if inner in _ENVIRONMENT:
        return False
    return bool(re.fullmatch(r"[A-Z][A-Z0-9]*(?:[_\-][A-Z0-9]+)*\|?", inner)) and not _HEX.match(inner)


_ENVIRONMENT = frozenset(
    ("APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "USERPROFILE", "USERNAME", "COMPUTERNAME", "HOMEPATH",
     "HOMEDRIVE", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "PATH", "PATHEXT", "COMSPEC", "PUBLIC")
)  # fmt: skip
"""Variables of Windows, which people are told to type."""


def scan_families(
    text: str,
    known: Callable[[str], bool],
    *,
    greets: Callable[[str, int], bool] | None = None,
    only: frozenset[str] = frozenset(),
    never: frozenset[str] = frozenset(),
) -> Iterator[tuple[Found, str, bool, bool]]:
    """`(found, inner, strong, certain)` for every candidate.

    Args:
        known: whether a tag, as written, is one that some service fills in itself.
        greets: whether a greeting ends before an offset of the text; there the name of any field makes a tag.
        only: ids of the families to look for; all when empty.
        never: ids of the families to leave out.
    """
    for family in FAMILIES:
        if (only and family.id not in only) or family.id in never or family.hint not in text:
            continue
        for match in family.pattern.finditer(text):
            inner = next((group for group in match.groups() if group is not None), "")
            if family.id == "brace_bang" and is_order(inner):
                continue
            certain = family.strong or family.certain(inner) or known(match[0])
            if not certain and greets is not None and field_sort(inner) is not None:
                certain = greets(text, match.start())
            if certain or family.id in _LOOSE:
                yield Found(family.id, match.start(), match.end()), inner, family.strong, certain


_LOOSE = frozenset({"bracket1", "bracket2", "percent1", "brace1", "hash1", "bracket_block", "smarty_block"})
"""Weak families whose unknown names still count when the declared dialect has them."""
