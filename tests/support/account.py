"""What a telephone knows about its place in the world."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a person types into a telephone, and where the exchange is."""

    user: str
    password: str
    domain: str
    host: str
    port: int
    transport: str = "udp"

    @property
    def address(self) -> str:
        """The telephone's own SIP address."""
        return f"{self.user}@{self.domain}"
