"""The contender from the database: the earliest start by PostgreSQL's multiranges, in one round trip.

It is given every advantage that the data allow: rows hold nothing but what the query reads, cut by weeks so that the
first week with an answer ends the search, clustered in the order in which they are read, all in memory, planned once.
It is asked in two ways: from free time, as a store would keep it, out of which the query makes the starts; and from
starts made beforehand for this very query. Multiranges are PostgreSQL's own sets of intervals (documentation of
PostgreSQL 18, section 8.17); `range_agg` is their OR, `*` their AND.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

__all__ = ["MultirangeSearch", "StartsOf"]

_SCHEMA = """
CREATE UNLOGGED TABLE pool (
    query int, variant int, week int, role int, room int, resource int, low int, high int,
    free int4multirange, starts int4multirange
);
CREATE UNLOGGED TABLE allowed (query int, variant int, week int, at int4multirange);

CREATE FUNCTION eroded(free int4multirange, low int, high int) RETURNS int4multirange LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(range_agg(int4range(lower(r) - low, upper(r) - high + 1)), '{}')
    FROM unnest(free) r WHERE upper(r) - lower(r) >= high - low
$$;
"""
_FUNCTION = """
CREATE FUNCTION earliest_from_{given}(q int, deciding int, roles int, first int, weeks int)
RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
    w int;
    found int;
BEGIN
    FOR w IN first .. weeks - 1 LOOP
        WITH others AS MATERIALIZED (
            SELECT variant, role, room, range_agg({starts}) AS at FROM pool
            WHERE query = q AND week = w AND role <> deciding GROUP BY variant, role, room
        ), place AS MATERIALIZED (
            SELECT variant, p.resource AS room, {starts} * allowed.at AS at
            FROM pool p JOIN allowed USING (query, variant, week) WHERE query = q AND week = w AND role = deciding
        ), role_at AS (
            SELECT variant, place.room, role, range_agg(others.at) AS at FROM place
            JOIN others USING (variant) WHERE NOT isempty(place.at) AND others.room IN (place.room, -1)
            GROUP BY variant, place.room, role
        ), together AS (
            SELECT place.at * range_intersect_agg(role_at.at) AS at FROM place
            JOIN role_at USING (variant, room) GROUP BY variant, room, place.at HAVING count(*) = roles - 1
        )
        SELECT min(lower(at)) INTO found FROM together WHERE NOT isempty(at);
        IF found IS NOT NULL THEN
            RETURN found;
        END IF;
    END LOOP;
    RETURN -1;
END $$;
"""
_GIVEN = {"time": "eroded(free, low, high)", "starts": "starts"}


class StartsOf(NamedTuple):
    """Where a resource can fill a role of a variant.

    Parameters
    ----------
    room
        With which it goes; -1: whatever room is used.
    low, high
        Its reservation, in ticks from the start.
    runs
        Starts, half-open ticks.
    """

    variant: int
    role: int
    room: int
    resource: int
    low: int
    high: int
    runs: Sequence[tuple[int, int]]


class MultirangeSearch:
    """Queries stored in a database, asked one at a time.

    Parameters
    ----------
    uri
        Of a PostgreSQL database that is empty.
    week
        Ticks.
    n_ticks
        Of the horizon.
    """

    def __init__(self, uri: str, *, week: int, n_ticks: int) -> None:
        self._connection = psycopg.connect(uri, autocommit=True, prepare_threshold=0)
        self._week, self._n_weeks = week, -(-n_ticks // week)
        self._shape: dict[int, tuple[int, int, int]] = {}
        self._connection.execute(_SCHEMA, prepare=False)
        for given, starts in _GIVEN.items():
            self._connection.execute(_FUNCTION.format(given=given, starts=starts).encode(), prepare=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(
        self,
        query: int,
        starts: Iterable[StartsOf],
        allowed: Sequence[Sequence[tuple[int, int]]],
        *,
        deciding: int,
        roles: int,
    ) -> None:
        """Store what a query reads.

        Parameters
        ----------
        allowed
            For each variant, when it may start.
        deciding
            The role whose room the other roles may depend on.
        """
        first = min((runs[0][0] // self._week for runs in allowed if runs), default=self._n_weeks)
        self._shape[query] = (deciding, roles, first)
        with self._connection.cursor() as cursor:
            with cursor.copy("COPY pool FROM STDIN") as copy:
                for s in starts:
                    for week, runs in self._by_week(s.runs):
                        copy.write_row((query, s.variant, week, *s[1:6], _free(s, runs), _multirange(runs)))
            with cursor.copy("COPY allowed FROM STDIN") as copy:
                for variant, variant_runs in enumerate(allowed):
                    for week, part in self._by_week(variant_runs):
                        copy.write_row((query, variant, week, _multirange(part)))

    def settle(self) -> None:
        """Index, cluster and analyse; after the last `add`."""
        for table, columns in (("pool", "query, week, role, variant, room"), ("allowed", "query, week, variant")):
            self._connection.execute(f"CREATE INDEX {table}_read ON {table} ({columns})".encode())
            self._connection.execute(f"CLUSTER {table} USING {table}_read".encode())
            self._connection.execute(f"VACUUM ANALYZE {table}".encode())

    def earliest(self, query: int, *, given: str) -> int:
        """The earliest start in ticks, given `time` or `starts`; -1: there is none."""
        asked = (query, *self._shape[query], self._n_weeks)
        row = self._connection.execute(f"SELECT earliest_from_{given}(%s, %s, %s, %s, %s)".encode(), asked).fetchone()
        return -1 if row is None else int(row[0])

    def _by_week(self, runs: Sequence[tuple[int, int]]) -> Iterable[tuple[int, list[tuple[int, int]]]]:
        by_week: dict[int, list[tuple[int, int]]] = {}
        for start, stop in runs:
            for week in range(start // self._week, (stop - 1) // self._week + 1):
                low, high = max(start, week * self._week), min(stop, (week + 1) * self._week)
                by_week.setdefault(week, []).append((low, high))
        return by_week.items()


def _free(s: StartsOf, starts: Sequence[tuple[int, int]]) -> str:
    """The time that starts were made from: what is left of the runs of free time in which one fits."""
    return _multirange([(a + s.low, b - 1 + s.high) for a, b in starts])


def _multirange(runs: Iterable[tuple[int, int]]) -> str:
    return "{" + ",".join(f"[{a},{b})" for a, b in runs) + "}"
