"""`mailcheck baseline`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Unpack

import click

from mailcheck.cli import console
from mailcheck.cli.options import Judging, judging

DEFAULT_FILE = "mailcheck-baseline.json"


class Accepting(Judging):
    """What the options of `baseline` hand to it."""

    force: bool


@click.command(short_help="Accept the findings of today; only new ones count then.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--force", is_flag=True, help="Write it even on a CI server.")
@judging
def baseline(paths: Sequence[str], **given: Unpack[Accepting]) -> int:
    """Accept the findings of today, so that only new ones count from now on.

    Writes mailcheck-baseline.json beside the settings file. Findings of files that are not checked now stay in it.
    """
    from mailcheck.cli import running
    from mailcheck.cli.judging import judge_all
    from mailcheck.cli.progress import Ticker
    from mailcheck.report import plural
    from mailcheck.settings import FILE_NAME, CouldNotStart
    from mailcheck.waivers import write_baseline

    if not given["force"]:
        _refuse_on_ci()
    loaded = running.settings_of(given)
    named = loaded.settings.baseline
    # What the old baseline accepts is still there, and belongs into the new one; a broken one must not stop this.
    loaded = loaded.model_copy(update={"settings": loaded.settings.model_copy(update={"baseline": None})})
    checker = running.checker_with(loaded, local=given["local"])
    items = running.inputs(checker, paths or (".",))
    judge = running.Judge(checker, "nothing")
    recipe = running.Recipe(loaded, given["local"], judge.keep)
    with Ticker(len(items), wanted=True) as tick:
        judged = judge_all(judge, recipe, items, jobs=None, tick=tick)
    report = running.finish(checker, judged)
    file = loaded.root / (named or DEFAULT_FILE)
    try:
        number = write_baseline(file, report.campaigns, loaded.root)
    except OSError as error:
        raise CouldNotStart(f"{file} cannot be written ({error.strerror}); check the folder") from None
    console.say(f"{plural(number, 'finding')} of {plural(len(items), 'campaign')} accepted in {file}")
    if named is None:
        settings = loaded.path.name if loaded.path else FILE_NAME
        console.say(f'put `baseline = "{DEFAULT_FILE}"` into {settings} to use it')
    gaps = sum(one.verdict == "unsure" for one in report.campaigns)
    if gaps or report.verdict == "unsure":
        console.say(f"{plural(gaps, 'campaign')} could not be judged completely; `mailcheck check` says why")
        return 3
    return 0


def _refuse_on_ci() -> None:
    from mailcheck.settings import CouldNotStart

    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        raise CouldNotStart(
            "a baseline that CI writes would accept every new finding; make it on your own machine and commit it "
            "(--force if you mean it)"
        )
