"""Reads `gate.toml`; whatever is wrong in it is one sentence with file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailcheck.gate.settings import GateSettings, Secret
from mailcheck.places.toml import toml_places
from mailcheck.settings import CouldNotStart
from mailcheck.suggest import did_you_mean

FILE_NAME = "gate.toml"
_SECRET = {"secret", "secrets", "token", "url", "store"}


def load_gate(path: Path, flags: Mapping[str, object] | None = None) -> GateSettings:
    """Read the settings of the gate.

    Args:
        flags: settings given by hand, laid over those of the file; `None` is not set.

    Returns:
        the settings, with paths that hold from any working folder.

    Raises:
        CouldNotStart: the file cannot be read, or something in it is wrong; secrets are not shown.
    """
    text = _read(path)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CouldNotStart(f"{path}: not valid TOML: {error}") from None
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    try:
        settings = GateSettings.model_validate({**table, **given})
    except ValidationError as error:
        raise CouldNotStart(_explain(error, path, text)) from None
    return _rooted(settings, path.absolute().parent)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CouldNotStart(f"{path}: the settings of the gate cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise CouldNotStart(f"{path}: the settings of the gate are not UTF-8; save them as UTF-8") from None


def _explain(error: ValidationError, path: Path, text: str) -> str:
    # A misspelt name is why another is missing.
    fault = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    keys: tuple[str | int, ...] = fault.get("ctx", {}).get("keys") or fault["loc"]
    line = toml_places(text).line(keys)
    return (f"{path}:{line}: " if line else f"{path}: ") + _sentence(fault, keys)


def _sentence(fault: ErrorDetails, keys: tuple[str | int, ...]) -> str:
    name = ".".join(str(key) for key in keys)
    if fault["type"] == "extra_forbidden":
        *around, last = (str(key) for key in keys)
        where = f" in {'.'.join(around)}" if around else ""
        return f"unknown setting {last!r}{where}{did_you_mean(last, _fields_at(keys[:-1]))}"
    if fault["type"] == "gate":
        return fault["msg"]
    if fault["type"] == "missing":
        return f"setting {name} is missing"
    if fault["type"] in ("model_type", "dict_type"):
        return f"setting {name} must be a table" + (', such as { env = "NAME" }' if _SECRET.intersection(keys) else "")
    said = fault["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    if fault["type"] == "value_error":
        return f"{name}: {said}" if name else said
    # A secret that was written into the file must not be shown for it.
    shown = isinstance(fault["input"], str | int | float) and not _SECRET.intersection(keys)
    return f"setting {name}: {said}" + (f" (got {str(fault['input'])[:40]!r})" if shown else "")


def _fields_at(keys: tuple[str | int, ...]) -> tuple[str, ...]:
    """The settings that there are in the table at a path."""
    model: type[BaseModel] = GateSettings
    for key in keys:
        field = model.model_fields.get(str(key))
        model = (_model_in(field.annotation) if field else None) or model
    return tuple(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model in an annotation such as `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((one for one in found if one is not None), None)


def _rooted(settings: GateSettings, root: Path) -> GateSettings:
    """The settings with paths as they are meant from the folder of their file."""
    from mailcheck.history.locations import located

    changed: dict[str, object] = {"store": located(settings.store, root)}
    if settings.judge.settings is not None:
        changed["judge"] = settings.judge.model_copy(update={"settings": root / settings.judge.settings})
    if settings.token is not None:
        changed["token"] = _beside(settings.token, root)
    changed["senders"] = {
        name: one.model_copy(update={"secrets": tuple(_beside(secret, root) for secret in one.secrets)})
        for name, one in settings.senders.items()
    }
    changed["esps"] = {
        name: one.model_copy(update={"secret": _beside(one.secret, root)}) if one.secret else one
        for name, one in settings.esps.items()
    }
    changed["alerts"] = {
        name: one.model_copy(update={"url": _beside(one.url, root)}) for name, one in settings.alerts.items()
    }
    return settings.model_copy(update=changed)


def _beside(secret: Secret, root: Path) -> Secret:
    return secret if secret.file is None else secret.model_copy(update={"file": root / secret.file})
