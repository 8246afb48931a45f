"""After warming up nothing is compiled any more, whatever is asked for."""

from __future__ import annotations

import subprocess
import sys

ASK = """
import importlib, pkgutil
from numba.core.registry import CPUDispatcher
from engine import Occupancy, Problem, Schedule, load_scenario, search, warm_up
from engine.model.policy import Policy
from engine.search import find

def compiled():
    modules = [importlib.import_module(f"engine.search.{m.name}") for m in pkgutil.iter_modules(search.__path__)]
    kernels = {v for m in modules for v in vars(m).values() if isinstance(v, CPUDispatcher)}
    return {(k.py_func.__qualname__, str(s)) for k in kernels for s in k.signatures}

warm_up()
before = compiled()
for name in ("family_practice", "specialty_center"):
    schedule = load_scenario(f"scenarios/{name}").schedule
    problem, now = schedule.problem, schedule.problem.horizon.start
    fields = {name: getattr(problem, name) for name in Problem.model_fields}
    tidy = Problem(**{**fields, "policy": Policy(weights={"idle-gap": 1})})
    occupancies = Occupancy.of(schedule, now=now), Occupancy.of(Schedule.of(tidy), now=now)
    for order in {o.service: o for o in problem.orders}.values():
        for occupancy in occupancies:
            find(occupancy, order, now=now, diverse=True, tidy=True)
            find(occupancy, order, now=now)
print(len(before), sorted(compiled() - before))
"""


def test_whatever_is_asked_for_is_compiled_already():
    said = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout.split(" ", 1)
    assert int(said[0]) > 10
    assert said[1] == "[]\n"
