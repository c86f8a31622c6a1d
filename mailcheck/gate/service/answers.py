"""What the service answers, for OpenAPI and for its callers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from mailcheck.gate.jobs import Job, Kind, State
from mailcheck.gate.model import Action, VerdictWord
from mailcheck.masking import mask_addresses


class Checked(BaseModel):
    """A judgement that the caller waited for. Only `clear` may lead to a send."""

    id: str = Field(description="of the job; `/v1/reports/{id}.html` shows the report")
    verdict: VerdictWord
    reason: str = Field(default="", description="why there is no report")
    findings: dict[str, int] = Field(default_factory=dict, description="how many there are, by severity")
    report: dict[str, JsonValue] | None = Field(
        None, description="the whole report, as `mailcheck check --format json`"
    )


class Taken(BaseModel):
    """A webhook that was accepted; a repeated one gets the same answer."""

    jobs: list[str] = Field(description="ids of its jobs; none when it is about nothing that is judged")


class Activation(BaseModel):
    """The campaign is clear and may be activated; every no is a problem."""

    success: Literal[True] = True


class Health(BaseModel):
    """How the service is."""

    status: Literal["ok"] = "ok"


class JobAnswer(BaseModel):
    """A job as it is now."""

    id: str
    kind: Kind
    state: State
    esp: str = Field(description="name of the connection")
    campaign: str = Field(description="id of the campaign at its sending service")
    verdict: VerdictWord | None = None
    action: Action | None = Field(default=None, description="what was done at the sending service")
    reason: str = Field(default="", description="why, for people")
    error: str = Field(default="", description="what went wrong last")
    findings: dict[str, int] = Field(default_factory=dict)
    created: datetime
    due: datetime
    send: datetime | None = Field(default=None, description="when it is to go out")
    finished: datetime | None = None
    report: str = Field(
        default="", description="address of its latest report, without an ending; empty when there is none"
    )

    @classmethod
    def of(cls, job: Job) -> JobAnswer:
        """The answer for a job."""
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            esp=job.esp,
            campaign=mask_addresses(job.campaign_id),
            verdict=job.verdict,
            action=job.action,
            reason=mask_addresses(job.reason),
            error=mask_addresses(job.error),
            findings=dict(job.findings),
            created=job.created_at,
            due=job.due_at,
            send=job.send_at,
            finished=job.finished_at,
            report=f"/v1/reports/{job.report_id}" if job.report_id else "",
        )
