"""The tables that plain visits are found in: what their columns are, and how much of a row is looked at in one go."""

from __future__ import annotations

SLOT, RESOURCE = 0, 1
"""Columns of entries: row of starts, and whose it is. Those of one resource follow each other."""
FIRST_ENTRY, STOP_ENTRY, COUNT, IS_ROOM, IS_COUPLED, IS_FIRST = range(6)
"""Columns of roles: their entries, how many resources they need, whether these are rooms, whether some of them do not
go with every room, and whether the role is filled before all others."""
FIRST_ROLE, STOP_ROLE, LEAD, ROOM, LENGTH, MASK, SITE, IS_THERE, ARRIVE, LEAD_FIRST, IS_BARRED, ROW = range(12)
"""Columns of variants: their roles; the role of the lead and the one of the room that others depend on, -1 for none;
ticks; row of the starts that the calendar allows; position of the site, and whether the patient is there in person;
minutes of arrival; whether the lead is chosen before the room; whether it is out of the question; row of the starts
worked out for it, whoever leads it, in a chain."""
FIRST_VARIANT, STOP_VARIANT, GAP_LOW, GAP_HIGH, IS_LED = range(5)
"""Columns of the steps of a chain: their variants; ticks from the end of the step before, both included; whether the
lead of the visit does something in it."""
FAR = 1 << 40
"""Ticks: no upper end."""
ZERO, TICK, FROM, UNTIL, LATEST_END, NOW, OWN_TRAVEL = range(7)
SINCE_DAY, DELAY, TARGET_DAY, DISTANCE, DUE, LATE, UNWISHED, ANOTHER = range(7, 15)
PREFERRED, ASKED, IS_DIVERSE, WAIT, SPAN, IS_SAME_DAY = range(15, 21)
"""Places in the question: epoch minute of tick 0 and minutes of a tick; range of starts; last tick of the visit; as of
when holds count; the patient's own travel time; day from which delay counts and its cost a day; target day and its cost
a day; due minute and cost a started hour; cost of a start that is not wished, of anybody but who is preferred; resource
that is preferred, that is asked for, -1 for none; whether the best of each half-day and lead are wanted; of a chain,
what a tick of waiting between steps on one day costs, the most ticks from first start to last end, and whether all
steps are on one day."""
COST, START, VARIANT, WHO, KEY, TIE = range(6)
"""Columns of what is found, before the entries that are used. `WHO` is the lead, -1: whoever comes first."""
N_FOUND = 6
CHAIN_COST, CHAIN_WHO, CHAIN_KEY, CHAIN_ORDER, CHAIN_START = range(5)
"""Columns of the chains that are found: cost, lead, group, order of the steps; then the start of each step; then the
variant of each and the rank of who leads it; then the entries that are used, step by step."""
WORDS = 16
"""Words of a row: three days and a half in ticks of five minutes."""
