"""Slotwright's engine: the public names, for people who embed it.

Each is imported when it is first asked for, so that reading a scenario does not load a solver.
The judge is `engine.check.check`, beside `check_template` and `check_change`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import EngineError, InvalidProblemError, ScenarioFormatError
    from engine.jobs.book_offer import book_offer
    from engine.jobs.book_orders import book_orders
    from engine.jobs.find_series import SeriesResult, find_series
    from engine.jobs.find_slots import FindResult, find_slots
    from engine.jobs.find_trip import TripResult, find_trip
    from engine.jobs.generate_template import generate_template
    from engine.jobs.help import Help, HelpResult
    from engine.jobs.joint_offer import JointOffer, book_joint_offer
    from engine.jobs.measure_access import Access, Opening, ThirdNext, measure_access
    from engine.jobs.measure_use import WeekUse, measure_use
    from engine.jobs.recall import RecallEntry
    from engine.jobs.reschedule import reschedule
    from engine.jobs.what_would_help import what_would_help
    from engine.model.problem import Problem
    from engine.model.result import Progress, Proposal, SlotOffer, SolveResult, SolveStatus, accept
    from engine.model.schedule import Schedule
    from engine.model.template import Template, publish
    from engine.scenario_io import Scenario, load_scenario, save_scenario
    from engine.search.occupancy import Occupancy
    from engine.search.warm import warm_up
    from engine.solver.params import SolveParams
    from engine.solver.run import Control

__all__ = [
    "Access",
    "Control",
    "EngineError",
    "FindResult",
    "Help",
    "HelpResult",
    "InvalidProblemError",
    "JointOffer",
    "Occupancy",
    "Opening",
    "Problem",
    "Progress",
    "Proposal",
    "RecallEntry",
    "Scenario",
    "ScenarioFormatError",
    "Schedule",
    "SeriesResult",
    "SlotOffer",
    "SolveParams",
    "SolveResult",
    "SolveStatus",
    "Template",
    "ThirdNext",
    "TripResult",
    "WeekUse",
    "accept",
    "book_joint_offer",
    "book_offer",
    "book_orders",
    "find_series",
    "find_slots",
    "find_trip",
    "generate_template",
    "load_scenario",
    "measure_access",
    "measure_use",
    "publish",
    "reschedule",
    "save_scenario",
    "warm_up",
    "what_would_help",
]

_NAMES_BY_MODULE = {
    "engine.errors": ("EngineError", "InvalidProblemError", "ScenarioFormatError"),
    "engine.jobs.book_offer": ("book_offer",),
    "engine.jobs.book_orders": ("book_orders",),
    "engine.jobs.find_series": ("SeriesResult", "find_series"),
    "engine.jobs.find_slots": ("FindResult", "find_slots"),
    "engine.jobs.find_trip": ("TripResult", "find_trip"),
    "engine.jobs.generate_template": ("generate_template",),
    "engine.jobs.help": ("Help", "HelpResult"),
    "engine.jobs.joint_offer": ("JointOffer", "book_joint_offer"),
    "engine.jobs.recall": ("RecallEntry",),
    "engine.jobs.measure_access": ("Access", "Opening", "ThirdNext", "measure_access"),
    "engine.jobs.measure_use": ("WeekUse", "measure_use"),
    "engine.jobs.reschedule": ("reschedule",),
    "engine.jobs.what_would_help": ("what_would_help",),
    "engine.model.problem": ("Problem",),
    "engine.model.result": ("Progress", "Proposal", "SlotOffer", "SolveResult", "SolveStatus", "accept"),
    "engine.model.schedule": ("Schedule",),
    "engine.model.template": ("Template", "publish"),
    "engine.scenario_io": ("Scenario", "load_scenario", "save_scenario"),
    "engine.search.occupancy": ("Occupancy",),
    "engine.search.warm": ("warm_up",),
    "engine.solver.params": ("SolveParams",),
    "engine.solver.run": ("Control",),
}
_MODULE_BY_NAME = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}


def __getattr__(name: str) -> object:
    module = _MODULE_BY_NAME.get(name)
    if module is None:
        raise AttributeError(f"module 'engine' has no attribute '{name}'")
    return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
