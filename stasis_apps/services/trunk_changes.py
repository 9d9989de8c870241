"""What of a trunk changes inside Asterisk: which objects are told, which have to go first; pure.

Asterisk (22.10) puts what it is told over the object that it holds, and exchanges the two in one
step: a call that comes meanwhile finds the old one or the new one. To lists it would only add: the
contacts of an ``aor``, the senders of an ``identify``. A registration begins anew when it is made
anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from stasis_apps.services.trunk_objects import TAG, DynamicObject, all_keys, identify_keys

Held: TypeAlias = Mapping[tuple[str, str], DynamicObject]

TOLD_OVER: Final = frozenset({"auth", "endpoint"})
"""Each field of these is told each time, so that nothing is left of what was there."""


def changed(held: Held, objects: Sequence[DynamicObject]) -> list[DynamicObject]:
    """What is not there as it should be; with a new password the registration begins anew."""
    new = {one.key for one in objects if held.get(one.key) != one}
    has_new_login = any(kind == "auth" for kind, _ in new)
    return [
        one
        for one in objects
        if one.key in new or (has_new_login and one.object_type == "registration")
    ]


def going(
    held: Held, objects: Sequence[DynamicObject], *, strange: str = ""
) -> set[tuple[str, str]]:
    """What is taken away, for good or to be made anew.

    Args:
        held: What Asterisk holds, as far as we know.
        objects: What it is to hold.
        strange: The trunk when an earlier application may have made more than what is in ``held``.
    """
    unwanted = (held.keys() | (all_keys(strange) if strange else set())) - {
        one.key for one in objects
    }
    return unwanted | {one.key for one in changed(held, objects) if not _is_told_over(held, one)}


def in_its_place(held: Held, one: DynamicObject) -> DynamicObject:
    """The senders where they are already, or in the place that is free; the rest as it is."""
    if one.object_type != "identify":
        return one
    keys = identify_keys(one.id)
    is_there = (key for key in keys if key in held and held[key].fields == one.fields)
    is_free = (key for key in keys if key not in held)
    _, id_ = next(is_there, None) or next(is_free, keys[0])
    return replace(one, id=id_)


def untagged(one: DynamicObject) -> DynamicObject:
    """An endpoint that another process is not to take for a complete trunk."""
    if one.object_type != "endpoint":
        return one
    return replace(one, fields={**one.fields, TAG: ""})


def _is_told_over(held: Held, one: DynamicObject) -> bool:
    there = held.get(one.key)
    if one.object_type == "aor" and there is not None:
        return there.fields.get("contact") == one.fields.get("contact")
    return one.object_type in TOLD_OVER
