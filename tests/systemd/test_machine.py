"""What the services leave on the machine, and what protects it."""

from dataclasses import replace

from tests.support.raw_sip import wire_to
from tests.support.talks import two_who_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until_told
from tests.systemd.machine import Machine

EXAMPLES = "/root/release/examples"
GUESSES = 20
"""So many refused logins are one too many, says the example."""


async def test_systemd_has_nothing_to_complain_of(machine: Machine) -> None:
    units = (await machine.run_soon("sh", "-c", "ls /etc/systemd/system/pbx*")).split()

    complaints = await machine.run_soon("systemd-analyze", "verify", *units)

    assert complaints == ""
    assert (await machine.run_soon("systemctl", "--failed", "--no-legend")) == ""
    await machine.doctor_is_content()


async def test_nothing_in_the_home_belongs_to_anybody_else(
    office: Tenant[Machine], machine: Machine
) -> None:
    await machine.pbx("tenant", "show", office.name)

    assert await machine.run_soon("find", "/var/lib/pbx", "!", "-user", "pbx") == ""


async def test_a_backup_is_made_at_night(office: Tenant[Machine], machine: Machine) -> None:
    await machine.run_soon("systemctl", "enable", "--now", "pbx-backup.timer")
    await machine.run_soon("systemctl", "start", "pbx-backup.service")

    assert "pbx-backup.timer" in await machine.run_soon("systemctl", "list-timers", "--no-pager")
    (archive,) = (await machine.run_soon("sh", "-c", "ls /var/backups/pbx/pbx-*.tar.gz")).split()
    assert "database" in (await machine.run_soon("tar", "-tzf", archive)).split()
    await machine.run_soon("rm", archive)


async def test_calls_go_through_the_firewall_of_the_example(
    office: Tenant[Machine], machine: Machine
) -> None:
    ports = f"s/5060/{machine.sip_port}/; s/10000-20000/{machine.rtp_ports}/"
    loads = f"sed '{ports}' {EXAMPLES}/firewall/pbx.nft >/root/pbx.nft && nft -f /root/pbx.nft"
    await machine.run_soon("sh", "-c", loads)
    try:
        async with two_who_talk(office) as (caller, callee):
            await caller.hang_up()
            await callee.closed()
    finally:
        await machine.run_soon("nft", "delete", "table", "inet", "pbx")


async def test_who_guesses_passwords_is_banned(office: Tenant[Machine], machine: Machine) -> None:
    await machine.run_soon("cp", "-r", f"{EXAMPLES}/fail2ban/.", "/etc/fail2ban/")
    await machine.run_soon("fail2ban-client", "-t")
    await machine.run_soon("systemctl", "start", "fail2ban")
    try:
        async with wire_to(machine.host, machine.sip_port) as wire:
            guess = replace(office.account("100"), password="guessed")
            for _ in range(GUESSES):
                await wire.ask(guess, "REGISTER", f"sip:{office.domain}")

            async def is_banned() -> bool:
                return "Currently banned:\t1" in await machine.run_soon(
                    "fail2ban-client", "status", "pbx"
                )

            await until_told(is_banned, saying="the guesser is banned", pause_s=0.5)
            assert "drop" in await machine.run_soon("nft", "list", "ruleset")
    finally:
        await machine.run_soon("systemctl", "stop", "fail2ban")
