"""Who sent a webhook: what is taken, and what is refused with which reason."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailcheck.gate.settings import Scheme
from mailcheck.gate.signatures import WINDOW, Headers, Reason, Refused, nobody, verifier, verify

NOW = 1_800_000_000
BODY = b'{"campaign": 12}'
KEY = b"a key of thirty-two bytes, no less"[:32]
OLD_KEY = b"the key that is being replaced.."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OLD_SECRET = "whsec_" + base64.b64encode(OLD_KEY).decode()
SIGNER = ed25519.Ed25519PrivateKey.from_private_bytes(KEY)
PUBLIC = "whpk_" + base64.b64encode(SIGNER.public_key().public_bytes_raw()).decode()
CURVE = ec.derive_private_key(int.from_bytes(KEY, "big"), ec.SECP256R1())
CURVE_PUBLIC = base64.b64encode(
    CURVE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
PASSWORD = "correct horse battery staple"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]


def hmac_of(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def signed_text(body: bytes = BODY, at: object = NOW, name: str = "msg_1") -> bytes:
    return f"{name}.{at}.".encode() + body


def v1(key: bytes = KEY, **signed: object) -> str:
    return "v1," + b64(hmac_of(key, signed_text(**signed)))  # type: ignore[arg-type]  # passed on as it came


def v1a(**signed: object) -> str:
    return "v1a," + b64(SIGNER.sign(signed_text(**signed)))  # type: ignore[arg-type]  # passed on as it came


def standard(signature: str, at: object = NOW, name: str = "msg_1", prefix: str = "webhook") -> dict[str, str]:
    return {f"{prefix}-id": name, f"{prefix}-timestamp": str(at), f"{prefix}-signature": signature}


def sendgrid(body: bytes = BODY, at: object = NOW) -> dict[str, str]:
    signature = CURVE.sign(str(at).encode() + body, ec.ECDSA(SHA256()))
    return {
        "x-twilio-email-event-webhook-timestamp": str(at),
        "x-twilio-email-event-webhook-signature": b64(signature),
    }


def mailgun(at: object = str(NOW), token: object = "t0ken", key: bytes = KEY, **changes: object) -> bytes:
    signature = hmac_of(key, f"{at}{token}".encode()).hex()
    said = {"timestamp": at, "token": token, "signature": signature, **changes}
    return json.dumps({"signature": said, "event-data": {"campaign": 12}}).encode()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(claims: object, key: bytes = KEY, header: object = None, digest: str = "sha256") -> bytes:
    header = header if header is not None else {"alg": "HS256", "typ": "JWT"}
    signed = b64url(json.dumps(header).encode()) + "." + b64url(json.dumps(claims).encode())
    return (signed + "." + b64url(hmac.new(key, signed.encode(), digest).digest())).encode()


def basic(user: str = "postmark", password: str = PASSWORD) -> dict[str, str]:
    return {"authorization": "Basic " + b64(f"{user}:{password}".encode())}


def refusal(scheme: Scheme, secrets: list[str], headers: Headers, body: bytes, now: float = NOW) -> Reason:
    with pytest.raises(Refused) as caught:
        verify(scheme, secrets, headers, body, now, "postmark")
    assert caught.value.reason in get_args(Reason)
    return caught.value.reason


# what is taken

KEY_TEXT = KEY.decode()
TAKEN: list[tuple[str, Scheme, list[str], dict[str, str], bytes, str]] = [
    ("hmac", "standard", [SECRET], standard(v1()), BODY, "msg_1"),
    ("hmac, a bare key", "standard", [SECRET.removeprefix("whsec_")], standard(v1()), BODY, "msg_1"),
    ("ed25519", "standard", [PUBLIC], standard(v1a()), BODY, "msg_1"),
    ("a body that is not UTF-8", "standard", [SECRET], standard(v1(body=b"\xff")), b"\xff", "msg_1"),
    ("an empty body", "standard", [SECRET], standard(v1(body=b"")), b"", "msg_1"),
    ("the sender still signs with the old key", "standard", [SECRET, OLD_SECRET], standard(v1(OLD_KEY)), BODY, "msg_1"),
    ("the sender signs with both", "standard", [SECRET], standard(f"{v1(OLD_KEY)} {v1()}"), BODY, "msg_1"),
    ("unknown versions beside", "standard", [SECRET], standard(f"v2,AAAA v1a,AAAA {v1()}"), BODY, "msg_1"),
    ("two kinds of keys", "standard", [PUBLIC, SECRET], standard(v1()), BODY, "msg_1"),
    ("just in time", "standard", [SECRET], standard(v1(at=NOW - WINDOW), NOW - WINDOW), BODY, "msg_1"),
    ("svix", "svix", [SECRET], standard(v1(), prefix="svix"), BODY, "msg_1"),
    ("mailgun", "mailgun", [KEY_TEXT], {}, mailgun(), "t0ken"),
    ("mailgun, a number", "mailgun", [KEY_TEXT], {}, mailgun(NOW), "t0ken"),
    ("mailgun, old key", "mailgun", [KEY_TEXT, OLD_KEY.decode()], {}, mailgun(key=OLD_KEY), "t0ken"),
    ("sfmc", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60, "jti": "j-1"}), "j-1"),
    ("sfmc, by its beginning", "sfmc", [KEY_TEXT], {}, jwt({"iat": NOW, "jti": "j-1"}), "j-1"),
    ("an id of the sender's own", "basic", [PASSWORD], {**basic(), "webhook-id": "mine"}, BODY, "mine"),
    ("on this machine", "none", [], {"host": "localhost:8025", "idempotency-key": "mine"}, BODY, "mine"),
    ("on this machine, v6", "none", [], {"host": "[::1]:8025", "webhook-id": "mine"}, BODY, "mine"),
]


@pytest.mark.parametrize(
    ("scheme", "secrets", "headers", "body", "name"), [one[1:] for one in TAKEN], ids=[one[0] for one in TAKEN]
)
def test_taken(scheme: Scheme, secrets: list[str], headers: dict[str, str], body: bytes, name: str) -> None:
    assert verify(scheme, secrets, raw(headers), body, NOW, "postmark") == name


# what is refused

REFUSED: list[tuple[str, Scheme, list[str], dict[str, str], bytes, Reason]] = [
    ("stale", "standard", [SECRET], standard(v1(at=NOW - WINDOW - 1), NOW - WINDOW - 1), BODY, "stale"),
    ("of the future", "standard", [SECRET], standard(v1(at=NOW + WINDOW + 1), NOW + WINDOW + 1), BODY, "stale"),
    ("a wrong key", "standard", [SECRET], standard(v1(OLD_KEY)), BODY, "no_match"),
    ("a key that was taken away", "standard", [SECRET], standard(v1(OLD_KEY)), BODY, "no_match"),
    ("another body", "standard", [SECRET], standard(v1()), BODY + b" ", "no_match"),
    ("another id", "standard", [SECRET], standard(v1(), name="msg_2"), BODY, "no_match"),
    ("another time", "standard", [SECRET], standard(v1(), NOW + 1), BODY, "no_match"),
    ("an id with a dot", "standard", [SECRET], standard(v1(name="m.1"), name="m.1"), BODY, "malformed_header"),
    ("an unknown version", "standard", [SECRET], standard(v1().replace("v1,", "v2,")), BODY, "no_match"),
    ("hmac by the public key", "standard", [PUBLIC], standard(v1(SIGNER.public_key().public_bytes_raw())), BODY, "no_match"),
    ("hmac called ed25519", "standard", [SECRET], standard(v1().replace("v1,", "v1a,")), BODY, "no_match"),
    ("garbage", "standard", [SECRET], standard("garbage"), BODY, "malformed_header"),
    ("three parts", "standard", [SECRET], standard("v1,a,b"), BODY, "no_match"),
    ("no base64", "standard", [SECRET], standard("v1,a"), BODY, "no_match"),
    ("nothing behind", "standard", [SECRET], standard("v1,"), BODY, "malformed_header"),
    ("a double space", "standard", [SECRET], standard(v1() + "  " + v1()), BODY, "malformed_header"),
    ("empty", "standard", [SECRET], standard(""), BODY, "malformed_header"),
    ("a million signatures", "standard", [SECRET], standard("v1,AA " * 600 + v1()), BODY, "malformed_header"),
    ("seventeen signatures", "standard", [PUBLIC], standard(" ".join([v1a()] * 17)), BODY, "malformed_header"),
    ("half a signature", "standard", [SECRET], standard(v1()[:20]), BODY, "no_match"),
    ("a fraction", "standard", [SECRET], standard(v1(at=f"{NOW}.5"), f"{NOW}.5"), BODY, "malformed_header"),
    ("an exponent", "standard", [SECRET], standard(v1(at="18e8"), "18e8"), BODY, "malformed_header"),
    ("not a number", "standard", [SECRET], standard(v1(at="nan"), "nan"), BODY, "malformed_header"),
    ("a sign", "standard", [SECRET], standard(v1(at=f"+{NOW}"), f"+{NOW}"), BODY, "malformed_header"),
    ("underscores", "standard", [SECRET], standard(v1(at="1_800_000_000"), "1_800_000_000"), BODY, "malformed_header"),
    ("other digits", "standard", [SECRET], standard(v1(), "١٨٠٠٠٠٠٠٠٠"), BODY, "malformed_header"),
    ("a very big number", "standard", [SECRET], standard(v1(), "9" * 4000), BODY, "malformed_header"),
    ("an empty id", "standard", [SECRET], standard(v1(name=""), name=""), BODY, "malformed_header"),
    ("a long id", "standard", [SECRET], standard(v1(name="m" * 257), name="m" * 257), BODY, "malformed_header"),
    ("a line break in the id", "standard", [SECRET], standard(v1(), name="msg\n1"), BODY, "malformed_header"),
    ("other names of headers", "svix", [SECRET], standard(v1()), BODY, "missing_header"),
    ("sendgrid, another body", "sendgrid", [CURVE_PUBLIC], sendgrid(), BODY + b" ", "no_match"),
    ("sendgrid, stale", "sendgrid", [CURVE_PUBLIC], sendgrid(at=NOW - 301), BODY, "stale"),
    ("sendgrid, no timestamp", "sendgrid", [CURVE_PUBLIC], {}, BODY, "missing_header"),
    ("sendgrid, no DER", "sendgrid", [CURVE_PUBLIC], {**sendgrid(), "x-twilio-email-event-webhook-signature": "AAAA"}, BODY, "no_match"),
    ("sendgrid, no base64", "sendgrid", [CURVE_PUBLIC], {**sendgrid(), "x-twilio-email-event-webhook-signature": "!"}, BODY, "malformed_header"),
    ("mailgun, stale", "mailgun", [KEY_TEXT], {}, mailgun(str(NOW - 301)), "stale"),
    ("mailgun, wrong key", "mailgun", [KEY_TEXT], {}, mailgun(key=OLD_KEY), "no_match"),
    ("mailgun, not JSON", "mailgun", [KEY_TEXT], {}, b"timestamp=1", "malformed_body"),
    ("mailgun, a list", "mailgun", [KEY_TEXT], {}, b"[]", "malformed_body"),
    ("mailgun, nested deeply", "mailgun", [KEY_TEXT], {}, b"[" * 200_000, "malformed_body"),
    ("mailgun, a number of many digits", "mailgun", [KEY_TEXT], {}, b"1" * 10_000, "malformed_body"),
    ("mailgun, other letters in the token", "mailgun", [KEY_TEXT], {}, mailgun(token="é"), "malformed_header"),
    ("mailgun, a true", "mailgun", [KEY_TEXT], {}, mailgun(True), "malformed_body"),
    ("mailgun, a fraction", "mailgun", [KEY_TEXT], {}, mailgun(NOW + 0.5), "malformed_body"),
    ("mailgun, no hex", "mailgun", [KEY_TEXT], {}, mailgun(signature="zz"), "malformed_body"),
    ("mailgun, other letters", "mailgun", [KEY_TEXT], {}, mailgun(signature="éé"), "malformed_body"),
    ("mailgun, nothing", "mailgun", [KEY_TEXT], {}, mailgun(signature=""), "no_match"),
    ("sfmc, over", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW - 301}), "stale"),
    ("sfmc, not yet", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 900, "nbf": NOW + 301}), "stale"),
    ("sfmc, without end", "sfmc", [KEY_TEXT], {}, jwt({"journeyId": 1}), "malformed_body"),
    ("sfmc, an end of text", "sfmc", [KEY_TEXT], {}, jwt({"exp": str(NOW + 60)}), "malformed_body"),
    ("sfmc, an end that is true", "sfmc", [KEY_TEXT], {}, jwt({"exp": True}), "malformed_body"),
    ("sfmc, an endless end", "sfmc", [KEY_TEXT], {}, jwt({"exp": float("inf")}), "malformed_body"),
    ("sfmc, no number", "sfmc", [KEY_TEXT], {}, jwt({"exp": float("nan")}), "malformed_body"),
    ("sfmc, wrong key", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, OLD_KEY), "no_match"),
    ("sfmc, alg none", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, header={"alg": "none"}), "malformed_body"),
    ("sfmc, no signature", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}).rpartition(b".")[0] + b".", "no_match"),
    ("sfmc, alg HS512", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, header={"alg": "HS512"}, digest="sha512"), "malformed_body"),
    ("sfmc, alg hs256", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, header={"alg": "hs256"}), "malformed_body"),
    ("sfmc, alg RS256", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, header={"alg": "RS256"}), "malformed_body"),
    ("sfmc, what must be understood", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, header={"alg": "HS256", "crit": ["b64"]}), "malformed_body"),
    ("sfmc, a header that is a list", "sfmc", [KEY_TEXT], {}, jwt({"exp": NOW + 60}, header=["HS256"]), "malformed_body"),
    ("sfmc, claims that are a list", "sfmc", [KEY_TEXT], {}, jwt([NOW]), "malformed_body"),
    ("sfmc, nothing", "sfmc", [KEY_TEXT], {}, b"", "malformed_body"),
    ("sfmc, points", "sfmc", [KEY_TEXT], {}, b"..", "malformed_body"),
    ("a wrong password", "basic", [PASSWORD], basic(password=PASSWORD + "r"), BODY, "no_match"),
    ("a wrong name", "basic", [PASSWORD], basic("postmaster"), BODY, "no_match"),
    ("a bearer", "basic", [PASSWORD], {"authorization": "Bearer x"}, BODY, "malformed_header"),
    ("no base64 behind Basic", "basic", [PASSWORD], {"authorization": "Basic !!"}, BODY, "malformed_header"),
    ("no password", "basic", [PASSWORD], {}, BODY, "missing_header"),
    ("a password with other letters", "basic", [PASSWORD], {"authorization": "Basic é"}, BODY, "malformed_header"),
    ("a page of another site", "none", [], {"host": "localhost", "origin": "https://evil.example"}, BODY, "not_local"),
    ("a page of no site", "none", [], {"host": "localhost", "sec-fetch-site": "none"}, BODY, "not_local"),
    ("a name made to point here", "none", [], {"host": "evil.example:8025"}, BODY, "not_local"),
    ("a name like ours", "none", [], {"host": "localhost.evil.example"}, BODY, "not_local"),
    ("a v6 address like ours", "none", [], {"host": "[::1].evil.example"}, BODY, "not_local"),
    ("no host", "none", [], {}, BODY, "not_local"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "secrets", "headers", "body", "reason"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED]
)
def test_refused(scheme: Scheme, secrets: list[str], headers: dict[str, str], body: bytes, reason: Reason) -> None:
    assert refusal(scheme, secrets, raw(headers), body) == reason


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_must_be_there_once(name: str) -> None:
    headers = standard(v1())
    assert refusal("standard", [SECRET], raw({k: v for k, v in headers.items() if k != name}), BODY) == "missing_header"
    twice = [*raw(headers), (name.encode(), headers[name].encode())]
    assert refusal("standard", [SECRET], twice, BODY) == "repeated_header"


def test_sendgrid_ids_are_of_what_is_signed() -> None:
    """ECDSA signatures of one text differ, and each can be changed into another valid one."""
    first, second = sendgrid(), sendgrid()
    assert first != second
    names = {verify("sendgrid", [CURVE_PUBLIC], raw(one), BODY, NOW) for one in (first, second)}
    assert len(names) == 1
    assert verify("sendgrid", [CURVE_PUBLIC], raw(sendgrid(at=NOW + 1)), BODY, NOW) not in names


def test_sfmc_hands_on_what_was_signed() -> None:
    claims = {"exp": NOW + 60, "journeyId": "12"}
    token = jwt(claims)
    said = verifier("sfmc", [KEY_TEXT])([], token, NOW)
    assert json.loads(said.content) == claims
    assert said.webhook_id == verifier("sfmc", [KEY_TEXT])([], b'"' + token + b'"\r\n', NOW).webhook_id


def test_without_an_id_a_body_is_the_same_for_five_minutes() -> None:
    def name(body: bytes, now: int) -> str:
        return verify("basic", [PASSWORD], raw(basic()), body, now, "postmark")

    start = NOW - NOW % WINDOW
    assert name(BODY, start) == name(BODY, start + WINDOW - 1)
    assert name(BODY, start) != name(BODY, start + WINDOW)
    assert name(BODY, start) != name(BODY + b" ", start)


def test_nobody_takes_nothing() -> None:
    with pytest.raises(Refused):
        nobody()(raw(standard(v1())), BODY, NOW)


# keys

BAD_KEYS: list[tuple[str, Scheme, list[str]]] = [
    ("none", "standard", []),
    ("empty", "standard", ["whsec_"]),
    ("short", "standard", ["whsec_" + b64(b"15 bytes, short")]),
    ("no base64", "standard", ["whsec_secret!!"]),
    ("the secret half", "standard", ["whsk_" + b64(KEY)]),
    ("a public key of 31 bytes", "standard", ["whpk_" + b64(KEY[:31])]),
    ("no DER", "sendgrid", [b64(KEY)]),
    ("another curve", "sendgrid", [b64(ec.generate_private_key(ec.SECP384R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))]),
    ("another kind", "sendgrid", [b64(SIGNER.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))]),
    ("short", "mailgun", ["secret!"]),
    ("none", "mailgun", []),
    ("short", "sfmc", ["secret!"]),
    ("short", "basic", ["secret!"]),
    ("none", "basic", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "secrets"), [one[1:] for one in BAD_KEYS], ids=[f"{one[1]}, {one[0]}" for one in BAD_KEYS]
)
def test_a_key_that_cannot_be_used_is_told_without_showing_it(scheme: Scheme, secrets: list[str]) -> None:
    with pytest.raises(ValueError, match=r"key|password") as caught:
        verifier(scheme, secrets, "postmark")
    assert not any(secret[-8:] in str(caught.value) for secret in secrets if len(secret) > 6)


def test_basic_needs_a_name() -> None:
    with pytest.raises(ValueError, match="user name"):
        verifier("basic", [PASSWORD], None)


# whatever comes

VERIFIERS: dict[Scheme, Callable[[Headers, bytes, float], object]] = {
    "standard": verifier("standard", [SECRET, PUBLIC]),
    "svix": verifier("svix", [SECRET, PUBLIC]),
    "sendgrid": verifier("sendgrid", [CURVE_PUBLIC]),
    "mailgun": verifier("mailgun", [KEY_TEXT]),
    "sfmc": verifier("sfmc", [KEY_TEXT]),
    "basic": verifier("basic", [PASSWORD], "postmark"),
}
NAMES = sorted({name for one in (standard(""), standard("", prefix="svix"), sendgrid(), basic()) for name in one})
VALUES = st.one_of(
    st.binary(max_size=60),
    st.text(alphabet="v1a,= \t.AZ09+/-_", max_size=40).map(str.encode),
    st.integers(NOW - 400, NOW + 400).map(lambda one: str(one).encode()),
    st.binary(max_size=70).map(lambda one: b"v1," + base64.b64encode(one)),
    st.binary(max_size=70).map(lambda one: b"Basic " + base64.b64encode(one)),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["signature", "timestamp", "token", "exp", "iat", "alg"]), inner, max_size=4)
    ),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(max_size=80),
    JSON.map(lambda one: json.dumps(one).encode()),
    st.builds(lambda signature: json.dumps({"signature": signature}).encode(), JSON),
    st.builds(lambda header, claims: jwt(claims, header=header), JSON, JSON),
    st.builds(lambda claims: jwt(claims), JSON),
    st.lists(st.binary(max_size=9).map(base64.urlsafe_b64encode), max_size=5).map(b".".join),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES).map(str.encode), VALUES), max_size=6),
    BODIES,
    st.sampled_from(sorted(VERIFIERS)),
)
@example([], b"", "sfmc")
def test_nothing_but_refused_comes_out(headers: list[tuple[bytes, bytes]], body: bytes, scheme: Scheme) -> None:
    try:
        VERIFIERS[scheme](headers, body, NOW)
    except Refused:
        return
    assert scheme == "sfmc"  # its own key signs what is made up here


def flipped(data: bytes, at: int) -> bytes:
    place = at % len(data)
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**16), st.booleans())
def test_one_changed_byte_is_refused(at: int, signature: bool) -> None:
    """Of the body, or of the signature itself."""
    mark = hmac_of(KEY, signed_text())
    made: list[tuple[Scheme, dict[str, str], bytes]] = [
        ("standard", standard("v1," + b64(flipped(mark, at) if signature else mark)), BODY),
        ("svix", standard("v1," + b64(flipped(mark, at) if signature else mark), prefix="svix"), BODY),
    ]
    seal = SIGNER.sign(signed_text())
    made.append(("standard", standard("v1a," + b64(flipped(seal, at) if signature else seal)), BODY))
    name = "x-twilio-email-event-webhook-signature"
    drawn = sendgrid()
    changed = b64(flipped(base64.b64decode(drawn[name]), at)) if signature else drawn[name]
    made.append(("sendgrid", {**drawn, name: changed}, BODY))
    for scheme, headers, body in made:
        with pytest.raises(Refused):
            VERIFIERS[scheme](raw(headers), body if signature else flipped(body, at), NOW)
    token = jwt({"exp": NOW + 60})
    signed, _, last = token.rpartition(b".")
    seal = base64.urlsafe_b64decode(last + b"=")
    other = signed + b"." + b64url(flipped(seal, at)).encode() if signature else flipped(signed, at) + b"." + last
    with pytest.raises(Refused):
        VERIFIERS["sfmc"]([], other, NOW)
