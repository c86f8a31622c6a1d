"""The verifier of the gate against what is published with Standard Webhooks.

    git clone https://github.com/standard-webhooks/standard-webhooks
    python tests/benchmarks/gate_vectors.py standard-webhooks

Two parts. The test file of its Python library runs as it is, on a stand-in for that library that asks our verifier. And
every signature that the tests of the other languages and the specification state is verified at its own time.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import types
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailcheck.gate.signatures import Refused, verifier

LIBRARIES = {
    "csharp": "libraries/csharp/StandardWebhooks.Tests/WebhookTest.cs",
    "elixir": "libraries/elixir/test/standard_webhooks_test.exs",
    "go": "libraries/go/webhook_test.go",
    "java": "libraries/java/src/test/java/com/standardwebhooks/WebhookTest.java",
    "javascript": "libraries/javascript/src/webhook.test.ts",
    "php": "libraries/php/tests/WebhookTest.php",
    "python": "libraries/python/tests/test_webhooks.py",
    "ruby": "libraries/ruby/spec/webhook_spec.rb",
    "rust": "libraries/rust/src/lib.rs",
}
"""The tests of each language, each of which states a key, an id, a time, a body and their signature."""

_KEY = re.compile(r"whsec_[A-Za-z0-9+/=]{20,}")
_ID = re.compile(r"msg_[A-Za-z0-9]{20,}")
_TIME = re.compile(r"\b1[4-6]\d{8}\b")
_SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")
_BODY = re.compile(r"""\{(?:\\?"[a-z]+\\?": ?(?:\d+|\\?"[^"\\]*\\?"),? ?)+\}""")


class VerificationError(Exception): ...


class EmptySecretError(Exception): ...


class Webhook:
    """The interface of the published library, answered by our verifier."""

    def __init__(self, secret: str | bytes) -> None:
        text = secret if isinstance(secret, str) else secret.decode()
        if not text.removeprefix("whsec_"):
            raise EmptySecretError
        self._verify = verifier("standard", [text])
        self._secret = text

    def verify(self, data: str | bytes, headers: dict[str, str], *, json_parse: bool = True) -> object:
        body = data.encode() if isinstance(data, str) else data
        fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        try:
            self._verify(fields, body, datetime.now(UTC).timestamp())
        except Refused as refused:
            raise VerificationError(refused.reason) from None
        return json.loads(body) if json_parse else None

    def sign(self, msg_id: str, timestamp: datetime, data: str) -> str:
        """Ours does not sign; what this returns has been verified, so that the published expectation is checked."""
        at = int(timestamp.timestamp())
        signature = "v1," + b64(hmac_data(key_of(self._secret), f"{msg_id}.{at}.{data}".encode()))
        self._verify(
            [
                (b"webhook-id", msg_id.encode()),
                (b"webhook-timestamp", str(at).encode()),
                (b"webhook-signature", signature.encode()),
            ],
            data.encode(),
            at,
        )
        return signature


def hmac_data(key: bytes, data: bytes) -> bytes:
    import hmac

    return hmac.digest(key, data, "sha256")


def b64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def key_of(secret: str) -> bytes:
    import base64

    return base64.b64decode(secret.removeprefix("whsec_") + "==")


class Tally:
    """What pytest says of the published file."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.outcomes.append((report.nodeid.rpartition("::")[2], report.outcome))


def published_tests(file: Path) -> list[tuple[str, str]]:
    module = types.ModuleType("standardwebhooks.webhooks")
    module.__dict__.update(
        Webhook=Webhook,
        WebhookVerificationError=VerificationError,
        EmptyWebhookSecretError=EmptySecretError,
        hmac_data=hmac_data,
    )
    package = types.ModuleType("standardwebhooks")
    package.__dict__["webhooks"] = module
    sys.modules.update({"standardwebhooks": package, "standardwebhooks.webhooks": module})
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "test_published.py"
        copy.write_bytes(file.read_bytes())
        pytest.main(
            [
                "-q",
                "-p",
                "no:cacheprovider",
                "--rootdir",
                folder,
                "-c",
                "/dev/null",
                "--import-mode=importlib",
                str(copy),
            ],
            plugins=[tally],
        )
    return tally.outcomes


def stated_signature(source: str) -> tuple[str, str, str, str, str] | None:
    """Key, id, time, body and signature of the test of signing, which is the one with a fixed time."""
    time = next(iter(_TIME.finditer(source)), None)
    if time is None:
        return None
    # The values stand close together, around the time.
    near = source[max(0, time.start() - 500) : time.end() + 500]
    wanted = [pattern.search(near) or pattern.search(source) for pattern in (_KEY, _ID, _BODY, _SIGNATURE)]
    if None in wanted:
        return None
    key, name, body, signature = (match[0] for match in wanted if match)
    return key, name, time[0], body.replace('\\"', '"'), signature


def main() -> None:
    root = Path(sys.argv[1])
    outcomes = published_tests(root / LIBRARIES["python"])
    passed = sum(outcome == "passed" for _, outcome in outcomes)
    print(f"tests of the published Python library: {passed} of {len(outcomes)} hold")
    for name, outcome in outcomes:
        if outcome != "passed":
            print(f"  {outcome}: {name}")
    held = 0
    for language, path in LIBRARIES.items():
        stated = stated_signature((root / path).read_text(encoding="utf-8"))
        if stated is None:
            print(f"  {language}: states no signature at a fixed time")
            continue
        key, name, at, body, signature = stated
        fields = [
            (b"webhook-id", name.encode()),
            (b"webhook-timestamp", at.encode()),
            (b"webhook-signature", signature.encode()),
        ]
        try:
            verifier("standard", [key])(fields, body.encode(), int(at))
            answer, held = "verified", held + 1
        except Refused as refused:
            answer = f"REFUSED {refused.reason}"
        print(f"  {language}: {answer} ({name}, {at}, {len(body)} bytes)")
    print(f"signatures stated by the tests of {len(LIBRARIES)} languages: {held} verified")


if __name__ == "__main__":
    main()
