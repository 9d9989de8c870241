"""Create, change and remove what tenants consist of; the only writer of configuration.

Every function is one transaction that checks everything first and then does all or nothing.
Arguments are keywords; tenants, extensions, devices, elements and sounds are named as people name
them. To do several things in one transaction, put them inside ``async with changing():``.
"""

from models.provisioning.catalogue import ElementCatalogue
from models.provisioning.change import changing
from models.provisioning.devices import create_device, device_setup, remove_device, set_device
from models.provisioning.elements import create_element, remove_element, set_element
from models.provisioning.extensions import create_extension, remove_extension, set_extension
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
from models.provisioning.sounds import put_sound, remove_sound
from models.provisioning.tenants import create_tenant, remove_tenant, set_tenant

__all__ = [
    "ElementCatalogue",
    "changing",
    "create_device",
    "create_element",
    "create_extension",
    "create_tenant",
    "device_setup",
    "get_device",
    "get_element",
    "get_extension",
    "get_sound",
    "get_tenant",
    "list_devices",
    "list_elements",
    "list_extensions",
    "list_sounds",
    "list_tenants",
    "put_sound",
    "read_plan_rows",
    "remove_device",
    "remove_element",
    "remove_extension",
    "remove_sound",
    "remove_tenant",
    "revisions_after",
    "set_device",
    "set_element",
    "set_extension",
    "set_tenant",
]
