"""The README's example works as it stands there, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from engine.scenario_io import load_scenario

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.strip().split("#")[0].split() for line in README.splitlines() if line.startswith("    slotwright ")]


def test_the_example_runs_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = EXAMPLES
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert names["offers"]
    assert names["template"] is not None


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_and_options_of_the_readme_exist(words: list[str]) -> None:
    names = [w for w in words[1:3] if w in {"scenario", "info", "new"}] or [words[1]]
    shown = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert shown.exit_code == 0
    for option in (w for w in words if w.startswith("--")):
        assert option in shown.output


def test_orders_named_on_the_command_line_exist() -> None:
    for words in COMMANDS:
        if "--order" in words:
            scenario = load_scenario(ROOT / words[2])
            assert words[words.index("--order") + 1] in scenario.problem.order_by_id


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
