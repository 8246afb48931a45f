"""Dealing out resources to places: held against trying everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.check.dealing import too_few_for


def can_be_filled(suits, taken=frozenset()):
    if not suits:
        return True
    return any(can_be_filled(suits[1:], taken | {one}) for one in suits[0] if one not in taken)


@given(st.lists(st.sets(st.sampled_from("abcde")), max_size=6))
def test_places_are_filled_whenever_they_can_be(suits):
    assert (not too_few_for(suits)) == can_be_filled(suits)


@given(st.lists(st.sets(st.sampled_from("abcde")), max_size=7))
def test_what_is_found_proves_itself(suits):
    found = too_few_for(suits)
    for places, who in found:
        assert who == set().union(*(suits[place] for place in places))
        assert len(who) < len(places)
    for i, (places, who) in enumerate(found):
        for other_places, others in found[:i]:
            assert not set(places) & set(other_places)
            assert not who & others


def test_who_stands_in_a_place_moves_on():
    assert too_few_for([["a", "b"], ["a"]]) == []
    assert too_few_for([["a"], ["a", "b"], ["b"]]) == [([0, 1, 2], {"a", "b"})]
    assert too_few_for([["a"], ["b"], ["a"], [], []]) == [([0, 2], {"a"}), ([3, 4], frozenset())]
