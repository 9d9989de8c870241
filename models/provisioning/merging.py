"""How a change of settings meets the settings that are there; pure."""

from collections.abc import Mapping


def merged(settings: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Merge changes into settings as RFC 7396 says: mappings level by level, null removes."""
    result = dict(settings)
    for name, change in changes.items():
        if change is None:
            result.pop(name, None)
        elif isinstance(change, Mapping):
            there = result.get(name)
            result[name] = merged(there if isinstance(there, Mapping) else {}, change)
        else:
            result[name] = change
    return result
