"""Steps free in order: whichever order fits, the cheapest of them, the patient in one place at a time."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from engine.check import check
from engine.jobs.book_offer import book_offer
from engine.jobs.book_orders import book_orders
from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.hours import Hours
from engine.model.policy import Policy
from engine.model.resource import Travel
from engine.model.schedule import Schedule
from engine.model.service import SameResource
from engine.model.shorthand import RoleRef
from engine.search import Occupancy, find
from engine.solver.params import SolveParams
from tests import factories as f


def hours(start, end):
    return Hours(weekly=(f.weekly(start, end),))


def bundle(*steps, **fields):
    return f.service("visit", *steps, is_ordered=False, **fields)


def needing(id, resource, minutes=20, **fields):
    return f.step(id, minutes, roles=(f.role("doctor", any_of=(resource,)),), **fields)


def visits(k=1, **fields):
    """The steps of the best visits as (id, start), in time; each of them books without a fault."""
    problem = f.problem(**{"days": 1, "policy": Policy(start_grid_min=10), **fields})
    schedule = Schedule.of(problem)
    result = find_slots(schedule, "ord-1", now=f.NOW, k=k, diverse=False)
    for offer in result.offers:
        after, _ = book_offer(schedule, result, offer)
        assert check(after, now=f.NOW).violations == ()
    zone = timedelta(hours=1)
    return [[(s.step, f"{s.start + zone:%H:%M}") for s in o.appointment.steps] for o in result.offers]


def test_the_only_order_may_be_the_reverse_one():
    staff = [f.practitioner(f"dr-{i}", hours=hours(f"{11 - i:02d}:00", f"{12 - i:02d}:00")) for i in range(3)]
    steps = [needing(f"step-{i}", f"dr-{i}") for i in range(3)]
    found = visits(3, resources=staff, services=(bundle(*steps),))
    assert found[0] == [("step-2", "09:00"), ("step-1", "10:00"), ("step-0", "11:00")]
    assert [v[0][1] for v in found] == ["09:00", "09:10", "09:20"]
    assert visits(resources=staff, services=(f.service("visit", *steps),)) == []


def test_of_orders_that_cost_the_same_the_one_of_the_service_comes_first():
    steps = [needing(i, "dr-a") for i in "xyz"]
    assert visits(services=(bundle(*steps),)) == [[("x", "08:00"), ("y", "08:20"), ("z", "08:40")]]


def test_an_order_that_is_over_sooner_is_not_better_than_one_that_costs_less():
    """With Y first the patient waits until 10:00 for X; with X first, at 10:00, there is no wait."""
    staff = (f.practitioner("dr-x", hours=hours("10:00", "11:00")), f.practitioner("dr-y"))
    fields = {"resources": staff, "services": (bundle(needing("x", "dr-x"), needing("y", "dr-y")),)}
    assert visits(**fields)[0] == [("y", "08:00"), ("x", "10:00")]
    waiting = Policy(start_grid_min=10, weights={"patient-wait": 1})
    assert visits(**fields, policy=waiting)[0] == [("y", "09:40"), ("x", "10:00")]


def test_every_step_is_on_the_grid():
    staff = (f.practitioner("dr-x"), f.practitioner("dr-y"))
    steps = (needing("x", "dr-x", 25), needing("y", "dr-y", 25))
    found = visits(resources=staff, services=(bundle(*steps),), policy=Policy(start_grid_min=15))
    assert found == [[("x", "08:00"), ("y", "08:30")]]


def test_a_step_without_the_patient_may_overlap_others_and_end_the_visit():
    staff = (f.practitioner("dr-x"), f.practitioner("dr-y", hours=hours("09:00", "12:00")))
    steps = (needing("talk", "dr-x", 30), needing("report", "dr-y", 60, is_patient_present=False))
    fields = {"resources": staff, "orders": (f.order(due=f.at("10:00")),), "policy": Policy(start_grid_min=10)}
    close = bundle(*steps, max_span_min=60)
    assert visits(**fields, services=(close,))[0] == [("talk", "09:00"), ("report", "09:00")]
    assert visits(**fields, services=(bundle(*steps),))[0] == [("talk", "08:00"), ("report", "09:00")]
    late = visits(1, **{**fields, "orders": (f.order(earliest_start=f.at("09:20")),)}, services=(close,))
    assert late[0] == [("talk", "09:20"), ("report", "09:20")]


def test_a_patient_needs_the_way_between_sites_in_whichever_order():
    sites = (f.site(), f.site("east"))
    staff = (f.practitioner("dr-x"), f.practitioner("dr-y", site="east", hours=hours("08:00", "10:00")))
    found = visits(
        sites=sites,
        travel=(
            Travel(origin="main", destination="east", minutes=70),
            Travel(origin="east", destination="main", minutes=40),
        ),
        resources=staff,
        services=(bundle(needing("x", "dr-x"), needing("y", "dr-y")),),
        orders=(f.order(earliest_start=f.at("08:20")),),
    )
    assert found == [[("y", "08:20"), ("x", "09:20")]]  # from east to main; from main there is no time left in the east


def test_the_patient_arrives_before_whichever_step_has_them_first():
    staff = (f.practitioner("dr-x", hours=hours("09:00", "10:00")), f.practitioner("dr-y"))
    steps = (needing("x", "dr-x"), needing("lab", "dr-y", is_patient_present=False))
    away = f.patient(unavailable=(Interval(start=f.at("08:00"), end=f.at("09:00")),))
    found = visits(resources=staff, services=(bundle(*steps, arrive_before_min=30),), patients=(away,))
    assert found == [[("lab", "08:00"), ("x", "09:30")]]


def test_the_same_person_in_every_step():
    staff = (
        f.practitioner("dr-x", hours=hours("08:00", "08:30")),
        f.practitioner("dr-y", hours=hours("10:00", "12:00")),
    )
    same = SameResource(roles=(RoleRef(step="a", role="doctor"), RoleRef(step="b", role="doctor")))
    found = visits(resources=staff, services=(bundle(f.step("a"), f.step("b"), same=(same,)),))
    assert found == [[("a", "10:00"), ("b", "10:20")]]


@pytest.mark.parametrize("reverse", [True, False])
def test_many_steps_are_placed_too(reverse):
    """More steps than sets are worked out for: each can only be in its own half hour."""
    n = 10
    order = list(range(n))[:: -1 if reverse else 1]
    opening = {i: 8 * 60 + 30 * at for at, i in enumerate(order)}
    staff = [f.practitioner(f"dr-{i}", hours=hours(_wall(m), _wall(m + 30))) for i, m in opening.items()]
    steps = [needing(f"step-{i}", f"dr-{i}", 30) for i in range(n)]
    (found,) = visits(resources=staff, services=(bundle(*steps),))
    assert [step for step, _ in found] == [f"step-{i}" for i in order]


def _wall(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def test_a_visit_costs_what_the_cheapest_order_costs():
    """Against every order asked for by itself, as a service with that order."""
    staff = [
        f.practitioner("dr-x", hours=hours("08:00", "09:00")),
        f.practitioner("dr-y", hours=hours("08:30", "10:00")),
        f.practitioner("dr-z"),
    ]
    steps = [needing("x", "dr-x", 30), needing("y", "dr-y", 30), needing("z", "dr-z", 30)]
    policy = Policy(start_grid_min=10, weights={"patient-wait": 1, "tardiness": 7})
    common = {"days": 1, "resources": staff, "policy": policy, "orders": (f.order(due=f.at("09:15")),)}

    def by_start(service):
        problem = f.problem(services=(service,), **common)
        occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
        return {c.start: c.cost for c in find(occupancy, problem.orders[0], now=f.NOW, k=1000)}

    best: dict[int, int] = {}
    for order in permutations(steps):
        for start, cost in by_start(f.service("visit", *order)).items():
            best[start] = min(cost, best.get(start, cost))
    assert by_start(bundle(*steps)) == best


def test_a_queue_of_orders_is_booked():
    staff = (f.practitioner("dr-x"), f.practitioner("dr-y", hours=hours("08:00", "09:00")))
    problem = f.problem(
        days=1,
        resources=staff,
        services=(bundle(needing("x", "dr-x"), needing("y", "dr-y"), is_same_day=True),),
        patients=tuple(f.patient(f"pat-{i}") for i in range(4)),
        orders=tuple(f.order(f"ord-{i}", patient=f"pat-{i}") for i in range(4)),
    )
    schedule = Schedule.of(problem)
    result = book_orders(schedule, now=f.NOW, params=SolveParams(time_limit_s=5, workers=1, is_deterministic=True))
    assert result.schedule is not None
    assert check(result.schedule, now=f.NOW).is_clean
    assert len(result.schedule.appointments) == 3  # Dr Y has time for three
