"""A few element kinds, enough to check what provisioning makes of a catalogue."""

from collections.abc import Collection, Mapping, Sequence

from models.errors import Fault
from models.facts import OutboundRuleFacts

KNOWN = {
    "greeting": {"sound", "keys", "no_input"},
    "time_rule": {"calendar", "match"},
    "hang_up": set[str](),
    "set_switch": {"switch"},
    "voicemail": {"lamps"},
    "mailbox": {"box"},
    "user": {"number", "voicemail", "rules", "dnd", "allow_direct_sip"},
}


class FewKinds:
    """Knows a few of the real kinds with a setting or two, and users."""

    def kinds(self) -> Collection[str]:
        return KNOWN.keys() - {"user"}

    def faults(self, kind: str, settings: Mapping[str, object]) -> Sequence[Fault]:
        return [
            Fault(name, value, f"{kind} has no such setting")
            for name, value in settings.items()
            if name not in KNOWN[kind]
        ]

    def targets(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in KNOWN
        keys, rules = settings.get("keys", {}), settings.get("rules", [])
        assert isinstance(keys, Mapping)
        assert isinstance(rules, list)
        exits = {f"keys.{key}": str(target) for key, target in keys.items()}
        exits |= {f"rules.{place}.to": str(rule["to"]) for place, rule in enumerate(rules)}
        return exits | {
            name: str(settings[name]) for name in ("no_input", "match") if name in settings
        }

    def sounds(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in KNOWN
        return {"sound": str(settings["sound"])} if "sound" in settings else {}

    def calendars(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in KNOWN
        return {"calendar": str(settings["calendar"])} if "calendar" in settings else {}

    def switches(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in KNOWN
        return {"switch": str(settings["switch"])} if "switch" in settings else {}

    def mailboxes(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in KNOWN
        return {"box": str(settings["box"])} if "box" in settings else {}

    def users(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in KNOWN
        lamps = settings.get("lamps", [])
        assert isinstance(lamps, list)
        return {f"lamps.{place}": str(number) for place, number in enumerate(lamps)}

    def rule_faults(self, rule: OutboundRuleFacts) -> Sequence[Fault]:
        return [] if rule.mask else [Fault("mask", rule.mask, "a mask must not be empty")]

    def mask_fits(self, mask: str, number: str) -> bool:
        return mask in ("(+)", number)

    def sent_by_rule(self, mask: str, output: str, number: str) -> str:
        return output.replace("$", number) if self.mask_fits(mask, number) else ""

    def hiding(
        self, rule: OutboundRuleFacts, before: Sequence[OutboundRuleFacts]
    ) -> Sequence[OutboundRuleFacts]:
        return [one for one in before if one.mask in ("(+)", rule.mask)][:1]

    def is_ban(self, output: str) -> bool:
        return output == "0000"


CATALOGUE = FewKinds()
