"""Places in TOML and JSON, held against the standard library's parsers."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailcheck.places import Place
from mailcheck.places.json import json_places
from mailcheck.places.toml import toml_places
from mailcheck.reading import ReadingError, read

PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\"'\\\x7f"), min_size=1, max_size=4)
TOML_ESCAPE = st.sampled_from([r"\n", r"\t", r"\"", r"\\", r"\b", r"\f", r"\r", r"\u00e4", r"\U0001F600", r"\u0041"])
JSON_ESCAPE = st.sampled_from(
    [r"\n", r"\/", r"\"", r"\\", r"\b", r"\u00e4", r"\ud83d\ude00", r"\uD83D\uDE00", r"\u0041"]
)
NEWLINE = st.sampled_from(["\n", "\r\n"])
FOLD = st.sampled_from(["\\\n", "\\ \t\r\n  ", "\\\n\n \r\n\t"])
SPACE = st.sampled_from(["", " ", "\t "])
COMMENT = st.sampled_from(["", " # a = [1] \"x\" 'y' {z}", "#"])
GAP = st.sampled_from(["", " ", "\n", "\r\n  ", " # ], } = \" '''\n"])


def string_of(*pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(*pieces), max_size=6).map("".join)


TOML_STRINGS = st.one_of(
    string_of(PLAIN, TOML_ESCAPE, st.just("'")).map(lambda text: f'"{text}"'),
    string_of(PLAIN, st.sampled_from(['"', "\\", "\\n"])).map(lambda text: f"'{text}'"),
    st.tuples(
        st.sampled_from(["", "\n", "\r\n"]),
        string_of(PLAIN, TOML_ESCAPE, NEWLINE, FOLD, st.sampled_from(["'", '"a', '""a'])),
        st.sampled_from(["", '"', '""']),
    ).map(lambda parts: f'"""{"".join(parts)}"""'),
    st.tuples(
        st.sampled_from(["", "\n", "\r\n"]),
        string_of(PLAIN, NEWLINE, st.sampled_from(['"', "\\", "'a", "''a"])),
        st.sampled_from(["", "'", "''"]),
    ).map(lambda parts: f"'''{''.join(parts)}'''"),
)
SCALARS = st.sampled_from(["1", "-1.5e3", "true", "1979-05-27 07:32:00Z", "0xDEAD", "inf", "07:32:00"])
BARE_KEYS = st.text("abc-_1", min_size=1, max_size=3)
KEYS = BARE_KEYS | st.sampled_from(['"a.b"', "'c d'", '"\\u0041"', '""', "'\"'"])


@st.composite
def dotted(draw: st.DrawFn, most: int) -> str:
    return draw(SPACE).join(f"{key}{draw(SPACE)}." for key in draw(st.lists(KEYS, min_size=1, max_size=most)))[:-1]


@st.composite
def pairs(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    key = draw(dotted(2))
    return f"{key}{draw(SPACE)}={draw(SPACE)}{draw(values)}"


def arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    @st.composite
    def array(draw: st.DrawFn) -> str:
        items = draw(st.lists(values, max_size=3))
        inside = f"{draw(GAP)},{draw(GAP)}".join(items)
        comma = draw(st.sampled_from(["", ","])) if items else ""
        return f"[{draw(GAP)}{inside}{draw(GAP)}{comma}{draw(GAP)}]"

    return array()


def inline_tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(pairs(values), max_size=3).map(lambda items: "{ " + ", ".join(items) + " }")


VALUES = st.recursive(TOML_STRINGS | SCALARS, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=5)


@st.composite
def toml_documents(draw: st.DrawFn) -> str:
    headers = st.one_of(
        dotted(3).map(lambda key: f"[ {key} ]"),
        dotted(2).map(lambda key: f"[[{key}]]"),
    )
    lines = draw(st.lists(pairs(VALUES) | pairs(VALUES) | headers | st.just(""), max_size=7))
    return "".join(draw(SPACE) + line + draw(SPACE) + draw(COMMENT) + draw(NEWLINE) for line in lines)


def parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None


def nodes(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value of a document with its path."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from nodes(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from nodes(inner, (*path, number))


@settings(deadline=None)
@given(toml_documents().filter(lambda text: parsed(text)))
@example("[[a]]\nb.c = 1\n[[a]]\n[a.d]\nx = 2\n[[a.e]]\ny = {z = [1, {q = 'r'}]}\n")
@example("a.b = 1\na.c = 2 # x\n[d.e]\n[d]\nf = 1\n")
@example("a = nan")
def test_toml_places_are_where_the_values_stand(text: str) -> None:
    document = tomllib.loads(text)
    places = toml_places(text).of
    assert set(places) == {path for path, _ in nodes(document)}
    for path, value in nodes(document):
        place = places[path]
        if place.start == place.end:  # a table made by headers or dotted keys
            assert isinstance(value, dict | list)
            assert text[: place.key].rstrip(" \t")[-1:] in ("", "\n", "{", ",")
            within = [inner for name, inner in places.items() if name[: len(path)] == path and inner.end > inner.start]
            assert text[place.key] == "[" or any(inner.key == place.key for inner in within)
            continue
        written = text[place.start : place.end]
        assert written == written.strip()
        assert repr(tomllib.loads("x = " + written)["x"]) == repr(value)
        if isinstance(path[-1], str):
            assert any(followed(tomllib.loads(text[place.key : place.end]), path, value))
        else:
            assert place.key == place.start


def followed(table: object, path: tuple[str | int, ...], value: object) -> Iterator[bool]:
    """Whether the last keys of a path, as many as were written dotted, lead to the value."""
    for length in range(1, len(path) + 1):
        inner = table
        for key in path[-length:]:
            inner = inner.get(key) if isinstance(inner, dict) else None
        yield repr(inner) == repr(value)


def content_start(text: str, place: Place) -> int:
    return place.start + (
        3 if text[place.start : place.start + 3] in ('"""', "'''") and place.end - place.start >= 6 else 1
    )


@settings(deadline=None)
@given(TOML_STRINGS.filter(lambda text: parsed(f"a = {text}")), SPACE)
@example('""', "")
@example('"""\r\n"""', "")
@example('"""a\\\r\n\r\n  b\\\n"""', "")
@example("'''\n''\\n'''''", "")
@example('"""""x\\""""', " ")
def test_each_character_of_a_toml_string_is_where_it_was_written(text: str, space: str) -> None:
    text = f'b = 1\na =\t{space}{text}{space}# "'
    value = tomllib.loads(text)["a"]
    places = toml_places(text)
    origin = places.origin(("a",), value)
    assert origin is not None
    place = places.of["a",]
    first = content_start(text, place)
    quotes = text[place.start : first]
    assert len(origin.offsets) == len(value) + 1
    for number, offset in enumerate(origin.offsets):
        prefix = text[place.start : max(first, offset)] + quotes
        assert tomllib.loads(f"a = {prefix}")["a"] == value[:number]
    for char, offset in zip(value, origin.offsets, strict=False):
        assert text[offset] in (char, "\\", "\r")


JSON_STRINGS = string_of(PLAIN, JSON_ESCAPE, st.just("'"), st.just("\x7f")).map(lambda text: f'"{text}"')
JSON_SPACE = st.sampled_from(["", " ", "\n", "\r\n\t"])


def json_arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    @st.composite
    def array(draw: st.DrawFn) -> str:
        items = [draw(JSON_SPACE) + item + draw(JSON_SPACE) for item in draw(st.lists(values, max_size=3))]
        return "[" + (",".join(items) or draw(JSON_SPACE)) + "]"

    return array()


def json_objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    @st.composite
    def object_(draw: st.DrawFn) -> str:
        keys = draw(st.lists(JSON_STRINGS, max_size=3, unique_by=json.loads))
        items = [
            f"{draw(JSON_SPACE)}{key}{draw(JSON_SPACE)}:{draw(JSON_SPACE)}{draw(values)}{draw(JSON_SPACE)}"
            for key in keys
        ]
        return "{" + (",".join(items) or draw(JSON_SPACE)) + "}"

    return object_()


JSON_VALUES = st.recursive(
    JSON_STRINGS | st.sampled_from(["1", "-2.5e-3", "true", "null"]),
    lambda inner: json_arrays(inner) | json_objects(inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(json_objects(JSON_VALUES), JSON_SPACE)
def test_json_places_are_where_the_values_stand(text: str, space: str) -> None:
    text = space + text + space
    document = json.loads(text)
    places = json_places(text)
    assert set(places.of) - {()} == {path for path, _ in nodes(document)}
    for path, value in nodes(document):
        place = places.of[path]
        assert json.loads(text[place.start : place.end]) == value
        if isinstance(path[-1], str):
            assert json.JSONDecoder().raw_decode(text, place.key)[0] == path[-1]
        if isinstance(value, str):
            origin = places.origin(path, value)
            assert origin is not None
            prefixes = [json.loads(text[place.start : offset] + '"') for offset in origin.offsets]
            assert prefixes == [value[:number] for number in range(len(value) + 1)]


@settings(deadline=None)
@given(
    TOML_STRINGS.filter(lambda text: (parsed(f"a = {text}") or {"a": ""})["a"]),
    JSON_STRINGS.filter(lambda text: len(text) > 2),
)
def test_an_inline_text_leads_back_to_the_manifest(toml: str, in_json: str) -> None:
    for name, text, first in (
        ("campaign.toml", f"subject = {toml}\n", tomllib.loads(f"a = {toml}")["a"]),
        ("campaign.json", '{"message": {\n  "subject": ' + in_json + "}}", json.loads(in_json)),
    ):
        (campaign,) = read(name, data=text.encode())
        subject = campaign.message.subject
        assert subject is not None
        assert subject.origin is not None
        assert subject.text == first
        for number, char in enumerate(subject.text):
            line, column = subject.line_column(number)
            offset = subject.origin.offsets[number]
            assert text[offset] in (char, "\\", "\r")
            before = text[:offset].replace("\r\n", " \n").replace("\r", "\n")
            assert (line, column) == (before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


@pytest.mark.parametrize(
    ("name", "text", "needle", "line", "column"),
    [
        ("c.toml", 'subject = "Hi {{name}}"', "{{", 1, 15),
        ("c.toml", "name = 'x'\r\nsubject = 'Hi {{name}}'\r\n", "{{", 2, 15),
        ("c.toml", 'subject = "a\\u00e4\\n{{"', "{{", 1, 21),
        ("c.toml", '[message]\nsubject = """\nHi \\\n   {{x}}\n"""\n', "{{", 4, 4),
        ("c.toml", "message = { headers = { X-A = ['a', 'b{{'] }, text = 'x' }", "{{", 1, 39),
        ("c.toml", "\ufeffsubject = '{{'", "{{", 1, 12),
        ("c.json", '{"subject": "\\ud83d\\ude00 {{"}', "{{", 1, 27),
        ("c.json", '{"message": {\n\t"headers": {"X-A": "{{"}, "text": "x"}}', "{{", 2, 22),
    ],
)
def test_known_places(name: str, text: str, needle: str, line: int, column: int) -> None:
    (campaign,) = read(name, data=text.encode())
    part = next(
        p for p in (*campaign.message.parts(), *(h.value for h in campaign.message.headers)) if needle in p.text
    )
    start = part.text.index(needle)
    where = part.at(start, start + 2).where
    assert (where.path, where.line, where.column, where.end_line, where.end_column) == (
        name,
        line,
        column,
        line,
        column + 2,
    )


def test_a_key_that_stands_twice_in_json_is_refused_with_its_line() -> None:
    with pytest.raises(ReadingError, match="'subject' stands twice") as caught:
        read("c.json", data=b'{"subject": "a",\n"subject": "b"}')
    assert caught.value.line == 2
