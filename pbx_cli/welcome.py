"""What `pbx run` prints when calls can be placed: where phones log in, and what to dial."""

from __future__ import annotations

import sys

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pbx_cli.demo import DemoCard
from pbx_cli.machine import ANY, LOOPBACK, own_addresses
from pbx_cli.output import emit_json, emit_picture, json_is_wanted, say
from pbx_cli.tls_server import tls_server
from stasis_apps.settings import Settings


def sip_addresses(settings: Settings) -> list[str]:
    """Where phones reach this exchange, the best first."""
    bind = settings.sip_bind
    hosts = list(dict.fromkeys([*_outside_hosts(settings), *_inside_hosts(settings)]))
    return [f"[{host}]:{bind.port}" if ":" in host else f"{host}:{bind.port}" for host in hosts]


def _outside_hosts(settings: Settings) -> list[str]:
    return [settings.external_address] if settings.external_address else []


def _inside_hosts(settings: Settings) -> list[str]:
    """Where those beside us reach it; what Asterisk has elsewhere, this machine cannot see."""
    bind = settings.sip_bind
    if settings.asterisk_host:
        return [] if settings.external_address else [settings.asterisk_host]
    return [*_own_hosts(bind.host), LOOPBACK] if bind.host in ANY else [bind.host]


def _own_hosts(bind_host: str) -> list[str]:
    """Our addresses; who listens at every IPv4 address listens at no IPv6 address."""
    return [host for host in own_addresses() if ":" not in host or ":" in bind_host]


def emit_welcome(settings: Settings, card: DemoCard | None) -> None:
    """Print what a person needs next."""
    addresses, tls = sip_addresses(settings), tls_server(settings)
    ways = "UDP and TCP" if tls is None else f"UDP and TCP; TLS at {tls}"
    if json_is_wanted():
        emit_json({**_document(addresses, card), "tls": tls})
    elif card is None:
        end = " Ctrl-C ends it." if sys.stdin.isatty() else ""  # nobody types at a service
        say(f"The exchange is ready at sip:{addresses[0]} ({ways}).{end}")
    elif sys.stdout.isatty():
        emit_picture(_panel(addresses, ways, card))
    else:
        say(_plain(addresses, ways, card))
    sys.stdout.flush()


def _document(addresses: list[str], card: DemoCard | None) -> dict[str, object]:
    demo = None
    if card is not None:
        demo = {
            "domain": card.domain,
            "phones": [
                {"login": phone.login, "domain": phone.domain, "password": phone.password}
                for phone in card.phones
            ],
            "numbers": dict(card.numbers),
        }
    return {"is_ready": True, "sip": addresses, "demo": demo}


def _plain(addresses: list[str], ways: str, card: DemoCard) -> str:
    phones = [f"  {phone.login}  {phone.password}" for phone in card.phones]
    numbers = [f"  {number:<5} {what}" for number, what in card.numbers]
    return "\n".join(
        [
            f"The exchange is ready. SIP server: {', '.join(addresses)} ({ways})",
            f"Two demo phones (domain {card.domain} or the server's address): user, password",
            *phones,
            "Numbers to dial:",
            *numbers,
            "Ctrl-C ends it.",
        ]
    )


def _panel(addresses: list[str], ways: str, card: DemoCard) -> Panel:
    server = Text.assemble(("SIP server  ", "bold"), (addresses[0], "cyan"), f"  {ways}")
    others = Text(f"            also {', '.join(addresses[1:])}", style="dim")
    phones = _grid("User", "Password", "Domain")
    for phone in card.phones:
        phones.add_row(phone.login, Text(phone.password, "cyan"), card.domain)
    numbers = _grid("Dial", "and hear")
    for number, what in card.numbers:
        numbers.add_row(Text(number, "cyan"), what)
    hint = Text(
        "A phone that asks for no domain is content with the server's address.\n"
        "The passwords again: pbx device show 100 --tenant demo --setup.  Ctrl-C ends it.",
        style="dim",
    )
    where: list[Text | str] = [server, others, ""] if addresses[1:] else [server, ""]
    lines = Group(*where, phones, "", numbers, "", hint)
    return Panel(lines, title="The exchange is ready", expand=False, padding=(1, 2))


def _grid(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading)
    return table
