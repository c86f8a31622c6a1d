"""Which `link` elements are there to be loaded or followed, and which only name something.

A URI names things as well as it leads to them: the values of a vocabulary (`http://schema.org/InStock`), a metadata scheme
(`rel="schema.DC"`), the profile of a document. Nothing ever requests those, and written with `https` they are another name.
From the HTML standard (Links, Microdata), Gmail's markup reference, schema.org and the Dublin Core recommendation.
"""

from __future__ import annotations

from mailcheck.content.elements import Element
from mailcheck.content.lazily import lazy
from mailcheck.content.masking import OUTPUT

_LOADED = frozenset(
    ("stylesheet", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image", "mask-icon",
     "fluid-icon", "manifest", "modulepreload", "preload", "prefetch", "preconnect", "dns-prefetch", "prerender", "import")
)  # fmt: skip
_NAMING = frozenset(("additionaltype", "sameas", "propertyid", "identifier", "method", "encodingtype", "contenttype"))
"""Properties of schema.org whose value says what something is, and leads to no page of this mail."""

_VOCABULARY = lazy(
    r"\s*https?://(?:(?:[\w-]+\.)*(?:schema\.org|data-vocabulary\.org)|purl\.org|xmlns\.com|rdfs\.org|ogp\.me"
    r"|(?:www\.)?w3\.org/(?:ns|\d{4})|(?:www\.)?productontology\.org)(?:[/#?]|\s*\Z)"
)


def is_requested(element: Element) -> bool:
    """Whether somebody requests the address of a `link` element: a client to show the mail, or a reader by its markup."""
    rel = element.attribute("rel")
    if rel is not None and (rel.raw or "").strip():
        covered = element.markup.masked[rel.value_start : rel.value_end]
        return OUTPUT in covered or not _LOADED.isdisjoint((rel.value or "").lower().split())
    names = (element.get("itemprop") or "").lower().split()
    return bool(names) and _NAMING.isdisjoint(names) and not _VOCABULARY.match(element.get("href") or "")
