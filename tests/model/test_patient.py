from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.patient import age_on

LEAP = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1980, 3, 2), date(2026, 3, 1), 45),
        (date(1980, 3, 2), date(2026, 3, 2), 46),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
        (LEAP, date(2027, 2, 28), 2),
        (LEAP, date(2027, 3, 1), 3),
        (LEAP, date(2028, 2, 28), 3),
        (LEAP, date(2028, 2, 29), 4),
    ],
)
def test_completed_years(born, day, age):
    assert age_on(born, day) == age


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 100))
def test_nobody_is_older_than_the_years_passed(born, years):
    birthday = (
        date(born.year + years, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + years)
    )
    assert age_on(born, birthday) == years
