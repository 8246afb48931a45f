from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from engine.model import event as model
from engine.model.event import Event

EVENTS = TypeAdapter(Event)
BASE = {"id": "e", "at": "2026-03-02T08:00+01:00"}
SPAN = {"from": "2026-03-02T08:00+01:00", "to": "2026-03-02T12:00+01:00"}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("cancellation", {"appointment": "a"}, model.AppointmentEvent),
        ("no-show", {"appointment": "a"}, model.AppointmentEvent),
        ("move-asked", {"appointment": "a"}, model.AppointmentEvent),
        ("late-arrival", {"appointment": "a", "minutes": 5}, model.LateArrival),
        ("overrun", {"appointment": "a", "minutes": 5}, model.Overrun),
        ("absence", {"resource": "r", **SPAN}, model.ResourceUnavailable),
        ("leave-asked", {"resource": "r", **SPAN}, model.ResourceUnavailable),
        ("room-closed", {"resource": "r", **SPAN}, model.ResourceUnavailable),
        ("equipment-down", {"resource": "r", **SPAN}, model.ResourceUnavailable),
        ("capacity-added", {"resource": "r", **SPAN}, model.CapacityAdded),
        ("walk-in", {"order": "o"}, model.WalkIn),
        ("urgent-order", {"order": "o"}, model.OrderEvent),
        ("order-amended", {"order": "o"}, model.OrderEvent),
        ("order-withdrawn", {"order": "o"}, model.OrderEvent),
        ("admitted-elsewhere", {"patient": "p"}, model.PatientEvent),
        ("deceased", {"patient": "p"}, model.PatientEvent),
        ("condition-expired", {"order": "o", "condition": "consent"}, model.ConditionExpired),
        ("session-cancelled", {"session": "s"}, model.SessionEvent),
        ("block-released", {"session": "s"}, model.SessionEvent),
        ("template-changed", {"template": "t"}, model.TemplateChanged),
    ],
)
def test_events_are_told_apart_by_their_kind(kind, fields, expected):
    event = EVENTS.validate_python({**BASE, "kind": kind, **fields})
    assert type(event) is expected
    assert EVENTS.validate_json(EVENTS.dump_json(event, by_alias=True)) == event
    EVENTS.json_schema()


def test_an_unknown_kind():
    with pytest.raises(ValidationError, match="'birthday'"):
        EVENTS.validate_python({**BASE, "kind": "birthday"})


@pytest.mark.parametrize("kind", ["absence", "capacity-added"])
def test_a_stretch_has_time(kind):
    span = {**SPAN, "to": SPAN["from"]}
    with pytest.raises(ValidationError, match="not after its start"):
        EVENTS.validate_python({**BASE, "kind": kind, "resource": "r", **span})
