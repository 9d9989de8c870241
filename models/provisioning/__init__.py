"""Create, change and remove what tenants consist of; the only writer of configuration.

Every function is one transaction that checks everything first and then does all or nothing.
Arguments are keywords; tenants, extensions, devices, elements and sounds are named as people name
them. To do several things in one transaction, put them inside ``async with changing():``.
"""

from models.provisioning.aliases import (
    create_alias,
    get_alias,
    list_aliases,
    remove_alias,
    set_alias,
)
from models.provisioning.calendars import (
    get_calendar,
    list_calendars,
    put_calendar,
    remove_calendar,
)
from models.provisioning.catalogue import ElementCatalogue
from models.provisioning.change import changing
from models.provisioning.devices import create_device, device_setup, remove_device, set_device
from models.provisioning.elements import create_element, remove_element, set_element
from models.provisioning.emergency import (
    list_emergency_addresses,
    remove_emergency_address,
    renew_all_emergency_lines,
    set_emergency_address,
    set_emergency_trunks,
)
from models.provisioning.extensions import create_extension, remove_extension, set_extension
from models.provisioning.locations import (
    create_location,
    get_location,
    list_locations,
    remove_location,
    set_location,
    who_stands_at,
)
from models.provisioning.numbers import (
    create_number,
    get_number,
    list_numbers,
    number_history,
    remove_number,
    set_number,
)
from models.provisioning.outbound import (
    create_rule,
    get_rule,
    list_rules,
    move_rule,
    remove_rule,
    set_rule,
)
from models.provisioning.pins import list_pins, set_pin, set_switch_pin
from models.provisioning.reading import (
    get_device,
    get_element,
    get_extension,
    get_sound,
    get_tenant,
    list_devices,
    list_elements,
    list_extensions,
    list_sounds,
    list_tenants,
    read_plan_rows,
    revisions_after,
)
from models.provisioning.sounds import put_sound, remove_sound, settle_sounds
from models.provisioning.switches import clear_switch, list_switches, set_switch
from models.provisioning.tenants import create_tenant, remove_tenant, set_tenant
from models.provisioning.trunks import (
    TrunkOwner,
    create_trunk,
    get_trunk,
    list_trunks,
    registering_trunks,
    remove_trunk,
    sealed_trunk_password,
    set_trunk,
)
from models.provisioning.warnings import warnings_about

__all__ = [
    "ElementCatalogue",
    "TrunkOwner",
    "changing",
    "clear_switch",
    "create_alias",
    "create_device",
    "create_element",
    "create_extension",
    "create_location",
    "create_number",
    "create_rule",
    "create_tenant",
    "create_trunk",
    "device_setup",
    "get_alias",
    "get_calendar",
    "get_device",
    "get_element",
    "get_extension",
    "get_location",
    "get_number",
    "get_rule",
    "get_sound",
    "get_tenant",
    "get_trunk",
    "list_aliases",
    "list_calendars",
    "list_devices",
    "list_elements",
    "list_emergency_addresses",
    "list_extensions",
    "list_locations",
    "list_numbers",
    "list_pins",
    "list_rules",
    "list_sounds",
    "list_switches",
    "list_tenants",
    "list_trunks",
    "move_rule",
    "number_history",
    "put_calendar",
    "put_sound",
    "read_plan_rows",
    "registering_trunks",
    "remove_alias",
    "remove_calendar",
    "remove_device",
    "remove_element",
    "remove_emergency_address",
    "remove_extension",
    "remove_location",
    "remove_number",
    "remove_rule",
    "remove_sound",
    "remove_tenant",
    "remove_trunk",
    "renew_all_emergency_lines",
    "revisions_after",
    "sealed_trunk_password",
    "set_alias",
    "set_device",
    "set_element",
    "set_emergency_address",
    "set_emergency_trunks",
    "set_extension",
    "set_location",
    "set_number",
    "set_pin",
    "set_rule",
    "set_switch",
    "set_switch_pin",
    "set_tenant",
    "set_trunk",
    "settle_sounds",
    "warnings_about",
    "who_stands_at",
]
