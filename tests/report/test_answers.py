"""Answers as tables of the report."""

from __future__ import annotations

from api.report.answers import board_table, checked, cost_table, left_over_table, proposal_part
from engine.check import CheckReport
from engine.model.explanation import LeftOver, Move, PenaltyTerm, ScheduleDiff, ScoreBreakdown, Violation
from engine.model.patient import Contact
from engine.model.result import Proposal
from engine.model.template import Recurrence, Template, TemplateSession
from tests import factories as f


def test_the_verdict_of_a_check() -> None:
    overridden = Violation(code="notice", subjects=("a",), message="Late.", is_overridden=True)
    broken = Violation(code="capacity", subjects=("a",), message="Two at once.")
    assert 'class="good"' in checked(CheckReport((overridden,)))
    assert checked(CheckReport((overridden, broken))) == '<p class="bad">Checked: 1 rule broken.</p>\n'


def test_costs_by_name_and_their_sum() -> None:
    terms = (PenaltyTerm(code="moved-day", subjects=("a",), amount=2, weight=40),)
    made = cost_table(ScoreBreakdown(terms=terms))
    assert '<td>Visits moved to another day</td><td class="number">80</td>' in made
    assert '<td>Sum</td><td class="number">80</td>' in made
    assert cost_table(ScoreBreakdown()) == "<p>Nothing.</p>\n"


def test_a_proposal_tells_calls_from_silent_changes() -> None:
    before = {"patient": "pat-1", "before_start": f.at("09:00"), "before_resources": ("dr-a",)}
    diff = ScheduleDiff(
        moved=(
            Move(appointment="called", after_start=f.at("2026-03-03 10:00"), after_resources=("dr-a",), **before),
            Move(appointment="silent", after_start=f.at("09:05"), must_call=False, **before),
        ),
        cancelled=(Move(appointment="lost", **before),),
        booked=(Move(appointment="gain", patient="pat-1", after_start=f.at("09:00"), after_resources=("dr-a",)),),
    )
    left_over = (LeftOver(appointment="stuck", reason="It is pinned."),)
    proposal = Proposal(id="p", title="Fewest calls", version=0, diff=diff, left_over=left_over)
    world = f.problem(patients=(f.patient(name="Rosalind Quince", contact=Contact(telephone="044 123")),))
    made = proposal_part(world, proposal, 1, is_accepted=True)
    assert "Proposal 1: Fewest calls (accepted here)" in made
    assert (
        "3 calls to make: 1 visit is moved, 1 visit is cancelled, 1 new visit. Without a call: 1 visit changes" in made
    )
    assert "<td>gain</td><td>(new visit)</td><td>Mon 2 Mar 2026 09:00</td>" in made
    assert "<td>called</td><td>Mon 2 Mar 2026 09:00</td><td>Tue 3 Mar 2026 10:00</td><td>Dr dr-a</td>" in made
    for words in ("<td>lost</td>", "<td>cancelled</td>", "<td>gain</td>", "<td>stuck</td>", "It is pinned."):
        assert words in made
    for words in ("silent", "Rosalind", "044 123"):
        assert words not in made


def test_a_proposal_without_calls_says_so() -> None:
    made = proposal_part(f.problem(), Proposal(id="p", title="Nothing moves", version=0), 2, is_accepted=False)
    assert "Nobody has to be called, and no visit changes." in made
    assert "accepted" not in made
    assert "<table" not in made


def test_orders_left_over_are_counted_by_service_and_priority() -> None:
    orders = (f.order("ord-1"), f.order("ord-2"), f.order("ord-3", priority="urgent"))
    left_over = [LeftOver(order=o.id, reason=f"Order {o.id} is full.") for o in orders]
    left_over.append(LeftOver(appointment="a", reason="Pinned."))
    made = left_over_table(f.problem(orders=orders), left_over)
    assert "<th>Left over</th><th>Why</th>" in made.replace(' class="number"', "")
    assert '<td>Service visit</td><td>routine</td><td class="number">2</td><td>The order is full.</td>' in made
    assert '<td>Service visit</td><td>urgent</td><td class="number">1</td><td>The order is full.</td>' in made
    assert "<td>ord-3</td><td>Service visit</td><td>urgent</td><td>Order ord-3 is full.</td>" in made
    assert "<td>a</td><td></td><td></td><td>Pinned.</td>" in made
    assert "Each of them, one by one" in made


def test_many_reasons_are_cut_and_the_rest_counted() -> None:
    left_over = [LeftOver(appointment=f"app-{n}", reason=f"Reason {n}.") for n in range(43)]
    made = left_over_table(f.problem(), left_over)
    assert '<td class="number">3</td><td>for other reasons; the list of all is in booked.json</td>' in made
    assert "The first 40 of 43, one by one" in made


def test_a_board_has_a_table_for_each_week() -> None:
    def session(id: str, day: str, *weeks: int) -> TemplateSession:
        shape = {"owner": "dr-a", "site": "main", "period": f.period("08:00", "12:00"), "activity": "Clinic"}
        return TemplateSession(id=id, on=Recurrence(day=day, weeks=weeks), **shape)

    template = Template(
        id="t",
        name="Usual",
        effective_from=f.MONDAY,
        cycle_weeks=2,
        sessions=(session("a", "mon"), session("b", "thu", 2)),
    )
    first, second = board_table(f.problem(), template).split("Week 2 of 2")
    assert "<th>Thu</th>" not in first
    assert first.startswith("<details open>")
    assert "<th>Mon</th><th>Thu</th>" in second
    assert "<td>Dr dr-a</td><td>08:00 Clinic</td><td>08:00 Clinic</td>" in second
