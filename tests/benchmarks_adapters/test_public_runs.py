"""The command that runs our jobs on public instances, on a week and a day written by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.adapters import ROOT_VARIABLE
from benchmarks.public_instances import main

ROOT = Path(__file__).resolve().parents[2]
WEEK = """
    mss("A", 1, 1). #const timeDisp = 60.
    registration(1, 1, 2, "DaySurgery", 60, 0, 0, 0). registration(2, 3, 1, "DaySurgery", 1, 0, 0, 0).
"""
DAY = """
    chair(1, 1). tomograph(1, 1). required_chair(10). exam(10,0,2). exam(10,1,2). exam(10,2,4). exam(10,3,6).
    x(1,"d",1,10,0). x(1,"d",3,10,1). x(1,"d",5,10,2). x(1,"d",9,10,3).
    chair(1,1,"d",3). chair(1,1,"d",8). tomograph(1,1,"d",9). tomograph(1,1,"d",14). new_reg(3, 10, 3, 10).
"""


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    for folder, text in (("operating-room-booking", WEEK), ("nuclear-medicine-rescheduling", DAY)):
        path = tmp_path / folder / "tiny" / "one.lp"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))


def cells(text: str) -> list[list[str]]:
    """The rows of a table, its head left out."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]


@pytest.mark.parametrize(
    ("arguments", "ours", "baseline"),
    [
        (["book", "--baseline"], "0 / 0 / 1 / 0", "0 / 0 / 1 / 0"),
        (["book", "--specialty"], "1 / 0 / 0 / 0", "none"),
        (["reschedule"], "5 / 0 / 0 / 0", "none"),
        (["reschedule", "--everybody", "--baseline"], "0 / 7 / 0 / 0", "0 / 7 / 0 / 0"),
    ],
)
def test_each_instance_is_a_row(arguments, ours, baseline, capsys):
    main([*arguments, "--limit", "2"])
    (row,) = cells(capsys.readouterr().out)

    assert (row[0], row[1], row[5]) == ("tiny/one", ours, baseline)
    assert row[2] == ("NO" if "--specialty" in arguments else "yes")  # a case of priority 1 has no room there


def test_only_what_is_named_is_run(capsys):
    main(["book", "tiny/other"])
    assert cells(capsys.readouterr().out) == []


def test_a_missing_folder_ends_the_command_with_words(monkeypatch, tmp_path):
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(SystemExit, match="Not run: the job 'book' on public instances"):
        main(["book"])


@pytest.mark.parametrize("job", ["book", "reschedule"])
def test_ctrl_c_interrupts_after_a_baseline_as_it_did_before(job):
    # CP-SAT's own handler, once used, leaves a process that dies of Ctrl-C. So the test has a process of its own.
    program = f"""
import signal
from benchmarks.public_instances import main
main(["{job}", "--baseline", "--limit", "2"])
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.stdout.splitlines()[-1] == "interrupted"
