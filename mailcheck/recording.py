"""Records a judgement in the history store, when there is one; what cannot be recorded makes the report unsure."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from mailcheck.campaign import Campaign, Fault
from mailcheck.crashes import describe, said, shown
from mailcheck.fingerprints import Figures, FingerprintError
from mailcheck.history.facts import store_of
from mailcheck.history.past import identity, open_store
from mailcheck.history.sends import TABLES, HistoryError, Send, digest_of, plain, whole
from mailcheck.masking import mask_addresses
from mailcheck.report import CampaignReport, Verdict, fingerprints
from mailcheck.rule import Unusable
from mailcheck.run import Run
from mailcheck.sheet import Sheet

PROFILES = ("campaign", "send")
TEMPLATES = ("html", "mjml", "text")
"""Readers of template files, which are no campaigns."""


def recorded(sheet: Sheet, report: CampaignReport, verdict: Verdict) -> CampaignReport:
    """The report, after its campaign was recorded.

    Nothing is recorded of template files, by the template profile, or where no store was given.

    Args:
        sheet: on which the campaign was judged.
        verdict: of the campaign, with waivers and baseline applied.
    """
    if sheet.profile not in PROFILES or sheet.campaign.reader in TEMPLATES:
        return report
    try:
        doubt = _record(sheet, report, verdict)
    except (HistoryError, FingerprintError) as error:
        return _with(sheet, report, Fault("history", f"This judgement was not recorded: {error}."))
    except Unusable as error:
        what = mask_addresses(said(error)) or "the audience gave no figures"
        return _with(sheet, report, Fault("history", f"This judgement was not recorded: {what}."))
    except Exception as error:  # noqa: BLE001 - figures are made by the audience, which may be a plug-in's
        return _with(sheet, report, Fault("history", f"This judgement was not recorded: {describe(error)}."))
    return _with(sheet, report, Fault("history", doubt, blocking=False)) if doubt else report


def _record(sheet: Sheet, report: CampaignReport, verdict: Verdict) -> str:
    """Record a campaign; what is doubtful about it, or nothing."""
    campaign, run = sheet.campaign, cast("Run", sheet.resolver.endings["run"].value)
    where = store_of(campaign, run)
    if not where:
        return ""
    store = open_store(where)
    figures = _figures(sheet, store.salt)
    send = dataclasses.replace(
        _send(campaign, run, figures),
        profile=report.profile,
        verdict=verdict,
        outcomes={outcome.rule: outcome.status for outcome in report.outcomes},
    )
    if store.judged(send, figures.fingerprint if figures else None) != "other":
        return ""
    before = store.find(send.id)
    when = f" on {before.at:%Y-%m-%d}" if before else ""
    return (
        f"A campaign with the id {send.id!r} was sent{when} with other content, so this judgement is not recorded; "
        "give every send an id of its own."
    )


def _figures(sheet: Sheet, salt: str) -> Figures | None:
    """What the audience of this campaign gives, if it was looked at."""
    ending = sheet.resolver.endings.get("audience")
    make = getattr(ending.value, "figures", None) if ending is not None else None
    if not callable(make):
        return None
    figures = make(salt)
    if not isinstance(figures, Figures):
        raise HistoryError(f"the audience gave {shown(figures)} as its figures")
    return replace(figures, counts={**figures.counts, **_suppression_counts(sheet)})


def _suppression_counts(sheet: Sheet) -> dict[str, int]:
    """How long the suppression lists were, if they were looked at: a list that shrinks is a broken export."""
    ending = sheet.resolver.endings.get("suppression")
    entries = getattr(ending.value, "entries", None) if ending is not None else None
    return {"suppression": entries} if isinstance(entries, int) else {}


def _send(campaign: Campaign, run: Run, figures: Figures | None) -> Send:
    message = campaign.message
    known = {name: getattr(figures, name) for name in (*TABLES, "counts")} if figures else {}
    return Send(
        id=identity(campaign, Path(run.root)),
        family=plain(campaign.family),
        name=plain(campaign.name),
        kind=campaign.kind,
        at=run.now,
        judged=run.now,
        recipients=figures.recipients if figures else None,
        distinct=figures.distinct if figures else None,
        digest=digest_of(message),
        subject=plain(message.subject.text) if message.subject else "",
        sender=whole(message.sender.text) if message.sender else "",
        **known,
    )


def _with(sheet: Sheet, report: CampaignReport, fault: Fault) -> CampaignReport:
    """The report with one finding more, about the campaign as a whole."""
    stamped = sheet.stamper.fault(fault)
    print_ = next(fingerprints([stamped.identity]))
    finding = stamped.finding.model_copy(update={"fingerprint": print_})
    return report.model_copy(update={"findings": (*report.findings, finding)})
