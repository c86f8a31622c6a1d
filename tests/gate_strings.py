"""One hostile text, everywhere it can be put into the gate, and everything in which it could come out again."""

from __future__ import annotations

import hashlib
import html.parser
import io
import json
import re
import unicodedata

from gate_door import TOKEN, Door, Fields, signed

ADDRESS = re.compile(r"[\w.+-]{3,}@[\w-]{3,}\.\w{2,}")


UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that do something to a terminal, or to a line."""


class Tags(html.parser.HTMLParser):
    """The tags of a page, and attributes that would act."""

    def __init__(self) -> None:
        super().__init__()
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "base", "form", "svg", "math", "link"}:
            self.acting.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith(
                ("javascript:", "data:text", "vbscript:")
            ):
                self.acting.append(f"{tag} {name}")


def wrong(door: Door, text: str, log: io.StringIO) -> list[str]:
    """What came of a text that should not have; empty when all is well.

    Args:
        log: what the service logs.
    """
    log.seek(0)
    log.truncate()
    found = [*_at_the_door(door, text), *_in_a_report(door, text)]
    lines = log.getvalue().splitlines()
    for line in lines:
        said = json.loads(line)
        shown = [value for value in said.values() if isinstance(value, str)]
        if not line.isascii() or any(
            unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for value in shown for one in value
        ):
            found.append(f"the log: {line!r}")
        if ADDRESS.search(line):
            found.append(f"an address in the log: {line!r}")
    return found


def _at_the_door(door: Door, text: str) -> list[str]:
    """In names, paths, queries, headers and bodies."""
    header = "".join(one for one in text if one not in "\r\n\0" and not "\ud800" <= one <= "\udfff")[:2000]
    raw = text.encode("utf-8", "surrogatepass")
    unique = f"m{hashlib.sha256(raw).hexdigest()}"
    marks = [("webhook-id", header), ("webhook-timestamp", header), ("webhook-signature", header)]
    media = ("content-type", "application/json")
    body = json.dumps({"campaigns": [text]}, ensure_ascii=True).encode()
    path = text.replace("?", "%3f")
    key = [("authorization", f"Bearer {TOKEN}")]
    asked: list[tuple[str, str, Fields, bytes, bytes]] = [
        ("GET", f"/v1/jobs/{path}", key, b"", b""),
        ("GET", f"/v1/reports/{path}.html", key, b"", b""),
        ("GET", "/v1/jobs/x", key, b"", raw),
        ("GET", f"/{path}", [], b"", b""),
        ("GET", "/v1/jobs/x", [("authorization", header)], b"", b""),
        ("GET", "/v1/jobs/x", [("authorization", f"Bearer {header}")], b"", b""),
        ("POST", f"/v1/hooks/{path}", [*signed(body).items()], body, b""),
        ("POST", "/v1/hooks/acme", [*signed(body, name=header).items()], body, b""),
        ("POST", "/v1/hooks/acme", marks, body, b""),
        ("POST", "/v1/hooks/acme", [*signed(body, name=unique).items()], body, b""),
        ("POST", "/v1/hooks/acme", [*signed(raw, name=f"{unique}r").items()], raw, b""),
        ("POST", "/v1/check", [*key, ("content-type", header)], body, b""),
        ("POST", "/v1/check", [*key, media, ("content-encoding", header)], body, b""),
        ("POST", "/v1/check", [*key, media], raw, b""),
    ]  # fmt: skip
    found = []
    for method, where, fields, sent, query in asked:
        answer = door.ask(method, where.encode("utf-8", "replace").decode(), fields, sent, query)
        if answer.status >= 500:
            found.append(f"{answer.status} for {method} {where[:40]!r}")
        if answer.status >= 400 and len(text) > 3 and text in answer.text and text not in "application/problem+json":
            found.append(f"it is repeated: {answer.text!r}")
    return found


def _in_a_report(door: Door, text: str) -> list[str]:
    """In every part of a campaign, and in the report of it."""
    campaign = {
        "name": text,
        "id": text,
        "subject": f"{text} [TEST]",
        "from": text,
        "html": f"<p>{text}</p><a href='http://localhost/{text}'>{text}</a><img src='{text}'>*|{text}|*",
        "text": f"{text} Lorem ipsum dolor sit amet",
        "dialect": "mailchimp",
    }
    answer = door.check(json.dumps(campaign).encode())
    if answer.status in {413, 422}:
        return []
    if answer.status != 200:
        return [f"{answer.status} for a campaign"]
    job = door.get(f"/v1/jobs/{answer.json()['id']}").json()
    if not job["report"]:
        return []
    found = []
    for form in ("json", "sarif", "html"):
        shown = door.get(f"{job['report']}.{form}")
        if shown.status != 200:
            found.append(f"{shown.status} for the report as {form}")
        if form == "html":
            tags = Tags()
            tags.feed(shown.text)
            found += [f"the page has {one}" for one in tags.acting]
        else:
            json.loads(shown.body)
    return found
