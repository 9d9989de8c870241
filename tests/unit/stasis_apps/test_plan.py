"""A tenant's plan: what it holds, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from models.facts import DeviceFacts, SwitchFacts
from models.feature_codes import feature_codes
from stasis_apps.call import Holiday, Position, SoundName, Target
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.elements.greeting import Greeting
from stasis_apps.elements.user import User
from stasis_apps.outside import Outside
from stasis_apps.plan import LONGEST_BUILT_IN_SOUND_S, LedBy
from stasis_apps.planning import build_plan
from tests.support.builders import SOUND_FOLDER, a_plan, a_tenant, tenant_rows


def test_every_person_can_be_called_on_all_their_phones() -> None:
    plan = a_plan(ring_s=33)

    planned = plan.behind(Target("101"))

    assert planned is not None
    assert planned.element == User(
        number="101",
        devices=("101-kitchen@acme.test", "101@acme.test"),  # type: ignore[arg-type] # endpoints
        ring_s=33,
    )
    assert plan.extensions == ("100", "101")


def test_an_element_stands_behind_its_number_with_its_settings() -> None:
    keys = {"1": "100"}
    plan = a_plan(elements={"5000": {"kind": "greeting", "sound": "welcome", "keys": keys}})

    planned = plan.behind(Target("5000"))

    assert planned is not None
    assert planned.kind == "greeting"
    assert isinstance(planned.element, Greeting)
    assert planned.element.keys == keys


def test_nothing_stands_behind_a_number_nobody_has() -> None:
    assert a_plan().behind(Target("4711")) is None


@pytest.mark.parametrize(
    ("element", "message"),
    [
        ({"kind": "telepathy"}, "unknown kind telepathy"),
        ({"kind": "greeting"}, "sound: is required"),
        ({"kind": "play", "sound": 7}, "sound 7: must be of type string"),
        ({"kind": "play", "sound": "welcome", "volume": 11}, "volume 11: is no setting"),
    ],
)
def test_what_cannot_be_run_is_left_out_and_listed_and_the_rest_works(
    element: dict[str, object], message: str
) -> None:
    plan = a_plan(elements={"5000": element, "5001": {"kind": "hang_up"}})

    assert plan.behind(Target("5000")) is None
    assert plan.behind(Target("5001")) is not None
    (fault,) = plan.faults
    assert fault.number == "5000"
    assert message in fault.message


def test_the_tenants_own_prompts_lie_in_its_folder() -> None:
    sound = a_plan(sounds={"welcome": 3.5}).sound(SoundName("welcome"))

    assert sound is not None
    assert sound.media == f"sound:{SOUND_FOLDER}/acme/welcome"
    assert sound.duration_s == 3.5


def test_prompts_of_asterisk_need_no_upload() -> None:
    sound = a_plan().sound(SoundName("asterisk:pbx-invalid"))

    assert sound is not None
    assert sound.media == "sound:pbx-invalid"
    assert sound.duration_s == LONGEST_BUILT_IN_SOUND_S


def test_a_prompt_nobody_uploaded_is_not_there() -> None:
    assert a_plan().sound(SoundName("nothing")) is None


def test_others_see_the_persons_name_unless_the_phone_has_its_own() -> None:
    rows = tenant_rows()
    named = DeviceFacts(
        name="100-lab", extension="100", endpoint="100-lab@acme.test", caller_name="Laboratory"
    )
    plan = build_plan(replace(rows, devices=(*rows.devices, named)), sound_folder=SOUND_FOLDER)

    assert plan.devices["100@acme.test"].caller_name == "Alice"
    assert plan.devices["100-lab@acme.test"].caller_name == "Laboratory"


def test_it_is_known_what_asks_for_a_pin_but_not_which() -> None:
    rows = replace(tenant_rows(), pins={"5301": "scrypt$c2FsdA==$aGFzaA=="})

    assert build_plan(rows, sound_folder=SOUND_FOLDER).pins == {"5301"}


def test_the_tenant_lives_in_its_own_time_zone() -> None:
    assert str(a_plan(tenant=a_tenant(timezone="Asia/Tokyo")).tenant.timezone) == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("moscow_time", "thrown", "in_effect"),
    [
        ("2026-11-23T12:00", None, Position.OPEN),
        ("2026-11-23T21:00", None, Position.CLOSED),
        ("2026-11-24T12:00", None, Position.CLOSED),
        ("2026-11-23T21:00", Position.OPEN, Position.OPEN),
        ("2026-11-23T12:00", Position.CLOSED, Position.CLOSED),
    ],
)
def test_an_office_is_open_by_its_hours_until_somebody_throws_its_switch(
    moscow_time: str, thrown: Position | None, in_effect: Position
) -> None:
    hours = [{"days": "mon-fri", "from": "09:00", "to": "18:00"}]
    office = {"kind": "time_rule", "windows": hours, "holidays": "russia"}
    plan = a_plan(elements={"5300": office})
    at = datetime.fromisoformat(moscow_time).replace(tzinfo=plan.tenant.timezone)
    a_day_off = Holiday(first=date(2026, 11, 24), last=date(2026, 11, 24), name="Day off")
    switch = None
    if thrown:
        switch = SwitchFacts(number="5300", position=thrown, until_at=None, set_by="100", set_at=at)

    plan = replace(
        plan, calendars={"russia": (a_day_off,)}, switches={"5300": switch} if switch else {}
    )

    assert plan.position_in_effect("5300", at) is in_effect


@pytest.mark.parametrize("position", Position)
def test_a_switch_stands_as_it_was_made_until_somebody_throws_it(position: Position) -> None:
    plan = a_plan(elements={"5310": {"kind": "switch", "position": position.value}})

    assert plan.position_in_effect("5310", datetime.now(plan.tenant.timezone)) is position


def test_phones_can_dial_the_codes_of_the_country() -> None:
    assert a_plan().codes == feature_codes("RU")
    assert a_plan(tenant=a_tenant(country="IL")).codes == feature_codes("IL")


@pytest.mark.parametrize("target", ["112", "103", "*66", "*67+79161234567", "0", "8 916 123 45 67"])
def test_no_element_leads_to_what_only_a_phone_can_dial(target: str) -> None:
    by_element = LedBy(acting="5000")
    by_phone = LedBy(acting="100", purpose=Purpose.DIALLED, is_dialling=True)

    assert a_plan().at(Target(target), led_by=by_element) is None
    assert a_plan().at(Target(target), led_by=by_phone) is not None


def test_an_element_that_leads_outside_acts_for_itself() -> None:
    found = a_plan().at(Target("+79161234567"), led_by=LedBy(acting="5000"))

    assert found is not None
    assert found.element == Outside(number="+79161234567", acting="5000", purpose=Purpose.LED)
