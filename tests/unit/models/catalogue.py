"""Two element kinds, enough to check what provisioning makes of a catalogue."""

from collections.abc import Collection, Mapping, Sequence

from models.errors import Fault


class TwoKinds:
    """Knows ``greeting`` (sound, keys, no_input) and ``hang_up`` (nothing)."""

    def kinds(self) -> Collection[str]:
        return {"greeting", "hang_up"}

    def faults(self, kind: str, settings: Mapping[str, object]) -> Sequence[Fault]:
        known = {"sound", "keys", "no_input"} if kind == "greeting" else set()
        return [
            Fault(name, value, f"{kind} has no such setting")
            for name, value in settings.items()
            if name not in known
        ]

    def targets(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in self.kinds()
        keys = settings.get("keys", {})
        assert isinstance(keys, Mapping)
        exits = {f"keys.{key}": str(target) for key, target in keys.items()}
        if "no_input" in settings:
            exits["no_input"] = str(settings["no_input"])
        return exits

    def sounds(self, kind: str, settings: Mapping[str, object]) -> Mapping[str, str]:
        assert kind in self.kinds()
        return {"sound": str(settings["sound"])} if "sound" in settings else {}


CATALOGUE = TwoKinds()
