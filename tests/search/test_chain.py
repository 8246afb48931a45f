"""The compiled walk through bundles and its slow reference find the same, row by row."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.search import bits, chain, reference_chain, tables
from engine.search.kind import in_words
from tests.search.rows import rows as drawn_rows

N_TICKS = 1100  # more than one chunk of words
DAY = 160
LEADS = (900, 901, 902)
"""Numbers of resources."""


class Drawn:
    """Tables in the making."""

    def __init__(self, draw):
        self.draw, self.rows = draw, [bits.make(N_TICKS)]
        self.entries, self.roles, self.rooms, self.variants = [], [], [], []

    def row(self):
        row = self.draw(drawn_rows(N_TICKS))
        if self.draw(st.integers(0, 5)) > 0:  # mostly free, or steps would seldom find each other
            open_all = bits.make(N_TICKS)
            bits.fill(N_TICKS, open_all)
            row = open_all & ~(row & bits.pattern_every(N_TICKS, 3, self.draw(st.integers(0, 2))))
        self.rows.append(row)
        return len(self.rows) - 1

    def entry(self, resource, rooms):
        self.entries.append((self.row(), resource))
        self.rooms.append(rooms)

    def role(self, begin, *, is_room=False):
        is_coupled = any(rooms != -1 for rooms in self.rooms[begin:])
        self.roles.append((begin, len(self.entries), 1, is_room, is_coupled, False))
        return len(self.roles) - 1

    def variant(self, *, is_led):
        """A way to do a step: a lead, and sometimes a room that not everybody goes with."""
        draw, first, room = self.draw, len(self.roles), -1
        n_rooms = draw(st.integers(0, 2))
        begin = len(self.entries)
        members = draw(st.lists(st.sampled_from(LEADS), min_size=2, unique=True)) if is_led else [len(self.entries)]
        for resource in members:
            self.entry(resource, draw(st.integers(0, 3)) if n_rooms else -1)
        lead = self.role(begin)
        if n_rooms:
            begin = len(self.entries)
            for j in range(n_rooms):
                self.entry(500 + 10 * first + j, -1)
            room = self.role(begin, is_room=True)
            room = room if self.roles[lead][4] else -1
        mask = self.row()
        self.rows[mask] &= bits.pattern_every(N_TICKS, draw(st.sampled_from([5, 11, 25])), draw(st.integers(0, 9)))
        place, is_there = draw(st.sampled_from([0, 0, 1])), draw(st.booleans())
        arrive, is_barred = draw(st.sampled_from([-1, 0, 0, 20])), draw(st.integers(0, 30)) == 0
        self.variants.append((first, len(self.roles), lead, room, draw(st.integers(1, 9)), mask, place, is_there,
                              arrive, False, is_barred, len(self.variants)))  # fmt: skip


@st.composite
def questions(draw):
    """Tables of two or three steps, in their order or in any, with leads in one or two of them."""
    n, is_any_order = draw(st.sampled_from([(2, False), (3, False), (2, True), (3, True)]))
    made, steps = Drawn(draw), []
    led_steps = draw(st.sets(st.integers(0, n - 1), max_size=2))
    for s in range(2 * n if is_any_order else n):
        first = len(made.variants)
        for _ in range(draw(st.integers(1, 2))):
            made.variant(is_led=s % n in led_steps)
        low = draw(st.sampled_from([0, 4]))
        most = draw(st.sampled_from([20, 70, tables.FAR])) if n == 2 else draw(st.sampled_from([20, 70]))
        steps.append((first, len(made.variants), low, low + most, s % n in led_steps))
    orders = [tuple(range(n))]
    if is_any_order:
        orders = [(p[0], *(n + i for i in p[1:])) for p in permutations(range(n))]
    table, n_rows = np.array(made.variants, np.int64), len(made.variants)
    leads = list(LEADS) if led_steps else [-1]
    led = np.full((len(leads), len(table), 3), -1, np.int64)
    for first, stop, _, _, is_led in steps:
        for v in range(first, stop) if is_led else ():
            begin, end, *_ = made.roles[table[v, tables.LEAD]]
            for e in range(begin, end):
                led[leads.index(made.entries[e][1]), v] = e, e + 1, n_rows
                n_rows += 1
    between = np.zeros((len(table), len(table)), np.int64)
    if draw(st.booleans()):
        apart = st.lists(st.sampled_from([0, 0, 3, 12]), min_size=between.size, max_size=between.size)
        between[:] = np.reshape(draw(apart), between.shape)
    preferred = draw(st.sampled_from([-1, *leads]))
    asked = draw(st.sampled_from(leads)) if draw(st.integers(0, 5)) == 0 else -1
    for variant in table if led_steps else ():  # as it is told to the walk: whoever is named is tried first
        begin, end, *_ = made.roles[variant[tables.LEAD]]
        variant[tables.LEAD_FIRST] = not {asked, preferred}.isdisjoint(r for _, r in made.entries[begin:end])
    small = st.sampled_from([0, 1, 5])
    question = [0, 5, draw(st.integers(-3, 500)), draw(st.integers(100, N_TICKS)), draw(st.integers(900, N_TICKS)),
                100, draw(st.sampled_from([0, 15])), draw(st.integers(99, 104)), draw(small),
                draw(st.integers(100, 106)), draw(small), draw(st.integers(0, 5 * N_TICKS)), draw(small), draw(small),
                draw(small) if preferred >= 0 else 0, preferred, asked, draw(st.booleans()),
                draw(st.sampled_from([0, 0, 1, 30])), draw(st.sampled_from([tables.FAR, tables.FAR, tables.FAR, 60])),
                draw(st.booleans())]  # fmt: skip
    of_step = np.tile(np.array(question, np.int64), (len(steps), 1))
    later = np.isin(np.arange(len(steps)), [o[0] for o in orders], invert=True)
    of_step[later, tables.FROM], of_step[later, tables.UNTIL] = max(0, question[tables.FROM]), N_TICKS
    of_step[[not s[-1] for s in steps], tables.ASKED] = -1
    days = 100 + np.arange(N_TICKS) // DAY
    halves = [*((t, 100 + t // DAY) for t in range(0, N_TICKS, DAY // 2)), (1 << 60, 107)]
    corridor = bits.make(N_TICKS)
    bits.from_bool(np.append(days[1:] == days[:-1], False), corridor)
    taken = [(a, a + draw(st.integers(5, 400)), draw(st.integers(-1, 2)), draw(st.sampled_from([50, 900])))
             for a in draw(st.lists(st.integers(0, 5 * N_TICKS), max_size=2))]  # fmt: skip
    return (
        np.array(made.rows),
        np.array(made.entries, np.int64),
        in_words(made.rooms),
        np.array(made.roles, np.int64),
        table,
        np.array(steps, np.int64),
        np.array(orders, np.int64),
        led,
        np.array(leads, np.int64),
        between,
        np.array(halves, np.int64),
        days,
        corridor,
        draw(drawn_rows(N_TICKS)) if draw(st.booleans()) else bits.make(0),
        np.array(taken, np.int64).reshape(-1, 4),
        np.array([[0, 30, 0], [10, 0, 0], [0, 0, 0]], np.int64),
        np.array([draw(small) for _ in table], np.int64),
        of_step,
        n_rows,
    )


@settings(max_examples=60)
@given(questions(), st.integers(1, 7))
def test_the_walk_finds_what_trying_everything_finds(question, k):
    entries, roles, variants, n = question[1], question[3], question[4], question[6].shape[1]
    width = tables.CHAIN_START + 3 * n + 2 * n
    got, expected = (np.full((k, width), -7, np.int64) for _ in range(2))
    size = chain.best_of_chains(*(*question, got))
    assert size == reference_chain.best_of_chains(*(*question, expected))
    for a, b in zip(got[:size].tolist(), expected[:size].tolist(), strict=True):
        at = tables.CHAIN_START
        assert (a[tables.CHAIN_COST], a[at : at + n]) == (b[tables.CHAIN_COST], b[at : at + n])
        assert a[at + n : at + 3 * n : 2] == b[at + n : at + 3 * n : 2]
        assert a[tables.CHAIN_WHO] == b[tables.CHAIN_WHO]
        used = sum(int(roles[variants[v, 0] : variants[v, 1], tables.COUNT].sum()) for v in a[at + n : at + 3 * n : 2])
        mine, theirs = (row[at + 3 * n : at + 3 * n + used] for row in (a, b))
        assert entries[mine, tables.RESOURCE].tolist() == entries[theirs, tables.RESOURCE].tolist()
