"""Faults that only show once the dialect is known: case, form of the fallback, place, another service's names."""

from __future__ import annotations

import re
from functools import cache

from msgspec.structs import replace

from mailcheck.content.breakage import breakage
from mailcheck.content.dialects import JOIN, NO_TAGS, Dialect, Dialects
from mailcheck.content.greeting import follows_greeting
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort
from mailcheck.content.placeholders import dummy_defaults, is_human_bracket
from mailcheck.content.slips import slip
from mailcheck.content.syntax import names_its_default
from mailcheck.content.tags import Breakage, Tag, Tags


def examine(tags: Tags, dialects: Dialects) -> Tags:
    """The tags with what depends on the dialect and on the words around them."""
    dialect = tags.dialect if tags.declared else None
    return replace(tags, items=tuple(_examined(tag, dialect, tags.local_names, dialects) for tag in tags.items))


def _examined(tag: Tag, dialect: Dialect | None, local: frozenset[str], dialects: Dialects) -> Tag:
    # `[FIRST NAME]` is how a service writes a field; `[First Name]` is how people do.
    human = tag.family == "bracket1" and not tag.own and not tag.inner.isupper() and is_human_bracket(tag.inner)
    greeted = tag.kind == "field" and tag.certain and follows_greeting(tag)
    fault = tag.breakage or _fault(tag, dialect, local)
    said = replace(tag, human=human, greeted=greeted, breakage=fault) if human or greeted or fault else tag
    if dialect is None or fault or tag.place.quoted or not said.is_seen:
        return said
    owners = owners_by_name(tag, dialect, local) if tag.own else dialects.owners(" ".join(tag.text.split()))
    return replace(said, foreign=True, owners=owners) if owners or not tag.own else said


def _fault(tag: Tag, dialect: Dialect | None, local: frozenset[str]) -> Breakage | None:
    if not tag.certain:
        return None
    if tag.place.kind == "comment":
        runs = dialect is not None and dialect.id in ("hubspot", "sfmc") and tag.own and tag.kind == "field"
        return breakage("in_comment", tag.text, dialect=dialect.name) if runs and dialect else None
    name = dialect.name if dialect else "your service"
    if _is_dummy(tag):
        return breakage("dummy_default", tag.text)
    if _is_glued(tag, dialect):
        return breakage("scheme_glued", tag.text)
    if _adds_parameter(tag):
        return breakage("parameter_glued", tag.text)
    if dialect is None or dialect.id == NO_TAGS:
        return None
    if tag.own and (slipped := slip(tag, dialect, local)):
        return breakage(slipped[0], tag.text, meant=slipped[1], dialect=name)
    if code := _place_fault(tag, dialect):
        return breakage(code, tag.text)
    return _own_fault(tag, dialect, name) if tag.own else None


def _is_dummy(tag: Tag) -> bool:
    """Whether the fallback of a tag is a text that nobody wants to mail."""
    if tag.default is None or tag.kind != "field" or tag.default.strip(" .!").lower() not in dummy_defaults():
        return False
    return not names_its_default(tag.family, tag.inner, tag.default.strip())


def _own_fault(tag: Tag, dialect: Dialect, name: str) -> Breakage | None:
    """What is wrong with a tag of the declared dialect itself."""
    if _is_lowered(tag, dialect):
        return breakage("case", tag.text, meant=tag.text.upper())
    if tag.family == "star_pipe" and " " in tag.inner.partition(":")[0].strip() and tag.kind == "field":
        return breakage("space_in_name", tag.text, dialect=name)
    if tag.family == "smarty" and dialect.id == "mailerlite" and _SMARTY_COLON.search(tag.inner):
        return breakage("default_form", tag.text, meant=_SMARTY_COLON.sub(r"|default(\1)", tag.text), dialect=name)
    if tag.family != "braces":
        return None
    return _braces_fault(tag, dialect, name) if tag.inner.strip(" {}~-") else breakage("empty", tag.text)


def _is_lowered(tag: Tag, dialect: Dialect) -> bool:
    """Whether only the case keeps the service from knowing the tag."""
    if tag.family not in ("star_pipe", "at_pair", "percent1") or tag.text == tag.text.upper():
        return False
    return not dialect.owns(tag.text) and dialect.owns(tag.text.upper())


_SMARTY_COLON = lazy(r"\|\s*default\s*:\s*([\"'][^\"']*[\"'])")
_GLUED = lazy(r"https?://(?:[\w.\-]+\.[a-z]{2,10}/)?\Z", re.IGNORECASE)


def _is_glued(tag: Tag, dialect: Dialect | None) -> bool:
    """`https://{{ unsubscribe_url }}`: a tag that already gives a whole address behind another one."""
    if not tag.is_for("unsubscribe", "view_online", "preferences") and not re.search(r"unsub", tag.name, re.IGNORECASE):
        return False
    if tag.place.kind == "attribute" and not tag.place.is_url:
        return False
    part, start = tag.span.part, tag.span.start
    if _GLUED.search(part.text[max(0, start - 100) : start]) is None:
        return False
    examples = (*dialect.unsubscribe, *dialect.view_online, *dialect.preferences) if dialect else ()
    owners = {owner for _, owner in tag.purposes}
    return not (
        owners & {"dotdigital", "moosend"}
        or any(example.startswith("http") and tag.text in example for example in examples)
    )


_PARAMETER = lazy(r"\?[\w.\-]{1,40}=")


def _adds_parameter(tag: Tag) -> bool:
    """`*|UNSUB|*?utm_source=x`: a parameter behind a whole link of the service's own."""
    if not tag.place.is_url or not tag.is_for("unsubscribe", "view_online", "preferences"):
        return False
    return _PARAMETER.match(tag.span.part.text, tag.span.end) is not None


_ANCHORS: dict[str, frozenset[str]] = {
    "klaviyo": frozenset({"unsubscribe", "manage_preferences", "web_view"}),
    "mautic": frozenset({"unsubscribe_text", "webview_text"}),
    "kit": frozenset({"unsubscribe_link", "subscriber_preferences_link"}),
    "drip": frozenset({"unsubscribe_link", "manage_subscriptions_link"}),
    "phplist": frozenset({"UNSUBSCRIBE", "PREFERENCES"}),
    "hubspot": frozenset({"unsubscribe_section", "unsubscribe_anchor", "view_as_page_section"}),
    "mailpoet": frozenset(
        {"link:subscription_unsubscribe", "link:subscription_manage", "link:newsletter_view_in_browser"}
    ),
}
_ADDRESSES: dict[str, frozenset[str]] = {
    "klaviyo": frozenset({"unsubscribe_link", "manage_preferences_link", "web_view_link"}),
    "sendgrid": frozenset({"Weblink", "unsubscribe", "asm_group_unsubscribe_raw_url"}),
    "mautic": frozenset({"unsubscribe_url", "webview_url"}),
    "kit": frozenset({"unsubscribe_url", "subscriber_preferences_url"}),
    "drip": frozenset({"unsubscribe_url", "manage_subscriptions_url"}),
    "listmonk": frozenset({"UnsubscribeURL", "MessageURL"}),
    "mailchimp": frozenset({"UNSUB", "ARCHIVE", "UPDATE_PROFILE", "FORWARD"}),
    "activecampaign": frozenset({"UNSUBSCRIBELINK", "WEBCOPY"}),
}


def _listed(table: dict[str, frozenset[str]], dialect: Dialect, name: str) -> bool:
    return any(name in table.get(part, ()) for part in dialect.id.split(JOIN))


def _place_fault(tag: Tag, dialect: Dialect) -> str:
    name = tag.name.strip()
    if tag.place.kind == "attribute" and tag.place.is_url and _listed(_ANCHORS, dialect, name):
        quoted = re.search(r"['\"]", tag.inner)
        return "anchor_in_href" if not quoted or tag.family != "braces" else ""
    in_text = tag.place.kind == "text" and tag.place.element != "a" and _listed(_ADDRESSES, dialect, name)
    if in_text and tag.span.part.media in ("html", "amp") and not _in_link_text(tag):
        return "url_as_text"
    return ""


def _in_link_text(tag: Tag) -> bool:
    """Whether the tag stands between `<a …>` and `</a>`, or right behind a quote or `=` of a loose attribute."""
    text, start = tag.span.part.text, tag.span.start
    opened = text.rfind("<a", max(0, start - 2_000), start)
    closed = text.rfind("</a", max(0, start - 2_000), start)
    return opened > closed or text[start - 1 : start] in ("=", '"', "'")


@cache
def _default_style(dialect: Dialect) -> str:
    """How a fallback is written: `colon` (Liquid), `tight` (Django), `call` (Jinja, Twig) or empty."""
    joined = " ".join(dialect.defaults)
    if JOIN in dialect.id:
        return ""
    if dialect.id in ("django", "klaviyo"):
        return "tight"
    if re.search(r"\|\s*default\s*:", joined):
        return "colon"
    if re.search(r"\|\s*default\s*\(", joined):
        return "call"
    return ""


_NO_SPACES = frozenset(
    {
        "klaviyo",
        "django",
        "jinja2",
        "twig",
        "nunjucks",
        "liquid",
        "hubspot",
        "brevo",
        "customerio",
        "kit",
        "drip",
        "bloomreach",
        "ometria",
        "keila",
        "handlebars",
        "mustache",
        "sendgrid",
        "postmark",
        "iterable",
        "mailgun",
        "amazon-ses",
        "sendpulse",
        "bento",
        "dotdigital",
        "braze",
        "sparkpost",
    }
)
_NO_HYPHENS = frozenset({"klaviyo", "django", "jinja2", "twig", "nunjucks", "hubspot", "brevo", "braze", "kit"})
_QUOTE = r"[\"'‘’“”]"


def _braces_fault(tag: Tag, dialect: Dialect, name: str) -> Breakage | None:
    inner = tag.inner.strip()
    style = _default_style(dialect)
    if fault := _default_fault(tag, inner, style, name):
        return fault
    if (
        re.fullmatch(r"[A-Za-z]+(?: [A-Za-z]+){1,2}", inner)
        and field_sort(inner) == "technical"
        and dialect.id in _NO_SPACES
    ):
        return breakage("space_in_name", tag.text, dialect=name)
    if (
        re.fullmatch(r"[A-Za-z]+(?:-[A-Za-z]+){1,2}", inner)
        and field_sort(inner) == "technical"
        and dialect.id in _NO_HYPHENS
    ):
        return breakage("space_in_name", tag.text, dialect=name)
    if _is_other_syntax(inner, dialect):
        return breakage("foreign_syntax", tag.text, dialect=name)
    if _breaks_attribute(tag, dialect):
        return breakage("quotes_in_attribute", tag.text)
    return None


def _default_fault(tag: Tag, inner: str, style: str, name: str) -> Breakage | None:
    match = re.search(rf"\|\s*default\s*([:(]?)\s*(?={_QUOTE})({_QUOTE}[^\"'‘’“”]*{_QUOTE})", inner)
    if match and style and match[1] != {"colon": ":", "tight": ":", "call": "("}[style]:
        head = inner[: match.start()].strip()
        meant = {
            "colon": f"{head} | default: {match[2]}",
            "tight": f"{head}|default:{match[2]}",
            "call": f"{head}|default({match[2]})",
        }
        return breakage("default_form", tag.text, meant=f"{{{{ {meant[style]} }}}}", dialect=name)
    if style in ("colon", "tight") and re.search(rf"\|\|\s*{_QUOTE}|\?\?\s*{_QUOTE}", inner):
        head, _, rest = re.sub(r"\?\?", "||", inner).partition("||")
        meant_form = (
            f"{head.strip()} | default: {rest.strip()}"
            if style == "colon"
            else f"{head.strip()}|default:{rest.strip()}"
        )
        return breakage("default_form", tag.text, meant=f"{{{{ {meant_form} }}}}", dialect=name)
    if style == "tight" and re.search(rf"\|\s*default\s*:\s+{_QUOTE}", inner):
        return breakage(
            "default_form", tag.text, meant=re.sub(r"\s*\|\s*default\s*:\s+", "|default:", tag.text), dialect=name
        )
    return None


@cache
def _syntaxes(dialect: Dialect) -> frozenset[str]:
    examples = " ".join((*dialect.fields, *dialect.defaults, *dialect.blocks, *dialect.unsubscribe))
    found = set()
    if "{{#" in examples or "{{^" in examples or dialect.id in ("sendpulse", "sparkpost", "mailtrain"):
        found.add("handlebars")
    if re.search(r"\{\{-?\s*(?:\.|if |range |end)", examples):
        found.add("go")
    if "{%" in examples:
        found.add("statement")
    return frozenset(found)


def _is_other_syntax(inner: str, dialect: Dialect) -> bool:
    """Handlebars blocks where `{% %}` is spoken, Go fields where nothing begins with a dot."""
    spoken = _syntaxes(dialect)
    if "statement" not in spoken or dialect.id == "mjml":
        return False
    if inner[:1] in ("#", "^") and re.match(r"[#^]\s*[A-Za-z]", inner) and "handlebars" not in spoken:
        return True
    if inner[:1] == "/" and re.match(r"/[A-Za-z]+\Z", inner) and "handlebars" not in spoken:
        return True
    return re.match(r"\.[A-Z]\w*", inner) is not None and "go" not in spoken


def _breaks_attribute(tag: Tag, dialect: Dialect) -> bool:
    if (
        dialect.is_engine
        or dialect.id in ("listmonk", "keila", "mautic", "mailtrain")
        or tag.place.kind != "attribute"
        or '"' not in tag.inner
    ):
        return False
    text, start = tag.span.part.text, tag.span.start
    quote = re.search(r"=\s*([\"'])[^\"'<>]*\Z", text[max(0, start - 500) : start])
    return quote is not None and quote[1] == '"'


# Names that stand for one service's own data: root of the name → the dialects that know it.
ROOTS: dict[str, frozenset[str]] = {
    "contact": frozenset({"brevo", "hubspot", "dotdigital", "keila", "emarsys", "everlytic"}),
    "customer": frozenset({"customerio", "bloomreach"}),
    "lead": frozenset({"marketo"}),
    "my": frozenset({"marketo"}),
    "Recipient": frozenset({"pardot-hml", "salesforce-lightning"}),
    "Subscriber": frozenset({"listmonk"}),
    "subscriber": frozenset({"kit", "drip", "mailrelay"}),
    "visitor": frozenset({"bento"}),
    "people": frozenset({"ortto"}),
    "prospect": frozenset({"quickmail"}),
    "site_settings": frozenset({"hubspot"}),
    "amazonSESUnsubscribeUrl": frozenset({"amazon-ses"}),
    "personalization_token": frozenset({"hubspot"}),
    "EmailMessaging": frozenset({"dynamicweb"}),
    "hostedUnsubscribeUrl": frozenset({"iterable"}),
    "unsubscribeMessageTypeUrl": frozenset({"iterable"}),
    "Weblink": frozenset({"sendgrid"}),
    "var": frozenset({"mailjet"}),
    "data": frozenset({"mailjet", "campaign"}),
}
_MUST_BEGIN = {
    "marketo": lazy(r"\s*(?:lead|company|my|system|campaign|program|trigger|member|owner|partner)\."),
    "mailjet": lazy(r"\s*(?:var|data|mj|segmentation)\s*:|\s*\w+\s*\("),
}
"""Services all of whose tags begin in a certain way."""
_COMMON_WORDS = frozenset({"contact", "customer"})
_WITHOUT_CONTACT = frozenset({"klaviyo", "braze", "kit", "drip", "marketo"})
"""Services none of whose data is under `contact.` or `customer.`."""
_ROOT = lazy(r"\s*[.$]*\{?\s*([A-Za-z_]\w*)(?=\s*(?:[.:(|}]|\Z))")
_COLONED = frozenset({"var", "data", "EmailMessaging"})


_DOTTED = frozenset(["contact", "customer", "lead", "my", "subscriber", "visitor", "people", "prospect", "Recipient"])
"""Roots that are ordinary names when no dot follows."""
_BRAZE = lazy(r"\s*(?:\w+\.)?\$\{")
_BREVO = lazy(r"\s*contact\.[A-Z][A-Z0-9_]{2,}\b")
_LOWER_CONTACT = frozenset({"hubspot", "keila", "dotdigital", "everlytic"})
"""Services with `contact.`, like Brevo, whose fields are not in capitals."""


def owners_by_name(tag: Tag, dialect: Dialect, local: frozenset[str]) -> frozenset[str]:
    """Ids of the services whose data the name means, when `dialect` is none of them; else empty."""
    begins = _MUST_BEGIN.get(dialect.id)
    if tag.family != "braces" or tag.kind != "field" or tag.scoped or (dialect.is_engine and begins is None):
        return frozenset()
    if _BRAZE.match(tag.inner):
        return frozenset({"braze"}) - {dialect.id}
    if dialect.id in _LOWER_CONTACT and _BREVO.match(tag.inner):
        return frozenset({"brevo"})
    if begins is not None and not begins.match(tag.inner) and tag.name.split(".")[0] not in local:
        return frozenset({"liquid"})
    match = _ROOT.match(tag.inner)
    return frozenset() if match is None or match[1] in local else _owners_of_root(match[1], tag.inner, dialect)


def _owners_of_root(root: str, inner: str, dialect: Dialect) -> frozenset[str]:
    """Ids of the services whose data begins with `root`; empty when `dialect` has such data too."""
    mark = ":" if root in _COLONED else "." if root in _DOTTED else ""
    if mark and not inner.lstrip().startswith(root + mark):
        return frozenset()
    owners = ROOTS.get(root, frozenset())
    common = root in _COMMON_WORDS and dialect.id not in _WITHOUT_CONTACT
    return frozenset() if common or dialect.id in owners else owners
