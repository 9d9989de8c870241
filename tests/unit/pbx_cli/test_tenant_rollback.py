"""What has changed between revisions, and the way back, as the operator sees it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from models import call_log
from models.call_log import OpenedCall
from models.database import open_database
from tests.unit.pbx_cli.shell import Shell

ACME = ("--tenant", "acme")


@pytest.fixture
def grown(acme: Shell) -> Shell:
    """acme after 101 has gone and 100 has got another name."""
    acme.done("extension", "set", "100", *ACME, "--name", "Olga")
    acme.done("extension", "remove", "101", *ACME, "--yes")
    return acme


def revision_of(shell: Shell, what: str) -> str:
    """The number of the revision that a command has left."""
    told: list[Any] = shell.done("tenant", "history", "acme")
    return str(next(one["revision"] for one in told if one["what"] == what))


def places_in(told: str) -> list[str]:
    """What stands before the values: the sign and the place of each change."""
    return [line.partition(":")[0].strip() for line in told.splitlines()]


def password_of(shell: Shell, phone: str) -> object:
    return shell.done("device", "show", phone, *ACME, "--setup")["password"]


def is_calling(shell: Shell, dialled: str) -> None:
    """Somebody has dialled a number of acme's, and the call is still up."""
    now = datetime.now(UTC)
    call = OpenedCall(
        id="pbx-1.1",
        tenant_id=1,
        channel_id="pbx-1.1",
        revision=1,
        how="phone",
        caller_number="100",
        caller_name="Olga",
        caller_device="100",
        dialled=dialled,
        started_at=now,
    )

    async def write() -> None:
        async with open_database(f"sqlite://{shell.home / 'pbx.sqlite3'}"):
            await call_log.write([call])

    asyncio.run(write())


def test_what_has_changed_since_a_revision_is_told_field_by_field(grown: Shell) -> None:
    hired = revision_of(grown, "extension create 101")

    since = grown("tenant", "diff", "acme", hired)
    back = grown.done("tenant", "diff", "acme", revision_of(grown, "extension remove 101"), hired)

    assert places_in(since.out) == ["~ extensions.100.name", "- extensions.101"]
    renamed, hired_again = back["changes"]
    assert renamed == {"path": "extensions.100.name", "before": "Olga", "after": "Alice"}
    assert (hired_again["path"], hired_again["before"]) == ("extensions.101", None)
    assert hired_again["after"]["name"] == "Boris"


def test_a_number_between_two_revisions_means_the_one_before(grown: Shell) -> None:
    removed = int(revision_of(grown, "extension remove 101"))
    grown.done("tenant", "create", "other", "--domain", "other.test", "--country", "RU")
    grown.done("extension", "set", "100", *ACME, "--ring-s", "33")

    assert grown.done("tenant", "diff", "acme", str(removed), str(removed + 1))["changes"] == []
    grown.refused("tenant", "diff", "acme", "0", code=3)
    grown.refused("tenant", "diff", "acme", "999", code=3)
    assert "nothing differs" in grown("tenant", "diff", "acme", str(removed + 2)).err


def test_the_way_back_is_shown_then_gone_and_is_a_revision_itself(grown: Shell) -> None:
    hired = revision_of(grown, "extension create 101")

    ran = grown("tenant", "rollback", "acme", hired, "--yes")

    assert ran.code == 0, ran.err
    assert places_in(ran.out)[:2] == ["~ extensions.100.name", "+ extensions.101"]
    (told,) = grown.done("tenant", "history", "acme", "--limit", "1")
    assert told["what"] == f"tenant rollback acme {hired}"
    assert grown.done("extension", "show", "101", *ACME)["name"] == "Boris"
    assert grown.done("tenant", "diff", "acme", hired)["changes"] == []


def test_phones_that_come_back_log_in_as_before(acme: Shell) -> None:
    before = password_of(acme, "101")
    hired = revision_of(acme, "extension create 101")
    acme.done("extension", "remove", "101", *ACME, "--yes")

    told = acme.done("tenant", "rollback", "acme", hired, "--yes")

    assert told["passwords"] == {}
    assert password_of(acme, "101") == before


def test_passwords_that_come_back_are_named_but_never_told(acme: Shell) -> None:
    password = str(password_of(acme, "101"))
    hired = revision_of(acme, "extension create 101")
    renamed = acme.done("extension", "set", "100", *ACME, "--name", "Olga") and "extension set 100"
    acme.done("extension", "remove", "101", *ACME, "--yes")
    gone = revision_of(acme, "extension remove 101")

    there = acme("tenant", "rollback", "acme", hired, "--yes")
    acme("tenant", "rollback", "acme", gone, "--yes")
    named = acme("tenant", "rollback", "acme", revision_of(acme, renamed), "--yes", "--json")
    nothing = acme("tenant", "rollback", "acme", hired, "--yes")

    for ran in (there, named):
        assert "set anew what has leaked:\n  the password of device 101\n" in ran.err
        assert password not in ran.out + ran.err
    assert "password" not in nothing.err


def test_nothing_is_led_back_without_a_yes(grown: Shell) -> None:
    hired = revision_of(grown, "extension create 101")
    assert "--yes" in grown.refused("tenant", "rollback", "acme", hired, code=2).err


def test_who_is_on_a_call_is_removed_after_a_yes_only(acme: Shell) -> None:
    alone = revision_of(acme, "extension create 100")
    is_calling(acme, "101")

    refused = acme.refused("tenant", "rollback", "acme", alone, code=4)

    assert "extension 101 is on a call now" in refused.refusal["error"]
    acme.done("tenant", "rollback", "acme", alone, "--yes")
    assert [one["number"] for one in acme.done("extension", "list", *ACME)] == ["100"]


def test_who_is_there_already_stays_there(grown: Shell) -> None:
    newest = revision_of(grown, "extension remove 101")

    ran = grown("tenant", "rollback", "acme", newest)

    assert (ran.code, ran.out) == (
        0,
        f"Tenant acme is as it was at revision {newest}; nothing was changed.\n",
    )
    assert revision_of(grown, "extension remove 101") == newest
    assert grown.done("tenant", "history", "acme", "--limit", "1")[0]["revision"] == int(newest)


def test_back_to_a_revision_that_never_was_is_not_found(acme: Shell) -> None:
    acme.refused("tenant", "rollback", "acme", "0", "--yes", code=3)
    acme.refused("tenant", "rollback", "nobody", "1", "--yes", code=3)
