"""Where Asterisk is and who we are there. Values only: nothing here reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field

from ari_client.generated.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AriSettings:
    """How to reach one Asterisk.

    Attributes:
        base_url: Address of its REST interface, up to and with `/ari`.
        username: User in ari.conf.
        password: Never logged, never in a URL.
        app: Name of the Stasis application.
        event_types: The events wanted, told to Asterisk after every connect; None for all.
        pool_size: Most requests on their way at once, 1..; more wait their turn.
        request_timeout_s: Longest wait for the answer to one request, queueing included.
    """

    base_url: str = "http://127.0.0.1:8088/ari"
    username: str
    password: str = field(repr=False)
    app: str = "pbx"
    event_types: frozenset[type[Event]] | None = None
    pool_size: int = 24
    request_timeout_s: float = 10.0
