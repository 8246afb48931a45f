"""Scenario files: YAML, CSV and JSON in and out, without loss, with every fault at its file and line."""

from engine.scenario_io.layout import FORMAT_VERSION
from engine.scenario_io.reading import load_scenario
from engine.scenario_io.scenario import Scenario
from engine.scenario_io.template_file import load_template
from engine.scenario_io.writing import refuse_to_lose, save_scenario

__all__ = ["FORMAT_VERSION", "Scenario", "load_scenario", "load_template", "refuse_to_lose", "save_scenario"]
