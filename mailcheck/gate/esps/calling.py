"""A call to the API of a service: JSON out, JSON in, and every way in which it can go wrong as an `EspError`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import Place
from mailcheck.gate.model import EspError
from mailcheck.masking import mask_addresses
from mailcheck.web.api import ApiClient, ApiFailed, ApiReply

_SAID = ("detail", "message", "title", "error_description", "error", "errorMessage")
_SAID_LENGTH = 200
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
Query = Sequence[tuple[str, str]]


class KeyRefusedError(EspError):
    """The service does not take the key."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API of one account.

    Args:
        title: what the service is called.
        place: the connection in the settings.
        client: the way there.
        media: media type of what is sent.
    """

    title: str
    place: Place
    client: ApiClient = field(repr=False)
    media: str = "application/json"

    @classmethod
    def at(
        cls, title: str, place: Place, headers: Mapping[str, str], *, url: str = "", media: str = "application/json"
    ) -> Api:
        """The API of a place; `headers` carry the key.

        Raises:
            ValueError: an address or an option that cannot be used.
        """
        private, seconds = place.options.get("private", "false").lower(), place.options.get("seconds", "30")
        if private not in ("true", "false"):
            raise ValueError("the option private is true or false")
        if not seconds.isascii() or not seconds.isdigit() or not 1 <= int(seconds[:5]) <= 600:
            raise ValueError("the option seconds is a number from 1 to 600")
        for name, value in headers.items():
            if not value.isascii() or not value.isprintable():
                raise ValueError(f"the key holds a character that cannot stand in {name}; copy it again")
        ca_file = place.options.get("ca_file", "")
        fields = {"Accept": media, **headers}
        try:
            client = ApiClient(url or place.url, fields, private == "true", float(seconds), ca_file)
        except ApiFailed as error:
            raise ValueError(str(error)) from None
        return cls(title, place, client, media)

    async def get(self, path: str, query: Query = ()) -> Fields:
        """An object that is only read."""
        return Fields.of(self.title, await self.call("GET", path, query=query, reads=True))

    async def find(self, path: str, asked: object, query: Query = ()) -> Fields:
        """An object that is only read, by a question that has a body."""
        return Fields.of(self.title, await self.call("POST", path, asked, query=query, reads=True))

    async def do(
        self,
        method: str,
        path: str,
        asked: object = None,
        query: Query = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Something that changes the campaign; what the service answers is not looked at, only its status.

        What became of it is read afterwards: some services fail inside a 200.
        """
        reply = await self._reply(method, path, asked, query, reads=False, headers=headers)
        self._judge(reply, reads=False)

    async def call(
        self,
        method: str,
        path: str,
        asked: object = None,
        *,
        query: Query = (),
        reads: bool,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """What the service answers, as JSON.

        Raises:
            EspError: anything else.
        """
        reply = await self._reply(method, path, asked, query, reads=reads, headers=headers)
        self._judge(reply, reads=reads)
        try:
            return json.loads(reply.body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise EspError(f"{self.title} answered with something that is not JSON; ask again later") from None

    async def _reply(
        self,
        method: str,
        path: str,
        asked: object,
        query: Query,
        *,
        reads: bool,
        headers: Mapping[str, str] | None = None,
    ) -> ApiReply:
        body = b"" if asked is None else json.dumps(asked).encode()
        fields = {"Content-Type": self.media} if body else {}
        try:
            return await self.client.request(
                method, path, query=query, body=body, headers={**fields, **(headers or {})}
            )
        except ApiFailed as error:
            raise EspError(
                f"{self.title} could not be asked: {error}",
                permanent=error.settings,
                retry_after=error.retry_after,
                unknown_outcome=error.sent and not reads,
            ) from None

    def _judge(self, reply: ApiReply, *, reads: bool) -> None:
        """Raise unless the status says that it went well."""
        status, said = reply.status, self._said(reply)
        if 200 <= status < 300:
            return
        if status in (401, 403):
            where = f"esps.{self.place.name}"
            raise KeyRefusedError(
                f"{self.title} refuses the key of {where} ({status}{said}); check the key and its rights",
                permanent=True,
            )
        if status in (404, 410):
            raise EspError(f"{self.title} knows no such campaign, or no such part of it ({status})", permanent=True)
        if status == 429:
            raise EspError(f"{self.title} asks for fewer requests (429)", retry_after=reply.retry_after)
        if 300 <= status < 400:
            raise EspError(
                f"{self.title} redirects ({status}), which is not followed: the key would go along; correct the url",
                permanent=True,
            )
        if status >= 500 or status in (408, 423, 425):
            raise EspError(
                f"{self.title} failed ({status}{said}); it is asked again later",
                retry_after=reply.retry_after,
                unknown_outcome=not reads,
            )
        raise EspError(f"{self.title} refuses this ({status}{said})", permanent=True)

    def _said(self, reply: ApiReply) -> str:
        """What a service says of an error, fit to be shown; nothing when it holds the key."""
        try:
            value = json.loads(reply.body[:65536])
        except (ValueError, RecursionError):
            return ""
        words = _NOT_SHOWN.sub(" ", mask_addresses(_words(value)))[:_SAID_LENGTH].strip()
        secret = self.place.secret
        return "" if not words or (secret and secret in words) else f": {words}"


def _words(value: object) -> str:
    """The sentence in the body of an error, wherever the service puts it."""
    if isinstance(value, dict) and isinstance(value.get("errors"), list) and value["errors"]:
        return _words(value["errors"][0]) or _words({**value, "errors": None})
    if isinstance(value, dict):
        return next((one for key in _SAID if isinstance(one := value.get(key), str) and one), "")
    return ""


def _no_number(text: str) -> object:
    raise ValueError(text)
