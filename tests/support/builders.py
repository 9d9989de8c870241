"""Tenants and their plans, made with a line where the details do not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.facts import (
    AliasFacts,
    DeviceFacts,
    ElementFacts,
    ExtensionFacts,
    NumberFacts,
    SoundFacts,
    TenantFacts,
    TenantRows,
    TrunkFacts,
)
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan

SOUND_FOLDER = Path("/sounds")

ALICE_AND_BORIS: Mapping[str, Sequence[str]] = {"100": ["100"], "101": ["101", "101-kitchen"]}
"""Alice has one phone, Boris has two."""

NAMES = {"100": "Alice", "101": "Boris"}


def a_tenant(**changes: object) -> TenantFacts:
    """acme, a customer in Moscow."""
    facts: dict[str, object] = {
        "id": 7,
        "name": "acme",
        "domain": "acme.test",
        "domain_aliases": (),
        "timezone": "Europe/Moscow",
        "country": "RU",
        "language": "en",
        "state": "active",
        "revision": 1,
    }
    return TenantFacts(**{**facts, **changes})  # type: ignore[arg-type] # the names are checked


def a_trunk(**changes: object) -> TrunkFacts:
    """moscow, the tenant's line to its carrier."""
    facts: dict[str, object] = {
        "id": 1,
        "name": "moscow",
        "endpoint": "trunk-1a2b3c4d",
        "registration": "outbound",
        "host": "sip.carrier.test",
        "username": "acme",
        "is_default": True,
    }
    return TrunkFacts(**{**facts, **changes})  # type: ignore[arg-type] # the names are checked


def tenant_rows(
    *,
    elements: Mapping[str, Mapping[str, object]] | None = None,
    extensions: Mapping[str, Sequence[str]] = ALICE_AND_BORIS,
    users: Mapping[str, Mapping[str, object]] | None = None,
    sounds: Mapping[str, float] | None = None,
    trunks: Sequence[TrunkFacts] = (),
    numbers: Mapping[str, str] | None = None,
    aliases: Sequence[AliasFacts] = (),
    tenant: TenantFacts | None = None,
    ring_s: int = 20,
) -> TenantRows:
    """The rows of a tenant.

    Args:
        elements: Settings with their ``kind``, by number.
        extensions: The devices of each extension.
        users: The settings of those extensions that have any.
        sounds: The length of each prompt in seconds.
        trunks: Its lines to carriers; numbers belong to the first.
        numbers: Where each outside number leads, by its digits.
        aliases: Names for its numbers.
        tenant: Whose; acme's when None.
        ring_s: How long each extension rings.
    """
    owner = tenant or a_tenant()
    return TenantRows(
        tenant=owner,
        extensions=tuple(
            _extension(number, ring_s, (users or {}).get(number, {})) for number in extensions
        ),
        devices=tuple(
            DeviceFacts(
                name=name, extension=number, endpoint=f"{name}@{owner.domain}", caller_name=None
            )
            for number, names in extensions.items()
            for name in names
        ),
        elements=tuple(_element(number, given) for number, given in (elements or {}).items()),
        sounds=tuple(
            SoundFacts(name=name, duration_s=length_s, source_rate_hz=8000, sha256="", warnings=())
            for name, length_s in (sounds or {"welcome": 3.0}).items()
        ),
        trunks=tuple(trunks),
        numbers=tuple(
            NumberFacts(number=digits, digits=digits, trunk=trunks[0].name, target=target)
            for digits, target in (numbers or {}).items()
        ),
        aliases=tuple(aliases),
    )


def a_plan(**parts: Any) -> NumberPlan:
    """The plan of a tenant; see `tenant_rows` for its parts."""
    return build_plan(tenant_rows(**parts), sound_folder=SOUND_FOLDER)


def _extension(number: str, ring_s: int, settings: Mapping[str, object]) -> ExtensionFacts:
    name = NAMES.get(number, "")
    return ExtensionFacts(number=number, name=name, email=None, ring_s=ring_s, settings=settings)


def _element(number: str, given: Mapping[str, object]) -> ElementFacts:
    settings = {name: value for name, value in given.items() if name != "kind"}
    return ElementFacts(number=number, kind=str(given["kind"]), settings=settings)
