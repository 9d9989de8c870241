"""Tenants and their plans, made with a line where the details do not matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models.facts import (
    DeviceFacts,
    ElementFacts,
    ExtensionFacts,
    SoundFacts,
    TenantFacts,
    TenantRows,
)
from stasis_apps.plan import NumberPlan, build_plan

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


def tenant_rows(
    *,
    elements: Mapping[str, Mapping[str, object]] | None = None,
    extensions: Mapping[str, Sequence[str]] = ALICE_AND_BORIS,
    sounds: Mapping[str, float] | None = None,
    tenant: TenantFacts | None = None,
    ring_s: int = 20,
) -> TenantRows:
    """The rows of a tenant.

    Args:
        elements: Settings with their ``kind``, by number.
        extensions: The devices of each extension.
        sounds: The length of each prompt in seconds.
        tenant: Whose; acme's when None.
        ring_s: How long each extension rings.
    """
    owner = tenant or a_tenant()
    return TenantRows(
        tenant=owner,
        extensions=tuple(
            ExtensionFacts(number=number, name=NAMES.get(number, ""), email=None, ring_s=ring_s)
            for number in extensions
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
    )


def a_plan(
    *,
    elements: Mapping[str, Mapping[str, object]] | None = None,
    extensions: Mapping[str, Sequence[str]] = ALICE_AND_BORIS,
    sounds: Mapping[str, float] | None = None,
    tenant: TenantFacts | None = None,
    ring_s: int = 20,
) -> NumberPlan:
    """The plan of a tenant; see `tenant_rows`."""
    rows = tenant_rows(
        elements=elements, extensions=extensions, sounds=sounds, tenant=tenant, ring_s=ring_s
    )
    return build_plan(rows, sound_folder=SOUND_FOLDER)


def _element(number: str, given: Mapping[str, object]) -> ElementFacts:
    settings = {name: value for name, value in given.items() if name != "kind"}
    return ElementFacts(number=number, kind=str(given["kind"]), settings=settings)
