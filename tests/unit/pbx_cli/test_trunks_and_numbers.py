"""Trunks, outside numbers and aliases by the shell."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from asterisk_conf import AsteriskError
from models import call_log
from models.call_log import JournalLine, OpenedCall
from models.database import open_database
from pbx_cli.commands import trunk as trunk_command
from pbx_cli.trunk_refusals import Refusal
from pbx_cli.trunk_states import TrunkState
from stasis_apps.journal import What
from stasis_apps.settings import Settings
from tests.unit.pbx_cli.shell import Shell

SECRET = "their-secret-not-ours"
OF_ACME = ("--tenant", "acme")
ACCOUNT = ("--host", "sip.carrier.test", "--username", "acme", "--password-stdin")


@pytest.fixture
def moscow(acme: Shell) -> Shell:
    """A shell with a tenant that has an account at a carrier."""
    acme.done("trunk", "create", "moscow", *OF_ACME, *ACCOUNT, typed=f"{SECRET}\n")
    return acme


def test_an_account_takes_one_line_and_its_password_is_never_shown(moscow: Shell) -> None:
    shown = moscow.done("trunk", "show", "moscow", *OF_ACME)

    assert (shown["registration"], shown["is_default"]) == ("outbound", True)
    assert SECRET not in json.dumps([shown, moscow.done("trunk", "list", *OF_ACME)])
    assert "password_mark" not in shown


def test_the_default_trunk_is_not_switched_off_silently(moscow: Shell) -> None:
    ran = moscow("trunk", "set", "moscow", *OF_ACME, "--disabled")

    assert ran.code == 0
    assert "moscow is the default trunk and switched off: no calls go out" in ran.err


def test_who_loses_the_default_is_named(moscow: Shell) -> None:
    moscow.done(
        "trunk", "create", "city", *OF_ACME, "--preset", "by-address", "--address", "192.0.2.1"
    )

    ran = moscow("trunk", "set", "city", *OF_ACME, "--default")

    assert "default trunk now, in the place of moscow" in ran.out
    assert "in the place" not in moscow("trunk", "set", "city", *OF_ACME, "--default").out


def test_trunks_are_listed_although_asterisk_is_down(moscow: Shell) -> None:
    ran = moscow("trunk", "list", *OF_ACME, "--json")

    assert (ran.code, ran.json[0]["state"]) == (0, "unknown")
    assert "cannot be asked" in ran.err


@pytest.fixture
def asterisk_says(monkeypatch: pytest.MonkeyPatch) -> dict[str, TrunkState]:
    """What Asterisk would tell about trunks, by endpoint."""
    told: dict[str, TrunkState] = {}

    async def ask(_settings: Settings, _endpoints: list[str]) -> Mapping[str, TrunkState]:
        if not told:
            raise AsteriskError("no Asterisk runs here")
        return told

    monkeypatch.setattr(trunk_command, "trunk_states", ask)
    return told


def test_the_last_refusal_is_told_with_its_cause(
    moscow: Shell, asterisk_says: dict[str, TrunkState]
) -> None:
    endpoint = moscow.done("trunk", "show", "moscow", *OF_ACME)["endpoint"]
    asterisk_says[endpoint] = TrunkState(
        registration="rejected",
        next_try_s=30,
        is_reachable=True,
        round_trip_ms=12.5,
        last_refusal=Refusal(
            status=403, text="Forbidden", at=datetime(2026, 11, 21, 12, tzinfo=UTC)
        ),
    )

    (listed,) = moscow.done("trunk", "list", *OF_ACME)
    assert (listed["state"], listed["round_trip_ms"]) == ("rejected", 12.5)
    assert listed["last_refusal"] == {
        "status": 403,
        "text": "Forbidden",
        "at": "2026-11-21T12:00:00.000Z",
        "of": "registration",
        "again_at": None,
    }
    ran = moscow("trunk", "show", "moscow", *OF_ACME)
    assert "registration: 403 Forbidden at 2026-11-21 12:00:00Z" in ran.out


def a_call_is_refused(shell: Shell, *, at: datetime, sip: str = "503") -> None:
    """Somebody calls out, and the carrier does not take the call."""

    async def write() -> None:
        call = OpenedCall(
            id="pbx-1.1",
            tenant_id=1,
            channel_id="pbx-1.1",
            revision=7,
            how="phone",
            caller_number="100",
            caller_name="Alice",
            caller_device="100",
            dialled="+79161234567",
            started_at=at,
        )
        facts = {"trunk": "moscow", "sip": sip, "refused": "yes"}
        ended = JournalLine(
            tenant_id=1, call_id=call.id, seq=1, at=at, what=What.LEG_ENDED, facts=facts
        )
        async with open_database(f"sqlite://{shell.home}/pbx.sqlite3"):
            await call_log.write([call, ended])

    asyncio.run(write())


def test_a_refused_call_is_told_although_asterisk_is_down(moscow: Shell) -> None:
    a_call_is_refused(moscow, at=datetime(2026, 11, 21, 13, tzinfo=UTC))

    (listed,) = moscow.done("trunk", "list", *OF_ACME)

    assert listed["last_refusal"] == {
        "status": 503,
        "text": "Service Unavailable",
        "at": "2026-11-21T13:00:00.000Z",
        "of": "call",
        "again_at": None,
    }
    ran = moscow("trunk", "show", "moscow", *OF_ACME)
    assert "call: 503 Service Unavailable at 2026-11-21 13:00:00Z" in ran.out


@pytest.mark.parametrize(("hour", "told"), [(11, (403, "registration")), (13, (503, "call"))])
def test_the_newer_of_a_refused_call_and_a_refused_registration_is_told(
    hour: int, told: tuple[int, str], moscow: Shell, asterisk_says: dict[str, TrunkState]
) -> None:
    endpoint = moscow.done("trunk", "show", "moscow", *OF_ACME)["endpoint"]
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    refusal = Refusal(status=403, text="Forbidden", at=noon)
    asterisk_says[endpoint] = TrunkState(registration="rejected", last_refusal=refusal)
    a_call_is_refused(moscow, at=noon.replace(hour=hour))

    (listed,) = moscow.done("trunk", "list", *OF_ACME)

    assert (listed["last_refusal"]["status"], listed["last_refusal"]["of"]) == told


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ((), TrunkState(registration="registered", is_reachable=True), "registered"),
        ((), TrunkState(registration="registered", is_reachable=False), "does not answer"),
        ((), TrunkState(), "unregistered"),
        (("--disabled",), TrunkState(registration="registered"), "disabled"),
    ],
)
def test_an_account_is_registered_or_not(
    change: tuple[str, ...],
    state: TrunkState,
    words: str,
    moscow: Shell,
    asterisk_says: dict[str, TrunkState],
) -> None:
    endpoint = moscow.done("trunk", "set", "moscow", *OF_ACME, *change)["endpoint"]
    asterisk_says[endpoint] = state

    assert words in moscow.done("trunk", "list", *OF_ACME)[0]["state"]


@pytest.mark.parametrize(
    ("is_reachable", "words"),
    [(True, "reachable"), (False, "does not answer"), (None, "not known yet")],
)
def test_a_neighbour_known_by_address_answers_or_not(
    is_reachable: bool | None,
    words: str,
    acme: Shell,
    asterisk_says: dict[str, TrunkState],
) -> None:
    options = ("--preset", "by-address", "--address", "192.0.2.1", "--address", "2001:db8::/32")
    made = acme.done("trunk", "create", "next door", *OF_ACME, *options)
    asterisk_says[made["endpoint"]] = TrunkState(is_reachable=is_reachable)

    assert made["addresses"] == ["192.0.2.1", "2001:db8::/32"]
    assert acme.done("trunk", "list", *OF_ACME)[0]["state"] == words


def test_who_registers_here_is_told_the_name_to_register_with(acme: Shell) -> None:
    create = ("trunk", "create", "office", *OF_ACME, "--preset", "office-exchange")
    ran = acme(*create, "--password-stdin", typed="correct-horse-battery\n")

    endpoint = acme.done("trunk", "show", "office", *OF_ACME)["endpoint"]
    assert f"registers here as {endpoint}" in ran.out


def test_every_fault_of_a_trunk_is_listed_and_nothing_is_made(acme: Shell) -> None:
    options = ("--host", "Bad host", "--port", "70000", "--codecs", "mp3", "--address", "x")

    ran = acme.refused("trunk", "create", "x" * 71, *OF_ACME, *options, code=5)

    wrong = {"name", "host", "port", "codecs", "addresses", "username", "password"}
    assert set(ran.faults) == wrong
    assert "70 bytes of UTF-8" in ran.faults["name"][1]


def test_a_trunk_is_changed_field_by_field_and_fields_are_taken_back(moscow: Shell) -> None:
    change = ("trunk", "set", "moscow", *OF_ACME)
    options = ("--port", "5080", "--proxy", "p.test:5060", "--codecs", "alaw, g722")
    changed = moscow.done(*change, *options, "--address", "192.0.2.1", "--forward-via-same")
    assert (changed["port"], changed["proxy"]) == (5080, "p.test:5060")
    assert (changed["codecs"], changed["forward_via_same"]) == (["alaw", "g722"], True)

    back = moscow.done(*change, "--port", "0", "--proxy", "", "--address", "")
    assert (back["port"], back["proxy"], back["addresses"]) == (None, "", [])
    assert (back["codecs"], back["forward_via_same"]) == (["alaw", "g722"], True)


def test_a_trunk_is_renamed_with_its_numbers_and_removed_without_any(moscow: Shell) -> None:
    moscow.done("number", "create", "84951234567", *OF_ACME, "--trunk", "moscow")
    moscow.done("trunk", "set", "moscow", *OF_ACME, "--new-name", "capital")
    assert moscow.done("number", "list", *OF_ACME)[0]["trunk"] == "capital"

    ran = moscow.refused("trunk", "remove", "capital", *OF_ACME, "--yes", code=4)
    assert "number 84951234567 belongs to capital" in ran.refusal["error"]
    moscow.done("number", "remove", "84951234567", *OF_ACME, "--yes")
    moscow.done("trunk", "remove", "capital", *OF_ACME, "--yes")
    moscow.refused("trunk", "show", "capital", *OF_ACME, code=3)


def test_presets_are_listed_with_what_they_give(acme: Shell) -> None:
    presets = acme.done("trunk", "presets")

    assert presets[0]["preset"] == "other"
    assert all(one["description"] and one["settings"] for one in presets)
    assert "P-Called-Party-ID" in acme("trunk", "presets").out


def test_a_number_that_is_led_elsewhere_says_what_that_replaces(moscow: Shell) -> None:
    moscow.done("trunk", "create", "spare", *OF_ACME, *ACCOUNT, typed=f"{SECRET}\n")
    made = moscow.done(
        "number", "create", "+74951234567", *OF_ACME, "--trunk", "moscow", "--to", "100"
    )
    assert (made["number"], made["digits"]) == ("+74951234567", "74951234567")

    ran = moscow("number", "set", "84951234567", *OF_ACME, "--to", "101", "--trunk", "spare")
    assert ran.out == (
        "+74951234567 leads to 101 instead of 100, and belongs to spare instead of moscow.\n"
    )
    again = moscow.done("number", "set", "84951234567", *OF_ACME, "--to", "100")
    assert (again["replaced_target"], again["replaced_trunk"]) == ("101", None)


def test_where_a_number_has_led_can_be_looked_up(moscow: Shell) -> None:
    moscow.done("number", "create", "84951234567", *OF_ACME, "--trunk", "moscow", "--to", "100")
    moscow.done("number", "set", "84951234567", *OF_ACME, "--to", "101")

    shown = moscow.done("number", "show", "84951234567", *OF_ACME)
    assert [(one["trunk"], one["target"]) for one in shown["history"]] == [
        ("moscow", "101"),
        ("moscow", "100"),
    ]
    assert "SINCE" in moscow("number", "show", "84951234567", *OF_ACME).out


def test_a_number_that_leads_nowhere_is_made_with_a_warning(moscow: Shell) -> None:
    ran = moscow("number", "create", "84951234567", *OF_ACME, "--trunk", "moscow")

    assert ran.out == "84951234567 leads to nowhere.\n"
    assert "no route set" in ran.err


@pytest.mark.parametrize(
    ("number", "target", "code", "path"),
    [
        ("1234", "100", 5, "number"),
        ("84951234567", "5000", 5, "target"),
        ("84951234567", "x1", 5, "target"),
    ],
)
def test_a_bad_number_or_target_is_named(
    number: str, target: str, code: int, path: str, moscow: Shell
) -> None:
    create = ("number", "create", number, *OF_ACME, "--trunk", "moscow", "--to", target)

    assert path in moscow.refused(*create, code=code).faults


def test_a_name_leads_to_a_number_and_shows_its_addresses(acme: Shell) -> None:
    acme.done("alias", "create", "info", *OF_ACME, "--to", "100")
    opened = acme.done("alias", "set", "info", *OF_ACME, "--direct-sip", "--to", "101")

    assert (opened["target"], opened["allows_direct_sip"]) == ("101", True)
    assert acme.done("alias", "show", "info", *OF_ACME)["addresses"] == ["sip:info@acme.test"]
    acme.refused("extension", "remove", "101", *OF_ACME, "--yes", code=4)
    acme.done("alias", "remove", "info", *OF_ACME, "--yes")
    assert acme.done("alias", "list", *OF_ACME) == []


@pytest.mark.parametrize(("name", "target"), [("24h", "100"), ("info", "+79161112233")])
def test_a_name_that_could_be_a_number_or_lead_outside_is_refused(
    name: str, target: str, acme: Shell
) -> None:
    acme.refused("alias", "create", name, *OF_ACME, "--to", target, code=5)
