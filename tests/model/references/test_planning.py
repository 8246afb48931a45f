from __future__ import annotations

import pytest

from tests.factories import WORKDAYS, practitioner, room, service, site
from tests.model.references.expect import broken, faults_in, legal

PERIODS = [
    {"id": "am", "days": WORKDAYS, "period": {"from": "08:00", "to": "12:00"}},
    {"id": "pm", "days": WORKDAYS, "period": {"from": "13:00", "to": "17:00"}},
]
CLINIC = {"id": "clinic", "name": "Clinic"}
SLOT = {"day": "mon", "period": "am"}


def world(**brief):
    return {
        "planning": {"periods": PERIODS, "activities": [CLINIC], **brief},
        "resources": [practitioner(), room()],
        "sites": (site(), site("east")),
    }


def test_a_brief():
    legal(
        **world(
            cycle_weeks=2,
            contracts=[{"practitioner": "dr-a", "activities": [{"activity": "clinic", "maximum": 4}], "maximum": 4}],
            demand=[{"activity": "clinic", "sessions": 4, "site": "main"}],
            cover=[{"minimum": 1, "activity": "clinic", "site": "main", "at": [SLOT]}],
            unavailable=[{"resource": "room-1", "at": {**SLOT, "weeks": [2]}}],
            wishes=[{"practitioner": "dr-a", "at": SLOT, "kind": "off", "activity": "clinic"}],
            today="now",
        ),
        templates=[{"id": "now", "name": "Now", "effective_from": "2026-03-02"}],
    )


def with_period(**fields):
    third = {"id": "eve", "days": ["mon"], "period": {"from": "17:00", "to": "20:00"}}
    return world(periods=[*PERIODS, {**third, **fields}])


def test_periods():
    legal(**with_period())
    broken("planning.periods[2].id", "periods[0] has already", **with_period(id="am"))
    broken("planning.periods[2].id", "blanks", **with_period(id="eve "))
    broken("planning.periods[2].days[1]", "again", **with_period(days=["mon", "mon"]))


@pytest.mark.parametrize(
    ("day", "start", "end", "is_legal"),
    [
        ("mon", "16:59", "20:00", False),
        ("mon", "12:00", "13:00", True),
        ("sat", "09:00", "15:00", True),
        ("sun", "22:00", "08:00", True),
        ("sun", "22:00", "08:01", False),  # into Monday's morning, of the next week
        ("thu", "22:00", "08:01", False),
        ("fri", "22:00", "08:01", True),
        ("mon", "06:00", "24:00", False),
    ],
)
def test_periods_do_not_overlap(day, start, end, is_legal):
    fields = with_period(days=[day], period={"from": start, "to": end})
    if is_legal:
        legal(**fields)
    else:
        broken("planning.periods[2].period", "found 'eve'", "does not overlap", **fields)


def with_activity(**fields):
    return world(activities=[{**CLINIC, **fields}])


def test_activities():
    place = "planning.activities[0]"
    legal(**with_activity(services=["visit"], sites=["east"], capabilities=["a"], rooms=[{"capabilities": ["b"]}]))
    broken("planning.activities[1].id", "activities[0] has already", **world(activities=[CLINIC, CLINIC]))
    broken(f"{place}.id", "blank", **with_activity(id=""))
    broken(f"{place}.services[0]", "'visit'", **with_activity(services=["vist"]))
    broken(f"{place}.services[1]", "again", **with_activity(services=["visit", "visit"]))
    broken(f"{place}.sites[0]", "'east'", **with_activity(sites=["est"]))
    broken(f"{place}.sites[1]", "again", **with_activity(sites=["east", "east"]))
    broken(f"{place}.capabilities[1]", "again", **with_activity(capabilities=["a", "a"]))
    broken(f"{place}.rooms[0].capabilities[1]", "again", **with_activity(rooms=[{"capabilities": ["a", "a"]}]))
    pool = {"kind": "room", "capabilities": ["a", "a"]}
    broken(f"{place}.pools[0].capabilities[1]", "again", **with_activity(pools=[pool]))


def segment(start, end, **fields):
    return {"from": start, "to": end, **fields}


def test_an_activitys_segments_fit_into_a_period():
    place = "planning.activities[0].segments"
    legal(**with_activity(segments=[segment("08:00", "10:00"), segment("10:00", "12:00"), segment("13:00", "14:00")]))
    broken(f"{place}[0]", "inside none of the periods", **with_activity(segments=[segment("11:00", "14:00")]))
    broken(f"{place}[0]", "inside none", **with_activity(segments=[segment("10:00", "09:00")]))
    overlapping = [segment("08:00", "10:00"), segment("09:00", "11:00")]
    broken(f"{place}[1].from", "no earlier than 10:00", **with_activity(segments=overlapping))
    broken(
        f"{place}[0].services[0]", "'visit'", **with_activity(segments=[segment("08:00", "09:00", services=["vist"])])
    )


def contract(maximum=4, **parts):
    return {"practitioner": "dr-a", "activities": [{"activity": "clinic", "maximum": 4, **parts}], "maximum": maximum}


def test_contracts():
    place = "planning.contracts[0]"
    legal(**world(contracts=[contract(minimum=4, wished=4)]))
    broken(
        f"{place}.practitioner",
        "a room; expected a practitioner",
        **world(contracts=[{**contract(), "practitioner": "room-1"}]),
    )
    broken(f"{place}.practitioner", "'dr-a'", **world(contracts=[{**contract(), "practitioner": "dr-aa"}]))
    broken(f"{place}.activities[0].activity", "'clinic'", **world(contracts=[contract(activity="clinc")]))
    broken(f"{place}.activities[0].wished", "found 5, expected 0 to 4", **world(contracts=[contract(wished=5)]))
    broken(
        f"{place}.activities[0].wished", "found 1, expected 2 to 4", **world(contracts=[contract(minimum=2, wished=1)])
    )
    broken(f"{place}.maximum", "no less than 4", **world(contracts=[contract(3, minimum=4)]))
    broken("planning.contracts[1]", "'dr-a' again", **world(contracts=[contract(), contract()]))
    twice = {**contract(), "activities": contract()["activities"] * 2}
    broken(f"{place}.activities[1]", "'clinic' again", **world(contracts=[twice]))


def test_demand():
    demand = {"activity": "clinic", "sessions": 1}
    broken("planning.demand[0].activity", "'clinic'", **world(demand=[{**demand, "activity": "clinc"}]))
    broken("planning.demand[0].site", "'east'", **world(demand=[{**demand, "site": "est"}]))
    only_east = [{**CLINIC, "sites": ["east"]}]
    legal(**world(demand=[{**demand, "site": "east"}], activities=only_east))
    broken(
        "planning.demand[0].site", "one of 'east'", **world(demand=[{**demand, "site": "main"}], activities=only_east)
    )


def test_cover():
    cover = {"minimum": 1, "activity": "clinic"}
    broken("planning.cover[0].activity", "'clinic'", **world(cover=[{**cover, "activity": "clinc"}]))
    broken("planning.cover[0].site", "'east'", **world(cover=[{**cover, "site": "est"}]))
    broken("planning.cover[0].specialty", "blank", **world(cover=[{"minimum": 1, "specialty": " "}]))
    broken("planning.cover[0].at[1]", "'mon am' again", **world(cover=[{**cover, "at": [SLOT, SLOT]}]))
    legal(**world(cycle_weeks=2, cover=[{**cover, "at": [SLOT, {**SLOT, "weeks": [1]}]}]))


@pytest.mark.parametrize(
    ("place", "make"),
    [
        ("planning.cover[0].at[0]", lambda slot: {"cover": [{"minimum": 1, "activity": "clinic", "at": [slot]}]}),
        ("planning.unavailable[0].at", lambda slot: {"unavailable": [{"resource": "dr-a", "at": slot}]}),
        ("planning.wishes[0].at", lambda slot: {"wishes": [{"practitioner": "dr-a", "at": slot, "kind": "off"}]}),
    ],
)
def test_slots(place, make):
    legal(**world(**make({**SLOT, "weeks": [1, 2]}), cycle_weeks=2))
    broken(f"{place}.period", "found 'ma'", "period of the brief", **world(**make({**SLOT, "period": "ma"})))
    broken(f"{place}.day", "found sat", "mon, tue", **world(**make({**SLOT, "day": "sat"})))
    broken(f"{place}.weeks[0]", "found 2", "1 to 1", **world(**make({**SLOT, "weeks": [2]})))
    broken(f"{place}.weeks[1]", "again", **world(**make({**SLOT, "weeks": [1, 1]})))


def test_who_is_unavailable_and_who_wishes():
    unavailable = {"resource": "dr-x", "at": SLOT}
    broken("planning.unavailable[0].resource", "found 'dr-x'", **world(unavailable=[unavailable]))
    wish = {"practitioner": "dr-a", "at": SLOT, "kind": "work"}
    broken("planning.wishes[0].practitioner", "a room", **world(wishes=[{**wish, "practitioner": "room-1"}]))
    broken("planning.wishes[0].activity", "'clinic'", **world(wishes=[{**wish, "activity": "clinc"}]))


def test_todays_template():
    broken("planning.today", "found 'now', expected the id of a template", **world(today="now"))


def test_services_of_the_brief_are_any():
    legal(**with_activity(services=["scan"]), services=[service(), service("scan")])


def test_a_brief_has_all_its_faults_told():
    fields = world(
        demand=[{"activity": "x", "sessions": 1}], cover=[{"minimum": 1, "activity": "y"}], today="z", activities=[]
    )
    assert [fault.place for fault in faults_in(**fields)] == [
        "planning.demand[0].activity",
        "planning.cover[0].activity",
        "planning.today",
    ]
