"""The page in a real browser: a hostile mail runs nothing, asks for nothing and leads nowhere.

A raw copy of the same mail is opened first: it must be seen to act, or the proof would prove nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from mailcheck.campaign import Part
from mailcheck.report import CampaignReport, Finding, Report
from mailcheck.reporters import Context, render
from mailcheck.reporters.page.preview import preview

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

DIALOG = "Page.javascriptDialogOpening"

HOSTILE = """\
<!doctype html><html manifest="http://HOST/manifest" onclick="fetch('http://HOST/html')"><head>
<base href="http://HOST/base/" target="_top">
<meta http-equiv="refresh" content="0; url=http://HOST/refresh">
<meta http-equiv="Content-Security-Policy" content="default-src * 'unsafe-inline'">
<link rel="preconnect" href="http://HOST/preconnect"><link rel="dns-prefetch" href="http://HOST/dns">
<link rel="prefetch" href="http://HOST/prefetch"><link rel="preload" as="image" href="http://HOST/preload">
<link rel="modulepreload" href="http://HOST/module.js"><link rel="stylesheet" href="http://HOST/sheet.css">
<link rel="icon" href="http://HOST/icon.png">
<style>@import url(http://HOST/import.css); body{background:url(http://HOST/css.png)}
@font-face{font-family:x;src:url(http://HOST/font.woff)} p{font-family:x;cursor:url(http://HOST/cursor.cur),auto}
h1::before{content:"\\3c script\\3e alert(1)\\3c/script\\3e";background:\\75rl(http://HOST/escaped.png)}
p{background:u\\72l(http://HOST/escaped2.png);list-style:image-set("http://HOST/set.png" 1x)}</style>
<script>document.title='owned';top.document.title='owned';alert('ran');new Image().src='http://HOST/script'</script>
<script src="http://HOST/external.js"></script><script type="module">fetch('http://HOST/module')</script>
</head><body onload="new Image().src='http://HOST/onload';alert('onload')" background="http://HOST/background.png">
<h1>Hostile</h1><p style="background:url(http://HOST/inline.png)">text</p>
</iframe></textarea></title></style></script></noscript>"><script>new Image().src='http://HOST/broken-out';alert(1)</script>
&lt;/iframe&gt;&quot;&gt;<script>top.location='http://HOST/top'</script>
<<!-- -->script>new Image().src='http://HOST/joined'</script>
<img src="http://HOST/img.png" srcset="http://HOST/srcset.png 2x" onerror="new Image().src='http://HOST/onerror'">
<img src=x onerror="alert('onerror');document.title='owned'"><input type="image" src="http://HOST/input.png">
<svg onload="new Image().src='http://HOST/svg-onload'"><image href="http://HOST/svg.png"/><use href="http://HOST/use.svg#a"/>
<style><b><link rel="preconnect" href="http://HOST/svg-preconnect"></style><script>alert('svg')</script></svg>
<math><mtext><table><mglyph><style><img src=x onerror="alert('math')"></style></mglyph></table></mtext></math>
<iframe src="http://HOST/frame"></iframe><iframe srcdoc="<script>parent.alert('nested');new Image().src='http://HOST/srcdoc'</script>"></iframe>
<iframe src="javascript:alert('frame')"></iframe><object data="http://HOST/object"></object><embed src="http://HOST/embed">
<video src="http://HOST/video" poster="http://HOST/poster.png" autoplay></video>
<audio src="http://HOST/audio" autoplay></audio>
<form action="http://HOST/form" id="f"><input autofocus onfocus="this.onfocus=null;alert('focus')">
<button>Go</button></form>
<details open ontoggle="alert('toggle');new Image().src='http://HOST/toggle'"><summary>s</summary></details>
<marquee onstart="new Image().src='http://HOST/marquee'">m</marquee><dialog open>d</dialog>
<a id="link" href="http://HOST/link" ping="http://HOST/ping" target="_self" style="display:block;position:fixed;inset:0;
font-size:90px;z-index:9">CLICK</a><a href="javascript:alert('link')">x</a>
<a href="data:text/html,<script>alert(1)</script>">y</a>
<template shadowrootmode="open"><script>new Image().src='http://HOST/shadow'</script></template>
<body onpageshow="new Image().src='http://HOST/pageshow'"><plaintext></html>
"""


class Visits(socketserver.ThreadingTCPServer):
    """A server that answers nothing and remembers every connection, even one without a request."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), Visit)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Visit(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        assert isinstance(self.server, Visits)
        seen = self.server.seen
        seen.append("connection")
        try:
            seen.append(self.rfile.readline().decode("latin-1").strip())
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except OSError:
            pass


@dataclass
class Browser:
    """Headless Chromium, spoken to over its debugging pipe; `events` are all messages that came unasked."""

    write: IO[bytes]
    read: IO[bytes]
    session: str = ""
    count: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def send(self, session: object, method: str, **parameters: object) -> int:
        self.count += 1
        request: dict[str, object] = {"id": self.count, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        self.write.write(json.dumps(request).encode() + b"\0")
        self.write.flush()
        return self.count

    def ask(self, method: str, **parameters: object) -> dict[str, object]:
        number = self.send(self.session, method, **parameters)
        while True:
            message = self.next()
            if message.get("id") == number:
                assert "error" not in message, message
                result = message["result"]
                assert isinstance(result, dict)
                return result

    def next(self) -> dict[str, object]:
        received = bytearray()
        while (byte := self.read.read(1)) not in (b"\0", b""):
            received += byte
        assert received, "the browser has gone"
        message: dict[str, object] = json.loads(received)
        if "method" in message:
            self.events.append(message)
        if message.get("method") == DIALOG:
            self.send(message["sessionId"], "Page.handleJavaScriptDialog", accept=True)
        if message.get("method") == "Target.attachedToTarget":  # a frame in a process of its own
            parameters = message["params"]
            assert isinstance(parameters, dict)
            self.send(parameters["sessionId"], "Page.enable")
            self.send(parameters["sessionId"], "Network.enable")
        return message

    def open(self, page: Path) -> None:
        """Open the page and give everything in it time to happen."""
        self.ask("Page.navigate", url=page.as_uri())
        while self.next().get("method") != "Page.loadEventFired":
            pass
        self.settle()

    def settle(self) -> None:
        wait = "new Promise(done => setTimeout(done, 1500))"
        self.ask("Runtime.evaluate", expression=wait, awaitPromise=True)

    def value(self, expression: str) -> object:
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"]
        assert isinstance(result, dict)
        return result.get("value")

    def click(self, x: float, y: float) -> None:
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()  # browsers open connections when the pointer rests on a link
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def click_the_mail(self) -> None:
        """Click into the frame; the hostile mail's link covers all of it."""
        self.value("document.querySelector('iframe').scrollIntoView()")
        box = self.value(
            "(r => [r.x + r.width / 2, r.y + 200])(document.querySelector('iframe').getBoundingClientRect())"
        )
        assert isinstance(box, list)
        self.click(*box)

    def windows(self) -> int:
        targets = self.ask("Target.getTargets")["targetInfos"]
        assert isinstance(targets, list)
        return sum(target["type"] == "page" for target in targets)

    def happened(self, method: str) -> list[dict[str, Any]]:
        return [dict(event["params"]) for event in self.events if event["method"] == method]

    def asked_for(self) -> set[str]:
        """The requests to servers, by their id, that something on the page wished for."""
        asked = self.happened("Network.requestWillBeSent")
        return {event["requestId"] for event in asked if event["request"]["url"].startswith(("http", "ws", "ftp"))}

    def refused(self) -> set[str]:
        """Those that our policy refused."""
        return {
            event["requestId"]
            for event in self.happened("Network.loadingFailed")
            if event.get("blockedReason") == "csp"
        }


# The browser reads from descriptor 3 and writes to 4; both ends are moved out of the way first.
_WIRE = """
import os, sys
from fcntl import F_DUPFD, fcntl
ends = [fcntl(int(end), F_DUPFD, 20) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


@contextmanager
def started(folder: Path) -> Iterator[Browser]:
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    command = [
        *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
        *(f"--user-data-dir={folder}", "--window-size=1200,1000", "about:blank"),
    ]
    wired = [sys.executable, "-c", _WIRE, str(to_browser), str(from_browser), *command]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(wired, pass_fds=(to_browser, from_browser), stdout=log, stderr=log) as process,
    ):
        os.close(to_browser)
        os.close(from_browser)
        guard = threading.Timer(90, process.kill)  # a page that never comes to rest must not stop the test run
        guard.start()
        with os.fdopen(from_us, "wb") as write, os.fdopen(to_us, "rb") as read:
            browser = Browser(write, read)
            target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
            browser.session = str(browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
            for domain in ("Page", "Runtime", "Network"):
                browser.ask(f"{domain}.enable")
            browser.ask("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
            yield browser
        guard.cancel()
        process.kill()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    if BROWSER is None:
        pytest.skip("no Chromium was found (looked for chromium, chromium-browser, google-chrome, chrome)")
    folder = tmp_path / "profile"
    folder.mkdir()
    with started(folder) as browser:
        yield browser


@pytest.fixture
def visits() -> Iterator[Visits]:
    with Visits() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def hostile_page(host: str) -> str:
    mail = HOSTILE.replace("HOST", host)
    evil = f"</title></style></textarea></iframe>\"'><script>alert(1);new Image().src='http://{host}/finding'</script>"
    finding = Finding(
        rule=evil,
        severity="error",
        message=evil,
        part="html",
        path="m.html",
        line=2,
        column=1,
        end_line=4,
        end_column=9,
        evidence=evil,
        url=f"javascript:fetch('http://{host}/')",
    )
    subject = finding.model_copy(update={"part": "subject", "line": 1, "end_line": 1})
    campaign = CampaignReport(path="m.html", name=evil, profile=evil, stage=evil, findings=(finding, subject))
    html = Part("html", mail, "m.html", "html")
    sources: dict[tuple[str, str], Part | str] = {("m.html", "html"): html, ("m.html", "subject"): evil}
    return render(Report(campaigns=(campaign,)), "html", Context(sources=sources))


def test_the_raw_mail_acts_so_the_proof_can_fail(browser: Browser, visits: Visits, tmp_path: Path) -> None:
    raw = (
        HOSTILE.replace("HOST", visits.host)
        .replace('<meta http-equiv="refresh"', "<meta ")
        .replace("top.location=", "x=")
    )
    (tmp_path / "raw.html").write_text(raw, "utf-8")
    browser.open(tmp_path / "raw.html")
    assert browser.value("document.title") == "owned"
    assert browser.happened(DIALOG)
    for sign in ("img.png", "onload", "import.css", "srcdoc", "onerror"):
        assert any(f"/{sign} " in request for request in visits.seen), sign


def test_a_hostile_mail_runs_nothing(browser: Browser, visits: Visits, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(hostile_page(visits.host), "utf-8")
    browser.open(tmp_path / "page.html")
    title = browser.value("document.title")
    assert str(title).endswith(f"'><script>alert(1);new Image().src='http://{visits.host}/finding'</script>")
    assert browser.value("document.querySelectorAll('script, form, object, embed, img, link, base').length") == 0
    assert browser.value("document.querySelectorAll('iframe').length") == 1
    assert browser.value("document.querySelector('iframe').contentDocument") is None, "the frame is a world of its own"
    assert browser.value("window.length") == 1
    before = browser.windows()
    browser.click_the_mail()
    assert browser.windows() == before
    assert browser.value("location.href") == (tmp_path / "page.html").as_uri()
    assert visits.seen == []
    assert not browser.happened(DIALOG)
    assert browser.asked_for() <= browser.refused()


def test_the_click_reaches_the_link_so_the_proof_can_fail(browser: Browser, visits: Visits, tmp_path: Path) -> None:
    page = hostile_page(visits.host).replace('sandbox=""', 'sandbox="allow-popups"')
    page = page.replace("href=&quot;#&quot;", "href=&quot;about:blank&quot;")
    (tmp_path / "page.html").write_text(page, "utf-8")
    browser.open(tmp_path / "page.html")
    before = browser.windows()
    browser.click_the_mail()
    assert browser.windows() == before + 1, "without the sandbox the same click opens a window"
    assert visits.seen == []


def with_raw_mail(host: str, sandbox: str) -> str:
    """The page with the mail as it is in the frame, only our policy before it."""
    cleaned = preview("", ())
    assert cleaned is not None
    head = cleaned.split("<base", 1)[0] if not sandbox else ""
    page = hostile_page(host)
    start = page.index('srcdoc="') + len('srcdoc="')
    raw = (head + HOSTILE.replace("HOST", host)).replace("&", "&amp;").replace('"', "&quot;")
    page = page[:start] + raw + page[page.index('"', start) :]
    return page.replace('sandbox=""', f'sandbox="{sandbox}"')


def test_the_frame_alone_lets_nothing_run(browser: Browser, visits: Visits, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(with_raw_mail(visits.host, ""), "utf-8")
    browser.open(tmp_path / "page.html")
    # Chromium connects for preconnect and nested frames before it asks the policy: hence the second wall.
    assert set(visits.seen) <= {"connection", ""}
    assert not browser.happened(DIALOG)


def test_dialogs_of_frames_are_seen_so_the_proof_can_fail(browser: Browser, visits: Visits, tmp_path: Path) -> None:
    page = with_raw_mail(visits.host, "allow-scripts allow-modals")
    (tmp_path / "page.html").write_text(page.replace("Content-Security-Policy", "x-none", 1), "utf-8")
    browser.open(tmp_path / "page.html")
    assert browser.happened(DIALOG)
    assert any("/img.png " in request for request in visits.seen)


def test_the_cleaned_markup_alone_runs_no_script(browser: Browser, visits: Visits, tmp_path: Path) -> None:
    cleaned = preview(HOSTILE.replace("HOST", visits.host), ())
    assert cleaned is not None
    policy_end = cleaned.index(">", cleaned.index("Content-Security-Policy")) + 1
    (tmp_path / "open.html").write_text("<!doctype html>" + cleaned[policy_end:], "utf-8")
    browser.open(tmp_path / "open.html")
    assert not browser.happened(DIALOG)
    asked = {request.split(" ")[1] for request in visits.seen if request.startswith("GET")}
    assert asked <= {
        f"/{name}" for name in ("import.css", "css.png", "inline.png", "font.woff", "cursor.cur", "set.png")
    } | {
        "/escaped.png",
        "/escaped2.png",
    }, "only the style sheet asks, and only since its policy was taken away"
