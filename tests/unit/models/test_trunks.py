"""Lines to carriers: opened, changed, closed, and refused when they cannot work."""

import re
from dataclasses import replace
from typing import Unpack

import pytest

from models import provisioning
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound, SealError
from models.facts import TrunkFacts
from models.seal import Seal
from models.tables import Trunk
from models.trunk_presets import TrunkPreset, trunk_presets
from models.trunk_rules import TrunkSettings, trunk_faults
from tests.unit.models.builders import a_tenant

SECRET = "their-secret-not-ours"


@pytest.fixture(autouse=True)
async def acme(database: str) -> None:
    await a_tenant("acme")


async def an_account(
    seal: Seal, name: str = "moscow", **given: Unpack[TrunkSettings]
) -> TrunkFacts:
    """An account at a carrier, with what a person has to say and no more."""
    wanted: TrunkSettings = {"host": "sip.carrier.test", "username": "acme", **given}
    return await provisioning.create_trunk(
        tenant="acme", name=name, password=SECRET, seal=seal, **wanted
    )


async def by_address(seal: Seal, *addresses: str, tenant: str = "acme") -> TrunkFacts:
    return await provisioning.create_trunk(
        tenant=tenant,
        name="neighbour",
        seal=seal,
        preset="by-address",
        addresses=addresses,
    )


async def test_an_account_needs_a_host_a_login_and_a_password_and_no_more(seal: Seal) -> None:
    made = await an_account(seal)
    assert re.fullmatch(r"trunk-[0-9a-f]{8}", made.endpoint)
    assert (made.registration, made.transport, made.is_enabled) == ("outbound", "udp", True)
    assert await provisioning.get_trunk(tenant="acme", name="moscow") == made
    assert await provisioning.list_trunks(tenant="acme") == [made]


async def test_what_a_trunk_does_with_calls_out_is_read_back_as_it_was_said(seal: Seal) -> None:
    made = await an_account(
        seal,
        patience_s=60,
        final_codes=(699, 400),
        caller_id_format="e164_plus",
        forwarded_by="history_info",
    )
    assert (made.patience_s, made.final_codes) == (60, (699, 400))
    assert await provisioning.get_trunk(tenant="acme", name="moscow") == made


async def test_the_password_lies_sealed_and_only_asterisk_is_told(seal: Seal) -> None:
    made = await an_account(seal)
    assert SECRET not in repr(made)
    assert SECRET not in repr(await Trunk.all().values())
    told = seal.open(await provisioning.sealed_trunk_password(tenant="acme", name="moscow"))
    assert told == SECRET


async def test_a_new_password_can_be_seen_to_be_new_and_not_what_it_is(seal: Seal) -> None:
    before = await an_account(seal)
    after = await provisioning.set_trunk(
        tenant="acme", name="moscow", seal=seal, password="another"
    )
    assert after.password_mark != before.password_mark
    again = await provisioning.get_trunk(tenant="acme", name="moscow")
    assert again.password_mark == after.password_mark


async def test_everything_a_plan_needs_is_read_with_the_tenant(seal: Seal) -> None:
    made = await an_account(seal)
    tenant = await provisioning.get_tenant(name="acme")
    rows = await provisioning.read_plan_rows(tenant.id)
    assert rows.trunks == (made,)
    assert rows.tenant.revision == tenant.revision


async def test_all_that_is_wrong_with_a_trunk_is_listed_at_once(seal: Seal) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_trunk(
            tenant="acme",
            name="ж" * 36,
            seal=seal,
            preset="nobody",
            host="Bad host",
            port=99_999,
            transport="sctp",
            proxy="a:b:c",
            username="two words",
            addresses=("0.0.0.0/0", "192.0.2.1/24", "no address"),
            max_channels=10_001,
            caller_id="Acme",
            number_source="two words",
            caller_source="",
            codecs=("mp3", "alaw", "alaw"),
            expires_s=1,
            qualify_s=-1,
            patience_s=0,
            final_codes=(200, 404, 404),
            caller_id_format="plain",
            forwarded_by="nobody",
            encryption="on",
        )
    faults = refusal.value.faults
    assert {fault.path for fault in faults} == {
        "preset", "name", "host", "port", "transport", "proxy", "username", "addresses",
        "max_channels", "caller_id", "number_source", "caller_source", "codecs", "expires_s",
        "qualify_s", "patience_s", "final_codes", "caller_id_format", "forwarded_by", "encryption",
        "password",
    }  # fmt: skip
    assert [fault.value for fault in faults if fault.path == "addresses"] == [
        "0.0.0.0/0",
        "192.0.2.1/24",
        "no address",
    ]
    assert "72 bytes" in str(refusal.value)
    assert await Trunk.all().count() == 0


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"registration": "outbound"}, {"host", "username", "password"}),
        ({"registration": "inbound"}, {"password"}),
        ({"registration": "none"}, {"addresses"}),
        ({"registration": "sometimes"}, {"registration"}),
    ],
)
async def test_each_way_to_register_needs_what_it_needs(
    settings: TrunkSettings, missing: set[str], seal: Seal
) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.create_trunk(tenant="acme", name="moscow", seal=seal, **settings)
    assert {fault.path for fault in refusal.value.faults} == missing


async def test_who_registers_here_must_not_have_a_weak_password(seal: Seal) -> None:
    with pytest.raises(InvalidSettings, match="12 to 128") as refusal:
        await provisioning.create_trunk(
            tenant="acme",
            name="office",
            seal=seal,
            registration="inbound",
            username="office",
            password="short",
        )
    assert "short" not in str(refusal.value)


@pytest.mark.parametrize("proxy", ["p.carrier.test", "192.0.2.1:5080", "[2001:db8::1]:5060"])
async def test_a_proxy_may_have_a_port(proxy: str, seal: Seal) -> None:
    assert (await an_account(seal, proxy=proxy)).proxy == proxy


async def test_a_preset_gives_what_the_person_does_not_say(seal: Seal) -> None:
    made = await an_account(seal, preset="tcp-proxy", qualify_s=15)
    assert (made.preset, made.transport, made.expires_s, made.qualify_s) == (
        "tcp-proxy",
        "tcp",
        120,
        15,
    )


@pytest.mark.parametrize("preset", trunk_presets().values(), ids=lambda preset: preset.name)
def test_every_preset_makes_a_good_trunk_of_a_complete_one(preset: TrunkPreset) -> None:
    complete = TrunkFacts(
        id=1,
        name="x",
        endpoint="trunk-00000000",
        host="sip.carrier.test",
        username="acme",
        addresses=("192.0.2.1",),
    )
    trunk = replace(complete, **preset.settings)
    if trunk.registration == "inbound":
        trunk = replace(trunk, addresses=())
    assert trunk_faults(trunk) == []
    assert preset.description


async def test_the_first_trunk_is_the_default_and_another_takes_it_over(seal: Seal) -> None:
    first = await an_account(seal, "first")
    second = await an_account(seal, "second")
    assert (first.is_default, second.is_default) == (True, False)
    await provisioning.set_trunk(tenant="acme", name="second", seal=seal, is_default=True)
    found = {one.name: one.is_default for one in await provisioning.list_trunks(tenant="acme")}
    assert found == {"first": False, "second": True}
    with pytest.raises(InvalidSettings, match="make another trunk the default"):
        await provisioning.set_trunk(tenant="acme", name="second", seal=seal, is_default=False)
    await provisioning.remove_trunk(tenant="acme", name="second")
    assert (await provisioning.get_trunk(tenant="acme", name="first")).is_default


async def test_a_change_keeps_what_is_not_named_and_is_noticed(seal: Seal) -> None:
    before = await an_account(seal, max_channels=10)
    revision = (await provisioning.get_tenant(name="acme")).revision
    after = await provisioning.set_trunk(
        tenant="acme", name="moscow", seal=seal, new_name="Москва", forward_via_same=True
    )
    assert (after.name, after.max_channels, after.forward_via_same) == ("Москва", 10, True)
    assert (after.endpoint, after.password_mark) == (before.endpoint, before.password_mark)
    changed = (await provisioning.get_tenant(name="acme")).revision
    assert changed > revision
    await provisioning.set_trunk(tenant="acme", name="Москва", seal=seal, max_channels=10)
    assert (await provisioning.get_tenant(name="acme")).revision == changed


async def test_a_trunk_that_turns_to_registering_needs_a_password(seal: Seal) -> None:
    await by_address(seal, "192.0.2.1")
    with pytest.raises(InvalidSettings) as refusal:
        await provisioning.set_trunk(
            tenant="acme",
            name="neighbour",
            seal=seal,
            registration="outbound",
            host="sip.carrier.test",
        )
    assert {fault.path for fault in refusal.value.faults} == {"username", "password"}


async def test_a_neighbour_that_asks_for_a_password_keeps_it_until_it_registers(
    seal: Seal,
) -> None:
    await by_address(seal, "192.0.2.1")

    async def change(password: str | None = None, **given: Unpack[TrunkSettings]) -> None:
        await provisioning.set_trunk(
            tenant="acme", name="neighbour", seal=seal, password=password, **given
        )

    await change(SECRET, username="acme")
    await change(max_channels=5)
    told = seal.open(await provisioning.sealed_trunk_password(tenant="acme", name="neighbour"))
    assert told == SECRET
    with pytest.raises(InvalidSettings, match="is needed for a trunk with inbound registration"):
        await change(registration="inbound")


async def test_one_address_is_never_two_trunks_because_a_call_has_one_tenant(seal: Seal) -> None:
    await a_tenant("other")
    await by_address(seal, "192.0.2.0/24")
    with pytest.raises(InvalidSettings, match="another trunk is known by this address"):
        await by_address(seal, "198.51.100.1", "192.0.2.77", tenant="other")
    await by_address(seal, "198.51.100.1", "2001:db8::1", tenant="other")
    with pytest.raises(InvalidSettings, match=r"host '192\.0\.2\.77': another trunk is known"):
        await provisioning.set_trunk(tenant="other", name="neighbour", seal=seal, host="192.0.2.77")


ACCOUNT: TrunkSettings = {"registration": "outbound", "host": "other.test", "username": "x"}
CLAIMS: dict[str, TrunkSettings] = {
    "by address": {"registration": "none", "addresses": ("192.0.2.10",)},
    "by network": {"registration": "none", "addresses": ("192.0.2.0/24",)},
    "host by mapped address": {
        "registration": "none",
        "addresses": ("198.51.100.3",),
        "host": "::ffff:192.0.2.10",
    },
    "host without registration": {
        "registration": "none",
        "addresses": ("198.51.100.1",),
        "host": "192.0.2.10",
    },
    "proxy without registration": {
        "registration": "none",
        "addresses": ("198.51.100.2",),
        "proxy": "192.0.2.10:5060",
    },
    "account with addresses": {**ACCOUNT, "addresses": ("192.0.2.10",)},
    "account at a host": {**ACCOUNT, "host": "192.0.2.10"},
    "account behind a proxy": {**ACCOUNT, "proxy": "192.0.2.10:5060"},
}
REGISTERED = {"account at a host", "account behind a proxy"}


@pytest.mark.parametrize("theirs", CLAIMS)
@pytest.mark.parametrize("ours", CLAIMS)
async def test_a_carriers_address_is_one_trunks_unless_registrations_tell_calls_apart(
    theirs: str, ours: str, seal: Seal
) -> None:
    await a_tenant("other")
    await provisioning.create_trunk(
        tenant="other", name="theirs", seal=seal, password=SECRET, **CLAIMS[theirs]
    )

    async def create(*, is_enabled: bool) -> None:
        await provisioning.create_trunk(
            tenant="acme",
            name="ours" if is_enabled else "off",
            seal=seal,
            password=SECRET,
            **CLAIMS[ours] | {"is_enabled": is_enabled},
        )

    async def enable() -> None:
        await provisioning.set_trunk(tenant="acme", name="off", seal=seal, is_enabled=True)

    await create(is_enabled=False)
    if {ours, theirs} <= REGISTERED:
        await create(is_enabled=True)
        await enable()
        return
    for attempt in (create(is_enabled=True), enable()):
        with pytest.raises(InvalidSettings, match="another trunk is known by this") as refusal:
            await attempt
        assert "theirs" not in str(refusal.value).replace(ours, "")
        assert not re.search(r"\bother\b(?!\.test)", str(refusal.value))


async def test_a_name_without_registration_is_one_trunks(seal: Seal) -> None:
    await a_tenant("other")
    await an_account(seal)
    with pytest.raises(InvalidSettings, match=r"host 'sip\.carrier\.test': another trunk is known"):
        await provisioning.create_trunk(
            tenant="other",
            name="neighbour",
            seal=seal,
            registration="none",
            addresses=("198.51.100.1",),
            host="sip.carrier.test",
        )


async def test_who_registers_here_is_known_by_login_and_may_be_anywhere(seal: Seal) -> None:
    await by_address(seal, "192.0.2.1")

    async def open_office(**given: Unpack[TrunkSettings]) -> None:
        office: TrunkSettings = {"registration": "inbound", "host": "192.0.2.1", **given}
        await provisioning.create_trunk(
            tenant="acme", name="office", seal=seal, password="Str0ng-enough-pass-77", **office
        )

    with pytest.raises(InvalidSettings, match="by its login") as refusal:
        await open_office(addresses=("192.0.2.1",))
    assert {fault.path for fault in refusal.value.faults} == {"addresses"}
    await open_office()


async def test_a_trunk_whose_numbers_are_in_use_stays(seal: Seal) -> None:
    await an_account(seal)
    for number in ("+74951234567", "84951234568"):
        await provisioning.create_number(tenant="acme", number=number, trunk="moscow")
    with pytest.raises(InUse) as refusal:
        await provisioning.remove_trunk(tenant="acme", name="moscow")
    assert refusal.value.users == (
        "number +74951234567 belongs to moscow",
        "number 84951234568 belongs to moscow",
    )


async def test_a_name_is_given_once_in_a_tenant_and_again_in_another(seal: Seal) -> None:
    first = await an_account(seal)
    with pytest.raises(AlreadyExists):
        await an_account(seal)
    same = await provisioning.create_trunk(tenant="acme", name="moscow", seal=seal, if_missing=True)
    assert same == first
    await an_account(seal, "spare")
    with pytest.raises(AlreadyExists):
        await provisioning.set_trunk(tenant="acme", name="spare", seal=seal, new_name="moscow")
    await a_tenant("other")
    with pytest.raises(NotFound, match="Tenant other has no trunk moscow"):
        await provisioning.get_trunk(tenant="other", name="moscow")


async def test_no_password_is_sealed_with_a_second_key(seal: Seal, other_seal: Seal) -> None:
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)
    with pytest.raises(SealError):
        await an_account(other_seal)
    assert await Trunk.all().count() == 0
