from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.model.order import Prerequisite, Priority, Separation, Tie
from tests.factories import order


def test_priorities_by_urgency():
    assert sorted(Priority, key=lambda p: p.rank) == ["stat", "asap", "urgent", "routine"]
    assert [p.is_urgent for p in Priority] == [True, True, True, False]


def test_a_prerequisite_has_time():
    assert Prerequisite(order="a", min_min=5, max_min=5).max_min == 5
    with pytest.raises(ValidationError, match="at most 4 min after, but at least 5 min after"):
        Prerequisite(order="a", min_min=5, max_min=4)


def test_a_separation_is_from_one_thing():
    assert Separation(minutes=5, order="a").service is None
    for fields in ({}, {"order": "a", "service": "s"}):
        with pytest.raises(ValidationError, match="expected either an order or a service"):
            Separation(minutes=5, **fields)


def test_a_tie_is_of_two_or_more():
    with pytest.raises(ValidationError, match="at least 2"):
        Tie(id="t", kind="same-day", orders=["a"])


@pytest.mark.parametrize(
    "fields",
    [
        {"target": {"day": "2026-03-02", "before_days": -1}},
        {"target": {"day": "2026-03-02", "after_days": 36_501}},
        {"series": [{"offset_days": -1}]},
        {"series": [{"offset_days": n} for n in range(401)]},
        {"separations": [{"minutes": 0, "order": "a"}]},
    ],
)
def test_no_orders(fields):
    with pytest.raises(ValidationError):
        order(**fields)
