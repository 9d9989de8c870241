"""Small offices as graphs: one of everything that pictures tell apart."""

from __future__ import annotations

from collections.abc import Mapping

from models.facts import AliasFacts, TenantRows
from pbx_cli.drawing import Graph, graph_of
from stasis_apps.lint import Finding
from stasis_apps.planning import build_plan
from tests.support.builders import SOUND_FOLDER, a_trunk, tenant_rows

MOBILE = "+79161112233"

OFFICE: Mapping[str, Mapping[str, object]] = {
    "5300": {
        "kind": "time_rule",
        "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
        "match": "5000",
        "no_match": "5120",
    },
    "5000": {
        "kind": "greeting",
        "sound": "welcome",
        "keys": {"1": "5100", "2": "100", "9": "5999"},
        "no_input": "5100",
    },
    "5100": {
        "kind": "group",
        "members": ["100", {"number": MOBILE, "delay_s": 10}],
        "no_answer": "5120",
        "all_busy": "5120",
    },
    "5120": {"kind": "voicemail", "owner": "5199"},
    "5199": {"kind": "mailbox", "box": "5120"},
    "5301": {"kind": "set_switch", "switch": "5300"},
    "5002": {"kind": "hang_up"},
}


def ourselves(_graph: Graph) -> None:
    """A machine without Graphviz."""


def the_office(**changes: object) -> TenantRows:
    parts: dict[str, object] = {
        "elements": OFFICE,
        "extensions": {"100": ["100"], "101": ["101"], "102": ["102", "102-lab"]},
        "users": {"101": {"rules": [{"when": "busy", "to": "100"}], "voicemail": True}},
        "trunks": [a_trunk()],
        "numbers": {"74951234567": "5300"},
        "aliases": [AliasFacts(name="info", target="5000", allows_direct_sip=True)],
    }
    return tenant_rows(**{**parts, **changes})  # type: ignore[arg-type] # the names are checked


def drawn(rows: TenantRows, *findings: Finding) -> Graph:
    return graph_of(rows, build_plan(rows, sound_folder=SOUND_FOLDER), findings)


def a_large_plan(sites: int) -> TenantRows:
    """Many offices of one tenant, twenty elements each."""
    elements: dict[str, Mapping[str, object]] = {}
    people, numbers = {}, {}
    for site in range(sites):
        at = [str(5000 + site * 20 + nth) for nth in range(20)]
        team = [str(1000 + site * 10 + nth) for nth in range(8)]
        people.update({one: [one] for one in team})
        numbers[f"7495{site:07}"] = at[0]
        windows = [{"days": "mon-fri", "from": "09:00", "to": "18:00"}]
        elements[at[0]] = {
            "kind": "time_rule",
            "windows": windows,
            "match": at[1],
            "no_match": at[19],
        }
        keys = {str(key): at[1 + key] for key in range(1, 9)}
        elements[at[1]] = {"kind": "greeting", "sound": "welcome", "keys": keys, "invalid": at[2]}
        for nth in range(2, 19):
            members = team[nth % 5 : nth % 5 + 3]
            elements[at[nth]] = {
                "kind": "group",
                "members": members,
                "no_answer": at[nth + 1],
                "all_busy": at[19],
            }
        elements[at[19]] = {"kind": "voicemail", "operator": team[0]}
    return the_office(elements=elements, extensions=people, users={}, numbers=numbers, aliases=[])
