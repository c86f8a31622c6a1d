"""Which field of the audience a merge tag means, and whether it is a person's name."""

from __future__ import annotations

import re

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import Person, organisations, person_sort
from mailcheck.content.tags import Tag, Tags

_LOOKUP = lazy(r"(?:person|event|item)\s*\|\s*lookup\s*:\s*[\"']([^\"']+)[\"']")
_PREFIX = lazy(r"\A(?:contactfield|leadfield)=|\Asubscriber:|\Acustom_attribute\.\$?\{?")
_FORMATTER = lazy(r"\A(?:TITLE|UPPER|LOWER|HTML|URL):")
_ALWAYS_THERE = lazy(r"(?i:e-?mail(?:_?addr(?:ess)?)?|this|_?subscriber_?(?:key|id)|jobid|uuid|xt\w+)")
_CONTACT_ROOTS = frozenset(
    {"contact", "customer", "person", "subscriber", "profile", "user", "recipient", "lead", "people", "member",
     "custom_attribute", "var", "data", "Recipient", "Subscriber", "Attribs", "visitor", "contactfield", "attributes"}
)  # fmt: skip
_SYSTEM_NAMES = lazy(
    r"(?:MC|LIST|DATE|RSS\w*|HTML|USER|CAMPAIGN|ARCHIVE|TWITTER|FACEBOOK|BRAND|SURVEY|PRODUCT_\w+|COUPON|TRANSLATE|PROMO_CODE|POLL|RATE|GOOGLE)\b.*"
    r"|CURRENT_YEAR|EMAIL|MERGE\d+|UNIQID|EMAIL_UID|OPTIN_\w+|IP|PHONE|UNSUB\w*|FORWARD|REWARDS|UPDATE_PROFILE|ABOUT_LIST|DESCRIPTION|END:?\w*",
    re.IGNORECASE,
)


def audience_name(tag: Tag, tags: Tags, known: dict[str, str]) -> str:
    """The name to look for among the audience's fields, or an empty string when the tag means something else."""
    names_a_field = tag.kind == "field" and tag.own and tag.certain and not tag.purposes
    if (
        not names_a_field
        or _is_damaged(tag)
        or tag.scoped
        or tag.place.quoted
        or tag.family in ("ampscript", "own_shape")
    ):
        return ""
    lookup = _LOOKUP.search(tag.inner)
    if lookup:
        return lookup[1] if lookup[0].startswith("person") else ""
    name = _PREFIX.sub("", tag.name.strip().lstrip(".$@"))
    if name.casefold() in known:
        return name
    if _ALWAYS_THERE.fullmatch(name) or name in tags.local_names:
        return ""
    if tag.family == "star_pipe":
        name = _FORMATTER.sub("", name)
        return "" if _SYSTEM_NAMES.fullmatch(name) and name.casefold() not in known else name
    return _dotted_name(name, tags) if re.fullmatch(r"[\w .\-]+", name) else ""


def _dotted_name(name: str, tags: Tags) -> str:
    """The field in `contact.city`; empty for what is no field of a recipient, `order.total`."""
    root, dot, rest = name.partition(".")
    if dot:
        return rest.rpartition(".")[2] if root in _CONTACT_ROOTS and root not in tags.local_names else ""
    return "" if _NO_FIELD.search(name) else name


_NO_FIELD = lazy(
    r"unsub|_url\Z|_link\Z|url\Z|link\Z|\Aweb_?version|current|\Anow\Z|year|company|organization|campaign",
    re.IGNORECASE,
)


def _is_damaged(tag: Tag) -> bool:
    return tag.breakage is not None and tag.breakage.code != "wrong_form"


_WORD_OF_NAME = lazy(r"[^\W\d_]+?(?=[A-ZÀ-Þ][^\W\d_]|[\W\d_]|\Z)|[^\W\d_]+")


def person_of(tag: Tag) -> Person | None:
    """What sort of person's name the field of a tag holds; `shop.name` is nobody's."""
    *owners, name = re.split(r"[.:=>]", tag.name)
    sort = person_sort(name)
    return None if sort not in (None, "first") and owners and _is_organisation(owners[-1]) else sort


def _is_organisation(owner: str) -> bool:
    """Whether what a name belongs to is a shop, a team or the like: `shop`, `my_shop`, `billingCompany`."""
    words = _WORD_OF_NAME.findall(owner)
    return bool(words) and words[-1].casefold() in organisations()


def is_unguarded(tag: Tag, tags: Tags) -> bool:
    """Whether a field is printed where it is read, with nothing for people who have no value."""
    if tag.kind != "field" or _is_damaged(tag) or not tag.certain or tag.guarded or tag.place.quoted:
        return False
    if tag.default or tag.purposes or tag.place.is_url or tag.place.kind not in _READ:
        return False
    # What AMPscript gives to its variables has been looked at, value by value.
    local = tag.family != "ampscript" and re.split(r"[.\s]", tag.name)[0].lstrip("@$") in tags.local_names
    return not local and "?" not in tag.inner and (tag.own or not tags.declared)


_READ = ("text", "title", "plain", "header", "conditional")
