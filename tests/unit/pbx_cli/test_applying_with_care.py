"""Nothing is applied that was not judged, and what was closed is not opened unasked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from models import provisioning
from pbx_cli.applying.looking import Looked, look
from pbx_cli.applying.looking_again import agree, carry_out
from pbx_cli.context import Desk, current_database
from pbx_cli.errors import Refused
from stasis_apps.settings import read_settings
from tests.support.terminal import Terminal
from tests.unit.pbx_cli.shell import Shell
from tests.unit.pbx_cli.test_applying import OFFICE

ACME = ("--tenant", "acme")
LEADS_NOWHERE = OFFICE.replace(", to: 5000}", "}").replace("aliases: {info: 5000}\n", "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "acme.yaml"
    path.write_text(OFFICE)
    return path


@pytest.fixture
def desk(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk of the same home."""
    for name, value in shell.environment.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return Desk(read_settings())


def apply_while_a_colleague_hires(desk: Desk, file: Path, *, is_confirmed: bool = False) -> None:
    """Look at a file, let a colleague make an extension, and go on."""

    async def look_again(seen: Looked) -> Looked:
        return await look(desk, seen.path, earlier=seen.outlook)

    async def run() -> None:
        async with current_database(desk.settings):
            looked = await look(desk, file)
            await provisioning.create_extension(
                tenant="acme", number="300", name="Newcomer", seal=desk.seal
            )
            await carry_out(desk, looked, look_again, is_confirmed=is_confirmed)

    asyncio.run(run())


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_colleagues_new_extension_is_not_removed_unasked(
    shell: Shell, desk: Desk, file: Path, is_confirmed: bool
) -> None:
    shell.done("apply", str(file))
    file.write_text(OFFICE.replace("Alice", "Alina"))
    with pytest.raises(Refused, match=r"would also take away:\n  extensions.300") as refused:
        apply_while_a_colleague_hires(desk, file, is_confirmed=is_confirmed)
    assert refused.value.exit_code == 4
    people = {one["number"]: one["name"] for one in shell.done("extension", "list", *ACME)}
    assert people == {"100": "Alice", "101": "Boris", "300": "Newcomer"}


def test_what_a_colleague_has_changed_already_is_no_reason_to_stop(
    shell: Shell, desk: Desk, file: Path
) -> None:
    shell.done("apply", str(file))
    more = "extensions:\n  300: {name: Newcomer}\n"
    file.write_text(OFFICE.replace("extensions:\n", more))
    apply_while_a_colleague_hires(desk, file)
    assert shell.done("apply", str(file))[0]["result"] == "unchanged"


def test_a_file_that_has_changed_since_it_was_judged_takes_nothing_more_away(
    shell: Shell, desk: Desk, file: Path
) -> None:
    shell.done("apply", str(file))
    changed = file.with_name("changed.yaml")
    changed.write_text(OFFICE.replace("aliases: {info: 5000}\n", ""))

    async def run() -> None:
        async with current_database(desk.settings):
            before = await look(desk, file)
            after = await look(desk, changed)
            agree(before, before.judged, is_confirmed=False)
            with pytest.raises(Refused, match=r"  aliases.info"):
                agree(after, before.judged, is_confirmed=True)

    asyncio.run(run())


def test_who_sits_at_a_terminal_is_shown_what_has_changed_and_asked(
    shell: Shell, file: Path
) -> None:
    shell.done("apply", str(file))
    shell.done("tenant", "set", "acme", "--state", "blocked")
    with Terminal(shell.environment, "apply", str(file)) as terminal:
        terminal.waits_for("Go on[?]")
        shell.done("extension", "create", "300", *ACME, "--name", "Newcomer")
        terminal.types("y")
        told = terminal.answer("Go on all the same", "n")
        assert terminal.ends() == 1
    assert "- extensions.300" in told
    assert "300" in [one["number"] for one in shell.done("extension", "list", *ACME)]


def test_what_is_looked_at_again_has_to_be_without_errors_again(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    shell.done("tenant", "set", "acme", "--state", "blocked")
    with Terminal(shell.environment, "apply", str(file)) as terminal:
        terminal.waits_for("Go on[?]")
        shell.done("extension", "set", "101", *ACME, "--name", "Beatrice")
        loop = "  5900: {kind: switch, open: 5900, closed: 5900}\naliases:"
        file.write_text(OFFICE.replace("aliases:", loop))
        before = shell.everything()
        terminal.types("y")
        assert terminal.ends() == 5
    assert shell.everything() == before


@pytest.mark.parametrize("option", ["--strict", "--test"])
def test_what_was_applied_already_is_looked_at_when_more_is_demanded(
    shell: Shell, file: Path, option: str
) -> None:
    text = LEADS_NOWHERE if option == "--strict" else OFFICE.replace(", to: 5000}", ", to: 101}")
    file.write_text(text)
    shell.done("apply", str(file))
    assert shell.done("apply", str(file))[0]["result"] == "unchanged"
    shell.refused("apply", option, str(file), code=5 if option == "--strict" else 1)


def test_scripts_read_why_lint_tests_and_cuts_refuse(shell: Shell, file: Path) -> None:
    file.write_text(OFFICE.replace(", to: 5000}", ", to: 101}"))
    (failed,) = shell.refused("apply", "--test", str(file), code=1).refusal["faults"][:1]
    assert (failed["code"], failed["path"], failed["file"]) == ("route-test", "tests.0", str(file))
    file.write_text(LEADS_NOWHERE)
    (checked,) = shell.done("check", str(file))
    warned = shell.refused("apply", "--strict", str(file), code=5).refusal["faults"]
    assert warned == checked["findings"]
    file.write_text(OFFICE)
    shell.done("apply", str(file))
    shell.done("tenant", "set", "acme", "--state", "blocked")
    (cut,) = shell.refused("apply", str(file), code=4).refusal["faults"]
    assert (cut["code"], cut["path"]) == ("unblocks", "state")
    assert cut["mend"]


def test_warnings_stand_apart_from_errors_and_fit_the_screen(shell: Shell, file: Path) -> None:
    loop = "  5900: {kind: switch, open: 5900, closed: 5900}\naliases:"
    file.write_text(LEADS_NOWHERE.replace("trunks:\n", "aliases:\n  round: 5900\ntrunks:\n", 1))
    file.write_text(file.read_text().replace("aliases:", loop, 1))
    ran = shell("apply", str(file))
    assert ran.code == 5
    warnings, _, errors = ran.err.partition("Error: Some of it cannot work")
    assert "warning number-leads-nowhere" in warnings
    assert "error endless-loop" in errors
    assert "warning number" not in errors
    told = [line for line in ran.err.splitlines() if str(file) not in line]
    assert max(map(len, told)) <= 100


def test_a_blocked_tenant_is_opened_after_a_yes_only(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    shell.done("tenant", "set", "acme", "--state", "blocked")
    ran = shell.refused("apply", str(file), code=4)
    assert "tenant acme is blocked; the file would open it again" in ran.refusal["error"]
    assert "is blocked; the file would open it again" in shell("diff", str(file)).err
    shell.done("apply", "--yes", str(file))
    assert shell.done("tenant", "show", "acme")["state"] == "active"
    shell.done("tenant", "set", "acme", "--state", "blocked")
    file.write_text(OFFICE.replace("country: RU\n", "country: RU\nstate: blocked\n"))
    assert shell.done("apply", str(file))[0]["result"] == "unchanged"


def test_limits_that_a_file_does_not_name_are_loosened_after_a_yes_only(
    shell: Shell, file: Path
) -> None:
    shell.done("apply", str(file))
    shell.done("tenant", "set", "acme", "--max-outside-calls", "2")
    ran = shell.refused("apply", str(file), code=4)
    assert [one["path"] for one in ran.refusal["faults"]] == ["limits.max_calls"]
    assert "limits.max_calls is 2; the file does not name it" in ran.refusal["error"]
    file.write_text(OFFICE.replace("country: RU\n", "country: RU\nlimits: {max_calls: 4}\n"))
    assert shell.done("apply", str(file))[0]["result"] == "changed"


def test_a_trunk_that_cannot_register_is_mentioned(shell: Shell, file: Path) -> None:
    note = (
        "trunk moscow has no password and does not register: "
        "pbx trunk set moscow --tenant acme --password-stdin"
    )
    assert note in shell("diff", str(file)).err
    assert shell.done("apply", str(file))[0]["remarks"] == [note]
    shell.done("trunk", "set", "moscow", *ACME, "--password-stdin", typed="given\n")
    file.write_text(OFFICE.replace("Alice", "Alina"))
    assert shell.done("apply", str(file))[0]["remarks"] == []


def test_another_domain_is_said_to_need_all_phones_anew(shell: Shell, file: Path) -> None:
    shell.done("apply", str(file))
    revision = shell.done("tenant", "history", "acme", "--limit", "1")[0]["revision"]
    file.write_text(OFFICE.replace("domain: acme.test", "domain: new.test"))
    anew = "every phone of acme has to log in anew at "
    assert f"{anew}new.test" in shell("diff", str(file)).err
    assert f"{anew}new.test" in shell("apply", str(file)).err
    back = shell("tenant", "rollback", "acme", str(revision), "--yes")
    assert f"{anew}acme.test" in back.err


def test_a_rollback_tells_what_is_odd_about_what_comes_back(shell: Shell, file: Path) -> None:
    file.write_text(LEADS_NOWHERE)
    shell.done("apply", str(file))
    revision = shell.done("tenant", "history", "acme", "--limit", "1")[0]["revision"]
    file.write_text(OFFICE)
    shell.done("apply", str(file))
    back = shell("tenant", "rollback", "acme", str(revision), "--yes")
    assert back.code == 0
    assert "numbers.74951234567" in back.err.replace("+", "")
    assert "warning number-leads-nowhere" in back.err


def test_who_only_looks_is_not_told_that_nothing_was_changed(shell: Shell, file: Path) -> None:
    file.write_text(OFFICE.replace("name: Boris", "name: Boris, ring_s: 0, email: nobody"))
    assert shell("apply", str(file)).err.startswith("Error: 2 faults, nothing was changed:\n")
    assert shell("diff", str(file)).err.startswith("Error: 2 faults:\n")


def test_faults_begin_with_the_way_to_their_place(shell: Shell, file: Path) -> None:
    file.write_text(OFFICE.replace("aliases: {info: 5000}", "aliases: {info: 5999}"))
    assert f"{file}:10:17: aliases.info.to: alias info leads to" in shell("apply", str(file)).err


def test_a_pin_that_locks_nothing_is_told_where_pins_belong(shell: Shell, file: Path) -> None:
    file.write_text(OFFICE.replace("kind: group, ", "kind: group, pin: 2580, "))
    told = shell("apply", str(file)).err
    assert "elements.5000.pin: a PIN belongs to a voicemail element, a user with" in told
