"""What would help of the order and the patient: a wish given up, a window made wider."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.jobs.help import HelpKind
from engine.search.explained import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.jobs.help import Help
    from engine.jobs.lacking import Lacking
    from engine.model.ids import ResourceId
    from engine.model.order import Order

__all__ = ["ask_less"]

_MORE_DAYS = (1, 2, 3, 7, 14)


def ask_less(lacking: Lacking) -> Iterator[Help]:
    """Every kind of change to what is asked that helps, with the smallest of its kind."""
    yield from _another_practitioner(lacking)
    yield from _another_site(lacking)
    yield from _earlier(lacking)
    yield from _more_tolerance(lacking)
    yield from _patient(lacking)


def _another_practitioner(lacking: Lacking) -> Iterator[Help]:
    """Whoever is asked for now is given up before whom the order requires."""
    order, asked = lacking.order, lacking.practitioner
    ways: list[tuple[ResourceId, Order, ResourceId | None]] = []
    if asked is not None and asked != order.required_practitioner:
        ways.append((asked, order, None))
    if order.required_practitioner is not None:
        kept = None if asked == order.required_practitioner else asked
        ways.append((order.required_practitioner, order.model_copy(update={"required_practitioner": None}), kept))
    for gone, without, practitioner in ways:
        candidate = lacking.asked_again(without, practitioner)
        if candidate is not None:
            name = lacking.problem.resource(gone).name
            yield lacking.help(HelpKind.ANOTHER_PRACTITIONER, 10, f"If it need not be {name}", candidate)
            return


def _another_site(lacking: Lacking) -> Iterator[Help]:
    order = lacking.order
    if order.required_site is not None:
        candidate = lacking.asked_again(order.model_copy(update={"required_site": None}), lacking.practitioner)
        if candidate is not None:
            name = lacking.problem.site(order.required_site).name
            yield lacking.help(HelpKind.ANOTHER_SITE, 30, f"If it need not be at {name}", candidate)


def _earlier(lacking: Lacking) -> Iterator[Help]:
    order = lacking.order
    if order.earliest_start is None or order.earliest_start <= lacking.now:
        return
    for days in _MORE_DAYS:
        since = order.earliest_start - timedelta(days=days)
        candidate = lacking.asked_again(order.model_copy(update={"earliest_start": since}), lacking.practitioner)
        if candidate is not None:
            text = f"If it could be up to {_days(days)} before its earliest start"
            yield lacking.help(HelpKind.EARLIER, 15 * days, text, candidate)
            return


def _more_tolerance(lacking: Lacking) -> Iterator[Help]:
    """More days around the target date, or around the day on which a visit of a series is due."""
    order, i = lacking.order, lacking.occurrence
    for days in _MORE_DAYS:
        if order.target is not None and i == 0:
            target = order.target
            wider = {"before_days": target.before_days + days, "after_days": target.after_days + days}
            asked = order.model_copy(update={"target": target.model_copy(update=wider)})
            what = "its target date allows"
        elif 0 < i < len(order.series):
            due = order.series[i]
            wider = {"before_days": due.before_days + days, "after_days": due.after_days + days}
            series = (*order.series[:i], due.model_copy(update=wider), *order.series[i + 1 :])
            asked = order.model_copy(update={"series": series})
            what = "its series allows"
        else:
            return
        candidate = lacking.asked_again(asked, lacking.practitioner)
        if candidate is not None:
            text = f"If it could be up to {_days(days)} earlier or later than {what}"
            yield lacking.help(HelpKind.TOLERANCE, 15 * days, text, candidate)
            return


def _patient(lacking: Lacking) -> Iterator[Help]:
    """One of the patient's own times of absence; never another visit."""
    patient = lacking.problem.patient(lacking.order.patient)
    for away in patient.unavailable:
        others = tuple(a for a in patient.unavailable if a is not away)
        candidate = lacking.trial.with_patient(patient.model_copy(update={"unavailable": others}))
        if candidate is not None:
            zone = lacking.problem.zone_of(candidate.steps[0].site)
            text = f"If the patient could come after all between {moment(away.start, zone)} and "
            yield lacking.help(HelpKind.PATIENT, 20, f"{text}{moment(away.end, zone)}", candidate)


def _days(n: int) -> str:
    return f"{n} day{'' if n == 1 else 's'}"
