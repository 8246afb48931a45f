"""Following a solve, and stopping it."""

from __future__ import annotations

import io
import signal
import threading

import pytest
import typer
from rich.console import Console

from api.cli import progress, solving
from api.cli.progress import Watch, followed, progress_text
from api.cli.solving import Solved, result_text, solve
from engine.model.result import Progress, Proposal, SolveResult, SolveStatus
from engine.solver.params import SolveParams

PARAMS = SolveParams(time_limit_s=5)


def step(**fields: object) -> Progress:
    return Progress(**{"elapsed_s": 1.0, "stage": "placing", **fields})


def report(watch: Watch, progress: Progress) -> None:
    assert watch.control.on_progress is not None
    watch.control.on_progress(progress)


@pytest.fixture
def terminal(monkeypatch) -> Console:
    """Standard error as a terminal that remembers what was drawn."""
    console = Console(force_terminal=True, record=True, width=100, file=io.StringIO())
    monkeypatch.setattr(progress, "error_console", lambda: console)
    return console


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (step(), "placing: searching"),
        (step(stage="", objective=5513), "cost 5,513"),
        (step(bound=5120), "placing: at least 5,120"),
        (step(objective=5513, bound=5120), "placing: cost 5,513, at least 5,120 (gap 7.1 %)"),
    ],
)
def test_progress_says_what_is_known(given: Progress, text: str) -> None:
    assert progress_text(given) == text


def test_a_terminal_shows_the_latest_progress(terminal: Console) -> None:
    with followed("Booking", time_limit_s=5, is_quiet=False) as watch:
        report(watch, step(objective=40, bound=20))
        assert watch._bar is not None
        watch._bar.refresh()
    drawn = terminal.export_text()
    assert "Booking" in drawn
    assert "cost 40, at least 20 (gap 50.0 %)" in drawn


def test_quiet_shows_nothing(terminal: Console) -> None:
    with followed("Booking", time_limit_s=5, is_quiet=True) as watch:
        report(watch, step(objective=40))
    assert terminal.export_text() == ""


def test_without_a_terminal_nothing_is_shown(capsys) -> None:
    with followed("Booking", time_limit_s=5, is_quiet=False) as watch:
        report(watch, step(objective=40))
    assert capsys.readouterr() == ("", "")


def test_the_first_ctrl_c_asks_the_job_to_stop_and_the_second_does_not_wait() -> None:
    with followed("Booking", time_limit_s=5, is_quiet=True) as watch:
        assert not watch.control.is_cancelled()
        signal.raise_signal(signal.SIGINT)
        assert watch.control.is_cancelled()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_ctrl_c_is_what_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with followed("Booking", time_limit_s=5, is_quiet=True):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_signals_are_left_alone_outside_the_main_thread() -> None:
    seen = []

    def follow() -> None:
        with followed("Booking", time_limit_s=5, is_quiet=True) as watch:
            seen.append(watch.is_interrupted)

    thread = threading.Thread(target=follow)
    thread.start()
    thread.join()
    assert seen == [False]


def result(status: SolveStatus, **fields: object) -> SolveResult:
    return SolveResult(status, **{"objective": 10, "bound": 5.0, "runtime_s": 1.5, **fields})


PLAN = Proposal(id="p", title="Book 2 of 3 visits", version=0)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (result(SolveStatus.FEASIBLE, proposals=(PLAN,)), "Book 2 of 3 visits, cost 10, at most 50.0 % could be saved"),
        (result(SolveStatus.OPTIMAL, proposals=(PLAN,), bound=10.0), "Book 2 of 3 visits, cost 10, proven best"),
        (result(SolveStatus.FEASIBLE, proposals=(PLAN,), bound=None), "Book 2 of 3 visits, cost 10, no bound"),
        (result(SolveStatus.OPTIMAL), "nothing has to change"),
        (result(SolveStatus.FEASIBLE, objective=None), "nothing has to change"),
        (result(SolveStatus.INFEASIBLE, objective=None), "the rules cannot all hold"),
        (result(SolveStatus.NO_SOLUTION, objective=None), "nothing was found within the limit"),
        (result(SolveStatus.CANCELLED, objective=None), "nothing"),
    ],
)
def test_a_result_in_a_few_words(given: SolveResult, text: str) -> None:
    assert result_text(given) == text


@pytest.mark.parametrize(
    ("solved", "status"),
    [
        (Solved(result(SolveStatus.OPTIMAL), is_interrupted=False), None),
        (Solved(result(SolveStatus.FEASIBLE), is_interrupted=False), None),
        (Solved(result(SolveStatus.INFEASIBLE), is_interrupted=False), 1),
        (Solved(result(SolveStatus.NO_SOLUTION), is_interrupted=False), 1),
        (Solved(result(SolveStatus.CANCELLED), is_interrupted=False), 130),
        (Solved(result(SolveStatus.FEASIBLE), is_interrupted=True), 130),
    ],
)
def test_the_exit_status_of_a_result(solved: Solved, status: int | None) -> None:
    if status is None:
        solved.end()
        return
    with pytest.raises(typer.Exit) as ended:
        solved.end()
    assert ended.value.exit_code == status


def test_a_stopped_job_says_what_it_found(capsys) -> None:
    with pytest.raises(typer.Exit):
        Solved(result(SolveStatus.CANCELLED, proposals=(PLAN,)), is_interrupted=True).end()
    assert capsys.readouterr().err == (
        "Stopped after 1.5 s. Found so far: Book 2 of 3 visits, cost 10, at most 50.0 % could be saved. "
        "Nothing was written.\n"
    )


def test_a_job_that_is_not_waited_for_still_says_the_last_cost(capsys) -> None:
    def job(control) -> SolveResult:
        control.on_progress(step(objective=40, bound=20))
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ended:
        solve("Booking", PARAMS, job, is_quiet=True)
    assert ended.value.exit_code == 130
    assert "Found so far: placing: cost 40, at least 20 (gap 50.0 %). Nothing was written." in capsys.readouterr().err


def test_a_job_hears_of_ctrl_c() -> None:
    def job(control) -> SolveResult:
        signal.raise_signal(signal.SIGINT)
        return result(SolveStatus.CANCELLED if control.is_cancelled() else SolveStatus.OPTIMAL)

    solved = solve("Booking", PARAMS, job, is_quiet=True)
    assert solved.is_interrupted
    assert solved.result.status is SolveStatus.CANCELLED


def test_a_job_that_finished_all_the_same_counts_as_stopped() -> None:
    def job(_control) -> SolveResult:
        signal.raise_signal(signal.SIGINT)
        return result(SolveStatus.OPTIMAL)

    assert solving.solve("Booking", PARAMS, job, is_quiet=True).is_stopped
