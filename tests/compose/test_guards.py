"""What a container may do, and who reaches it."""

import pytest

from tests.compose.stack import CommandFailed, Stack

SERVICES = ("postgres", "asterisk", "app", "mail")
OURS = ("asterisk", "app")
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


@pytest.mark.parametrize("service", OURS)
def test_an_image_holds_nothing_that_only_its_building_needed(stack: Stack, service: str) -> None:
    look = f"for one in {' '.join(NEEDED_FOR_BUILDING_ONLY)}; do command -v $one; done; true"
    assert stack.inside(service, "sh", "-c", look) == ""
    assert stack.inside(service, "ls", "/var/lib/apt/lists") == ""
    listing = "find / -xdev -name '.cache' -o -xdev -name '*.whl' -o -xdev -name '*.deb'"
    assert stack.inside(service, "sh", "-c", f"{listing} 2>/dev/null; true") == ""
