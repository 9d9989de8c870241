"""All tables in one place, where Tortoise looks for them; a new table is added here."""

from models.call_record import CallRecord
from models.device import Device
from models.element import Element
from models.extension import Extension
from models.journal import JournalEntry
from models.sound import Sound
from models.tenant import ChangeCounter, RemovedTenant, Tenant, TenantAlias

__all__ = [
    "CallRecord",
    "ChangeCounter",
    "Device",
    "Element",
    "Extension",
    "JournalEntry",
    "RemovedTenant",
    "Sound",
    "Tenant",
    "TenantAlias",
]
