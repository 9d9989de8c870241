"""The trunk that tests put into an Asterisk."""

from dataclasses import replace

from models.facts import TrunkFacts
from stasis_apps.services.trunk_lines import TrunkLine
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.support.waiting import until_told

MOSCOW = "trunk-1a2b3c4d"
PASSWORD = "the carrier's secret"


def moscow(carrier: Carrier, **changed: object) -> TrunkLine:
    facts = TrunkFacts(
        id=1,
        name="moscow",
        endpoint=MOSCOW,
        registration="outbound",
        host="127.0.0.1",
        port=carrier.port,
        username="74951234567",
        qualify_s=1,
        password_mark="first",
    )
    return TrunkLine(facts=replace(facts, **changed), password=PASSWORD, tenant_id=1)  # type: ignore[arg-type]  # fields by name


async def has_heard_of_it(running: Exchange) -> None:
    """Wait until Asterisk knows that the carrier has registered it: only then it signs off."""

    async def is_registered() -> bool:
        return "Registered" in await running.process.console("pjsip show registrations")

    await until_told(is_registered, saying="Asterisk is registered")
