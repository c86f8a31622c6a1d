"""What pydantic found wrong in a manifest, in a sentence for the person who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailcheck.masking import mask_addresses
from mailcheck.places import KeyPath, Places
from mailcheck.reading.manifest_model import Manifest, MessageTable

_MUST = {
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list of texts",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "model_type": "must be a table",
    "invalid_key": "must be a text, as every key",
}


def explain(error: ValidationError, places: Places | None) -> tuple[str, KeyPath]:
    """The first thing that is wrong, in the order of the document, and the path of its key."""
    details = error.errors(include_url=False)
    found = [(_keys(detail["loc"]), detail) for detail in details]
    found.sort(key=lambda item: (places.line(item[0]) or 0) if places else 0)
    keys, detail = found[0]
    more = f" ({len(found) - 1} more like this)" if len(found) > 1 else ""
    return mask_addresses(_sentence(keys, detail)) + more, keys


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A question with the nearest known name, or nothing."""
    near = get_close_matches(name.lower(), known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def _keys(location: tuple[int | str, ...]) -> KeyPath:
    return tuple(key for key in location if key != "[key]")


def _sentence(keys: KeyPath, detail: ErrorDetails) -> str:
    name = ".".join(str(key) for key in keys)
    if detail["type"] == "extra_forbidden":
        return _unknown_key(keys)
    if detail["type"] == "literal_error":
        value = detail["input"]
        expected = detail.get("ctx", {}).get("expected", "")
        hint = (
            did_you_mean(value, expected.replace("'", "").replace(" or ", ", ").split(", "))
            if isinstance(value, str)
            else ""
        )
        return f"{name} must be {expected}, not {str(value)[:40]!r}" + (f"; {hint}" if hint else "")
    if detail["type"] == "value_error":
        return f"{name} {detail['msg'].removeprefix('Value error, ')}"
    return f"{name} {_MUST.get(detail['type'], 'is wrong: ' + detail['msg'])}; correct the value"


def _unknown_key(keys: KeyPath) -> str:
    key = str(keys[-1])
    table = _table_at(keys[:-1])
    if table is MessageTable and key in _names(Manifest):
        return f"{key} does not belong here; write it above [message], at the top level"
    place = "" if table is Manifest else f" in {'.'.join(str(one) for one in keys[:-1])}"
    hint = did_you_mean(key, _names(table)) or f"known are {', '.join(_names(table))}"
    return f"unknown key {key!r}{place}; {hint}"


def _table_at(keys: KeyPath) -> type[BaseModel]:
    """The model of the table that stands at a path of keys."""
    table: type[BaseModel] = Manifest
    for key in keys:
        fields = table.model_fields
        field = fields.get(str(key)) or next((one for one in fields.values() if one.alias == key), None)
        table = _model_in(field.annotation if field else None) or table
    return table


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model in an annotation such as `Mapping[str, Model] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((one for one in found if one is not None), None)


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
