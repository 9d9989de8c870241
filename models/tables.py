"""All tables in one place, where Tortoise looks for them; a new table is added here."""

from models.alias import Alias, DirectSip
from models.calendar import Calendar
from models.call_record import CallRecord
from models.delivery import Delivery
from models.device import Device
from models.element import Element
from models.extension import Extension
from models.journal import JournalEntry
from models.location import EmergencyAddress, EmergencyLine, Location
from models.mailbox_pin import MailboxPin
from models.message import Message
from models.outbound_rule import OutboundRule
from models.outside_number import OutsideNumber, PastAssignment
from models.revision import Revision, Snapshot
from models.sound import Sound
from models.switch import Switch
from models.tenant import ChangeCounter, RemovedTenant, Tenant, TenantAlias
from models.tenant_event import NoticeMail, OutsideLock, OutsideUse, TenantEvent
from models.trunk import Trunk
from models.trunk_claim import TrunkClaim

__all__ = [
    "Alias",
    "Calendar",
    "CallRecord",
    "ChangeCounter",
    "Delivery",
    "Device",
    "DirectSip",
    "Element",
    "EmergencyAddress",
    "EmergencyLine",
    "Extension",
    "JournalEntry",
    "Location",
    "MailboxPin",
    "Message",
    "NoticeMail",
    "OutboundRule",
    "OutsideLock",
    "OutsideNumber",
    "OutsideUse",
    "PastAssignment",
    "RemovedTenant",
    "Revision",
    "Snapshot",
    "Sound",
    "Switch",
    "Tenant",
    "TenantAlias",
    "TenantEvent",
    "Trunk",
    "TrunkClaim",
]
