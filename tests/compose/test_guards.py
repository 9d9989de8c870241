"""What a container may do, and who reaches it."""

import pytest

from tests.compose.stack import Stack
from tests.containers.exchange import CommandFailed

SERVICES = ("postgres", "asterisk", "app", "mail")
OURS = ("asterisk", "app")
DOORS = ARI_PORT, AMI_PORT = 8088, 5038

LISTENS = "0A"
"""The state of a socket that takes connections, as proc(5) writes it."""

POWERS = (
    "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    " FROM pg_roles WHERE rolname = current_user"
)
OWNER = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"

NEEDED_FOR_BUILDING_ONLY = ("gcc", "cc", "make", "pip", "pip3", "git")


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_runs_as_root(stack: Stack, service: str) -> None:
    users = stack.docker("top", stack.container(service), "-eo", "pid,uid").split()[3::2]

    assert users
    assert "0" not in users


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_do_little_more_than_its_work(stack: Stack, service: str) -> None:
    limits = stack.seen(service).limits

    assert limits.is_read_only
    assert limits.dropped == ["ALL"]
    assert not limits.added
    assert "no-new-privileges:true" in limits.security
    assert not limits.is_privileged
    assert limits.memory_bytes > 0
    assert limits.processes
    assert limits.restarts.name == "unless-stopped"
    assert limits.log.options["max-size"]


@pytest.mark.parametrize("service", OURS)
def test_nobody_writes_into_the_programs_of_a_container(stack: Stack, service: str) -> None:
    with pytest.raises(CommandFailed, match="Read-only file system"):
        stack.inside(service, "touch", "/usr/bin/x")


def test_asterisk_cannot_change_prompts_and_messages(stack: Stack) -> None:
    for folder in ("sounds", "voicemail"):
        with pytest.raises(CommandFailed, match="Read-only file system"):
            stack.inside("asterisk", "touch", f"/var/lib/pbx/{folder}/x")


def test_asterisk_has_no_key_that_opens_stored_passwords(stack: Stack) -> None:
    assert "secret.key" in stack.inside("app", "ls", "/var/lib/pbx")
    assert "secret.key" not in stack.inside("asterisk", "ls", "/var/lib/pbx")


def test_the_application_owns_its_database_and_can_do_nothing_else_there(stack: Stack) -> None:
    assert _told_by_the_database(stack, POWERS).split("|") == ["f"] * 5
    assert _told_by_the_database(stack, OWNER) == "pbx"


def test_the_superuser_of_the_database_is_not_reached_over_the_network(stack: Stack) -> None:
    with pytest.raises(CommandFailed, match="password authentication failed"):
        _told_by_the_database(stack, "SELECT 1", role="postgres")


def test_only_sip_sound_and_links_are_published(stack: Stack) -> None:
    first, last = map(int, stack.environment["PBX_RTP_PORTS"].split("-"))
    sip, links = stack.sip_port, stack.http_port
    sound = {f"{port}/udp" for port in range(first, last + 1)}

    assert stack.seen("asterisk").published == sound | {f"{sip}/udp", f"{sip}/tcp"}
    assert stack.seen("app").published == {"8080/tcp"}
    assert not stack.seen("postgres").published
    assert stack.compose("port", "app", "8080").strip() == f"127.0.0.1:{links}"


def test_databases_and_asterisks_doors_have_no_way_out(stack: Stack) -> None:
    network = stack.docker(
        "network", "inspect", f"{stack.name}_inside", "--format", "{{.Internal}}"
    )
    assert network.strip() == "true"


def test_asterisks_doors_are_closed_on_the_network_of_phones(stack: Stack) -> None:
    """By the bridge that phones come over, this very machine would reach what listens there."""
    doors = {(int(port, 16), address) for address, port in _listening(stack, "asterisk")}
    inside = f"{stack.environment['PBX_INSIDE_NETWORK']}.10"
    written = "".join(f"{int(part):02X}" for part in reversed(inside.split(".")))

    found = {(port, address) for port, address in doors if port in DOORS}
    assert found == {(ARI_PORT, written), (AMI_PORT, written)}


def test_a_phone_reaches_nothing_of_asterisk_but_sip(stack: Stack) -> None:
    """Asked in the network that callers share with Asterisk, where no rule of the engine helps."""
    asked = {port: _answer_to_a_caller(stack, port) for port in (stack.sip_port, *DOORS)}

    assert asked.pop(stack.sip_port) == ""
    assert all("Connection refused" in answer for answer in asked.values()), asked


def _told_by_the_database(stack: Stack, question: str, role: str = "pbx") -> str:
    """What it says to the application's address and password."""
    address = f"$(printenv PBX_DATABASE_URL | sed 's#//pbx:#//{role}:#')"
    asks = f'psql "{address}" --no-psqlrc -At --command "{question}"'
    return stack.inside("app", "sh", "-c", asks).strip()


def _answer_to_a_caller(stack: Stack, port: int) -> str:
    """What a program there is told when it connects; nothing when it may."""
    connects = f"(: >/dev/tcp/asterisk/{port}) 2>&1 || true"
    how = ("--rm", "-T", "--entrypoint", "bash")
    return stack.compose("run", *how, "callers", "-c", connects)


def _listening(stack: Stack, service: str) -> list[list[str]]:
    """Addresses and ports, in hexadecimal, at which a container takes connections (proc(5))."""
    lines = stack.inside(service, "cat", "/proc/net/tcp").splitlines()[1:]
    return [words[1].split(":") for words in map(str.split, lines) if words[3] == LISTENS]


@pytest.mark.parametrize("service", OURS)
def test_an_image_holds_nothing_that_only_its_building_needed(stack: Stack, service: str) -> None:
    look = f"for one in {' '.join(NEEDED_FOR_BUILDING_ONLY)}; do command -v $one; done; true"
    assert stack.inside(service, "sh", "-c", look) == ""
    assert stack.inside(service, "ls", "/var/lib/apt/lists") == ""
    listing = "find / -xdev -name '.cache' -o -xdev -name '*.whl' -o -xdev -name '*.deb'"
    assert stack.inside(service, "sh", "-c", f"{listing} 2>/dev/null; true") == ""
