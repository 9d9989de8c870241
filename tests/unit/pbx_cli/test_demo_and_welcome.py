"""The demo tenant, and what a person reads when the exchange is ready."""

import asyncio
import io
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.panel import Panel
from rich.text import Text

from models import provisioning
from models.database import open_database
from pbx_cli.commands.run import prepare
from pbx_cli.context import Desk
from pbx_cli.demo import DOMAIN, TENANT, WORDS, DemoCard, demo_card, ensure_demo, is_first_use
from pbx_cli.demo import keep_addresses as keep_todays_addresses
from pbx_cli.doctor.patient import TENANT as DOCTOR
from pbx_cli.output import (
    emit_done,
    emit_line,
    emit_one,
    emit_picture,
    emit_rows,
    harmless,
    json_text,
    note,
    say,
)
from pbx_cli.welcome import emit_welcome, sip_addresses
from stasis_apps.settings import read_settings
from tests.unit.pbx_cli.shell import Shell
from tests.unit.pbx_cli.test_sounds import a_tone


class Terminal(io.StringIO):
    """What is written here is read by a person."""

    def isatty(self) -> bool:
        return True

    def read(self, _size: int | None = -1) -> str:
        """What is seen: without bold, colours and the spaces at the ends of lines."""
        seen = re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())
        return "\n".join(line.rstrip() for line in seen.splitlines())


@pytest.fixture
async def desk(shell: Shell) -> AsyncIterator[Desk]:
    """An operator's desk with an empty database."""
    given = {name: value for name, value in shell.environment.items() if value is not None}
    settings = read_settings(given)
    async with open_database(settings.database_url):
        yield Desk(settings)


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A folder in which every word is a short tone."""
    folder = tmp_path / "en"
    (folder / "digits").mkdir(parents=True)
    for word in set(WORDS):
        a_tone(folder / f"{word}.wav", seconds=0.1)
    return folder


@contextmanager
def terminal(width: int = 100) -> Iterator[Terminal]:
    """Sit before a terminal inside the block."""
    screen = Terminal()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(screen):
        patch.setenv("COLUMNS", str(width))
        patch.setenv("NO_COLOR", "1")
        patch.setenv("TERM", "xterm")
        yield screen


async def test_a_new_home_gets_phones_a_greeting_and_a_spoken_prompt(
    desk: Desk, spoken: Path
) -> None:
    assert await is_first_use()

    await ensure_demo(desk, spoken)

    assert not await is_first_use()
    tenant = await provisioning.get_tenant(name="demo")
    assert {"127.0.0.1", "localhost"} <= set(tenant.domain_aliases)
    greeting = await provisioning.get_element(tenant="demo", number="5000")
    assert greeting.settings["keys"] == {"1": "100", "2": "101", "3": "5001", "9": "5002"}
    sound = await provisioning.get_sound(tenant="demo", name="demo-greeting")
    assert sound.duration_s == pytest.approx(len(WORDS) * 0.1, abs=0.05)


async def test_a_new_home_has_a_group_a_mailbox_and_hours_with_a_switch(desk: Desk) -> None:
    await ensure_demo(desk, None)

    found = await provisioning.list_elements(tenant="demo")
    settings = {element.number: (element.kind, element.settings) for element in found}
    group, box, hours = settings["5100"], settings["5120"], settings["5300"]
    assert group[0] == "group"
    assert (group[1]["members"], group[1]["no_answer"]) == (["100", "101"], "5120")
    assert (box[0], box[1]["lamps"]) == ("voicemail", ["100", "101"])
    assert settings["5199"] == ("mailbox", {"box": "5120"})
    assert (hours[0], hours[1]["match"], hours[1]["no_match"]) == ("time_rule", "5000", "5120")
    assert settings["5301"][1]["switch"] == "5300"


async def test_somebody_without_a_phone_is_found_by_a_personal_rule(desk: Desk) -> None:
    await ensure_demo(desk, None)

    away = await provisioning.get_extension(tenant="demo", number="102")
    assert away.settings["rules"] == [{"when": "unregistered", "to": "101"}]
    assert await provisioning.list_devices(tenant="demo", extension="102") == []


async def test_every_number_on_the_card_can_be_dialled(desk: Desk) -> None:
    await ensure_demo(desk, None)
    card = await demo_card(desk)
    assert card is not None

    people = {person.number for person in await provisioning.list_extensions(tenant="demo")}
    elements = {element.number for element in await provisioning.list_elements(tenant="demo")}
    assert {number for number, _ in card.numbers} <= people | elements


async def test_what_people_have_put_at_the_demos_numbers_stays(desk: Desk) -> None:
    await provisioning.create_tenant(name=TENANT, domain=DOMAIN, country="RU")
    for number in ("5120", "5300"):
        await provisioning.create_element(
            tenant=TENANT, kind="hang_up", number=number, settings={}, catalogue=desk.catalogue
        )

    await ensure_demo(desk, None)

    found = await provisioning.list_elements(tenant=TENANT)
    kinds = {element.number: element.kind for element in found}
    assert (kinds["5120"], kinds["5300"]) == ("hang_up", "hang_up")
    assert not {"5199", "5301"} & kinds.keys()


async def test_making_the_demo_again_changes_nothing(desk: Desk, spoken: Path) -> None:
    await ensure_demo(desk, spoken)
    before = await provisioning.get_tenant(name="demo")
    card = await demo_card(desk)

    await ensure_demo(desk, spoken)

    assert await provisioning.get_tenant(name="demo") == before
    assert await demo_card(desk) == card


async def test_without_spoken_words_a_prompt_of_asterisk_serves(desk: Desk, tmp_path: Path) -> None:
    await ensure_demo(desk, tmp_path)

    greeting = await provisioning.get_element(tenant="demo", number="5000")
    assert str(greeting.settings["sound"]).startswith("asterisk:")


async def test_an_address_that_another_tenant_has_stays_there(desk: Desk) -> None:
    await provisioning.create_tenant(
        name="acme", domain="acme.test", country="RU", domain_aliases=["127.0.0.1"]
    )

    await ensure_demo(desk, None)

    demo = await provisioning.get_tenant(name="demo")
    assert "127.0.0.1" not in demo.domain_aliases
    assert "localhost" in demo.domain_aliases


async def test_the_doctors_tenant_does_not_count_as_use(desk: Desk) -> None:
    await provisioning.create_tenant(name=DOCTOR, domain="doctor.invalid", country="RU")

    assert await is_first_use()


async def test_a_demo_that_was_removed_is_not_shown_and_not_missed(desk: Desk) -> None:
    await ensure_demo(desk, None)
    await provisioning.remove_tenant(name=TENANT, files=desk.sounds)

    assert not await is_first_use()
    assert await demo_card(desk) is None
    await keep_todays_addresses(desk.settings)
    assert await provisioning.list_tenants() == []


def test_a_demo_is_made_on_first_use_shown_while_it_is_there_and_not_made_again(
    shell: Shell,
) -> None:
    given = {name: value for name, value in shell.environment.items() if value is not None}
    settings = read_settings(given)

    def card(demo: bool | None = None) -> DemoCard | None:
        return asyncio.run(prepare(settings, None, demo))

    first = card()
    assert first is not None
    assert card() == first
    assert card(demo=False) is None
    (shell.home / "secret.key").unlink()  # calls can be placed without it
    assert card() is None
    shell.done("tenant", "remove", "demo", "--yes")
    assert card() is None
    assert shell.done("tenant", "list") == []
    assert card(demo=True) is not None


async def test_a_person_reads_where_phones_log_in_and_what_to_dial(desk: Desk) -> None:
    await ensure_demo(desk, None)
    card = await demo_card(desk)
    assert card is not None

    with terminal() as screen:
        emit_welcome(desk.settings, card)

    text = screen.read()
    assert "127.0.0.1:5060" in text
    assert DOMAIN in text
    assert all(phone.password in text for phone in card.phones)
    assert all(number in text and what in text for number, what in card.numbers)


async def test_a_log_file_gets_the_same_in_plain_lines(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await ensure_demo(desk, None)
    card = await demo_card(desk)
    assert isinstance(card, DemoCard)

    emit_welcome(desk.settings, card)
    emit_welcome(desk.settings, None)

    text = capsys.readouterr().out
    assert all(phone.password in text for phone in card.phones)
    assert text.splitlines()[-1].startswith("The exchange is ready at sip:127.0.0.1:5060")
    assert "\x1b" not in text


@pytest.mark.parametrize(("typist", "end"), [(io.StringIO(), ""), (Terminal(), " Ctrl-C ends it.")])
async def test_only_who_can_type_is_told_what_to_type(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typist: io.StringIO,
    end: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", typist)

    emit_welcome(desk.settings, None)

    said = capsys.readouterr().out.strip()
    assert said == f"The exchange is ready at sip:127.0.0.1:5060 (UDP and TCP).{end}"


def test_who_listens_at_every_address_is_told_this_machines_own() -> None:
    every = read_settings({"PBX_SIP_BIND": "0.0.0.0:5070"})

    addresses = sip_addresses(every)

    assert addresses[-1] == "127.0.0.1:5070"
    assert not any(address.startswith("[") for address in addresses)


def test_phones_are_told_the_address_outside_first() -> None:
    outside = {"PBX_SIP_BIND": "0.0.0.0:5070", "PBX_EXTERNAL_ADDRESS": "198.51.100.7"}

    here = sip_addresses(read_settings(outside))
    elsewhere = sip_addresses(read_settings(outside | {"PBX_ASTERISK_HOST": "asterisk"}))
    within = sip_addresses(read_settings({"PBX_ASTERISK_HOST": "asterisk"}))

    assert (here[0], here[-1]) == ("198.51.100.7:5070", "127.0.0.1:5070")
    assert (elsewhere, within) == (["198.51.100.7:5070"], ["asterisk:5060"])


async def test_the_demo_answers_at_the_address_outside(desk: Desk) -> None:
    outside = replace(desk.settings, external_address="198.51.100.7")

    await ensure_demo(Desk(outside), None)

    assert "198.51.100.7" in (await provisioning.get_tenant(name=TENANT)).domain_aliases


def test_tables_fit_the_terminal_and_keep_ids_whole() -> None:
    rows = [{"id": "pbx-1795299915.0", "comment": "a fault of the exchange " * 8, "n": None}]

    with terminal() as screen:
        emit_rows(rows, {"Call": "id", "Comment": "comment", "Number": "n"}, empty="none")

    lines = screen.read().splitlines()
    assert max(len(line) for line in lines) <= 100
    assert lines[1].startswith("pbx-1795299915.0 ")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_call_is_found_by_its_id_on_every_terminal(width: int) -> None:
    columns = {"Started": "at", "Dialled": "to", "Answered by": "by", "Talk (s)": "talk_s"}
    row = {
        "at": datetime(2026, 11, 21, 12, tzinfo=UTC),
        "to": "+4915112345678",
        "by": "100-desk",
        "talk_s": 3.25,
        "comment": "the caller hung up while it rang " * 5,
        "id": "pbx-1795299915.4711",
    }

    with terminal(width) as screen:
        emit_rows(
            [row, row | {"talk_s": 12.0}],
            columns | {"Comment": "comment", "Call": "id"},
            empty="none",
        )

    text = screen.read()
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.count("pbx-1795299915.4711") == 2
    assert "Answered" in text
    assert {line.index(" 3.2 ") + 5 for line in text.splitlines() if " 3.2 " in line} == {
        line.index(" 12.0 ") + 6 for line in text.splitlines() if " 12.0 " in line
    }


def test_a_phone_gives_no_orders_to_the_terminal() -> None:
    evil = "Phone\x1b]0;owned\x07 \x9b2J\u202e\x7f\r\nroot#"
    shown = r"Phone\x1b]0;owned\x07 \x9b2J\u202e\x7f\x0d\x0aroot#"

    with terminal() as screen:
        emit_rows([{"agent": evil}], {"User agent": "agent"}, empty="none")
        emit_one({"agent": evil})
        emit_line("Asterisk's log", ("warning", "yellow"), evil)
        emit_picture(Panel(Text(evil.replace("\r", ""))))
        emit_done(evil.replace("\r", ""), {})
        say(evil)

    text = screen.read()
    assert text.count(shown) == 3
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_errors_and_notes_give_no_orders_either(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = shell("tenant", "show", "\x1b[2J\x9b")
    note("\x1b[2J\x9b")

    assert r"\x1b[2J\x9b" in ran.err
    assert capsys.readouterr().err == "\\x1b[2J\\x9b\n"
    told = shell("tenant", "show", "\x1b[2J\x9b", "--json")
    assert "\x9b" not in told.err
    assert "\x1b[2J\x9b" in told.refusal["error"]


def test_letters_of_all_languages_are_printed_as_they_are(shell: Shell) -> None:
    assert json_text("Мария Ñ שלום") == '"Мария Ñ שלום"'
    assert harmless("Мария Ñ שלום") == "Мария Ñ שלום"
    assert json.loads(json_text("\ud800\x85\u2028")) == "\ud800\x85\u2028"


def test_a_narrow_terminal_breaks_what_it_must() -> None:
    rows = [{name: name * 20 for name in "abc"}]

    with terminal(width=30) as screen:
        emit_rows(rows, {name: name for name in "abc"}, empty="none")

    text = screen.read()
    assert max(len(line) for line in text.splitlines()) <= 30
    assert text.count("a") >= 20


def test_one_thing_is_a_field_per_line() -> None:
    with terminal() as screen:
        emit_one({"name": "acme", "aliases": [], "secret": "x"}, hide=["secret"])

    assert [line.split() for line in screen.read().splitlines()] == [
        ["name", "acme"],
        ["aliases", "-"],
    ]


def test_scripts_get_json_that_a_machine_reads(shell: Shell) -> None:
    assert json.loads(shell("tenant", "list", "--json").out) == []
