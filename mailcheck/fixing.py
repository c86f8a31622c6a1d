"""Applies safe fixes to a campaign, and keeps only those that made it better.

A fix is an edit of a part's text, by character offsets. All fixes of a round that do not touch each other are
applied together and the result is judged again; when that shows a new error, the fixes of the round are tried one
by one and the guilty ones are refused. No file is written here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from msgspec import Struct, field

from mailcheck.campaign import Campaign, Part
from mailcheck.report import CampaignReport, Edit, Finding

MAX_ROUNDS = 10

Judge = Callable[[Campaign], CampaignReport]
Locked = Callable[[Part], str]
"""Why a part must not be edited; an empty text when it may be."""


class Refused(Struct, frozen=True):
    """A safe fix that was not applied, and why: a clause such as "it would bring merge_tags/broken"."""

    finding: Finding
    why: str


class Repair(Struct, frozen=True):
    """What fixing did to a campaign.

    Args:
        campaign: as it is now.
        before, after: its judgements.
        fixed: the findings whose fixes were kept, in the order in which they were applied.
        refused: the safe fixes that were not.
        texts: the parts that changed, as they were, and their new texts.
    """

    campaign: Campaign
    before: CampaignReport
    after: CampaignReport
    fixed: tuple[Finding, ...] = ()
    refused: tuple[Refused, ...] = ()
    texts: tuple[tuple[Part, str], ...] = ()

    @property
    def unsafe(self) -> int:
        """Findings with a fix that somebody has to look at first."""
        return sum(finding.fix is not None and not finding.fix.safe for finding in self.after.findings)


class _State(Struct):
    """A campaign on its way to being fixed. Texts and reports belong together."""

    campaign: Campaign
    report: CampaignReport
    banned: frozenset[str]
    fixed: list[Finding] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)


def repair(campaign: Campaign, judge: Judge, locked: Locked = lambda _part: "") -> Repair:
    """Apply the safe fixes of a campaign until none is left, at most `MAX_ROUNDS` times.

    Rules whose fixes never come to rest are left out, and the others begin anew.

    Args:
        judge: judges the campaign, accepted findings left out.
        locked: says which parts cannot be edited.
    """
    before = judge(campaign)
    banned: frozenset[str] = frozenset()
    while True:
        state = _State(campaign, before, banned)
        restless = _settle(state, judge, locked)
        if not restless:
            break
        banned |= restless
    texts = tuple(
        (old, new.text)
        for old, new in zip(_bodies(campaign), _bodies(state.campaign), strict=True)
        if new.text != old.text
    )
    return Repair(state.campaign, before, state.report, tuple(state.fixed), tuple(_left(state, locked)), texts)


def _settle(state: _State, judge: Judge, locked: Locked) -> frozenset[str]:
    """Fix until nothing is left; the rules that still bring something new after the last round."""
    for _ in range(MAX_ROUNDS):
        batch = _batch(state, locked)
        if not batch:
            return frozenset()
        _round(state, batch, judge)
    return frozenset(finding.rule for finding in _batch(state, locked))


def _round(state: _State, batch: Sequence[Finding], judge: Judge) -> None:
    """Apply a batch; when that does harm, one by one."""
    base = state.report
    tried = with_fixes(state.campaign, batch)
    report = judge(tried)
    if not harm(base, report, batch):
        state.campaign, state.report = tried, report
        state.fixed.extend(batch)
        return
    kept: list[Finding] = []
    result = state.campaign, base
    for finding in batch:
        tried = with_fixes(state.campaign, [*kept, finding])
        report = judge(tried)
        why = harm(base, report, [*kept, finding])
        if why:
            state.refused[finding.fingerprint] = Refused(finding, why)
        else:
            kept.append(finding)
            result = tried, report
    state.campaign, state.report = result
    state.fixed.extend(kept)


def harm(before: CampaignReport, after: CampaignReport, fixed: Iterable[Finding]) -> str:
    """What is worse after a fix, as a clause; empty when nothing is.

    A new error of the same rule that stands in the place of the old one, and can be fixed as well, is the next step of
    the same repair.
    """
    crashed = {outcome.rule for outcome in after.outcomes if outcome.status == "error"}
    crashed -= {outcome.rule for outcome in before.outcomes if outcome.status == "error"}
    if crashed:
        return f"{min(crashed)} could not run on the result"
    had, has = Counter(map(_key, before.findings)), Counter(map(_key, after.findings))
    rules = {finding.rule for finding in fixed}
    more = Counter(finding.rule for finding in after.findings)
    more.subtract(finding.rule for finding in before.findings)
    for finding in after.findings:
        if not (finding.severity == "error" or finding.blocking) or has[_key(finding)] <= had[_key(finding)]:
            continue
        if not (_is_safe(finding) and finding.rule in rules and more[finding.rule] <= 0):
            return f"it would bring a new error: {finding.rule}: {finding.message}"
    return ""


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.part, " ".join(finding.evidence.split())


def _batch(state: _State, locked: Locked) -> list[Finding]:
    """The safe fixes that can be applied together: the first wins a place, the others wait."""
    parts = {part.name: part for part in _bodies(state.campaign)}
    taken: dict[str, list[Edit]] = {}
    batch = []
    for finding in state.report.findings:
        part = parts.get(finding.part)
        if part is None or not _is_safe(finding) or locked(part):
            continue
        if finding.rule in state.banned or finding.fingerprint in state.refused:
            continue
        edits = finding.fix.edits if finding.fix else ()
        why = _useless(edits, part.text)
        if why:
            state.refused[finding.fingerprint] = Refused(finding, why)
        elif not any(_touch(edit, other) for edit in edits for other in taken.get(part.name, ())):
            taken.setdefault(part.name, []).extend(edits)
            batch.append(finding)
    return batch


def _is_safe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.safe


def _useless(edits: Sequence[Edit], text: str) -> str:
    ordered = sorted(edits, key=lambda edit: edit.start)
    if any(not edit.start <= edit.end <= len(text) for edit in ordered):
        return "its edit lies outside of the text; report this to the authors of the rule"
    if any(second.start < first.end for first, second in pairwise(ordered)):
        return "its edits overlap; report this to the authors of the rule"
    if all(text[edit.start : edit.end] == edit.replacement for edit in edits):
        return "its edit changes nothing; report this to the authors of the rule"
    return ""


def _touch(one: Edit, other: Edit) -> bool:
    """Whether the result of two edits would depend on their order."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def with_fixes(campaign: Campaign, findings: Iterable[Finding]) -> Campaign:
    """The campaign with the fixes of these findings applied; they must not touch each other."""
    edits: dict[str, list[Edit]] = {}
    for finding in findings:
        edits.setdefault(finding.part, []).extend(finding.fix.edits if finding.fix else ())
    texts = {part.name: edited(part.text, edits[part.name]) for part in _bodies(campaign) if part.name in edits}
    return with_texts(campaign, texts)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits applied, by offsets of the text as it was; new lines end as the others do."""
    only_crlf = "\r\n" in text and text.count("\n") == text.count("\r\n")
    pieces, position = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        new = edit.replacement
        if only_crlf:
            new = new.replace("\r\n", "\n").replace("\n", "\r\n")
        pieces += [text[position : edit.start], new]
        position = edit.end
    return "".join([*pieces, text[position:]])


def with_texts(campaign: Campaign, texts: Mapping[str, str]) -> Campaign:
    """The campaign with other texts for parts that are files of their own, by part name."""

    def changed(part: Part | None) -> Part | None:
        return (
            part if part is None or part.name not in texts else Part(part.name, texts[part.name], part.path, part.media)
        )

    message = campaign.message
    html, text, amp = changed(message.html), changed(message.text), changed(message.amp)
    return replace(campaign, message=replace(message, html=html, text=text, amp=amp))


def _bodies(campaign: Campaign) -> list[Part]:
    message = campaign.message
    return [part for part in (message.html, message.text, message.amp) if part is not None]


def _left(state: _State, locked: Locked) -> Iterator[Refused]:
    """The safe fixes that were not applied, each with the reason."""
    parts = {part.name: part for part in _bodies(state.campaign)}
    yield from state.refused.values()
    for finding in filter(_is_safe, state.report.findings):
        part = parts.get(finding.part)
        if finding.fingerprint in state.refused:
            continue
        if finding.rule in state.banned:
            yield Refused(finding, f"after {MAX_ROUNDS} rounds the fixes of {finding.rule} still bring new ones")
        elif part is None:
            yield Refused(finding, "it is not in a file of its own; mend it where it is written")
        else:
            yield Refused(finding, locked(part))
