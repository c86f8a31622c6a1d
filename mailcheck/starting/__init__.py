"""What `mailcheck init` writes: a commented settings file and a first rule."""

from __future__ import annotations

from importlib import resources

_DIALECT_LINE = '# dialect = "mailchimp"\n'


def files(dialect: str | None = None) -> dict[str, str]:
    """Name and text of each file.

    Args:
        dialect: id of the sending service's merge tags; commented out when not given.

    Raises:
        CouldNotStart: there is no such dialect.
    """
    settings = _text("settings.toml")
    if dialect is not None:
        _check(dialect)
        settings = settings.replace(_DIALECT_LINE, f'dialect = "{dialect}"\n')
    return {"mailcheck.toml": settings, "mailrules.py": _text("mailrules.py")}


def _check(dialect: str) -> None:
    from mailcheck.content.dialects import builtin
    from mailcheck.settings import CouldNotStart
    from mailcheck.suggest import did_you_mean

    known = builtin().by_id
    if dialect not in known:
        hint = did_you_mean(dialect, known)
        raise CouldNotStart(f"there is no merge-tag dialect {dialect!r}{hint} (`mailcheck dialects` lists them)")


def _text(name: str) -> str:
    return resources.files("mailcheck.starting").joinpath(name).read_text(encoding="utf-8")


def next_steps(dialect: str | None) -> str:
    """What to do with the files, for the terminal."""
    steps = [
        "`mailcheck check FOLDER` checks every mail in a folder",
        "`mailcheck explain mailrules/click_here` shows the page of your first rule; mailrules.py is where it lives",
        "`mailcheck baseline FOLDER` accepts what is found today, so that only new findings count",
    ]
    if dialect is None:
        steps.insert(0, "set `dialect` in mailcheck.toml; `mailcheck dialects` lists the sending services")
    return "\nNext:\n" + "".join(f"  {number}. {step}\n" for number, step in enumerate(steps, 1))
