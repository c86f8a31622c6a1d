"""Settings of the gate: `gate.toml`, validated whole before a socket is opened."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from mailcheck.suggest import did_you_mean

Scheme = Literal["standard", "svix", "sendgrid", "mailgun", "sfmc", "basic", "none"]
Notice = Literal["held", "unsure", "cleared", "reverted", "failed"]
_Wrong = tuple[tuple[str, ...], str]
"""The keys of what is wrong, and what is wrong."""
Seconds = Annotated[int, Field(ge=1)]
Span = Annotated[timedelta, Field(gt=timedelta(0))]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Model):
    """Where a secret is: never in the file itself."""

    env: str | None = Field(default=None, min_length=1, description="name of an environment variable")
    file: Path | None = Field(default=None, description="a file that holds nothing else")

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("name either `env` or `file`")
        return self

    def read(self) -> SecretStr:
        """The secret itself.

        Raises:
            ValueError: it is not there, or empty.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "")
            where = f"the environment variable {self.env}"
        else:
            where = f"the file {self.file}"
            try:
                value = Path(str(self.file)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise ValueError(f"{where} cannot be read") from None
        if not value:
            raise ValueError(f"{where} is empty or not set")
        return SecretStr(value)


class JudgeTable(_Model):
    """How a campaign is judged: `[judge]`."""

    profile: Literal["campaign", "send"] = Field(default="send", description="what must be known")
    settings: Path | None = Field(
        default=None, description="a settings file of mailcheck; only the defaults without it"
    )
    local: bool = Field(default=False, description="whether rule files of those settings may be loaded: they are code")
    seconds: Seconds = Field(default=60, description="a judgement that takes longer is unsure")
    memory_mb: int = Field(default=1024, ge=64, description="memory of one judgement; more is unsure")
    workers: int = Field(default=2, ge=1, le=64, description="judgements at a time")
    env: tuple[str, ...] = Field(default=(), description="variables of the environment that a judgement may see")


class SenderTable(_Model):
    """Who may call `/v1/hooks/NAME`: `[senders.NAME]`."""

    scheme: Scheme = Field(description="how it signs; `none` only on loopback")
    secrets: tuple[Secret, ...] = Field(default=(), description="keys; several while one is being replaced")
    user: str | None = Field(default=None, description="user name of scheme `basic`")
    esp: str = Field(description="the connection whose campaigns it names")
    retries: Span = Field(default=timedelta(days=4), description="how long it may repeat a webhook")

    @model_validator(mode="after")
    def _has_keys(self) -> SenderTable:
        if (self.scheme == "none") == bool(self.secrets):
            raise ValueError(f"scheme {self.scheme} {'takes no' if self.secrets else 'needs'} `secrets`")
        if (self.scheme == "basic") != (self.user is not None):
            raise ValueError("scheme basic needs a `user`" if self.scheme == "basic" else "`user` is for scheme basic")
        return self


class EspTable(_Model):
    """A connection to a sending service: `[esps.NAME]`."""

    kind: str = Field(description="name of the adapter: `listmonk`, `mailchimp` …")
    url: str | None = Field(default=None, description="where its API is, when that differs")
    user: str | None = Field(default=None, description="user or key id")
    secret: Secret | None = Field(default=None, description="key or token")
    options: dict[str, str] = Field(default_factory=dict, description="what only this adapter knows")
    poll: Span | None = Field(
        default=None, description="how often scheduled campaigns are looked for; never without it"
    )
    policy: str = Field(default="default", description="name of the policy")


class PolicyTable(_Model):
    """What is done with which verdict: `[policies.NAME]`. Nothing but `clear` may be scheduled."""

    clear: Literal["schedule", "leave"] = Field(
        default="leave", description="what is done with a campaign that is clear"
    )
    held: Literal["leave", "revert"] = Field(default="revert", description="with one that is held")
    unsure: Literal["leave", "revert"] = Field(default="revert", description="with one that could not be judged")
    recheck: tuple[Span, ...] = Field(
        default=(timedelta(minutes=30), timedelta(minutes=10)),
        description="how long before the send it is looked at again",
    )
    lead: timedelta = Field(
        default=timedelta(minutes=5), ge=timedelta(0), description="a send that is nearer than this is not scheduled"
    )
    drift: float = Field(
        default=0.1, ge=0, le=1, description="share by which the number of recipients may move unremarked"
    )
    notify: tuple[Notice, ...] = Field(
        default=("held", "unsure", "reverted", "failed"), description="what people are told"
    )
    alerts: tuple[str, ...] = Field(default=(), description="names of `[alerts.NAME]`; all without it")


class AlertTable(_Model):
    """Where people are told: `[alerts.NAME]`; the address is an apprise URL, and a secret."""

    url: Secret = Field(description="address of apprise; it is a secret")


class GateSettings(_Model):
    """The file `gate.toml`."""

    store: str = Field(default="gate.db", description="jobs and reports: a SQLite file, or `postgresql://…`")
    host: str = Field(default="127.0.0.1", description="where it listens")
    port: int = Field(default=8025, ge=0, le=65535, description="and at which port; 0 for any free one")
    public_url: str | None = Field(default=None, description="address of the service in alerts")
    queue: int = Field(default=1000, ge=1, description="jobs that may wait; more are refused with 429")
    body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, description="largest body of a request")
    token: Secret | None = Field(
        default=None, description="bearer token of `/v1/check`, jobs and reports; needed off loopback"
    )
    keep: Span = Field(default=timedelta(days=90), description="how long jobs and reports are kept")
    judge: JudgeTable = Field(default_factory=lambda: JudgeTable(), description="how campaigns are judged")
    senders: dict[str, SenderTable] = Field(default_factory=dict, description="who may call `/v1/hooks/NAME`")
    esps: dict[str, EspTable] = Field(default_factory=dict, description="connections to sending services")
    policies: dict[str, PolicyTable] = Field(
        default_factory=lambda: {"default": PolicyTable()}, description="what is done with which verdict"
    )
    alerts: dict[str, AlertTable] = Field(default_factory=dict, description="where people are told")

    @property
    def is_local(self) -> bool:
        """Whether it listens on loopback only."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _guarded(self) -> GateSettings:
        """No door without a lock but on this machine, and no name that leads nowhere."""
        for keys, wrong in (*self._open_doors(), *self._loose_ends()):
            raise PydanticCustomError("gate", "{wrong}", {"wrong": wrong, "keys": keys})
        return self

    def _open_doors(self) -> Iterator[_Wrong]:
        if self.is_local:
            return
        if self.token is None:
            yield ("host",), f"a `token` is needed when it listens on {self.host}, which is not loopback"
        for name, sender in self.senders.items():
            if sender.scheme == "none":
                wrong = f"sender {name!r} signs nothing, which is only possible on loopback, and not on {self.host}"
                yield ("senders", name, "scheme"), wrong

    def _loose_ends(self) -> Iterator[_Wrong]:
        for name, sender in self.senders.items():
            yield from _unknown(("senders", name, "esp"), sender.esp, self.esps, "connection")
        for name, esp in self.esps.items():
            yield from _unknown(("esps", name, "policy"), esp.policy, self.policies, "policy")
        for name, policy in self.policies.items():
            for alert in policy.alerts:
                yield from _unknown(("policies", name, "alerts"), alert, self.alerts, "alert")


def _unknown(keys: tuple[str, ...], name: str, known: Iterable[str], what: str) -> Iterator[_Wrong]:
    if name not in known:
        yield keys, f"setting {'.'.join(keys)}: there is no {what} {name!r}{did_you_mean(name, known)}"
