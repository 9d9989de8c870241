"""What a customer in a test needs of the exchange, however that was started."""

from collections.abc import Mapping
from typing import Protocol

from typing_extensions import TypeVar

from tests.support.exchange import Exchange
from tests.support.waiting import COMES_S


class AnyExchange(Protocol):
    """A running exchange: on this machine, or in containers."""

    host: str
    sip_port: int

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings it runs by."""

    async def pbx(self, *arguments: str, typed: str | None = None) -> bytes:
        """Run a command of the operator and give what it printed as JSON."""

    def pbx_now(self, *arguments: str, typed: str | None = None) -> bytes:
        """The same for fixtures, which do not run in a loop."""

    def wait_for_plan(self, tenant: str, revision: int, *, within_s: float = COMES_S) -> None:
        """Wait until the application says that it has read this revision of a tenant's plan."""

    def wait_for_trunk(self, endpoint: str, *, within_s: float = COMES_S) -> None:
        """Wait until the application says that it has told Asterisk of a new trunk."""

    async def nothing_left(self, within_s: float = COMES_S) -> None:
        """Wait until no channel and no call is left."""


Running = TypeVar("Running", bound=AnyExchange, default=Exchange)
"""The exchange that a customer is on; one on this machine where nothing else is said."""
