"""Durations that are no multiple of the tick are named, with their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.scenario_io import load_scenario
from tests.scenario_io.folders import ORDERS, PATIENTS, WORLD, put

if TYPE_CHECKING:
    from pathlib import Path

DURATION = "    duration: {minutes: 18, by_practitioner: {dr-a: 20, dr-b: 21}, by_modifier: {new: 7, old: -3}}\n"


def notes(folder: Path, text: str, orders: str = ORDERS) -> list[str]:
    files = {"scenario.yaml": text, "patients.csv": PATIENTS, "orders.csv": orders}
    return list(load_scenario(put(folder, files)).notes)


def test_each_duration_that_is_rounded_up_is_named(tmp_path: Path):
    orders = ORDERS.replace("service\n", "service,series\n").replace("visit\nord-2", "visit,\nord-2")
    orders = orders.removesuffix("\n") + ',"[{""offset_days"": 0, ""duration_min"": 12}]"\n'
    of = "services[0].steps[0].duration"
    up = "a multiple of the tick of 5 min"
    assert notes(tmp_path, WORLD.replace("    duration: 20\n", DURATION), orders) == [
        f"scenario.yaml:16: {of}.minutes: 18 min is planned as 20 min, {up}",
        f"scenario.yaml:16: {of}.by_practitioner.dr-b: 21 min is planned as 25 min, {up}",
        f"scenario.yaml:16: {of}.by_modifier.new: 7 min is no {up[2:]}; durations with it are rounded up",
        f"scenario.yaml:16: {of}.by_modifier.old: -3 min is no {up[2:]}; durations with it are rounded up",
        "orders.csv:3: series[0].duration_min: 12 min is planned as 15 min, " + up,
    ]


def test_what_a_need_adds_is_named(tmp_path: Path):
    text = WORLD + "needs:\n- {need: interpreter, adds_min: 7}\n- {need: hoist, adds_min: 10}\n"
    (note,) = notes(tmp_path, text)
    assert note.endswith(
        "needs[0].adds_min: 7 min is no multiple of the tick of 5 min; durations with it are rounded up"
    )


def test_multiples_of_the_tick_need_no_note(tmp_path: Path):
    assert notes(tmp_path, WORLD) == []


def test_with_ticks_of_a_minute_nothing_is_rounded(tmp_path: Path):
    text = WORLD.replace("sites:", "tick_min: 1\nsites:").replace("    duration: 20\n", DURATION)
    assert notes(tmp_path, text) == []
