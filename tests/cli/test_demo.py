"""`slotwright demo`: every job on one scenario, and its report."""

from __future__ import annotations

import json
import re
import signal
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli import walkthrough
from api.cli.demo import FILES
from api.cli.main import app
from engine.jobs.book_orders import book_orders
from engine.jobs.find_slots import FindResult
from engine.model.result import SolveResult, SolveStatus
from engine.scenario_io import load_scenario, save_scenario
from tests.cli import worlds

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

FAST = ("--time-limit", "5", "--workers", "1")


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> tuple[Result, Path]:
    """A demonstration of the booked clinic: the result, and its folder. For tests that only look."""
    folder = tmp_path_factory.mktemp("shown")
    save_scenario(worlds.booked_clinic(), folder / "scenario.json")
    arguments = ["demo", folder / "scenario.json", "--out", folder / "demo-out", *FAST]
    return CliRunner().invoke(app, [str(a) for a in arguments]), folder / "demo-out"


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A folder as an earlier demo left it."""
    out = tmp_path / "demo-out"
    out.mkdir()
    for name in FILES:
        (out / name).write_text("earlier")
    return out


def test_it_says_what_each_job_came_to(shown) -> None:
    result, out = shown
    assert result.exit_code == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "Lake clinic, from Mon 2 Mar 2026 00:00"
    assert [line.split()[0] for line in lines[1:6]] == ["Template", "Booking", "Next", "Cancellation", "Absence"]
    assert "Book 5 of 5 visits" in lines[2]
    assert "5 offers" in lines[3]
    assert "no rule is broken" in lines[6]
    assert str(out / "report.html") in result.stdout


def test_it_leaves_the_report_and_every_answer(shown) -> None:
    _, out = shown
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    answers = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in out.glob("*.json")}
    assert answers["template.json"]["command"] == "template"
    assert len(answers["offers.json"]["offers"]) == 5
    assert answers["cancellation.json"]["events"][0]["kind"] == "cancellation"
    assert answers["absence.json"]["events"][0]["kind"] == "absence"
    for name in ("cancellation.json", "absence.json"):
        assert 1 <= answers[name]["accepted"] <= len(answers[name]["proposals"])
    checks = answers["check.json"]["checks"]
    assert {"template", "booked", "offer 1", "cancellation", "absence", "absence: what changed"} <= set(checks)
    assert all(check["is_clean"] for check in checks.values())


@pytest.mark.parametrize("name", ["booked.json", "repaired.json"])
def test_the_scenarios_it_leaves_pass_the_check(run, shown, name: str) -> None:
    _, out = shown
    assert run("check", out / name).exit_code == 0
    assert len(load_scenario(out / name).schedule.appointments) >= 8


def test_the_template_it_leaves_passes_the_check(run, shown, booked: Path) -> None:
    assert run("check", booked, "--template", shown[1] / "template.json").exit_code == 0


class Report(HTMLParser):
    """What the page loads, and its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attributes if name in ("src", "href", "xlink:href", "data")]

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def test_the_report_is_one_page_that_loads_nothing(shown) -> None:
    text = (shown[1] / "report.html").read_text(encoding="utf-8")
    page = Report(text)
    assert all(link.startswith("#") for link in page.loads)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\((?!#)|@import", text)


def test_the_report_has_its_plots_and_headings(shown) -> None:
    text = (shown[1] / "report.html").read_text(encoding="utf-8")
    page = Report(text)
    for label in ("The week by room", "Load by practitioner", "Waiting days by priority"):
        assert f'aria-label="{label}"' in text
    assert "Cost and bound over time" not in text  # all was over at once
    for heading in (
        "The clinic",
        "A new weekly template",
        "The orders booked",
        "The next slot for one more order",
        "A patient cancels",
        "A physician is absent",
        "Everything checked",
    ):
        assert heading in page.words


def test_answers_come_first_in_the_report_and_proofs_last(shown) -> None:
    words = Report((shown[1] / "report.html").read_text(encoding="utf-8")).words
    headings = [w for w in words if w in ("The template", "The week by room", "What it costs", "How good it is")]
    assert headings[:6] == [
        *("The template", "What it costs", "How good it is"),
        *("The week by room", "What it costs", "How good it is"),
    ]


def test_no_name_of_a_patient_is_in_what_it_says_or_reports(shown) -> None:
    result, out = shown
    assert worlds.PATIENT_NAME not in result.stdout + result.stderr
    for name in set(FILES) - {"booked.json", "repaired.json"}:
        assert worlds.PATIENT_NAME not in (out / name).read_text(encoding="utf-8")


def test_it_replaces_what_an_earlier_demo_wrote(run, clinic: Path, earlier: Path) -> None:
    assert run("demo", clinic, "--out", earlier, *FAST).exit_code == 0
    assert (earlier / "report.html").read_text(encoding="utf-8") != "earlier"


def test_a_folder_with_anything_else_in_it_is_left_alone(run, clinic: Path, earlier: Path) -> None:
    (earlier / "thesis.txt").write_text("years of work")
    result = run("demo", clinic, "--out", earlier, *FAST)
    assert result.exit_code == 2
    assert "holds 'thesis.txt', which no demo wrote" in result.stderr
    assert {path.name for path in earlier.iterdir()} == {*FILES, "thesis.txt"}
    assert (earlier / "report.html").read_text() == "earlier"


@pytest.mark.parametrize(
    ("given", "message"), [("scenario.json", "is no folder"), ("nowhere/demo-out", "There is no folder")]
)
def test_a_target_that_cannot_be_used(run, booked: Path, tmp_path: Path, given: str, message: str) -> None:
    result = run("demo", booked, "--out", tmp_path / given, *FAST)
    assert result.exit_code == 2
    assert message in result.stderr


def test_json_names_the_checks(run, booked: Path, tmp_path: Path) -> None:
    result = run("demo", booked, "--out", tmp_path / "demo-out", "--json", *FAST)
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["is_clean"] is True
    assert answer["checks"]["booked"]["violations"] == []


def test_an_empty_clinic_has_a_demo_too(run, saved, tmp_path: Path) -> None:
    path = saved(worlds.clinic(orders=(), patients=(), planning=None))
    result = run("demo", path, "--out", tmp_path / "demo-out", *FAST)
    assert result.exit_code == 0
    assert "the scenario has no planning brief" in result.stdout
    assert "there is no visit for it" in result.stdout
    assert "Everything checked" in (tmp_path / "demo-out" / "report.html").read_text(encoding="utf-8")


def test_a_broken_rule_is_status_1_and_in_the_report(run, broken: Path, tmp_path: Path) -> None:
    result = run("demo", broken, "--out", tmp_path / "demo-out", *FAST)
    assert result.exit_code == 1
    assert "rules are broken, see check.json" in result.stdout
    assert "Dr. Ade is used 2 times at once" in (tmp_path / "demo-out" / "report.html").read_text(encoding="utf-8")


def test_rules_that_cannot_all_hold_are_status_1(run, saved, tmp_path: Path) -> None:
    path = saved(worlds.clinic(planning=worlds.impossible_brief()))
    result = run("demo", path, "--out", tmp_path / "demo-out", *FAST)
    assert result.exit_code == 1
    assert "the rules cannot all hold" in result.stdout
    assert "No answer" in (tmp_path / "demo-out" / "report.html").read_text(encoding="utf-8")


def test_a_repair_that_was_not_found_is_not_called_needless(run, booked: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(walkthrough, "reschedule", lambda *_, **__: SolveResult(SolveStatus.NO_SOLUTION))
    result = run("demo", booked, "--out", tmp_path / "demo-out", *FAST)
    report = (tmp_path / "demo-out" / "report.html").read_text(encoding="utf-8")
    assert result.exit_code == 1
    assert result.stdout.count("nothing was found within the limit") == 2
    assert report.count("No answer: no solution within the limit") == 2
    assert "Nothing has to change" not in report


def test_no_offer_is_not_said_to_be_booked(run, booked: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(walkthrough, "find_slots", lambda *_, **__: FindResult("ord-1"))
    assert run("demo", booked, "--out", tmp_path / "demo-out", *FAST).exit_code == 0
    report = (tmp_path / "demo-out" / "report.html").read_text(encoding="utf-8")
    assert "0 offers in" in report
    assert "The first is booked" not in report


def test_ctrl_c_ends_it_with_what_was_done_and_writes_nothing(run, booked: Path, tmp_path: Path, monkeypatch) -> None:
    def job(schedule, **arguments):
        signal.raise_signal(signal.SIGINT)
        return book_orders(schedule, **arguments)

    monkeypatch.setattr(walkthrough, "book_orders", job)
    result = run("demo", booked, "--out", tmp_path / "demo-out", *FAST)
    assert result.exit_code == 130
    assert "Template" in result.stdout
    assert "Booking" in result.stdout
    assert "Next slot" not in result.stdout
    assert "Nothing was written." in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.json"]


def test_an_interrupted_write_leaves_the_earlier_demo(run, clinic: Path, earlier: Path, tmp_path, monkeypatch) -> None:
    def interrupted(*_args, **_kwargs) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("api.cli.demo.save_scenario", interrupted)
    assert run("demo", clinic, "--out", earlier, *FAST).exit_code == 130
    assert (earlier / "report.html").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo-out", "scenario.json"]


def test_without_the_repository_the_default_scenario_is_missed(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("demo")
    assert result.exit_code == 2
    assert "Maybe run this in a copy of the repository, or name a scenario." in result.stderr
