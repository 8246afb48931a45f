"""A change that would help: what it is, how much it asks of people, and the slot that it opens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.explanation import Blocker
    from engine.model.ids import OrderId, ResourceId
    from engine.model.result import SlotOffer
    from engine.model.session import Session

__all__ = ["Help", "HelpKind", "HelpResult"]


class HelpKind(StrEnum):
    """What is changed."""

    RELEASE = "release kept-back time"
    ANOTHER_PRACTITIONER = "another practitioner"
    LONGER_SESSION = "a longer session"
    PATIENT = "the patient comes after all"
    ANOTHER_SITE = "another site"
    EARLIER = "an earlier start"
    TOLERANCE = "more tolerance"
    SESSION = "one more session"
    ONE_MORE = "one more room or machine"


@dataclass(frozen=True, slots=True)
class Help:
    """A single change that opens a slot.

    Parameters
    ----------
    size
        What it asks of people, in minutes of somebody's time or what is worth as much to them; the less, the better.
    resource
        Whom it concerns; None: the order or the patient.
    session
        The session as it would be, where one is made longer or is new.
    offer
        What could be booked then.
    """

    kind: HelpKind
    size: int
    resource: ResourceId | None
    session: Session | None
    offer: SlotOffer
    message: str


@dataclass(frozen=True, slots=True)
class HelpResult:
    """What would help an order.

    Parameters
    ----------
    helps
        The smallest change first. None where the order has an offer in time, where `reasons` stand in the way that no
        such change can lift, and where no single change would give it one.
    in_time
        The best offer in time, where there is one as things stand.
    limit
        In time is when the visit ends by then; None: whenever the order allows.
    reasons
        Why the order cannot be booked whoever and whatever is free: it has its visit, a condition is not met.
    """

    order: OrderId
    occurrence: int = 0
    helps: tuple[Help, ...] = ()
    in_time: SlotOffer | None = None
    limit: datetime | None = None
    reasons: tuple[Blocker, ...] = ()
