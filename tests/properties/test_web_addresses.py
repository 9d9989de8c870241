"""No tenant's server is inside, however its address is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stasis_apps.decisions.web_addresses import Address, Network, may_be_asked

INSIDE: list[Network] = [
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "::1/128",
        "64:ff9b:1::/48",
        "100::/64",
        "2001:db8::/32",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]
"""What is private, ours alone, linked here, a carrier's, an example, for many, or nobody's."""

MAPPED, TRANSLATED = ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96")
SIX_TO_FOUR = ip_network("2002::/16")
NOT_UNICAST = [
    net for net in ip_network("::/0").subnets(new_prefix=3) if net != ip_network("2000::/3")
]

NETS = st.sampled_from(INSIDE)
OPENED = st.lists(st.sampled_from([*INSIDE, ip_network("0.0.0.0/0"), SIX_TO_FOUR]), max_size=2)


def members(nets: st.SearchStrategy[Network]) -> st.SearchStrategy[Address]:
    return nets.flatmap(lambda net: st.ip_addresses(network=net))


IPV4 = st.ip_addresses(v=4) | members(st.sampled_from([net for net in INSIDE if net.version == 4]))


def wrapped(address: IPv4Address) -> dict[str, str]:
    """The same place as IPv6 writes it: mapped, behind a translator, at the end of a tunnel."""
    number = int(address)
    return {
        "mapped": str(IPv6Address(int(MAPPED.network_address) | number)),
        "translated": str(IPv6Address(int(TRANSLATED.network_address) | number)),
        "tunnelled": str(IPv6Address(0x2002 << 112 | number << 80 | 1)),
    }


@given(address=IPV4, opened=OPENED)
@example(address=IPv4Address("8.8.8.8"), opened=[])
@example(address=IPv4Address("127.0.0.1"), opened=[ip_network("127.0.0.0/8")])
@example(address=IPv4Address("127.0.0.1"), opened=[SIX_TO_FOUR])
@example(address=IPv4Address("169.254.169.254"), opened=[])
def test_no_wrapping_leads_to_a_server_that_may_not_be_asked_by_its_own_address(
    address: Address, opened: list[Network]
) -> None:
    assert isinstance(address, IPv4Address)
    may_be = may_be_asked(str(address), opened)

    ways = {way: may_be_asked(text, opened) for way, text in wrapped(address).items()}

    assert ways["mapped"] == may_be
    assert ways["translated"] == may_be
    assert may_be or not ways["tunnelled"]


@given(address=members(NETS))
def test_nobody_inside_is_asked(address: Address) -> None:
    assert not may_be_asked(str(address))


@given(net=NETS, data=st.data())
def test_whoever_is_inside_is_asked_when_the_operator_opens_their_network(
    net: Network, data: st.DataObject
) -> None:
    address = data.draw(st.ip_addresses(network=net))

    assert may_be_asked(str(address), [net])
    assert may_be_asked(str(address), iter([net]))


@given(address=members(NETS), opened=NETS)
def test_nobody_inside_is_asked_because_another_network_is_open(
    address: Address, opened: Network
) -> None:
    assume(address not in opened)

    assert not may_be_asked(str(address), [opened])


@given(address=members(st.sampled_from(NOT_UNICAST)))
@example(address=IPv6Address("::7f00:1"))
@example(address=IPv6Address("4000::1"))
def test_nobody_is_asked_outside_of_what_ipv6_gives_to_the_internet(address: Address) -> None:
    assume(address not in MAPPED and address not in TRANSLATED)

    assert not may_be_asked(str(address))


@given(address=members(st.sampled_from([net for net in INSIDE if net.version == 6])))
def test_the_name_of_an_interface_changes_nothing(address: Address) -> None:
    assert not may_be_asked(f"{address}%eth0")
    assert not may_be_asked(f"{address}%1")


@given(server=IPV4, client=IPV4, flags=st.integers(0, 0xFFFF), port=st.integers(0, 0xFFFF))
def test_no_teredo_tunnel_leads_inside(
    server: Address, client: Address, flags: int, port: int
) -> None:
    begins = 0x2001_0000 << 96 | int(server) << 64 | flags << 48 | port << 32
    address = str(IPv6Address(begins | int(client) ^ 0xFFFF_FFFF))
    both = may_be_asked(str(server)) and may_be_asked(str(client))

    assert not may_be_asked(address)
    assert both or not may_be_asked(address, [ip_network("2001::/32")])


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "77.88.8.8",
        "93.184.216.34",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "2a00:1450:4001:800::200e",
        "2606:4700:4700::1111",
        "2a02:6b8::feed:0ff",
    ],
)
def test_servers_on_the_internet_are_asked(address: str) -> None:
    assert may_be_asked(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.88.99.1",
        "3fff::1",
        "192.0.0.192",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "255.255.255.255",
    ],
)
def test_the_services_that_clouds_keep_for_their_own_machines_are_not_asked(address: str) -> None:
    assert not may_be_asked(address)
