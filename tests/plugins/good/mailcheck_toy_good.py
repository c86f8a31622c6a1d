"""A rule with options and a fact of its own."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mailcheck import Message, Problem, Problems, bad, fact, good, rule


class Options(BaseModel):
    """Options of `shouting`."""

    model_config = ConfigDict(extra="forbid")

    word: str = "BUY"


@fact
def words(message: Message) -> tuple[str, ...]:
    """The words of the HTML part."""
    return tuple(message.html.text.split()) if message.html else ()


@rule(aliases=("mailcheck_toy_good/loud",))
@bad(html="<p> BUY </p>", at="")
@good(html="<p> look </p>")
def shouting(words: tuple[str, ...], options: Options) -> Problems:
    """A word is shouted."""
    if options.word in words:
        yield Problem(f"Do not shout {options.word}.")
