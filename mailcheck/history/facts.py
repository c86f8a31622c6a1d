"""The fact `history`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from mailcheck.campaign import Campaign
from mailcheck.history import table
from mailcheck.history.locations import file_of, is_url, located, shown
from mailcheck.history.past import History, Sources, history_of, open_store
from mailcheck.history.sends import HistoryError, NoHistoryError
from mailcheck.rule import Absent, fact
from mailcheck.run import Run
from mailcheck.suggest import did_you_mean

KEYS = ("store", "file", "columns", "sends")
"""What the table `[history]` of a manifest may hold."""


@fact
def history(campaign: Campaign, run: Run) -> History:
    """What was sent before: earlier sends of the family, of all families, and the campaign's own entry."""
    where, given = store_of(campaign, run), dict(campaign.history or {})
    file, rows = given.get("file"), given.get("sends")
    if not where and file is None and not rows:
        raise Absent(
            "no history was given (--history FILE, `history` in the settings, or `store` or `file` in the table "
            "[history] of the manifest)"
        )
    try:
        # Reading makes none: a check that records does.
        store = open_store(where, create=False) if where else None
    except NoHistoryError as error:
        if file is None and not rows:
            raise Absent(f"{error} (`mailcheck history import` brings past sends)") from None
        store = None
    past = _past_sends(str(file), given.get("columns"), campaign, run).sends if file is not None else ()
    past += table.given(cast("tuple[Mapping[str, object], ...]", rows or ()), _form(campaign, run)).sends
    told = " and ".join(name for name in (shown(where), str(file or ""), "the manifest" if rows else "") if name)
    found = history_of(campaign, Sources(store, past), Path(run.root), told)
    sent_already = found.own is not None and found.own.counts_as_sent
    if not found.sends and not sent_already and not found.all():
        raise Absent(
            f"the history {told} holds no send yet (`mailcheck history import` brings past sends, `mailcheck history "
            "record` tells of one)"
        )
    return found


def store_of(campaign: Campaign, run: Run) -> str:
    """Path or URL of the store in which this campaign is recorded; empty when there is none.

    What was set for the run wins over the manifest.

    Raises:
        HistoryError: the manifest says something that cannot be followed.
    """
    given = campaign.history or {}
    for key in given:
        if key not in KEYS:
            raise HistoryError(f"the table history has no key {key!r}{did_you_mean(str(key), KEYS)}")
    store = given.get("store")
    if run.history or store is None:
        return run.history
    if not isinstance(store, str) or not store:
        raise HistoryError("`store` of the table history must be a path or a URL; correct it")
    return store if is_url(store) and file_of(store) is None else str(_inside(str(file_of(store)), campaign, run))


def _inside(name: str, campaign: Campaign, run: Run) -> Path:
    """A file that a manifest names, which must be beside it or in the project: a manifest may come from anybody."""
    root = Path(run.root).resolve()
    folder = Path(campaign.path).resolve().parent if campaign.path not in ("", "-") else root
    path = Path(located(name, folder)).resolve()
    if not (path.is_relative_to(folder) or path.is_relative_to(root)):
        raise HistoryError(f"the history {name} lies outside of the project; name it in the settings or by --history")
    return path


def _past_sends(name: str, columns: object, campaign: Campaign, run: Run) -> table.PastSends:
    mapping = {str(key): str(value) for key, value in columns.items()} if isinstance(columns, Mapping) else {}
    return table.load(_inside(name, campaign, run), name, _form(campaign, run, mapping))


def _form(campaign: Campaign, run: Run, columns: Mapping[str, str] | None = None) -> table.Format:
    return table.Format(columns or {}, campaign.family, run.now)
