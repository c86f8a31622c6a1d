"""The pytest plug-in: a fixture for repositories of campaigns.

    def test_spring(mailcheck):
        mailcheck.check("campaigns/spring").must_be_clear()

Nothing of mailcheck's machinery is imported before a test asks for it. Examples of rules are tested with
`mailcheck.testing`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from msgspec import Struct

from mailcheck.values import Brief

if TYPE_CHECKING:
    from mailcheck.checking import Target
    from mailcheck.report import Finding, Report
    from mailcheck.settings import Settings


class Checked(Brief, frozen=True):
    """A report, and what a test may demand of it. Every demand returns the object, so that they can be chained."""

    unshown: ClassVar[tuple[str, ...]] = ("root",)

    report: Report
    root: Path

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings

    def must_be_clear(self) -> Checked:
        """Fail, and list what was found and what was not checked, unless the verdict is `clear`."""
        __tracebackhide__ = True
        if self.report.verdict != "clear":
            raise AssertionError("\n".join((self.report.summary(), *self._lines())))
        return self

    def must_report(self, rule: str, *, at: str | None = None) -> Checked:
        """Fail unless a rule has a finding.

        Args:
            rule: `family/name`.
            at: text that the evidence of the finding must contain.
        """
        __tracebackhide__ = True
        if not any(one.rule == rule and (at is None or at in one.evidence) for one in self.findings):
            where = f" at {at!r}" if at is not None else ""
            raise AssertionError("\n".join((f"{rule} reports nothing{where}", self.report.summary(), *self._lines())))
        return self

    def _lines(self) -> Iterator[str]:
        for one in self.findings:
            place = ":".join((self._path(one.path), *(str(number) for number in (one.line, one.column) if number)))
            evidence = f"\n    {one.evidence!r}" if one.evidence else ""
            yield f"  {place}: {one.severity} {one.rule}: {one.message}{evidence}"
        for campaign in self.report.campaigns:
            for outcome in campaign.outcomes:
                if outcome.status == "error" or (outcome.status == "skipped" and outcome.required):
                    yield f"  {self._path(campaign.path)}: {outcome.rule} was not checked: {outcome.reason}"

    def _path(self, path: str) -> str:
        if not path or not Path(path).is_absolute() or not Path(path).is_relative_to(self.root):
            return path or "campaign"
        return Path(path).relative_to(self.root).as_posix()


class Mailcheck(Struct, frozen=True):
    """mailcheck, with relative paths from the root of the tests."""

    root: Path

    def check(
        self,
        target: Target | Iterable[Target],
        *,
        settings: Settings | Mapping[str, object] | str | os.PathLike[str] | None = None,
        local: bool = True,
        **flags: object,
    ) -> Checked:
        """Check one or more campaigns as `mailcheck.check` does.

        Args:
            target: a path, a mapping in the shape of a manifest, a `Campaign`, or several of them.
            settings: by default the settings file of the root of the tests.
            local: whether the project's own rules (`mailrules.py`) run; they are code, as its tests are.
            flags: single settings: `profile="campaign"`, `dialect="mailchimp"` …
        """
        __tracebackhide__ = True
        from mailcheck.settings import CouldNotStart

        try:
            return self._checked(target, settings, flags, local=local)
        except CouldNotStart as error:
            pytest.fail(str(error), pytrace=False)

    def _checked(
        self,
        target: Target | Iterable[Target],
        settings: Settings | Mapping[str, object] | str | os.PathLike[str] | None,
        flags: Mapping[str, object],
        *,
        local: bool,
    ) -> Checked:
        from mailcheck.checking import Checker, settings_from, targets

        if isinstance(settings, str | os.PathLike):
            settings = self.root / settings
        loaded = settings_from(settings, flags, start=self.root)
        checker = Checker.build(loaded, local=local)
        found = [campaign for one in targets(target) for campaign in checker.campaigns(self._from_root(one))]
        return Checked(checker.finish([checker.judge(campaign) for campaign in found]), self.root)

    def _from_root(self, target: Target) -> Target:
        return self.root / target if isinstance(target, str | os.PathLike) else target


@pytest.fixture(scope="session")
def mailcheck(pytestconfig: pytest.Config) -> Mailcheck:
    """Check campaigns: `mailcheck.check("campaigns/spring").must_be_clear()`."""
    return Mailcheck(pytestconfig.rootpath)
