"""Values of options: each fault is one line that names the option, what was found and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = "expected a whole number from"
SECONDS = "expected a number of seconds, more than 0 and at most 1,000,000"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("find IN --order ord-1 --count x", f"--count: found 'x', {WHOLE} 1 to 100."),
        ("find IN --order ord-1 --count 0", f"--count: found '0', {WHOLE} 1 to 100."),
        ("find IN --order ord-1 --count 2.5", f"--count: found '2.5', {WHOLE} 1 to 100."),
        ("find IN --order ord-1 --occurrence -1", f"--occurrence: found '-1', {WHOLE} 0 to 9,999."),
        ("book IN --time-limit 0", f"--time-limit: found '0', {SECONDS}."),
        ("book IN --time-limit inf", f"--time-limit: found 'inf', {SECONDS}."),
        ("book IN --time-limit nan", f"--time-limit: found 'nan', {SECONDS}."),
        ("template IN --workers 0", f"--workers: found '0', {WHOLE} 1 to 256."),
        ("demo IN --seed -1", f"--seed: found '-1', {WHOLE} 0 to 2,147,483,647."),
        ("reschedule IN --accept none --out OUT", f"--accept: found 'none', {WHOLE} 1 to 100."),
        ("scenario new nope --out OUT", "WORLD: found 'nope', expected hospital_network."),
        (
            "scenario new hospital_network --out OUT --scale 11",
            "--scale: found '11', expected a number, from 0.02 to 10.",
        ),
        ("scenario new hospital_network --out OUT --weeks 53", f"--weeks: found '53', {WHOLE} 1 to 52."),
        (
            "check IN --now garbage",
            "--now: found 'garbage', expected a date or a time such as 2026-03-02 or 2026-03-02T08:00.",
        ),
        ("find IN", "Missing option '--order'."),
    ],
)
def test_a_fault_of_an_option_is_one_line(run, clinic: Path, tmp_path: Path, arguments: str, said: str) -> None:
    places = {"IN": str(clinic), "OUT": str(tmp_path / "out")}
    result = run(*(places.get(word, word) for word in arguments.split()))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{said}\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--cancel", "--event", "--absent", "--out", "--now"])
@pytest.mark.parametrize("is_joined", [True, False])
def test_an_empty_value_is_refused(run, booked: Path, option: str, is_joined: bool) -> None:
    result = run("reschedule", booked, *([f"{option}="] if is_joined else [option, " "]))
    said = f"{option}: found nothing, expected a value. Maybe a variable of the shell is not set.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)


@pytest.mark.parametrize(("command", "option"), [("book", "--orders"), ("reschedule", "--cancel")])
def test_a_list_of_nothing_is_refused(run, booked: Path, command: str, option: str) -> None:
    result = run(command, booked, option, ",")
    said = f"{option}: found ',', expected ids with commas between them.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)


def test_an_empty_path_is_not_this_folder(run) -> None:
    result = run("check", "")
    assert result.exit_code == 2
    assert "found nothing, expected a value" in result.stderr
