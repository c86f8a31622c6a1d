"""The content of a mail that was put together of modules in HubSpot, as HTML.

The API gives modules and no page, so what is judged are their texts, links and pictures in their order, not the
frame around them. A module that cannot be read is an error: nobody knows what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.model import EspError

PREHEADER = "preview_text"
_BLANK = ("divider", "spacer")
_FOOTERS = ("footer", "can_spam", "office_location", "subscription")
# What the module of the footer becomes: HubSpot fills in the company and the link by these tags.
_FOOTER = (
    "<p>{{ site_settings.company_name }}, {{ site_settings.company_street_address_1 }}, "
    '{{ site_settings.company_city }}</p><p><a href="{{ unsubscribe_link }}">Unsubscribe</a></p>'
)


def html_of(content: Fields) -> str:
    """The modules of a mail in their order.

    Raises:
        EspError: a module is not there, or cannot be read.
    """
    widgets = content.maybe_inner("widgets")
    names = list(dict.fromkeys(_order(content.maybe_inner("flexAreas")))) or [
        name for name in widgets.values if name != PREHEADER
    ]
    pieces = [_module(name, widgets.inner(name).maybe_inner("body")) for name in names]
    return "\n".join(piece for piece in pieces if piece)


def preheader_of(content: Fields) -> str:
    """The preview text, which is a module too."""
    return content.maybe_inner("widgets").maybe_inner(PREHEADER).maybe_inner("body").maybe("value")


def _order(areas: Fields) -> Iterator[str]:
    for name in areas.values:
        for section in areas.inner(name).items("sections"):
            for column in section.items("columns"):
                yield from column.idents("widgets")


def _module(name: str, body: Fields) -> str:
    path = body.maybe("path").lower()
    if any(word in path for word in _BLANK) or "line_type" in body.values:
        return "<hr>"
    made = _written(body) + _pictures(body) + _button(body) + _social(body)
    if made:
        return made
    if any(word in path for word in _FOOTERS) or "unsubscribe_link_type" in body.values:
        return _FOOTER
    if not _has_text(body.values):
        return ""
    shown = path.rpartition("/")[2] or name
    raise EspError(
        f"the mail has a module of HubSpot that cannot be read ({shown[:60]}), so nobody knows what it says",
        permanent=True,
    )


def _written(body: Fields) -> str:
    """HTML as it is, and one line of text."""
    value = body.values.get("value")
    line = value if isinstance(value, str) else ""
    html = body.values.get("html")
    return (body.maybe("html") if isinstance(html, str) else "") + (line if "<" in line else _paragraph(line))


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text.strip() else ""


def _pictures(body: Fields) -> str:
    made = ""
    for key in ("img", "image", "logo"):
        picture = body.values.get(key)
        if isinstance(picture, Mapping) and picture.get("src"):
            found = body.inner(key)
            image = f'<img src="{escape(found.text("src"))}" alt="{escape(found.maybe("alt"))}">'
            made += _link(_target(body, "link") or _target(found, "link"), image)
    return made


def _button(body: Fields) -> str:
    text = body.values.get("text")
    if not isinstance(text, str) or not text.strip():
        return ""
    target = _target(body, "destination") or _target(body, "link") or _target(body, "url")
    return _link(target, escape(text)) if target else _paragraph(text)


def _social(body: Fields) -> str:
    links = body.values.get("social")
    if not isinstance(links, list):
        return ""
    return "".join(
        _link(_target(one, "link") or _target(one, "url"), escape(one.maybe("name") or one.maybe("network")))
        for one in body.items("social")
    )


def _target(body: Fields, key: str) -> str:
    """An address, which is a text or an object with one in it."""
    value = body.values.get(key)
    if isinstance(value, Mapping):
        inner = body.inner(key)
        return inner.maybe("href") if isinstance(inner.values.get("href"), str) else _target(inner, "url")
    return value if isinstance(value, str) else ""


def _link(target: str, shown: str) -> str:
    return f'<p><a href="{escape(target)}">{shown}</a></p>' if target else f"<p>{shown}</p>"


def _has_text(value: object) -> bool:
    """Whether there is anything in a module that a recipient could read, beyond names of the module itself."""
    if isinstance(value, Mapping):
        technical = ("path", "css", "id", "type", "name", "label", "style", "styles", "hs_wrapper_css", "font", "color")
        return any(_has_text(one) for key, one in value.items() if key not in technical)
    if isinstance(value, list):
        return any(map(_has_text, value))
    return isinstance(value, str) and bool(value.strip())
