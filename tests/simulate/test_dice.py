"""Chance that is the same everywhere."""

import pytest

from engine.simulate.dice import Dice


def test_the_same_seed_gives_the_same_numbers_on_every_machine():
    # Written down once: whoever sees these change has changed every generated world.
    assert Dice("a").below(1_000) == Dice("a").below(1_000)
    dice = Dice(7)
    assert [dice.below(1_000) for _ in range(6)] == [90, 950, 149, 739, 841, 747]


def test_children_do_not_depend_on_what_their_siblings_draw():
    one, other = Dice(1), Dice(1)
    first = one.child("a")
    for _ in range(10):
        first.share()
    other.child("a")
    assert one.child("b").share() == other.child("b").share()


def test_between_reaches_both_ends():
    dice = Dice(1)
    assert {dice.between(3, 5) for _ in range(200)} == {3, 4, 5}


def test_weighted_leaves_out_what_weighs_nothing():
    dice = Dice(1)
    drawn = [dice.weighted((("never", 0.0), ("often", 3.0), ("seldom", 1.0))) for _ in range(4_000)]
    assert "never" not in drawn
    assert drawn.count("often") == pytest.approx(3_000, rel=0.05)


def test_shuffled_is_a_permutation():
    items = list(range(50))
    mixed = Dice(1).shuffled(items)
    assert mixed != items
    assert sorted(mixed) == items


def test_rounded_is_right_on_average():
    dice = Dice(1)
    drawn = [dice.rounded(2.3) for _ in range(4_000)]
    assert set(drawn) == {2, 3}
    assert sum(drawn) / len(drawn) == pytest.approx(2.3, rel=0.02)


def test_wait_has_its_mean():
    dice = Dice(1)
    drawn = [dice.wait(5.0) for _ in range(8_000)]
    assert min(drawn) >= 0.0
    assert sum(drawn) / len(drawn) == pytest.approx(5.0, rel=0.05)
