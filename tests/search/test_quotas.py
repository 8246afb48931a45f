"""Quotas: the posts that hold a stretch, found in bulk, one by one, and by looking at all of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.search.quotas import Posts

STRETCHES = st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(1, 12))


@given(st.lists(STRETCHES, max_size=12), st.lists(STRETCHES, max_size=12))
def test_who_holds_a_stretch(known, asked):
    posts = Posts(3, [(owner, a, a + n, 1) for owner, a, n in known])
    every = sorted((owner, a, a + n) for owner, a, n in known)
    expected = {
        (i, q)
        for i, (owner, a, n) in enumerate(asked)
        for q, (o, start, end) in enumerate(every)
        if o == owner and start <= a and a + n <= end
    }
    table = np.array(asked, np.int64).reshape(len(asked), 3)
    pairs = posts.holding(*(np.ascontiguousarray(c) for c in (table[:, 0], table[:, 1], table[:, 1] + table[:, 2])))
    assert {(int(i), int(q)) for i, q in pairs} == expected
    assert len(pairs) == len(expected)
    one_by_one = {(i, q) for i, (o, a, n) in enumerate(asked) for q in posts.holding_one(o, a, a + n)}
    assert one_by_one == expected


def test_more_posts_than_places_for_the_answer():
    posts = Posts(1, [(0, 0, 100, 1)] * 40)
    at = np.zeros(1, np.int64)
    assert len(posts.holding(at, at, at + 1)) == 40


def test_a_post_is_full_when_its_limit_is_reached_and_nobody_unknown_has_one():
    posts = Posts(2, [(0, 0, 10, 2), (0, 20, 30, 0), (1, 0, 10, 1)])
    assert posts.full(0) == [(20, 30)]
    posts.count[0] = 2
    assert posts.full(0) == [(0, 10), (20, 30)]
    assert posts.full(1) == []
    unknown = np.array([-1], np.int64)
    assert len(posts.holding(unknown, np.array([1]), np.array([2]))) == 0
