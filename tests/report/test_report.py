"""What the report says around its tables and plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.walkthrough import Booking
from api.report import report
from engine.check import CheckReport
from engine.model.explanation import PenaltyTerm, ScoreBreakdown
from engine.model.result import Progress, SolveResult, SolveStatus

if TYPE_CHECKING:
    from typing import Any


def test_a_plot_of_the_solve_is_drawn_where_it_tells_something() -> None:
    def proof(*times: float) -> str:
        trace = tuple(Progress(elapsed_s=t, stage="left out", objective=9 - n) for n, t in enumerate(times))
        return report._proof(SolveResult(SolveStatus.FEASIBLE, trace=trace))

    assert 'aria-label="Cost and bound over time"' in proof(0.1, 1.2)
    assert "<svg" not in proof(0.01, 0.02)


def test_the_two_sums_of_booking_and_check_are_reconciled() -> None:
    def said(whole: int) -> str:
        terms = (PenaltyTerm(code="access-delay", subjects=("a",), amount=whole, weight=1),)
        unused: Any = None
        booking = Booking(solved=unused, after=unused, report=CheckReport((), ScoreBreakdown(terms=terms)))
        return report._cost_of_the_whole(booking, 29_330)

    assert "What was booked before costs 16,068 more: 45,398 for the whole schedule" in said(45_398)
    assert said(29_330) == ""
