"""The fewest obstacles, held to brute force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.model.explanation import BlockerKind
from engine.search.obstacles import Obstacle, fewest

KINDS = (BlockerKind.BOOKED, BlockerKind.NO_SESSION, BlockerKind.NOT_AVAILABLE)
OBSTACLES = [Obstacle(BlockerKind.PATIENT), *(Obstacle(kind, pool=p) for p in range(3) for kind in KINDS)]
EXPLANATIONS = st.lists(st.frozensets(st.sampled_from(OBSTACLES), max_size=4), max_size=4)


def weight(obstacles):
    return sum(o.weight for o in obstacles)


@given(EXPLANATIONS, st.data())
def test_no_lighter_set_lets_an_answer_in(explanations, data):
    def ask(gone):
        n_asked.append(1)
        return next((e for e in explanations if e <= set(gone)), None)

    n_asked = []
    found = fewest(OBSTACLES, ask)
    known = [
        data.draw(st.frozensets(st.sampled_from(sorted(e, key=OBSTACLES.index)))) if e else e for e in explanations
    ]
    other = fewest(OBSTACLES, ask, known or [()])
    if not explanations:
        assert found is None
        assert other is None
        return
    assert found is not None
    assert other is not None
    lightest = min(map(weight, explanations))
    for chosen, answer in (found, other):
        assert weight(chosen) == lightest
        assert answer <= set(chosen)


def test_of_many_obstacles_that_do_not_matter_few_are_asked_about():
    many = [Obstacle(BlockerKind.BOOKED, pool=p) for p in range(64)]
    n_asked = []

    def ask(gone):
        n_asked.append(1)
        return True if many[17] in gone else None

    found = fewest(many, ask)
    assert found is not None
    assert found[0] == (many[17],)
    assert len(n_asked) <= 20
