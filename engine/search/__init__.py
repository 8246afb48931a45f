"""Search: where an order could go, by bit arithmetic over the horizon.

Free time is a row of bits, one per tick, packed into 64-bit words. `bits` holds rows (make, set, test, combine,
pack), `scan` reads them (count, find, walk), `morphology` moves, shrinks and widens them. All of it is compiled by
numba and cached on disk; `reference` says the same things slowly, and the tests hold both equal.

On top of them, from what changes seldom to one question: `calendars` (when a resource could work), `occupancy` (what
is left of that beside what is booked, with `load`, `bookings`, `quotas`, `spacing` and `starts` behind it), `query` (an
order in ticks), `candidates` (its starts by bits, never too few), `confirm` (the exact word on one start), `rank`
(which are best). `find` is the way in.

Why there is none: `blockers`, by `standing` (plain visits at one start: a look at everybody's window) or by `inquiry`
(anything else: obstacles are taken away in an `excerpt` and the question is asked again, `obstacles` finds the fewest).

Plain visits take a shorter way to the same answers: `kind` (what orders have in common, as tables), `walk` and, for
bundles, `chain` (one compiled pass over them), `quick`.
"""

from engine.search.candidate import Candidate, CandidateStep, candidate_to_appointment, candidate_to_group
from engine.search.finder import find, why_not
from engine.search.occupancy import Occupancy

__all__ = [
    "Candidate",
    "CandidateStep",
    "Occupancy",
    "candidate_to_appointment",
    "candidate_to_group",
    "find",
    "why_not",
]
