"""What a machine makes up from the description of the interface: no fault, and every refusal is a problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case as MadeUp
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gate_door import TOKEN, Door, make_door
from mailcheck.gate.model import Judgement

Case = MadeUp[Any]

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door whose webhooks need no signature, so that what is made up comes further."""
    import mailcheck

    with pytest.MonkeyPatch.context() as patch:
        door = make_door(
            tmp_path_factory.mktemp("gate"), patch, senders={"acme": {"scheme": "none", "esp": "main"}}, queue=20
        )
        report = mailcheck.check({"subject": "Hi", "html": "<p>Hi"}, settings={}, profile="campaign")
        door.judges.judgement = Judgement(report.verdict, report.model_dump_json())
        yield door
        door.store.close()


@pytest.fixture(scope="module")
def known(door: Door) -> dict[str, str]:
    """Names of things that are there."""
    job_id = str(door.check(b"{}").json()["id"])
    job = door.store.job(job_id)
    assert job is not None
    return {"job_id": job_id, "report_id": job.report_id, "sender": "acme"}


@pytest.fixture(scope="module")
def described(door: Door) -> BaseSchema:
    found: BaseSchema = schemathesis.openapi.from_asgi("/openapi.json", door.app)
    return found


MADE_UP = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("is_there", [False, True], ids=["anything", "what is there"])
@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_whatever_is_made_up(
    described: BaseSchema, known: dict[str, str], mode: schemathesis.GenerationMode, is_there: bool
) -> None:
    """Of every operation, as described and otherwise."""
    seen: Counter[int] = Counter()
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # all of them are valid

        @MADE_UP
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Case) -> None:
            if is_there:
                names = case.path_parameters or {}
                case.path_parameters = {name: known.get(name, value) for name, value in names.items()}
            seen[judge(case)] += 1

        with suppress(Unsatisfiable):  # where there is nothing that could be wrong
            one()
    assert seen.total() > 50
    assert {status // 100 for status in seen} >= {2, 4}


def judge(case: Case) -> int:
    answer = case.call(headers={"Host": "localhost", "Authorization": f"Bearer {TOKEN}"})
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"]
        assert answer.json()["status"] == answer.status_code
    assert b"Traceback" not in answer.content
    return answer.status_code
