"""Settings: defaults < settings file < profile < flags.

One file, no cascade: the nearest `mailcheck.toml`, or `pyproject.toml` with a `[tool.mailcheck]` table,
from the working folder up to the root of the repository.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from mailcheck.history.locations import located
from mailcheck.places.toml import toml_places
from mailcheck.report import Severity
from mailcheck.suggest import did_you_mean

FILE_NAME = "mailcheck.toml"

Profile = Literal["template", "campaign", "send"]

REQUIRED_FACTS: dict[str, tuple[str, ...]] = {
    "template": ("body",),
    "campaign": ("body", "subject", "sender"),
    "send": ("body", "subject", "sender", "audience", "history", "web"),
}
"""What must be known for a complete judgement, by profile: names of facts."""


class CouldNotStart(Exception):  # noqa: N818 - named as the exit code is
    """The run cannot begin: bad settings, an unknown name, a missing plug-in, nothing to check."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Waiver(_Model):
    """A recorded, reasoned, expiring acceptance of a finding."""

    rule: str = Field(description="rule, family or glob")
    match: str = Field(default="", description="text that the evidence or the message must contain")
    path: str = Field(default="", description="glob of the files it is for; empty for all")
    why: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=3),
        Field(description="why this is accepted; shown in the report"),
    ]
    until: date = Field(description="last day on which it holds")


class Override(_Model):
    """Settings for some files only."""

    files: tuple[str, ...] = Field(min_length=1, description="globs, relative to the settings file")
    stage: Literal["template", "rendered"] | None = None
    dialect: str | None = None
    locale: tuple[str, ...] | str = ()
    fields: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()


_OF_THE_CLIENT = frozenset(
    (
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
    )
)


class WebTable(_Model):
    """How links and images are asked for, when rules may use the network."""

    allow: tuple[str, ...] = Field(
        default=(), description="hosts, or `host:port`, that may be private: previews; exact names, no patterns"
    )
    never: tuple[str, ...] = Field(default=(), description="patterns of addresses that are not requested")
    check: tuple[str, ...] = Field(
        default=(), description="patterns of addresses that are requested although they look like an action"
    )
    accept: dict[str, tuple[int, ...]] = Field(
        default_factory=dict, description="statuses that count as fine, by pattern of addresses"
    )
    headers: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="headers to send over https, by exact host"
    )
    user_agent: str | None = Field(default=None, min_length=3, description="what we call ourselves; say who you are")
    ca_file: str = Field(default="", description="PEM file of authorities to trust, relative to the settings file")
    cache: str = Field(default="", description="file of verdicts of earlier runs, relative to the settings file")
    timeout: float = Field(default=20.0, gt=0, le=300, description="seconds for one try, with all its redirects")
    deadline: float = Field(
        default=50.0, gt=0, le=3600, description="seconds for a campaign; never more than 0.9 × `rule_timeout`"
    )
    requests: int = Field(default=200, ge=1, le=512, description="requests at a time")
    per_host: int = Field(
        default=8,
        ge=1,
        le=128,
        description="requests at a time to one host, at first; four times as many if all is well",
    )
    gap: float = Field(default=0.02, ge=0, le=60, description="seconds between two requests to one host")
    redirects: int = Field(default=20, ge=0, le=20, description="redirects that are followed; browsers follow 20")
    certificate_days: int = Field(
        default=14, ge=0, description="a certificate that ends within so many days is suspect"
    )

    @field_validator("allow")
    @classmethod
    def _is_exact(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"(?:[a-z0-9_\-.]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", host):
                raise ValueError(f"{host!r} is no host or host:port in lower case; patterns are not possible here")
        return hosts

    @field_validator("headers")
    @classmethod
    def _is_sendable(cls, headers: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for name, value in (pair for host in headers.values() for pair in host.items()):
            if not re.fullmatch(r"[A-Za-z0-9\-]+", name) or not re.fullmatch(r"[!-~]+(?:[ \t]+[!-~]+)*", value):
                raise ValueError(f"the header {name!r} cannot be sent; names are letters and -, values ASCII")
            if name.lower() in _OF_THE_CLIENT:
                raise ValueError(f"the header {name!r} cannot be set; the client sends its own")
        return headers

    @field_validator("user_agent")
    @classmethod
    def _is_printable(cls, agent: str | None) -> str | None:
        if agent is not None and not re.fullmatch(r"[!-~]+(?: [!-~]+)*", agent):
            raise ValueError("only printable ASCII can be sent, without a blank at either end")
        return agent


class Settings(_Model):
    """Everything that can be set. The same names are used in the file, on the command line and in Python."""

    profile: Profile | None = Field(
        default=None,
        description="what must be known; by default `template` for template files, `campaign` for mails and manifests",
    )
    stage: Literal["template", "rendered"] | None = Field(
        default=None,
        description="whether tags are still to be filled in; by default `rendered` for .eml, else `template`",
    )
    dialect: str | None = Field(
        default=None,
        description="the ESP's merge-tag dialect (`mailcheck dialects` lists them), or several, `jinja2+mailchimp`",
    )
    locale: tuple[str, ...] | str = Field(default=(), description="language(s) of the mails, as BCP 47 tags")
    fields: tuple[str, ...] | None = Field(
        default=None, description="names of the audience's fields (`merge_tags/unknown_field`)"
    )
    select: tuple[str, ...] = Field(default=("*",), description="rules, families or globs to run")
    ignore: tuple[str, ...] = Field(default=(), description="rules, families or globs not to run")
    severity: dict[str, Severity] = Field(default_factory=dict, description="rule, family or glob = severity")
    threshold: Severity = Field(default="error", description="findings of this severity and above hold the campaign")
    plugins: tuple[str, ...] = Field(default=(), description="plug-ins that must be present")
    block: tuple[str, ...] = Field(default=(), description="plug-ins that must not be loaded")
    local: tuple[str, ...] | None = Field(
        default=None, description="globs of local rule files; by default `mailrules.py` beside the settings file"
    )
    exclude: tuple[str, ...] = Field(default=(), description="globs of files in folders that are not checked")
    rules: dict[str, dict[str, object]] = Field(default_factory=dict, description="options of a rule, by its name")
    waive: tuple[Waiver, ...] = Field(default=(), description="accepted findings")
    overrides: tuple[Override, ...] = Field(default=(), description="settings for some files only")
    baseline: str | None = Field(default=None, min_length=1, description="baseline file, relative to the settings file")
    audience: str | None = Field(
        default=None,
        min_length=1,
        description="the recipients: a file, relative to the settings file, or the URL of a database",
    )
    suppression: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = Field(
        default=(), description="lists of people who must not get it: files or URLs"
    )
    memory: str | None = Field(
        default=None, description="how much memory lists of people may take before they are put on disk, such as `4GB`"
    )
    history: str | None = Field(
        default=None,
        min_length=1,
        description="where sends are recorded: a file, relative to the settings file, or `postgresql://…`",
    )
    online: bool = Field(default=False, description="whether rules may use the network")
    web: WebTable = Field(default_factory=WebTable, description="how it is used: the table `[web]`")
    rule_timeout: float = Field(
        default=60.0, gt=0, allow_inf_nan=False, description="seconds after which an async rule is given up"
    )
    max_problems: int = Field(
        default=1000, ge=1, description="problems of one rule in one campaign after which it is stopped"
    )
    max_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, description="largest file that is read, in bytes")
    docs_url: str = Field(default="", description="where your team hosts the rule pages; findings then link to them")
    show_addresses: bool = Field(default=False, description="do not mask e-mail addresses in findings")

    @property
    def locales(self) -> tuple[str, ...]:
        return (self.locale,) if isinstance(self.locale, str) else self.locale

    def tables(self) -> dict[str, dict[str, object]]:
        """The settings that facts ask for: tables of their own, by name."""
        web = self.web.model_dump(exclude_none=True)
        # A rule that waits longer would be ended before it could tell what it knows.
        web["deadline"] = min(self.web.deadline, 0.9 * self.rule_timeout)
        return {"web": web}


class Loaded(BaseModel):
    """Settings, and where they came from.

    `by_hand` names those that were given as flags; they win over what a manifest says.
    """

    model_config = ConfigDict(frozen=True)

    settings: Settings = Field(default_factory=Settings)
    path: Path | None = None
    root: Path = Field(default_factory=Path.cwd)
    by_hand: frozenset[str] = frozenset()


def find(start: Path) -> Path | None:
    """The settings file that holds for a folder, or `None`."""
    for folder in (start, *start.parents):
        # A folder or a dead link of that name is no settings file, and no reason to go on without one.
        if os.path.lexists(folder / FILE_NAME):
            return folder / FILE_NAME
        pyproject = folder / "pyproject.toml"
        if pyproject.is_file() and _speaks_of_us(pyproject):
            return pyproject
        if (folder / ".git").exists():
            return None
    return None


def _speaks_of_us(pyproject: Path) -> bool:
    try:
        text = pyproject.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CouldNotStart(f"{pyproject}: the settings file cannot be read ({error.strerror})") from None
    if "mailcheck" not in text:
        return False
    try:
        tool = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError:
        return "[tool.mailcheck" in text  # then `load` says what is wrong with it
    return isinstance(tool, dict) and "mailcheck" in tool


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise CouldNotStart("the working folder does not exist any more; go to another one") from None


def load(
    path: Path | None = None,
    *,
    flags: Mapping[str, object] | None = None,
    start: Path | None = None,
    use_file: bool = True,
) -> Loaded:
    """Read the settings file and lay the flags over it.

    Args:
        path: the file; by default it is looked for from `start` (the working folder) upwards.
        flags: settings given by hand; `None` values are not set.
        use_file: whether to look for a file at all.

    Raises:
        CouldNotStart: the file cannot be read, or a name or value in it is wrong; says file and line.
    """
    start = start or _working_folder()
    path = path or (find(start) if use_file else None)
    text = _read(path) if path else ""
    table = _table(path, text)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    for layer, folder in ((table, path.parent if path else start), (given, start)):
        _locate(layer, folder)
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        raise CouldNotStart(_explain(error, path, text)) from None
    try:
        settings = Settings.model_validate({**table, **given})
    except ValidationError as error:
        raise CouldNotStart(_explain(error, None, "")) from None
    root = path.parent if path else start
    settings = settings.model_copy(update={"web": _rooted(settings.web, root)})
    return Loaded(settings=settings, path=path, root=root, by_hand=frozenset(given))


def _rooted(web: WebTable, root: Path) -> WebTable:
    """The table with its files as paths that hold from any working folder."""
    files = {name: str(root / value) for name in ("ca_file", "cache") if (value := getattr(web, name))}
    return web.model_copy(update=files) if files else web


def _locate(layer: dict[str, object], folder: Path) -> None:
    """Paths that a layer of settings names, as they are meant from its folder."""
    for name in ("history", "audience"):
        value = layer.get(name)
        if isinstance(value, str) and value:
            layer[name] = located(value, folder)
    lists = layer.get("suppression")
    if isinstance(lists, str):
        lists = [lists]
    if isinstance(lists, list | tuple):
        layer["suppression"] = [located(one, folder) if isinstance(one, str) and one else one for one in lists]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CouldNotStart(f"{path}: the settings file cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise CouldNotStart(f"{path}: the settings file is not UTF-8; save it as UTF-8") from None


def _table(path: Path | None, text: str) -> dict[str, object]:
    try:
        document: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CouldNotStart(f"{path}: not valid TOML: {error}") from None
    if path and path.name == "pyproject.toml":
        tool = document.get("tool")
        table = tool.get("mailcheck", {}) if isinstance(tool, dict) else {}
        if not isinstance(table, dict):
            raise CouldNotStart(f"{path}: tool.mailcheck must be a table: write [tool.mailcheck]")
        return table
    return document


_SAID = {
    "tuple_type": "must be a list, in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "string_type": "must be a text, in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
}
"""What pydantic says in words of Python, for people who write TOML."""


def _explain(error: ValidationError, path: Path | None, text: str) -> str:
    """The most telling fault of a validation as one sentence with file and line."""
    # A misspelt name is why another is missing.
    fault = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    keys = [key for key in fault["loc"] if isinstance(key, str | int)]
    name = ".".join(str(key) for key in keys)
    prefix = ("tool", "mailcheck") if path and path.name == "pyproject.toml" else ()
    line = toml_places(text).line((*prefix, *keys)) if path else None
    place = f"{path}:{line}: " if line else f"{path}: " if path else ""
    if fault["type"] == "extra_forbidden":
        known = _fields_at(keys[:-1])
        return f"{place}unknown setting {str(keys[-1])!r}{did_you_mean(str(keys[-1]), known)}"
    if fault["type"] == "missing":
        return f"{place}setting {name} is not there, and must be; write it"
    sentence = _SAID.get(fault["type"], f"{fault['msg'][0].lower()}{fault['msg'][1:]}")
    said = f"{sentence} (got {str(fault['input'])[:60]!r})"
    choices = re.findall(r"'([^']+)'", str(fault.get("ctx", {}).get("expected", "")))
    return f"{place}setting {name}: {said}{did_you_mean(str(fault['input']), choices)}"


def placed(message: str, loaded: Loaded) -> str:
    """A sentence about a setting, with file and line in front when the settings file holds the name that it quotes."""
    setting = message.partition(".")[0].partition(":")[0]
    quoted = re.search(r"'([^']+)'", message) or re.match(r"([\w-]+/[\w-]+)", message)
    if loaded.path is None or setting in loaded.by_hand or quoted is None:
        return message
    try:
        lines = _read(loaded.path).splitlines()
    except CouldNotStart:
        return message
    wanted = (number for number, line in enumerate(lines, 1) if quoted[1] in line.partition("#")[0])
    line = next(wanted, 0)
    return f"{loaded.path}:{line}: {message}" if line else message


def _fields_at(keys: list[str | int]) -> tuple[str, ...]:
    models: dict[str, type[BaseModel]] = {"waive": Waiver, "overrides": Override, "web": WebTable}
    return tuple(models.get(str(keys[0]) if keys else "", Settings).model_fields)
