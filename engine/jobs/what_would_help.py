"""What would help: the smallest single changes that open a slot in time for an order that has none.

Each is tried: it is made to the order, or to a few days of the occupancy, and `find` is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.jobs.ask_less import ask_less
from engine.jobs.find_slots import find_slots
from engine.jobs.give_more import give_more
from engine.jobs.help import HelpResult
from engine.jobs.lacking import NEVER_HELPED, Lacking
from engine.model.arguments import check_count, check_id, check_instant, check_kind
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy

if TYPE_CHECKING:
    from datetime import datetime

    from engine.jobs.help import Help
    from engine.model.ids import OrderId, ResourceId, SiteId

__all__ = ["smallest", "what_would_help"]


def what_would_help(
    schedule: Schedule,
    order_id: OrderId,
    *,
    now: datetime,
    occupancy: Occupancy | None = None,
    k: int = 5,
    occurrence: int = 0,
    practitioner: ResourceId | None = None,
    site: SiteId | None = None,
) -> HelpResult:
    """The `k` smallest single changes after which an order could have a visit in time.

    In time is by its deadline, and by its due date where that has not passed. An order that has neither, and no days
    that it must be on, is helped by a visit within four weeks of the first day on which it may start. Nothing helps an
    order whose deadline has passed.

    Parameters
    ----------
    now
        Notice, kept-back time, block release and holds are judged by it.
    occupancy
        That of the schedule, where it is known from before. It is left as it is.
    occurrence
        Of the order's series.
    practitioner, site
        Asked for now, beside what the order requires.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind.
    UnknownIdError
        When there is no such order, practitioner or site.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    check_count("k", k, 1)
    check_count("occurrence", occurrence, 0)
    for name, given_id in (("order_id", order_id), ("practitioner", practitioner), ("site", site)):
        if given_id is not None or name == "order_id":
            check_id(name, given_id)
    if occupancy is not None:
        check_kind("occupancy", occupancy, Occupancy)
    order = schedule.problem.order(order_id)
    used = Occupancy.of(schedule, now=now) if occupancy is None else occupancy
    used.at(now)
    used.make_room()
    is_elsewhere = site is not None and order.required_site not in (None, schedule.problem.site(site).id)
    asked = order if site is None else order.model_copy(update={"required_site": site})
    lacking = Lacking(used, asked, now, occurrence, practitioner)
    limit = lacking.limit
    is_over = order.deadline is not None and order.deadline <= now
    if is_elsewhere or is_over or any(code in NEVER_HELPED for code, _ in lacking.missing):
        found = find_slots(
            schedule,
            order_id,
            now=now,
            k=1,
            occupancy=used,
            occurrence=occurrence,
            practitioner=practitioner,
            site=site,
        )
        return HelpResult(order_id, occurrence, limit=limit, reasons=found.reasons)
    candidate = lacking.asked_again(lacking.order, practitioner)
    if candidate is not None:
        return HelpResult(order_id, occurrence, in_time=lacking.offer(candidate), limit=limit)
    return HelpResult(order_id, occurrence, smallest(lacking, k), limit=limit)


def smallest(lacking: Lacking, k: int) -> tuple[Help, ...]:
    """The `k` smallest changes of all kinds."""
    found = sorted([*ask_less(lacking), *give_more(lacking)], key=lambda h: (h.size, h.offer.start))
    return tuple(found[:k])
