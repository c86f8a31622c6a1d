"""What a reporter is told besides the report: where it writes to, and the texts that were judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from msgspec import Struct, field

from mailcheck.campaign import Campaign, Part
from mailcheck.report import Severity

Sources = Mapping[tuple[str, str], Part | str]


class RuleText(Protocol):
    """What a reporter shows of a rule; `mailcheck.rule.Rule` is one."""

    @property
    def summary(self) -> str: ...
    @property
    def explanation(self) -> str: ...
    @property
    def severity(self) -> Severity: ...


class Context(Struct, frozen=True, kw_only=True):
    """How and with what a report is drawn. Every field has a default; a report can be drawn without any.

    Args:
        width: cells of a terminal line; 0 for no wrapping (a pipe).
        colour: colours and line drawing; without it the decoration is plain ASCII.
        sources: the judged texts by path and part name, see `sources_of`. A bare string stands for
            a part that is a file of its own.
        rules: the rules that were selected, by name.
        root: the folder to which relative paths refer; absolute paths below it are told relative to it.
        verbose: tell also what passed.
    """

    width: int = 100
    colour: bool = False
    sources: Sources = field(default_factory=dict)
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    root: str = ""
    verbose: bool = False

    def part(self, path: str, name: str) -> Part | None:
        """The part that findings of this path and part name are about, when its text is known."""
        source = self.sources.get((path, name))
        return Part(name, source, path) if isinstance(source, str) else source


def sources_of(campaigns: Iterable[Campaign]) -> dict[tuple[str, str], Part]:
    """The texts of campaigns, as `Context.sources` wants them.

    A part that is kept in another file than the campaign is found under both paths. Headers that occur
    more than once share a name and are left out, so that no finding is shown in the wrong one.
    """
    sources: dict[tuple[str, str], Part] = {}
    for campaign in campaigns:
        for part in _parts(campaign):
            sources.setdefault((part.path, part.name), part)
            sources.setdefault((campaign.path, part.name), part)
    return sources


def _parts(campaign: Campaign) -> Iterator[Part]:
    yield from campaign.message.parts()
    names = [header.value.name for header in campaign.message.headers]
    yield from (header.value for header in campaign.message.headers if names.count(header.value.name) == 1)
