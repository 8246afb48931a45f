import pytest

from engine.solver.params import SolveParams


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"time_limit_s": 0}, "time_limit_s is 0, expected a number of seconds above 0"),
        ({"time_limit_s": float("nan")}, "time_limit_s is nan"),
        ({"time_limit_s": float("inf")}, "time_limit_s is inf"),
        ({"workers": 0}, "workers is 0, expected 1 to 256"),
        ({"workers": 257}, "workers is 257"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**31}, "seed is 2147483648, expected 0 to 2147483647"),
        ({"deterministic_limit": 1.0}, "deterministic_limit is given. Maybe set is_deterministic too."),
        ({"deterministic_limit": 0.0, "is_deterministic": True}, "deterministic_limit is 0.0"),
        ({"relative_gap": 1.0}, "relative_gap is 1.0, expected 0 or more and less than 1"),
        ({"relative_gap": -0.1}, "relative_gap is -0.1"),
    ],
)
def test_a_value_outside_its_range_is_refused_by_name(fields, message):
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        SolveParams(**fields)


@pytest.mark.parametrize("fields", [{"workers": 1}, {"workers": 256}, {"seed": 2**31 - 1}, {"relative_gap": 0.99}])
def test_the_ends_of_the_ranges_are_allowed(fields):
    assert SolveParams(**fields) == SolveParams(**fields)


def test_only_deterministic_mode_has_a_deterministic_budget():
    assert SolveParams().deterministic_budget is None
    assert SolveParams(is_deterministic=True, deterministic_limit=7.0).deterministic_budget == 7.0
    assert SolveParams(is_deterministic=True, time_limit_s=8.0).deterministic_budget == 2.0


def test_the_outside_limit_is_above_what_the_solver_is_told():
    plain, deterministic = SolveParams(time_limit_s=5), SolveParams(time_limit_s=5, is_deterministic=True)
    assert plain.solver_limit_s == 5
    assert plain.outside_limit_s == 5.5
    assert deterministic.solver_limit_s == 50
    assert SolveParams(time_limit_s=1000).outside_limit_s == 1002


def test_a_part_of_a_limit_is_never_nothing():
    assert SolveParams().with_limit(0.0).time_limit_s == 0.01
    assert SolveParams(is_deterministic=True).with_limit(1.0, 0.0).deterministic_limit == 0.01
