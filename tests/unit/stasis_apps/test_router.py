"""Where a new channel belongs."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from ari_client import events, models
from models import provisioning
from models.seal import Seal
from stasis_apps.decisions.ending import Reason
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import Entry, Stray, endpoint_of, route


@pytest.fixture
async def plans(database: str, tmp_path: Path) -> PlanStore:
    """acme and other, each with an extension 100."""
    for name in ("acme", "other"):
        await provisioning.create_tenant(name=name, domain=f"{name}.test", country="RU")
        await provisioning.create_extension(
            tenant=name, number="100", name=f"Alice of {name}", seal=Seal(tmp_path / "key")
        )
    store = PlanStore(tmp_path)
    await store.refresh()
    return store


def a_channel(plans: PlanStore, *, tenant: str = "acme", name: str = "") -> models.Channel:
    plan = plans.plan_named(tenant)
    return models.Channel(
        id="pbx-1700000000.7",
        name=name or f"PJSIP/100@{tenant}.test-0000002a",
        state="Ring",
        tenantid=str(plan.tenant.id) if plan else "12345",
        dialplan=models.DialplanCEP(
            context="phones", exten="101", priority=1, app_name="Stasis", app_data="pbx,phone"
        ),
    )


def started(channel: models.Channel, *args: str) -> events.StasisStart:
    return events.StasisStart(channel=channel, args=args)


async def test_a_phone_enters_its_own_tenants_plan_at_the_number_it_dialled(
    plans: PlanStore,
) -> None:
    entry = route(started(a_channel(plans, tenant="other"), "phone"), plans)

    assert isinstance(entry, Entry)
    assert entry.plan.tenant.name == "other"
    assert entry.target == "101"
    assert entry.refusal is None
    assert entry.facts.call_id == "pbx-1700000000.7"
    assert (entry.facts.caller.number, entry.facts.caller.name) == ("100", "Alice of other")


async def test_a_phone_cannot_pass_for_another_tenants(plans: PlanStore) -> None:
    channel = a_channel(plans, tenant="acme", name="PJSIP/100@other.test-00000001")

    assert isinstance(route(started(channel, "phone"), plans), Stray)


@pytest.mark.parametrize("tenant_id", ["", "0", "99999", "acme", "-1", "1; DROP TABLE"])
async def test_a_channel_without_a_known_tenant_is_nobodys_call(
    plans: PlanStore, tenant_id: str
) -> None:
    channel = structs.replace(a_channel(plans), tenantid=tenant_id)

    assert isinstance(route(started(channel, "phone"), plans), Stray)


@pytest.mark.parametrize("args", [("leg", "pbx-1700000000.7"), ("trunk",), ()])
async def test_a_leg_or_an_unknown_way_in_is_nobodys_call(
    plans: PlanStore, args: tuple[str, ...]
) -> None:
    assert isinstance(route(started(a_channel(plans), *args), plans), Stray)


async def test_a_blocked_tenants_phone_is_refused(plans: PlanStore) -> None:
    await provisioning.set_tenant(name="acme", state="blocked")
    await plans.refresh()

    entry = route(started(a_channel(plans), "phone"), plans)

    assert isinstance(entry, Entry)
    assert entry.refusal is Reason.BLOCKED


@pytest.mark.parametrize(
    ("channel_name", "endpoint"),
    [
        ("PJSIP/100@acme.test-0000002a", "100@acme.test"),
        ("PJSIP/100-kitchen@acme.test-0000002a", "100-kitchen@acme.test"),
        ("PJSIP/100@my-company.test-1", "100@my-company.test"),
        ("Surprise", ""),
    ],
)
def test_the_device_is_read_from_the_channels_name(channel_name: str, endpoint: str) -> None:
    assert endpoint_of(channel_name) == endpoint
