"""By which places a trunk may be known, and who is told when another has one already."""

from functools import partial

import pytest

from models import provisioning
from models.errors import InvalidSettings
from models.facts import TrunkFacts
from models.provisioning.baselines import after_upgrade
from models.seal import Seal
from models.tables import TrunkClaim
from models.trunk_rules import trunk_faults
from tests.unit.models.builders import a_tenant


@pytest.fixture(autouse=True)
async def acme(database: str) -> None:
    await a_tenant("acme")


async def test_a_trunk_of_ones_own_that_has_the_place_is_named_with_the_way_out(
    seal: Seal,
) -> None:
    await a_tenant("other")
    await provisioning.create_trunk(
        tenant="acme",
        name="neighbour",
        seal=seal,
        registration="none",
        addresses=("192.0.2.0/24",),
        host="sip.carrier.test",
    )

    async def create(tenant: str, address: str, host: str = "") -> str:
        with pytest.raises(InvalidSettings) as refusal:
            await provisioning.create_trunk(
                tenant=tenant,
                name="second",
                seal=seal,
                registration="none",
                addresses=(address,),
                host=host,
            )
        return str(refusal.value)

    own = await create("acme", "192.0.2.1")
    assert "the trunk neighbour is known by this address already" in own
    assert "pbx trunk set neighbour --disabled" in own
    foreign = await create("other", "192.0.2.1")
    assert "another trunk is known by this address" in foreign
    assert "neighbour" not in foreign
    foreign = await create("other", "198.51.100.1", "sip.carrier.test")
    assert "another trunk is known by this name" in foreign
    own = await create("acme", "198.51.100.1", "sip.carrier.test")
    assert "the trunk neighbour is known by this name already" in own


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("::ffff:0:0/96", "is wider than /8"),
        ("::ffff:0:0/103", "is wider than /8"),
        ("::ffff:10.0.0.0/104", "write 10.0.0.0/8"),
        ("::ffff:192.0.2.1", "write 192.0.2.1"),
        ("::/80", "takes in all IPv4 addresses"),
        ("::/0", "is wider than /16"),
        ("2000::/15", "is wider than /16"),
        ("0.0.0.0/0", "is wider than /8"),
        ("10.0.0.0/7", "is wider than /8"),
        ("fe80::1%eth0", "one network card"),
        ("fe80::%eth0/64", "one network card"),
    ],
)
def test_no_spelling_of_an_address_opens_a_trunk_to_everybody(address: str, rule: str) -> None:
    trunk = TrunkFacts(
        id=0, name="neighbour", endpoint="", registration="none", addresses=(address,)
    )
    (fault,) = trunk_faults(trunk)

    assert (fault.path, fault.value) == ("addresses", address)
    assert rule in fault.rule


@pytest.mark.parametrize("host", ["fe80::1%eth0", "fe80::1%sip.test"])
def test_no_host_and_no_proxy_is_an_address_of_one_network_card(host: str) -> None:
    trunk = TrunkFacts(
        id=0,
        name="neighbour",
        endpoint="",
        registration="none",
        addresses=("192.0.2.1",),
        host=host,
        proxy=f"[{host}]:5060",
    )

    assert [fault.path for fault in trunk_faults(trunk)] == ["host", "proxy"]


async def wants(seal: Seal, tenant: str, address: str) -> bool:
    """Whether a tenant may have a trunk that is called from there; it is gone again then."""
    try:
        await provisioning.create_trunk(
            tenant=tenant, name="new", seal=seal, registration="none", addresses=(address,)
        )
    except InvalidSettings:
        return False
    await provisioning.remove_trunk(tenant=tenant, name="new")
    return True


async def test_a_place_that_a_trunk_has_left_is_free(seal: Seal) -> None:
    await a_tenant("other")
    change = partial(provisioning.set_trunk, tenant="acme", name="city", seal=seal)
    await provisioning.create_trunk(
        tenant="acme", name="city", seal=seal, registration="none", addresses=("192.0.2.0/28",)
    )
    assert not await wants(seal, "other", "192.0.2.7")
    assert not await wants(seal, "other", "192.0.0.0/16")

    await change(addresses=("2001:db8::/64",))
    assert await wants(seal, "other", "192.0.2.7")
    assert not await wants(seal, "other", "2001:db8::7")

    await change(is_enabled=False)
    assert await wants(seal, "other", "2001:db8::7")
    await change(is_enabled=True)
    assert not await wants(seal, "other", "2001:db8::7")
    await provisioning.remove_trunk(tenant="acme", name="city")
    assert await wants(seal, "other", "2001:db8::7")


async def test_an_upgrade_writes_down_from_where_older_trunks_are_called(seal: Seal) -> None:
    await a_tenant("other")
    await provisioning.create_trunk(
        tenant="acme", name="city", seal=seal, registration="none", addresses=("192.0.2.7",)
    )
    await TrunkClaim.all().delete()
    await after_upgrade()
    await after_upgrade()
    assert not await wants(seal, "other", "192.0.2.7")
    assert await TrunkClaim.all().count() == 1
