from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.model.codes import PenaltyCode
from engine.model.explanation import Move, PenaltyTerm, ScheduleDiff, ScoreBreakdown
from tests.factories import at


def term(code, amount, weight):
    return PenaltyTerm(code=code, subjects=("a",), amount=amount, weight=weight)


def test_a_breakdown_sums_to_the_total():
    terms = term("wish", 3, 2), term("unplaced", 1, 2_000), term("wish", 1, 2), term("unfair", 0, 5)
    breakdown = ScoreBreakdown(terms=terms)
    assert breakdown.total == 2_008
    assert list(breakdown.by_code().items()) == [
        (PenaltyCode.UNPLACED, 2_000),
        (PenaltyCode.WISH, 8),
        (PenaltyCode.UNFAIR, 0),
    ]
    assert sum(breakdown.by_code().values()) == breakdown.total
    assert ScoreBreakdown().total == 0


@pytest.mark.parametrize(("amount", "weight"), [(-1, 1), (1, -1), (1.5, 1)])
def test_no_terms(amount, weight):
    with pytest.raises(ValidationError):
        term("wish", amount, weight)


def test_a_move_is_from_or_to_somewhere():
    move = Move(appointment="a", after_start=at("09:00"))
    assert ScheduleDiff().is_empty
    for name in ("booked", "cancelled", "moved", "reassigned"):
        assert not ScheduleDiff(**{name: (move,)}).is_empty
    with pytest.raises(ValidationError, match="neither before nor after"):
        Move(appointment="a")
