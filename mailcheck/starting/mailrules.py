"""Rules of our own. mailcheck loads this file because it lies beside mailcheck.toml.

A rule is a function that asks for what it needs by the names of its parameters and yields problems. The examples
are its tests and its documentation.
"""

from pydantic import BaseModel, ConfigDict

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.content.markup import Markup


class ClickHereOptions(BaseModel):
    """Options are set in mailcheck.toml, below [rules."mailrules/click_here"]."""

    model_config = ConfigDict(extra="forbid")

    phrases: tuple[str, ...] = ("click here", "here", "read more")


@rule(severity="warning")
@bad(html='<p>Sale! <a href="https://shop.example/">Click here</a></p>', at='<a href="https://shop.example/">')
@good(html='<p>Sale! <a href="https://shop.example/">See all the seedlings</a></p>')
def click_here(markup: Markup, options: ClickHereOptions) -> Problems:
    """A link says only "click here".

    People skim a mail by its links, and screen readers list them without the words around: say where the link leads.
    """
    phrases = {phrase.casefold() for phrase in options.phrases}
    for link in markup.links:
        if link.text.casefold() in phrases:
            yield Problem(f"Say where this link leads, instead of “{link.text}”.", at=link.element)
