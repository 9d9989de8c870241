"""What administrators must hear of, by the shell."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models import notices
from models.database import open_database
from models.notices import NewEvent
from tests.unit.pbx_cli.shell import Shell

NOW = datetime.now(UTC)


@pytest.fixture
def tenant_id(shell: Shell) -> int:
    made = shell.done("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU")
    return int(made["id"])


def happened(shell: Shell, *events: NewEvent) -> None:
    """Let the exchange write what has happened."""

    async def write() -> None:
        async with open_database(f"sqlite://{shell.home / 'pbx.sqlite3'}"):
            await notices.write(events, now=NOW)

    asyncio.run(write())


def a_limit(tenant_id: int, *, minutes_ago: int = 0) -> NewEvent:
    facts = {"limit": "destination_closed", "number": "81053", "phone": "101-desk", "user": "101"}
    return NewEvent(
        notice_id=f"limit-{minutes_ago}",
        tenant_id=tenant_id,
        kind="limit_reached",
        at=NOW - timedelta(minutes=minutes_ago),
        call_id="pbx-1.1",
        facts=facts,
        key="destination_closed",
        recipients=("anna@acme.test", "boris@acme.test"),
    )


def a_call_for_help(tenant_id: int) -> NewEvent:
    return NewEvent(
        notice_id="help",
        tenant_id=tenant_id,
        kind="emergency_call",
        at=NOW - timedelta(hours=2),
        call_id="pbx-2.1",
        facts={"number": "112", "phone": "102-desk"},
    )


def test_an_administrator_sees_what_was_refused_to_whom_and_who_was_told(
    shell: Shell, tenant_id: int
) -> None:
    happened(shell, a_limit(tenant_id))

    heading, row = shell("tenant", "events", "acme").out.splitlines()

    assert heading.split() == ["AT", "KIND", "WHAT", "NUMBER", "PHONE", "USER", "MAIL", "CALL"]
    for told in ("limit_reached", "destination_closed", "81053", "101-desk", "2 queued", "pbx-1.1"):
        assert told in row


def test_scripts_get_all_that_is_known_newest_first(shell: Shell, tenant_id: int) -> None:
    happened(shell, a_call_for_help(tenant_id), a_limit(tenant_id))

    limit, call = shell.done("tenant", "events", "acme")

    assert limit["facts"]["number"] == "81053"
    assert limit["mails"] == {"anna@acme.test": "queued", "boris@acme.test": "queued"}
    assert (call["kind"], call["facts"]["number"]) == ("emergency_call", "112")


def test_only_what_was_asked_for_is_listed(shell: Shell, tenant_id: int) -> None:
    happened(
        shell, a_call_for_help(tenant_id), a_limit(tenant_id), a_limit(tenant_id, minutes_ago=5)
    )

    def listed(*options: str) -> list[str]:
        return [event["kind"] for event in shell.done("tenant", "events", "acme", *options)]

    assert listed("--since", "1h") == ["limit_reached"] * 2
    assert listed("--kind", "emergency_call") == ["emergency_call"]
    assert listed("--limit", "1") == ["limit_reached"]


def test_a_quiet_tenant_and_one_that_is_not_there_are_told_apart(
    shell: Shell, tenant_id: int
) -> None:
    ran = shell("tenant", "events", "acme")
    assert (ran.code, ran.out) == (0, "")
    assert "no such events" in ran.err

    assert shell("tenant", "events", "nobody").code == 3


def test_the_doctor_says_how_many_mails_to_administrators_have_come_back(
    shell: Shell, tenant_id: int
) -> None:
    happened(shell, a_limit(tenant_id))

    async def refuse_one() -> None:
        async with open_database(f"sqlite://{shell.home / 'pbx.sqlite3'}"):
            number, _ = await notices.due(at=NOW, limit=9)
            await notices.mark_bounced(number, at=NOW, status=550, error="550 No such mailbox")

    asyncio.run(refuse_one())

    (mail,) = [one for one in shell("doctor", "--json").json if one["name"] == "mail"]
    assert mail["words"].endswith("1 waiting, 1 came back: pbx tenant events TENANT")
