"""What would help, held to its promise: made for good, in the problem itself, each change lets the visit in."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.jobs.help import HelpKind
from engine.jobs.what_would_help import what_would_help
from engine.model.calendar import LocalPeriod, local_day_bounds
from engine.model.session import Session
from engine.search import Occupancy, find
from tests.search.taken_away import changed, edited, of_sessions, unkept, with_order
from tests.search.worlds import N_WORLDS
from tests.strategies import worlds

thorough = settings(
    max_examples=4 * N_WORLDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
_WISHES = {HelpKind.ANOTHER_PRACTITIONER: "required_practitioner", HelpKind.ANOTHER_SITE: "required_site"}


def in_time(world, limit):
    """The order with nothing late allowed: by the limit, and never after the deadline."""
    limits = [t for t in (limit, world.order.deadline) if t is not None]
    return with_order(deadline=min(limits))(world, None) if limits else world


def starts(world):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    found = find(occupancy, world.order, now=world.now, k=10_000, occurrence=world.occurrence)
    return {c.steps[0].start for c in found}


def with_session(world, given, r):
    """With a session of one resource in place of the one that it is made of, if it is made of one."""
    world = of_sessions(world, frozenset(), lambda _: {})
    others = [s for s in world.problem.sessions if s.id not in (given.id, f"{given.id}-{r}")]
    return changed(world, sessions=(*others, given.model_copy(update={"id": "given", "owner": r})))


def one_more_like(world, r):
    """With one more lane: as good as another one in the same room and the same sessions."""

    def twice(x):
        supervises = x.presence_limit + (x.presence_limit > 0)
        return x.model_copy(update={"lanes": x.lanes + 1, "presence_limit": supervises})

    return changed(world, resources=tuple(twice(x) if x.id == r else x for x in world.problem.resources))


def one_session_more(world, r):
    """Worlds in which somebody has one more session where they work: on a day, from one of their others to the next."""
    problem, who = world.problem, world.problem.resource(r)
    days = sorted({problem.grid.local_date(t, problem.time_zone) for t in range(problem.grid.n_ticks)})
    own = [s.bounds(problem.zone_of(s.site)) for s in problem.sessions_by_resource.get(r, ())]
    for site in (who.site, *who.other_sites):
        for day in days:
            begin, end = local_day_bounds(day, problem.zone_of(site))
            taken = sorted((max(a, begin), min(b, end)) for a, b in own if a < end and begin < b)
            since = begin
            for a, b in [*taken, (end, end)]:
                start, stop = ((t - begin) // timedelta(minutes=1) for t in (since, a))
                since = max(since, b)
                if start < stop:
                    period = LocalPeriod(start=start, end=stop)
                    more = Session(id="more", owner=r, site=site, day=day, period=period)
                    yield changed(world, sessions=(*problem.sessions, more))


def wider(world, days):
    more = {"before_days": days, "after_days": days}
    order, i = world.order, world.occurrence

    def widened(given):
        return given.model_copy(update={k: getattr(given, k) + v for k, v in more.items()})

    if i:
        return with_order(series=(*order.series[:i], widened(order.series[i]), *order.series[i + 1 :]))(world, None)
    return with_order(target=widened(order.target))(world, None)


def made_for_good(world, change):
    """The worlds that a change could mean: more than one where it is not told which absence is given up."""
    kind, order = change.kind, world.order
    if kind in _WISHES:
        return [with_order(**{_WISHES[kind]: None})(world, None)]
    if kind is HelpKind.EARLIER:
        since = order.earliest_start - timedelta(days=change.size // 15)
        return [with_order(earliest_start=since)(world, None)]
    if kind is HelpKind.TOLERANCE:
        return [wider(world, change.size // 15)]
    if kind is HelpKind.RELEASE:
        return [unkept(world, frozenset([change.resource]))]
    if kind is HelpKind.ONE_MORE:
        return [one_more_like(world, change.resource)]
    if kind is HelpKind.PATIENT:
        patient = world.problem.patient(order.patient)
        kept = [tuple(a for a in patient.unavailable if a is not away) for away in patient.unavailable]
        others = tuple(p for p in world.problem.patients if p.id != patient.id)
        return [changed(world, patients=(*others, *edited([patient], unavailable=rest))) for rest in kept]
    return [with_session(world, change.session, change.resource)]


PLAIN = (
    "age",
    "breaks",
    "durations",
    "k-of-n",
    "kept-back",
    "lanes",
    "order",
    "overbooking",
    "patient",
    "presence",
    "quotas",
    "required",
    "segments",
    "session-rooms",
    "sites",
    "two-roles",
)
"""What a world of visits of one step can be about, where days have 24 hours and nothing is asked between two uses."""


@thorough
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=4, unique=True).flatmap(lambda about: worlds(*about)))
def test_in_plain_worlds_one_more_of_a_kind_and_one_more_session_are_named_where_they_help(world):
    found = what_would_help(world.schedule, "ord-1", now=world.now, k=20, occurrence=world.occurrence)
    if found.in_time or found.reasons:
        return
    kinds = {h.kind for h in found.helps}
    for resource in world.problem.resources:
        if resource.kind != "practitioner":
            if starts(in_time(one_more_like(world, resource.id), found.limit)):
                assert HelpKind.ONE_MORE in kinds, resource.id
        elif resource.use == "in-sessions" and HelpKind.SESSION not in kinds:
            helped = (starts(in_time(w, found.limit)) for w in one_session_more(world, resource.id))
            assert not any(helped), resource.id


@thorough
@given(worlds(extra=4))
def test_each_change_lets_the_visit_in_and_none_is_needed_where_there_is_an_offer(world):
    asked = {"now": world.now, "occurrence": world.occurrence}
    found = what_would_help(world.schedule, "ord-1", k=20, **asked)
    possible = starts(in_time(world, found.limit))
    assert bool(possible) == (found.in_time is not None)
    assert not (found.helps and (found.in_time or found.reasons))
    for change in found.helps:
        offered = world.problem.grid.floor(change.offer.start)
        assert any(offered in starts(in_time(w, found.limit)) for w in made_for_good(world, change)), change
    if found.in_time or found.reasons:
        return
    kinds = {h.kind for h in found.helps}
    for resource in world.problem.resources:
        if starts(in_time(unkept(world, frozenset([resource.id])), found.limit)):
            assert HelpKind.RELEASE in kinds, resource.id
