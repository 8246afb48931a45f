"""Rows of starts follow what is booked: after any sequence of updates they are those of a new occupancy."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.model.appointment import GroupOccurrence, Override
from engine.model.policy import Policy
from engine.model.resource import Changeover, Privilege, Travel
from engine.model.schedule import Schedule
from engine.model.service import RoleUse
from engine.model.session import ClassQuota, PatientClass, Release, Segment, SurgeryBlock
from engine.search import Occupancy, find
from engine.search.followed import Followed
from engine.search.starts import shape_of
from tests import factories as f
from tests.search.worlds import N_WORLDS

URGENT_ONLY = Segment(
    start="11:00", end="12:00", is_kept_for_urgent=True, release=Release(days_before=1, at="12:05")
)  # five minutes after NOW
RESOURCES = (
    f.practitioner("walks", other_sites=("east",)),
    f.practitioner("holds-sessions", use="in-sessions"),
    f.practitioner("leads", presence_limit=2, overflow_lanes=1),
    f.practitioner(
        "cuts", use="in-sessions", specialties=("bone",), privileges=(Privilege(capability="cut", valid_from=f.MONDAY),)
    ),
    f.practitioner("owns", use="in-sessions", capabilities=("cut",), specialties=("bone",)),
    f.room("wide", lanes=3, capabilities=("couch",)),
    f.room("cleaned", buffers="overlap", cleanup_min=10, changeovers=(Changeover(after="wet", minutes=15),)),
    f.room("theatre", capabilities=("couch", "table")),
    f.room("far", site="east", capabilities=("couch",)),
)
COUCH, TABLE = ("couch",), ("table",)
SERVICES = (
    f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room", capabilities=COUCH, cleanup_min=5)))),
    f.service(
        "talk",
        f.step(minutes=10, roles=(f.role("doctor", start="start-5", end="end+5"),), modalities=("video",)),
    ),
    f.service("watched", f.step(roles=(f.role("room", "room", units=2, tag="wet"), f.role("watches", use="presence")))),
    f.service(
        "cut", f.step(roles=(f.role("surgeon", capabilities=("cut",)), f.role("room", "room", capabilities=TABLE)))
    ),
    f.service("class", f.step(), group_size=3),
)
WORLD = f.problem(
    RESOURCES,
    SERVICES,
    days=1,
    sites=(f.site(), f.site("east")),
    travel=(Travel(origin="main", destination="east", minutes=25),
            Travel(origin="east", destination="main", minutes=20)),
    sessions=(
        f.session("am", "holds-sessions", overbooking_lanes=1, rooms=("wide",), segments=(
            Segment(start="08:00", end="10:00", quota=2), Segment(start="10:00", end="11:00"), URGENT_ONLY)),
        f.session("pm", "holds-sessions", start="12:00", end="15:00", class_quotas=(
            ClassQuota(patient_class="inpatient", quota=1),)),
    ),
    blocks=(
        SurgeryBlock(id="b", day=f.MONDAY, theatre="theatre", period=f.period("08:00", "13:00"), specialty="bone",
                     release=Release(days_before=1, at="12:03")),
        SurgeryBlock(id="c", day=f.MONDAY, theatre="theatre", period=f.period("13:00", "17:00"), practitioner="owns"),
    ),
    policy=Policy(overridable_by={"capacity": ("head",)}),
    patients=(f.patient(), f.patient("pat-2")),
    orders=tuple(
        f.order(f"{s.id}-{c}-{p}", service=s.id, patient_class=c, priority=p)
        for s in SERVICES[:4]
        for c, p in (("outpatient", "routine"), ("inpatient", "urgent"))
    ),
)  # fmt: skip
GROUP = GroupOccurrence(
    id="group", service="class", seats=3, steps=(f.placed("visit", f.at("09:00"), 60, {"doctor": "leads"}),)
)
OVERRIDE = Override(rule="capacity", by="somebody", role="head", reason="urgent", at=f.NOW)
ROLES = {(s.id, role.id): role for s in SERVICES for step in s.steps for role in step.roles}


@st.composite
def appointments(draw, id):
    fields = {
        "patient": draw(st.sampled_from(["pat-1", "pat-2"])),
        "order": None,
        "patient_class": draw(st.sampled_from(["outpatient", "inpatient"])),
        "overrides": draw(st.sampled_from([(), (), (), (OVERRIDE,)])),
    }
    if draw(st.integers(0, 3)) == 0:
        fields["status"] = "pending"
        fields["expires_at"] = f.NOW + timedelta(minutes=draw(st.integers(-6, 6)))
    if draw(st.integers(0, 5)) == 0:
        return f.appointment(id, f.placed("visit", f.at("09:00"), 60), **fields, service="class", group="group")
    start = f.at("08:00") + timedelta(minutes=5 * draw(st.integers(-3, 110)) + draw(st.sampled_from([0, 0, 2])))
    minutes = draw(st.sampled_from([3, 10, 20, 20, 60]))
    service = draw(st.sampled_from(SERVICES[:4]))
    reservations = []
    for role in service.steps[0].roles:
        reservations.append(
            f.reservation(role.id, draw(st.sampled_from(pool_of(role))).id, start, start + timedelta(minutes=minutes),
                          units=role.units, use=role.use)
        )  # fmt: skip
    step = f.placed("visit", start, minutes, reservations, site=draw(st.sampled_from(["main", "main", "east"])))
    return f.appointment(id, step, **fields, service=service.id)


def pool_of(role):
    return [r for r in RESOURCES if r.kind == role.kind]


def rows_of(occupancy):
    """Every row of starts that could be asked for, by what it is asked for."""
    found = {}
    for (service, name), role in ROLES.items():
        for site in ("main", "east"):
            length = (10 if service == "talk" else 20) // 5
            first = role.start.minutes // 5
            stop = length + role.end.minutes // 5
            shape = shape_of(role, service, site, (first, stop), is_in_person=service != "talk")
            number = occupancy.starts.number(shape)
            for r, resource in enumerate(RESOURCES):
                if resource not in pool_of(role):
                    continue
                for c, is_routine in ((PatientClass.OUTPATIENT, True), (PatientClass.INPATIENT, False)):
                    made = occupancy.starts.entries(r, shape, number, c, occupancy.now, is_routine=is_routine)
                    for e in made:
                        key = service, name, site, resource.id, c, tuple(sorted(e.rooms or ()))
                        found[key] = occupancy.starts.store.rows[e.slot].tolist()
    return found


def rows_of_kinds(occupancy):
    """The rows that kinds of orders walk through, by order."""
    found = {}
    for order in WORLD.orders:
        patient = WORLD.patient(order.patient)
        kind = occupancy.kinds.of(order, patient, occupancy.now, is_routine=order.priority == "routine")
        if kind is not None:
            found[order.id] = occupancy.starts.store.rows[kind.entries[:, 0]].tolist()
    return found


def answers_of(occupancy):
    return {
        (order.id, diverse): [
            (c.start, c.cost, c.steps) for c in find(occupancy, order, now=occupancy.now, k=4, diverse=diverse)
        ]
        for order in WORLD.orders
        for diverse in (True, False)
    }


class Following(RuleBasedStateMachine):
    @initialize(data=st.data(), n=st.integers(0, 4))
    def open(self, data, n):
        self.count = n
        self.now = f.NOW
        self.here = {f"app-{i}": data.draw(appointments(f"app-{i}")) for i in range(n)}
        self.occupancy = Occupancy.of(Schedule.of(WORLD, self.here.values(), groups=(GROUP,)), now=self.now)

    @rule(data=st.data())
    def book(self, data):
        made = data.draw(appointments(f"app-{self.count}"))
        self.count += 1
        self.occupancy.book(made)
        self.here[made.id] = made

    @rule(data=st.data())
    def cancel(self, data):
        if self.here:
            gone = data.draw(st.sampled_from(sorted(self.here)))
            assert self.occupancy.cancel(gone) == self.here.pop(gone)

    @rule(data=st.data())
    def move(self, data):
        """Another visit under the same id."""
        if self.here:
            moved = data.draw(st.sampled_from(sorted(self.here)))
            self.occupancy.cancel(moved)
            self.here[moved] = data.draw(appointments(moved))
            self.occupancy.book(self.here[moved])

    @rule(minutes=st.integers(-7, 7))
    def look_at_another_time(self, minutes):
        self.now = f.NOW + timedelta(minutes=minutes)
        self.occupancy.at(self.now)

    @rule()
    def drop_what_can_be_made_again(self):
        for r in range(len(RESOURCES)):
            self.occupancy.starts.forget(r)

    @rule(data=st.data(), depth=st.integers(1, 2), fails=st.booleans())
    def suppose_something_for_a_while(self, data, depth, fails):
        with suppress(ZeroDivisionError):
            self.suppose(data, dict(self.here), depth, fails=fails)

    def suppose(self, data, here, depth, *, fails):
        """Take some out, put some in, move some; once more inside; and leave as it was asked."""
        removed = data.draw(st.lists(st.sampled_from(sorted(here)), max_size=3, unique=True)) if here else []
        moved = [i for i in removed if data.draw(st.booleans())]
        added = [data.draw(appointments(i)) for i in (*moved, *data.draw(st.sampled_from([(), (f"new-{depth}",)])))]
        with self.occupancy.supposing(removed=removed, added=added):
            rest = {i: a for i, a in here.items() if i not in removed} | {a.id: a for a in added}
            self.same(rest.values())
            if depth > 1:
                self.suppose(data, rest, depth - 1, fails=fails)
                self.same(rest.values())
            if fails:
                raise ZeroDivisionError

    @invariant()
    def is_as_a_new_one(self):
        if hasattr(self, "occupancy"):
            self.same(self.here.values())

    def same(self, here):
        fresh = Occupancy.of(Schedule.of(WORLD, here, groups=(GROUP,)), now=self.now)
        for ask in (rows_of, rows_of_kinds, answers_of):
            got, expected = ask(self.occupancy), ask(fresh)
            assert got.keys() == expected.keys()
            for key, value in expected.items():
                assert got[key] == value, (ask.__name__, key)


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=N_WORLDS // 4, stateful_step_count=10)


def test_the_world_is_one_in_which_there_is_something_to_follow():
    """Or the property above would say little: kinds, rows narrowed for some, quotas, and time kept back."""
    occupancy = Occupancy.of(Schedule.of(WORLD), now=f.NOW)
    asked = rows_of_kinds(occupancy)
    assert {f"{s}-outpatient-routine" for s in ("visit", "talk", "cut")} <= asked.keys()
    assert occupancy.quotas.has_any
    assert occupancy.calendars.kept(1, f.NOW)[1] is not None
    assert all(answers_of(occupancy).values())


def test_a_booking_changes_a_row_around_itself_and_nowhere_else():
    problem = f.problem((f.practitioner(), f.practitioner("dr-b")))
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    find(occupancy, problem.orders[0], now=f.NOW)
    slot = occupancy.followed.heads[0]
    before = np.unpackbits(occupancy.followed.rows[slot].view(np.uint8), bitorder="little")
    version = occupancy.starts.n_changes
    occupancy.book(f.appointment(order=None))
    after = np.unpackbits(occupancy.followed.rows[slot].view(np.uint8), bitorder="little")
    nine = occupancy.grid.exact(f.at("09:00"))
    assert np.flatnonzero(before != after).tolist() == list(range(nine - 3, nine + 4))
    assert occupancy.starts.n_changes == version


def test_a_row_that_is_left_no_longer_follows_and_the_others_do():
    store = Followed(1, 1)
    full = np.full(1, 0xFF, np.uint64)
    slots = [store.follow(0, full, None, (0, 1), units=1, is_presence=False) for _ in range(3)]
    store.leave(0, slots[1])
    assert (store.heads[0], store.known[slots[2], 0], store.known[slots[0], 0]) == (slots[2], slots[0], 0)
    store.leave(0, slots[2])
    assert store.heads[0] == slots[0]
    store.forget(0)
    assert (store.n_used, store.heads[0]) == (0, 0)


@pytest.mark.parametrize("use", list(RoleUse))
def test_a_row_narrowed_to_nothing_is_not_kept(use):
    store = Followed(1, 1)
    slot = store.follow(0, np.ones(1, np.uint64), None, (0, 1), units=1, is_presence=use is RoleUse.PRESENCE)
    assert store.narrow(0, slot, np.zeros(1, np.uint64)) == 0
    assert store.n_used == 1


def test_rows_share_their_base_until_the_last_of_them_is_gone(monkeypatch):
    for clash in (False, True):  # of the hashes of two bases that differ
        if clash:
            monkeypatch.setattr("builtins.hash", lambda _: 1)
        store = Followed(2, 1)
        row, other = np.full(1, 0xFF, np.uint64), np.full(1, 0xF0, np.uint64)
        a, b, c = (
            store.follow(r, row, base, (0, 1), units=1, is_presence=False)
            for r, base in ((0, row), (1, row), (1, other))
        )
        base = int(store.known[a, 1])
        assert (store.known[b, 1] == base, store.known[c, 1] == base, store.n_used) == (True, False, 5)
        store.forget(0)
        assert (store.rows[base].tolist(), store.n_used) == ([0xFF], 4)
        store.forget(1)
        assert store.n_used == 0
