"""Hypothesis draws valid problems and appointments that use most of what the model can say.

The problems are for reading, writing and comparing; their orders need not have a place anywhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from engine.model.appointment import Appointment, AppointmentStatus, PromisedTime
from engine.model.calendar import Weekday, instant_at
from engine.model.codes import ConstraintCode, PenaltyCode
from engine.model.hours import ExceptionKind
from engine.model.order import ConditionKind, ConditionStatus, OrderStatus, Priority
from engine.model.problem import Problem
from engine.model.resource import LimitKind
from engine.model.service import Modality, RoleUse, Sex
from engine.model.session import PatientClass

if TYPE_CHECKING:
    from collections.abc import Callable

ZONES = ["Europe/Zurich", "Asia/Kathmandu", "America/St_Johns"]
START = date(2026, 3, 2)

words = st.sampled_from(["ultrasound", "theatre", "Röntgen", "fr-CH", "0", "患者"])
word_lists = st.lists(words, max_size=3, unique=True)
notes = st.text(max_size=10)
minutes = st.integers(0, 500)
dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))
instants = st.builds(
    lambda day, minute, zone: instant_at(day, minute, zone), dates, st.integers(0, 1440), st.sampled_from(ZONES)
)


def maybe(drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | drawn


def record(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({k: v if isinstance(v, st.SearchStrategy) else st.just(v) for k, v in fields.items()})


@st.composite
def spans(draw: Callable[..., Any], first: int = 0, last: int = 1440) -> dict[str, int]:
    """Wall-clock times that do not go over midnight."""
    a, b = draw(st.lists(st.integers(first // 5, last // 5), min_size=2, max_size=2, unique=True))
    return {"from": min(a, b) * 5, "to": max(a, b) * 5}


@st.composite
def intervals(draw: Callable[..., Any]) -> dict[str, Any]:
    start = draw(instants)
    return {"from": start, "to": start + timedelta(minutes=draw(st.integers(1, 5_000)))}


def hours() -> st.SearchStrategy[Any]:
    week = st.builds(
        lambda span, days: {**span, "days": days}, spans(), st.lists(st.sampled_from(Weekday), min_size=1, unique=True)
    )
    exception = st.builds(
        lambda span, kind, note: {**span, "kind": kind, "note": note},
        intervals(),
        st.sampled_from(ExceptionKind),
        notes,
    )
    return record(weekly=st.lists(week, max_size=2), exceptions=st.lists(exception, max_size=2))


def resources() -> st.SearchStrategy[dict[str, Any]]:
    """Fields that all kinds have, beside their identity and site."""
    changeover = record(before=words, after=st.none(), minutes=minutes)
    limit = record(kind=st.sampled_from(LimitKind), minimum=st.integers(0, 100), maximum=maybe(st.integers(100, 300)))
    return record(
        capabilities=word_lists,
        hours=maybe(hours()),
        use=st.sampled_from(["when-open", "in-sessions"]),
        lanes=st.integers(1, 4),
        overflow_lanes=st.integers(0, 2),
        limits=st.lists(limit, max_size=1),
        buffers=st.sampled_from(["add", "overlap"]),
        setup_min=minutes,
        cleanup_min=minutes,
        changeovers=st.lists(changeover, max_size=1),
        presence_limit=st.integers(0, 3),
    )


def roles(id: str, kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda fields, before, after: {**fields, "from": f"start-{before}", "until": f"end+{after}"},
        record(
            id=id,
            kind=kind,
            capabilities=word_lists,
            units=st.integers(1, 3),
            setup_min=minutes,
            cleanup_min=minutes,
            use=st.sampled_from(RoleUse),
            tag=maybe(words),
        ),
        minutes,
        minutes,
    )


@st.composite
def services(draw: Callable[..., Any], id: str) -> dict[str, Any]:
    """Two steps, or a stay."""
    doctor, chair = roles("doctor", "practitioner"), roles("chair", "room")
    modalities = st.lists(st.sampled_from(Modality), min_size=1, unique=True)
    first = record(
        id="prepare",
        duration=record(
            minutes=st.integers(1, 90),
            sd_min=maybe(minutes),
            by_practitioner=st.dictionaries(st.just("dr-a"), st.integers(1, 90)),
            by_modifier=st.dictionaries(st.sampled_from(["new", "return"]), st.integers(-30, 30)),
        ),
        roles=st.builds(lambda one: [one], doctor),
        start_window=maybe(spans()),
        modalities=modalities,
    )
    second = record(
        id="talk",
        name=maybe(words),
        duration=st.integers(1, 90),
        roles=st.builds(lambda one, other: [one, other], doctor, chair),
        gap=maybe(record(min_min=st.integers(0, 20), max_min=maybe(st.integers(20, 10_000)))).map(lambda g: g or {}),
        is_patient_present=st.booleans(),
    )
    stay = record(id="stay", nights=st.integers(1, 9), roles=[])
    fields = draw(
        record(
            id=id,
            name=words,
            is_same_day=st.booleans(),
            eligibility=record(min_age=maybe(st.integers(0, 18)), sexes=maybe(st.just(["female", "other"]))),
            group_size=st.integers(1, 9),
            min_notice_min=minutes,
            arrive_before_min=minutes,
            instructions=notes,
            no_show_rate=maybe(st.integers(0, 100)),
        )
    )
    if draw(st.booleans()):
        return {**fields, "steps": [draw(stay)]}
    held = [{"role": draw(roles("lounger", "room")), "first": "prepare", "last": "talk"}] if draw(st.booleans()) else []
    same = [{"roles": ["prepare.doctor", "talk.doctor"]}] if draw(st.booleans()) else []
    return {**fields, "steps": [draw(first), draw(second)], "held": held, "same": same}


@st.composite
def session_shapes(draw: Callable[..., Any]) -> dict[str, Any]:
    """By day from 08:00 to 18:00, or by night from 22:00 to 06:00."""
    night = draw(st.booleans())
    first = draw(spans(480, 780))
    kept = draw(st.booleans())
    segment = {
        **({"from": "22:00", "to": "24:00"} if night else first),
        "services": draw(maybe(st.just(["s1"]))),
        "quota": draw(maybe(st.integers(0, 9))),
        "is_kept_for_urgent": kept,
        "release": draw(maybe(record(days_before=st.integers(0, 9), at=st.integers(0, 1440)))) if kept else None,
    }
    pause = {"minutes": 10, **({"from": "23:50", "to": "00:10"} if night else {"from": "12:00", "to": "13:00"})}
    return {
        "owner": draw(st.sampled_from(["dr-a", "room-a", {"kind": "room", "capabilities": ["theatre"]}])),
        "site": "main",
        "period": {"from": "22:00", "to": "06:00"} if night else {"from": "08:00", "to": "18:00"},
        "activity": draw(maybe(words)),
        "rooms": draw(st.sampled_from([[], ["room-a"]])),
        "segments": draw(st.sampled_from([[], [segment]])),
        "class_quotas": draw(st.sampled_from([[], [{"patient_class": "inpatient", "quota": 2}]])),
        "overbooking_lanes": draw(st.integers(0, 2)),
        "breaks": draw(st.sampled_from([[], [pause]])),
    }


def block_shapes() -> st.SearchStrategy[dict[str, Any]]:
    owners = st.sampled_from([{"practitioner": "dr-a"}, {"specialty": "eyes"}])
    rest = record(
        theatre="room-a",
        period=spans(),
        services=maybe(st.just(["s1", "s2"])),
        release=maybe(record(days_before=st.integers(0, 9))),
        overtime_quantile=maybe(st.integers(1, 99)),
    )
    return st.builds(lambda owner, shape: {**owner, **shape}, owners, rest)


def recurrences() -> st.SearchStrategy[dict[str, Any]]:
    days = st.sampled_from(Weekday)
    return record(day=days, weeks=st.sampled_from([[], [1], [1, 2]])) | record(
        monthly=record(nth=st.sampled_from([-1, 1, 5]), day=days)
    )


@st.composite
def templates(draw: Callable[..., Any], id: str) -> dict[str, Any]:
    entry = record(on=recurrences(), is_pinned=st.booleans())
    return {
        "id": id,
        "name": draw(words),
        "status": draw(st.sampled_from(["draft", "published"])),
        "cycle_weeks": 2,
        "effective_from": START + timedelta(weeks=draw(st.integers(0, 20))),
        "sessions": [{"id": f"s{i}", **draw(session_shapes()), **draw(entry)} for i in range(draw(st.integers(0, 2)))],
        "blocks": [{"id": f"b{i}", **draw(block_shapes()), **draw(entry)} for i in range(draw(st.integers(0, 2)))],
    }


@st.composite
def planning_briefs(draw: Callable[..., Any]) -> dict[str, Any]:
    slot = record(day="mon", period="am", weeks=st.sampled_from([[], [2]]))
    least = draw(st.integers(0, 3))
    contract = {
        "activity": "clinic",
        "minimum": least,
        "maximum": least + 2,
        "wished": draw(st.sampled_from([None, least + 1])),
    }
    return {
        "cycle_weeks": 2,
        "periods": [{"id": "am", "days": ["mon"], "period": {"from": "08:00", "to": "12:00"}}],
        "activities": [
            {
                "id": "clinic",
                "name": draw(words),
                "services": ["s1"],
                "capabilities": draw(word_lists),
                "rooms": [{"count": 2}],
            },
            {"id": "surgery", "name": draw(words), "is_surgery": True, "pools": [{"kind": "practitioner"}]},
        ],
        "contracts": [{"practitioner": "dr-a", "activities": [contract], "maximum": 9}],
        "demand": draw(
            st.lists(record(activity="clinic", sessions=st.integers(0, 9), site=maybe(st.just("main"))), max_size=2)
        ),
        "cover": [{"minimum": 1, "activity": "clinic", "at": [draw(slot)]}],
        "unavailable": [{"resource": "room-a", "at": draw(slot), "note": draw(notes)}],
        "wishes": [{"practitioner": "dr-a", "at": draw(slot), "kind": draw(st.sampled_from(["work", "off"]))}],
        "today": draw(maybe(st.just("template"))),
    }


def patients(id: str) -> st.SearchStrategy[dict[str, Any]]:
    away = intervals().map(lambda span: {"start": span["from"], "end": span["to"]})
    return record(
        id=id,
        name=words,
        birth_date=maybe(st.dates(date(1900, 1, 1), date(2026, 1, 1))),
        sex=st.sampled_from(Sex),
        language=notes,
        contact=record(telephone=notes, email=notes),
        needs=word_lists,
        measures=st.dictionaries(st.just("weight-kg"), st.integers(1, 300)),
        unavailable=st.lists(away, max_size=2),
        preferred_practitioner=maybe(st.just("dr-a")),
        known_to=st.sampled_from([[], ["dr-a"]]),
        attendance=record(no_shows=st.integers(0, 9)),
        travel_min=maybe(minutes),
    )


@st.composite
def orders(draw: Callable[..., Any], id: str, before: str | None) -> dict[str, Any]:
    day = draw(dates)
    condition = record(
        kind=st.sampled_from(ConditionKind), status=st.sampled_from(ConditionStatus), valid_from=maybe(dates)
    )
    offsets = [0, *sorted(draw(st.sets(st.integers(1, 60), max_size=3)))] if draw(st.booleans()) else []
    return {
        "id": id,
        "patient": draw(st.sampled_from(["p1", "p2"])),
        "service": draw(st.sampled_from(["s1", "s2"])),
        "priority": draw(st.sampled_from(Priority)),
        "status": draw(st.sampled_from([s for s in OrderStatus if s is not OrderStatus.ACTIVE])),
        "patient_class": draw(st.sampled_from(PatientClass)),
        "ordered_at": draw(maybe(instants)),
        "ordered_by": draw(maybe(record(practitioner=words, office=notes))),
        "earliest_start": instant_at(day, 0, ZONES[0]),
        "due": draw(maybe(instants)),
        "deadline": instant_at(day + timedelta(days=draw(st.integers(9, 99))), 0, ZONES[0]),
        "target": draw(maybe(record(day=st.just(day + timedelta(days=5)), before_days=st.integers(0, 9)))),
        "modifiers": draw(word_lists),
        "required_practitioner": draw(maybe(st.just("dr-a"))),
        "preferred_sites": draw(st.sampled_from([[], ["main", "east"]])),
        "preference": draw(record(weekdays=st.sampled_from([[], ["mon"]]), times=st.lists(spans(), max_size=2))),
        "conditions": draw(st.lists(condition, max_size=2)),
        "prerequisites": [{"order": before, "min_min": draw(minutes)}] if before and draw(st.booleans()) else [],
        "separations": [{"minutes": 60, "service": "s1"}] if draw(st.booleans()) else [],
        "series": [{"offset_days": n, "after_days": draw(st.integers(0, 3))} for n in offsets],
        "note": draw(notes),
    }


def policies() -> st.SearchStrategy[dict[str, Any]]:
    return record(
        weights=st.dictionaries(st.sampled_from(PenaltyCode), st.integers(0, 99), max_size=3),
        priority=record(stat=st.integers(0, 99)),
        start_grid_min=st.sampled_from([5, 15, 60]),
        min_notice_min=minutes,
        max_ahead_days=maybe(st.integers(1, 400)),
        discharge_at=st.integers(0, 288).map(lambda n: n * 5),
        overridable_by=st.dictionaries(
            st.sampled_from([ConstraintCode.CAPACITY, ConstraintCode.NOTICE]), st.just(["manager"]), max_size=2
        ),
    )


@st.composite
def problems(draw: Callable[..., Any]) -> Problem:
    """Two sites, five resources, two services and a little of everything else."""
    zone = draw(st.sampled_from(ZONES))
    resource = resources()
    start = instant_at(START, 0, zone)
    return Problem(
        **{
            "name": draw(words),
            "time_zone": zone,
            "horizon": {"start": start, "end": start + timedelta(days=draw(st.integers(1, 200)))},
            "policy": draw(policies()),
            "sites": [{"id": s, "name": s, "time_zone": zone, "hours": draw(hours())} for s in ("main", "east")],
            "travel": [{"from": "main", "to": "east", "minutes": draw(minutes)}],
            "resources": [
                {
                    **draw(resource),
                    "kind": "practitioner",
                    "id": "dr-a",
                    "name": "A",
                    "site": "main",
                    "specialties": draw(word_lists),
                    "other_sites": ["east"],
                    "privileges": draw(st.lists(record(capability=words, valid_until=maybe(dates)), max_size=1)),
                    "accepts_new": draw(st.booleans()),
                },
                {**draw(resource), "kind": "room", "id": "room-a", "name": "R", "site": "main"},
                {
                    **draw(resource),
                    "kind": "equipment",
                    "id": "scanner",
                    "name": "S",
                    "site": "main",
                    "fixed_in": "room-a",
                },
                {**draw(resource), "kind": "bed", "id": "bed", "name": "B", "site": "east"},
            ],
            "services": [draw(services("s1")), draw(services("s2"))],
            "needs": [
                {"need": draw(words), "adds_min": draw(minutes), "roles": [draw(roles("helper", "practitioner"))]}
            ],
            "sessions": [
                {"id": f"session-{i}", "day": START + timedelta(days=2 * i), **draw(session_shapes())} for i in range(2)
            ],
            "blocks": [{"id": "block", "day": START, **draw(block_shapes())}],
            "templates": [draw(templates("template"))],
            "planning": draw(maybe(planning_briefs())),
            "patients": [draw(patients("p1")), draw(patients("p2"))],
            "orders": [draw(orders("o1", None)), draw(orders("o2", "o1"))],
            "ties": [{"id": "tie", "kind": draw(st.sampled_from(["same-day", "household"])), "orders": ["o1", "o2"]}],
        }
    )


# Appointments need no problem: a table keeps whatever ids they name.

ids = st.sampled_from(["a", "b", "Zürich", "0", "a-rather-long-id-with-many-letters"])


@st.composite
def placed_steps(draw: Callable[..., Any]) -> dict[str, Any]:
    start = draw(instants)
    reservations = [
        {
            "role": draw(ids),
            "resource": draw(ids),
            "start": start + timedelta(minutes=draw(st.integers(-90, 0))),
            "end": start + timedelta(minutes=draw(st.integers(1, 90))),
            "units": draw(st.integers(1, 10_000)),
            "use": draw(st.sampled_from(RoleUse)),
        }
        for _ in range(draw(st.integers(0, 3)))
    ]
    end = start + timedelta(minutes=draw(st.integers(1, 20_000)))
    where = {"step": draw(ids), "site": draw(ids), "modality": draw(st.sampled_from(Modality))}
    return {**where, "start": start, "end": end, "reservations": reservations}


@st.composite
def appointments(draw: Callable[..., Any], id: str) -> Appointment:
    status = draw(st.sampled_from(AppointmentStatus))
    override = record(rule=st.sampled_from(ConstraintCode), by=words, role=words, reason=words, at=instants)
    return Appointment(
        **{
            "id": id,
            "patient": draw(maybe(ids)),
            "service": draw(ids),
            "order": draw(maybe(ids)),
            "occurrence": draw(st.integers(0, 9_999)),
            "priority": draw(st.sampled_from(Priority)),
            "patient_class": draw(st.sampled_from(PatientClass)),
            "status": status,
            "steps": draw(st.lists(placed_steps(), min_size=1, max_size=3)),
            "booked_at": draw(maybe(instants)),
            "expires_at": draw(maybe(instants)) if status is AppointmentStatus.PENDING else None,
            "is_pinned": draw(st.booleans()),
            "is_confirmed": draw(st.booleans()),
            "promise": draw(maybe(record(time=st.sampled_from(PromisedTime), start=instants, practitioner=maybe(ids)))),
            "times_moved": draw(st.integers(0, 9_999)),
            "group": draw(maybe(st.just("") | ids)),
            "overrides": draw(st.lists(override, max_size=2)),
            "note": draw(notes),
        }
    )


@st.composite
def appointment_lists(draw: Callable[..., Any], prefix: str = "app", max_size: int = 5) -> list[Appointment]:
    return [draw(appointments(f"{prefix}-{i}")) for i in range(draw(st.integers(0, max_size)))]
