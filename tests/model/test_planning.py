from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.model.planning import Contract, Cover, PlanningBrief


def test_a_contract_has_room():
    assert Contract(activity="a", minimum=2, maximum=2).wished is None
    with pytest.raises(ValidationError, match="at most 1 sessions, but at least 2"):
        Contract(activity="a", minimum=2, maximum=1)


def test_cover_is_of_one_thing():
    assert Cover(minimum=1, specialty="eyes").activity is None
    for fields in ({}, {"specialty": "eyes", "activity": "a"}):
        with pytest.raises(ValidationError, match="expected either a specialty or an activity"):
            Cover(minimum=1, **fields)


def test_a_brief_has_periods():
    with pytest.raises(ValidationError, match="at least 1"):
        PlanningBrief(periods=[])
