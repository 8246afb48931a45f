"""Events: what happened, or is asked for, that the schedule must answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.model.base import Fact, Instant, PositiveMinutes
from engine.model.ids import AppointmentId, EventId, OrderId, PatientId, ResourceId, SessionId, TemplateId
from engine.model.order import ConditionKind

__all__ = [
    "AppointmentEvent",
    "AppointmentEventKind",
    "CapacityAdded",
    "ConditionExpired",
    "Event",
    "EventBase",
    "LateArrival",
    "OrderEvent",
    "OrderEventKind",
    "Overrun",
    "PatientEvent",
    "PatientEventKind",
    "ResourceUnavailable",
    "SessionEvent",
    "SessionEventKind",
    "TemplateChanged",
    "UnavailableKind",
    "WalkIn",
]


class EventBase(Fact):
    """What every event has: when it became known, and a note."""

    id: EventId
    at: Instant
    note: str = ""


class AppointmentEventKind(StrEnum):
    """What can happen to a visit."""

    CANCELLATION = "cancellation"
    NO_SHOW = "no-show"
    MOVE_ASKED = "move-asked"


class AppointmentEvent(EventBase):
    """A visit was cancelled, missed, or its patient asks to move it."""

    kind: Literal[AppointmentEventKind.CANCELLATION, AppointmentEventKind.NO_SHOW, AppointmentEventKind.MOVE_ASKED]
    appointment: AppointmentId


class LateArrival(EventBase):
    """The patient comes later than booked."""

    kind: Literal["late-arrival"] = "late-arrival"
    appointment: AppointmentId
    minutes: PositiveMinutes


class Overrun(EventBase):
    """A visit takes longer than booked."""

    kind: Literal["overrun"] = "overrun"
    appointment: AppointmentId
    minutes: PositiveMinutes


class UnavailableKind(StrEnum):
    """Why a resource is not there."""

    ABSENCE = "absence"
    LEAVE_ASKED = "leave-asked"
    ROOM_CLOSED = "room-closed"
    EQUIPMENT_DOWN = "equipment-down"


class ResourceUnavailable(EventBase):
    """A resource cannot be used during `[start, end)`; for leave that is only asked for, would not be."""

    kind: Literal[
        UnavailableKind.ABSENCE,
        UnavailableKind.LEAVE_ASKED,
        UnavailableKind.ROOM_CLOSED,
        UnavailableKind.EQUIPMENT_DOWN,
    ]
    resource: ResourceId
    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end.isoformat()}, which is not after its start {self.start.isoformat()}")
        return self


class CapacityAdded(EventBase):
    """A resource is there when it was not expected, or back early, during `[start, end)`."""

    kind: Literal["capacity-added"] = "capacity-added"
    resource: ResourceId
    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end.isoformat()}, which is not after its start {self.start.isoformat()}")
        return self


class WalkIn(EventBase):
    """A patient is at the desk without an appointment."""

    kind: Literal["walk-in"] = "walk-in"
    order: OrderId


class OrderEventKind(StrEnum):
    """What can happen to an order."""

    URGENT = "urgent-order"
    AMENDED = "order-amended"
    WITHDRAWN = "order-withdrawn"


class OrderEvent(EventBase):
    """An urgent order came in, or an order changed or was withdrawn."""

    kind: Literal[OrderEventKind.URGENT, OrderEventKind.AMENDED, OrderEventKind.WITHDRAWN]
    order: OrderId


class PatientEventKind(StrEnum):
    """What can happen to a patient that ends all of the patient's visits here."""

    ADMITTED_ELSEWHERE = "admitted-elsewhere"
    DECEASED = "deceased"


class PatientEvent(EventBase):
    """A patient will not come any more."""

    kind: Literal[PatientEventKind.ADMITTED_ELSEWHERE, PatientEventKind.DECEASED]
    patient: PatientId


class ConditionExpired(EventBase):
    """A condition of an order (its authorisation, say) is not valid any more."""

    kind: Literal["condition-expired"] = "condition-expired"
    order: OrderId
    condition: ConditionKind


class SessionEventKind(StrEnum):
    """What can happen to a session or surgery block."""

    CANCELLED = "session-cancelled"
    BLOCK_RELEASED = "block-released"


class SessionEvent(EventBase):
    """A session is cancelled, or a surgery block's time given to others before its release."""

    kind: Literal[SessionEventKind.CANCELLED, SessionEventKind.BLOCK_RELEASED]
    session: SessionId


class TemplateChanged(EventBase):
    """Another template holds from its effective date."""

    kind: Literal["template-changed"] = "template-changed"
    template: TemplateId


Event = Annotated[
    AppointmentEvent
    | LateArrival
    | Overrun
    | ResourceUnavailable
    | CapacityAdded
    | WalkIn
    | OrderEvent
    | PatientEvent
    | ConditionExpired
    | SessionEvent
    | TemplateChanged,
    Field(discriminator="kind"),
]
"""Any event, told apart by `kind`."""
