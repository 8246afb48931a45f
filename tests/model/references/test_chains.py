from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import order, patient, site
from tests.model.references.expect import broken, faults_in, legal


def waiting(**prerequisites):
    """Orders by id, each with the ids it waits for."""
    return [order(id, prerequisites=[{"order": other} for other in others]) for id, others in prerequisites.items()]


def test_prerequisites_without_a_circle():
    legal(orders=waiting(a="", b="a", c="ab", d="c"))


def test_an_order_that_waits_for_itself():
    broken("orders[0].prerequisites[0].order", "('a' after 'a')", orders=waiting(a="a"))


def test_a_circle_is_named():
    broken(
        "orders[2].prerequisites[0].order", "('a' after 'b' after 'c' after 'a')", orders=waiting(a="b", b="c", c="a")
    )
    broken("orders[2].prerequisites[1].order", "('b' after 'c' after 'b')", orders=waiting(a="b", b="c", c="db", d=""))


def test_two_circles_are_two_faults():
    faults = faults_in(orders=waiting(a="b", b="a", c="d", d="c"))
    assert [fault.place for fault in faults] == ["orders[1].prerequisites[0].order", "orders[3].prerequisites[0].order"]


def test_a_long_chain_is_no_circle():
    ids = [f"o{i}" for i in range(5_000)]
    chain = [order(id, prerequisites=[{"order": before}]) for before, id in pairwise(ids)]
    random.Random(1).shuffle(chain)
    legal(orders=[order("o0"), *chain])


@given(st.lists(st.lists(st.integers(0, 5), max_size=3, unique=True), min_size=1, max_size=6))
def test_a_fault_is_found_exactly_when_there_is_a_circle(edges):
    """Oracle: take away orders that wait for nobody who is left, until nothing changes."""
    n = len(edges)
    waits = {i: {j for j in others if j < n} for i, others in enumerate(edges)}
    left = set(waits)
    while free := {i for i in left if not waits[i] & left}:
        left -= free
    faults = faults_in(orders=waiting(**{f"o{i}": [f"o{j}" for j in sorted(waits[i])] for i in waits}))
    assert bool(faults) == bool(left)


def test_ties():
    orders = [order("a"), order("b"), order("c")]
    legal(orders=orders, ties=[{"id": "t", "kind": "same-day", "orders": ["a", "b"]}])
    broken(
        "ties[0].orders[1]", "found 'd'", orders=orders, ties=[{"id": "t", "kind": "same-day", "orders": ["a", "d"]}]
    )
    broken("ties[0].orders[1]", "again", orders=orders, ties=[{"id": "t", "kind": "same-day", "orders": ["a", "a"]}])


def test_a_trip_is_to_one_site():
    fields = {
        "orders": [order("a", required_site="main"), order("b", patient="pat-2", required_site="east"), order("c")],
        "sites": (site(), site("east")),
        "patients": (patient(), patient("pat-2")),
    }
    legal(**fields, ties=[{"id": "t", "kind": "same-day", "orders": ["a", "b"]}])
    legal(**fields, ties=[{"id": "t", "kind": "one-trip", "orders": ["a", "c"]}])
    for kind in ("one-trip", "household"):
        tie = {"id": "t", "kind": kind, "orders": ["a", "b", "c"]}
        broken("ties[0].orders", "'a', 'b' that must be at sites 'main', 'east'", **fields, ties=[tie])
