"""What the exchange tells those who watch over it, read as they read it."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from tests.support.exchange import Exchange

LONGEST_ANSWER_S = 20.0
"""Who lives answers in the end, on a busy machine too; who hangs does not."""

_SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
}


@dataclass(frozen=True, slots=True)
class Scrape:
    """All figures of one moment: their names, and each value with its labels."""

    names: frozenset[str]
    values: tuple[tuple[str, Mapping[str, str], float], ...]

    def sum_of(self, name: str, **labels: str) -> float:
        """The sum of all values of this name that have these labels."""
        assert name in self.names, f"{name} is not among {sorted(self.names)}"
        wanted = labels.items()
        return sum(
            value for told, has, value in self.values if told == name and wanted <= has.items()
        )

    def has_values(self, name: str) -> bool:
        """Whether there is any value of this name yet."""
        return any(told == name for told, _, _ in self.values)

    def labels_of(self, name: str) -> Mapping[str, frozenset[str]]:
        """The labels that values of this name have, and what each says."""
        said: dict[str, set[str]] = {}
        for told, has, _ in self.values:
            for label, value in has.items() if told == name else ():
                said.setdefault(label, set()).add(value)
        return {label: frozenset(values) for label, values in said.items()}


class PartTold(msgspec.Struct):
    """One part of the exchange, as it is told."""

    well: bool
    needed: bool
    says: str


class Readiness(msgspec.Struct):
    """Whether calls are taken, and the parts."""

    ready: bool
    parts: dict[str, PartTold]
    status: int = 0

    @property
    def unwell(self) -> set[str]:
        """The parts that are not as they should be."""
        return {name for name, part in self.parts.items() if not part.well}


async def scrape(exchange: Exchange) -> Scrape:
    """Take all figures."""
    status, text = await _get(exchange, "/metrics")
    assert status == 200
    return read_scrape(text)


async def is_alive(exchange: Exchange, *, within_s: float = LONGEST_ANSWER_S) -> bool:
    """Whether the application answers at all."""
    try:
        return (await _get(exchange, "/healthz", within_s=within_s))[0] == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def readiness(exchange: Exchange) -> Readiness:
    """Ask whether calls are taken."""
    status, text = await _get(exchange, "/readyz")
    told = msgspec.json.decode(text, type=Readiness)
    told.status = status
    return told


def read_scrape(text: str) -> Scrape:
    """Read figures in Prometheus' words."""
    families = list(text_string_to_metric_families(text))
    names = frozenset(
        family.name + suffix for family in families for suffix in _SUFFIXES.get(family.type, ("",))
    )
    samples = [sample for family in families for sample in family.samples]
    return Scrape(names, tuple((one.name, one.labels, one.value) for one in samples))


async def _get(
    exchange: Exchange, path: str, *, within_s: float = LONGEST_ANSWER_S
) -> tuple[int, str]:
    timeout = aiohttp.ClientTimeout(total=within_s)
    url = f"http://{exchange.host}:{exchange.health_port}{path}"
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
        return answer.status, await answer.text()
