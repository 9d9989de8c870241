"""What Asterisk reads: the right rows, every value a text, every look-up by an index."""

import re
from datetime import UTC, date, datetime

import pytest
from tortoise.context import require_context

from models import outside_use, provisioning
from models.digests import digests_of
from models.outside_use import DayTalked
from models.seal import Seal
from tests.contract.models.test_tables import explain
from tests.unit.models.builders import a_tenant

VIEWS = (
    "ps_endpoints",
    "ps_auths",
    "ps_aors",
    "ps_domain_aliases",
    "pbx_dial_fallback",
    "pbx_direct_sip",
    "pbx_outside_lock",
    "pbx_emergency_line",
    "pbx_emergency_caller",
)
LARGE_TABLES = ("device", "extension", "tenant", "tenant_alias", "outside_use")


@pytest.fixture(autouse=True)
async def two_tenants(database: str, seal: Seal) -> None:
    await a_tenant("acme", domain_aliases=["192.0.2.10"])
    await a_tenant("other")
    for tenant in ("acme", "other"):
        await provisioning.create_extension(
            tenant=tenant, number="100", name='A "quoted"; name', seal=seal
        )
    await provisioning.create_device(tenant="acme", name="100-kitchen", extension="100", seal=seal)


async def look_up(view: str, row_id: str) -> list[dict[str, str]]:
    """Ask as Asterisk asks."""
    connection = require_context().db()
    rows = await connection.execute_query_dict(
        f"SELECT * FROM {view} WHERE id = '{row_id}' LIMIT 1"  # noqa: S608 - as Asterisk does
    )
    return [dict(row) for row in rows]


async def all_of(view: str) -> list[dict[str, str]]:
    connection = require_context().db()
    rows = await connection.execute_query_dict(
        f"SELECT * FROM {view} WHERE id LIKE '%' ORDER BY id"  # noqa: S608 - as Asterisk does
    )
    return [dict(row) for row in rows]


async def test_a_phone_is_an_endpoint_of_its_own_tenant() -> None:
    (endpoint,) = await look_up("ps_endpoints", "100-kitchen@acme.test")
    acme = await provisioning.get_tenant(name="acme")
    assert endpoint["tenantid"] == str(acme.id)
    assert endpoint["aors"] == endpoint["auth"] == "100-kitchen@acme.test"
    assert endpoint["context"] == "phones"
    assert endpoint["callerid"] == "<100>"
    assert endpoint["from_domain"] == "acme.test"
    assert endpoint["identify_by"] == "username"


async def test_phones_of_the_same_number_in_two_tenants_are_two_endpoints() -> None:
    ids = [row["id"] for row in await all_of("ps_endpoints")]
    assert sorted(ids) == [
        "100-kitchen@acme.test",
        "100@acme.test",
        "100@other.test",
        "anonymous@acme.test",
        "anonymous@other.test",
    ]


@pytest.mark.parametrize(
    ("encryption", "told"),
    [("off", ("no", "no")), ("optional", ("sdes", "yes")), ("required", ("sdes", "no"))],
)
async def test_asterisk_encrypts_the_sound_of_a_phone_as_its_setting_says(
    seal: Seal, encryption: str, told: tuple[str, str]
) -> None:
    await provisioning.set_device(
        tenant="acme", name="100-kitchen", seal=seal, encryption=encryption
    )

    (phone,) = await look_up("ps_endpoints", "100-kitchen@acme.test")
    assert (phone["media_encryption"], phone["media_encryption_optimistic"]) == told
    (other,) = await look_up("ps_endpoints", "100@acme.test")
    assert other["media_encryption"] == "no"


async def test_a_stranger_is_challenged_like_a_phone_and_can_do_nothing() -> None:
    (stranger,) = await look_up("ps_endpoints", "anonymous@acme.test")
    (phone,) = await look_up("ps_endpoints", "100@acme.test")
    own = {"id", "aors", "auth", "context", "tenantid", "callerid", "identify_by"}
    assert {name for name in phone if phone[name] != stranger[name]} == own
    assert (stranger["context"], stranger["aors"], stranger["tenantid"]) == ("nobody", "", "")
    first, second = [(await look_up("ps_auths", "anonymous@acme.test"))[0] for _ in range(2)]
    assert re.fullmatch(r"MD5:[0-9a-f]{32}", first["password_digest"])
    assert first["password_digest"] != second["password_digest"]
    assert first["realm"] == "acme.test"
    assert await look_up("ps_aors", "anonymous@acme.test") == []


async def test_asterisk_gets_the_digest_that_the_phone_will_answer_with(seal: Seal) -> None:
    made = await provisioning.set_device(
        tenant="acme", name="100-kitchen", seal=seal, new_password=True
    )
    assert made.password is not None
    wanted = digests_of(username="100-kitchen", realm="acme.test", password=made.password)
    (auth,) = await look_up("ps_auths", "100-kitchen@acme.test")
    assert auth == {
        "id": "100-kitchen@acme.test",
        "auth_type": "digest",
        "username": "100-kitchen",
        "realm": "acme.test",
        "password_digest": f"MD5:{wanted.md5}",
        "supported_algorithms_uas": "MD5",
    }


async def test_asterisk_may_ask_for_places_with_a_contact_of_their_own() -> None:
    (place,) = await look_up("ps_aors", "100@acme.test")
    assert place["contact"] == ""  # it looks for others than this at `pjsip show contacts`


async def test_phones_of_a_blocked_tenant_still_register() -> None:
    await provisioning.set_tenant(name="acme", state="blocked")
    for view in ("ps_endpoints", "ps_auths", "ps_aors"):
        assert len(await look_up(view, "100@acme.test")) == 1


async def test_an_alias_leads_to_the_domain() -> None:
    assert await all_of("ps_domain_aliases") == [{"id": "192.0.2.10", "domain": "acme.test"}]


async def test_all_phones_of_an_extension_ring_while_the_application_is_away() -> None:
    (row,) = await look_up("pbx_dial_fallback", "100@acme.test")
    assert sorted(row["devices"].split("&")) == [
        "PJSIP/100-kitchen@acme.test",
        "PJSIP/100@acme.test",
    ]
    await provisioning.remove_device(tenant="other", name="100")
    assert await look_up("pbx_dial_fallback", "100@other.test") == [
        {"id": "100@other.test", "devices": ""}
    ]


async def test_nobody_rings_for_a_blocked_tenant_while_the_application_is_away() -> None:
    await provisioning.set_tenant(name="acme", state="blocked")
    assert await look_up("pbx_dial_fallback", "100@acme.test") == []
    assert len(await look_up("pbx_dial_fallback", "100@other.test")) == 1

    await provisioning.set_tenant(name="acme", state="active")
    assert len(await look_up("pbx_dial_fallback", "100@acme.test")) == 1


async def open_to_strangers(*, is_open: bool = True) -> None:
    """Let anybody call sip:info@acme.test, or nobody any more."""
    await provisioning.create_alias(tenant="acme", name="info", target="100", if_missing=True)
    await provisioning.set_alias(tenant="acme", name="info", allows_direct_sip=is_open)


async def test_strangers_are_nobody_until_somebody_opts_in() -> None:
    assert await look_up("ps_endpoints", "anonymous") == []
    await open_to_strangers()
    (stranger,) = await look_up("ps_endpoints", "anonymous")
    (phone,) = await look_up("ps_endpoints", "100@acme.test")
    own = {"id", "aors", "auth", "context", "tenantid", "callerid", "from_domain"}
    assert {name for name in phone if phone[name] != stranger[name]} == {*own, "identify_by"}
    assert stranger["context"] == "strangers"
    assert stranger["identify_by"] == "ip"  # never by a hidden caller's "anonymous"
    assert {stranger[name] for name in own - {"id", "context"}} == {""}
    for view in ("ps_auths", "ps_aors"):
        assert await look_up(view, "anonymous") == []
    await open_to_strangers(is_open=False)
    assert await look_up("ps_endpoints", "anonymous") == []


async def test_a_stranger_finds_those_who_opted_in_at_every_domain_and_nobody_else() -> None:
    await open_to_strangers()
    acme = await provisioning.get_tenant(name="acme")
    assert await all_of("pbx_direct_sip") == [
        {"id": f"info@{domain}", "tenantid": str(acme.id)} for domain in ("192.0.2.10", "acme.test")
    ]
    assert await look_up("pbx_direct_sip", "100@acme.test") == []


async def test_a_blocked_tenant_is_closed_to_strangers() -> None:
    await open_to_strangers()
    await provisioning.set_tenant(name="acme", state="blocked")
    assert await all_of("pbx_direct_sip") == []
    assert await look_up("ps_endpoints", "anonymous") == []


@pytest.mark.parametrize("view", VIEWS)
async def test_every_value_is_a_text_that_asterisk_does_not_cut(view: str) -> None:
    await open_to_strangers()
    for row in await all_of(view):
        for value in row.values():
            assert isinstance(value, str)
            assert ";" not in value
            assert "^" not in value


@pytest.mark.parametrize("view", VIEWS)
async def test_one_row_is_found_without_reading_the_others(view: str) -> None:
    plan = await explain(f"SELECT * FROM {view} WHERE id = '100@acme.test' LIMIT 1")  # noqa: S608 - as Asterisk does
    # ps_endpoints asks whether direct_sip has any row, and stops at the first.
    tables = LARGE_TABLES if view == "ps_endpoints" else (*LARGE_TABLES, "direct_sip")
    scanned = rf"(?:SCAN|Seq Scan on) (?:{'|'.join(tables)})\b"
    assert not re.search(scanned, plan), plan
    assert "SEARCH" in plan or "Index" in plan


async def test_what_legs_outside_are_held_to_is_found_by_the_domain() -> None:
    assert await held_to("acme.test") == ("active,UTC,5,5,7,-,7,home,0,0,none,2,2400,-,0")
    await provisioning.set_tenant(
        name="acme",
        state="trial",
        timezone="Asia/Omsk",
        outside={"max_calls": 3, "countries": ("DE",), "classes": ("premium",)},
    )
    assert await held_to("acme.test") == "trial,Asia/Omsk,3,5,7,-,7,home,0,0,none,2,2400,-,0"
    await provisioning.set_tenant(
        name="acme",
        state="active",
        outside={"night_hours": "22:00-07:00", "night_reach": "home", "forward_reach": "none"},
    )
    assert await held_to("acme.test") == (
        "active,Asia/Omsk,3,5,49|7|979,premium,7,none,2200,0700,home,2,2400,-,0"
    )


async def test_what_was_talked_on_the_latest_day_goes_with_it() -> None:
    acme = await provisioning.get_tenant(name="acme")
    await outside_use.write(
        [
            DayTalked(
                tenant_id=acme.id,
                day=date(2026, 3, day),
                talked_s=60 * day,
                until_at=datetime(2026, 3, day, 12, tzinfo=UTC),
            )
            for day in (1, 3, 2)
        ]
    )

    assert (await held_to("acme.test")).endswith(",2026-03-03,180")
    assert (await held_to("other.test")).endswith(",-,0")


async def held_to(domain: str) -> str:
    (row,) = await look_up("pbx_outside_lock", domain)
    assert row["id"] == domain
    return row["limits"]
