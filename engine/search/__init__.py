"""Search: where an order could go, by bit arithmetic over the horizon.

Free time is a row of bits, one per tick, packed into 64-bit words. `bits` holds rows (make, set, test, combine,
pack), `scan` reads them (count, find, walk), `morphology` moves, shrinks and widens them. All of it is compiled by
numba and cached on disk; `reference` says the same things slowly, and the tests hold both equal.
"""
