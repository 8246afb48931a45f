from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.model.codes import SAFETY_RULES, ConstraintCode, PenaltyCode
from engine.model.order import Priority
from engine.model.policy import DEFAULT_WEIGHTS, Policy


def test_every_penalty_has_a_weight():
    assert set(DEFAULT_WEIGHTS) == set(PenaltyCode)
    assert all(isinstance(weight, int) for weight in DEFAULT_WEIGHTS.values())


def test_weights_that_are_given_count():
    policy = Policy(weights={"wish": 0, "unfair": 7})
    assert (policy.weight(PenaltyCode.WISH), policy.weight(PenaltyCode.UNFAIR)) == (0, 7)
    assert policy.weight(PenaltyCode.UNPLACED) == DEFAULT_WEIGHTS[PenaltyCode.UNPLACED]


def test_the_more_urgent_count_more():
    factors = [Policy().priority.of(priority) for priority in Priority]
    assert factors == sorted(factors, reverse=True)
    assert Policy(priority={"urgent": 3}).priority.of(Priority.URGENT) == 3


@pytest.mark.parametrize("rule", sorted(SAFETY_RULES))
def test_safety_rules_stay(rule):
    with pytest.raises(ValidationError, match=f"safety rules cannot be overridden: {rule.value}"):
        Policy(overridable_by={rule: ("manager",)})


def test_other_rules_may_be_overridden():
    policy = Policy(overridable_by={"capacity": ["manager"]})
    assert policy.overridable_by == {ConstraintCode.CAPACITY: ("manager",)}
