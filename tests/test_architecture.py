"""The shape of the code: every rule and cost is written down, judged and tested under its own name."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from engine.check.costs import CHANGE_COSTS, SCHEDULE_COSTS, TEMPLATE_COSTS
from engine.check.rules import CHANGE_RULES, SCHEDULE_RULES
from engine.check.rules import TEMPLATE_RULES as TEMPLATE_CHECKS
from engine.model.codes import RANKING_COSTS, SAFETY_RULES, TEMPLATE_RULES, ConstraintCode, PenaltyCode
from engine.model.policy import DEFAULT_WEIGHTS

ROOT = Path(__file__).parent.parent
RULES = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
ROWS = [line for line in RULES.splitlines() if line.startswith("| `")]
DOCUMENTED = [code for row in ROWS for code in re.findall(r"`([a-z-]+)`", row.split("|")[1])]
PACKAGES = ("engine", "api", "benchmarks", "scenarios")
JUDGED_COSTS = [code for code in PenaltyCode if code not in RANKING_COSTS]
MODULES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def name_of(code: str) -> str:
    """A code as a class name: "step-gap" is "StepGap"."""
    return "".join(word.capitalize() for word in code.split("-"))


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
    return found


@cache
def counts_by_code() -> dict[str, int]:
    """How many tests each test class of the judge has, by the code it is about."""
    found: dict[str, int] = {}
    for path in (ROOT / "tests" / "check").glob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef):
                continue
            for part in node.body:
                if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "CODE":
                    member = ast.unparse(part.value).rpartition(".")[2]
                    code = member.lower().replace("_", "-")
                    assert node.name == f"Test{name_of(code)}", f"{path.name}: {node.name} tests {code}"
                    methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.name.startswith("test_")]
                    found[code] = found.get(code, 0) + len(methods)
    return found


def test_every_rule_and_cost_is_in_one_table_of_the_judge_in_the_order_of_the_codes():
    assert [*SCHEDULE_RULES, *CHANGE_RULES, *TEMPLATE_CHECKS] == list(ConstraintCode)
    assert [*SCHEDULE_COSTS, *CHANGE_COSTS, *TEMPLATE_COSTS] == JUDGED_COSTS
    assert set(TEMPLATE_CHECKS) == TEMPLATE_RULES


@pytest.mark.parametrize("code", [*ConstraintCode, *JUDGED_COSTS])
def test_its_function_is_named_after_it_and_says_what_it_asks(code):
    tables = (SCHEDULE_RULES, CHANGE_RULES, TEMPLATE_CHECKS, SCHEDULE_COSTS, CHANGE_COSTS, TEMPLATE_COSTS)
    (function,) = (table[code] for table in tables if code in table)
    assert function.__name__ == code.removeprefix("template-").replace("-", "_")
    assert function.__doc__


@pytest.mark.parametrize("code", [*ConstraintCode, *PenaltyCode])
def test_it_has_one_row_in_the_reference(code):
    assert DOCUMENTED.count(code) == 1


def test_the_reference_has_no_row_for_anything_else():
    assert set(DOCUMENTED) == {*ConstraintCode, *PenaltyCode}


@pytest.mark.parametrize("code", [*ConstraintCode, *JUDGED_COSTS])
def test_it_has_tests_of_its_own(code):
    assert counts_by_code().get(code, 0) >= 2


def test_every_cost_has_a_weight_and_safety_is_about_rules():
    assert set(DEFAULT_WEIGHTS) == set(PenaltyCode)
    assert set(ConstraintCode) > SAFETY_RULES


@pytest.mark.parametrize("path", sorted((ROOT / "engine" / "check").rglob("*.py")), ids=lambda p: p.stem)
def test_the_judge_knows_the_model_and_nothing_else_of_ours(path):
    ours = {name for name in imports_of(path) if name.split(".")[0] in {*PACKAGES, "tests"}}
    assert all(name.startswith(("engine.model", "engine.check")) for name in ours), ours
    assert not imports_of(path) & {"numba", "ortools"}


def test_neither_search_nor_solvers_know_the_judge():
    for package in ("search", "solver"):
        for path in (ROOT / "engine" / package).rglob("*.py"):
            assert not any(name.startswith("engine.check") for name in imports_of(path)), path


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
