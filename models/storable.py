"""Text from strangers, made fit for every database: no NUL, no broken characters; pure."""

from collections.abc import Mapping

_NUL = "\x00"
_INSTEAD = "\ufffd"


def is_storable(value: object) -> bool:
    """Can both databases keep it? PostgreSQL refuses NUL, both refuse halves of characters."""
    match value:
        case str():
            return clean(value) == value
        case Mapping():
            return all(is_storable(key) and is_storable(item) for key, item in value.items())
        case list() | tuple():
            return all(is_storable(item) for item in value)
        case _:
            return True


def clean(text: str) -> str:
    """Put a replacement character in the place of what cannot be stored."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace(_NUL, _INSTEAD)


def cut(text: str, length: int) -> str:
    """Make text fit a column: a phone may send a caller's number of any length."""
    return clean(text)[:length]


def clean_json(value: object) -> object:
    """Make a JSON value storable, at every depth."""
    match value:
        case str():
            return clean(value)
        case Mapping():
            return {clean(str(key)): clean_json(item) for key, item in value.items()}
        case list() | tuple():
            return [clean_json(item) for item in value]
        case _:
            return value
