"""The command as a whole: its version, its help, its list of commands."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

COMMANDS = ("template", "find", "book", "reschedule", "check", "metrics", "scenario info", "scenario new", "demo")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


def test_version(run) -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"slotwright {version('slotwright')}\n"


def test_help_lists_the_commands_and_the_exit_statuses(run) -> None:
    text = run("--help").stdout
    for command in ("template", "find", "book", "reschedule", "check", "metrics", "scenario", "demo"):
        assert f"  {command} " in text
    assert "130" in text


def test_without_a_command_there_is_help(run) -> None:
    result = run()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: " in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_plain_text(run, command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert f"slotwright {command}" in result.stdout.replace("root", "slotwright", 1)
    assert result.stdout.isascii()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_reference(run, command: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = run(*command.split(), "--help")
    assert shown.exit_code == 0
    options = {word.rstrip(",") for word in shown.stdout.split() if word.startswith("--")}
    assert {o for o in options - {"--help"} if o.rstrip(".`)") not in page} == set()
    assert f"slotwright {command}" in page


@pytest.mark.parametrize(
    "arguments", [("fnid",), ("check",), ("check", "a", "b"), ("find", "a"), ("check", "a", "--time-limit", "3")]
)
def test_bad_usage_is_status_2(run, arguments) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
