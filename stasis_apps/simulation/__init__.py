"""Calls that never were: a plan, a moment, a caller and what everybody does, on the live engine.

It is the live call that runs, from the router to the last timer, on an Asterisk in memory and by a
clock that jumps; people do what the scenario says of them. Nothing here decides where a call goes.
"""

from stasis_apps.simulation.scenario import (
    Became,
    Doing,
    Hop,
    ImaginedReply,
    Scenario,
    ScenarioInvalid,
    SimulatedEnd,
)
from stasis_apps.simulation.simulate import simulate, simulate_at_once

__all__ = [
    "Became",
    "Doing",
    "Hop",
    "ImaginedReply",
    "Scenario",
    "ScenarioInvalid",
    "SimulatedEnd",
    "simulate",
    "simulate_at_once",
]
