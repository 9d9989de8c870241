"""The servers of a tenant that are asked about a call, as an element sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from stasis_apps.decisions.webhook_reply import Commands, Unusable

HTTP_REQUEST: Final = "http_request"
"""The kind of element that asks servers; theirs may lead calls to every number."""

LEFT_FIRST: Final = "the caller did not wait for it"
"""What the journal says of a request whose caller has hung up meanwhile."""


class Webhooks(Protocol):
    """Asks servers on the internet what is to be done with this call."""

    async def ask(
        self, url: str, *, form: Mapping[str, str], timeout_s: float
    ) -> Commands | Unusable:
        """Send a form by POST and read the answer; the caller hears ringback meanwhile.

        Raises `CallEnded` when the caller has gone. Whatever is wrong with server or answer is a
        value; the journal tells of both.

        Args:
            url: Where to.
            form: What the server is told of the call.
            timeout_s: How long all of it may take, from looking up the name to the last byte.
        """

    def is_target(self, number: str) -> bool:
        """Whether a call can go on there: at a number or alias of ours, or outside."""
