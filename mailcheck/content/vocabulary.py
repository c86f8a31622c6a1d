"""Names of elements, and what a reader of HTML must know of them.

Sources: the element indexes of the WHATWG HTML standard (obsolete names included), SVG 1.1 and 2 and MathML 3;
the tag references of MJML 4, AMP for Email, Foundation for Emails (Inky), Campaign Monitor's template
language, PostHTML and Maizzle. All names are in lower case.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

Origin = Literal["html", "svg", "mathml", "namespace", "custom", "mjml", "inky", "campaign-monitor", "framework"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = _names(
    "area base basefont bgsound br col command embed frame hr image img input isindex keygen link meta param "
    "source spacer track wbr mj-image mj-font mj-breakpoint mj-include mj-spacer mj-divider mj-carousel-image "
    "mj-html-attribute"
)
"""Elements without an end tag; those of MJML are written `<mj-image />`."""

RAWTEXT = _names("script style title textarea xmp iframe noembed noframes plaintext")
"""Elements in which a tag is only text."""

RAW_PLACES: dict[str, Literal["style", "script", "title"]] = {
    **dict.fromkeys(("style", "mj-style"), "style"),
    **dict.fromkeys(("title", "mj-title"), "title"),
    **dict.fromkeys(("script", "iframe", "noembed", "noframes", "xml"), "script"),
}
"""What the content of an element is, where it is not read as a text of the mail."""

HTML = VOID - _names(
    "mj-image mj-font mj-breakpoint mj-include mj-spacer mj-divider mj-carousel-image mj-html-attribute"
) | _names(
    "a abbr acronym address applet article aside audio b bdi bdo big blink blockquote body button canvas "
    "caption center cite code colgroup content data datalist dd del details dfn dialog dir div dl dt element "
    "em fencedframe fieldset figcaption figure font footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup "
    "hr html i iframe ins kbd label layer legend li listing main map mark marquee math menu menuitem meter "
    "multicol nav nextid nobr noembed noframes nolayer noscript object ol optgroup option output p picture "
    "plaintext portal pre progress q rb rp rt rtc ruby s samp script search section select selectedcontent "
    "shadow slot small span strike strong style sub summary sup svg table tbody td template textarea tfoot th "
    "thead time title tr tt u ul var video xml xmp ilayer"
)
SVG = _names(
    "altglyph altglyphdef altglyphitem animate animatecolor animatemotion animatetransform circle clippath "
    "color-profile cursor defs desc discard ellipse feblend fecolormatrix fecomponenttransfer fecomposite "
    "feconvolvematrix fediffuselighting fedisplacementmap fedistantlight fedropshadow feflood fefunca fefuncb "
    "fefuncg fefuncr fegaussianblur feimage femerge femergenode femorphology feoffset fepointlight "
    "fespecularlighting fespotlight fetile feturbulence filter font-face foreignobject g glyph glyphref hatch "
    "hatchpath hkern image line lineargradient marker mask mesh meshgradient meshpatch meshrow metadata "
    "missing-glyph mpath path pattern polygon polyline radialgradient rect set solidcolor stop svg switch "
    "symbol text textpath tref tspan unknown use view vkern"
)
MATHML = _names(
    "abs and annotation annotation-xml apply approx arccos arcsin arctan bind bvar cn ci csymbol divide eq "
    "exp lambda list maction maligngroup malignmark matrix menclose merror mfenced mfrac mglyph mi mlabeledtr "
    "mlongdiv mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mscarries mscarry msgroup "
    "msline mspace msqrt msrow mstack mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none "
    "plus power root semantics times"
) - _names("list none and root")
INKY = _names("container row columns column callout item wrapper inky raw block-grid h-line")
CAMPAIGN_MONITOR = _names(
    "singleline multiline repeater layout unsubscribe webversion preferences forwardtoafriend tableofcontents "
    "currentday currentdayname currentmonth currentmonthname currentyear fblike facebooklike facebookshare "
    "tweet googleplusone linkedinshare pinit confirmationlink"
)
"""Elements that only Campaign Monitor (and, for three of them, Sendy) replaces."""

FRAMEWORK = _names(
    "mjml heml extends block component fetch stack push prepend if elseif else each for loop scope outlook "
    "slot fill yield module case default include partial t custom markdown partials extends import export unless endif"
)
"""Elements of template languages: PostHTML, Maizzle, HEML, QWeb, MJML's root; `custom` is Marketing Cloud's."""

BREAKOUT = _names(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing "
    "menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
)
"""Start tags that end SVG and MathML content."""

BLOCK = _names(
    "address applet area article aside audio blockquote body br button canvas caption center col colgroup dd "
    "details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 "
    "head header hgroup hr html iframe input legend li link listing main map marquee menu meta nav noembed "
    "noframes noscript object ol optgroup option p picture plaintext pre progress script search section "
    "select source spacer style summary svg table tbody td template textarea tfoot th thead title tr ul video "
    "xml xmp container row columns callout item wrapper mjml layout repeater singleline multiline math base"
)
"""Elements that begin and end a line of text. Names with a prefix: see `is_block`."""

_ORIGINS: tuple[tuple[frozenset[str], Origin], ...] = (
    (HTML, "html"),
    (SVG, "svg"),
    (MATHML, "mathml"),
    (INKY, "inky"),
    (CAMPAIGN_MONITOR, "campaign-monitor"),
    (FRAMEWORK, "framework"),
)


def origin(name: str) -> Origin | None:
    """Where an element name comes from, or `None` when nobody defined it."""
    for names, place in _ORIGINS:
        if name in names:
            return place
    if ":" in name:
        return "namespace"
    if name.startswith("mj-"):
        return "mjml"
    return "custom" if "-" in name else None


@lru_cache(maxsize=4096)
def is_block(name: str) -> bool:
    """Whether an element begins and ends a line of text."""
    return name in BLOCK or name.startswith(("mj-", "v:"))
