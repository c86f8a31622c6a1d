"""A sending service that is a folder, and a process that works on jobs: to be ended at any moment, for real.

    python tests/gate_service.py STORE FOLDER [judge]

A campaign is a JSON file. Every change of it is written down by the service, in a line of `log`; what it is asked for
twice, it does twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailcheck.gate.judging import JudgeRequest, Judges
from mailcheck.gate.model import EspError, GateKind, HookEvent, Judgement, Planned
from mailcheck.gate.running import Desk, Patience, Runner
from mailcheck.gate.settings import JudgeTable, PolicyTable
from mailcheck.gate.store import Store

SEND_AT = datetime(2030, 3, 1, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=1)
POLICY = PolicyTable(clear="schedule", notify=("held", "unsure", "cleared", "reverted", "failed"))


@dataclass
class Folder:
    """The sending service."""

    folder: Path
    pause: float = 0.004
    gate: GateKind = "permission"
    name: str = "esp"

    def put(self, campaign_id: str, document: Mapping[str, object], status: str = "draft") -> None:
        self._write(campaign_id, {"document": document, "status": status, "send_at": SEND_AT.isoformat()})

    def get(self, campaign_id: str) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.folder / f"{campaign_id}.json").read_text())
        return found

    def _write(self, campaign_id: str, campaign: Mapping[str, object]) -> None:
        new = self.folder / f"{campaign_id}.{os.getpid()}.new"
        new.write_text(json.dumps(campaign))
        new.replace(self.folder / f"{campaign_id}.json")

    def log(self) -> list[str]:
        file = self.folder / "log"
        return file.read_text().splitlines() if file.exists() else []

    async def fetch(self, campaign_id: str) -> Planned:
        await asyncio.sleep(self.pause)
        try:
            found = self.get(campaign_id)
        except FileNotFoundError:
            raise EspError("there is no such campaign", permanent=True) from None
        document, status = found["document"], found["status"]
        assert isinstance(document, dict)
        return Planned("esp", campaign_id, campaign_id, status, document, None, SEND_AT)  # type: ignore[arg-type]  # a status

    async def scheduled(self) -> Mapping[str, datetime | None]:
        return {}

    async def schedule(self, planned: Planned) -> None:
        await self._change(planned.campaign_id, "scheduled")

    async def revert(self, planned: Planned) -> None:
        await self._change(planned.campaign_id, "draft")

    async def _change(self, campaign_id: str, status: str) -> None:
        await asyncio.sleep(self.pause)
        found = self.get(campaign_id)
        with (self.folder / "log").open("a") as log:
            log.write(f"{campaign_id} {found['status']} {status}\n")
        self._write(campaign_id, {**found, "status": status})
        await asyncio.sleep(self.pause)

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return ()


@dataclass
class Quick:
    """Judges by the first word of the subject."""

    pause: float = 0.01

    async def judge(self, request: JudgeRequest) -> Judgement:
        await asyncio.sleep(self.pause)
        word = str(json.loads(request.data)["subject"]).split()[0]
        return Judgement("clear", "{}") if word == "good" else Judgement("held", "{}", "", {"error": 1})


def clock() -> datetime:
    """Long before the send, and going on."""
    return SEND_AT - timedelta(hours=6) + timedelta(seconds=time.monotonic() % 3600)


async def main(where: str, folder: str, *, real: bool) -> None:
    store, judges = Store.open(where), Judges(JudgeTable(profile="campaign", seconds=20))
    judging = judges if real else Quick()
    if real:
        await judges.start()
    patience = Patience(lease=LEASE, first=timedelta(seconds=0.2), most=timedelta(seconds=1))
    runner = Runner(Desk(store, {"esp": Folder(Path(folder))}, {"default": POLICY}, judging, clock, patience=patience))
    print("ready", flush=True)
    await runner.run(lanes=3, stop=asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], real="judge" in sys.argv[3:]))
