"""What is remembered of calls that an earlier process was running."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models import call_log, provisioning
from models.call_log import AnsweredCall, JournalLine, OpenedCall
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.journal import ResumePoint
from stasis_apps.plan import NOBODY, LedBy
from stasis_apps.services.call_history import resume_point, unfinished_calls
from tests.unit.stasis_apps.occupied import Occupier

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def call_id(database: str) -> str:
    """Alice went through 5000 to 101, who picked up."""
    tenant = await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    opened = OpenedCall(
        id="pbx-1.1",
        tenant_id=tenant.id,
        channel_id="pbx-1.1",
        revision=1,
        how="phone",
        caller_number="100",
        caller_name="Alice",
        caller_device="100",
        dialled="5000",
        started_at=NOON,
    )
    steps = [
        JournalLine(
            tenant_id=tenant.id, call_id="pbx-1.1", seq=seq, at=NOON, what=what, element=element
        )
        for seq, what, element in (
            (1, "started", None),
            (2, "entered", "5000"),
            (3, "left", "5000"),
            (4, "entered", "101"),
            (5, "rang", "101"),
        )
    ]
    answered = AnsweredCall(id="pbx-1.1", tenant_id=tenant.id, answered_at=NOON, answered_by="101")
    await call_log.write([opened, *steps, answered])
    return "pbx-1.1"


async def test_a_call_is_resumed_behind_its_last_step_at_its_last_element(call_id: str) -> None:
    point = await resume_point(call_id)

    assert (point.seq, point.element) == (5, "101")
    assert (point.answered_at, point.answered_by) == (NOON, "101")
    assert [record.id for record in await unfinished_calls()] == [call_id]


async def test_a_call_nobody_wrote_down_begins_at_the_beginning(database: str) -> None:
    assert await resume_point("pbx-9.9") == ResumePoint()
    assert await unfinished_calls() == []


async def test_without_a_database_nothing_is_known_and_nothing_breaks(
    call_id: str, occupier: Occupier
) -> None:
    occupier.take()
    point = await resume_point(call_id)
    unfinished = await unfinished_calls()
    occupier.give_back()

    assert unfinished == []
    assert point.element == ""
    assert point.seq > 5


@pytest.mark.parametrize(
    ("ended", "known"),
    [
        (None, ("pbx-1.1~rec~1", "1f2e3d", "5120")),
        ("message_kept", ("", "", "")),
        ("message_waits", ("", "", "")),
        ("message_dropped", ("", "", "")),
    ],
)
async def test_a_message_that_was_being_left_is_known(
    call_id: str, ended: str | None, known: tuple[str, str, str]
) -> None:
    tenant_id = (await provisioning.get_tenant(name="acme")).id
    facts = {"box": "5120", "message": "1f2e3d", "recording": "pbx-1.1~rec~1"}
    whats = [what for what in ("recording", ended) if what]
    await call_log.write(
        [
            JournalLine(
                tenant_id=tenant_id, call_id=call_id, seq=seq, at=NOON, what=what, facts=facts
            )
            for seq, what in enumerate(whats, start=6)
        ]
    )

    point = await resume_point(call_id)
    assert (point.recording, point.message, point.box) == known


@pytest.mark.parametrize(
    ("named", "shown_as"),
    [
        ({}, None),
        ({2: "Sales Alice"}, "Sales Alice"),
        ({2: "Sales Alice", 3: ""}, ""),
        ({5: "an element that begins anew sets it again"}, None),
    ],
)
async def test_the_name_that_phones_showed_is_known(
    call_id: str, named: dict[int, str], shown_as: str | None
) -> None:
    """The call went through 5000 (steps 11 to 14) and is in 5001 since step 15."""
    tenant_id = (await provisioning.get_tenant(name="acme")).id

    def step(seq: int, what: str, element: str, **facts: str) -> JournalLine:
        return JournalLine(
            tenant_id=tenant_id,
            call_id=call_id,
            seq=seq,
            at=NOON,
            what=what,
            element=element,
            facts=facts,
        )

    entered = [step(11, "entered", "5000"), step(15, "entered", "5001")]
    noted = [step(10 + n, "noted", "5000", shown_as=name) for n, name in named.items() if n < 5]
    noted += [step(11 + n, "noted", "5001", shown_as=name) for n, name in named.items() if n >= 5]
    await call_log.write([*entered, *noted])

    assert (await resume_point(call_id)).shown_as == shown_as


@pytest.mark.parametrize(
    ("facts", "led_by"),
    [
        ({}, None),
        ({"purpose": "a word of a later version", "acting": "100"}, None),
        (
            {"purpose": "dialled", "acting": "100", "hides_number": True},
            LedBy(acting="100", purpose=Purpose.DIALLED, hides_number=True, is_dialling=True),
        ),
        (
            {"purpose": "dialled", "acting": "100", "calls_back": True},
            LedBy(acting="100", purpose=Purpose.DIALLED),
        ),
        (
            {"purpose": "forwarded", "acting": "101"},
            LedBy(acting="101", purpose=Purpose.FORWARDED),
        ),
        ({"purpose": "led", "acting": ""}, NOBODY),
    ],
)
async def test_for_whom_an_outside_number_was_dialled_is_known(
    call_id: str, facts: dict[str, object], led_by: LedBy | None
) -> None:
    tenant_id = (await provisioning.get_tenant(name="acme")).id
    entered = JournalLine(
        tenant_id=tenant_id,
        call_id=call_id,
        seq=9,
        at=NOON,
        what="entered",
        element="+79161234567",
        facts={"kind": "outside", **facts},
    )
    await call_log.write([entered])

    point = await resume_point(call_id)

    assert (point.element, point.led_by) == ("+79161234567", led_by)
