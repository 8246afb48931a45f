"""Rows of starts: kept as resources are booked, dropped when they become too many."""

from __future__ import annotations

import numpy as np

from engine.model.schedule import Schedule
from engine.search import Occupancy, find, starts
from engine.search.followed import RowStore
from tests import factories as f


def test_the_store_grows_and_uses_rows_again():
    store = RowStore(2)
    slots = [store.put(np.array([i, i], np.uint64)) for i in range(100)]
    assert [store.rows[s].tolist() for s in slots] == [[i, i] for i in range(100)]
    assert store.n_used == 100
    store.drop(slots[:40])
    assert store.n_used == 60
    again = {store.put(np.array([7, 7], np.uint64)) for _ in range(40)}
    assert again <= {*range(len(store.rows))} - set(slots[40:])
    assert [store.rows[s].tolist() for s in slots[40:]] == [[i, i] for i in range(40, 100)]


def test_neither_asking_again_nor_a_booking_makes_new_rows():
    problem = f.problem((f.practitioner(), f.practitioner("dr-b")))
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    order, store = problem.orders[0], occupancy.starts.store
    find(occupancy, order, now=f.NOW)
    assert store.n_used == 3  # one for each, and one of the starts that the calendar allows
    find(occupancy, order, now=f.NOW)
    assert store.n_used == 3
    occupancy.book(f.appointment(order=None, patient=None))
    find(occupancy, order, now=f.NOW)
    assert store.n_used == 3


def test_rows_made_for_one_question_are_given_back():
    """Age limits depend on the patient, so their rows are nobody else's."""
    birth = f.patient(birth_date=f.MONDAY.replace(year=2000))
    limited = f.practitioner(limits=({"kind": "age-years", "minimum": 18},))
    problem = f.problem((limited,), patients=(birth,))
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    assert find(occupancy, problem.orders[0], now=f.NOW)
    assert occupancy.starts.store.n_used == 1


def test_too_many_rows_are_dropped_before_the_next_question(monkeypatch):
    problem = f.problem()
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    find(occupancy, problem.orders[0], now=f.NOW)
    occupancy.make_room()
    assert occupancy.starts.store.n_used == 2
    monkeypatch.setattr(starts, "_MAX_BYTES", 0)
    occupancy.make_room()
    assert occupancy.starts.store.n_used == 0
    assert len(find(occupancy, problem.orders[0], now=f.NOW)) == 5
