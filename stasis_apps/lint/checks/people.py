"""People and groups who cannot be reached as whoever set them up may believe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from anyascii import anyascii

from models.emergency_rules import listed
from models.facts import DeviceFacts
from models.provisioning.warnings import shows_too_much
from stasis_apps.decisions.forwarding import RingThere, When, own_ring_s, steps
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.menu import may_dial
from stasis_apps.elements.greeting import Greeting
from stasis_apps.elements.group import Group
from stasis_apps.elements.user import User, rules_of
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

USER_WITHOUT_PHONE = Code(
    code="user-without-phone",
    title="people without phone, rule, voicemail or exit",
    why="Whoever calls them hears at once that nobody can be reached.",
    mend="Give them a device, a rule or voicemail.",
)
NAME_NOT_SHOWN = Code(
    code="name-not-shown",
    title="names in letters that many phones cannot show",
    why="The phone that rings shows gaps or signs instead of the caller's name.",
    mend="Let caller_name of the device be the name in Latin letters.",
)
GROUP_OF_ONE = Code(
    code="group-of-one",
    title="groups with a single member",
    why="It works; often members were forgotten. A person's own rules do not run in a group.",
    mend="Add the others, or lead calls to the person directly.",
)
RINGS_TOO_LONG = Code(
    code="rings-too-long",
    title="phones that ring for longer than carriers wait",
    why="Carriers end a call that nobody answers after three minutes or sooner; what comes after "
    "that, voicemail say, is never reached by callers from outside.",
    mend="Let it ring for less than 180 seconds altogether.",
)
NOBODY_TO_DIAL = Code(
    code="nobody-to-dial",
    title="greetings with direct dialling that allow nobody's number",
    why="Whoever dials an extension hears that it is invalid.",
    mend="Correct direct_dial_allow and direct_dial_deny, or switch direct_dial off.",
)
DEVICE_WITHOUT_LOCATION = Code(
    code="device-without-location",
    title="phones that nobody has placed although there are several locations",
    why="An emergency call from there shows the number of the default location, or of none: help "
    "may drive to the wrong house.",
    mend="Say at the device, or at its extension, at which location it stands.",
)

CARRIERS_WAIT_S: Final = 180
"""How long a proxy waits for an answer at most (RFC 3261, timer C)."""


def findings(view: View) -> Iterator[Finding]:
    """Look at every person, group and greeting, and at where phones stand."""
    yield from _names(view)
    for number, planned in view.plan.elements.items():
        match planned.element:
            case User() as user:
                yield from _of_user(number, user, view)
            case Group() as group:
                yield from _of_group(number, group, view)
            case Greeting() as greeting:
                yield from _of_greeting(number, greeting, view)
            case _:
                pass
    yield from _places(view)


def _of_user(number: str, user: User, view: View) -> Iterator[Finding]:
    if not (user.devices or user.rules or user.voicemail or any(user.exits().values())):
        sentence = f"{number} has no phone, no rule and no voicemail"
        yield USER_WITHOUT_PHONE.at(view.place(number), sentence)
    rules, no_answer = rules_of(user.rules), LegOutcome.NO_ANSWER
    if any(rule.when is When.ALWAYS for rule in rules):
        return
    users = view.plan.people
    rung = steps(rules, When.NO_ANSWER, no_answer, users=users, has_mailbox=user.voicemail)
    rings_s = own_ring_s(rules, user.ring_s)
    rings_s += sum(step.ring_s for step in rung if isinstance(step, RingThere))
    if rings_s > CARRIERS_WAIT_S:
        sentence = f"{number} and those in the rules ring for {rings_s:g} seconds"
        yield RINGS_TOO_LONG.at((*view.place(number), "ring_s"), sentence)


def _of_group(number: str, group: Group, view: View) -> Iterator[Finding]:
    if len(group.members) == 1:
        sentence = f"{number} is a group of one"
        yield GROUP_OF_ONE.at((*view.place(number), "members"), sentence)
    if group.ring_s > CARRIERS_WAIT_S:
        sentence = f"{number} rings for {group.ring_s:g} seconds"
        yield RINGS_TOO_LONG.at((*view.place(number), "ring_s"), sentence)


def _of_greeting(number: str, greeting: Greeting, view: View) -> Iterator[Finding]:
    allow, deny = greeting.direct_dial_allow, greeting.direct_dial_deny
    dialled = (may_dial(one, allow=allow, deny=deny) for one in view.plan.extensions)
    if greeting.direct_dial and not any(dialled):
        sentence = f"{number}: direct dialling is on, and no extension may be dialled"
        yield NOBODY_TO_DIAL.at((*view.place(number), "direct_dial"), sentence)


def _names(view: View) -> Iterator[Finding]:
    phones: dict[str, list[DeviceFacts]] = defaultdict(list)
    for device in view.rows.devices:
        phones[device.extension].append(device)
    for extension in view.rows.extensions:
        phone = shows_too_much(extension, phones[extension.number])
        if phone is not None:
            sentence = f"{extension.name} is more than many phones can show"
            latin = anyascii(extension.name)
            mend = f'Let caller_name of device {phone.name} be "{latin}".'
            yield NAME_NOT_SHOWN.at(("extensions", extension.number, "name"), sentence, mend)


def _places(view: View) -> Iterator[Finding]:
    placed = {one.number for one in view.rows.extensions if one.location}
    nowhere = [
        device.name
        for device in view.rows.devices
        if not device.location and device.extension not in placed
    ]
    if nowhere and len(view.rows.locations) > 1:
        sentence = f"there are several locations, and nobody has placed {listed(nowhere)}"
        yield DEVICE_WITHOUT_LOCATION.at(("locations",), sentence)
