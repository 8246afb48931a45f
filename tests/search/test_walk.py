"""The compiled walk and its slow reference find the same, row by row."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.search import bits, reference_walk, tables, walk
from engine.search.diary import DiaryTables
from engine.search.kind import in_words
from tests.search.rows import rows as drawn_rows

N_TICKS = 1100  # more than the walk looks at in one go
DAY = 160


@st.composite
def questions(draw):
    """Tables of one or two variants with roles for a room, staff, several and a lead, free here and there."""
    n = draw(st.integers(1, 3))
    rows = [bits.make(N_TICKS)]
    entries: list[tuple[int, int]] = []
    roles: list[tuple[int, int, int, bool, bool, bool]] = []
    rooms, variants = [], []

    def row():
        rows.append(draw(drawn_rows(N_TICKS)))
        return len(rows) - 1

    resource = 0
    for _ in range(draw(st.integers(1, 2))):
        first, lead, room = len(roles), -1, -1
        is_coupled = draw(st.booleans())
        kinds = draw(st.lists(st.sampled_from(["room", "staff", "lead", "several"]), min_size=1, unique=True))
        n_rooms, n_closed = draw(st.integers(1, 3)), draw(st.sampled_from([0, 0, 0, 63, 126]))
        for kind in kinds:
            begin, any_coupled = len(entries), False
            for _ in range(n_closed if kind == "room" else 0):  # more than one word of them
                resource += 1
                entries.append((0, resource))
                rooms.append(-1)
            for _ in range(n_rooms if kind == "room" else n):
                resource += 1
                for _ in range(1 if kind in ("room", "several") else draw(st.integers(1, 2))):
                    entries.append((row(), resource))
                    some = draw(st.integers(0, 2**n_rooms - 1)) if is_coupled and kind in ("staff", "lead") else None
                    rooms.append(-1 if some is None or "room" not in kinds else some << n_closed)
                    any_coupled |= rooms[-1] != -1
            count = draw(st.integers(1, 2)) if kind == "several" else 1
            if kind == "lead":
                lead = len(roles)
            if kind == "room" and is_coupled:
                room = len(roles)
            roles.append((begin, len(entries), count, kind == "room", any_coupled, False))
        mask = row()
        rows[mask] &= bits.pattern_every(N_TICKS, draw(st.sampled_from([5, 11, 64])), 0)
        variants.append((first, len(roles), lead, room, draw(st.integers(1, 9)), mask, draw(st.integers(0, 1)),
                         draw(st.booleans()), draw(st.sampled_from([-1, 0, 20])), draw(st.booleans()),
                         draw(st.integers(0, 9)) == 0, 0))  # fmt: skip
    leads = [-1, *(entries[e][1] for v in variants if v[2] >= 0 for e in range(*roles[v[2]][:2]))]
    asked = draw(st.sampled_from(leads)) if draw(st.integers(0, 3)) == 0 else -1
    preferred = draw(st.sampled_from(leads))
    table = np.array(variants, np.int64)
    tidy = draw(st.booleans())
    if preferred >= 0 or asked >= 0:
        for variant in table:
            members = {entries[e][1] for e in range(*roles[variant[2]][:2])} if variant[2] >= 0 else set()
            variant[tables.LEAD_FIRST] = bool(members & {asked, preferred})
            variant[tables.IS_BARRED] |= asked >= 0 and asked not in members
    else:
        table[:, tables.LEAD_FIRST] = 0
    if tidy:
        table[:, tables.LEAD_FIRST] |= table[:, tables.LEAD] >= 0
    bounds = list(range(0, N_TICKS, DAY // 2))
    halves = np.array([*((t, 100 + t // DAY) for t in bounds), (1 << 60, 107)], np.int64)
    taken = [(a, a + draw(st.integers(5, 400)), draw(st.integers(-1, 2)), draw(st.sampled_from([50, 900])))
             for a in draw(st.lists(st.integers(0, 5 * N_TICKS), max_size=3))]  # fmt: skip
    small = st.sampled_from([0, 1, 5])
    question = (0, 5, draw(st.integers(-3, 900)), draw(st.integers(100, N_TICKS)), draw(st.integers(900, N_TICKS)), 100,
                draw(st.sampled_from([0, 15])), draw(st.integers(99, 104)), draw(small), draw(st.integers(100, 106)),
                draw(small), draw(st.integers(0, 5 * N_TICKS)), draw(small), draw(small), draw(small) if preferred >= 0
                else 0, preferred, asked, draw(st.booleans()), 0, tables.FAR, False)  # fmt: skip
    return (
        np.array(rows),
        np.array(entries, np.int64).reshape(-1, 2),
        in_words(rooms),
        np.array(roles, np.int64),
        table,
        halves,
        draw(drawn_rows(N_TICKS)) if draw(st.booleans()) else bits.make(0),
        np.array(taken, np.int64).reshape(-1, 4),
        np.array([[0, 30, 0], [10, 0, 0], [0, 0, 0]], np.int64),
        np.array([0, draw(small)], np.int64),
        np.array(question, np.int64),
        draw(diaries(entries, resource + 1)) if tidy else None,
    )


@st.composite
def diaries(draw, entries, n):
    """Where those who could lead are free and used, and where their sessions begin and end."""
    free = np.array([draw(drawn_rows(N_TICKS)) for _ in range(n)])
    edges, cuts = (np.array([bits.make(N_TICKS) for _ in range(n)]) for _ in range(2))
    ticks = st.lists(st.integers(0, N_TICKS - 1), max_size=9)
    for r in range(n):
        for among, at in ((edges, draw(ticks)), (cuts, draw(ticks))):
            for t in at:
                bits.set_range(among[r], t, t + 1, N_TICKS)
    used = np.zeros((n, N_TICKS), np.int16)
    for r in range(n):
        for first in draw(st.lists(st.integers(0, N_TICKS), max_size=4)):
            used[r, first : first + draw(st.integers(1, 90))] = 1
    reserved = {r: (-draw(st.integers(0, 4)), draw(st.integers(1, 12))) for _, r in entries}
    rule = [draw(st.sampled_from(v)) for v in ([0, 5, 15], [0, 2, 40], [0, 1, 3, 9, 90], [0, 7], [N_TICKS, 1090])]
    return DiaryTables(
        free,
        edges,
        edges | cuts,
        used,
        np.array([reserved[r] for _, r in entries], np.int64).reshape(-1, 2),
        np.array(rule, np.int64),
    )


@settings(max_examples=120)
@given(questions(), st.integers(1, 9))
def test_the_walk_finds_what_trying_everything_finds(question, k):
    roles, variants = question[3], question[4]
    n_used = [sum(roles[v[tables.FIRST_ROLE] : v[tables.STOP_ROLE], tables.COUNT]) for v in variants]
    got, expected = (np.full((k, tables.N_FOUND + max(n_used)), -7, np.int64) for _ in range(2))
    n = walk.best_of_step(*(*question, got))
    assert n == reference_walk.best_of_step(*(*question, expected))
    for a, b in zip(got[:n].tolist(), expected[:n].tolist(), strict=True):
        assert a[: tables.WHO + 1] == b[: tables.WHO + 1]
        used = tables.N_FOUND + int(n_used[a[tables.VARIANT]])
        assert chosen(question, a[tables.N_FOUND : used]) == chosen(question, b[tables.N_FOUND : used])


def chosen(question, entries):
    """Whose entries are used; which of a resource's own makes no difference."""
    return [int(question[1][e, tables.RESOURCE]) for e in entries]
