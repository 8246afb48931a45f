"""Running commands in this process, and scenarios on disk to run them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from engine.scenario_io import save_scenario
from tests.cli import worlds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that run in several processes are told a width by their runner; a pipe has none."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run a command; the result has `exit_code`, `stdout` and `stderr`."""

    def invoke(*arguments: object):
        return CliRunner().invoke(app, [str(a) for a in arguments])

    return invoke


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    """Write a scenario to a file of its own."""

    def write(scenario: Any, name: str = "scenario.json") -> Path:
        save_scenario(scenario, tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def clinic(saved: Save) -> Path:
    """Nothing booked."""
    return saved(worlds.clinic())


@pytest.fixture
def booked(saved: Save) -> Path:
    """Three visits booked, and an event that cancels one."""
    return saved(worlds.booked_clinic())


@pytest.fixture
def broken(saved: Save) -> Path:
    """Two visits of one physician at once."""
    return saved(worlds.broken_clinic())
