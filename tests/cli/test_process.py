"""The command as a process of its own: exit statuses, streams, Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from engine.scenario_io import save_scenario
from tests.cli import worlds
from tests.cli.crowded import crowded_clinic

if TYPE_CHECKING:
    from pathlib import Path

SLOTWRIGHT = (sys.executable, "-c", "from api.cli.main import app; app(prog_name='slotwright')")


def slotwright(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*SLOTWRIGHT, *(str(a) for a in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


@pytest.mark.parametrize(("scenario", "status"), [("booked", 0), ("broken", 1), ("nowhere", 2)])
def test_exit_statuses(booked: Path, broken_copy: Path, scenario: str, status: int) -> None:
    path = {"booked": booked, "broken": broken_copy, "nowhere": booked.with_name("nowhere")}[scenario]
    done = slotwright("check", path)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert (done.stdout == "") is (status == 2)


def test_json_is_all_there_is_on_standard_output(booked: Path) -> None:
    done = slotwright("check", booked, "--json")
    assert json.loads(done.stdout)["is_clean"] is True
    assert done.stderr == ""


def test_without_a_terminal_there_are_no_colours_and_no_progress(booked: Path) -> None:
    done = slotwright("book", booked, "--time-limit", "3", "--workers", "1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_an_encoding_that_lacks_a_letter_is_no_error(saved) -> None:
    problem = worlds.clinic_problem(name="Zürich ☂ clinic")
    path = saved(worlds.scenario_of(problem))
    done = slotwright("scenario", "info", path, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "rich clinic" not in done.stderr
    assert "clinic" in done.stdout


def test_a_reader_that_leaves_early_is_no_error(booked: Path) -> None:
    with subprocess.Popen(
        [*SLOTWRIGHT, "book", str(booked), "--json", "--time-limit", "2", "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        ("> /dev/full", "Standard output: No space left on device.\n"),
        (">&-", "Standard output is closed, and the answer goes there. Maybe add: > /dev/null\n"),
    ],
)
def test_an_answer_that_cannot_be_written_is_said(booked: Path, as_json, redirected: str, said: str) -> None:
    command = [*SLOTWRIGHT, "check", str(booked), *as_json]
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirected}', "sh", *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, said)


def test_ctrl_c_while_the_command_loads_is_said() -> None:
    """A module whose import takes for ever, in which Ctrl-C comes."""
    stopped = """
import sys
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "api.cli.book":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Slow())
import api.cli.main
"""
    done = subprocess.run([sys.executable, "-c", stopped], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (130, "Stopped. Nothing was written.\n")


def test_ctrl_c_after_the_answer_changes_nothing() -> None:
    late = """
import atexit, os, signal
atexit.register(os.kill, os.getpid(), signal.SIGINT)
import api.cli.main
"""
    done = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def broken_copy(saved):
    return saved(worlds.broken_clinic(), "broken.json")


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    path = tmp_path_factory.mktemp("crowded") / "crowded.json"
    save_scenario(crowded_clinic(), path)
    return path


@pytest.mark.parametrize("command", ["book", "template", "demo"])
def test_ctrl_c_says_what_was_found_and_leaves_nothing_behind(crowded: Path, tmp_path: Path, command: str) -> None:
    """Standard error is a terminal, so that the line of progress tells when the solve has begun."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*SLOTWRIGHT, command, str(crowded), "--out", str(tmp_path / "out"), "--time-limit", "100", "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
    ) as process:
        os.close(theirs)
        seen = read_until(ours, "cost ")
        process.send_signal(signal.SIGINT)
        seen += read_to_end(ours)
        process.communicate()
    os.close(ours)
    assert process.returncode == 130, seen
    assert "Traceback" not in seen
    assert "Nothing was written." in seen
    assert list(tmp_path.iterdir()) == []
    if command != "demo":
        assert "Found so far: " in seen
        assert "Found so far: nothing" not in seen


def read_until(terminal: int, words: str) -> str:
    seen = ""
    while words not in seen:
        ready, _, _ = select.select([terminal], [], [], 100)
        assert ready, f"never said {words!r}: {seen}"
        part = read_some(terminal)
        assert part, f"ended and never said {words!r}: {seen}"
        seen += part
    return seen


def read_to_end(terminal: int) -> str:
    seen = ""
    while part := read_some(terminal):
        seen += part
    return seen


def read_some(terminal: int) -> str:
    try:
        return os.read(terminal, 65_536).decode(errors="replace")
    except OSError:  # how Linux says that the other end is closed
        return ""
