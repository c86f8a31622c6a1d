"""Judges campaigns in worker processes of their own: whatever becomes of one, there is a judgement.

`Judges` keeps one helper process (`mailcheck.gate.nursery`) that has mailcheck and the operator's settings loaded, and
makes a copy of itself for each judgement. It inherits nothing from the service but what is named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from mailcheck.gate.model import Judgement
from mailcheck.gate.settings import JudgeTable


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """What is judged.

    Args:
        data: a campaign as JSON in the shape of a manifest, or a zip bundle (`mailcheck.gate.bundle`).
        record: whether the judgement goes into the history that the settings name, if they name one.
    """

    data: bytes
    form: Literal["json", "zip"] = "json"
    record: bool = False


class Judging(Protocol):
    """What the runner needs of it."""

    async def judge(self, request: JudgeRequest) -> Judgement:
        """The judgement of a campaign; it never raises."""


class Judges:
    """Worker processes that judge, `settings.workers` at a time.

        async with Judges(settings.judge) as judges:
            judgement = await judges.judge(JudgeRequest(data))
    """

    def __init__(self, settings: JudgeTable) -> None:
        self.settings = settings

    async def start(self) -> None:
        """Load mailcheck and the settings.

        Raises:
            CouldNotStart: the settings of mailcheck are wrong; says where.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """End every worker; what is being judged becomes `unsure`."""
        raise NotImplementedError

    @property
    def ready(self) -> bool:
        """Whether judgements are possible now."""
        raise NotImplementedError

    async def __aenter__(self) -> Judges:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def judge(self, request: JudgeRequest) -> Judgement:
        """The judgement of a campaign; it never raises."""
        raise NotImplementedError
