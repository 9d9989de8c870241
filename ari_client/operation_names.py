"""What a request asks for, without whom it is about: ``POST /channels/{}/play``."""

from __future__ import annotations

from ari_client.generated.words import WORDS


def operation_of(method: str, path: str) -> str:
    """The operation of a request, of which there are as many as Asterisk's interface has.

    Args:
        method: HTTP method.
        path: Path below the base URL.
    """
    segments = (part if part in WORDS else "{}" for part in path.strip("/").split("/"))
    return f"{method} /{'/'.join(segments)}"
